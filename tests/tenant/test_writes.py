"""One write is sent once, whatever comes back; what came back is told as data."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from bot.changes.tenant_state import PROFILES_PATH, targets_look
from bot.errors import TenantUnreachable
from bot.simulation import World
from bot.simulation.state import CHANGING
from bot.tenant import GraphCall
from bot.tenant.apps import APPS_PATH
from bot.tenant.graph import Graph
from bot.tenant.writes import LONGEST_WAIT, GraphWrites
from tests.deadlines import GENEROUS
from tests.simulation.clients import real_graph

JUSTIFICATION = base64.b64encode(b"request 7").decode()


@pytest.fixture(autouse=True)
def granted(world: World) -> None:
    """The operator lets the bot write."""
    world.tenant.permissions |= CHANGING


def _call(world: World, **changed: Any) -> GraphCall:
    profile_id = next(iter(world.tenant.assignments))
    path = f"/v1.0/deviceManagement/deviceConfigurations/{profile_id}/assign"
    given: dict[str, Any] = {
        "method": "POST",
        "path": path,
        "body": {"assignments": []},
        "request_id": "11111111-0000-4000-8000-000000000001",
        "justification": JUSTIFICATION,
    }
    return GraphCall(**given | changed)


async def test_a_write_carries_our_id_and_brings_graphs(world: World) -> None:
    async with real_graph(world) as graph:
        outcome = await GraphWrites(graph).send(_call(world))
    assert (outcome.status, outcome.approval_code) == (200, "")
    assert outcome.request_id
    assert [one.request_id for one in world.tenant.written] == ["11111111-0000-4000-8000-000000000001"]


@pytest.mark.parametrize("status", [429, 503, 504])
async def test_T18_the_sdk_does_not_send_a_write_again(world: World, status: int) -> None:  # noqa: N802
    world.faults.fail("graph", status)
    async with real_graph(world) as graph:
        outcome = await GraphWrites(graph).send(_call(world))
    assert outcome.status == status
    assert world.faults.count("graph", "POST") == 1


async def test_T18_a_cut_connection_is_no_answer_and_no_second_write(world: World) -> None:  # noqa: N802
    world.faults.reset("graph", carried_out=True)
    async with real_graph(world) as graph:
        outcome = await GraphWrites(graph).send(_call(world))
    assert (outcome.status, outcome.request_id) == (None, "")
    assert world.faults.count("graph", "POST") == len(world.tenant.written) == 1


async def test_T17_an_answer_that_never_comes_is_given_up(world: World) -> None:  # noqa: N802
    world.faults.hang("graph")
    async with real_graph(world, deadlines=replace(GENEROUS, write=0.05)) as graph:
        outcome = await GraphWrites(graph).send(_call(world))
    assert outcome.status is None


async def test_without_a_token_nothing_is_sent_and_nothing_is_raised(world: World) -> None:
    async def no_token() -> str:
        raise TenantUnreachable("login")

    graph = Graph(no_token, world.url)
    outcome = await GraphWrites(graph).send(_call(world))
    await graph.close()
    assert outcome.status is None
    assert world.faults.count("graph") == 0


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("9999", LONGEST_WAIT), ("soon", 0.0), ("", 0.0)])
async def test_how_long_to_wait_is_told(world: World, header: str, seconds: float) -> None:
    world.faults.throttle("graph", retry_after=header)
    async with real_graph(world) as graph:
        assert (await GraphWrites(graph).send(_call(world))).retry_after == seconds


async def test_multi_admin_approval_is_told_by_its_code(world: World) -> None:
    world.tenant.multi_admin = True
    async with real_graph(world) as graph:
        writes = GraphWrites(graph)
        held = await writes.send(_call(world))
        assert held.status == 412
        assert held.approval_code in world.tenant.held
        world.tenant.held[held.approval_code].status = "approved"
        other = await writes.send(_call(world, body={"assignments": [{}]}, approval_code=held.approval_code))
        assert (other.status, other.approval_code) == (400, "")
        done = await writes.send(_call(world, approval_code=held.approval_code))
    assert (done.status, done.approval_code) == (200, "")


async def test_the_approval_code_goes_without_the_justification(world: World) -> None:
    """Microsoft's page says that the one header replaces the other; the simulated tenant refuses both at once."""
    world.tenant.multi_admin = True
    async with real_graph(world) as graph:
        held = await GraphWrites(graph).send(_call(world))
        world.tenant.held[held.approval_code].status = "approved"
        call = _call(world, approval_code=held.approval_code)
        both = {"x-msft-approval-code": held.approval_code, "x-msft-approval-justification": JUSTIFICATION}
        status, _ = await graph.send_once(call.method, call.path, call.body, {"client-request-id": "1", **both})
        assert (status, world.tenant.written) == (400, [])
        assert (await GraphWrites(graph).send(call)).status == 200


async def test_reads_bring_every_row_of_every_page_as_it_is(world: World) -> None:
    profile_id, rows = next(iter(world.tenant.assignments.items()))
    async with real_graph(world) as graph:
        writes = GraphWrites(graph)
        targets = await writes.read(targets_look(profile_id).path)
        world.tenant.page_size = 1
        apps, profiles = await writes.read(APPS_PATH), await writes.read(PROFILES_PATH)
    assert len(apps) == 2
    assert [one["id"] for one in profiles] == [profile_id]
    assert list(targets) == rows
