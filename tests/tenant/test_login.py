"""Tokens are fetched once, off the loop, and again before they end."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from bot.errors import TenantUnreachable
from bot.simulation import World
from bot.tenant import login as module
from bot.tenant.login import EARLY_SECONDS, Credential, sign_in
from tests.simulation.clients import CONNECTOR, GRAPH, signed_in

SCOPE = f"{GRAPH}/.default"


def _fetches(world: World) -> int:
    return world.weather.count("login", "POST")


async def test_many_who_need_a_token_share_one_fetch(world: World) -> None:
    login = await signed_in(world)
    tokens = await asyncio.gather(*(login.token(SCOPE) for _ in range(20)))
    assert (len(set(tokens)), _fetches(world)) == (1, 1)
    await login.token(f"{CONNECTOR}/.default")
    assert _fetches(world) == 2


@pytest.mark.parametrize(("life", "fetches"), [(EARLY_SECONDS - 60, 2), (EARLY_SECONDS + 60, 1)])
async def test_a_token_is_renewed_before_it_ends(world: World, life: float, fetches: int) -> None:
    world.login.life = int(life)
    login = await signed_in(world)
    for _ in range(2):
        await login.token(SCOPE)
    assert _fetches(world) == fetches


async def test_the_loop_turns_while_the_login_service_takes_its_time(world: World) -> None:
    login = await signed_in(world)
    await login.token(f"{CONNECTOR}/.default")
    world.weather.hang("login")
    waiting = asyncio.ensure_future(login.token(SCOPE))
    async with asyncio.timeout(5):
        await world.weather.wait(lambda: _fetches(world) == 2)  # the same loop serves the login, so it turns
    assert not waiting.done()
    world.weather.clear()
    assert world.login.key.read(await waiting, [GRAPH])


async def test_who_waits_too_long_gives_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    login = await signed_in(world)
    monkeypatch.setattr(module, "LOGIN_SECONDS", 0.05)
    world.weather.hang("login")
    with pytest.raises(TenantUnreachable):
        await login.token(SCOPE)
    world.weather.clear()


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_an_outage_is_an_unreachable_tenant(world: World, status: int) -> None:
    login = await signed_in(world)
    world.weather.fail("login", status)
    with pytest.raises(TenantUnreachable):
        await login.token(SCOPE)


async def test_after_an_outage_there_are_tokens_again(world: World) -> None:
    login = await signed_in(world)
    await login.token(f"{CONNECTOR}/.default")
    world.weather.throttle("login", retry_after="1", calls=1)
    with pytest.raises(TenantUnreachable):
        await login.token(SCOPE)
    await asyncio.sleep(1.1)  # MSAL itself keeps away for as long as the service asks
    assert await login.token(SCOPE)


async def test_a_login_service_that_can_not_be_reached_is_an_unreachable_tenant(world: World) -> None:
    world.weather.reset("login")
    login = await signed_in(world)
    with pytest.raises(TenantUnreachable):
        await login.token(SCOPE)
    world.weather.clear()
    assert await login.token(SCOPE)  # the bot need not be started again


@pytest.mark.parametrize("status", [400, 404, 503])
async def test_a_login_service_that_refuses_its_metadata_is_an_unreachable_tenant(world: World, status: int) -> None:
    world.weather.fail("login", status)
    login = await signed_in(world)
    with pytest.raises(TenantUnreachable):
        await login.token(SCOPE)


async def test_a_bundle_named_in_the_environment_does_not_win_over_ours(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, "/nowhere/ca.pem")
    assert await (await signed_in(world)).token(SCOPE)


async def test_neither_secret_nor_certificate_is_a_managed_identity() -> None:
    login = sign_in("11111111-2222-3333-4444-555555555555", "tenant", Credential())
    asked: list[dict[str, Any]] = []

    def ask(**wanted: Any) -> dict[str, Any]:
        asked.append(wanted)
        return {"access_token": "t", "expires_in": 3_599}

    login._app = login._make()
    login._app.acquire_token_for_client = ask
    assert await login.token(SCOPE) == "t"
    assert asked == [{"resource": GRAPH}]
    assert time.monotonic() < login._tokens[SCOPE].ends


@pytest.mark.parametrize("pem", ["", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n"])
async def test_an_unusable_certificate_is_told_before_anybody_is_called(world: World, tmp_path: Path, pem: str) -> None:
    file = tmp_path / "bot.pem"
    file.write_text(pem)
    with pytest.raises(ValueError, match=r"PEM|asn1"):
        await signed_in(world, Credential(certificate=file))
    assert world.weather.count("login") == 0


async def test_a_certificate_without_its_key_is_told_before_anybody_is_called(world: World) -> None:
    with pytest.raises(ValueError, match="key"):
        await signed_in(world, Credential(certificate=world.ca))
    assert world.weather.count("login") == 0
