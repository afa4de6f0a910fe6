"""A message that was acted on is known for as long as anybody could deliver it again, and then forgotten."""

import asyncio
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.tables import HeardRow
from bot.store.turns.heard import KEPT, HeardMessages
from bot.teams.botbuilder import LONGEST_TOKEN_LIFE
from tests.store.conftest import Time

SKEW = timedelta(minutes=5)  # that the SDK grants the clocks


async def test_a_message_is_heard_for_the_first_time_once_also_after_a_restart(engine: AsyncEngine, time: Time) -> None:
    assert await HeardMessages(engine, time).first("a:1", "1")
    again = HeardMessages(engine, time)
    assert not await again.first("a:1", "1")
    assert await again.first("a:1", "2")
    assert await again.first("a:2", "1")


async def test_of_ten_deliveries_at_once_one_is_the_first(engine: AsyncEngine, time: Time) -> None:
    heard = HeardMessages(engine, time)
    assert sum(await asyncio.gather(*(heard.first("a:1", "1") for _ in range(10)))) == 1


async def test_it_is_known_longer_than_any_token_lives_and_not_for_ever(engine: AsyncEngine, time: Time) -> None:
    heard = HeardMessages(engine, time)
    assert await heard.first("a:1", "1")
    assert timedelta(seconds=LONGEST_TOKEN_LIFE) + 2 * SKEW < KEPT
    time.now += KEPT
    assert not await heard.first("a:1", "1")
    time.now += SKEW
    assert await heard.first("a:1", "2")
    async with engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(HeardRow)) == 1
