"""How a command is typed, for one that was typed wrong or asked for in passing."""

from bot.chat import notices
from bot.chat.command import Answer, Asked, Command, For, bound
from bot.help.hello import unknown
from bot.help.services import HelpServices
from dialogs.words import texts
from dialogs.words.replies import Say, Text

HOW = "usage.how."  # how the keys of all that is explained begin


def explained() -> tuple[str, ...]:
    """The commands whose words say how they are typed."""
    return texts.below(HOW)


async def run(asked: Asked, services: HelpServices) -> Answer:
    """One line with an example. Nothing is done."""
    command = asked.values.get("command", "")
    if command not in explained():
        return Answer(unknown(asked, services.gaps, services.help_desk))
    return Answer(
        Say(
            Text("usage.title"),
            (*_heard(asked), Text(f"{HOW}{command}"), Text("usage.nothing")),
            buttons=(notices.status(), notices.what_can_you_do()),
        )
    )


def _heard(asked: Asked) -> tuple[Text, ...]:
    """What was written, so that it can be mended: no order is half understood in silence."""
    written = notices.carried(asked, asked.turn.text).get("question", "")
    return (Text("usage.heard", {"text": written}),) if len(written.split()) > 1 else ()


def commands(services: HelpServices) -> tuple[Command, ...]:
    """Of this file."""
    return (Command(bound(run, services), intents=("usage",), audience=For.STAFF, private=True),)
