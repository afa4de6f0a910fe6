"""Who never installed the bot and is to be told something gets its app where that was granted, once, and no welcome."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.simulation import World, simulate
from bot.simulation.graph.installed import nothing
from bot.simulation.state import CHANGING
from tests.deadlines import PATIENCE
from tests.journeys.test_ask_a_person import bot
from tests.journeys.test_installs import welcomes
from tests.journeys.test_rollout import card_of, decide, file, newest, say, shown, until

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


EVENTS: dict[str, dict[str, Any]] = {
    "both at once": {},
    "the other one first": {"update_first": False},
    "one long after the other": {"gap": 0.3},
    "by nobody": {"named": False},
    "by nobody, the other one first": {"named": False, "update_first": False},
}


@pytest.mark.parametrize("how", EVENTS.values(), ids=EVENTS)
async def test_however_teams_tells_of_the_install_there_is_one_card_and_no_welcome(
    tenant: World, tmp_path: Path, how: dict[str, Any]
) -> None:
    tenant.apps.tell = partial(tenant.teams.install, **how)
    async with bot(tenant, tmp_path):
        await tenant.teams.install("admin")
        await file(tenant, "admin", "assign Finance Laptops", 1)
        if how.get("named", True):
            await card_of(tenant, "approver", 1)
        else:  # Graph tells of the chat a minute later; who writes first is known at once
            await _given(tenant, *APPROVERS)
            await tenant.teams.say("approver", "help")
        await tenant.teams.install("approver", action="add-upgrade")
        await decide(tenant, "approver", 1)
        assert welcomes(tenant, "personal", "approver") == 0
        cards = [one for one in tenant.chats.personal("approver").by_bot() if "Request #1\n" in shown(one, "approver")]
        assert len(cards) <= 2
    assert len(installs(tenant)) == len(set(installs(tenant)))


async def _given(world: World, *people: str) -> None:
    async with asyncio.timeout(PATIENCE):
        await world.chats.wait(lambda: set(installs(world)) >= set(people))


async def test_without_the_permission_who_has_no_chat_is_named_on_the_card_as_ever(
    tenant: World, tmp_path: Path
) -> None:
    tenant.tenant.permissions -= GRANTED
    async with bot(tenant, tmp_path):
        await tenant.teams.install("admin")
        card = await file(tenant, "admin", "assign Finance Laptops", 1)
        assert "Priya Nair" in await until(tenant, card, "admin", "Can't be reached")
        nobody = "None of the approvers can be reached"
        chat = tenant.chats.personal("admin")
        async with asyncio.timeout(PATIENCE):
            await tenant.chats.wait(lambda: any(nobody in shown(one, "admin") for one in chat.by_bot()))
        assert installs(tenant) == []


async def test_an_approver_who_removed_the_app_is_not_given_it_for_the_next_request(
    tenant: World, tmp_path: Path
) -> None:
    async with bot(tenant, tmp_path):
        await tenant.teams.install("admin")
        await file(tenant, "admin", "assign Finance Laptops", 1)
        for approver in APPROVERS:
            await card_of(tenant, approver, 1)
        await decide(tenant, "approver2", 1, "Reject", "not now")
        await tenant.teams.remove("approver")
    async with bot(tenant, tmp_path):
        card = await file(tenant, "admin", "assign Finance Laptops", 2)
        await card_of(tenant, "approver2", 2)
        assert "Priya Nair" in await until(tenant, card, "admin", "Can't be reached")
    assert installs(tenant).count("approver") == 1


async def test_who_kills_the_bot_between_install_and_card_keeps_nobody_from_the_card(
    tenant: World, tmp_path: Path
) -> None:
    tell, tenant.apps.tell = tenant.apps.tell, nothing
    async with bot(tenant, tmp_path):
        await tenant.teams.install("admin")
        await file(tenant, "admin", "assign Finance Laptops", 1)
        await _given(tenant, *APPROVERS)
    async with bot(tenant, tmp_path):
        for approver in APPROVERS:
            await tell(approver)
            await card_of(tenant, approver, 1)
            assert welcomes(tenant, "personal", approver) == 0
    assert len(installs(tenant)) == len(set(installs(tenant)))


async def test_the_help_desk_sends_steps_to_somebody_who_never_installed_the_bot(tenant: World, tmp_path: Path) -> None:
    async with bot(tenant, tmp_path):
        await tenant.teams.install("helpdesk")
        await say(tenant, "helpdesk", "user Nora Castillo")
        said = tenant.chats.personal("helpdesk").by_bot()[-1]
        nora = tenant.company.people["not-covered"].object_id
        await tenant.teams.press("helpdesk", said.id, "desk.send", {"who": nora})
        await until(tenant, said, "helpdesk", "Nora Castillo has them")
        assert "Your help desk sent you these steps" in shown(newest(tenant, "not-covered"), "not-covered")
        assert installs(tenant) == ["not-covered"]
