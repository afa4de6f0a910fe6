"""Thousands of malformed requests (threat T28): no answer of 500 or more, and nothing runs without a good token."""

import asyncio
import base64
import logging
import random
import re
import string
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from copy import deepcopy
from typing import Any

import pytest

from tests.door import front
from tests.door.calls import PERSON_ID, TEAMS_URL, TENANT_ID, Call, press
from tests.door.front import Front

SEED = 20_261
WITHOUT_TOKEN = 4_000
WITH_TOKEN = 5_000
RAW = 600
AT_ONCE = 16
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**63, 1e308, 5e-324, "", " ", "\0", "x" * 2_000, "\ud800", "ﬀ", "\u202e", "../..",
    "' or 1 eq 1", "<script>", [], {}, [[]], [None], {"": ""}, {"id": {}}, [{"type": "mention"}], "message", "invoke",
    "installationUpdate", "conversationUpdate", "adaptiveCard/action", "msteams", "remove", "personal", "channel",
)  # fmt: skip
STATUS = re.compile(rb"HTTP/1\.[01] (\d\d\d) ")

Change = Callable[[random.Random, Call], None]


@pytest.fixture
async def door() -> AsyncIterator[Front]:
    """A door whose handler only writes down."""
    async with front.opened() as opened:
        yield opened


def _bytes(chance: random.Random, call: Call) -> None:
    """A few bytes of the body changed, taken away, doubled or put in."""
    call.body = _mutated(chance, call.written())


def _fields(chance: random.Random, call: Call) -> None:
    """Some fields replaced by what does not belong there, or taken away."""
    if chance.random() < 0.4:
        call.activity |= press()
    for _ in range(chance.randint(1, 4)):
        place = chance.choice(list(_objects(call.activity)) or [call.activity])
        name = chance.choice([*place, "value", "membersAdded", "action"])
        if chance.random() < 0.2:
            place.pop(name, None)
        else:
            place[name] = deepcopy(chance.choice(ODD))


def _headers(chance: random.Random, call: Call) -> None:
    """Headers that mean something, with values that do not."""
    for _ in range(chance.randint(1, 3)):
        name = chance.choice(["Content-Type", "Content-Encoding", "Accept", "Cookie", "Host", "X-Forwarded-For", "TE"])
        call.headers.add(name, "".join(chance.choices(string.printable[:95], k=chance.randint(0, 30))).strip())


def _token(chance: random.Random, call: Call) -> None:
    """A token that proves nothing any more."""
    good = call.bearer()
    while _meaning(call.bearer()) == _meaning(good):
        match chance.randrange(4):
            case 0:
                call.token = _mutated(chance, good.encode()).decode("latin-1").translate(_UNSENDABLE)
            case 1:
                parts = good.split(".")
                parts[chance.randrange(3)] = chance.choice(
                    ["", "e30", "bnVsbA", "W10", "A" * 500, "eyJhbGciOiJSUzI1NiJ9"]
                )
                call.token = ".".join(parts)
            case 2:
                call.token = ".".join(chance.sample(good.split("."), 3))
            case 3:
                call.token = "".join(chance.choices(string.printable[:94], k=chance.randint(0, 200)))


_UNSENDABLE = dict.fromkeys([*range(32), *range(127, 256)], "A")


def _meaning(token: str) -> list[bytes] | None:
    """The bytes that a token stands for: the last character of a segment has bits that count for nothing."""
    try:
        return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")]
    except ValueError:
        return None


def _mutated(chance: random.Random, written: bytes) -> bytes:
    found = bytearray(written)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(found) + 1)
        some = found[at : at + chance.randint(1, 12)]
        match chance.randrange(4):
            case 0:
                found[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del found[at : at + len(some)]
            case 2:
                found[at:at] = some * chance.randint(1, 40)
            case 3:
                found[at:at] = chance.choice(
                    [b'"', b"{", b"[", b"}", b"]", b",", b"\\u", b"\0", b"\xff", b"1e999", b"NaN"]
                )
    return bytes(found)


def _objects(found: Any) -> Iterable[dict[str, Any]]:
    if isinstance(found, dict):
        yield found
        for value in found.values():
            yield from _objects(value)


def _calls(door: Front, number: int, *always: Change) -> Iterable[Call]:
    chance = random.Random(SEED)
    token = door.good().bearer()
    for _ in range(number):
        call = door.good()
        call.token = token
        for change in (*always, chance.choice([_bytes, _fields, _headers])):
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
    statuses = await _statuses(door, _calls(door, WITHOUT_TOKEN, _token))
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
        yield _mutated(chance, chance.choice([whole, pieces + b"\r\n" + _in_chunks(chance, body)]))


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


async def test_bytes_that_are_no_good_http_break_nothing(
    door: Front, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr("bot.listen.IDLE_SECONDS", 0.5)
    monkeypatch.setattr("bot.door.BODY_SECONDS", 0.5)
    answers = await asyncio.gather(*(_spoken_to(door.url, written) for written in _raw(door)))
    statuses = Counter(status for answer in answers for status in answer)
    assert statuses.total() > RAW / 2
    assert set(statuses) <= {400, 401, 403, 404, 405, 413, 415, 417, 431}
    assert door.handled == []
    assert await door.get("/healthz") == 200
    assert not any(record.exc_info for record in caplog.records)
    assert PERSON_ID not in caplog.text


def test_the_requests_are_as_many_as_promised() -> None:
    assert WITHOUT_TOKEN + WITH_TOKEN + RAW >= 5_000
