"""How a command is typed, for one that was typed wrong or asked for in passing."""

from bot.commands import _words
from bot.commands._command import Answer, Asked, Command, For, Neighbours
from bot.commands.hello import unknown
from dialogs.words.replies import Say, Text

EXPLAINED = (
    "assign",
    "unassign",
    "undo",
    "request",
    "cancel",
    "retry",
    "close",
    "history",
    "freeze",
    "unfreeze",
    "approve",
)


async def run(asked: Asked, neighbours: Neighbours) -> Answer:
    """One line with an example. Nothing is done."""
    command = asked.values.get("command", "")
    if command not in EXPLAINED:
        return Answer(unknown(asked, neighbours))
    return Answer(
        Say(
            Text("usage.title"),
            (Text(f"usage.{command}"), Text("usage.nothing")),
            buttons=(_words.status(), _words.what_can_you_do()),
        )
    )


COMMANDS = (Command(run, intents=("usage",), audience=For.STAFF, private=True),)
