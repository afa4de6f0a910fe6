"""Thousands of malformed requests (T28 in SECURITY.md): never a 500, and nothing runs without a good token."""

import asyncio
import logging
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

import pytest

from tests.deadlines import GENEROUS
from tests.teams.door import front
from tests.teams.door.calls import PERSON_ID, TEAMS_URL, TENANT_ID, Call
from tests.teams.door.front import Front
from tests.teams.door.mutations import ANY, Mutation, in_token, mutated

SEED = 20_261
WITHOUT_TOKEN = 4_000
WITH_TOKEN = 5_000
RAW = 600
AT_ONCE = 16
STATUS = re.compile(rb"HTTP/1\.[01] (\d\d\d) ")


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections are looked at more often than in earnest."""
    monkeypatch.setattr("bot.teams.listen.SWEEP_SECONDS", 0.05)


@pytest.fixture
async def door() -> AsyncIterator[Front]:
    """A door whose handler only writes down."""
    async with front.opened() as opened:
        yield opened


def _calls(door: Front, number: int, *always: Mutation) -> Iterable[Call]:
    chance = random.Random(SEED)
    token = door.good().bearer()
    for _ in range(number):
        call = door.good()
        call.token = token
        for change in (*always, chance.choice(ANY)):
            change(chance, call)
        yield call


async def _statuses(door: Front, calls: Iterable[Call]) -> Counter[int]:
    """All calls, some at once; how often each status was answered."""
    waiting = iter(calls)
    found: Counter[int] = Counter()

    async def work() -> None:
        for call in waiting:
            found[await door.send(call)] += 1

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return found


async def test_without_a_good_token_nothing_runs_and_all_is_refused(door: Front) -> None:
    statuses = await _statuses(door, _calls(door, WITHOUT_TOKEN, in_token))
    assert statuses.total() == WITHOUT_TOKEN
    assert set(statuses) <= {400, 401, 403, 413, 415}
    assert door.handled == []


async def test_with_a_good_token_nothing_breaks_and_only_the_tenants_people_are_heard(door: Front) -> None:
    statuses = await _statuses(door, _calls(door, WITH_TOKEN))
    assert statuses.total() == WITH_TOKEN
    assert set(statuses) <= {200, 400, 401, 403, 413, 415}
    assert min(statuses[200], statuses[400]) > WITH_TOKEN / 20  # both sides of the border are tried
    assert {(turn.person.tenant_id, turn.place.service_url) for turn in door.handled} == {(TENANT_ID, TEAMS_URL)}
    assert {len(turn.person.object_id) for turn in door.handled} == {len(PERSON_ID)}


def _raw(door: Front) -> Iterable[bytes]:
    """Bytes for a socket: known tricks first, then good requests with some bytes changed."""
    chance = random.Random(SEED)
    body = door.good().written()
    token = door.good().bearer()
    start = b"POST /api/messages HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n"
    authorised = f"Authorization: Bearer {token[:-40]}{'A' * 40}\r\nContent-Type: application/json\r\n".encode()
    whole = start + authorised + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
    pieces = start + authorised + b"Transfer-Encoding: chunked\r\n"
    yield from (
        b"", b"\r\n\r\n", b"\0" * 100, b"GET / HTTP/9.9\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(80),
        b"POST http://evil.example/api/messages HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"CONNECT b HTTP/1.1\r\n\r\n",
        b"POST /%00 HTTP/1.1\r\nHost: bot\r\n\r\n", b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /../../etc/hosts HTTP/1.1\r\nHost: bot\r\n\r\n", b"GET //[ HTTP/1.1\r\nHost: bot\r\n\r\n",
        start + b"A: " + b"b" * 20_000 + b"\r\n\r\n", start + b"A: b\r\n" * 2_000 + b"\r\n",
        start + b"Content-Length: -1\r\n\r\n", start + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        start + b"Content-Length: 99999999999999999999\r\n\r\n", start + b"Content-Length: five\r\n\r\nhello",
        start + authorised + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        start + b"Transfer-Encoding: gzip, bogus\r\n\r\n", start + b"Expect: the-unexpected\r\n\r\n",
        start + b"Name\r\n folded: x\r\n\r\n", start + b": empty\r\n\r\n", start + b"Nul\0: x\r\n\r\n", whole * 30,
        pieces + b"\r\nzz\r\nhello\r\n0\r\n\r\n", pieces + b"\r\n-5\r\nhello\r\n0\r\n\r\n", pieces + b"\r\n5\r\nhel",
        pieces + b"\r\nffffffffffffffff1\r\nhello\r\n0\r\n\r\n", pieces + b"\r\n5\r\nhello!!\r\n0\r\n\r\n",
        pieces + b"Content-Encoding: deflate\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        pieces + b"Content-Encoding: br\r\n\r\n5\r\nhello\r\n0\r\n\r\n", whole[:-5],
    )  # fmt: skip
    for _ in range(RAW):
        yield mutated(chance, chance.choice([whole, pieces + b"\r\n" + _in_chunks(chance, body)]))


def _in_chunks(chance: random.Random, body: bytes) -> bytes:
    at = chance.randrange(len(body))
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:at], body[at:], b""))


async def _spoken_to(url: str, written: bytes) -> list[int]:
    """The statuses that a socket is answered with, which may be none at all."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(written)
        return [int(status) for status in STATUS.findall(await reader.read())]
    except ConnectionError:
        return []
    finally:
        writer.close()


async def test_bytes_that_are_no_good_http_break_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with front.opened(deadlines=replace(GENEROUS, idle=0.5, body=0.5)) as door:
        answers = await asyncio.gather(*(_spoken_to(door.url, written) for written in _raw(door)))
        statuses = Counter(status for answer in answers for status in answer)
        assert statuses.total() > 0
        assert set(statuses) <= {400, 401, 403, 404, 405, 413, 415, 417, 431}
        assert door.handled == []
        assert await door.get("/healthz") == 200
    assert {record.levelno for record in caplog.records} == {logging.INFO}
    assert not any(record.exc_info for record in caplog.records)
    assert PERSON_ID not in caplog.text


def test_the_requests_are_as_many_as_promised() -> None:
    assert WITHOUT_TOKEN + WITH_TOKEN + RAW >= 5_000
