"""What is to be told is kept until it was told, and each copy of a card is known."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.store.outbox import Copy, Outbox
from bot.store.records import Event
from bot.turn import Place, PlaceKind, Sent
from tests.approvals.desk import PRIYA, desk

CHAT = Place(PlaceKind.PERSONAL, "a:1", "t", "https://smba.trafficmanager.net/teams", "28:bot")
CHANNEL = Place(PlaceKind.CHANNEL, "19:x@thread.tacv2", "t", "https://smba.trafficmanager.net/teams", "28:bot")


async def test_a_letter_stays_until_it_was_told(tmp_path: Path) -> None:
    async with desk(tmp_path) as table:
        await table.filed()
        outbox, now = Outbox(table.engine), table.time.now
        first, second = await outbox.due(now)
        await outbox.told(first.key)
        await outbox.later(second.key, now + timedelta(minutes=1))
        assert await outbox.due(now) == []
        (again,) = await outbox.due(now + timedelta(minutes=1))
        assert (again.key, again.event, again.tries) == (second.key, Event.FILED, 1)
        await outbox.told(again.key)
        assert await outbox.due(now + timedelta(days=1)) == []


async def test_each_change_is_told_once(tmp_path: Path) -> None:
    async with desk(tmp_path) as table:
        request = await table.filed()
        for _ in range(3):
            await table.press(request)
        keys = [letter.key for letter in await Outbox(table.engine).due(table.time.now)]
        assert len(keys) == len(set(keys)) == 4


async def test_copies_of_a_card_are_known_and_forgotten_with_the_person(tmp_path: Path) -> None:
    async with desk(tmp_path) as table:
        request = await table.filed()
        outbox = Outbox(table.engine)
        mine, ours = Sent(CHAT, "1"), Sent(CHANNEL, "2")
        for _ in range(2):
            await outbox.remember(request.number, mine, PRIYA)
        await outbox.remember(request.number, ours)
        assert set(await outbox.copies(request.number)) == {Copy(ours, ""), Copy(mine, PRIYA)}
        await outbox.forget(PRIYA)
        assert await outbox.copies(request.number) == [Copy(ours, "")]


async def test_the_same_copy_may_be_kept_by_several_at_once(tmp_path: Path) -> None:
    async with desk(tmp_path) as table:
        request = await table.filed()
        outbox, mine = Outbox(table.engine), Sent(CHAT, "1")
        await asyncio.gather(*(outbox.remember(request.number, mine, PRIYA) for _ in range(10)))
        assert await outbox.copies(request.number) == [Copy(mine, PRIYA)]


async def test_a_message_shows_a_request_only_where_its_card_was_put(tmp_path: Path) -> None:
    async with desk(tmp_path) as table:
        request = await table.filed()
        outbox = Outbox(table.engine)
        await outbox.remember(request.number, Sent(CHANNEL, "2"))
        thread = replace(CHANNEL, conversation_id=f"{CHANNEL.conversation_id};messageid=2")
        assert await outbox.shows(request.number, Sent(thread, "2"))
        assert not await outbox.shows(request.number, Sent(thread, "3"))
        assert not await outbox.shows(request.number, Sent(CHAT, "2"))
        assert not await outbox.shows(request.number + 1, Sent(thread, "2"))
