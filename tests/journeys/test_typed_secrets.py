"""A PIN or a password typed into a message or a form, through the whole bot: warned of once, found again nowhere."""

import asyncio
import logging
from pathlib import Path

import pytest

from bot.demo import run
from bot.simulation import World
from bot.simulation.chats import Conversation, Where, channel_id
from tests.deadlines import GENEROUS, PATIENCE
from tests.journeys.test_rollout import card_of, decide, file, press, say, shown, until

PIN, PASSWORD = "583920", "Tr0ub4dor-and-3"
WARNED = "It looks as if you typed a PIN or a password"
TYPED = (
    *("status", "live status of the rollout", "approvals", "cancel 1", "history", "retry 1", "undo 1"),
    *("assign Finance Laptops", "unassign Pilot Ring", "onboard consent", "create profile", "whoami", "help", "gaps"),
    *("I forgot my PIN", "what is CanReset?", "is my PC covered?", "reject 1", "hello", "export audit", "questions"),
)
PLACES: tuple[Where, ...] = ("personal", "group", "channel")


def _warnings(world: World, person: str, conversation: Conversation) -> int:
    return sum(shown(said, person).count(WARNED) for said in conversation.by_bot())


def _everywhere(world: World, person: str) -> int:
    return sum(_warnings(world, person, one) for one in world.chats.conversations.values())


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("person", ["admin", "approver", "user", "guest"])
async def test_whatever_is_typed_beside_a_pin_it_is_warned_of_once_where_it_was_typed(
    rollout: World, person: str, where: Where
) -> None:
    world = rollout
    for number, text in enumerate(TYPED, 1):
        await world.teams.say(person, f"{text} - my PIN is {PIN}", where=where)
        there = [one for one in world.chats.conversations.values() if one.where == where]
        assert sum(_warnings(world, person, one) for one in there) == _everywhere(world, person) == number, text
        await world.teams.say(person, text, where=where)
        assert _everywhere(world, person) == number, text
    for conversation in world.chats.conversations.values():
        assert PIN not in "".join(shown(said, person) for said in conversation.by_bot())


async def test_nothing_of_what_forms_hold_is_kept_or_told_and_each_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = {
        "PINBOT_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'bot.sqlite3'}",
        "PINBOT_TURNS_PER_MINUTE": "1000",
        "PINBOT_HELP_DESK_CHANNEL": channel_id(),
    }
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0", **settings) as world:
        for person in ("admin", "approver", "user"):
            await world.teams.install(person)
        await _a_request(world)
        await _a_freeze(world)
        await _a_failure(world)
        await _a_question(world)
        said = [one for conversation in world.chats.conversations.values() for one in conversation.by_bot()]
        everything = "".join(shown(one, person) for one in said for person in world.company.people)
        assert [PIN in everything, PASSWORD in everything] == [False, False]
    kept = _kept(tmp_path)
    assert "•••".encode() in kept  # what was written around it is kept
    assert [PIN.encode() in kept, PASSWORD.encode() in kept] == [False, False]
    ours = [record for record in caplog.records if record.name.startswith("bot") and "simulation" not in record.name]
    assert PIN not in str([vars(record) for record in ours])


def _kept(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def _a_request(world: World) -> None:
    """A reason to ask, then one to reject, on a card that is drawn anew: that warning is a message of its own."""
    await file(world, "admin", "assign Finance Laptops", 1, f"CHG-1, and my password is {PASSWORD}")
    await _warned(world, "admin", 1)
    await decide(world, "approver", 1, "Reject", f"because my PIN is {PIN}")
    await until(world, await card_of(world, "admin", 1), "admin", "Rejected")
    await _warned(world, "approver", 1)


async def _a_freeze(world: World) -> None:
    assert WARNED in await say(world, "approver", f"freeze the rollout fails, password: {PASSWORD}")
    await say(world, "approver", "unfreeze")


async def _a_failure(world: World) -> None:
    await say(world, "user", "the reset failed")
    form = world.chats.personal("user").by_bot()[-1]
    assert WARNED in await press(world, "user", form, "Send", choice="other", detail=f"PIN {PIN} not accepted")


async def _a_question(world: World) -> None:
    await say(world, "user", "ask a person")
    form = world.chats.personal("user").by_bot()[-1]
    sent = await press(world, "user", form, "Hand it on", question=f"why does my PIN {PIN} not work?")
    assert sent.count(WARNED) == 1
    assert sent.count("was left out") == sent.count("If it is still in use, change it.") == 1


async def _warned(world: World, person: str, times: int) -> None:
    own = world.chats.personal(person)
    async with asyncio.timeout(PATIENCE):
        if _warnings(world, person, own) < times:
            await world.chats.wait(lambda: _warnings(world, person, own) >= times)
    assert _warnings(world, person, own) == times
