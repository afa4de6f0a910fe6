"""A look at what belongs to others: in time or later in place, and always written down before it is shown."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.chat import notices
from bot.chat.command import Answer, Asked
from bot.errors import BotError
from bot.helpdesk.services import LookupServices
from bot.store.records import Event
from dialogs.words.replies import Reply

MOST_LETTERS = 256  # of a name that is looked up; Entra takes no longer one


async def in_time(asked: Asked, look: Callable[[], Awaitable[Reply]]) -> Answer:
    """What is not there in time comes in the place of a first word."""
    looking = asyncio.ensure_future(_told(asked, look))
    try:
        async with asyncio.timeout_at(asked.until):
            return Answer(await asyncio.shield(looking))
    except TimeoutError:
        return Answer(notices.WORKING, later=lambda: looking)


async def _told(asked: Asked, look: Callable[[], Awaitable[Reply]]) -> Reply:
    try:
        return await look()
    except BotError as error:
        return notices.failed_with(error, notices.again(asked.turn))


async def audited(asked: Asked, services: LookupServices, person: str, device: str = "") -> None:
    """Who looked at whom, and at which PC: ids alone. Raises errors.StoreUnavailable, and then nothing is shown."""
    about = {"person": person, "device": device}
    actor = asked.turn.person.object_id
    await services.audit(Event.LOOKED_UP, actor, {name: value for name, value in about.items() if value})
