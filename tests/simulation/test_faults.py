"""Trouble on demand strikes what it names, for as long as it says, and the bot's Graph client bears it as it should."""

import asyncio
from urllib.parse import urlsplit

import httpx
import pytest
from kiota_http.middleware.retry_handler import RetryHandler

from bot.errors import TenantUnreachable
from bot.simulation import World
from bot.simulation.faults import Fault
from bot.tenant.graph import Graph
from tests.deadlines import PATIENCE
from tests.simulation.clients import GRAPH, call, real_graph

ORGANIZATION = "/v1.0/organization"


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the SDK would wait before it asks again; it does not wait here."""
    asked: list[float] = []
    real = RetryHandler.get_delay_time

    def note(self: RetryHandler, count: int, response: httpx.Response | None = None, delay: float = 3.0) -> float:
        asked.append(real(self, count, response, delay))
        return 0.0

    monkeypatch.setattr(RetryHandler, "get_delay_time", note)
    return asked


async def _ask(world: World, graph: Graph) -> str | None:
    return (await graph.user(world.company.people["user"].object_id)).display_name


@pytest.mark.parametrize("retry_after", ["7", ""])
async def test_throttled_calls_say_when_to_come_back_or_do_not(
    world: World, pauses: list[float], retry_after: str
) -> None:
    world.faults.throttle("graph", retry_after=retry_after, calls=1)
    async with real_graph(world) as graph:
        assert await _ask(world, graph) == "Uma Keller"
    assert (pauses[0] == 7.0) == bool(retry_after)  # else some seconds of the SDK's own choice
    assert [one.status for one in world.faults.seen] == [429, 200]


@pytest.mark.parametrize("status", [429, 503, 504])
async def test_the_client_asks_three_times_and_then_calls_the_tenant_unreachable(
    world: World, pauses: list[float], status: int
) -> None:
    world.faults.fail("graph/v1.0/users", status)
    async with real_graph(world) as graph:
        with pytest.raises(TenantUnreachable, match=str(status)):
            await _ask(world, graph)
    assert world.faults.count("graph/v1.0/users") == 3


async def test_a_cut_connection_is_an_unreachable_tenant(world: World) -> None:
    world.faults.reset("graph", calls=1)
    async with real_graph(world) as graph:
        with pytest.raises(TenantUnreachable):
            await _ask(world, graph)
        assert await _ask(world, graph) == "Uma Keller"
    assert [one.status for one in world.faults.seen] == [0, 200]


async def test_what_hangs_goes_on_when_the_faults_are_cleared(world: World) -> None:
    world.faults.hang("graph")
    waiting = asyncio.ensure_future(call(world, ORGANIZATION))
    await world.faults.wait(lambda: world.faults.count("graph") == 1)
    assert not waiting.done()
    world.faults.clear()
    assert (await waiting).status == 200
    assert (await call(world, ORGANIZATION)).status == 200


async def test_trouble_strikes_only_the_place_that_it_names(world: World) -> None:
    world.faults.fail("graph/v1.0/groups", 503)
    assert (await call(world, "/v1.0/groups")).status == 503
    assert (await call(world, ORGANIZATION)).status == 200
    keys = world.settings()["PINBOT_OPENID_URL"]
    assert (await call(world, keys)).status == 200
    world.faults.clear()
    assert (await call(world, "/v1.0/groups")).status == 200


async def test_keys_and_connector_have_faults_too(world: World) -> None:
    world.faults.fail("keys", 503)
    world.faults.throttle("connector", retry_after="2")
    assert (await call(world, world.settings()["PINBOT_OPENID_URL"])).status == 503
    refused = await call(world, "/teams/v3/conversations", method="POST", body={})
    assert (refused.status, refused.headers["Retry-After"]) == (429, "2")


async def test_a_refusal_can_hide_that_the_call_was_carried_out(world: World) -> None:
    user = world.company.people["user"]
    world.faults.fail("connector", 504, calls=1, carried_out=True)
    chat = world.chats.personal("user")
    token = world.login.issue("https://api.botframework.com")
    path, body = f"/teams/v3/conversations/{chat.id}/activities", {"type": "message", "text": user.name}
    assert (await call(world, path, method="POST", body=body, token=token)).status == 504
    assert [said.text for said in chat.by_bot()] == [user.name]


async def test_spells_add_up(world: World) -> None:
    world.faults.slow("graph", 0.01)
    world.faults.add(Fault("graph", status=503, calls=1))
    assert (await call(world, ORGANIZATION)).status == 503
    assert (await call(world, ORGANIZATION)).status == 200


async def test_calls_are_remembered_with_how_many_came_one_after_another(world: World) -> None:
    world.faults.slow("graph", 0.2)
    await asyncio.gather(*(call(world, ORGANIZATION) for _ in range(3)))
    await call(world, ORGANIZATION)
    assert [one.depth for one in world.faults.seen] == [1, 1, 1, 2]
    assert {(one.method, one.path, one.status) for one in world.faults.seen} == {("GET", ORGANIZATION, 200)}
    world.faults.forget()
    assert world.faults.count() == 0


async def test_a_caller_that_goes_away_while_it_speaks_is_no_defect_of_the_tenant(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    at, user = urlsplit(world.url), world.company.people["user"].object_id
    head = (
        f"POST /v1.0/users/{user}/checkMemberGroups HTTP/1.1\r\nHost: {at.netloc}\r\nContent-Length: 99\r\n"
        f"Authorization: Bearer {world.login.issue(GRAPH)}\r\nContent-Type: application/json\r\n\r\n{{"
    )
    _, caller = await asyncio.open_connection(at.hostname, at.port)
    caller.write(head.encode())
    await world.faults.wait(lambda: world.faults.count("graph") == 1)
    caller.transport.abort()
    async with asyncio.timeout(PATIENCE):
        while world.faults.seen[-1].depth < 2:  # the first call has ended before this one began
            await call(world, ORGANIZATION)
    assert caplog.records == []
