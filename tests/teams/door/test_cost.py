"""What nobody signed for costs nothing: not a byte of its body is read, let alone parsed (T28 in SECURITY.md)."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from bot.teams import door as doors
from tests.teams.door import front
from tests.teams.door.calls import Call, packed
from tests.teams.door.front import Front

DEEP = b"[" * 100_000
LARGE = json.dumps({"a": [{"b": "c"}] * 15_000}).encode()


@dataclass
class Work:
    """What the door did with bodies."""

    done: list[str] = field(default_factory=list)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    """Written down from here on."""
    seen, read, parse = Work(), doors._body, doors._parse

    async def reading(*given: object) -> bytes:
        seen.done.append("read")
        return await read(*given)  # type: ignore[arg-type]

    def parsing(body: bytes) -> dict[str, object]:
        seen.done.append("parsed")
        return parse(body)

    monkeypatch.setattr(doors, "_body", reading)
    monkeypatch.setattr(doors, "_parse", parsing)
    return seen


@pytest.fixture
async def door() -> AsyncIterator[Front]:
    """The door with its real verifier."""
    async with front.opened() as opened:
        yield opened


def _another_signature(call: Call) -> None:
    call.token = f"{call.bearer().rpartition('.')[0]}.{packed(b'x' * 256)}"


def _unknown_key(call: Call) -> None:
    call.head["kid"] = "nobody's"


def _expired(call: Call) -> None:
    call.claims |= {"nbf": 1_000, "exp": 2_000}


def _another_bot(call: Call) -> None:
    call.claims["aud"] = "another app"


@pytest.mark.parametrize("spoil", [_another_signature, _unknown_key, _expired, _another_bot])
@pytest.mark.parametrize("body", [DEEP, LARGE, b"no JSON"])
async def test_the_body_of_a_call_that_is_not_proven_is_not_looked_at(
    door: Front, work: Work, spoil: object, body: bytes
) -> None:
    call = door.good()
    call.body = body
    assert callable(spoil)
    spoil(call)
    assert (await door.send(call), work.done, door.handled) == (401, [], [])


async def test_the_body_of_a_proven_call_is(door: Front, work: Work) -> None:
    assert (await door.send(door.good()), work.done, len(door.handled)) == (200, ["read", "parsed"], 1)


async def test_a_token_is_good_for_the_service_url_that_it_names_and_for_no_other(door: Front) -> None:
    call = door.good()
    call.activity["serviceUrl"] = "https://smba.trafficmanager.net/amer/"
    assert (await door.send(call), door.handled) == (401, [])
