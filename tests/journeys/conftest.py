"""A bot before a simulated tenant, and the people of the rollout who have it."""

from collections.abc import AsyncIterator

import pytest

from bot.demo import run
from bot.simulation import World
from tests.deadlines import GENEROUS


@pytest.fixture
async def fresh() -> AsyncIterator[World]:
    async with run.running("fresh", deadlines=GENEROUS, PINBOT_PORT="0", PINBOT_TURNS_PER_MINUTE="1000") as world:
        for person in ("admin", "approver", "approver2"):
            await world.teams.install(person)
        yield world


@pytest.fixture
async def rollout() -> AsyncIterator[World]:
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0", PINBOT_TURNS_PER_MINUTE="1000") as world:
        for person in ("admin", "admin2", "approver", "approver2"):
            await world.teams.install(person)
        yield world
