"""A simulated tenant, with a harness that works on it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.simulation import World, simulate
from bot.simulation.state import CHANGING
from tests.approvals.harness import TenantHarness, tenant_harness


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """The scenario `rollout`: both apps, the profile, two assignments."""
    async with simulate() as running:
        running.tenant.permissions |= CHANGING
        yield running


@pytest.fixture
async def fresh() -> AsyncIterator[World]:
    """The scenario `fresh`: nothing yet; the app may create the two service principals."""
    async with simulate("fresh") as running:
        running.tenant.permissions |= CHANGING | {"Application.ReadWrite.All"}
        yield running


@pytest.fixture
async def at_work(world: World, tmp_path: Path) -> AsyncIterator[TenantHarness]:
    """A harness in the scenario `rollout`."""
    async with tenant_harness(world, tmp_path) as made:
        yield made


@pytest.fixture
async def at_start(fresh: World, tmp_path: Path) -> AsyncIterator[TenantHarness]:
    """A harness in the scenario `fresh`."""
    async with tenant_harness(fresh, tmp_path) as made:
        yield made
