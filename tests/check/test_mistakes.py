"""Each mistake of an operator is found and named, and nothing else; a tenant that is ready gives nothing to do."""

import asyncio
import os
from pathlib import Path

import pytest

from bot.check.finding import Level
from bot.operator.check import lines, status
from tests.check.harness import CATALOGUE, Ready, keys, ready, to_do
from tests.check.mistakes import ADMINS, APPROVER_GROUP, MISTAKES, Mistake, no_database, without

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("name", MISTAKES)
async def test_a_mistake_is_named_and_nothing_else_is(it: Ready, name: str) -> None:
    mistake, named = MISTAKES[name]
    await asyncio.to_thread(mistake, it)
    found = await it.look()
    assert to_do(found) == named
    assert all(lines(found))  # each has its words


async def test_a_tenant_that_is_ready_gives_nothing_to_do_and_everything_was_seen(it: Ready) -> None:
    found = await it.look()
    assert [*lines(found)][-1] == "All is right"
    assert keys(found, Level.DO, Level.UNKNOWN) == []
    assert [one.split(".")[0] for one in keys(found, Level.INFO)] == ["permissions", "backup"]


def _managed(it: Ready, patch: pytest.MonkeyPatch) -> None:
    """On a host of Azure, whose own address no proxy can answer for."""
    for name, value in {**it.world.host(), "HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": ""}.items():
        patch.setenv(name, value)
    del it.settings["MICROSOFT_APP_PASSWORD"]
    it.settings["MICROSOFT_APP_TYPE"] = "UserAssignedMSI"


@pytest.mark.parametrize(("assigned", "named"), [(True, []), (False, ["login.identity_missing"])])
async def test_a_managed_identity_is_asked_without_a_proxy_and_must_be_assigned(
    it: Ready, monkeypatch: pytest.MonkeyPatch, assigned: bool, named: list[str]
) -> None:
    _managed(it, monkeypatch)
    if not assigned:
        it.world.identity.assigned.clear()
    found = await it.look()
    assert to_do(found) == named
    assert all(lines(found))


async def test_what_follows_from_a_failed_sign_in_is_not_told_as_further_mistakes(it: Ready) -> None:
    it.world.login.expired = True
    found = await it.look()
    assert to_do(found) == ["login.secret_expired"]
    assert "admins.not_signed_in" in keys(found, Level.UNKNOWN)
    assert {"keys.read", "endpoint.bot", "audit.sound"} <= {*keys(found, Level.OK)}


@pytest.mark.parametrize(("place", "trouble", "unseen"), [("login", 503, "login"), ("graph", 500, "intune")])
async def test_a_service_that_does_not_answer_is_unknown_and_no_mistake(
    it: Ready, place: str, trouble: int, unseen: str
) -> None:
    it.world.faults.fail(place, trouble)
    found = await it.look()
    assert (to_do(found), status(found)) == ([], 2)
    assert f"{unseen}.no_answer" in keys(found, Level.UNKNOWN)


def _grants_unwell(it: Ready) -> None:
    client = next(one for one in it.world.tenant.grants.values())["clientId"]
    it.world.faults.fail(f"graph/v1.0/servicePrincipals/{client}/oauth2PermissionGrants", 500)


@pytest.mark.parametrize(
    ("trouble", "unseen"), [(without("Directory.Read.All"), "not_permitted"), (_grants_unwell, "no_answer")]
)
async def test_a_rollout_whose_consent_can_not_be_seen_is_unknown_and_not_right(
    it: Ready, trouble: Mistake, unseen: str
) -> None:
    trouble(it)
    found = await it.look()
    assert f"rollout.{unseen}" in keys(found, Level.UNKNOWN)
    assert status(found) != 0


async def test_before_the_first_start_nothing_is_made_and_nothing_is_written(tmp_path: Path) -> None:
    async with ready(tmp_path, "fresh", serves=False) as it:
        found = await it.look()
        asked = {one.method for one in it.world.faults.seen if one.service == "graph"}
        assert (asked, it.world.tenant.written) == ({"GET"}, [])
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - in a coroutine
    assert {"database.none", "rollout.consent", "running.not_here"} <= {*keys(found, Level.INFO)}
    assert {"approvers.not_met", "teams_channel.not_heard"} <= {*keys(found, Level.INFO)}
    assert {"admins.members", "approvers.members", "roles.enough"} <= {*keys(found, Level.OK)}
    assert keys(found, Level.UNKNOWN) == []


async def test_approvers_without_a_chat_are_no_mistake_where_the_bot_gives_them_its_app(it: Ready) -> None:
    it.world.tenant.members[it.settings[APPROVER_GROUP]] = {it.world.company.people["user"].object_id}
    it.world.tenant.permissions.add("TeamsAppInstallation.ReadWriteSelfForUser.All")
    assert "approvers.given" in keys(await it.look(), Level.INFO)
    it.settings["PINBOT_READ_ONLY"] = "1"
    assert "approvers.unreachable" in to_do(await it.look())


async def test_groups_are_looked_at_although_the_database_can_not_be_read(it: Ready) -> None:
    no_database(it)
    it.world.tenant.members[it.settings[ADMINS]] = set()
    found = await it.look()
    assert to_do(found) == ["admins.empty", "database.unreadable"]
    assert {"approvers.store", "teams_channel.store"} <= {*keys(found, Level.UNKNOWN)}


async def test_a_larger_permission_covers_a_smaller_one_and_both_are_named(it: Ready) -> None:
    it.world.tenant.permissions.discard("User.Read.All")
    found = await it.look()
    covered = next(one for one in found if one.key == "permissions.covered")
    assert covered.values == {"permission": "User.Read.All", "by": "Directory.Read.All"}
    assert to_do(found) == []


async def test_without_the_permission_to_see_the_catalogue_nothing_is_said_against_it(it: Ready) -> None:
    it.world.tenant.permissions.discard(CATALOGUE)
    it.world.tenant.catalogue.clear()
    found = await it.look()
    assert (to_do(found), "app.not_seen" in keys(found, Level.INFO)) == ([], True)
