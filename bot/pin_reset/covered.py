"""Is the asker's own PC covered by the rollout? From what belongs to the person, and to nobody else."""

import asyncio
from collections.abc import Iterator
from datetime import datetime

from pydantic import Field

from bot.chat import notices
from bot.chat.command import Answer, Arguments, Asked, Command, reading
from bot.errors import BotError
from bot.pin_reset import device_facts
from bot.pin_reset.card import may_get_ready, tell_me
from bot.pin_reset.own_devices import own_devices
from bot.pin_reset.services import PinResetServices
from bot.pin_reset.unknown_pc import unknown_pc
from bot.reset_rules.facts import MOST_SHOWN, Consent, Device, DeviceKind, Inventory, Join, Recovery, is_stale
from dialogs.words.replies import Button, Details, Reply, Section, Text, Tone


class CoveredArguments(Arguments):
    """`page`: of the person's PCs."""

    page: int = Field(1, ge=1, le=999)

    def shown(self, found: Inventory) -> tuple[Device, ...]:
        """Those of the page."""
        return found.windows[(self.page - 1) * MOST_SHOWN : self.page * MOST_SHOWN]


async def run(asked: Asked, wanted: CoveredArguments, services: PinResetServices) -> Answer:
    """What the tenant does not tell in time comes later, in place."""
    inventory, looking = await own_devices(asked, services, wanted.shown)
    unfinished = (Text("forgot.unfinished"),) if looking else ()
    return Answer(
        _card(asked, services, wanted, inventory, unfinished) if inventory else notices.WORKING,
        later=(lambda: _later(asked, services, wanted, looking)) if looking else None,
    )


async def _later(
    asked: Asked, services: PinResetServices, wanted: CoveredArguments, looking: "asyncio.Future[Inventory]"
) -> Reply:
    try:
        return _card(asked, services, wanted, await looking)
    except BotError as error:
        return notices.failed_with(error, notices.again(asked.turn))


def _card(
    asked: Asked,
    services: PinResetServices,
    wanted: CoveredArguments,
    found: Inventory,
    unfinished: tuple[Text, ...] = (),
) -> Reply:
    """A guest is told so even when the tenant needed long to say who is one."""
    if found.account.guest:
        return notices.note("errors.guest")
    unknown = unknown_pc(asked, found.devices)
    return Details(
        title=Text("covered.title"),
        sections=tuple(_sections(wanted, found, services.now())),
        buttons=(*_more(wanted, found), notices.forgot(), Button(Text("button.what_can_you_do"), "help")),
        notices=(*((Text("forgot.not_yours.covered", {"name": unknown}),) if unknown else ()), *unfinished),
        footnotes=(
            Text("status.as_of", {"time": notices.at(services.now(), asked.zone)}),
            *(
                (Text("covered.help_desk", {"help_desk": services.help_desk.words}),)
                if services.help_desk.words
                else ()
            ),
        ),
    )


def _sections(wanted: CoveredArguments, found: Inventory, now: datetime) -> Iterator[Section]:
    for device in wanted.shown(found):
        yield Section(
            device_facts.heading(device),
            tuple(_lines(device, now)),
            buttons=(tell_me(device),) if may_get_ready(device) else (),
            status=_state(device),
            tone=_tone(device),
        )
    if left := len(found.windows[wanted.page * MOST_SHOWN :]):
        yield Section(Text("covered.more", {"count": left}))
    if not found.windows:
        yield Section(Text("fact.pc"), (Text("forgot.only_others" if found.devices else "covered.no_device"),))


def _more(wanted: CoveredArguments, found: Inventory) -> tuple[Button, ...]:
    """To the next page, and from the last one to the first."""
    if len(found.windows) <= MOST_SHOWN:
        return ()
    following = wanted.page + 1 if found.windows[wanted.page * MOST_SHOWN :] else 1
    return (CoveredArguments(page=following).button(Text("button.more_pcs"), "pin.covered"),)


def _state(device: Device) -> Text:
    """Only CanReset on the PC proves it, so nothing is promised here."""
    if device.deleted:
        return Text("rollout.flow.gone")
    if device.join is Join.REGISTERED:
        return Text("covered.registered")
    disabled = device.recovery is Recovery.POLICY_ONLY and device.consent is Consent.DISABLED
    return Text("covered.app_disabled" if disabled else f"covered.{device.recovery}")


def _tone(device: Device) -> Tone:
    if device.deleted:
        return Tone.ATTENTION
    return Tone.WARNING if device.join is Join.REGISTERED else device_facts.TONES[device.recovery]


def _lines(device: Device, now: datetime) -> Iterator[Text]:
    if device.kind is not DeviceKind.PC:
        yield Text(f"forgot.elsewhere.{device.kind}")
    if device.last_seen and is_stale(device.last_seen, now):
        yield Text("forgot.stale", {"date": device.last_seen.date()})
    bound = not device.deleted and device.join is not Join.REGISTERED
    if bound and device.consent is Consent.NOT_GRANTED and device.recovery is not Recovery.NONE:
        yield Text("covered.not_granted")


def commands(services: PinResetServices) -> tuple[Command, ...]:
    """What this file answers, bound to its room's services."""
    return (
        Command(
            reading(CoveredArguments, run, services),
            intents=("covered",),
            verbs=("pin.covered",),
            private=True,
            own=True,
        ),
    )
