"""Every kind of card that the product can show, with example data: what the tests check and people look at."""

from typing import Any

import cards
from bot.demo.gallery import asking, changes, checks, forgotten, helpdesk, long, questions, requests
from dialogs.words import texts
from dialogs.words.replies import Reply


async def replies() -> dict[str, Reply]:
    """Every example's reply by its name."""
    rooms = (forgotten, changes, requests, questions, asking, checks, helpdesk, long)
    return {name: reply for room in rooms for name, reply in (await room.replies()).items()}


async def drawn(language: str = "en") -> dict[str, dict[str, Any]]:
    """Every example's card as JSON."""
    words = texts.words(language)
    return {name: cards.render(reply, words) for name, reply in (await replies()).items()}
