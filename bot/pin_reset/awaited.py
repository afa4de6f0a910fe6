"""Tell me when it's ready: kept on a press, looked at now and then, and told once."""

import logging
from collections.abc import Callable
from datetime import datetime

from bot.chat import notices
from bot.chat.command import Answer, Asked, Command, reading
from bot.chat.turn import Channel
from bot.errors import BotError, NotSent, TenantUnreachable, where
from bot.pin_reset import device_facts
from bot.pin_reset.card import AWAIT, ForgotArguments
from bot.pin_reset.services import PinResetServices
from bot.reset_rules.facts import Device, Recovery
from bot.store.conversations import Conversations
from bot.store.turns.awaited import Awaited, Waiting
from bot.tenant import Devices
from dialogs.words.replies import Reply, Say, Text

log = logging.getLogger(__name__)

MOST_PEOPLE = 10  # looked at in one round


async def run(asked: Asked, wanted: notices.DeviceArguments, services: PinResetServices) -> Answer:
    """The card with the steps stays. Whether it is theirs is looked up whenever their PCs are."""
    device = device_facts.reference(wanted.device)
    if not device:
        return Answer(notices.note("errors.input"), passing=True)
    kept = await services.awaited.wait(asked.turn.person.object_id, device, asked.turn.locale)
    return Answer(
        _kept() if kept else Say(Text("awaited.too_many.title"), (Text("awaited.too_many.text"),)), brief=kept
    )


def _kept() -> Say:
    return Say(Text("awaited.kept.title"), (Text("awaited.kept.text"),))


def ready(device: Device, now: datetime) -> Reply:
    """What they waited for."""
    pc = {"pc": device_facts.named(device).text}
    again = ForgotArguments(device=device.reference).button(Text("button.forgot"), "pin.device", main=True)
    return Say(
        Text("awaited.ready.title", pc),
        (Text("awaited.ready.text"),),
        buttons=(again,),
        footnotes=(Text("status.as_of", {"time": notices.at(now)}),),
    )


class ReadyNews:
    """`round()` looks at some of the PCs that people wait for, and tells whose are ready."""

    def __init__(
        self,
        awaited: Awaited,
        devices: Devices,
        conversations: Conversations,
        channel: Channel,
        tenant_id: str,
        now: Callable[[], datetime],
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._awaited = awaited
        self._devices = devices
        self._conversations = conversations
        self._channel = channel
        self._tenant_id = tenant_id
        self._now = now
        self._alive = alive  # told between any two people

    async def round(self) -> None:
        """While the tenant does not answer nobody else is looked up."""
        for waiting in await self._awaited.due(MOST_PEOPLE):
            self._alive()
            try:
                await self._look(waiting)
            except TenantUnreachable as error:
                log.warning("PCs that are waited for: %s", where(error))
                return
            except BotError as error:
                log.warning("a PC that is waited for: %s", where(error))

    async def _look(self, waiting: Waiting) -> None:
        place = await self._conversations.personal_of(self._tenant_id, waiting.object_id)
        if place is None:  # they may write again
            return
        inventory = await self._devices.inventory(waiting.object_id, waiting.devices)
        for device in inventory.windows:
            if device.reference in waiting.devices and device.recovery is Recovery.READY:
                try:
                    await self._channel.send(place, ready(device, self._now()), waiting.devices[device.reference])
                except NotSent as error:
                    if error.blocked:
                        await self._conversations.lost(waiting.object_id, place)
                    raise
                await self._awaited.over(waiting.object_id, device.reference)


def commands(services: PinResetServices) -> tuple[Command, ...]:
    """What this file answers, bound to its room's services."""
    return (Command(reading(notices.DeviceArguments, run, services), verbs=(AWAIT,), private=True, own=True),)
