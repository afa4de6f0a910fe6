"""Is the asker's own PC covered by the rollout? From what belongs to the person, and to nobody else."""

import asyncio
from collections.abc import Iterator

from bot.commands import _device, _words
from bot.commands._command import Answer, Asked, Command, Neighbours
from bot.commands._own import own_devices
from bot.errors import BotError
from bot.rollout.facts import Belongings, Device, Join, Platform
from dialogs.words.replies import Button, Foreign, Reply, Section, Sheet, Text

MOST_LISTED = 8


async def run(asked: Asked, neighbours: Neighbours) -> Answer:
    """What the tenant does not tell in time comes later, in place."""
    found, looking = await own_devices(asked, neighbours)
    unfinished = (Text("forgot.unfinished"),) if looking else ()
    return Answer(
        _card(neighbours, found, unfinished) if found else _words.WORKING,
        later=(lambda: _later(neighbours, looking)) if looking else None,
    )


async def _later(neighbours: Neighbours, looking: "asyncio.Future[Belongings]") -> Reply:
    try:
        return _card(neighbours, await looking)
    except BotError as error:
        return _words.failed_with(error)


def _card(neighbours: Neighbours, found: Belongings, unfinished: tuple[Text, ...] = ()) -> Reply:
    """A guest is told so even when the tenant needed long to say who is one."""
    if found.account.guest:
        return _words.note("errors.guest")
    return Sheet(
        title=Text("covered.title"),
        sections=tuple(_sections(found)),
        buttons=(_words.forgot(), Button(Text("button.what_can_you_do"), "help")),
        notices=unfinished,
        footnotes=(
            Text("status.as_of", {"time": _words.at(neighbours.now())}),
            *((Text("covered.help_desk", {"help_desk": neighbours.help_desk}),) if neighbours.help_desk else ()),
        ),
    )


def _sections(found: Belongings) -> Iterator[Section]:
    windows = [device for device in found.devices if device.platform is Platform.WINDOWS]
    for device in windows[:MOST_LISTED]:
        yield Section(Text("fact.pc"), (Foreign(_device.named(device).text), *_lines(device)))
    if windows[MOST_LISTED:]:
        yield Section(Text("covered.more", {"count": str(len(windows) - MOST_LISTED)}))
    if not windows:
        yield Section(Text("fact.pc"), (Text("forgot.only_others" if found.devices else "covered.no_device"),))


def _lines(device: Device) -> Iterator[Text]:
    """Only CanReset on the PC proves it, so nothing is promised here."""
    if device.join is Join.REGISTERED:
        yield Text("covered.registered")
        return
    yield Text(f"covered.{device.recovery}")


COMMANDS = (Command(run, intents=("covered",), private=True),)
