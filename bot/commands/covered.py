"""Is the asker's own PC covered by the rollout? From what belongs to the person, and to nobody else."""

import asyncio
from collections.abc import Iterator

from bot.commands import _device, _words
from bot.commands._command import Answer, Asked, Command, Neighbours
from bot.errors import BotError
from bot.rollout.facts import Belongings, Device, Join, Platform
from dialogs.replies import Button, Foreign, Reply, Say, Section, Sheet, Text

MOST_LISTED = 8


async def run(asked: Asked, neighbours: Neighbours) -> Answer:
    """What the tenant does not tell in time comes later, in place."""
    try:
        async with asyncio.timeout_at(asked.until):
            return Answer(await _card(asked, neighbours))
    except TimeoutError:
        return Answer(
            Say(Text("change.working.title"), (Text("change.working.text"),)), later=lambda: _later(asked, neighbours)
        )


async def _later(asked: Asked, neighbours: Neighbours) -> Reply:
    try:
        return await _card(asked, neighbours)
    except BotError as error:
        return _words.failed_with(error)


async def _card(asked: Asked, neighbours: Neighbours) -> Reply:
    """A guest is told so even when the tenant needed long to say who is one."""
    found = await neighbours.devices.belongings(asked.turn.person.object_id)
    if found.account.guest:
        return _words.note("errors.guest")
    return Sheet(
        title=Text("covered.title"),
        sections=tuple(_sections(found)),
        buttons=(_words.forgot(), Button(Text("button.what_can_you_do"), "help")),
        footnotes=(
            Text("status.as_of", {"time": _words.at(neighbours.now())}),
            *((Text("covered.help_desk", {"help_desk": neighbours.help_desk}),) if neighbours.help_desk else ()),
        ),
    )


def _sections(found: Belongings) -> Iterator[Section]:
    windows = [device for device in found.devices if device.platform is Platform.WINDOWS]
    for device in windows[:MOST_LISTED]:
        yield Section(Text("fact.pc"), (Foreign(_device.named(device).text), *_lines(device)))
    if not windows:
        yield Section(Text("fact.pc"), (Text("forgot.only_others" if found.devices else "covered.no_device"),))


def _lines(device: Device) -> Iterator[Text]:
    """Only CanReset on the PC proves it, so nothing is promised here."""
    if device.join is Join.REGISTERED:
        yield Text("covered.registered")
        return
    yield Text(f"covered.{device.recovery}")


COMMANDS = (Command(run, intents=("covered",), private=True),)
