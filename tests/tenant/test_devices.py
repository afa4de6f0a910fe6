"""A person's devices as the bot's real clients find them: few round trips, no stranger's PC, the right Entra object."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.errors import NotFound, NotPermitted, TenantUnreachable
from bot.reset_rules.facts import DeviceKind, Edition, Join, Management, Platform, Recovery
from bot.simulation import World, people, simulate
from bot.simulation.graph import policies
from bot.simulation.objects import intune
from bot.simulation.people import Employee, SimulatedDevice, identity
from bot.simulation.state import add_person
from bot.tenant.coverage import TENANT_SECONDS
from bot.tenant.devices import PERSON_SECONDS, GraphDevices
from tests.simulation.clients import real_graph

MOST_ROUND_TRIPS = 3
MOST_CALLS_OF_THE_NEXT, MOST_CALLS_OF_FIFTY = 8, 15

# The least that a device's card needs, with the optional ones (README, Permissions).
READING = {
    *("DeviceManagementManagedDevices.Read.All", "Device.Read.All", "User.Read.All", "GroupMember.Read.All"),
    *("Application.Read.All", "DeviceManagementConfiguration.Read.All"),
    *("Domain.Read.All", "UserAuthMethod-WindowsHello.Read.All"),
}


class Clock:
    """Time is given."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Moved by the test."""
    return Clock()


@pytest.fixture
async def tenant(world: World, clock: Clock) -> AsyncIterator[GraphDevices]:
    """The real look-up over the real Graph client."""
    async with real_graph(world) as graph:
        yield GraphDevices(graph, world.tenant.id, clock)


def _add(world: World, key: str, *devices: SimulatedDevice, **more: Any) -> str:
    person = Employee(key, key.title(), "contoso.example", devices=devices, **more)
    world.company.people[key] = person
    add_person(world.tenant, person)
    return person.object_id


def _id(world: World, key: str = "user") -> str:
    return world.company.people[key].object_id


@pytest.mark.parametrize(
    ("sku", "edition", "ltsc", "iot"),
    [
        (4, Edition.ENTERPRISE, False, False),
        (125, Edition.ENTERPRISE, True, False),
        (188, Edition.ENTERPRISE, False, False),  # IoT Enterprise, but no LTSC
        (191, Edition.ENTERPRISE, True, True),
        (205, Edition.ENTERPRISE, True, True),
        (48, Edition.PRO, False, False),
        (None, Edition.UNKNOWN, False, False),
    ],
)
async def test_the_ltsc_for_iot_is_told_from_the_other_one(
    world: World, tenant: GraphDevices, sku: int | None, edition: Edition, ltsc: bool, iot: bool
) -> None:
    person = _add(world, "iot", SimulatedDevice("CON-IN-0900", "iot", version="10.0.19044.6456", sku=sku))
    (device,) = (await tenant.inventory(person)).devices
    assert (device.edition, device.ltsc, device.iot) == (edition, ltsc, iot)


async def test_an_ordinary_pc_is_found_with_all_that_decides(world: World, tenant: GraphDevices) -> None:
    found = await tenant.inventory(_id(world))
    (device,) = found.devices
    assert (device.name, device.platform, device.join) == ("CON-LT-0142", Platform.WINDOWS, Join.ENTRA)
    assert (device.build, device.edition, device.ltsc) == (26100, Edition.ENTERPRISE, False)
    assert (device.management, device.recovery, device.enabled) == (Management.INTUNE, Recovery.READY, True)
    account = found.account
    assert (account.display_name, account.guest, account.federated, account.hello_key) == (
        "Uma Keller",
        False,
        False,
        True,
    )


@pytest.mark.parametrize("key", ["user", "several", "two-objects", "nothing"])
async def test_a_cold_answer_takes_three_round_trips_at_most(world: World, tenant: GraphDevices, key: str) -> None:
    world.faults.slow("graph", 0.25)  # calls that go out together overlap; those that wait for an answer do not
    await tenant.inventory(_id(world, key))
    assert max(one.depth for one in world.faults.seen) <= MOST_ROUND_TRIPS
    assert world.faults.count("graph") > MOST_ROUND_TRIPS


async def test_the_next_person_costs_no_call_for_what_holds_for_everybody(world: World, tenant: GraphDevices) -> None:
    await tenant.inventory(_id(world))
    world.faults.forget()
    await tenant.inventory(_id(world, "admin"))
    paths = [one.path for one in world.faults.seen]
    assert len(paths) <= MOST_CALLS_OF_THE_NEXT
    assert not [path for path in paths if not re.search("/users/|/devices|/managedDevices/", path)]


async def test_fifty_registered_pcs_cost_hardly_more_calls_than_one(world: World, tenant: GraphDevices) -> None:
    names = (f"CON-BY-{number}" for number in range(50))
    devices = (SimulatedDevice(name, "fifty", trust="Workplace", in_intune=False) for name in names)
    person = _add(world, "fifty", *devices)
    await tenant.inventory(_id(world))
    world.faults.forget()
    assert len((await tenant.inventory(person)).devices) == 50
    assert world.faults.count("graph") <= MOST_CALLS_OF_FIFTY


async def test_a_warm_answer_takes_none_until_it_is_old(world: World, tenant: GraphDevices, clock: Clock) -> None:
    first = await tenant.inventory(_id(world))
    world.faults.forget()
    assert await tenant.inventory(_id(world)) == first
    assert world.faults.count() == 0
    clock.now += PERSON_SECONDS + TENANT_SECONDS
    assert (await tenant.inventory(_id(world))) == first
    assert world.faults.count("graph") > 0


async def test_concurrent_questions_of_one_person_share_one_look_up(world: World, tenant: GraphDevices) -> None:
    answers = await asyncio.gather(*(tenant.inventory(_id(world)) for _ in range(20)))
    assert all(answer == answers[0] for answer in answers)
    assert world.faults.count(f"graph/v1.0/users/{_id(world)}/managedDevices") == 1


async def test_people_share_the_look_up_of_apps_and_profile(world: World, tenant: GraphDevices) -> None:
    await asyncio.gather(*(tenant.inventory(_id(world, key)) for key in ("user", "admin", "several")))
    assert [one.path for one in world.faults.seen].count("/v1.0/servicePrincipals") == 1
    assert world.faults.count("graph/v1.0/deviceManagement/deviceConfigurations") == 1


async def test_who_gives_up_does_not_stop_the_look_up_for_others(world: World, tenant: GraphDevices) -> None:
    world.faults.hang("graph")
    patient = asyncio.ensure_future(tenant.inventory(_id(world)))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await tenant.inventory(_id(world))
    world.faults.clear()
    assert (await patient).devices


async def test_nobody_sees_a_strangers_device_even_when_intune_sends_them_all(
    world: World, tenant: GraphDevices
) -> None:
    world.tenant.ignore_owner = True
    found = await tenant.inventory(_id(world))
    assert [device.name for device in found.devices] == ["CON-LT-0142"]
    assert (await tenant.inventory(_id(world, "nothing"))).devices == ()


async def test_everybodys_devices_come_in_pages_and_none_is_lost(world: World, tenant: GraphDevices) -> None:
    world.tenant.ignore_owner, world.tenant.page_size = True, 7
    found = await tenant.inventory(_id(world, "several"))
    assert len(found.devices) == 3
    assert world.faults.count(f"graph/v1.0/users/{_id(world, 'several')}/managedDevices") > 1


@pytest.mark.parametrize("twin", ["same", "own"])
async def test_of_two_entra_objects_of_a_hybrid_pc_the_hybrid_one_decides(
    world: World, tenant: GraphDevices, twin: Any
) -> None:
    pc = SimulatedDevice("CON-LT-0900", "twins", trust="ServerAd", twin=twin)
    owner = _add(world, "twins", pc)
    world.tenant.members[world.company.groups["pilot"].id].add(pc.object_id)
    found = await tenant.inventory(owner)
    assert [(device.name, device.join, device.recovery) for device in found.devices] == [
        ("CON-LT-0900", Join.HYBRID, Recovery.READY)
    ]


async def test_a_registered_pc_of_another_name_is_a_device_of_its_own(world: World, tenant: GraphDevices) -> None:
    owner = _add(
        world,
        "byod",
        SimulatedDevice("CON-LT-0901", "byod"),
        SimulatedDevice("HOME-PC", "byod", trust="Workplace", in_intune=False, unseen_days=9),
    )
    found = await tenant.inventory(owner)
    assert [(device.name, device.join, device.management) for device in found.devices] == [
        ("CON-LT-0901", Join.ENTRA, Management.INTUNE),
        ("HOME-PC", Join.REGISTERED, Management.NONE),
    ]


async def test_two_managed_pcs_of_one_name_stay_two(world: World, tenant: GraphDevices) -> None:
    owner = _add(world, "renamed", SimulatedDevice("CON-LT-0902", "renamed"))
    twin = SimulatedDevice("CON-LT-0902", "renamed too")
    world.tenant.managed_devices[twin.managed_id] = {
        **next(row for row in world.tenant.managed_devices.values() if row["userId"] == owner),
        "id": twin.managed_id,
        "azureADDeviceId": twin.device_id,
    }
    assert len((await tenant.inventory(owner)).devices) == 2


async def test_what_entra_does_not_know_has_no_known_join(world: World, tenant: GraphDevices) -> None:
    owner = _add(world, "unjoined", SimulatedDevice("CON-LT-0903", "unjoined", in_entra=False))
    (device,) = (await tenant.inventory(owner)).devices
    assert (device.join, device.recovery) == (Join.UNKNOWN, Recovery.UNKNOWN)


async def test_a_guest_and_a_federated_person_are_told_apart(world: World, tenant: GraphDevices) -> None:
    assert (await tenant.inventory(_id(world, "guest"))).account.guest
    assert (await tenant.inventory(_id(world, "federated"))).account.federated
    assert (await tenant.inventory(_id(world, "no-key"))).account.hello_key is False


async def test_without_the_optional_permissions_the_answer_says_what_it_does_not_know(world: World) -> None:
    world.tenant.permissions = READING - {"Domain.Read.All", "UserAuthMethod-WindowsHello.Read.All"}
    async with real_graph(world) as graph:
        found = await GraphDevices(graph, world.tenant.id, time.monotonic).inventory(_id(world))
    assert (found.account.federated, found.account.hello_key) == (None, None)
    assert found.devices[0].recovery is Recovery.READY


async def test_without_sight_of_the_profiles_recovery_is_unknown_and_never_guessed(world: World) -> None:
    world.tenant.permissions = READING - {"DeviceManagementConfiguration.Read.All"}
    async with real_graph(world) as graph:
        found = await GraphDevices(graph, world.tenant.id, time.monotonic).inventory(_id(world))
    assert found.devices[0].recovery is Recovery.UNKNOWN


@pytest.mark.parametrize("permission", ["DeviceManagementManagedDevices.Read.All", "User.Read.All", "Device.Read.All"])
async def test_without_a_permission_that_it_needs_nothing_is_made_up(world: World, permission: str) -> None:
    world.tenant.permissions = READING - {permission}
    async with real_graph(world) as graph:
        with pytest.raises(NotPermitted):
            await GraphDevices(graph, world.tenant.id, time.monotonic).inventory(_id(world))


async def test_a_failure_is_not_remembered(world: World, tenant: GraphDevices) -> None:
    world.faults.reset("graph")
    with pytest.raises(TenantUnreachable):
        await tenant.inventory(_id(world))
    world.faults.clear()
    assert (await tenant.inventory(_id(world))).devices


async def test_somebody_who_is_not_in_the_tenant_is_not_found(world: World, tenant: GraphDevices) -> None:
    with pytest.raises(NotFound):
        await tenant.inventory("00000000-0000-0000-0000-00000000dead")


async def test_a_fresh_tenant_offers_no_recovery() -> None:
    async with simulate("fresh", company=people.load()) as world, real_graph(world) as graph:
        tenant = GraphDevices(graph, world.tenant.id, time.monotonic)
        assert (await tenant.inventory(_id(world))).devices[0].recovery is Recovery.NONE
        assert await tenant.sources.read() == ()


async def test_covered_without_the_apps_is_the_policy_only(world: World, tenant: GraphDevices) -> None:
    world.tenant.service_principals.popitem()
    assert (await tenant.inventory(_id(world))).devices[0].recovery is Recovery.POLICY_ONLY


async def test_the_membership_of_a_nested_group_counts(world: World, tenant: GraphDevices) -> None:
    pc = SimulatedDevice("CON-LT-0904", "nested")
    owner = _add(world, "nested", pc)
    finance = world.company.groups["finance"].id
    world.tenant.members[finance].add(pc.object_id)
    world.tenant.members[world.company.groups["pilot"].id].add(finance)
    assert (await tenant.inventory(owner)).devices[0].recovery is Recovery.READY


async def test_a_graph_that_throttles_is_left_in_peace_and_who_asks_is_told_at_once(world: World, clock: Clock) -> None:
    async with real_graph(world, clock) as graph:
        tenant = GraphDevices(graph, world.tenant.id, clock)
        world.faults.throttle("graph/v1.0/users", retry_after="1", calls=1)
        assert await tenant.inventory(_id(world))  # the SDK waits as asked and tries again
        world.faults.forget()
        with pytest.raises(TenantUnreachable):
            await tenant.inventory(_id(world, "several"))
        assert world.faults.count("graph") == 0
        assert await tenant.inventory(_id(world))  # known already
        clock.now += 1.0
        assert await tenant.inventory(_id(world, "several"))


def _uncovered(world: World) -> None:
    """No custom profile is left."""
    world.tenant.profiles = {key: one for key, one in world.tenant.profiles.items() if "omaSettings" not in one}


def _set_elsewhere(world: World, where: str, group: str = "", *, value: bool = True) -> str:
    """For a group, for "everybody" or for nobody; its id."""
    key = identity("elsewhere", where)
    everybody = group == "everybody"
    row = intune.everybody(key) if everybody else intune.assignment(key, group)
    world.tenant.assignments[key] = [row] if group else []
    if where == "template":
        world.tenant.profiles[key] = policies.identity_protection(key, where, recovery=value)
    elif where == "intent":
        world.tenant.intents[key] = policies.intent(key, where, recovery=value)
    else:
        world.tenant.catalog[key] = policies.recovery_policy(key, where, family=where, value=value)
    return key


async def _state(world: World, tenant: GraphDevices, key: str = "user") -> Recovery:
    return (await tenant.inventory(_id(world, key))).devices[0].recovery


async def test_only_where_everything_was_looked_at_and_nothing_may_set_it_is_it_certain(
    world: World, tenant: GraphDevices
) -> None:
    _uncovered(world)
    assert await _state(world, tenant) is Recovery.NONE


ELSEWHERE = ["none", "endpointSecurityAccountProtection", "template", "intent"]


@pytest.mark.parametrize("where", ELSEWHERE)
async def test_who_is_covered_by_any_right_source_is_covered(world: World, tenant: GraphDevices, where: str) -> None:
    """By its own assignments: the page of Microsoft names the settings catalog first."""
    _uncovered(world)
    windows, pilot = (world.company.groups[key].id for key in ("windows", "pilot"))
    key = _set_elsewhere(world, where, windows)
    assert await _state(world, tenant) is Recovery.READY
    world.tenant.assignments[key].append(intune.assignment(key, pilot, excluded=True))
    world.tenant.service_principals.popitem()
    again = GraphDevices(tenant._graph, world.tenant.id, time.monotonic)
    assert await _state(world, again) is Recovery.NONE
    assert await _state(world, again, "not-covered") is Recovery.POLICY_ONLY


@pytest.mark.parametrize("where", ELSEWHERE)
async def test_a_source_that_is_assigned_to_nobody_covers_nobody(
    world: World, tenant: GraphDevices, where: str
) -> None:
    _uncovered(world)
    _set_elsewhere(world, where)
    assert await _state(world, tenant) is Recovery.NONE


@pytest.mark.parametrize("where", ELSEWHERE)
async def test_assignments_that_were_not_read_are_unknown_and_never_none(
    world: World, tenant: GraphDevices, where: str
) -> None:
    _uncovered(world)
    key = _set_elsewhere(world, where, "everybody")
    place = {"template": "deviceConfigurations", "intent": "intents"}.get(where, "configurationPolicies")
    world.faults.fail(f"graph/beta/deviceManagement/{place}/{key}/assignments", 403)
    assert await _state(world, tenant) is Recovery.UNKNOWN


@pytest.mark.parametrize(
    "place", ["configurationPolicies", "intents", "deviceConfigurations?", "configurationPolicies/", "intents/"]
)
@pytest.mark.parametrize("status", [403, 404, 500])
async def test_what_can_not_be_read_is_unknown_and_never_no(
    world: World, tenant: GraphDevices, place: str, status: int
) -> None:
    _uncovered(world)
    world.faults.fail(f"graph/beta/deviceManagement/{place.removesuffix('?')}", status)
    assert await _state(world, tenant) is Recovery.UNKNOWN


@pytest.mark.parametrize("where", ["none", "intent"])
async def test_a_covered_pc_stays_so_until_another_policy_sets_something_else_there(
    world: World, tenant: GraphDevices, clock: Clock, where: str
) -> None:
    _set_elsewhere(world, where, "everybody")
    assert await _state(world, tenant) is Recovery.READY
    _set_elsewhere(world, where, world.company.groups["kiosks"].id, value=False)
    clock.now += TENANT_SECONDS
    assert await _state(world, tenant) is Recovery.READY  # elsewhere it does no harm
    _set_elsewhere(world, where, "everybody", value=False)
    clock.now += TENANT_SECONDS
    assert await _state(world, tenant) is Recovery.UNKNOWN


async def test_a_policy_that_can_not_be_read_is_no_promise_to_who_is_covered(
    world: World, tenant: GraphDevices
) -> None:
    firewall = next(iter(world.tenant.catalog))
    world.tenant.assignments[firewall] = [intune.everybody(firewall)]
    world.faults.fail(f"graph/beta/deviceManagement/configurationPolicies/{firewall}/settings", 403)
    assert await _state(world, tenant) is Recovery.UNKNOWN


@pytest.mark.parametrize(("switched", "wanted"), [(True, Recovery.READY), (False, Recovery.UNKNOWN)])
@pytest.mark.parametrize("told", [True, False])
async def test_a_co_managed_pc_is_covered_only_where_its_device_configuration_is_intunes(
    world: World, tenant: GraphDevices, switched: bool, wanted: Recovery, told: bool
) -> None:
    agent = "configurationManagerClientMdm"
    pc = SimulatedDevice("PC", "x", trust="ServerAd", agent=agent, configured_by_intune=switched)
    owner = _add(world, "x", pc)
    if not told:
        world.tenant.managed_devices[pc.managed_id]["configurationManagerClientEnabledFeatures"] = None
    _set_elsewhere(world, "none", "everybody")
    (device,) = (await tenant.inventory(owner)).devices
    assert device.recovery is (wanted if told else Recovery.UNKNOWN)
    by = Management.CO_MANAGED if switched and told else Management.CONFIGURATION_MANAGER
    assert device.management is by


@pytest.mark.parametrize("agent", ["msSense", "unknown", "intuneClient", "configurationManagerClient", "of tomorrow"])
async def test_what_an_agent_takes_from_intune_is_not_guessed(world: World, tenant: GraphDevices, agent: str) -> None:
    owner = _add(world, "x", SimulatedDevice("PC", "x", agent=agent))
    _set_elsewhere(world, "none", "everybody")
    assert (await tenant.inventory(owner)).devices[0].recovery is Recovery.UNKNOWN


async def test_a_host_of_many_sessions_is_promised_nothing(world: World, tenant: GraphDevices) -> None:
    owner = _add(world, "x", SimulatedDevice("CON-AVD-03", "x", sku=175))
    _set_elsewhere(world, "none", "everybody")
    (device,) = (await tenant.inventory(owner)).devices
    assert (device.kind, device.recovery) == (DeviceKind.SESSION_HOST, Recovery.UNKNOWN)


@pytest.mark.parametrize("group_policy", [True, False])
async def test_whether_a_group_policy_may_be_at_work_is_the_operators_to_say(world: World, group_policy: bool) -> None:
    _uncovered(world)
    owner = _add(world, "x", SimulatedDevice("PC", "x", trust="ServerAd"))
    async with real_graph(world) as graph:
        tenant = GraphDevices(graph, world.tenant.id, time.monotonic, group_policy=group_policy)
        wanted = Recovery.UNKNOWN if group_policy else Recovery.NONE
        assert (await tenant.inventory(owner)).devices[0].recovery is wanted
        attached = _add(world, "y", SimulatedDevice("PC", "y", agent="configurationManagerClient"))
        assert (await tenant.inventory(attached)).devices[0].recovery is Recovery.UNKNOWN


@pytest.mark.parametrize(
    "pc",
    [
        SimulatedDevice("PC", "x", trust="ServerAd"),
        SimulatedDevice("PC", "x", in_entra=False),
        SimulatedDevice("PC", "x", in_intune=False),
        *(
            SimulatedDevice("PC", "x", agent=agent)
            for agent in ("configurationManagerClient", "configurationManagerClientMdm", "msSense", "unknown")
        ),
    ],
)
async def test_where_a_group_policy_or_another_management_may_set_it_nothing_is_certain(
    world: World, tenant: GraphDevices, pc: SimulatedDevice
) -> None:
    _uncovered(world)
    (device,) = (await tenant.inventory(_add(world, "x", pc))).devices
    assert device.recovery is Recovery.UNKNOWN


@pytest.mark.parametrize("value", [True, False])
async def test_a_row_for_users_leaves_it_to_the_pc(world: World, tenant: GraphDevices, value: bool) -> None:
    (profile,) = (one for one in world.tenant.profiles.values() if "omaSettings" in one)
    row = dict(profile["omaSettings"][0])
    row |= {"omaUri": row["omaUri"].replace("./Device", "./User"), "value": value}
    profile["omaSettings"] = [row] if value else [*profile["omaSettings"], row]
    assert await _state(world, tenant) is Recovery.UNKNOWN
    if value:
        assert await _state(world, tenant, "not-covered") is Recovery.NONE


async def test_all_people_share_one_look_at_the_other_policies(
    world: World, tenant: GraphDevices, clock: Clock
) -> None:
    await asyncio.gather(*(tenant.inventory(_id(world, key)) for key in ("user", "admin", "several")))
    await tenant.inventory(_id(world, "federated"))
    assert world.faults.count("graph/beta/deviceManagement/configurationPolicies/") == 1
    clock.now += TENANT_SECONDS
    await tenant.inventory(_id(world, "kiosk"))
    assert world.faults.count("graph/beta/deviceManagement/configurationPolicies/") == 1  # it has not changed


async def test_the_person_is_known_before_the_other_policies_are(world: World, tenant: GraphDevices) -> None:
    world.faults.hang("graph/beta/deviceManagement/configurationPolicies")
    whole = asyncio.ensure_future(tenant.inventory(_id(world)))
    (device,) = (await tenant.so_far(_id(world))).devices
    assert (device.name, device.recovery) == ("CON-LT-0142", Recovery.UNKNOWN)
    assert not whole.done()
    world.faults.clear()
    assert (await whole).devices[0].recovery is Recovery.READY


async def test_a_graph_that_throttles_is_not_asked_for_the_other_policies(world: World, clock: Clock) -> None:
    async with real_graph(world, clock) as graph:
        tenant = GraphDevices(graph, world.tenant.id, clock)
        assert await _state(world, tenant) is Recovery.READY
        clock.now += TENANT_SECONDS
        world.faults.throttle("graph/v1.0/users", retry_after="1", calls=1)
        await graph.user(_id(world))
        world.faults.forget()
        assert await _state(world, tenant) is Recovery.UNKNOWN
        assert world.faults.count("graph") == 0
