"""People's wordings are understood: shares over collected wordings and over the question set."""

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.understanding.groups.sentences import sentences
from dialogs.understanding.ranking.decide import Outcome
from dialogs.understanding.ranking.labels import kind
from dialogs.understanding.ranking.utterances import utterances
from dialogs.understanding.understand import prepare, understand
from dialogs.words.texts import languages
from tests.conftest import BESIDE

SECRETS = Path(__file__).with_name("secrets.tsv")
QUESTIONS = Path(__file__).parents[3].parent / "shared" / "qa" / "dev.jsonl"
INTENTS = {
    "forgot", "password_forgotten", "second_factor_lost", "pin_blocked", "never_set_up", "failed", "worked", "help",
    "vague", "near_miss", "unknown", "answer", "nearest", "live", "status", "verify_consent", "onboard_consent",
    "create_profile", "assign", "unassign", "undo", "approvals", "request", "own_requests", "history", "export_audit",
    "cancel", "retry", "close", "freeze", "unfreeze", "whoami", "usage", "covered", "gaps", "export_gaps", "questions",
    "ask_person", "thanks", "clock_right", "pin_not_available",
}  # fmt: skip


def test_a_typed_secret_is_noticed_whatever_the_text_is_about() -> None:
    lines = [line for line in SECRETS.read_text("utf-8").splitlines() if line[0] != "#"]
    texts = [line.split("\t")[1] for line in lines]
    assert len(texts) > 100
    missed = [text for text in texts if not understand(text, "en").secret]
    assert len(missed) <= 0.01 * len(texts), missed


def questions(*kinds: str) -> list[str]:
    if not QUESTIONS.exists():
        pytest.skip(f"shared/qa {BESIDE}")
    rows = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    return [row["text"] for row in rows if row["kind"] in kinds]


def test_questions_about_the_rollout_get_no_reset_steps_and_no_alarm() -> None:
    found = {text: understand(text, "en") for text in questions("fact", "command", "live")}
    assert [text for text, understood in found.items() if understood.intent == "forgot" or understood.secret] == []


def test_nobody_who_is_locked_out_is_sent_away() -> None:
    assert [text for text in questions("forgot") if understand(text, "en").outcome is Outcome.DECLINED] == []


# Nothing of these stands in the surroundings that the model has learnt.
AROUND = (
    ("Our lift is stuck again and I am on the stairs. ", ""),
    ("", " By the way, the aquarium in the lobby leaks."),
    ("Sitting at the optician's with my daughter, ", ", she waves"),
    ("two monitors, one keyboard, no coffee: ", " the beamer in room Madrid works, that is all"),
    ("Grüezi mitenand, ", ""),
)
WORKING = (
    ("I forgot my PIN", "forgot"),
    ("the code for my laptop slipped my mind", "forgot"),
    ("what is the minimum Windows version for the PIN reset service?", "answer"),
    ("which licence is needed for the PIN reset service?", "answer"),
    ("how do I find the tenant id?", "answer"),
    ("what does destructive reset mean?", "answer"),
    ("which groups is the profile assigned to right now?", "live"),
    ("how is the rollout going?", "status"),
    ("show me the pending approvals", "approvals"),
    ("I forgot the PIN of my SIM card", "near_miss"),
    ("what is the PIN of my colleague Jonas?", "near_miss"),
)


def test_what_works_still_works_amid_stray_words() -> None:
    tried, lost = 0, []
    for text, intent in WORKING:
        assert understand(text, "en").intent == intent
        for before, after in AROUND:
            understood = understand(f"{before}{text}{after}", "en")
            tried += 1
            if intent not in {understood.intent, *(label.partition(".")[0] for label in understood.labels)}:
                lost.append((before, text, after, understood))
    assert len(lost) <= 0.02 * tried, lost
    assert not [row for row in lost if row[3].outcome is Outcome.DECLINED and "forgot" in row[1]]


def test_near_misses_get_no_reset_steps() -> None:
    listed = [one.text for one in utterances() if one.part == 0 and one.label.startswith("near_miss.")]
    steps = [text for text in listed if understand(text, "en").intent == "forgot"]
    assert len(listed) > 80
    assert len(steps) <= 0.06 * len(listed), "\n".join(steps)  # of sentences in six languages that nobody tuned for


@pytest.mark.parametrize(
    ("text", "intent", "values"),
    [
        ("Forgot PIN", "forgot", {}),
        ("forgot PIN, I'm locked out", "forgot", {"state": "locked"}),
        ("J'ai perdu mon PIN, impossible d'ouvrir ma session", "forgot", {"state": "locked"}),
        ("can't log in with the PIN but the password works", "forgot", {"state": "signed_in"}),
        ("how to get a new pin when signed in with the fingerprint", "forgot", {"state": "signed_in"}),
        ("caa20004!", "failed", {"detail": "CAA20004", "also": "caa20004"}),
        (
            "I tried to reset my PIN but it failed with aadsts650052",
            "failed",
            {"detail": "AADSTS650052", "also": "caa20004"},
        ),
        ("0X801c03ed", "failed", {"detail": "0x801C03ED", "also": "error_0x801c03ed"}),
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


@pytest.mark.parametrize(
    "text",
    [
        "they swapped the board of my notebook, now it says pin isnt available. turn it on again please",
        "my pc wants me to set up hello again because of a change to the security settings on this device",
        "Die PIN ist aufgrund einer Änderung der Sicherheitseinstellungen auf diesem Gerät nicht mehr verfügbar",
        "Es ist ein Problem aufgetreten und Ihre PIN ist nicht verfügbar",
        "on lit : votre code PIN n'est plus disponible",
        "Algo salió mal y tu PIN no está disponible",
        "o windows fala que meu pin não está mais disponível",
        "このデバイスのセキュリティ設定が変更されたため、PIN は使用できなくなりました",
        "PIN は利用できません",
    ],
)
def test_a_pin_that_windows_dropped_is_no_blocked_one(text: str) -> None:
    assert understand(text, "en").intent == "pin_not_available"


@pytest.mark.parametrize(
    "text",
    [
        "Sie haben mehrmals eine falsche PIN eingegeben",
        "Ha introducido un PIN incorrecto varias veces",
        "Você inseriu um PIN incorreto várias vezes",
        "間違った PIN が複数回入力されました",
    ],
)
def test_a_pin_that_windows_blocked_is_known_in_every_language(text: str) -> None:
    assert understand(text, "en").intent == "pin_blocked"


def test_a_pin_that_windows_refuses_as_a_new_one_was_not_dropped() -> None:
    assert understand("この PIN は使用できません。もっと複雑な PIN にしてください", "ja").intent != "pin_not_available"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('What does "Something happened and your PIN isn\'t available" mean? Users report it', "pin_not_available"),
        ('which article explains "You\'ve entered an incorrect PIN several times"', "wrong_attempts"),
        ("after how many tries does Windows ask our users for A1B2C3?", "wrong_attempts"),
    ],
)
def test_a_question_about_a_sentence_of_windows_gets_no_reset_steps(text: str, answer: str) -> None:
    understood = understand(text, "en")
    assert (understood.intent, understood.values["answer"]) == ("answer", answer)


@pytest.mark.parametrize(
    "text",
    [
        "the password still works but the pin doesn't",
        "mi contraseña es Hola.2024 y olvidé el pin",
        "das Passwort geht noch, die PIN nicht",
        "pin forgotten, and with the new phone no authenticator code comes",
    ],
)
def test_who_may_have_forgotten_the_pin_that_they_name_is_offered_its_steps(text: str) -> None:
    understood = understand(text, "en")
    assert (understood.outcome, kind(understood.labels[0])) == (Outcome.ASKED_BACK, "forgot")


@pytest.mark.parametrize("text", ["what PIN does my colleague Megan use", "reset the PIN of Alex Wilber"])
def test_who_names_somebody_else_s_pin_is_offered_no_steps_of_their_own(text: str) -> None:
    assert understand(text, "en").values["topic"] == "other_person"


def test_a_password_alone_is_not_ours_though_the_pin_is_named() -> None:
    assert understand("I know the PIN fine but Outlook wants the expired password", "en").intent == "near_miss"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("got 0xC000006D at logon with pin", "0xC000006D"),
        ("error code 0x80280013", "0x80280013"),
        ("AADSTS50105 when resetting pin", "AADSTS50105"),
    ],
)
def test_a_code_that_nobody_knows_gets_no_answer_about_others(text: str, code: str) -> None:
    understood = understand(text, "en")
    assert (understood.intent, understood.values["detail"]) == ("failed", code)


@pytest.mark.parametrize("text", ["65001", "65000", "got 65001", "I tried 65001", "code 65000", "Code: 90094"])
def test_a_known_code_without_its_prefix_is_no_secret(text: str) -> None:
    understood = understand(text, "en")
    assert (understood.secret, understood.intent) in {(False, "failed"), (False, "answer")}
    assert understood.language == "en"
    assert understand(f"my pin is {text[-5:]}", "en").secret
    assert understand(f"my code is {text[-5:]}", "en").secret
    assert understand("code 65123", "en").secret  # which is no code


def test_a_command_longer_than_what_is_read_is_no_command() -> None:
    groups = ", ".join(f"Finance Laptops {number}" for number in range(150))
    understood = understand(f"assign {groups} exclude Kiosk Devices", "en")
    assert (understood.intent, dict(understood.values)) == ("usage", {"command": "assign"})


def test_everything_can_be_read_ahead() -> None:
    sentences.cache_clear()
    prepare()
    ahead = sentences.cache_info().misses
    assert understand("assign Finance Laptops", "en").intent == "assign"
    assert sentences.cache_info().misses == ahead  # the first order waits for no words


def test_nothing_is_read_while_somebody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = [room for name, room in sys.modules.items() if name.startswith("dialogs.understanding.")]
    for read in (read for room in rooms for read in vars(room).values() if hasattr(read, "cache_clear")):
        read.cache_clear()
    prepare()
    monkeypatch.setattr(Path, "read_text", lambda path, **_: pytest.fail(f"reads {path.name}"))
    asked = ("error 65001, why?", "the second one", "history of two weeks", "approve request 12", "PINが4815です")
    for text in (*asked, "add Finance Laptops and leave out Kiosks", "ist das Kennwort hunter2 sicher", "pc frozen"):
        understand(text, "en")


@given(st.text(max_size=400) | st.text("<>@at/ pinPIN0123456789.:='\"\n", max_size=400), st.text(max_size=8))
def test_no_text_and_no_locale_is_too_odd(text: str, locale: str) -> None:
    understood = understand(text, locale)
    assert understood.intent in INTENTS
    assert understood.language in languages()


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
