"""Buttons and notices that several commands show."""

from bot.commands._command import Asked
from dialogs.replies import Button, Text

SECRET = Text("forgot.secret")


def forgot(*, main: bool = False) -> Button:
    """The most frequent wish."""
    return Button(Text("button.forgot"), "pin.forgot", main=main)


def failed(device: str = "") -> Button:
    """A reset went wrong."""
    return Button(Text("button.failed"), "pin.failed", {"device": device} if device else {})


def what_can_you_do() -> Button:
    """Help."""
    return Button(Text("button.what_can_you_do"), "help")


def notices(asked: Asked) -> tuple[Text, ...]:
    """What must be said first: a secret was typed."""
    return (SECRET,) if asked.values.get("secret") else ()
