"""Graph's errors become ours at one edge; the log gets status and request ids and nothing else."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.errors import BotError, NotFound, NotPermitted, TenantRefused, TenantUnreachable
from bot.simulation import World
from bot.simulation.faults import Fault
from bot.tenant.client import MOST_GROUPS
from bot.tenant.graph import CONFIGURATIONS, Graph, assignments_of
from tests.deadlines import GENEROUS
from tests.simulation.clients import call, real_graph


@pytest.fixture
async def graph(world: World) -> AsyncIterator[Graph]:
    """The real client."""
    async with real_graph(world) as client:
        yield client


def _id(world: World, key: str = "user") -> str:
    return world.company.people[key].object_id


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, TenantRefused),
        (401, TenantRefused),
        (403, NotPermitted),
        (404, NotFound),
        (409, TenantRefused),
        (500, TenantUnreachable),
        (502, TenantUnreachable),
    ],
)
async def test_each_status_has_its_error(
    world: World, graph: Graph, caplog: pytest.LogCaptureFixture, status: int, error: type[BotError]
) -> None:
    world.faults.fail("graph", status)
    with caplog.at_level(logging.INFO, "bot"), pytest.raises(error):
        await graph.user(_id(world))
    (record,) = [one for one in caplog.records if one.name == "bot.tenant.client"]
    assert record.getMessage().startswith(f"graph: {status} request-id ")
    assert _id(world) not in record.getMessage()
    assert world.faults.count("graph") == 1


async def test_an_answer_that_is_no_answer_is_refused(world: World, graph: Graph) -> None:
    world.faults.fail("graph", 200)  # an error document where a user belongs
    with pytest.raises(TenantRefused):
        await graph.user(_id(world))


async def test_an_answer_that_never_comes_is_given_up(world: World) -> None:
    world.faults.hang("graph")
    async with real_graph(world, deadlines=replace(GENEROUS, read=0.05)) as graph:
        with pytest.raises(TenantUnreachable):
            await graph.user(_id(world))


async def test_a_throttle_longer_than_the_patience_is_an_unreachable_tenant(world: World) -> None:
    world.faults.throttle("graph", retry_after="120")
    async with real_graph(world, deadlines=replace(GENEROUS, read=0.2)) as graph:
        with pytest.raises(TenantUnreachable):
            await graph.user(_id(world))


async def test_the_next_page_is_never_fetched_from_another_host(world: World, graph: Graph) -> None:
    world.tenant.page_size, world.tenant.foreign_next_link = 1, "https://evil.example"
    with pytest.raises(TenantRefused):
        await graph.managed_devices(_id(world, "several"))


async def test_what_is_no_guid_never_becomes_part_of_an_address(world: World, graph: Graph) -> None:
    for hostile in ("../groups", "", "me", f"{_id(world)}/manager", "' or 1 eq 1"):
        with pytest.raises(NotFound):
            await graph.user(hostile)
        with pytest.raises(NotFound):
            await graph.entra_devices(hostile)
    assert world.faults.count() == 0


async def test_an_object_id_in_capitals_is_the_same_person(world: World, graph: Graph) -> None:
    assert len(await graph.managed_devices(_id(world).upper())) == 1


async def test_more_groups_than_one_call_takes_are_asked_in_several(world: World, graph: Graph) -> None:
    pilot = world.company.groups["pilot"].id
    others = [f"00000000-0000-0000-0000-{number:012}" for number in range(MOST_GROUPS * 2)]
    device = world.company.people["user"].devices[0].object_id
    assert await graph.groups_of_device(device, [pilot, *others]) == {pilot}
    assert world.faults.count(f"graph/v1.0/devices/{device}/checkMemberGroups") == 3


async def test_beta_is_asked_for_what_only_beta_knows(world: World, graph: Graph) -> None:
    device = world.company.people["ltsc"].devices[0]
    hardware = await graph.hardware(device.managed_id)
    assert (hardware.sku_number, hardware.join_type) == (125, "azureADJoined")
    profile = next(iter(world.tenant.assignments))
    rows = await graph.rows(assignments_of(CONFIGURATIONS, profile))
    assert [row["target"]["deviceAndAppManagementAssignmentFilterType"] for row in rows] == ["none", "none"]
    assert {one.path.split("/")[1] for one in world.faults.seen} == {"beta"}


async def test_every_call_carries_an_id_of_its_own(world: World, graph: Graph) -> None:
    seen: list[str] = []

    async def note(request: object) -> None:
        seen.append(getattr(request, "headers")["client-request-id"])  # noqa: B009 - the type is the SDK's

    graph._http.event_hooks = {"request": [note]}
    await asyncio.gather(*(graph.user(_id(world)) for _ in range(3)))
    assert len(set(seen)) == 3


async def test_a_read_survives_one_bad_answer(world: World, graph: Graph) -> None:
    world.faults.add(Fault("graph", status=503, retry_after="1", calls=1))
    assert (await graph.user(_id(world))).id == _id(world)
    assert world.faults.count("graph") == 2


async def test_close_leaves_no_connection_open(world: World) -> None:
    async with real_graph(world) as client:
        await client.user(_id(world))
        pool = getattr(client._pools[0], "_pool")  # noqa: B009 - httpx shows its connections to nobody
        assert pool.connections
    assert not pool.connections
    assert (await call(world, "/v1.0/organization")).status == 200
