"""Tokens are fetched once, off the loop, and again before they end."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from aiohttp import web
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from bot.errors import TenantUnreachable
from bot.simulation import World
from bot.teams.listen import listening
from bot.tenant.credentials import Credential
from bot.tenant.login import EARLY_SECONDS, sign_in
from tests.deadlines import GENEROUS, PATIENCE
from tests.simulation.clients import CONNECTOR, GRAPH, signed_in

SCOPE = f"{GRAPH}/.default"
APP_ID = "11111111-2222-3333-4444-555555555555"


def _fetches(world: World) -> int:
    return world.faults.count("login", "POST")


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
    world.faults.hang("login")
    waiting = asyncio.ensure_future(login.token(SCOPE))
    async with asyncio.timeout(PATIENCE):
        await world.faults.wait(lambda: _fetches(world) == 2)  # the same loop serves the login, so it turns
    assert not waiting.done()
    world.faults.clear()
    assert world.login.key.read(await waiting, [GRAPH])


async def test_who_waits_too_long_gives_up(world: World) -> None:
    login = await signed_in(world, deadlines=replace(GENEROUS, login=0.05))
    world.faults.hang("login")
    with pytest.raises(TenantUnreachable):
        await login.token(SCOPE)
    world.faults.clear()


async def test_many_who_wait_for_a_silent_login_service_are_told_together(world: World) -> None:
    login = await signed_in(world, deadlines=replace(GENEROUS, login=0.05))
    world.faults.hang("login")
    asked = await asyncio.gather(*(login.token(SCOPE) for _ in range(20)), return_exceptions=True)
    assert {type(one) for one in asked} == {TenantUnreachable}
    await world.faults.wait(lambda: world.faults.count("login") > 0)
    assert world.faults.count("login") == 1
    world.faults.clear()


async def test_who_hangs_up_does_not_stop_the_fetch_that_others_wait_for(world: World) -> None:
    login = await signed_in(world)
    world.faults.hang("login")
    impatient, patient = (asyncio.create_task(login.token(SCOPE)) for _ in range(2))
    await world.faults.wait(lambda: world.faults.count("login") == 1)
    impatient.cancel()
    world.faults.clear()
    assert await patient
    assert _fetches(world) == 1


async def test_calls_that_hang_take_no_thread_from_anybody_and_none_from_later_tokens(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    login = await signed_in(world)
    world.faults.hang("login", calls=3)
    with monkeypatch.context() as patch:
        patch.setattr(login, "_deadlines", replace(GENEROUS, login=0.05))
        for hanging in range(1, 4):
            with pytest.raises(TenantUnreachable):
                await login.token(SCOPE)
            await world.faults.wait(lambda count=hanging: world.faults.count("login") == count)  # type: ignore[misc]
    async with asyncio.timeout(PATIENCE):
        assert await asyncio.to_thread(int) == 0
        assert await login.token(SCOPE)
    world.faults.clear()


async def test_a_silent_login_service_is_hung_up_on(world: World) -> None:
    """Else its threads would never end."""
    login = await signed_in(world, deadlines=replace(GENEROUS, login_call=0.05))
    world.faults.hang("login")
    with pytest.raises(TenantUnreachable, match="ReadTimeout"):
        await login.token(SCOPE)
    world.faults.clear()


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_an_outage_is_an_unreachable_tenant(world: World, status: int) -> None:
    login = await signed_in(world)
    world.faults.fail("login", status)
    with pytest.raises(TenantUnreachable):
        await login.token(SCOPE)


async def test_after_an_outage_there_are_tokens_again(world: World) -> None:
    login = await signed_in(world)
    await login.token(f"{CONNECTOR}/.default")
    world.faults.throttle("login", retry_after="1", calls=1)
    with pytest.raises(TenantUnreachable):
        await login.token(SCOPE)
    await asyncio.sleep(1.1)  # MSAL itself keeps away for as long as the service asks
    assert await login.token(SCOPE)


async def test_a_login_service_that_can_not_be_reached_is_an_unreachable_tenant(world: World) -> None:
    world.faults.reset("login")
    login = await signed_in(world)
    with pytest.raises(TenantUnreachable):
        await login.token(SCOPE)
    world.faults.clear()
    assert await login.token(SCOPE)  # the bot need not be started again


@pytest.mark.parametrize("status", [400, 404, 503])
async def test_a_login_service_that_refuses_its_metadata_is_an_unreachable_tenant(world: World, status: int) -> None:
    world.faults.fail("login", status)
    login = await signed_in(world)
    with pytest.raises(TenantUnreachable):
        await login.token(SCOPE)


async def test_a_bundle_named_in_the_environment_does_not_win_over_ours(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, "/nowhere/ca.pem")
    assert await (await signed_in(world)).token(SCOPE)


@asynccontextmanager
async def _machine(monkeypatch: pytest.MonkeyPatch, *, silent: bool = False) -> AsyncIterator[list[dict[str, str]]]:
    """Azure's metadata endpoint, that a virtual machine gets its identity's tokens from; the queries that it saw."""
    asked: list[dict[str, str]] = []
    over = asyncio.Event()

    async def token(request: web.Request) -> web.Response:
        asked.append(dict(request.query))
        if silent:
            await over.wait()
        return web.json_response({"access_token": "t", "expires_in": "3599", "token_type": "Bearer"})

    app = web.Application()
    app.router.add_get("/metadata/identity/oauth2/token", token)
    async with listening(app, "127.0.0.1", 0) as url:
        monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", url)
        yield asked
        over.set()


async def test_neither_secret_nor_certificate_is_a_managed_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    async with _machine(monkeypatch) as asked:
        login = sign_in(APP_ID, "tenant", Credential(), deadlines=GENEROUS)
        assert [await login.token(SCOPE) for _ in range(2)] == ["t", "t"]
    assert [(one["resource"], one["client_id"]) for one in asked] == [(GRAPH, APP_ID)]


async def test_a_silent_metadata_endpoint_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async with _machine(monkeypatch, silent=True):
        login = sign_in(APP_ID, "tenant", Credential(), deadlines=replace(GENEROUS, login_call=0.05))
        with pytest.raises(TenantUnreachable, match="ReadTimeout"):
            await login.token(SCOPE)


@pytest.mark.parametrize("pem", ["", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n"])
async def test_an_unusable_certificate_is_told_before_anybody_is_called(world: World, tmp_path: Path, pem: str) -> None:
    file = tmp_path / "bot.pem"
    file.write_text(pem)
    with pytest.raises(ValueError, match=r"PEM|asn1"):
        await signed_in(world, Credential(certificate=file))
    assert world.faults.count("login") == 0


async def test_a_certificate_without_its_key_is_told_before_anybody_is_called(world: World) -> None:
    with pytest.raises(ValueError, match="key"):
        await signed_in(world, Credential(certificate=world.ca))
    assert world.faults.count("login") == 0


async def test_a_key_that_entra_takes_no_signature_of_is_told_before_anybody_is_called(
    world: World, tmp_path: Path
) -> None:
    issued = trustme.CA().issue_cert("bot.contoso.example", key_type=trustme.KeyType.ECDSA)
    file = tmp_path / "bot.pem"
    file.write_bytes(issued.private_key_pem.bytes() + issued.cert_chain_pems[0].bytes())
    with pytest.raises(ValueError, match="no RSA key"):
        await signed_in(world, Credential(certificate=file))
    assert world.faults.count("login") == 0


async def test_a_key_that_is_locked_with_a_password_is_told_before_anybody_is_called(
    world: World, tmp_path: Path
) -> None:
    issued = trustme.CA().issue_cert("bot.contoso.example", key_type=trustme.KeyType.RSA)
    key = load_pem_private_key(issued.private_key_pem.bytes(), None)
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"locked"))
    file = tmp_path / "bot.pem"
    file.write_bytes(locked + issued.cert_chain_pems[0].bytes())
    with pytest.raises(ValueError, match="locked with a password"):
        await signed_in(world, Credential(certificate=file))
