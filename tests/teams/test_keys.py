"""The keys that sign Teams' calls: rotation, junk, outage, a hanging endpoint (T30 and T31 in SECURITY.md)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.teams.keys import FRESH_SECONDS, PAUSE_SECONDS, STALE_SECONDS
from tests.deadlines import GENEROUS
from tests.teams.door import front
from tests.teams.door.calls import DROP, Call
from tests.teams.door.front import Front, until


@pytest.fixture
async def door() -> AsyncIterator[Front]:
    """A door with the SDK's real verifier, its keys fetched over HTTP, its time given."""
    async with front.opened() as opened:
        yield opened


def _junk(door: Front) -> Call:
    """A call signed by a key that nobody published."""
    call = door.good()
    call.head["kid"] = f"junk-{door.fetches()}-{len(door.handled)}"
    return call


async def test_keys_are_fetched_at_the_first_call_and_then_kept(door: Front) -> None:
    assert [await door.send(door.good()) for _ in range(5)] == [200] * 5
    assert door.fetches() == 1


async def test_a_new_key_is_accepted_a_minute_after_the_last_fetch_at_the_latest(door: Front) -> None:
    assert await door.send(door.good()) == 200
    door.channel.rotate()
    door.clock.now += PAUSE_SECONDS
    assert await door.send(door.good()) == 200
    assert door.fetches() == 2


async def test_the_old_key_is_good_while_it_is_published_and_refused_once_it_is_not(door: Front) -> None:
    old = door.good()
    door.channel.rotate()
    assert [await door.send(old), await door.send(door.good())] == [200, 200]
    door.channel.rotate(keep_old=False)
    door.clock.now += FRESH_SECONDS + 1
    assert [await door.send(old), await door.send(door.good())] == [401, 200]


async def test_junk_keys_cause_one_fetch_a_minute_at_most(door: Front) -> None:
    assert await door.send(door.good()) == 200
    for minute in range(1, 4):
        assert {await door.send(_junk(door)) for _ in range(20)} == {401}
        assert door.fetches() == minute
        door.clock.now += PAUSE_SECONDS
    assert door.handled[1:] == []


@pytest.mark.parametrize("head", [{"alg": "none"}, {"alg": "HS256"}, {"alg": "RS384"}, {"kid": DROP}, {"kid": 5}])
async def test_a_token_that_can_not_be_good_causes_no_fetch(door: Front, head: dict[str, Any]) -> None:
    call = door.good()
    call.head |= head
    assert await door.send(call) == 401
    assert door.fetches() == 0


async def test_many_calls_at_once_share_one_fetch(door: Front) -> None:
    door.faults.slow("keys", 0.05)
    assert await asyncio.gather(*(door.send(door.good()) for _ in range(30))) == [200] * 30
    assert door.fetches() == 1


async def test_an_outage_is_survived_for_five_days_with_one_fetch_a_minute(door: Front) -> None:
    assert await door.send(door.good()) == 200
    door.faults.fail("keys", 503)
    door.clock.now += FRESH_SECONDS + 1
    assert [await door.send(door.good()) for _ in range(5)] == [200] * 5
    assert door.fetches() == 2
    door.clock.now += STALE_SECONDS - FRESH_SECONDS - 2
    assert await door.send(door.good()) == 200
    door.clock.now += 2
    assert await door.send(door.good()) == 503


async def test_without_any_key_teams_is_asked_to_come_again_and_then_served(door: Front) -> None:
    door.faults.fail("keys", 503)
    status, body, headers = await door.good().send(door.session, door.url)
    assert (status, body, headers["Retry-After"]) == (503, b"", "30")
    assert door.handled == []
    door.faults.clear()
    assert await door.send(door.good()) == 503  # not yet: the endpoint has its minute of rest
    door.clock.now += PAUSE_SECONDS
    assert await door.send(door.good()) == 200


async def test_a_hanging_endpoint_holds_up_nobody_else(door: Front) -> None:
    door.faults.hang("keys")
    waiting = asyncio.gather(*(door.send(door.good()) for _ in range(10)))
    await until(lambda: door.fetches() == 1)
    assert await door.get("/healthz") == 200
    assert not waiting.done()
    door.faults.clear()
    assert await waiting == [200] * 10
    assert door.fetches() == 1


async def test_a_hanging_endpoint_is_given_up() -> None:
    async with front.opened(deadlines=replace(GENEROUS, keys=0.1)) as door:
        door.faults.hang("keys")
        assert await asyncio.gather(*(door.send(door.good()) for _ in range(10))) == [503] * 10
        await until(lambda: door.fetches() == 1)


async def test_a_known_key_does_not_wait_for_a_hanging_endpoint_whose_answer_still_counts() -> None:
    async with front.opened(deadlines=replace(GENEROUS, known_key=0.1)) as door:
        assert await door.send(door.good()) == 200
        door.faults.hang("keys")
        door.clock.now += FRESH_SECONDS + 1
        old = door.good()
        door.channel.rotate()
        assert await asyncio.gather(*(door.send(old) for _ in range(10))) == [200] * 10
        door.clock.now += 0.1
        assert await door.send(old) == 200
        door.faults.clear()  # the fetch goes on: none of them has waited for its end
        assert await door.send(door.good()) == 200
        assert door.fetches() == 2


async def test_a_caller_that_hangs_up_does_not_stop_the_fetch_that_others_wait_for(door: Front) -> None:
    door.faults.slow("keys", 0.1)
    impatient, patient = (asyncio.create_task(door.keys.get(door.channel.key.id)) for _ in range(2))
    await until(lambda: door.fetches() == 1)
    impatient.cancel()
    assert (await patient).endorsements == ("msteams",)
    assert door.fetches() == 1


ODD_KEYS: list[Any] = [
    None, 5, "key", [], {}, {"kid": "x"}, {"kty": "RSA", "kid": "x", "endorsements": ["msteams"]},
    {"kty": "RSA", "kid": 5, "n": "AQAB", "e": "AQAB", "endorsements": ["msteams"]},
    {"kty": "RSA", "kid": "x", "n": 5, "e": None, "endorsements": ["msteams"]},
    {"kty": "RSA", "kid": "x", "n": "", "e": "", "endorsements": ["msteams"]},
    {"kty": "RSA", "kid": "x", "n": "AQAB", "e": "AQAB", "endorsements": ["msteams"]},
    {"kty": "RSA", "kid": "x", "n": "!!!", "e": "AQAB", "endorsements": ["msteams"]},
    {"kty": "RSA", "kid": "x", "n": "AQAB", "e": "AQAB", "d": "AQAB", "oth": [], "endorsements": ["msteams"]},
    {"kty": "EC", "kid": "x", "crv": "P-256", "x": "AQAB", "y": "AQAB", "endorsements": ["msteams"]},
    {"kty": "oct", "kid": "x", "k": "AQAB", "endorsements": ["msteams"]},
    {"kty": ["RSA"], "kid": "x", "endorsements": ["msteams"]}, {"kty": "RSA", "kid": "x", "endorsements": 5},
    {"kty": "RSA", "kid": "x", "endorsements": {"msteams": 1}},
]  # fmt: skip


async def test_entries_that_are_no_keys_are_passed_over(door: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    good = door.channel.keys()["keys"]
    monkeypatch.setattr(door.channel, "keys", lambda: {"keys": [*ODD_KEYS, *good, *ODD_KEYS]})
    assert await door.send(door.good()) == 200
    odd = door.good()
    odd.head["kid"] = "x"
    assert await door.send(odd) == 401


@pytest.mark.parametrize(
    "document",
    [None, [], "keys", {}, {"keys": None}, {"keys": 5}, {"keys": "x"}, {"keys": {}}, {"keys": []}, {"keys": ODD_KEYS}],
    ids=str,
)
async def test_a_list_without_keys_does_not_take_the_place_of_a_good_one(
    door: Front, monkeypatch: pytest.MonkeyPatch, document: Any
) -> None:
    assert await door.send(door.good()) == 200
    monkeypatch.setattr(door.channel, "keys", lambda: document)
    door.clock.now += FRESH_SECONDS + 1
    assert await door.send(door.good()) == 200
    assert door.fetches() == 2


@pytest.mark.parametrize(
    "document",
    [None, [], {}, {"jwks_uri": None}, {"jwks_uri": 5}, {"jwks_uri": ""}, {"jwks_uri": "nowhere"},
     {"jwks_uri": "ftp://127.0.0.1/"}, {"jwks_uri": "http://127.0.0.1:1/"}, {"jwks_uri": "http://[/"}],
    ids=str,
)  # fmt: skip
async def test_a_metadata_document_that_leads_nowhere_is_an_outage(
    door: Front, monkeypatch: pytest.MonkeyPatch, document: Any
) -> None:
    monkeypatch.setattr(door.channel, "metadata", lambda _base: document)
    assert await door.send(door.good()) == 503


async def test_a_revoked_key_in_the_wrong_hands_is_refused_within_six_hours(door: Front) -> None:
    stolen = door.good()
    assert await door.send(stolen) == 200
    door.channel.rotate(keep_old=False)
    door.clock.now += FRESH_SECONDS + 1
    assert await door.send(stolen) == 401


async def test_the_government_cloud_has_its_own_issuer() -> None:
    async with front.opened(government=True) as door:
        assert await door.send(door.good()) == 401
        call = door.good()
        call.claims["iss"] = "https://api.botframework.us"
        assert await door.send(call) == 200
