"""How a command is typed, for one that was typed wrong or asked for in passing."""

from bot.chat import notices
from bot.chat.command import Answer, Arguments, Asked, Command, For, reading
from bot.help.hello import unknown
from bot.help.services import HelpServices
from dialogs.words import texts
from dialogs.words.replies import Say, Text

HOW = "usage.how."  # how the keys of all that is explained begin


def explained() -> tuple[str, ...]:
    """The commands whose words say how they are typed."""
    return texts.below(HOW)


class UsageArguments(Arguments):
    """Of which command."""

    command: str = ""


async def run(asked: Asked, wanted: UsageArguments, services: HelpServices) -> Answer:
    """One line with an example. Nothing is done."""
    if wanted.command not in explained():
        return Answer(unknown(asked, services.gaps, services.help_desk))
    return Answer(
        Say(
            Text("usage.title"),
            (*_heard(asked), Text(f"{HOW}{wanted.command}"), Text("usage.nothing")),
            buttons=(notices.status(), notices.what_can_you_do()),
        )
    )


def _heard(asked: Asked) -> tuple[Text, ...]:
    """What was written, so that it can be mended: no order is half understood in silence."""
    written = notices.carried(asked, asked.turn.text)
    return (Text("usage.heard", {"text": written}),) if len(written.split()) > 1 else ()


def commands(services: HelpServices) -> tuple[Command, ...]:
    """What this file answers, bound to its room's services."""
    return (Command(reading(UsageArguments, run, services), intents=("usage",), audience=For.STAFF, private=True),)
