"""What sounds like a forgotten Windows PIN and is none: said plainly, with who can help."""

from bot.commands import _words
from bot.commands._command import Answer, Asked, Command, For, Neighbours
from dialogs.words.replies import Say, Text

_HELP_DESK = ("password", "bitlocker", "authenticator", "security_key", "other")  # topics that its people know about


async def run(asked: Asked, neighbours: Neighbours) -> Answer:
    """Never reset steps: they would not help and could harm."""
    topic = asked.values["topic"]
    key = f"near_miss.{topic}"
    person = _words.ask_a_person(asked, neighbours, asked.turn.text) if topic in _HELP_DESK else ()
    return Answer(
        Say(
            Text(f"{key}.title"),
            (Text(f"{key}.text"),),
            buttons=(_words.forgot(), _words.what_can_you_do(), *person),
        )
    )


COMMANDS = (Command(run, intents=("near_miss",), audience=For.EVERYBODY),)
