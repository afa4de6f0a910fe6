"""What is to be told is kept until it was told, and each copy of a card is known."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.chat.turn import Place, PlaceKind, Sent
from bot.store.outbox import Copy, Outbox
from bot.store.records import Event
from tests.approvals.harness import DANA, PRIYA, harness, profile_plan

CHAT = Place(PlaceKind.PERSONAL, "a:1", "t", "https://smba.trafficmanager.net/teams", "28:bot")
CHANNEL = Place(PlaceKind.CHANNEL, "19:x@thread.tacv2", "t", "https://smba.trafficmanager.net/teams", "28:bot")


async def test_a_letter_stays_until_it_was_told(tmp_path: Path) -> None:
    async with harness(tmp_path) as table:
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


async def test_a_copy_that_two_remember_in_the_same_moment_is_one(tmp_path: Path) -> None:
    async with harness(tmp_path) as table:
        request, outbox = await table.filed(), Outbox(table.engine)
        await asyncio.gather(*(outbox.remember(request.number, Sent(CHAT, "1"), PRIYA) for _ in range(10)))
        assert await outbox.copies(request.number) == [Copy(Sent(CHAT, "1"), PRIYA)]


async def test_each_change_is_told_once(tmp_path: Path) -> None:
    async with harness(tmp_path) as table:
        request = await table.filed()
        for _ in range(3):
            await table.press(request)
        keys = [notification.key for notification in await Outbox(table.engine).due(table.time.now)]
        assert len(keys) == len(set(keys)) == 4


async def test_copies_of_a_card_are_known_and_forgotten_with_the_person(tmp_path: Path) -> None:
    async with harness(tmp_path) as table:
        request = await table.filed()
        outbox = Outbox(table.engine)
        mine, ours = Sent(CHAT, "1"), Sent(CHANNEL, "2")
        for _ in range(2):
            await outbox.remember(request.number, mine, PRIYA)
        await outbox.remember(request.number, ours)
        assert set(await outbox.copies(request.number)) == {Copy(ours, ""), Copy(mine, PRIYA)}
        await table.erase(PRIYA)
        assert await outbox.copies(request.number) == [Copy(ours, "")]


async def test_a_copy_that_is_asked_for_again_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    async with harness(tmp_path) as table:
        request, other = await table.filed(), await table.filed(profile_plan())
        outbox, dealt, elsewhere = Outbox(table.engine), Sent(CHAT, "dealt"), replace(CHAT, conversation_id="a:2")
        for number in (request.number, other.number):
            await outbox.remember(number, dealt, PRIYA)
        await outbox.remember(request.number, Sent(elsewhere, "0"), DANA, asked=True)
        for typed in range(60):
            await outbox.remember(request.number, Sent(CHAT, str(typed)), PRIYA, asked=True)
        assert {copy.sent.activity_id for copy in await outbox.copies(request.number)} == {"dealt", "0", "59"}
        assert [copy.sent for copy in await outbox.copies(other.number)] == [dealt]


async def test_a_press_on_a_copy_that_is_known_makes_it_no_other_one(tmp_path: Path) -> None:
    async with harness(tmp_path) as table:
        request, outbox = await table.filed(), Outbox(table.engine)
        await outbox.remember(request.number, Sent(CHAT, "dealt"), PRIYA)
        for pressed in ("dealt", "1", "dealt", "2"):
            await outbox.remember(request.number, Sent(CHAT, pressed), PRIYA, asked=True)
        assert {copy.sent.activity_id for copy in await outbox.copies(request.number)} == {"dealt", "2"}


async def test_what_a_clock_that_was_ahead_put_off_is_told_at_once_when_the_clock_is_right(tmp_path: Path) -> None:
    async with harness(tmp_path) as table:
        table.time.now += timedelta(days=1)
        await table.filed()
        table.time.now -= timedelta(days=1)
        outbox = Outbox(table.engine)
        first, second = await outbox.due(table.time.now)
        await outbox.later(first.key, table.time.now + timedelta(minutes=5))  # a pause is kept
        assert [notification.key for notification in await outbox.due(table.time.now)] == [second.key]


async def test_the_same_copy_may_be_kept_by_several_at_once(tmp_path: Path) -> None:
    async with harness(tmp_path) as table:
        request = await table.filed()
        outbox, mine = Outbox(table.engine), Sent(CHAT, "1")
        await asyncio.gather(*(outbox.remember(request.number, mine, PRIYA) for _ in range(10)))
        assert await outbox.copies(request.number) == [Copy(mine, PRIYA)]


async def test_a_message_shows_a_request_only_where_its_card_was_put(tmp_path: Path) -> None:
    async with harness(tmp_path) as table:
        request = await table.filed()
        outbox = Outbox(table.engine)
        await outbox.remember(request.number, Sent(CHANNEL, "2"))
        thread = replace(CHANNEL, conversation_id=f"{CHANNEL.conversation_id};messageid=2")
        assert await outbox.shows(request.number, Sent(thread, "2"))
        assert not await outbox.shows(request.number, Sent(thread, "3"))
        assert not await outbox.shows(request.number, Sent(CHAT, "2"))
        assert not await outbox.shows(request.number + 1, Sent(thread, "2"))
