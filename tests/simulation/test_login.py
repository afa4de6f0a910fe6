"""The login service gives tokens to the app that proves itself, and refuses in Entra's words."""

import base64
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest
import trustme
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.x509 import Certificate, load_pem_x509_certificate

from bot.errors import TenantUnreachable
from bot.simulation import World
from bot.tenant.credentials import Credential
from tests.simulation.clients import CONNECTOR, GRAPH, signed_in


async def _ask(world: World, tenant_id: str = "", **changed: str) -> tuple[int, dict[str, Any]]:
    form = {
        "grant_type": "client_credentials",
        "client_id": world.login.app_id,
        "client_secret": world.login.secret,
        "scope": f"{GRAPH}/.default",
    } | changed
    url = f"{world.login.url}/{tenant_id or world.tenant.id}/oauth2/v2.0/token"
    tls = ssl.create_default_context(cafile=str(world.ca))
    sent = {name: value for name, value in form.items() if value}
    async with aiohttp.ClientSession() as session, session.post(url, data=sent, ssl=tls) as answer:
        return answer.status, await answer.json()


def _pem(folder: Path) -> Path:
    """A certificate with an RSA key, as an operator would register it."""
    authority = trustme.CA(key_type=trustme.KeyType.RSA)
    issued = authority.issue_cert("bot.contoso.example", key_type=trustme.KeyType.RSA)
    file = folder / "bot.pem"
    file.write_bytes(issued.private_key_pem.bytes() + issued.cert_chain_pems[0].bytes())
    return file


async def test_msal_signs_in_with_the_secret_and_gets_the_granted_permissions(world: World) -> None:
    world.tenant.permissions = {"Device.Read.All", "User.Read.All"}
    token = await (await signed_in(world)).token(f"{GRAPH}/.default")
    claims = world.login.key.read(token, [GRAPH])
    assert claims["roles"] == ["Device.Read.All", "User.Read.All"]
    assert (claims["tid"], claims["appid"]) == (world.tenant.id, world.login.app_id)
    assert jwt.get_unverified_header(token)["alg"] == "RS256"


async def test_a_token_for_teams_has_no_permissions(world: World) -> None:
    token = await (await signed_in(world)).token(f"{CONNECTOR}/.default")
    assert "roles" not in world.login.key.read(token, [CONNECTOR])


async def test_msal_signs_in_with_a_registered_certificate(world: World, tmp_path: Path) -> None:
    certificate = _pem(tmp_path)
    world.login.trust(certificate)
    login = await signed_in(world, Credential(certificate=certificate))
    assert world.login.key.read(await login.token(f"{GRAPH}/.default"), [GRAPH])


async def test_a_certificate_that_nobody_registered_is_refused(world: World, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    world.login.trust(_pem(tmp_path / "other"))
    login = await signed_in(world, Credential(certificate=_pem(tmp_path)))
    with pytest.raises(TenantUnreachable, match="invalid_client"):
        await login.token(f"{GRAPH}/.default")


@dataclass(frozen=True)
class Registered:
    """A certificate that the app has, and what a bare client says with it."""

    world: World
    private_key: bytes
    certificate: Certificate

    def thumbprint(self, algorithm: HashAlgorithm) -> str:
        return base64.urlsafe_b64encode(self.certificate.fingerprint(algorithm)).decode().rstrip("=")

    async def ask(self, header: dict[str, str], name: str = "") -> tuple[int, list[int]]:
        """Status and error numbers; `name` is whose name the assertion is in, the app's unless given."""
        audience = f"{self.world.login.url}/{self.world.tenant.id}/oauth2/v2.0/token"
        name = name or self.world.login.app_id
        claims = {"iss": name, "sub": name, "aud": audience, "exp": 2**33}
        status, body = await _ask(
            self.world,
            client_secret="",
            client_assertion=jwt.encode(claims, self.private_key, algorithm="RS256", headers=header),
            client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        )
        return status, body.get("error_codes", [])


@pytest.fixture
def registered(world: World, tmp_path: Path) -> Registered:
    file = _pem(tmp_path)
    world.login.trust(file)
    return Registered(world, file.read_bytes(), load_pem_x509_certificate(file.read_bytes()))


async def test_a_certificate_is_found_by_either_thumbprint(registered: Registered) -> None:
    for name, algorithm in (("x5t", SHA1()), ("x5t#S256", SHA256())):
        assert await registered.ask({name: registered.thumbprint(algorithm)}) == (200, [])


async def test_a_certificate_that_is_named_wrongly_or_not_at_all_is_not_found(registered: Registered) -> None:
    sha1, sha256 = registered.thumbprint(SHA1()), registered.thumbprint(SHA256())
    wrong: list[dict[str, str]] = [{}, {"x5t": sha256}, {"x5t#S256": sha1}, {"x5t": sha1, "x5t#S256": sha1}]
    assert [await registered.ask(header) for header in wrong] == [(401, [700027])] * len(wrong)


async def test_an_assertion_in_somebody_elses_name_is_refused(registered: Registered) -> None:
    assert await registered.ask({"x5t": registered.thumbprint(SHA1())}, "other") == (401, [700027])


async def test_a_wrong_secret_is_refused_in_entras_words(world: World) -> None:
    status, body = await _ask(world, client_secret="guessed")
    assert (status, body["error"], body["error_codes"]) == (401, "invalid_client", [7000215])
    assert body["error_description"].startswith("AADSTS7000215: Invalid client secret provided.")
    login = await signed_in(world, Credential("guessed"))
    with pytest.raises(TenantUnreachable, match="invalid_client"):
        await login.token(f"{GRAPH}/.default")


@pytest.mark.parametrize(
    ("changed", "status", "number"),
    [
        ({"client_id": "00000000-0000-0000-0000-000000000001"}, 400, 700016),
        ({"client_secret": ""}, 401, 7000216),
        ({"grant_type": "password"}, 400, 70003),
        ({"scope": f"{GRAPH}/User.Read"}, 400, 1002012),
        ({"scope": "https://evil.example/.default"}, 400, 500011),
        ({"tenant_id": "00000000-0000-0000-0000-000000000001"}, 400, 90002),
    ],
)
async def test_what_entra_refuses_is_refused(world: World, changed: dict[str, str], status: int, number: int) -> None:
    found, body = await _ask(world, **changed)
    assert (found, body["error_codes"]) == (status, [number])
    assert f"AADSTS{number}" in body["error_description"]


async def test_government_clouds_have_their_own_audiences(world: World) -> None:
    for resource in ("https://graph.microsoft.us", "https://dod-graph.microsoft.us", "https://api.botframework.us"):
        status, body = await _ask(world, scope=f"{resource}/.default")
        assert status == 200
        assert world.login.key.read(body["access_token"], [resource])["aud"] == resource
