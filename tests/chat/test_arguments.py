"""What a command is told: one model draws its buttons and reads what comes back, and what a text gives."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers.computed import PcArguments
from bot.chat.command import Arguments, Number
from bot.chat.near import WISH, WishArguments
from bot.commands import commands
from bot.demo import gallery
from bot.demo.gallery.example import Example
from dialogs.understanding import intents
from dialogs.understanding.facts_in_text import FactsInText
from dialogs.understanding.ranking.model import INTENT, model
from dialogs.understanding.understand import CHOICES, understand
from dialogs.words.replies import Ask, Button, Details, Reply

COMMANDS = commands(Example().services)
BY_VERB = {verb: command.run.arguments for command in COMMANDS for verb in command.verbs} | {WISH: WishArguments}
BY_INTENT = {intent: command.run.arguments for command in COMMANDS for intent in command.intents}
MODELS = sorted({*BY_VERB.values(), *BY_INTENT.values()}, key=lambda one: one.__name__)
REPLIES = asyncio.run(gallery.replies())
SENTENCES = (
    "assign Finance Laptops, keep Kiosk Devices out, because of CHG-2291",
    "unassign Pilot Ring",
    "undo #12",
    "request 12",
    "close 12: done by hand",
    "history 30 days",
    "freeze the rollout, PCs lose their keys",
    "is Finance Laptops assigned?",
    "my reset failed with 0x801c03ed",
    "does it work with Windows 10 1809 Pro, hybrid joined?",
    "CanReset : DestructiveOnly",
    "I'm locked out and forgot my PIN",
)


class Told(Arguments):
    """A command of this test."""

    number: Number = None
    kind: str = "usual"


def parts(of: object) -> Iterator[object]:
    """A reply and all that stands in it."""
    yield of
    below = of if isinstance(of, tuple) else [getattr(of, one.name) for one in fields(of)] if is_dataclass(of) else ()
    for one in below:
        yield from parts(one)


def buttons(reply: Reply) -> list[Button]:
    return [one for one in parts(reply) if isinstance(one, Button)]


def read_by(arguments: type[Arguments], values: Mapping[str, str]) -> dict[str, str]:
    """What the command makes of these."""
    read = arguments.read(values)
    return {name: str(getattr(read, name, None)) for name in values}


@pytest.mark.parametrize("name", REPLIES)
def test_what_a_button_carries_is_read_whole_by_the_command_that_answers_it(name: str) -> None:
    for button in buttons(REPLIES[name]):
        assert BY_VERB[button.verb].read(button.data).data() == button.data, button.verb


@pytest.mark.parametrize("name", [name for name, reply in REPLIES.items() if isinstance(reply, Ask | Details)])
def test_what_is_typed_into_a_form_is_read_by_every_press_that_sends_it(name: str) -> None:
    reply = REPLIES[name]
    if isinstance(reply, Ask):
        typed = {"choice", "detail"} if reply.detail else {"choice"}
        sent_by = [reply.send]
    else:
        assert isinstance(reply, Details)
        typed, sent_by = {field.name for field in reply.fields}, [*reply.buttons] if reply.fields else []
    for button in sent_by:
        assert typed <= set(BY_VERB[button.verb].model_fields), button.verb


@pytest.mark.parametrize("label", sorted(model().heads[INTENT].labels))
def test_what_a_label_stands_for_is_read_by_its_command(label: str) -> None:
    intent, values = intents.of_label(label)
    assert read_by(BY_INTENT[intent], values) == values


@pytest.mark.parametrize("text", SENTENCES)
def test_what_a_text_gives_is_read_by_its_command(text: str) -> None:
    understood = understand(text, "en")
    assert understood.values
    assert read_by(BY_INTENT[understood.intent], understood.values) == understood.values


def test_all_that_a_text_may_say_of_a_pc_has_its_place() -> None:
    said = FactsInText(26100, "11", "24H2", "pro", True, "entra", "key", "t", "Unknown", (), "yes", "will", ("NO",))
    assert {*said.said(), "token", "device_auth"} == set(PcArguments.model_fields)


def test_the_nearest_wishes_have_their_places() -> None:
    assert tuple(BY_INTENT["nearest"].model_fields) == CHOICES


@pytest.mark.parametrize(
    ("said", "number"),
    [("12", 12), ("#12", 12), ("0012", 12), ("", None), *((one, 0) for one in ("0", "²", "x", "-1", "1.5", "1" * 10))],
)
def test_a_number_is_read_and_what_is_none_names_nothing(said: str, number: int | None) -> None:
    assert Told.read({"number": said}).number == number


def test_a_button_carries_what_says_something_and_nothing_else() -> None:
    assert Told().data() == Told(kind="usual").data() == {}
    assert Told(number=3, kind="other").data() == {"number": "3", "kind": "other"}


@given(st.data())
def test_whatever_a_client_sends_is_read_without_an_error(data: st.DataObject) -> None:
    for arguments in MODELS:
        sent = data.draw(st.fixed_dictionaries({name: st.text(max_size=8) for name in arguments.model_fields}))
        assert arguments.read(arguments.read(sent | {"strange": "x"}).data()) == arguments.read(sent)
