"""Commands as they are typed: exact words in any case, right values, and usage for what is missing."""

import pytest

from bot.help.usage import explained
from dialogs.understanding import typed
from dialogs.understanding.ranking.utterances import utterances
from dialogs.understanding.typed import commands
from dialogs.understanding.understand import understand


@pytest.mark.parametrize(
    ("text", "intent", "values"),
    [
        ("status", "status", {}),
        ("STATUS.", "status", {}),
        ("  Onboard   Consent ", "onboard_consent", {}),
        ("verify consent", "verify_consent", {}),
        ("Create Profile", "create_profile", {}),
        ("assign Finance Laptops", "assign", {"include": "Finance Laptops"}),
        ("assign Pilot Ring, Finance Laptops", "assign", {"include": "Pilot Ring\nFinance Laptops"}),
        (
            'assign "Sales and HR", Pilot Ring exclude Kiosk Devices, Executives reason CHG-2291: second wave',
            "assign",
            {
                "include": "Sales and HR\nPilot Ring",
                "exclude": "Kiosk Devices\nExecutives",
                "reason": "CHG-2291: second wave",
            },
        ),
        (
            "assign 3f2504e0-4f89-41d3-9a0c-0305e82c3301",
            "assign",
            {"include": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"},
        ),
        ("unassign the group Pilot Ring", "unassign", {"include": "Pilot Ring"}),
        ("undo 12", "undo", {"number": "12"}),
        ("Undo #12", "undo", {"number": "12"}),
        ("approvals", "approvals", {}),
        ("request #7", "request", {"number": "7"}),
        ("cancel", "cancel", {}),
        ("cancel 7", "cancel", {"number": "7"}),
        ("RETRY 7", "retry", {"number": "7"}),
        ("close 7 Done by Hand", "close", {"number": "7", "reason": "Done by Hand"}),
        ("close #7: done", "close", {"number": "7", "reason": "done"}),
        ("history", "history", {}),
        ("history 7", "history", {"days": "7"}),
        ("history 7 days", "history", {"days": "7"}),
        ("export audit", "export_audit", {}),
        ("gaps", "gaps", {}),
        ("export gaps", "export_gaps", {}),
        ("questions", "questions", {}),
        ("Ask a person", "ask_person", {}),
        ("whoami", "whoami", {}),
        ("freeze wrong group in request 12", "freeze", {"reason": "wrong group in request 12"}),
        ("freeze, wrong group", "freeze", {"reason": "wrong group"}),
        ("unfreeze", "unfreeze", {}),
        ("Clock is  right!", "clock_right", {}),
        ("help", "help", {}),
        ("user Nora Castillo", "user", {"person": "Nora Castillo"}),
        ("User: nora castillo", "user", {"person": "nora castillo"}),
        ("user O'Brien, Pat", "user", {"person": "O'Brien, Pat"}),
        ("user Will May", "user", {"person": "Will May"}),
        ("user not-covered@contoso.example", "user", {"person": "not-covered@contoso.example"}),
        ("user 山田 太郎", "user", {"person": "山田 太郎"}),
        ("why CON-LT-0201", "why", {"pc": "CON-LT-0201"}),
        ("Why rita-home-pc?", "why", {"pc": "rita-home-pc"}),
        ("help!", "help", {}),
        ("<at>PIN Reset Bot</at> status", "status", {}),
    ],
)
def test_a_typed_command_gives_its_intent_and_values(text: str, intent: str, values: dict[str, str]) -> None:
    understood = understand(text, "en")
    assert (understood.intent, dict(understood.values)) == (intent, values)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("assign", "assign"),
        ("assign the profile", "assign"),
        ("unassign", "unassign"),
        ("undo", "undo"),
        ("undo 7 8", "undo"),
        ("request", "request"),
        ("request #", "request"),
        ("retry", "retry"),
        ("cancel 7 8", "cancel"),
        ("close", "close"),
        ("close 7", "close"),
        ("history 1x", "history"),
        ("freeze", "freeze"),
        ("undo 12345678901", "undo"),
    ],
)
def test_what_is_missing_or_wrong_gives_usage(text: str, command: str) -> None:
    understood = understand(text, "en")
    assert (understood.intent, dict(understood.values)) == ("usage", {"command": command})


@pytest.mark.parametrize(
    "text",
    ["help me, my PIN is gone", "request a new PIN", "reset my PIN, retry does not help", "cancel my PIN, I forgot it"],
)
def test_a_sentence_that_begins_like_a_command_is_none(text: str) -> None:
    understood = understand(text, "en")
    assert understood.intent in {"forgot", "vague"} or understood.labels[:1] == ("forgot.plain",)


@pytest.mark.parametrize(
    ("text", "intent", "values"),
    [
        ("unfreeze please", "unfreeze", {}),
        ("Unfreeze, please!", "unfreeze", {}),
        ("history please", "history", {}),
        ("undo 7, thanks", "undo", {"number": "7"}),
        ("freeze please", "usage", {"command": "freeze"}),
        ("freeze wrong group please", "freeze", {"reason": "wrong group"}),
    ],
)
def test_courtesy_after_a_command_says_nothing(text: str, intent: str, values: dict[str, str]) -> None:
    understood = understand(text, "en")
    assert (understood.intent, dict(understood.values)) == (intent, values)


@pytest.mark.parametrize(
    "text",
    [
        "freeze on the sign-in screen after I reset my PIN, what now?",
        "freeze happens after login",
        "freeze on my laptop",
        "freeze: Windows hangs",
        "freeze screen since the update",
    ],
)
def test_a_pc_that_hangs_stops_nobodys_work(text: str) -> None:
    assert understand(text, "en").intent not in {"freeze", "usage"}


@pytest.mark.parametrize(
    "reason",
    [
        "devices hang at the lock screen",
        "the PIN rollout, wrong group",
        "Kiosk Devices were assigned by mistake",
        "All Windows Devices was assigned",
        "everything",
    ],
)
def test_a_reason_to_stop_all_may_speak_of_devices(reason: str) -> None:
    understood = understand(f"freeze {reason}", "en")
    assert (understood.intent, dict(understood.values)) == ("freeze", {"reason": reason})


def test_every_command_with_arguments_has_its_usage() -> None:
    """But for those that a sentence may begin like: nobody who is locked out is told how to type them."""
    names = {typed.PERSON, typed.PC}
    assert {command.intent for command in commands() if command.follows not in {"", *names}} <= set(explained())


@pytest.mark.parametrize(
    "text",
    [
        *("user", "why", "why me", "why not", "why?", "why 0x80090036", "why CAA20004", "why A1B2C3", "why sign-in"),
        *("user forgot her PIN", "User unable to log on", "USER IS LOCKED OUT", "user locked out after vacation"),
        *(
            "user T. in accounts forgot PIN",
            "user groups don't work",
            "user has no second factor",
            "why is my pin gone",
        ),
        *("user profile service failed the sign-in", "User Administrator", "user training for windows hello"),
        "user hat PIN vergessen",
    ],
)
def test_a_sentence_that_begins_like_a_look_up_is_none(text: str) -> None:
    assert typed.read(text) is None


def test_no_wording_that_the_model_learns_from_is_taken_for_a_look_up() -> None:
    wordings = (one.text for one in utterances())
    assert [one for one in wordings if (typed.read(one) or ("",))[0] in {"user", "why"}] == []


def test_a_command_that_there_is_none_of_here_is_a_text_like_any_other() -> None:
    assert typed.read("user Nora Castillo", frozenset({"user"})) is None
    assert understand("user Nora Castillo", "en", without=frozenset({"user"})).intent != "user"


@pytest.mark.parametrize(
    ("form", "written", "expected"),
    [
        ("contact TOPIC", "contact the printers, please", ("contact", {"topic": "the printers"})),
        ("contact TOPIC", "contact", ("usage", {"command": "contact"})),
        ("contact [TOPIC]", "Contact", ("contact", {})),
        ("contact NUMBER TOPIC", "contact #7: printers", ("contact", {"number": "7", "topic": "printers"})),
        ("contact NUMBER [TOPIC]", "contact 7", ("contact", {"number": "7"})),
        ("contact", "contact me", None),
        ("status page", "status page", ("contact", {})),
        ("kontakt für alle", "KONTAKT FÜR ALLE", ("contact", {})),
    ],
)
def test_a_command_is_typed_as_its_form_says(
    monkeypatch: pytest.MonkeyPatch, form: str, written: str, expected: object
) -> None:
    _speak(monkeypatch, {"contact": form, "status": "status"})
    assert typed.read(written) == expected


@pytest.mark.parametrize("form", ["", "Contact", "NUMBER", "contact NUMBER me", "contact [TOPIC"])
def test_a_form_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    _speak(monkeypatch, {"contact": form})
    with pytest.raises(ValueError, match="contact is no command as it is typed"):
        typed.read("contact")


def test_words_that_stand_for_two_commands_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _speak(monkeypatch, {"status": "status", "contact": "status TOPIC"})
    with pytest.raises(ValueError, match="'status' stands for status and for contact"):
        typed.read("status")


def _speak(monkeypatch: pytest.MonkeyPatch, forms: dict[str, str]) -> None:
    """As if these were all commands of all languages."""
    monkeypatch.setattr(typed, "_languages", lambda: (typed.TypedForms(others=forms),))
    monkeypatch.setattr(typed, "commands", typed.commands.__wrapped__)


@pytest.mark.parametrize(
    "text",
    [
        "clock is right?",
        "is the clock right",
        "clock is right, I think",
        "the clock is right but my PIN is wrong",
        "clock",
    ],
)
def test_nobody_vouches_for_the_clock_by_a_question_or_in_passing(text: str) -> None:
    assert understand(text, "en").intent != "clock_right"
