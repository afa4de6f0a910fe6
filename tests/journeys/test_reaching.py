"""Who never installed the bot and is to be told something gets its app where that was granted, once, and no welcome."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.demo import run
from bot.simulation import World, simulate
from bot.simulation.faults import Fault
from bot.simulation.graph.installed import nothing
from bot.simulation.state import CHANGING
from tests.deadlines import GENEROUS, PATIENCE
from tests.journeys.test_ask_a_person import bot
from tests.journeys.test_installs import welcomes
from tests.journeys.test_rollout import card_of, decide, file, shown, until

GRANTED = {"TeamsAppInstallation.ReadWriteSelfForUser.All", "AppCatalog.Read.All"}
APPROVERS = ("approver", "approver2")


@pytest.fixture
async def tenant() -> AsyncIterator[World]:
    """Nobody has the bot."""
    async with simulate("rollout") as world:
        world.tenant.permissions |= CHANGING | GRANTED
        world.chats.installed.clear()
        yield world


def installs(world: World) -> list[str]:
    """Those who were given the app, as often as they were."""
    given = [one.where.split("/")[3] for one in world.tenant.written if one.where.endswith("/installedApps")]
    keys = {person.object_id: key for key, person in world.company.people.items()}
    return sorted(keys[object_id] for object_id in given)


async def test_nobody_has_the_bot_an_admin_files_and_the_approvers_get_app_and_card(
    tenant: World, tmp_path: Path
) -> None:
    async with bot(tenant, tmp_path):
        await tenant.teams.install("admin")
        card = await file(tenant, "admin", "assign Finance Laptops", 1)
        for approver in APPROVERS:
            assert "Waiting for approval" in shown(await card_of(tenant, approver, 1), approver)
        await decide(tenant, "approver", 1)
        done = await until(tenant, card, "admin", "Done")
        assert "Can't be reached" not in done
        assert set(installs(tenant)) >= set(APPROVERS)
        assert len(installs(tenant)) == len(set(installs(tenant)))
        assert [welcomes(tenant, "personal", approver) for approver in APPROVERS] == [0, 0]
