"""The tenant of a large company, asked as its people: each gets what is proved of it, and in few calls."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo import run
from bot.simulation import World, crowd
from bot.simulation.graph import policies
from bot.tenant import MOST_COUNTED
from tests.deadlines import GENEROUS
from tests.journeys.test_rollout import decide, file, newest, say, shown, until

MOST_IN_A_ROW = 10
MOST_CALLS = 70
STAFF = ("admin", "approver", "approver2")
UNPROVED = ("should keep", "This reset deletes")


@pytest.fixture
async def crowded() -> AsyncIterator[World]:
    """As `make demo SCENARIO=crowded` starts it."""
    settings = {"PINBOT_PORT": "0", "PINBOT_TURNS_PER_MINUTE": "1000"}
    async with run.running("crowded", deadlines=GENEROUS, **settings) as world:
        for person in STAFF:
            await world.teams.install(person)
        yield world


async def test_it_holds_what_only_large_tenants_have(crowded: World) -> None:
    tenant = crowded.tenant
    assert len(tenant.catalog) > crowd.POLICIES
    assert all(tenant.assignments[policy] for policy in policies.crowd(crowd.POLICIES))
    assert len(tenant.intents) > crowd.INTENTS
    assert sum(group["displayName"] == "Branch Laptops" for group in tenant.groups.values()) == crowd.BRANCHES
    assert sum(user["userType"] is None for user in tenant.users.values()) > 1
    rows = [row for rows in tenant.assignments.values() for row in rows]
    assert any(row["source"] == "policySets" for row in rows)
    assert any(row["target"]["deviceAndAppManagementAssignmentFilterId"] for row in rows)
    marta = crowded.company.people["many-pcs"].object_id
    assert sum(device["userId"] == marta for device in tenant.managed_devices.values()) == 50


async def test_an_end_user_gets_the_steps_of_the_pc_on_the_desk_with_few_reads_of_policies_in_a_row(
    crowded: World,
) -> None:
    crowded.faults.forget()
    crowded.faults.slow("graph", 0.05)  # calls that go out together overlap
    said = await say(crowded, "user", "I forgot my PIN")
    assert "PC: CON-LT-0142" in said
    assert "should keep" in said
    assert "CPC-uma" not in said
    depths = [one.depth for one in crowded.faults.seen if "configurationPolicies" in one.path]
    assert len(depths) > crowd.POLICIES / 2
    assert max(depths) - min(depths) < MOST_IN_A_ROW


@pytest.mark.parametrize(
    ("person", "there"),
    [
        ("not-covered", "PC: CON-LT-0201"),  # only by a group that a filter narrows
        ("co-managed", "PC: CON-LT-0613"),  # whose configuration is not Intune's
        ("deleted-pc", "no longer in your organisation's directory"),
        ("session-host", "run in a data centre"),
        ("unmanaged", "PC: CON-LT-0611"),
        ("tenant-attached", "PC: CON-LT-0614"),
    ],
)
async def test_nobody_is_promised_or_threatened_with_what_nothing_proves(
    crowded: World, person: str, there: str
) -> None:
    said = await say(crowded, person, "I forgot my PIN")
    assert there in said
    assert [words for words in UNPROVED if words in said] == []


async def test_who_has_fifty_pcs_is_taken_to_the_named_one(crowded: World) -> None:
    assert "PC: CON-LAB-47" in await say(crowded, "many-pcs", "I forgot my PIN on CON-LAB-47")


async def test_an_admin_sees_every_source_with_its_assignments(crowded: World) -> None:
    said = await say(crowded, "admin", "status")
    for name in (
        "Use PIN Recovery",
        "Hello for kiosks",
        "Hello baseline of branches",
        "Hello of 2020",
        "2021, branches",
    ):
        assert name in said
    assert "the filter Corporate laptops narrows it" in said
    assert "Shared PCs is assigned by a policy set" in said
    assert "no longer exists" in said
    assert "Policy 0" not in said  # of hundreds that have nothing to do with PINs


async def test_sixty_groups_of_one_name_are_a_choice_that_costs_few_calls(crowded: World) -> None:
    await say(crowded, "admin", "status")
    before = crowded.faults.count("graph")
    said = await say(crowded, "admin", "assign Branch Laptops")
    assert said.count("Branch Laptops: ") == MOST_COUNTED
    assert f"And {crowd.BRANCHES - MOST_COUNTED} more of that name" in said
    assert "BRANCH LAPTOPS ·" not in said
    assert crowded.faults.count("graph") - before <= MOST_CALLS
    assert "Add group BRANCH LAPTOPS" in await say(crowded, "admin", "assign BRANCH LAPTOPS")


async def test_an_approver_approves_what_keeps_filters_and_policy_sets_as_they_are(crowded: World) -> None:
    profile = next(key for key in crowded.tenant.assignments if key in crowded.tenant.profiles)
    before = crowded.tenant.assignments[profile]
    kept = [row["target"] for row in before if row["source"] != "policySets"]
    await file(crowded, "admin", "assign finance laptops", 1)
    assert "Approved by" in await decide(crowded, "approver", 1)
    done = await until(crowded, newest(crowded, "admin", "Request #1"), "admin", "Done")
    assert "Finance Laptops" in done
    assert shown(newest(crowded, "approver", "Request #1"), "approver")
    (written,) = [one for one in crowded.tenant.written if one.where.endswith("/assign")]
    sent = [row["target"]["groupId"] for row in written.body["assignments"]]
    assert sorted(sent) == sorted([*(row["groupId"] for row in kept), crowded.company.groups["finance"].id])
    assert any(row["target"].get("deviceAndAppManagementAssignmentFilterId") for row in written.body["assignments"])


async def test_the_demo_starts_it_anew_whatever_was_kept(tmp_path: Path) -> None:
    async with run.showing("rollout", 0, tmp_path, deadlines=GENEROUS, PINBOT_PORT="0") as world:
        assert len(world.tenant.catalog) < crowd.POLICIES
    async with run.showing("crowded", 0, tmp_path, deadlines=GENEROUS, PINBOT_PORT="0") as world:
        assert len(world.tenant.catalog) > crowd.POLICIES
