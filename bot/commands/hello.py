"""Welcome, help, and an honest answer to what is not understood."""

from bot.commands import _words
from bot.commands._command import Answer, Asked, Command, For, Neighbours
from dialogs.replies import Say, Text

_SPOKEN = {"welcome": ("text", "never_ask"), "help": ("text", "never_ask"), "unknown": ("text",), "vague": ("text",)}

_LOST = ("unknown", "vague")


async def run(asked: Asked, neighbours: Neighbours) -> Answer:
    """The same three ways on, under the heading that suits what was said."""
    key = asked.values.get("intent", "help")
    said = key if key in _SPOKEN else "help"
    lost = said in _LOST
    if lost:
        neighbours.asking.gaps.note(asked.turn.text)
    person = _words.ask_a_person(asked, neighbours, asked.turn.text) if lost else ()
    return Answer(
        Say(
            Text(f"{said}.title"),
            tuple(Text(f"{said}.{part}") for part in _SPOKEN[said]),
            buttons=(_words.forgot(main=True), _words.failed(), _words.what_can_you_do(), *person),
            notices=_words.notices(asked),
        )
    )


COMMANDS = (Command(run, intents=tuple(_SPOKEN), verbs=("help",), audience=For.EVERYBODY),)
