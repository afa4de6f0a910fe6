"""README, "Add something": each of its rows, done in a copy of the tree and run there."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ADDING = Path(__file__).with_name("adding")
NO_PART = shutil.ignore_patterns("node_modules", "*.sqlite3")
NOT_CURRENT = "the model was not built from the utterances that are here: make model\n"
TRAINED = """
from dialogs.understanding.ranking.utterances import surrounded, utterances
print(*(f"{row.label} {row.text}" for row in surrounded(utterances()) if row.language == "nl"), sep="\\n")
"""
CONTACT = """[contact]
title = "How to reach somebody"
about = "About: {topic}."
all = "About everything."
way = "Ask my colleagues: {help_desk}"
"""
BUTTON, USAGE = '"How to reach somebody"', '"**contact TOPIC** – for example: contact printers."'
SLIPS = """[button]
forgot = "Vergeten: {pin}"
forgto = "Vergeten"
worked = "**Gelukt"
[rollout.steps]
settings = ["Meld u aan."]
"""
NAMED = [
    "nl: button.forgot: other placeholders than in English",
    "nl: button.forgto: English has no such sentence",
    "nl: button.worked: ** without its other half",
    "nl: rollout.steps.settings.1: not all of the list",
]
RULE = (
    "Rule({row}, When(joins=of(Join.ENTRA), bands=of(Band.WINDOWS_11), editions=of(Edition.EDUCATION)), "
    "Flow.DECIDED_BY_PC, pc(Join.ENTRA, 26100, Edition.EDUCATION, Recovery.READY, Whereabouts.LOCKED), needs=ONLINE)"
)
RENAME = """
[change.rename]
name = "Rename the recovery profile"
too_long = "A name has {most} letters at most."

[effect.rename]
names = "The profile {old} will be called {new}."
"""
PATH = "/v1.0/deviceManagement/deviceConfigurations/20000000-0000-4000-8000-000000000001"
UNCHANGED = '"The profile has that name already. Nothing was requested."'


@dataclass(frozen=True)
class Ran:
    """What a command printed, and how it ended."""

    code: int
    out: str
    errors: str


@dataclass(frozen=True)
class Tree:
    """A copy of the product that may be changed."""

    folder: Path

    def run(self, *arguments: str) -> Ran:
        """Python in the copy. `tests` is that of the project itself."""
        environment = {**os.environ, "PYTHONPATH": f"{self.folder}{os.pathsep}{ROOT}"}
        command = [sys.executable, *arguments]
        ended = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self.folder, env=environment, encoding="utf-8"
        )
        return Ran(ended.returncode, ended.stdout, ended.stderr)

    def said(self, locale: str, *written: str) -> list[str]:
        """What a person reads who writes or presses each of these: the language and the card."""
        ran = self.run("-m", "tests.adding.turn", locale, *written)
        assert ran.code == 0, ran.errors
        return [str(card) for card in json.loads(ran.out)]

    def put(self, name: str, to: str) -> None:
        """A file, or a folder, of tests/adding."""
        source, target = ADDING / name, self.folder / to
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)

    def write(self, file: str, text: str) -> None:
        """A new file, its folder too."""
        path = self.folder / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")

    def append(self, file: str, more: str) -> None:
        """At the end of a file."""
        with (self.folder / file).open("a", encoding="utf-8") as opened:
            opened.write(more)

    def line(self, file: str, before: str, after: str) -> None:
        """What stands there becomes something longer, wherever it stands."""
        path = self.folder / file
        text = path.read_text("utf-8")
        assert before in text
        path.write_text(text.replace(before, after), "utf-8")


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    for name in ("bot", "cards", "dialogs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=NO_PART)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return Tree(tmp_path)


def test_a_language_is_its_folder_and_what_it_lacks_is_said_in_english(tree: Tree) -> None:
    answer = json.dumps({"verb": "answer.show", "answer": "licence"})
    assert [card.partition("\n")[0] for card in tree.said("nl-NL", "help", answer)] == ["en", "en"]
    tree.put("nl", "dialogs/locales/nl")
    card, answered = tree.said("nl-NL", "help", answer)
    assert card.startswith("nl\nWat ik kan doen\nEen deel van dit antwoord is in het Engels.\n")
    assert "I can't see or set your PIN" in card
    assert "Ik ben mijn pincode vergeten" in card
    assert "\nLicentie en kosten\n" in answered
    assert "**Sinds Windows 10 versie 1903 is geen licentie nodig.**" in answered
    assert "Source: 2019 document" in answered


def test_a_language_that_the_model_has_not_learnt_is_that_of_the_locale(tree: Tree) -> None:
    tree.put("nl", "dialogs/locales/nl")
    dutch, german = "ik ben mijn pincode vergeten", "ich habe meine PIN vergessen"
    own, other = tree.said("nl-BE", dutch, german)
    assert own.startswith("nl\nEen nieuwe pincode\n")
    assert other.startswith("de\n")
    assert tree.said("de-DE", dutch)[0].startswith("en\nGet a new PIN\n")
    assert tree.run("-m", "bot", "explain", "--lang", "nl-NL", dutch).out.startswith("language  nl\n")


def test_what_is_understood_of_a_language_is_in_its_folder_too(tree: Tree) -> None:
    secret = "mijn wachtwoord is Zonnebloem9 en dat werkt niet"
    assert "secret    none" in tree.run("-m", "bot", "explain", secret).out
    tree.put("nl", "dialogs/locales/nl")
    assert "secret    typed" in tree.run("-m", "bot", "explain", secret).out
    assert "history (days='14')" in tree.run("-m", "bot", "explain", "geschiedenis 14").out
    assert "PIN reset rollout" in tree.said("nl-NL", "Stand van zaken")[0]


def test_the_model_learns_a_language_from_its_folder_alone(tree: Tree) -> None:
    tree.put("nl", "dialogs/locales/nl")
    trained = tree.run("-c", TRAINED).out.splitlines()
    assert "forgot.plain ik ben mijn pincode vergeten" in trained
    assert any(line.startswith("forgot.plain Goedemorgen allemaal, ") for line in trained)
    (tree.folder / "dialogs/locales/nl/surroundings.toml").unlink()
    assert [line for line in tree.run("-c", TRAINED).out.splitlines() if "Goedemorgen" in line] == []


def test_what_a_language_lacks_is_named(tree: Tree) -> None:
    tree.put("nl", "dialogs/locales/nl")
    checked = tree.run("-m", "bot", "check", "words", "--lang", "nl")
    share = r"^nl has 7 of \d+ sentences, 1 of \d+ wishes in utterances, 7 of 7 files"
    assert re.search(share, checked.out, re.MULTILINE)
    lacking = checked.out.splitlines()
    assert "nl lacks of the sentences: button.failed" in lacking
    assert "nl lacks of the sentences: answers.licence.text.1" not in lacking
    assert "nl lacks of the wishes in utterances: pin_blocked" in lacking
    assert (checked.code, checked.errors) == (1, NOT_CURRENT)


def test_slips_in_a_language_are_named(tree: Tree) -> None:
    tree.write("dialogs/locales/nl/commands.toml", SLIPS)
    checked = tree.run("-m", "bot", "check", "words")
    assert (checked.code, checked.errors.splitlines()) == (1, NAMED)
    tree.write("dialogs/locales/nl/commands.toml", "[button]\nforgot = Vergeten")
    checked = tree.run("-m", "bot", "check", "words")
    assert (checked.code, "cannot read nl/commands.toml" in checked.errors) == (2, True)


def test_a_slip_in_a_language_stops_the_start_and_no_turn(tree: Tree) -> None:
    tree.write("dialogs/locales/nl/commands.toml", '[button]\nforgot = "Vergeten: {pin}"')
    ended = tree.run("-m", "bot", "ask", "help")
    assert (ended.code, ended.out) == (2, "")
    assert ended.errors == "The bot did not start.\nnl: button.forgot: other placeholders than in English\n"


def test_an_answer_is_an_entry_with_utterances(tree: Tree) -> None:
    press = json.dumps({"verb": "answer.show", "answer": "loan_pool"})
    assert "Laptops that are lent" not in tree.said("en", press)[0]
    assert tree.run("-m", "bot", "check", "words").code == 0
    tree.append("dialogs/locales/en/answers/operations.toml", (ADDING / "answer.toml").read_text("utf-8"))
    tree.put("answer_utterances.toml", "dialogs/locales/en/utterances/loan_pool.toml")
    card = tree.said("en", press)[0]
    assert card.startswith("en\nLaptops that are lent\nA laptop of the loan pool is covered like any other:\n./Device/")
    assert "Source: Runbook of the loan pool." in card
    checked = tree.run("-m", "bot", "check", "words")
    assert (checked.code, checked.errors) == (1, NOT_CURRENT)


def test_utterances_of_an_answer_that_there_is_not_are_named(tree: Tree) -> None:
    tree.put("answer_utterances.toml", "dialogs/locales/en/utterances/loan_pool.toml")
    checked = tree.run("-m", "bot", "check", "words")
    assert "answer.loan_pool: utterances ask for it, and there is none" in checked.errors


def test_a_command_is_a_file_its_line_and_its_words(tree: Tree) -> None:
    assert "Ask my colleagues" not in tree.said("en", "contact printers")[0]
    tree.put("contact.py", "bot/help/contact.py")
    tree.line("bot/commands.py", "hello, usage, whoami", "hello, usage, whoami, contact")
    words = "dialogs/locales/en/commands.toml"
    tree.line(words, "[usage.how]\n", f"[usage.how]\ncontact = {USAGE}\n")
    tree.line(words, "\n[button]\n", f"\n{CONTACT}\n[button]\ncontact = {BUTTON}\n")
    tree.line("dialogs/locales/en/typed.toml", "[others]\n", '[others]\ncontact = "contact TOPIC"\n')
    typed, bare, pressed = tree.said("en", "Contact printers, please", "contact", '{"verb": "contact.show"}')
    assert typed.startswith("en\nHow to reach somebody\nAbout: printers.\nAsk my colleagues: extension 4357\n")
    assert bare.startswith("en\nHow to write it\n**contact TOPIC** – for example: contact printers.\n")
    assert pressed.startswith("en\nHow to reach somebody\nAbout everything.\n")


def test_a_reset_rule_is_a_row_with_the_example_that_selects_it(tree: Tree) -> None:
    keeps, may_delete = "a reset should keep what is stored", "This reset may delete the keys"
    before = tree.run("-m", "tests.adding.reset").out
    assert (keeps in before, may_delete in before, "not selected" in before) == (True, False, False)
    tree.line("bot/reset_rules/rules.py", "_ANY_JOIN = (\n", f"_ANY_JOIN = (\n    {RULE.format(row=1)},\n")
    after = tree.run("-m", "tests.adding.reset").out
    assert (keeps in after, may_delete in after, "not selected" in after) == (False, True, False)


def test_a_reset_rule_that_an_earlier_one_hides_is_told_by_its_example(tree: Tree) -> None:
    tree.line("bot/reset_rules/rules.py", "_ANY_JOIN = (\n", f"_ANY_JOIN = (\n    {RULE.format(row=99)},\n")
    assert "not selected: 99\n" in tree.run("-m", "tests.adding.reset").out


def test_a_kind_of_change_is_a_file_its_line_and_its_words(
    tree: Tree, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tree.put("rename.py", "bot/changes/rename.py")
    tree.line("bot/changes/kinds.py", "assignment, consent, profile\n", "assignment, consent, profile, rename\n")
    tree.line("bot/changes/kinds.py", "(consent, profile, assignment)", "(consent, profile, assignment, rename)")
    words = "dialogs/locales/en/approvals.toml"
    tree.append(words, RENAME)
    tree.line(words, "[change.unchanged]\n", f"[change.unchanged]\nrename = {UNCHANGED}\n")
    tree.line("dialogs/locales/en/typed.toml", "[orders]\n", '[orders]\nrename_profile = "rename profile TITLE"\n')
    ran = tree.run("-m", "tests.adding.change", str(tmp_path_factory.mktemp("desk")))
    assert ran.code == 0, ran.errors
    answers = json.loads(ran.out)
    names = "The profile Use PIN Recovery will be called PIN recovery, EU."
    for shown in ("previewed", "waiting", "done"):
        assert names in answers[shown]
        assert f"PATCH {PATH}" in answers[shown]
    assert answers["previewed"].startswith("en\nYour plan: Rename the recovery profile\nNothing has changed yet.")
    assert answers["filed"].startswith("en\nRequest #1 is filed\n")
    assert "Change: Rename the recovery profile\n" in answers["waiting"]
    assert "\nRequest #1\n✅ Done\n" in answers["done"]
    assert "Step 1: done at" in answers["done"]
    assert answers["sent"] == f"PATCH {PATH} PIN recovery, EU"
    assert "The profile has that name already. Nothing was requested." in answers["again"]
    assert "A name has 60 letters at most." in answers["too long"]
    assert "A name has 60 letters at most." in answers["too long to file"]
    assert "That request can't be undone" in answers["undone"]


def test_the_approvals_know_no_kind_of_change_by_its_name() -> None:
    named = re.compile(r"""["'](?:consent|profile|assign|unassign|undo)["']""")
    assert [file.name for file in (ROOT / "bot/approvals").glob("*.py") if named.search(file.read_text("utf-8"))] == []


def test_every_file_that_readme_names_there_is_there() -> None:
    section = (ROOT / "README.md").read_text("utf-8").partition("## Add something")[2]
    named = {name for name in re.findall(r"`([\w/.*]+/[\w/.*]*)`", section) if name != "utterances/"}
    assert len(named) > 8
    assert [name for name in named if not any(ROOT.glob(name))] == []
