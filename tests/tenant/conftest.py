"""One simulated tenant for each test."""

from collections.abc import AsyncIterator

import pytest

from bot.simulation import World, simulate


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """The scenario `rollout`."""
    async with simulate() as running:
        yield running
