"""Turns from the terminal: `python -m tests.adding.turn nl-NL "a text" "another"`, or presses as JSON; prints a JSON
list of what is read. Routed and answered as in the product, by a tenant of examples."""

import asyncio
import json
import sys

import cards
from bot.chat.command import Asked
from bot.chat.recent import Recent
from bot.chat.router import Router
from bot.chat.turn import Turn, TurnKind
from bot.commands import Services, commands
from bot.demo.gallery.company import CHAT, PERSON
from bot.demo.gallery.example import Example
from cards import actions
from cards.plain import plain
from dialogs.understanding.understand import chosen, understand
from dialogs.words import texts
from tests.deadlines import PATIENCE


async def said(services: Services, locale: str, written: str) -> str:
    """The language and the card. `written`: a text, or what a button carries as JSON."""
    pressed = json.loads(written) if written.startswith("{") else {}
    turn = Turn(TurnKind.MESSAGE, "1", PERSON, CHAT, text="" if pressed else written, button=pressed, locale=locale)
    router = Router(commands(services), understand, actions.read, chosen, Recent(lambda: 0.0))
    wanted = router.route(turn)
    asked = Asked(turn, asyncio.get_running_loop().time() + PATIENCE, wanted.key, wanted.pressed)
    answer = await wanted.command.run(asked, wanted.values)
    reply = await answer.later() if answer.later else answer.reply
    words = texts.words(wanted.language)
    return f"{words.language}\n{plain(cards.render(reply, words))}"


if __name__ == "__main__":
    print(json.dumps([asyncio.run(said(Example().services, sys.argv[1], written)) for written in sys.argv[2:]]))
