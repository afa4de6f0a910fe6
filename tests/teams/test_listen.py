"""Connections that send nothing useful are closed, and others do not notice them meanwhile (T29 in SECURITY.md)."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import web

from bot.teams import listen
from tests.deadlines import GENEROUS, PATIENCE
from tests.teams.door import front
from tests.teams.door.front import Clock, Front, until

HALF_SENT = 100  # of each kind
DEFLATE = b"Content-Encoding: deflate\r\n"
GOOD = b"GET /healthz HTTP/1.1\r\nHost: bot\r\n\r\n"
SWEEP = 0.05

Socket = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections are looked at more often than in earnest."""
    monkeypatch.setattr(listen, "SWEEP_SECONDS", SWEEP)


@pytest.fixture
async def door() -> AsyncIterator[Front]:
    """A door whose handler only writes down."""
    async with front.opened() as opened:
        yield opened


def _half_head(_door: Front) -> bytes:
    return b"POST /api/messages HTTP/1.1\r\nHost: bot\r\nAuthorization: Bea"


def _half_body(door: Front) -> bytes:
    body = door.good().written()
    head = (
        f"POST /api/messages HTTP/1.1\r\nHost: bot\r\nAuthorization: Bearer {door.good().bearer()}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body[: len(body) // 2]


async def _open(url: str, written: bytes) -> Socket:
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(written)
    return reader, writer


async def _rest(sockets: list[Socket]) -> list[bytes]:
    """What each socket is told until the other end closes it."""

    async def rest(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        try:
            return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.close()

    return await asyncio.gather(*(rest(*one) for one in sockets))


async def test_health_and_calls_are_answered_while_200_requests_hang_half_sent(door: Front) -> None:
    kinds = [_half_head(door), _half_body(door)]
    hanging = [await _open(door.url, kind) for kind in kinds for _ in range(HALF_SENT)]
    answers = await asyncio.gather(*(door.get("/healthz") for _ in range(20)), door.send(door.good()))
    assert answers == [200] * 21
    assert len(door.handled) == 1
    assert not any(reader.at_eof() for reader, _ in hanging)
    for _, writer in hanging:
        writer.close()


async def test_a_head_that_does_not_end_is_hung_up_on() -> None:
    async with front.opened(deadlines=replace(GENEROUS, idle=0.2)) as door:
        hanging = [await _open(door.url, _half_head(door)) for _ in range(HALF_SENT)]
        assert await _rest(hanging) == [b""] * HALF_SENT


async def test_a_body_that_does_not_end_is_refused_and_hung_up_on() -> None:
    async with front.opened(deadlines=replace(GENEROUS, body=0.2)) as door:
        hanging = [await _open(door.url, _half_body(door)) for _ in range(HALF_SENT)]
        assert {answer[:12] for answer in await _rest(hanging)} == {b"HTTP/1.1 400"}
        assert door.handled == []


async def test_a_client_that_says_nothing_more_is_hung_up_on_and_a_busy_one_is_not() -> None:
    clock = Clock()
    app = web.Application()
    app.router.add_get("/healthz", _well)
    async with listen.listening(app, "127.0.0.1", 0, PATIENCE, clock) as url:
        silent, busy = await _open(url, GOOD), await _open(url, b"")
        reading = asyncio.create_task(_rest([silent]))
        while not reading.done():
            busy[1].write(GOOD)
            assert (await busy[0].readuntil(b"ok")).count(b"200 OK") == 1
            clock.now += PATIENCE * 0.7  # the busy one is never silent for longer
            await asyncio.sleep(2 * SWEEP)  # connections are looked at meanwhile
        assert reading.result()[0].count(b"200 OK") == 1
        busy[1].write(GOOD)
        assert (await busy[0].readuntil(b"ok")).count(b"200 OK") == 1
        busy[1].close()


async def _well(_request: web.Request) -> web.Response:
    return web.Response(text="ok")


async def test_a_request_under_way_is_not_hung_up_on() -> None:
    clock, under_way, others_are_gone = Clock(), asyncio.Event(), asyncio.Event()

    async def slow(_request: web.Request) -> web.Response:
        under_way.set()
        await others_are_gone.wait()
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_get("/healthz", slow)
    async with listen.listening(app, "127.0.0.1", 0, PATIENCE, clock) as url:
        working, idle = await _open(url, GOOD), await _open(url, b"GET")
        await under_way.wait()
        reading = asyncio.create_task(_rest([idle]))
        while not reading.done():
            clock.now += PATIENCE + 1
            await asyncio.sleep(2 * SWEEP)
        assert reading.result() == [b""]
        others_are_gone.set()
        assert b"200 OK" in await working[0].readuntil(b"ok")
        working[1].close()


@asynccontextmanager
async def _stopping(stop_seconds: float) -> AsyncIterator[tuple[list[Socket], asyncio.Event, asyncio.Task[None]]]:
    """A call under way, and a connection that was answered before; then the bot is told to stop. The event ends the
    call, the task is the stop."""
    under_way, end, stop = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(_request: web.Request) -> web.Response:
        under_way.set()
        await end.wait()
        return web.Response(text="ended")

    app = web.Application()
    app.router.add_get("/healthz", _well)
    app.router.add_get("/slow", slow)
    opened = asyncio.get_running_loop().create_future()

    async def serve() -> None:
        async with listen.listening(app, "127.0.0.1", 0, PATIENCE, stop_seconds=stop_seconds) as url:
            opened.set_result(url)
            await stop.wait()

    serving = asyncio.create_task(serve())
    url = await opened
    answered, working = await _open(url, GOOD), await _open(url, GOOD.replace(b"/healthz", b"/slow"))
    await answered[0].readuntil(b"ok")
    await under_way.wait()
    stop.set()
    await asyncio.sleep(0)
    try:
        yield [answered, working], end, serving
    finally:
        end.set()
        await serving


async def test_who_is_told_to_stop_takes_nothing_new_and_ends_what_is_under_way() -> None:
    async with _stopping(PATIENCE) as ((answered, working), end, serving):
        answered[1].write(GOOD)
        refused = (await answered[0].read()).lower()  # to the end of the connection
        assert refused.startswith(b"http/1.1 503")
        assert b"connection: close" in refused
        assert b"retry-after: " in refused
        assert not serving.done()
        end.set()
        assert b"200 OK" in (said := await working[0].read())
        assert said.endswith(b"ended")
        await serving
    for _, writer in (answered, working):
        writer.close()


async def test_what_does_not_end_in_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listen, "CLOSE_SECONDS", 0.05)
    async with _stopping(0.05) as ((answered, working), end, serving):
        await serving
        assert not end.is_set()
        assert await working[0].read() == b""
    for _, writer in (answered, working):
        writer.close()


async def test_a_body_that_is_announced_too_large_is_refused_before_it_comes(door: Front) -> None:
    head = _half_body(door).partition(b"Content-Length")[0] + b"Content-Length: 999999\r\n\r\n"
    reader, writer = await _open(door.url, head)
    assert b"413" in await reader.readline()
    writer.close()


async def test_a_client_that_goes_in_the_middle_of_a_body_is_no_error(
    door: Front, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for rest, coding in ((b"5\r\nhel", b""), (b"ffffffffffffffff1\r\n", b""), (b"5\r\nhello\r\n", DEFLATE)):
        head = _half_body(door).partition(b"Content-Length")[0] + coding + b"Transfer-Encoding: chunked\r\n\r\n"
        _, writer = await _open(door.url, head)
        await asyncio.sleep(0.05)
        writer.write(rest)
        await asyncio.sleep(0.05)
        writer.close()
    await until(lambda: caplog.text.count("refused: 4") == 3)
    assert {record.levelno for record in caplog.records} == {logging.INFO}


@pytest.mark.parametrize(
    ("host", "url"), [("127.0.0.1", "http://127.0.0.1:3978"), ("::1", "http://[::1]:3978"), ("bot", "http://bot:3978")]
)
def test_the_address_that_is_told_can_be_opened(host: str, url: str) -> None:
    assert listen._url(host, 3978) == url


async def test_a_taken_port_is_an_error_of_the_system(door: Front) -> None:
    port = int(door.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        async with listen.listening(web.Application(), "127.0.0.1", port):
            pass


async def test_a_defect_is_logged_by_its_place_alone(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_request: web.Request) -> web.Response:
        raise RuntimeError("what people wrote")

    app = web.Application()
    app.router.add_get("/healthz", broken)
    async with listen.listening(app, "127.0.0.1", 0) as url:
        reader, writer = await _open(url, GOOD)
        assert b"500 Internal" in await reader.read()
        writer.close()
    assert "RuntimeError at broken" in caplog.text
    assert "what people wrote" not in caplog.text
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
