"""What sounds like a forgotten Windows PIN and is none: said plainly, with who can help."""

from bot.commands import _words
from bot.commands._command import Answer, Asked, Command, For, Neighbours
from bot.commands.answer import also, fold, wish
from dialogs.words.replies import Say, Text

_HELP_DESK = ("password", "bitlocker", "authenticator", "security_key", "other")  # topics that its people know about


async def run(asked: Asked, neighbours: Neighbours) -> Answer:
    """Never reset steps: they would not help and could harm."""
    topic = asked.values["topic"]
    key = f"near_miss.{topic}"
    person = _words.ask_a_person(asked, neighbours, asked.turn.text) if topic in _HELP_DESK else ()
    near, wishes = also(asked)
    return Answer(
        Say(
            Text(f"{key}.title"),
            (Text(f"{key}.text"),),
            buttons=(_words.forgot(), *map(wish, wishes), _words.what_can_you_do(), *person),
            folds_title=Text("answer.also") if near else None,
            folds=tuple(fold(name, neighbours) for name in near),
        )
    )


COMMANDS = (Command(run, intents=("near_miss",), audience=For.EVERYBODY),)
