"""The simulated Teams gives its app as the real one does: what the caller may, once, with an answer for each no."""

from typing import Any

import pytest

from bot.simulation import World
from bot.simulation.graph.installed import nothing
from tests.simulation.clients import Reply, call

MAY = "TeamsAppInstallation.ReadWriteSelfForUser.All"


@pytest.fixture
def teams(world: World) -> World:
    world.tenant.permissions.add(MAY)
    world.chats.installed.clear()
    world.apps.tell = nothing
    return world


def _path(world: World) -> str:
    return f"/v1.0/users/{world.company.people['approver'].object_id}/teamwork/installedApps"


async def _install(world: World, catalogue_id: str = "") -> Reply:
    wanted = catalogue_id or world.tenant.catalogue[0]["id"]
    body = {"teamsApp@odata.bind": f"https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/{wanted}"}
    return await call(world, _path(world), method="POST", body=body)


async def _listed(world: World, external_id: str = "") -> list[dict[str, Any]]:
    wanted = external_id or world.tenant.catalogue[0]["externalId"]
    query = f"?$expand=teamsApp&$filter=teamsApp/externalId eq '{wanted}'"
    return list((await call(world, _path(world) + query)).json["value"])


async def test_an_install_is_answered_with_nothing_and_listed_with_its_app_and_chat(teams: World) -> None:
    assert await _listed(teams) == []
    answer = await _install(teams)
    assert (answer.status, answer.body) == (201, b"")
    (row,) = await _listed(teams)
    assert row["teamsApp"] == teams.tenant.catalogue[0]
    assert await _listed(teams, "another") == []
    chat = await call(teams, f"{_path(teams)}/{row['id']}/chat")
    assert chat.json["id"].startswith(f"19:{teams.company.people['approver'].object_id}_")
    assert (await _install(teams)).status == 409


async def test_whatever_is_wrong_has_an_answer_of_its_own(teams: World) -> None:
    approver = teams.company.people["approver"].object_id
    assert (await _install(teams, "unknown")).status == 404
    teams.apps.blocked.add(approver)
    assert "permission policy" in (await _install(teams)).json["error"]["message"]
    teams.apps.own = False
    assert "not allowed to manage" in (await _install(teams)).json["error"]["message"]
    teams.apps.without_teams.add(approver)
    assert (await _install(teams)).status == 404
    teams.tenant.permissions.discard(MAY)
    assert (await _install(teams)).code == "UnknownError"
    assert teams.chats.installed == set()


async def test_an_app_that_names_another_in_its_manifest_is_not_listed_where_it_is_installed(teams: World) -> None:
    await _install(teams)
    teams.apps.own = False
    assert await _listed(teams) == []


async def test_a_personal_chat_is_written_to_by_either_of_its_names(teams: World) -> None:
    person = teams.company.people["approver"]
    assert teams.chats.named(teams.chats.unique_id(person)) is teams.chats.personal("approver")
    assert teams.chats.named(teams.chats.personal("approver").id) is teams.chats.personal("approver")
    assert teams.chats.named("19:nobody_x@unq.gbl.spaces") is None
