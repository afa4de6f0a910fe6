"""People's wordings are understood: shares over collected wordings and over the question set."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from dialogs.concepts import LANGUAGES
from hypothesis import given
from hypothesis import strategies as st

from dialogs.understanding.understand import Understood, prepare, understand
from tests.conftest import BESIDE

WORDINGS = Path(__file__).parent / "wordings"
QUESTIONS = Path(__file__).parents[2].parent / "shared" / "qa" / "dev.jsonl"
INTENTS = {
    "forgot", "password_forgotten", "second_factor_lost", "pin_blocked", "never_set_up", "failed", "worked", "help",
    "vague", "near_miss", "unknown", "answer", "nearest", "live", "status", "verify_consent", "onboard_consent",
    "create_profile", "assign", "unassign", "undo", "approvals", "request", "own_requests", "history", "export_audit",
    "cancel", "retry", "close", "freeze", "unfreeze", "whoami", "usage", "covered",
}  # fmt: skip
# What may answer a question of each kind; None: whatever the intent, the secret must be noticed.
RIGHT_FOR_KIND = {
    "forgot": {"forgot", "pin_blocked", "password_forgotten"},
    "ambiguous": {"help", "vague"},
    "oos": {"near_miss", "unknown", "nearest"},
    "secret": None,
}


@dataclass(frozen=True)
class Wording:
    """One line of a wordings file: right answers such as "near_miss:sim", whether a secret is typed, the text."""

    right: tuple[str, ...]
    secret: bool
    text: str

    def is_met_by(self, understood: Understood) -> bool:
        said = {understood.intent, *(f"{understood.intent}:{value}" for value in understood.values.values())}
        return understood.secret == self.secret and not said.isdisjoint(self.right)


def wordings(path: Path) -> list[Wording]:
    lines = [line.split("\t") for line in path.read_text("utf-8").splitlines() if line and line[0] != "#"]
    return [
        Wording(tuple(right.removesuffix(" +secret").split("|")), right.endswith(" +secret"), text)
        for right, text in lines
    ]


@pytest.mark.parametrize("path", sorted(WORDINGS.glob("*.tsv")), ids=lambda path: path.stem)
def test_held_out_wordings_are_understood(path: Path) -> None:
    language = path.stem[:2]
    listed = wordings(path)
    wrong = [
        f"{wording.text} → {understood}"
        for wording in listed
        if not wording.is_met_by(understood := understand(wording.text, language))
    ]
    assert len(listed) >= (150 if language == "en" else 25)
    assert 1 - len(wrong) / len(listed) >= (0.95 if language == "en" else 0.90), "\n".join(wrong)


def questions(kind: str) -> list[dict[str, str]]:
    if not QUESTIONS.exists():
        pytest.skip(f"shared/qa {BESIDE}")
    rows = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    return [row for row in rows if row["kind"] == kind]


@pytest.mark.parametrize("kind", sorted(RIGHT_FOR_KIND))
@pytest.mark.parametrize("english", [True, False], ids=["en", "others"])
def test_the_question_set_is_understood(kind: str, english: bool) -> None:
    rows = [row for row in questions(kind) if (row["lang"] == "en") is english]
    right = RIGHT_FOR_KIND[kind]
    wrong = []
    for row in rows:
        understood = understand(row["text"], row["lang"])
        if (right and understood.intent not in right) or understood.secret != (kind == "secret"):
            wrong.append(f"{row['text']} → {understood}")
    assert len(wrong) <= len(rows) * (0.05 if english else 0.10), "\n".join(wrong)


@pytest.mark.parametrize("kind", ["fact", "command", "live"])
def test_questions_about_the_rollout_get_no_reset_steps(kind: str) -> None:
    rows = questions(kind)
    steps = [row["text"] for row in rows if understand(row["text"], row["lang"]).intent == "forgot"]
    alarms = [row["text"] for row in rows if understand(row["text"], row["lang"]).secret]
    assert (steps, alarms) == ([], [])


def test_near_misses_get_no_reset_steps() -> None:
    listed = [one for path in WORDINGS.glob("*.tsv") for one in wordings(path) if one.right[0].startswith("near_miss")]
    assert len(listed) > 200
    assert [
        one.text for one in listed if understand(one.text, "en").intent == "forgot" and "forgot" not in one.right
    ] == []


@pytest.mark.parametrize(
    ("text", "intent", "values"),
    [
        ("Forgot PIN", "forgot", {}),
        ("forgot PIN, I'm locked out", "forgot", {"state": "locked"}),
        ("J'ai perdu mon PIN, impossible d'ouvrir ma session", "forgot", {"state": "locked"}),
        ("can't log in with the PIN but the password works", "forgot", {"state": "signed_in"}),
        ("how to get a new pin when signed in with the fingerprint", "forgot", {"state": "signed_in"}),
        ("caa20004!", "failed", {"detail": "CAA20004"}),
        ("error aadsts650052 at pin reset", "failed", {"detail": "AADSTS650052"}),
        ("0X801c03ed", "failed", {"detail": "0x801C03ED"}),
        ("error 80090033 during the reset", "failed", {"detail": "0x80090033"}),
        ("the page says: We can’t open that page right now", "failed", {"detail": "We can't open that page right now"}),
        ("I forgot my PIN is grayed out", "failed", {"detail": "greyed out"}),
        ("it didn't work", "failed", {}),
        ("the PIN of my colleague", "near_miss", {"topic": "other_person"}),
        ("Forgot my SIM PIN", "near_miss", {"topic": "sim"}),
        ("<at>PIN Reset Bot</at> hi", "help", {}),
        ("<at>PIN Reset Bot</at> <b>forgot</b>&nbsp;my&nbsp;<i>PIN</i>", "forgot", {}),
        ("\u202eforgot\u202c my P\u200bIN", "forgot", {}),
        ("👍", "help", {}),
    ],
)
def test_values_are_canonical(text: str, intent: str, values: dict[str, str]) -> None:
    understood = understand(text, "en")
    assert (understood.intent, dict(understood.values)) == (intent, values)


def test_a_command_longer_than_what_is_read_is_no_command() -> None:
    groups = ", ".join(f"Finance Laptops {number}" for number in range(150))
    understood = understand(f"assign {groups} exclude Kiosk Devices", "en")
    assert (understood.intent, dict(understood.values)) == ("usage", {"command": "assign"})


def test_everything_can_be_read_ahead() -> None:
    prepare()
    assert understand("Forgot PIN", "en").intent == "forgot"


@given(st.text(max_size=400) | st.text("<>@at/ pinPIN0123456789.:='\"\n", max_size=400), st.text(max_size=8))
def test_no_text_and_no_locale_is_too_odd(text: str, locale: str) -> None:
    understood = understand(text, locale)
    assert understood.intent in INTENTS
    assert understood.language in LANGUAGES


@pytest.mark.parametrize(
    "text",
    [
        "pin " * 2500,
        "not " * 2500,
        "9" * 10_000,
        "😀" * 5000,
        "<at>" * 2500,
        "'s" * 5000,
        "忘れ" * 5000,
        "1 " * 5000,
        ":=" * 5000,
        "?!" * 5000,
        "now " * 2500,
        "keep " * 2500,
        "assign A, exclude B, " * 500,
    ],
    ids=lambda text: text[:6],
)
def test_ten_thousand_characters_are_read(text: str) -> None:
    assert understand(text, "en").intent in INTENTS
