"""What sounds like a forgotten Windows PIN and is none: said plainly, with who can help."""

from bot.commands import _words
from bot.commands._command import Answer, Asked, Command, Neighbours
from dialogs.replies import Say, Text


async def run(asked: Asked, _neighbours: Neighbours) -> Answer:
    """Never reset steps: they would not help and could harm."""
    key = f"near_miss.{asked.values['topic']}"
    return Answer(
        Say(
            Text(f"{key}.title"),
            (Text(f"{key}.text"),),
            buttons=(_words.forgot(), _words.what_can_you_do()),
            notices=_words.notices(asked),
        )
    )


COMMANDS = (Command(run, intents=("near_miss",), open_to_guests=True),)
