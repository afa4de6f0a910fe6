"""The asker's own devices, by the time that an answer has to go out."""

import asyncio
from collections.abc import Awaitable

from bot.chat.command import Asked
from bot.pin_reset.services import PinResetServices
from bot.reset_rules.facts import Inventory


async def own_devices(
    asked: Asked, services: PinResetServices
) -> tuple[Inventory | None, "asyncio.Future[Inventory] | None"]:
    """What is known in time, and, where that is not everything, what goes on to look for the whole.

    Nothing in time is None; devices whose recovery state is still to come have it unknown. Raises the errors of
    bot.tenant.Devices.
    """
    person = asked.turn.person.object_id
    so_far, whole = _begun(services.devices.so_far(person)), _begun(services.devices.inventory(person))
    try:
        async with asyncio.timeout_at(asked.until):
            return await asyncio.shield(whole), None
    except TimeoutError:
        known = so_far.done() and not so_far.exception()
        return so_far.result() if known else None, whole


def _begun(look: Awaitable[Inventory]) -> "asyncio.Future[Inventory]":
    """A failure that nobody waits for any more is not worth a traceback in the log."""
    looking = asyncio.ensure_future(look)
    looking.add_done_callback(lambda done: None if done.cancelled() else done.exception())
    return looking
