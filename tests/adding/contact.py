"""Says the way to a human, for one matter or for all: an example of a command."""

from bot.chat import notices
from bot.chat.command import Answer, Arguments, Asked, Command, For, reading
from bot.help.services import HelpServices
from dialogs.words.replies import Say, Text


class ContactArguments(Arguments):
    """What it is about."""

    topic: str = ""


async def run(_asked: Asked, wanted: ContactArguments, services: HelpServices) -> Answer:
    """As the operator wrote it."""
    about = Text("contact.about", {"topic": wanted.topic}) if wanted.topic else Text("contact.all")
    way = Text("contact.way", {"help_desk": services.help_desk.words})
    more = ContactArguments().button(Text("button.contact"), "contact.show")
    return Answer(Say(Text("contact.title"), (about, way), buttons=(more, notices.what_can_you_do())))


def commands(services: HelpServices) -> tuple[Command, ...]:
    """Of this file."""
    shows = reading(ContactArguments, run, services)
    return (Command(shows, intents=("contact",), verbs=("contact.show",), audience=For.EVERYBODY),)
