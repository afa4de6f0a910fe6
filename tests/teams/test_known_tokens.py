"""A token that was checked a moment ago is not checked again, and never counts longer than it should (T1, T31 in
SECURITY.md)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botframework.connector.auth import ChannelValidation

from bot.teams.known_tokens import KEPT_SECONDS, MOST, KnownTokens
from tests.teams.door import front
from tests.teams.door.front import Front

HEADER, URL = "Bearer one", "https://smba.trafficmanager.net/teams/"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
async def door() -> AsyncIterator[Front]:
    """A door with the SDK's real verifier, its keys fetched over HTTP."""
    async with front.opened() as opened:
        yield opened


class Keys:
    """When they were fetched, and their clock."""

    usable = True

    def __init__(self) -> None:
        self.fetched = self.time = 0.0

    def clock(self) -> float:
        return self.time


def _kept(keys: Keys, minutes: int = 60) -> tuple[KnownTokens, SimpleNamespace]:
    wall = SimpleNamespace(now=NOW)
    found: Any = keys
    known = KnownTokens(found, lambda: wall.now)
    known.keep(HEADER, URL, (NOW + timedelta(minutes=minutes)).timestamp())
    return known, wall


async def test_the_same_token_is_checked_once_in_some_minutes(door: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    checks: list[str] = []
    check = ChannelValidation.authenticate_channel_token

    async def counted(header: str, *more: Any) -> Any:
        checks.append(header)
        return await check(header, *more)

    monkeypatch.setattr(ChannelValidation, "authenticate_channel_token", counted)
    call = door.good()
    call.token = call.bearer()
    assert [await door.send(call) for _ in range(3)] == [200] * 3
    assert len(checks) == 1
    door.clock.now += KEPT_SECONDS
    assert await door.send(call) == 200
    assert len(checks) == 2


async def test_a_refusal_is_never_kept_and_another_signature_is_another_token(door: Front) -> None:
    call = door.good()
    call.token = call.bearer()
    assert await door.send(call) == 200
    call.token = call.token[:-8] + "AAAAAAAA"
    assert [await door.send(call), await door.send(call)] == [401, 401]


async def test_once_keys_are_fetched_anew_a_token_of_a_revoked_one_is_refused_at_once(door: Front) -> None:
    old = door.good()
    old.token = old.bearer()
    assert await door.send(old) == 200
    door.channel.rotate(keep_old=False)
    door.clock.now += 60
    assert await door.send(door.good()) == 200  # its key is not known: the list is fetched
    assert await door.send(old) == 401


def test_it_ends_with_the_token_with_the_minutes_and_with_the_keys() -> None:
    keys = Keys()
    known, wall = _kept(keys, minutes=2)
    assert known.service_url(HEADER) == URL
    wall.now += timedelta(minutes=2)
    assert known.service_url(HEADER) == ""
    known, _ = _kept(keys)
    keys.time += KEPT_SECONDS
    assert known.service_url(HEADER) == ""
    known, _ = _kept(keys)
    keys.fetched += 1
    assert known.service_url(HEADER) == ""
    known, _ = _kept(keys)
    keys.usable = False  # too old, and no new ones to be had
    assert known.service_url(HEADER) == ""


def test_however_many_tokens_come_only_so_many_are_kept() -> None:
    known, _ = _kept(Keys())
    for number in range(MOST):
        known.keep(f"Bearer {number}", URL, (NOW + timedelta(hours=1)).timestamp())
    assert known.service_url(HEADER) == ""
    assert known.service_url(f"Bearer {MOST - 1}") == URL
