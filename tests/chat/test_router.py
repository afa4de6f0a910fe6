"""From a turn to its command: what no command knows is not understood, and never fails."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.chat.recent import Recent
from bot.chat.router import MAX_TEXT, Router
from bot.chat.turn import Person, Place, PlaceKind, Turn, TurnKind
from bot.commands import commands
from bot.demo.gallery.example import Example
from cards import actions
from dialogs.understanding.understand import chosen, understand

COMMANDS = commands(Example().services)


PERSON = Person("t", "ana", "29:ana", "Ana")
PLACE = Place(PlaceKind.PERSONAL, "a:1", "t", "https://smba.trafficmanager.net/teams", "28:bot")

NOBODY = Recent(lambda: 0.0)  # was shown anything before


@dataclass(frozen=True)
class Understood:
    intent: str
    values: dict[str, str] = field(default_factory=dict)
    language: str = "en"
    labels: tuple[str, ...] = ()


def turn(text: str = "", **button: Any) -> Turn:
    return Turn(TurnKind.MESSAGE, "1", PERSON, PLACE, text=text, button=button)


def test_an_intent_that_no_command_knows_is_not_understood() -> None:
    router = Router(
        COMMANDS,
        lambda _text, _locale, _before: Understood("tomorrows_command"),
        actions.read,
        chosen,
        NOBODY,
    )
    assert router.route(turn("x")).key == "unknown"


@pytest.mark.parametrize("verb", ["", "no.such.verb", "answer.show2"])
def test_a_button_that_no_command_knows_is_not_understood(verb: str) -> None:
    router = Router(COMMANDS, understand, actions.read, chosen, NOBODY)
    assert router.route(turn(verb=verb)).key == "unknown"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("assign Finance Laptops", "assign"),
        ("who is it assigned to?", "live"),
        ("is my laptop covered?", "covered"),
        ("what is the OMA-URI?", "answer"),
        ("withdraw my request", "own_requests"),
        ("undo", "usage"),
        ("export audit", "export_audit"),
    ],
)
def test_what_is_understood_has_its_command(text: str, intent: str) -> None:
    wanted = Router(COMMANDS, understand, actions.read, chosen, NOBODY).route(turn(text))
    assert wanted.key == intent
    assert intent in wanted.command.intents


@pytest.mark.parametrize(
    ("carried", "key", "pressed"),
    [
        ({"verb": "pin.forgot", "intent": "never_set_up", "key": "never_set_up"}, "pin.forgot", True),
        ({"verb": "wish", "label": "history", "intent": "freeze"}, "history", False),
    ],
)
def test_a_button_says_by_its_verb_alone_what_is_wanted(carried: dict[str, str], key: str, *, pressed: bool) -> None:
    wanted = Router(COMMANDS, understand, actions.read, chosen, NOBODY).route(turn(**carried))
    assert (wanted.key, wanted.pressed) == (key, pressed)


def test_a_long_paste_is_cut() -> None:
    seen: list[str] = []

    def note(text: str, _locale: str, _before: Sequence[str]) -> Understood:
        seen.append(text)
        return Understood("help")

    Router(COMMANDS, note, actions.read, chosen, NOBODY).route(turn("x" * 50_000))
    assert [len(text) for text in seen] == [MAX_TEXT]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("can't sign in", "near_miss"),
        ("is the PC covered?", "near_miss"),
        ("the reset did not work", "near_miss"),
        ("the PIN does not work", "near_miss"),  # which would be asked back
        ("forgot his PIN", "near_miss"),
        ("help", "help"),
        ("assign Finance Laptops", "assign"),
        ("what is CanReset?", "answer"),
    ],
)
def test_who_mentions_somebody_asks_about_no_pc_of_their_own(text: str, key: str) -> None:
    router = Router(COMMANDS, understand, actions.read, chosen, NOBODY)
    wanted = router.route(replace(turn(text), mentioned=("29:jonas",)))
    assert wanted.key == key
    assert key != "near_miss" or wanted.values["topic"] == "other_person"
