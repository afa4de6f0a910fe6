"""The reset worked: a kind last word."""

from bot.chat.command import Answer, Asked, Command, For, Neighbours
from dialogs.words.replies import Say, Text


async def run(_asked: Asked, _neighbours: Neighbours) -> Answer:
    """Nothing is kept of it."""
    return Answer(Say(Text("worked.title"), (Text("worked.text"),)))


COMMANDS = (Command(run, intents=("worked",), verbs=("pin.worked",), audience=For.EVERYBODY),)
