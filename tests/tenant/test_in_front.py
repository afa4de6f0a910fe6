"""Which of a person's PCs is shown first, and what Graph says of each: virtual, deleted or renamed ones are told."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.reset_rules.facts import MOST_SHOWN, Device, DeviceKind, Edition, Join, Recovery, in_front
from bot.simulation import World
from bot.simulation.people import Employee, SimulatedDevice
from bot.simulation.state import add_person
from bot.tenant.devices import GraphDevices
from tests.simulation.clients import real_graph


@pytest.fixture
async def tenant(world: World) -> AsyncIterator[GraphDevices]:
    """The real look-up over the real Graph client."""
    async with real_graph(world) as graph:
        yield GraphDevices(graph, world.tenant.id, time.monotonic)


def _everywhere(world: World) -> None:
    """The profile goes to all devices, so that no group says what may be expected."""
    target = {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}
    for profile, rows in world.tenant.assignments.items():
        if any("omaSettings" in one for one in (world.tenant.profiles.get(profile, {}),)):
            world.tenant.assignments[profile] = [{**rows[0], "target": target}]


async def _found(world: World, tenant: GraphDevices, *pcs: SimulatedDevice) -> tuple[Device, ...]:
    person = Employee("x", "X", "contoso.example", devices=tuple(replace(pc, owner="x") for pc in pcs))
    add_person(world.tenant, person)
    return (await tenant.inventory(person.object_id)).devices


def _pc(name: str = "PC", **more: Any) -> SimulatedDevice:
    return SimulatedDevice(name, "x", **more)


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        (_pc("CPC", model="Cloud PC Enterprise 2vCPU/8GB/128GB"), DeviceKind.CLOUD_PC),
        (_pc("CPC", model="cloud pc frontline"), DeviceKind.CLOUD_PC),
        (_pc("AVD", model="Virtual Machine", sku=175), DeviceKind.SESSION_HOST),
        (_pc("AVD", sku=175), DeviceKind.SESSION_HOST),
        (_pc("AVD", sku=0, family="ServerRdsh"), DeviceKind.SESSION_HOST),
        (_pc("VM", model="Virtual Machine"), DeviceKind.VIRTUAL),
        (_pc("SRV", sku=8), DeviceKind.SERVER),
        (_pc("SRV", sku=0, os="Windows Server", version="10.0.20348.1"), DeviceKind.SERVER),
    ],
)
async def test_what_runs_elsewhere_is_named_and_never_the_default(
    world: World, tenant: GraphDevices, other: SimulatedDevice, kind: DeviceKind
) -> None:
    devices = await _found(world, tenant, other, _pc("DESK", unseen_days=20))
    assert {device.name: device.kind for device in devices} == {other.name: kind, "DESK": DeviceKind.PC}
    first = in_front(devices)
    assert first
    assert first.name == "DESK"
    assert in_front(device for device in devices if device.kind is not DeviceKind.PC) is None


@pytest.mark.parametrize(
    "pc", [_pc(sku=175), _pc(sku=203), _pc(sku=202), _pc(sku=7), _pc(sku=0, family="CloudEdition")]
)
async def test_of_editions_that_nobody_names_nothing_is_promised(
    world: World, tenant: GraphDevices, pc: SimulatedDevice
) -> None:
    _everywhere(world)
    (device,) = await _found(world, tenant, pc)
    assert device.recovery is Recovery.UNKNOWN


@pytest.mark.parametrize("pc", [_pc(), _pc(sku=48), _pc(sku=0, family="Pro"), _pc(model="Cloud PC Enterprise")])
async def test_of_those_that_are_named_it_is(world: World, tenant: GraphDevices, pc: SimulatedDevice) -> None:
    _everywhere(world)
    (device,) = await _found(world, tenant, pc)
    assert device.recovery is Recovery.READY


@pytest.mark.parametrize("everywhere", [True, False])
async def test_a_pc_that_was_deleted_in_entra_is_called_so_and_promised_nothing(
    world: World, tenant: GraphDevices, everywhere: bool
) -> None:
    if everywhere:
        _everywhere(world)
    devices = await _found(world, tenant, _pc("GONE", deleted=True), _pc("HERE", unseen_days=9))
    assert {device.name: device.deleted for device in devices} == {"GONE": True, "HERE": False}
    assert {device.recovery for device in devices if device.deleted} == {Recovery.UNKNOWN}
    first = in_front(devices)
    assert first
    assert first.name == "HERE"


async def test_a_pc_whose_id_was_never_told_is_not_called_deleted(world: World, tenant: GraphDevices) -> None:
    (device,) = await _found(world, tenant, _pc(in_entra=False))
    assert not device.deleted


@pytest.mark.parametrize("more", [{"twin": "same"}, {"twin": "own"}, {"twin": "same", "trust": "ServerAd"}])
async def test_a_renamed_pc_and_its_registered_twin_are_one(
    world: World, tenant: GraphDevices, more: dict[str, Any]
) -> None:
    (device,) = await _found(world, tenant, _pc("NEW", entra_name="OLD", **more))
    assert (device.name, device.other_names) == ("NEW", frozenset({"old"}))
    assert device.join in {Join.ENTRA, Join.HYBRID}


async def test_a_twin_under_an_old_name_of_a_hybrid_pc_is_known_once_entra_was_asked(
    world: World, tenant: GraphDevices
) -> None:
    (device,) = await _found(world, tenant, _pc("NEW", entra_name="OLD", twin="own", trust="ServerAd"))
    assert (device.name, device.join) == ("NEW", Join.HYBRID)


@pytest.mark.parametrize("old_name", ["", "OLD"])
async def test_the_twin_of_a_deleted_pc_does_not_stand_for_it(
    world: World, tenant: GraphDevices, old_name: str
) -> None:
    first = in_front(await _found(world, tenant, _pc("NEW", deleted=True, entra_name=old_name, twin="own")))
    assert first
    assert (first.name, first.deleted) == ("NEW", True)


async def test_who_manages_comes_before_who_does_not(world: World, tenant: GraphDevices) -> None:
    devices = await _found(world, tenant, _pc("HOME", trust="Workplace", in_intune=False), _pc("DESK", unseen_days=3))
    assert [device.name for device in devices] == ["DESK", "HOME"]


@pytest.mark.parametrize("version", ["0.0.0.0", "", "10.0.0.0", "10.0", "0", "10.0.9.9", "10.0.abc.1", "10.0.²0045"])
@pytest.mark.parametrize(
    ("entra", "build"),
    [("10.0.19045.6456", 19045), ("10.0 (22631)", 22631), ("6.1.7601.1", 7601), ("0.0.0.0", None), ("unknown", None)],
)
async def test_a_version_that_says_nothing_is_unknown_and_entra_is_asked(
    world: World, tenant: GraphDevices, version: str, entra: str, build: int | None
) -> None:
    (device,) = await _found(world, tenant, _pc(version=version, entra_version=entra))
    assert device.build == build


@pytest.mark.parametrize(
    ("sku", "family", "edition", "ltsc", "iot"),
    [
        (None, "Pro", Edition.PRO, False, False),
        (0, "Professional", Edition.PRO, False, False),
        (0, "Enterprise", Edition.ENTERPRISE, False, False),
        (0, "EnterpriseS", Edition.ENTERPRISE, True, False),
        (0, "IoTEnterpriseS", Edition.ENTERPRISE, True, True),
        (0, "Education", Edition.EDUCATION, False, False),
        (0, "Core", Edition.HOME, False, False),
        (0, "Something new", Edition.UNKNOWN, False, False),
        (999, "Pro", Edition.PRO, False, False),
        (48, "Enterprise", Edition.PRO, False, False),  # the number is the more exact
        (129, "", Edition.ENTERPRISE, True, False),
        (140, "", Edition.ENTERPRISE, False, False),
        (206, "", Edition.ENTERPRISE, False, False),
        (207, "", Edition.ENTERPRISE, True, True),
    ],
)
async def test_the_edition_is_told_by_its_number_or_else_by_its_name(
    world: World, tenant: GraphDevices, sku: int | None, family: str, edition: Edition, ltsc: bool, iot: bool
) -> None:
    (device,) = await _found(world, tenant, _pc(sku=sku, family=family))
    assert (device.edition, device.ltsc, device.iot) == (edition, ltsc, iot)


async def test_each_of_fifty_pcs_can_be_read_and_only_those_that_are_shown_cost_a_look(
    world: World, tenant: GraphDevices
) -> None:
    person = world.company.people["many-pcs"].object_id
    looks = "graph/beta/deviceManagement/managedDevices"
    first = await tenant.inventory(person)
    assert len(first.devices) == 50
    assert [device.read for device in first.devices] == [True] * MOST_SHOWN + [False] * 42
    assert world.faults.count(looks) == MOST_SHOWN
    assert await tenant.inventory(person, [first.devices[3].reference]) == first
    for device in (first.devices[8], first.devices[49]):
        assert device.recovery is Recovery.UNKNOWN
        found = next(
            one
            for one in (await tenant.inventory(person, [device.reference])).devices
            if one.reference == device.reference
        )
        assert (found.read, found.name, found.recovery) == (True, device.name, Recovery.READY)
    assert world.faults.count(looks) == MOST_SHOWN + 2
    assert world.faults.count(f"graph/v1.0/users/{person}/managedDevices") == 1


async def test_a_reference_of_nobody_reads_what_no_reference_does(world: World, tenant: GraphDevices) -> None:
    person = world.company.people["many-pcs"].object_id
    assert await tenant.inventory(person, ["0" * 16]) == await tenant.inventory(person)
