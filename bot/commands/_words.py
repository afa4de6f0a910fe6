"""Buttons and notices that several commands show."""

from datetime import datetime

from bot.approvals.refusals import Refused
from bot.commands._command import Asked, For, Neighbours
from bot.errors import BotError
from dialogs.redact import redact
from dialogs.replies import Button, Say, Text
from dialogs.secrets import HIDDEN

MOST_CARRIED = 500  # characters of a question that a button carries
WORKING = Say(Text("change.working.title"), (Text("change.working.text"),))


def forgot(*, main: bool = False) -> Button:
    """The most frequent wish."""
    return Button(Text("button.forgot"), "pin.forgot", main=main)


def failed(device: str = "") -> Button:
    """A reset went wrong."""
    return Button(Text("button.failed"), "pin.failed", {"device": device} if device else {})


def what_can_you_do() -> Button:
    """Help."""
    return Button(Text("button.what_can_you_do"), "help")


def ask_a_person(asked: Asked, neighbours: Neighbours, text: str = "", **about: str) -> tuple[Button, ...]:
    """The way to a human, where the operator named one."""
    if not neighbours.asking.channel:
        return ()
    data = {name: value for name, value in about.items() if value}
    return (Button(Text("button.ask_person"), "question.ask", data | carried(asked, text)),)


def votes(answer: str, asked: Asked) -> tuple[Button, Button]:
    """Did this answer help?"""
    data = {"answer": answer}
    written = asked.turn.text or asked.values.get("question", "")
    bad = Button(Text("button.bad"), "answer.bad", data | carried(asked, written))
    return Button(Text("button.good"), "answer.good", data), bad


def carried(asked: Asked, text: str) -> dict[str, str]:
    """What was written, for a button to carry; nothing when there was a secret in it."""
    shown = redact(text)[:MOST_CARRIED]
    return {} if not shown or asked.turn.secret or HIDDEN in shown else {"question": shown}


def refused(error: Refused) -> Say:
    """A no with its reason and what to do next."""
    return Say(Text("approvals.refused.title"), (Text(error.key, error.values),), buttons=(status(),))


def failed_with(error: BotError) -> Say:
    """What an error means for a person."""
    return refused(error) if isinstance(error, Refused) else note(error.key)


def note(key: str) -> Say:
    """A refusal or a failure in words, by the key of its sentences."""
    return Say(Text(f"{key}.title"), (Text(f"{key}.text"),))


def no_role(audience: For, help_desk: str) -> Say:
    """Which role is needed, and whom to ask for it."""
    ask = Text("role.ask_help_desk", {"help_desk": help_desk}) if help_desk else Text("role.ask")
    return Say(Text("role.title"), (Text(f"role.{audience}"), ask))


def status() -> Button:
    """Where the rollout stands."""
    return Button(Text("button.status"), "status")


def at(moment: datetime) -> str:
    """A moment as it stands on cards: everybody reads the same, in UTC."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
