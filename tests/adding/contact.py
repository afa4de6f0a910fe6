"""Says the way to a human, for one matter or for all: an example of a command."""

from bot.chat import notices
from bot.chat.command import Answer, Asked, Command, For, bound
from bot.help.services import HelpServices
from dialogs.words.replies import Button, Say, Text


async def run(asked: Asked, services: HelpServices) -> Answer:
    """As the operator wrote it."""
    topic = asked.values.get("topic", "")
    about = Text("contact.about", {"topic": topic}) if topic else Text("contact.all")
    way = Text("contact.way", {"help_desk": services.help_desk.words})
    more = Button(Text("button.contact"), "contact.show")
    return Answer(Say(Text("contact.title"), (about, way), buttons=(more, notices.what_can_you_do())))


def commands(services: HelpServices) -> tuple[Command, ...]:
    """Of this file."""
    return (Command(bound(run, services), intents=("contact",), verbs=("contact.show",), audience=For.EVERYBODY),)
