"""A bot whose admin and approvers have installed it, before a simulated tenant."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import pytest

from bot.demo import run
from bot.simulation import World
from tests.deadlines import GENEROUS

STAFF = ("admin", "approver", "approver2")


@asynccontextmanager
async def rolled_out(without: Collection[str] = ()) -> AsyncIterator[World]:
    """Consent, profile and assignment are in place; what the bot reads is not kept, since tests change the tenant.
    `without`: permissions that it was not granted, which its first token has to show."""
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0", PINBOT_TURNS_PER_MINUTE="1000") as world:
        world.tenant.permissions -= {*without}
        for person in STAFF:
            await world.teams.install(person)
        yield world


@pytest.fixture
async def rollout() -> AsyncIterator[World]:
    async with rolled_out() as world:
        yield world
