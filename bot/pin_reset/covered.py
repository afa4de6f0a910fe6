"""Is the asker's own PC covered by the rollout? From what belongs to the person, and to nobody else."""

import asyncio
from collections.abc import Iterator

from bot.chat import notices
from bot.chat.command import Answer, Asked, Command, bound
from bot.errors import BotError
from bot.pin_reset import device_facts
from bot.pin_reset.own_devices import own_devices
from bot.pin_reset.services import PinResetServices
from bot.reset_rules.facts import Consent, Device, Inventory, Join, Platform, Recovery
from dialogs.words.replies import Button, Details, Literal, Reply, Section, Text

MOST_LISTED = 8


async def run(asked: Asked, services: PinResetServices) -> Answer:
    """What the tenant does not tell in time comes later, in place."""
    found, looking = await own_devices(asked, services)
    unfinished = (Text("forgot.unfinished"),) if looking else ()
    return Answer(
        _card(services, found, unfinished) if found else notices.WORKING,
        later=(lambda: _later(services, looking)) if looking else None,
    )


async def _later(services: PinResetServices, looking: "asyncio.Future[Inventory]") -> Reply:
    try:
        return _card(services, await looking)
    except BotError as error:
        return notices.failed_with(error)


def _card(services: PinResetServices, found: Inventory, unfinished: tuple[Text, ...] = ()) -> Reply:
    """A guest is told so even when the tenant needed long to say who is one."""
    if found.account.guest:
        return notices.note("errors.guest")
    return Details(
        title=Text("covered.title"),
        sections=tuple(_sections(found)),
        buttons=(notices.forgot(), Button(Text("button.what_can_you_do"), "help")),
        notices=unfinished,
        footnotes=(
            Text("status.as_of", {"time": notices.at(services.now())}),
            *(
                (Text("covered.help_desk", {"help_desk": services.help_desk.words}),)
                if services.help_desk.words
                else ()
            ),
        ),
    )


def _sections(found: Inventory) -> Iterator[Section]:
    windows = [device for device in found.devices if device.platform is Platform.WINDOWS]
    for device in windows[:MOST_LISTED]:
        yield Section(Text("fact.pc"), (Literal(device_facts.named(device).text), *_lines(device)))
    if windows[MOST_LISTED:]:
        yield Section(Text("covered.more", {"count": str(len(windows) - MOST_LISTED)}))
    if not windows:
        yield Section(Text("fact.pc"), (Text("forgot.only_others" if found.devices else "covered.no_device"),))


def _lines(device: Device) -> Iterator[Text]:
    """Only CanReset on the PC proves it, so nothing is promised here."""
    if device.join is Join.REGISTERED:
        yield Text("covered.registered")
        return
    disabled = device.recovery is Recovery.POLICY_ONLY and device.consent is Consent.DISABLED
    yield Text("covered.app_disabled" if disabled else f"covered.{device.recovery}")
    if device.consent is Consent.NOT_GRANTED and device.recovery is not Recovery.NONE:
        yield Text("covered.not_granted")


def commands(services: PinResetServices) -> tuple[Command, ...]:
    """Of this file."""
    return (Command(bound(run, services), intents=("covered",), private=True),)
