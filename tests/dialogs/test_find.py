"""Questions in anybody's words find their answer; what is not covered finds none."""

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.answers import answers
from dialogs.find import CERTAIN, LEAD, LOST, SURE, Synonyms, Verdict, Wording, nearest, synonyms, verdict
from tests.dialogs.test_answers import QUESTIONS, WANTED, fact_questions, needs_shared

HELD_OUT = Path(__file__).parent / "heldout_facts.toml"
# Not ours, and near enough to be mistaken for ours.
NOT_COVERED = (
    "the printer is out of toner",
    "will it rain today",
    "know any jokes?",
    "how do I book a meeting room",
    "the wifi in building 4 is slow",
    "wer hat heute Geburtstag",
    "credit card code gone",
    "my mobile wants a SIM code",
    "",
    "???",
    "🙂🙂🙂",
    "\u202e\u200b",
)


@dataclass(frozen=True)
class Asked:
    """A question, the answer that it wants, and what was found."""

    question: str
    wanted: str
    found: tuple[tuple[str, float], ...]

    @property
    def right(self) -> bool:
        return bool(self.found) and self.found[0][0] == self.wanted

    @property
    def wrong(self) -> bool:
        """Said with confidence, and not the right answer."""
        return not self.right and verdict(self.found) is Verdict.ANSWER

    def __str__(self) -> str:
        nearby = ", ".join(f"{name} {score:.0f}" for name, score in self.found)
        return f"{self.question} → {nearby} (wanted {self.wanted})"


def ask(questions: Iterable[tuple[str, str]]) -> list[Asked]:
    return [Asked(question, wanted, tuple(nearest(question, 3))) for question, wanted in questions]


def held_out() -> list[tuple[str, str]]:
    listed = tomllib.loads(HELD_OUT.read_text("utf-8"))
    return [(question, name) for name, questions in listed.items() for question in questions]


def share(asked: list[Asked], chosen: Iterable[object]) -> float:
    return len(list(chosen)) / len(asked)


def test_held_out_questions_cover_every_answer() -> None:
    assert {name for _, name in held_out()} == set(answers())
    assert len(held_out()) >= 120


def test_held_out_questions_find_their_answer() -> None:
    asked = ask(held_out())
    missed = [one for one in asked if not one.right]
    assert 1 - share(asked, missed) >= 0.96, "\n".join(map(str, missed))


def test_the_right_answer_is_among_the_three_offered() -> None:
    asked = ask(held_out())
    missing = [one for one in asked if one.wanted not in dict(one.found)]
    assert share(asked, missing) <= 0.02, "\n".join(map(str, missing))


def test_hardly_a_question_is_answered_with_confidence_and_wrong() -> None:
    asked = ask(held_out())
    wrong = [one for one in asked if one.wrong]
    assert share(asked, wrong) <= 0.02, "\n".join(map(str, wrong))


def test_nearly_every_question_is_answered_and_not_asked_back() -> None:
    asked = ask(held_out())
    assert share(asked, (one for one in asked if verdict(one.found) is Verdict.ANSWER)) >= 0.9


@needs_shared
def test_the_facts_of_the_question_set_find_their_answer() -> None:
    asked = ask((question["text"], WANTED[question["id"]]) for question in fact_questions())
    assert [str(one) for one in asked if not one.right] == []


@needs_shared
def test_nothing_out_of_scope_in_the_question_set_is_answered() -> None:
    rows = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    outside = [row["text"] for row in rows if row["kind"] == "oos"]
    assert [text for text in outside if verdict(nearest(text)) is Verdict.ANSWER] == []


@pytest.mark.parametrize("text", NOT_COVERED)
def test_what_is_not_covered_is_not_answered(text: str) -> None:
    assert verdict(nearest(text)) is not Verdict.ANSWER


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("what does 0x801c03ed mean", "error_0x801c03ed"),
        ("801C03EE", "error_sign_out"),
        ("the reset says CAA20004 and the minimum windows version is fine", "caa20004"),
        ("AADSTS65001: the user has not consented", "needs_admin_approval"),
        ("error 65001", "needs_admin_approval"),
    ],
)
def test_a_known_error_code_is_certain(text: str, wanted: str) -> None:
    assert nearest(text)[0] == (wanted, CERTAIN)
    assert verdict(nearest(text)) is Verdict.ANSWER


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("minimun windwos version", "minimum_version"),
        ("wich licnese do we need", "licence"),
        ("tennant id comand", "tenant_id_command"),
        ("biometirc data stored were", "biometrics_storage"),
        ("MINIMUM WINDOWS 10 VERSION???", "minimum_version"),
        ("minimum   windows-10\nversion", "minimum_version"),
    ],
)
def test_slips_of_the_finger_do_no_harm(text: str, wanted: str) -> None:
    assert nearest(text)[0][0] == wanted


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("is Azure AD needed", "is Entra ID needed"),
        ("AADJ devices", "Azure AD joined PCs"),
        ("what is WHfB", "what is Windows Hello for Business"),
        ("Passwort ändern", "change the password"),
        ("mot de passe", "contraseña"),
        ("ロック画面", "lock screen"),
    ],
)
def test_different_words_for_one_thing_are_the_same(one: str, other: str) -> None:
    assert sorted(synonyms().names(one)) == sorted(synonyms().names(other))
    assert synonyms().names(one)


def test_a_short_word_is_not_taken_for_a_slip_of_another() -> None:
    assert synonyms().names("entry") == ["entry"]  # not Entra


def test_the_longest_phrase_wins() -> None:
    assert synonyms().names("key trust") == ["keytrust"]
    assert synonyms().names("key") == ["keys"]


def test_a_phrase_with_two_meanings_is_refused() -> None:
    with pytest.raises(ValueError, match="stands for"):
        Synonyms(Wording(words={"one": "same", "two": "same"}, ignored={}))


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((), Verdict.NOTHING),
        ((LOST - 1,), Verdict.NOTHING),
        ((LOST,), Verdict.ASK),
        ((SURE - 1,), Verdict.ASK),
        ((SURE,), Verdict.ANSWER),
        ((SURE + 5, SURE + 5 - LEAD + 1), Verdict.ASK),
        ((SURE + 5, SURE + 5 - LEAD), Verdict.ANSWER),
        ((CERTAIN, CERTAIN), Verdict.ANSWER),
    ],
)
def test_the_verdict_follows_score_and_lead(scores: tuple[float, ...], expected: Verdict) -> None:
    assert verdict([(f"answer {number}", score) for number, score in enumerate(scores)]) is expected


@given(st.text(max_size=300))
def test_any_text_gives_at_most_three_answers_with_a_score(text: str) -> None:
    found = nearest(text)
    assert len(found) <= 3
    assert all(name in answers() and 0 <= score <= CERTAIN for name, score in found)
    assert found == nearest(text)


def test_ten_thousand_characters_are_no_trouble() -> None:
    assert nearest("what is the minimum windows version " * 300)[0][0] == "minimum_version"
