"""What sets PIN recovery beside custom profiles: found wherever it stands, and what can't be read is no "no"."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from bot.tenant.policies import MOST_AT_ONCE, GraphPolicies

from bot.reset_rules.facts import Policy, PolicyKind, Value
from bot.simulation import World
from bot.simulation.graph import policies
from bot.simulation.people import identity
from bot.tenant.graph import Graph
from tests.deadlines import GENEROUS
from tests.simulation.clients import real_graph

CATALOG, INTENTS = "graph/beta/deviceManagement/configurationPolicies", "graph/beta/deviceManagement/intents"
TEMPLATES = "graph/beta/deviceManagement/deviceConfigurations"


@pytest.fixture
async def graph(world: World) -> AsyncIterator[Graph]:
    """The real client."""
    async with real_graph(world) as client:
        yield client


def add(world: World, name: str = "Hello", **how: Any) -> str:
    """A policy of the settings catalog that sets it; its id."""
    policy = policies.recovery_policy(identity("catalog", name), name, **how)
    world.tenant.catalog[policy["id"]] = policy
    return str(policy["id"])


async def test_a_tenant_without_any_has_none(graph: Graph) -> None:
    assert await GraphPolicies(graph).others() == ()


@pytest.mark.parametrize("scope", ["device", "user"])
@pytest.mark.parametrize("family", ["none", "endpointSecurityAccountProtection", "baseline"])
@pytest.mark.parametrize(("value", "wanted"), [(True, Value.ON), (False, Value.OFF)])
async def test_a_catalog_policy_is_found_with_its_value_whatever_it_was_made_from(
    world: World, graph: Graph, scope: Any, family: str, value: bool, wanted: Value
) -> None:
    add(world, scope=scope, family=family, value=value)
    assert await GraphPolicies(graph).others() == (Policy(PolicyKind.CATALOG, wanted, "Hello"),)


async def test_devices_and_users_may_get_different_values(world: World, graph: Graph) -> None:
    policy = world.tenant.catalog[add(world)]
    policy["settings"] += policies.recovery_policy("", "", scope="user", value=False)["settings"]
    assert await GraphPolicies(graph).others() == (Policy(PolicyKind.CATALOG, Value.MIXED, "Hello"),)


async def test_a_value_that_is_not_understood_is_not_known(world: World, graph: Graph) -> None:
    group = world.tenant.catalog[add(world)]["settings"][0]["settingInstance"]
    group["groupSettingCollectionValue"][0]["children"][1]["choiceSettingValue"] = None
    assert await GraphPolicies(graph).others() == (Policy(PolicyKind.CATALOG, Value.UNREAD, "Hello"),)


async def test_the_old_template_and_the_old_intents_are_found(world: World, graph: Graph) -> None:
    for name, recovery in (("Old on", True), ("Old off", False)):
        template = policies.identity_protection(identity("template", name), name, recovery=recovery)
        intent = policies.intent(identity("intent", name), name, recovery=recovery)
        world.tenant.profiles[template["id"]], world.tenant.intents[intent["id"]] = template, intent
    assert set(await GraphPolicies(graph).others()) == {
        Policy(kind, value, name)
        for kind in (PolicyKind.TEMPLATE, PolicyKind.INTENT)
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
    assert await GraphPolicies(graph).others() == ()
    assert world.faults.count(f"{CATALOG}/{policy}") == 0


@pytest.mark.parametrize("status", [400, 403, 404, 500])
async def test_one_policy_that_can_not_be_read_is_named_and_the_others_are_read(
    world: World, graph: Graph, status: int
) -> None:
    bad, intent = add(world, "Bad"), next(iter(world.tenant.intents))
    add(world, "Good")
    world.faults.fail(f"{CATALOG}/{bad}", status)
    world.faults.fail(f"{INTENTS}/{intent}", status)
    assert set(await GraphPolicies(graph).others()) == {
        Policy(PolicyKind.CATALOG, Value.UNREAD, "Bad"),
        Policy(PolicyKind.CATALOG, Value.ON, "Good"),
        Policy(PolicyKind.INTENT, Value.UNREAD, world.tenant.intents[intent]["displayName"]),
    }


async def test_a_policy_of_too_many_pages_is_not_known(world: World, graph: Graph) -> None:
    policy = world.tenant.catalog[add(world, "Endless")]
    policy["settings"] = policy["settings"] * 150
    world.tenant.page_size = 7
    assert await GraphPolicies(graph).others() == (Policy(PolicyKind.CATALOG, Value.UNREAD, "Endless"),)


@pytest.mark.parametrize(
    ("place", "kind"),
    [(CATALOG, PolicyKind.CATALOG), (INTENTS, PolicyKind.INTENT), (TEMPLATES, PolicyKind.TEMPLATE)],
)
async def test_a_list_that_can_not_be_read_may_hold_anything(
    world: World, graph: Graph, place: str, kind: PolicyKind
) -> None:
    world.faults.fail(place, 403)
    assert await GraphPolicies(graph).others() == (Policy(kind, Value.UNREAD),)


async def test_what_does_not_answer_is_given_up_and_the_rest_is_told(
    world: World, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(world, "Hangs")
    listed = await graph.catalog_policies()

    async def at_once() -> Any:
        return listed

    monkeypatch.setattr(graph, "catalog_policies", at_once)
    monkeypatch.setattr(graph, "deadlines", replace(GENEROUS, policies=0.05))
    world.faults.hang("graph")
    assert {(one.kind, one.value, one.name) for one in await GraphPolicies(graph).others()} >= {
        (PolicyKind.CATALOG, Value.UNREAD, "Hangs"),
        (PolicyKind.INTENT, Value.UNREAD, ""),
        (PolicyKind.TEMPLATE, Value.UNREAD, ""),
    }
    world.faults.clear()


async def test_so_many_are_read_at_once_and_no_more(
    world: World, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(MOST_AT_ONCE * 3):
        add(world, f"Policy {number}")
    running, most, read = 0, 0, graph.catalog_settings

    async def counted(policy_id: str) -> Any:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        found = await read(policy_id)
        running -= 1
        return found

    monkeypatch.setattr(graph, "catalog_settings", counted)
    assert len(await GraphPolicies(graph).others()) == MOST_AT_ONCE * 3
    assert 1 < most <= MOST_AT_ONCE


async def test_a_policy_is_read_again_only_when_it_has_changed(world: World, graph: Graph) -> None:
    known, policy = GraphPolicies(graph), add(world)
    add(world, "Other")
    await known.others()
    world.faults.forget()
    assert len(await known.others()) == 2
    assert world.faults.count(f"{CATALOG}/") == world.faults.count(f"{INTENTS}/") == 0
    world.tenant.catalog[policy] = policies.recovery_policy(policy, "Hello", value=False)
    assert Policy(PolicyKind.CATALOG, Value.OFF, "Hello") in await known.others()
    assert world.faults.count(f"{CATALOG}/") == 1
    del world.tenant.catalog[policy]
    assert [one.name for one in await known.others()] == ["Other"]


async def test_what_could_not_be_read_is_read_again(world: World, graph: Graph) -> None:
    known = GraphPolicies(graph)
    world.faults.fail(f"{CATALOG}/{add(world)}", 403, calls=1)
    assert [one.value for one in await known.others()] == [Value.UNREAD]
    assert [one.value for one in await known.others()] == [Value.ON]


async def test_without_memory_each_is_read_anew(world: World, graph: Graph) -> None:
    known, policy = GraphPolicies(graph, remember=False), add(world)
    for _ in range(2):
        await known.others()
    assert world.faults.count(f"{CATALOG}/{policy}") == 2
