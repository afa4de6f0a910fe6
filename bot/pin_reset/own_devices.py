"""The asker's own devices, by the time that an answer has to go out."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Protocol

from bot.chat.command import Asked
from bot.pin_reset.services import PinResetServices
from bot.reset_rules.facts import Device, Inventory
from dialogs.understanding.folding import plain

KNOWN_SHARE = 0.25  # of the time that is left: what was read minutes ago takes less, and then nobody looks twice
Choose = Callable[[Inventory], Iterable[Device]]

DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))  # as phones write them


class _Look(Protocol):
    """A method of bot.tenant.Devices."""

    def __call__(self, object_id: str, references: Iterable[str] = ()) -> Awaitable[Inventory]: ...


async def own_devices(
    asked: Asked, services: PinResetServices, shown: Choose, references: Collection[str] = ()
) -> tuple[Inventory | None, "asyncio.Future[Inventory] | None"]:
    """What is known in time, and, where that is not everything, what goes on to look for the whole.

    The devices that are `shown` are read, whatever else is; `references`: those that a button named. Nothing in time
    is None; devices whose recovery state is still to come have it unknown. Raises the errors of bot.tenant.Devices.
    """

    def begun(look: _Look) -> "asyncio.Future[Inventory]":
        return _begun(_looked(look, asked.turn.person.object_id, shown, references))

    whole = begun(services.devices.inventory)
    left = asked.until - asyncio.get_running_loop().time()
    await asyncio.wait({whole}, timeout=KNOWN_SHARE * left)
    if whole.done():
        return whole.result(), None
    so_far = begun(services.devices.so_far)
    try:
        async with asyncio.timeout_at(asked.until):
            return await asyncio.shield(whole), None
    except TimeoutError:
        known = so_far.done() and not so_far.exception()
        return so_far.result() if known else None, whole


async def _looked(look: _Look, person: str, shown: Choose, references: Collection[str]) -> Inventory:
    """Which devices are to be shown may only be known by the list of all."""
    inventory = await look(person, references)
    unread = [device.reference for device in shown(inventory) if not device.read]
    return await look(person, unread) if unread else inventory


def _begun(look: Awaitable[Inventory]) -> "asyncio.Future[Inventory]":
    """A failure that nobody waits for any more is not worth a traceback in the log."""
    looking = asyncio.ensure_future(look)
    looking.add_done_callback(lambda done: None if done.cancelled() else done.exception())
    return looking


def named_in(text: str, devices: Iterable[Device]) -> Device | None:
    """The device that a text names: by the longest name that stands there as a word, old names of it included."""
    said = comparable(text)
    named = ((len(name), device) for device in devices for name in names(device) if _stands(name, said))
    return max(named, key=lambda one: one[0], default=(0, None))[1]


def names(device: Device) -> set[str]:
    """What it is and was called, to compare."""
    return {comparable(name) for name in (device.name, *device.other_names)} - {""}


def comparable(text: str) -> str:
    """Without case, and with one kind of dash."""
    return plain(text).casefold().translate(DASHES).strip()


def _stands(name: str, said: str) -> bool:
    return name in said and bool(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", said))
