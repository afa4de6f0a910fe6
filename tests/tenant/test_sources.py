"""What sets PIN recovery is found wherever it stands, with whom it is assigned to; what can't be read is no "no"."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import NotPermitted
from bot.reset_rules.sources import RecoverySource, Scope, SourceKind, Target, TargetKind, Value
from bot.simulation import World
from bot.simulation.graph import policies
from bot.simulation.objects import intune
from bot.simulation.people import identity
from bot.tenant.graph import Graph
from bot.tenant.many import BATCH, IN_A_BATCH, MOST_AT_ONCE
from bot.tenant.sources import GraphSources
from tests.deadlines import GENEROUS
from tests.simulation.clients import real_graph

CATALOG, INTENTS = "graph/beta/deviceManagement/configurationPolicies", "graph/beta/deviceManagement/intents"
TEMPLATES = "graph/beta/deviceManagement/deviceConfigurations"
MOST_IN_A_ROW = 10
CROWD = 500
SLOW = 0.25  # calls that go out together overlap; those that wait for an answer do not


@pytest.fixture
async def graph(world: World) -> AsyncIterator[Graph]:
    """The real client."""
    async with real_graph(world) as client:
        yield client


def add(world: World, name: str = "Hello", *assigned: dict[str, Any], **how: Any) -> str:
    """A policy of the settings catalog that sets it; its id."""
    policy = policies.recovery_policy(identity("catalog", name), name, **how)
    world.tenant.catalog[policy["id"]] = policy
    world.tenant.assignments[policy["id"]] = list(assigned)
    return str(policy["id"])


def reader(world: World, graph: Graph, *, remember: bool = True) -> GraphSources:
    return GraphSources(graph, world.tenant.id, remember=remember)


async def beside(world: World, graph: Graph) -> list[RecoverySource]:
    """All but the custom profile of the scenario."""
    return [one for one in await reader(world, graph).read() if one.kind is not SourceKind.CUSTOM]


async def told(world: World, graph: Graph) -> set[tuple[SourceKind, Value, str]]:
    return {(one.kind, one.value, one.name) for one in await beside(world, graph)}


async def test_the_custom_profile_is_read_with_its_assignments(world: World, graph: Graph) -> None:
    (found,) = await reader(world, graph).read()
    groups = world.company.groups
    assert (found.kind, found.name, found.is_right) == (SourceKind.CUSTOM, "Use PIN Recovery", True)
    assert found.targets == (
        Target(TargetKind.GROUP, groups["pilot"].id),
        Target(TargetKind.EXCLUDED_GROUP, groups["kiosks"].id),
    )


@pytest.mark.parametrize("scope", ["device", "user"])
@pytest.mark.parametrize(
    ("family", "kind"),
    [
        ("none", SourceKind.CATALOG),
        ("baseline", SourceKind.CATALOG),
        ("endpointSecurityAccountProtection", SourceKind.ACCOUNT_PROTECTION),
    ],
)
@pytest.mark.parametrize(("value", "wanted"), [(True, Value.ON), (False, Value.OFF)])
async def test_a_catalog_policy_is_found_with_its_value_whatever_it_was_made_from(
    world: World, graph: Graph, scope: Any, family: str, kind: SourceKind, value: bool, wanted: Value
) -> None:
    add(world, scope=scope, family=family, value=value)
    (found,) = await beside(world, graph)
    assert (found.kind, found.value, found.name, found.sets) == (
        kind,
        wanted,
        "Hello",
        frozenset({(Scope(scope), value)}),
    )


@pytest.mark.parametrize("where", ["catalog", "template", "intent"])
async def test_each_has_its_own_assignments_with_filter_and_origin(world: World, graph: Graph, where: str) -> None:
    key, pilot = identity("elsewhere", where), world.company.groups["pilot"].id
    if where == "catalog":
        world.tenant.catalog[key] = policies.recovery_policy(key, where)
    elif where == "template":
        world.tenant.profiles[key] = policies.identity_protection(key, where, recovery=True)
    else:
        world.tenant.intents[key] = policies.intent(key, where, recovery=True)
    filtered = intune.everybody(key)
    filtered["target"]["deviceAndAppManagementAssignmentFilterType"] = "include"
    world.tenant.assignments[key] = [
        intune.assignment(key, pilot, policy_set=identity("set")),
        intune.assignment(key, pilot, excluded=True),
        filtered,
        intune.everybody(key, users=True),
    ]
    (found,) = await beside(world, graph)
    assert found.targets == (
        Target(TargetKind.GROUP, pilot, from_policy_set=True),
        Target(TargetKind.EXCLUDED_GROUP, pilot),
        Target(TargetKind.ALL_DEVICES, filtered=True),
        Target(TargetKind.ALL_USERS),
    )


async def test_devices_and_users_may_get_different_values(world: World, graph: Graph) -> None:
    policy = world.tenant.catalog[add(world)]
    policy["settings"] += policies.recovery_policy("", "", scope="user", value=False)["settings"]
    assert await told(world, graph) == {(SourceKind.CATALOG, Value.MIXED, "Hello")}


async def test_a_value_that_is_not_understood_is_not_known(world: World, graph: Graph) -> None:
    group = world.tenant.catalog[add(world)]["settings"][0]["settingInstance"]
    group["groupSettingCollectionValue"][0]["children"][1]["choiceSettingValue"] = None
    assert await told(world, graph) == {(SourceKind.CATALOG, Value.UNREAD, "Hello")}


async def test_the_old_template_and_the_old_intents_are_found(world: World, graph: Graph) -> None:
    for name, recovery in (("Old on", True), ("Old off", False)):
        template = policies.identity_protection(identity("template", name), name, recovery=recovery)
        intent = policies.intent(identity("intent", name), name, recovery=recovery)
        world.tenant.profiles[template["id"]], world.tenant.intents[intent["id"]] = template, intent
    assert await told(world, graph) == {
        (kind, value, name)
        for kind in (SourceKind.TEMPLATE, SourceKind.INTENT)
        for name, value in (("Old on", Value.ON), ("Old off", Value.OFF))
    }


@pytest.mark.parametrize(
    "unlike",
    [
        {"platforms": "macOS"},
        {"platforms": "android,iOS"},
        {"templateReference": {"templateFamily": "endpointSecurityFirewall"}},
    ],
)
async def test_what_can_not_hold_the_setting_is_not_read(world: World, graph: Graph, unlike: dict[str, Any]) -> None:
    policy = add(world)
    world.tenant.catalog[policy] |= unlike
    assert await beside(world, graph) == []
    assert world.faults.count(f"{CATALOG}/{policy}") == 0


@pytest.mark.parametrize("crowd", [0, 100])
@pytest.mark.parametrize("status", [400, 403, 404, 429, 500])
async def test_one_policy_that_can_not_be_read_is_named_and_the_others_are_read(
    world: World, graph: Graph, status: int, crowd: int
) -> None:
    """One by one and in batches alike."""
    world.tenant.catalog |= policies.crowd(crowd)
    bad, intent = add(world, "Bad"), next(iter(world.tenant.intents))
    add(world, "Good")
    world.faults.fail(f"{CATALOG}/{bad}", status)
    world.faults.fail(f"{INTENTS}/{intent}", status)
    assert await told(world, graph) == {
        (SourceKind.CATALOG, Value.UNREAD, "Bad"),
        (SourceKind.CATALOG, Value.ON, "Good"),
        (SourceKind.INTENT, Value.UNREAD, world.tenant.intents[intent]["displayName"]),
    }


@pytest.mark.parametrize("crowd", [0, 100])
async def test_a_policy_of_too_many_pages_is_not_known(world: World, graph: Graph, crowd: int) -> None:
    world.tenant.catalog |= policies.crowd(crowd)
    policy = world.tenant.catalog[add(world, "Endless")]
    policy["settings"] = policy["settings"] * 150
    world.tenant.page_size = 7
    assert await told(world, graph) == {(SourceKind.CATALOG, Value.UNREAD, "Endless")}


async def test_a_policy_of_several_pages_is_read_whole_in_a_batch_too(world: World, graph: Graph) -> None:
    world.tenant.catalog |= policies.crowd(100)
    policy = world.tenant.catalog[add(world)]
    policy["settings"] = [*world.tenant.catalog[next(iter(world.tenant.catalog))]["settings"] * 30, *policy["settings"]]
    world.tenant.page_size = 25
    assert await told(world, graph) == {(SourceKind.CATALOG, Value.ON, "Hello")}


async def test_assignments_that_can_not_be_read_are_unknown_and_stop_nothing(world: World, graph: Graph) -> None:
    policy = add(world, "Hello", intune.everybody("x"))
    world.faults.fail(f"{CATALOG}/{policy}/assignments", 403)
    (found,) = await beside(world, graph)
    assert (found.value, found.targets, found.may_reach) == (Value.ON, None, True)


@pytest.mark.parametrize(
    ("place", "kind"),
    [(CATALOG, SourceKind.CATALOG), (INTENTS, SourceKind.INTENT), (TEMPLATES, SourceKind.TEMPLATE)],
)
@pytest.mark.parametrize(("status", "unanswered"), [(403, False), (404, False), (500, True)])
async def test_a_list_that_can_not_be_read_may_hold_anything(
    world: World, graph: Graph, place: str, kind: SourceKind, status: int, unanswered: bool
) -> None:
    world.faults.fail(place, status)
    (found,) = await beside(world, graph)
    assert (found.kind, found.id, found.value, found.targets) == (kind, "", Value.UNREAD, None)
    assert found.unanswered is unanswered


async def test_without_sight_of_the_custom_profiles_nothing_is_told(world: World, graph: Graph) -> None:
    world.faults.fail("graph/v1.0/deviceManagement/deviceConfigurations", 403)
    with pytest.raises(NotPermitted):
        await reader(world, graph).read()


@pytest.mark.parametrize("crowd", [0, 100])
async def test_what_does_not_answer_is_given_up_and_the_rest_is_told(
    world: World, graph: Graph, monkeypatch: pytest.MonkeyPatch, crowd: int
) -> None:
    world.tenant.catalog |= policies.crowd(crowd)
    add(world, "Hangs")
    listed, custom = await graph.catalog_policies(), await graph.custom_profiles()

    async def at_once() -> Any:
        return listed

    async def custom_at_once() -> Any:
        return custom

    monkeypatch.setattr(graph, "catalog_policies", at_once)
    monkeypatch.setattr(graph, "custom_profiles", custom_at_once)
    monkeypatch.setattr(graph, "deadlines", replace(GENEROUS, policies=0.05))
    world.faults.hang("graph")
    assert await told(world, graph) >= {
        (SourceKind.CATALOG, Value.UNREAD, "Hangs"),
        (SourceKind.INTENT, Value.UNREAD, ""),
        (SourceKind.TEMPLATE, Value.UNREAD, ""),
    }
    world.faults.clear()


async def test_five_hundred_policies_take_few_calls_one_after_another(world: World, graph: Graph) -> None:
    world.tenant.catalog |= policies.crowd(CROWD)
    add(world, "Hello", intune.everybody("x"))
    world.faults.slow("graph", SLOW)
    assert await told(world, graph) == {(SourceKind.CATALOG, Value.ON, "Hello")}
    assert 0 < max(one.depth for one in world.faults.seen) <= MOST_IN_A_ROW
    assert world.faults.count(f"graph{BATCH}") == -(-(CROWD + 2) // IN_A_BATCH)


async def test_five_hundred_that_all_set_it_take_few_calls_too(world: World, graph: Graph) -> None:
    world.tenant.page_size = 999
    for number in range(CROWD):
        add(world, f"Hello {number}", intune.everybody("x"))
    world.faults.slow("graph", SLOW)
    found = await beside(world, graph)
    assert len(found) == CROWD
    assert all(one.targets == (Target(TargetKind.ALL_DEVICES),) for one in found)
    assert max(one.depth for one in world.faults.seen) <= MOST_IN_A_ROW


@pytest.mark.parametrize("status", [400, 403, 404, 405, 501])
async def test_a_cloud_without_batches_is_asked_one_by_one(world: World, graph: Graph, status: int) -> None:
    world.tenant.catalog |= policies.crowd(30)
    add(world)
    world.faults.fail(f"graph{BATCH}", status)
    assert await told(world, graph) == {(SourceKind.CATALOG, Value.ON, "Hello")}


async def test_so_many_are_read_at_once_and_no_more(
    world: World, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(MOST_AT_ONCE * 3):
        add(world, f"Policy {number}")
    world.faults.fail(f"graph{BATCH}", 404)
    running, most, read = 0, 0, graph.rows

    async def counted(path: str) -> Any:
        nonlocal running, most
        running += "configurationPolicies/" in path
        most = max(most, running)
        await asyncio.sleep(0)
        found = await read(path)
        running -= "configurationPolicies/" in path
        return found

    monkeypatch.setattr(graph, "rows", counted)
    assert len(await beside(world, graph)) == MOST_AT_ONCE * 3
    assert 1 < most <= MOST_AT_ONCE


async def test_what_a_policy_sets_is_read_again_only_when_it_has_changed(world: World, graph: Graph) -> None:
    known, policy = reader(world, graph), add(world)
    add(world, "Other")
    await known.read()
    world.faults.forget()
    assert len(await known.read()) == 3
    assert world.faults.count(f"{CATALOG}/{policy}/settings") == world.faults.count(f"{INTENTS}/") == 0
    world.tenant.assignments[policy] = [intune.everybody(policy)]  # which leaves the time of its last change as it was
    assert next(one for one in await known.read() if one.id == policy).targets == (Target(TargetKind.ALL_DEVICES),)
    world.tenant.catalog[policy] = policies.recovery_policy(policy, "Hello", value=False)
    assert next(one for one in await known.read() if one.id == policy).value is Value.OFF
    assert world.faults.count(f"{CATALOG}/{policy}/settings") == 1
    del world.tenant.catalog[policy]
    assert [one.name for one in await known.read()] == ["Use PIN Recovery", "Other"]


async def test_what_could_not_be_read_is_read_again(world: World, graph: Graph) -> None:
    known = reader(world, graph)
    world.faults.fail(f"{CATALOG}/{add(world)}/settings", 403, calls=1)
    for wanted in (Value.UNREAD, Value.ON):
        assert [one.value for one in await known.read() if one.name == "Hello"] == [wanted]


async def test_without_memory_each_is_read_anew(world: World, graph: Graph) -> None:
    known, policy = reader(world, graph, remember=False), add(world)
    for _ in range(2):
        await known.read()
    assert world.faults.count(f"{CATALOG}/{policy}/settings") == 2
