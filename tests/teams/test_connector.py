"""The SDK's client over real HTTP: what arrives at Teams, what its refusals become, and where the token goes."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from bot.errors import TenantUnreachable
from bot.simulation import World, simulate
from bot.teams.botbuilder import CONNECTOR_SCOPE, Connector
from bot.teams.listen import listening
from bot.teams.outbound import Failed
from tests.simulation.clients import signed_in

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "ü <b>"}], "msteams": {"a": 1}}


@dataclass
class Bench:
    """The connector with a real login against the simulated Teams."""

    world: World
    connector: Connector

    @property
    def url(self) -> str:
        """The service URL."""
        return self.world.teams.service_url

    def chat(self) -> str:
        """The personal chat of the default person."""
        return self.world.chats.personal("user").id

    def activity(self, text: str = "hello") -> dict[str, object]:
        """A message of the bot."""
        ends = {"from": {"id": f"28:{self.world.login.app_id}"}, "conversation": {"id": self.chat()}}
        return {"type": "message", "text": text, "summary": "in short", **ends}

    async def send(self, text: str = "hello") -> str:
        """The id of a message to the default person."""
        return await self.connector.send(self.url, self.chat(), "", self.activity(text))


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """One simulated tenant."""
    async with simulate() as world, aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        login = await signed_in(world)
        yield Bench(world, Connector(session, lambda: login.token(CONNECTOR_SCOPE)))


async def test_a_message_and_a_reply_arrive_as_they_were_written(bench: Bench) -> None:
    first = await bench.send("plain")
    card = bench.activity() | {
        "text": None,
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": CARD}],
    }
    second = await bench.connector.send(bench.url, bench.chat(), first, card)
    said = bench.world.chats.personal("user").by_bot()
    assert [one.id for one in said] == [first, second]
    assert (said[0].text, said[0].activity["summary"]) == ("plain", "in short")
    assert said[1].card == CARD


async def test_an_update_takes_the_place_of_a_message(bench: Bench) -> None:
    first = await bench.send("old")
    await bench.connector.update(bench.url, bench.chat(), first, bench.activity("new"))
    assert [(one.text, one.updated) for one in bench.world.chats.personal("user").by_bot()] == [("new", 1)]


async def test_the_personal_chat_of_a_person_is_found(bench: Bench) -> None:
    person, bot_id = bench.world.company.people["user"], f"28:{bench.world.login.app_id}"
    assert await bench.connector.create(bench.url, bot_id, person.chat_id, bench.world.tenant.id) == bench.chat()


async def test_the_token_is_asked_for_once_for_many_messages(bench: Bench) -> None:
    await bench.send()
    asked = bench.world.faults.count("login")
    for _ in range(20):
        await bench.send()
    assert bench.world.faults.count("login") == asked
    assert bench.world.faults.count("connector") == 21


async def test_teams_refusal_becomes_its_status_and_code(bench: Bench) -> None:
    chat = bench.chat()
    bench.world.chats.blocked.add("user")
    with pytest.raises(Failed) as refusal:
        await bench.connector.send(bench.url, chat, "", bench.activity())
    assert (refusal.value.status, refusal.value.code) == (403, "MessageWritesBlocked")


@pytest.mark.parametrize("status", [401, 404, 412, 429, 500, 502, 503, 504])
async def test_trouble_becomes_its_status_with_what_teams_asks_for(bench: Bench, status: int) -> None:
    bench.world.faults.fail("connector", status, calls=1)
    with pytest.raises(Failed) as failure:
        await bench.send()
    assert (failure.value.status, failure.value.retry_after) == (status, None)
    bench.world.faults.throttle("connector", retry_after="7", calls=1)
    with pytest.raises(Failed) as failure:
        await bench.send()
    assert (failure.value.status, failure.value.retry_after) == (429, "7")
    assert bench.world.faults.count("connector") == 2  # the SDK repeats nothing by itself


async def test_a_cut_connection_is_a_failure_without_a_status(bench: Bench) -> None:
    bench.world.faults.reset("connector", calls=1)
    with pytest.raises(Failed) as failure:
        await bench.send()
    assert failure.value.status == 0
    assert bench.world.faults.count("connector") == 1


async def test_without_a_token_nothing_is_sent(bench: Bench) -> None:
    async def no_token() -> str:
        raise TenantUnreachable("login")

    async with aiohttp.ClientSession() as session:
        with pytest.raises(Failed) as failure:
            await Connector(session, no_token).send(bench.url, bench.chat(), "", bench.activity())
    assert failure.value.status == 0
    assert bench.world.faults.count("connector") == 0


@dataclass
class Server:
    """A bare server in Teams' place; `seen` holds one entry a request: its connection and its bearer."""

    url: str
    seen: list[tuple[int, str]] = field(default_factory=list)


@asynccontextmanager
async def _server(answer: Callable[[], web.Response]) -> AsyncIterator[Server]:
    server = Server("")

    async def handle(request: web.Request) -> web.Response:
        server.seen.append((id(request.transport), request.headers.get("Authorization", "")))
        await request.read()
        return answer()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    async with listening(app, "127.0.0.1", 0) as url:
        server.url = f"{url}/"
        yield server


async def _token() -> str:
    return "the-token"


def _message() -> dict[str, object]:
    return {"type": "message", "text": "hello", "from": {"id": "28:bot"}, "conversation": {"id": "a:1"}}


async def _send(server: Server, times: int = 1) -> list[str]:
    async with aiohttp.ClientSession() as session:
        connector = Connector(session, _token)
        return [await connector.send(server.url, "a:1", "", _message()) for _ in range(times)]


async def test_one_pooled_connection_carries_all_messages_one_after_another() -> None:
    async with _server(lambda: web.json_response({"id": "1"}, status=201)) as server:
        assert await _send(server, times=20) == ["1"] * 20
        assert len({connection for connection, _ in server.seen}) == 1
        assert {bearer for _, bearer in server.seen} == {"Bearer the-token"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async with (
        _server(lambda: web.json_response({"id": "1"})) as elsewhere,
        _server(lambda: web.Response(status=status, headers={"Location": elsewhere.url})) as server,
    ):
        with pytest.raises(Failed) as failure:
            await _send(server)
        assert failure.value.status == status
        assert (len(server.seen), elsewhere.seen) == (1, [])


ODD: list[tuple[str, Callable[[], web.Response], int]] = [
    ("an error in HTML", lambda: web.Response(status=502, text="<h1>secret</h1>", content_type="text/html"), 502),
    ("an error without a body", lambda: web.Response(status=503), 503),
    ("an error that is a list", lambda: web.json_response([], status=400), 400),
    ("an error without an error", lambda: web.json_response({"message": "no"}, status=401), 401),
    ("an error whose code is no text", lambda: web.json_response({"error": {"code": {}}}, status=400), 400),
    ("a success in HTML", lambda: web.Response(status=200, text="<h1>secret</h1>", content_type="text/html"), 0),
    (
        "a success that is half JSON",
        lambda: web.Response(status=201, body=b'{"id":', content_type="application/json"),
        0,
    ),
]


@pytest.mark.parametrize(("answer", "status"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
async def test_an_odd_answer_is_a_failure_that_tells_no_content(
    answer: Callable[[], web.Response], status: int
) -> None:
    async with _server(answer) as server:
        with pytest.raises(Failed) as failure:
            await _send(server)
        assert failure.value.status == status
        assert "secret" not in f"{failure.value!r} {failure.value.__cause__!r}"
        assert len(server.seen) == 1


@pytest.mark.parametrize("answer", [lambda: web.Response(status=200), lambda: web.json_response({}, status=202)])
async def test_a_success_without_an_id_is_a_success(answer: Callable[[], web.Response]) -> None:
    async with _server(answer) as server:
        assert await _send(server) == [""]
