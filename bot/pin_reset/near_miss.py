"""What sounds like a forgotten Windows PIN and is none: said plainly, with who can help."""

from bot.chat import notices
from bot.chat.command import Answer, Arguments, Asked, Command, For, reading
from bot.chat.near import also, fold, wish
from bot.pin_reset.services import PinResetServices
from dialogs.words.replies import Say, Text

_HELP_DESK = ("password", "bitlocker", "authenticator", "security_key", "other")  # topics that its people know about


class NearMissArguments(Arguments):
    """What it is about, and labels of what may be meant `also`."""

    topic: str = "other"
    also: str = ""


async def run(asked: Asked, wanted: NearMissArguments, services: PinResetServices) -> Answer:
    """Never reset steps: they would not help and could harm."""
    key = f"near_miss.{wanted.topic}"
    person = notices.ask_a_person(asked, services.help_desk, asked.turn.text) if wanted.topic in _HELP_DESK else ()
    near, wishes = also(wanted.also)
    return Answer(
        Say(
            Text(f"{key}.title"),
            (Text(f"{key}.text"),),
            buttons=(notices.forgot(), *map(wish, wishes), notices.what_can_you_do(), *person),
            folds_title=Text("answer.also") if near else None,
            folds=tuple(fold(name, services.filling) for name in near),
        )
    )


def commands(services: PinResetServices) -> tuple[Command, ...]:
    """What this file answers, bound to its room's services."""
    return (Command(reading(NearMissArguments, run, services), intents=("near_miss",), audience=For.EVERYBODY),)
