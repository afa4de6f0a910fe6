"""The login service: client credentials in, signed tokens with the app's granted permissions out."""

import base64
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509 import Certificate, load_pem_x509_certificate

from bot.simulation.faults import Faults
from bot.simulation.signing import LIFE, Key
from bot.simulation.state import SimulatedTenant

GRAPH = ("https://graph.microsoft.com", "https://graph.microsoft.us", "https://dod-graph.microsoft.us")
CONNECTOR = ("https://api.botframework.com", "https://api.botframework.us")
# RFC 7515: under which name a header gives which fingerprint of the certificate. Entra finds the key by it.
THUMBPRINTS = {"x5t": SHA1(), "x5t#S256": SHA256()}  # noqa: S303 - a name, not a proof
ASSERTION_LIFE = timedelta(minutes=10)  # as MSAL makes them
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class _LoginRefusal(Exception):
    """One of Entra's refusals: HTTP status, OAuth error, AADSTS number, its sentence."""

    def __init__(self, status: int, error: str, number: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.error, self.number, self.sentence = status, error, number, sentence


@dataclass
class LoginService:
    """Entra's token endpoint of one tenant and one app. `url` is known once it listens."""

    tenant: SimulatedTenant
    app_id: str
    secret: str
    key: Key
    url: str = ""
    life: int = LIFE - 1  # seconds that it says its tokens are good for
    certificates: list[Certificate] = field(default_factory=list)
    federated: set[str] = field(default_factory=set)  # tokens of another issuer that the app trusts
    expired: bool = False  # the secret
    disabled: bool = False  # the app
    ahead: timedelta = timedelta()  # this clock, of the machine's

    def trust(self, certificate: Path) -> None:
        """Register the certificate of a PEM file on the app."""
        self.certificates.append(load_pem_x509_certificate(certificate.read_bytes()))

    def app(self, faults: Faults) -> web.Application:
        """The service, to be served over https."""
        app = web.Application()
        app.on_response_prepare.append(self._date)
        app.router.add_get(
            "/{tenant}/v2.0/.well-known/openid-configuration", faults.over("login", self._metadata, _unwell)
        )
        app.router.add_post("/{tenant}/oauth2/v2.0/token", faults.over("login", self._token, _unwell))
        app.router.add_get("/{tenant}/discovery/v2.0/keys", faults.over("login", self._keys, _unwell))
        return app

    async def _date(self, _request: web.Request, answer: web.StreamResponse) -> None:
        answer.headers["Date"] = format_datetime(datetime.now(UTC) + self.ahead, usegmt=True)

    async def _metadata(self, request: web.Request) -> web.Response:
        base = f"{self.url}/{request.match_info['tenant']}"
        if request.match_info["tenant"] != self.tenant.id:
            return _refusal(_unknown_tenant())
        return web.json_response(
            {
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "response_types_supported": ["code", "id_token"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "tenant_region_scope": "EU",
            }
        )

    async def _keys(self, _request: web.Request) -> web.Response:
        return web.json_response({"keys": [self.key.published()]})

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        try:
            audience = self._admit(request.match_info["tenant"], form)
        except _LoginRefusal as refusal:
            return _refusal(refusal)
        token = self.issue(audience)
        return web.json_response(
            {"token_type": "Bearer", "expires_in": self.life, "ext_expires_in": self.life, "access_token": token}
        )

    def issue(self, audience: str, **claims: Any) -> str:
        """A token of the app; `claims` take the place of the usual ones (tests make wrong tokens so)."""
        now = int(time.time())
        usual = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{self.tenant.id}/",
            "iat": now,
            "nbf": now,
            "exp": now + LIFE,
            "appid": self.app_id,
            "idtyp": "app",
            "tid": self.tenant.id,
            "ver": "1.0",
        }
        if audience in GRAPH:
            usual["roles"] = sorted(self.tenant.permissions)
        return self.key.sign(usual | claims)

    def _admit(self, tenant_id: str, form: Mapping[str, str]) -> str:
        """The resource that the token is for."""
        if tenant_id != self.tenant.id:
            raise _unknown_tenant()
        if form.get("grant_type") != "client_credentials":
            raise _LoginRefusal(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
        if form.get("client_id") != self.app_id:
            raise _LoginRefusal(400, "unauthorized_client", 700016, "Application with identifier was not found.")
        if self.disabled:
            raise _LoginRefusal(400, "unauthorized_client", 7000112, f"Application '{self.app_id}' is disabled.")
        self._check_credential(form)
        audience, _, permission = form.get("scope", "").split(" ")[0].rpartition("/")
        if permission != ".default":
            raise _LoginRefusal(400, "invalid_scope", 1002012, "The provided value for scope is not valid.")
        if audience not in GRAPH + CONNECTOR:
            raise _LoginRefusal(400, "invalid_resource", 500011, "The resource principal was not found in the tenant.")
        return audience

    def _check_credential(self, form: Mapping[str, str]) -> None:
        if form.get("client_assertion_type") == ASSERTION:
            self._check_assertion(form.get("client_assertion", ""))
        elif "client_secret" not in form:
            raise _LoginRefusal(401, "invalid_client", 7000216, "'client_assertion' or 'client_secret' is required.")
        elif form["client_secret"] != self.secret:
            raise _LoginRefusal(
                401,
                "invalid_client",
                7000215,
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
                f"value, not the client secret ID, for a secret added to app '{self.app_id}'.",
            )
        elif self.expired:
            raise _LoginRefusal(
                401,
                "invalid_client",
                7000222,
                f"The provided client secret keys for app '{self.app_id}' are expired. Visit the Azure portal to "
                "create new keys for your app.",
            )

    def _check_assertion(self, assertion: str) -> None:
        if assertion in self.federated:
            return
        audience = f"{self.url}/{self.tenant.id}/oauth2/v2.0/token"
        if abs(self.ahead) > ASSERTION_LIFE:
            raise _LoginRefusal(401, "invalid_client", 700024, "Client assertion is not within its valid time range.")
        for certificate in self.certificates:
            key = certificate.public_key()
            assert isinstance(key, RSAPublicKey)
            try:
                named = _names(jwt.get_unverified_header(assertion), certificate)
                claims = jwt.decode(assertion, key, algorithms=["RS256", "PS256"], audience=audience)
            except jwt.PyJWTError:
                continue
            if named and claims.get("iss") == claims.get("sub") == self.app_id:
                return
        if not _is_by_certificate(assertion, self.app_id):
            raise _LoginRefusal(401, "invalid_client", 700213, "No matching federated identity record found.")
        raise _LoginRefusal(
            401, "invalid_client", 700027, "The certificate used to sign the assertion is not registered."
        )


def _is_by_certificate(assertion: str, app_id: str) -> bool:
    """It names one, or the app as its issuer; a token of another issuer does neither."""
    try:
        claims = jwt.decode(assertion, options={"verify_signature": False})
        return bool(jwt.get_unverified_header(assertion).keys() & set(THUMBPRINTS)) or claims.get("iss") == app_id
    except jwt.PyJWTError:
        return False


def _names(header: Mapping[str, str], certificate: Certificate) -> bool:
    """By one thumbprint at least, and by no wrong one."""
    given = {name: header[name].rstrip("=") for name in THUMBPRINTS if name in header}
    right = {name: base64.urlsafe_b64encode(certificate.fingerprint(THUMBPRINTS[name])) for name in given}
    return bool(given) and given == {name: thumbprint.decode().rstrip("=") for name, thumbprint in right.items()}


def _unknown_tenant() -> _LoginRefusal:
    return _LoginRefusal(
        400, "invalid_tenant", 90002, "SimulatedTenant not found. Check that you have the correct tenant ID."
    )


def _refusal(refusal: _LoginRefusal) -> web.Response:
    stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    described = f"AADSTS{refusal.number}: {refusal.sentence} Trace ID: {trace} Correlation ID: {correlation}"
    return web.json_response(
        {
            "error": refusal.error,
            "error_description": f"{described} Timestamp: {stamp}",
            "error_codes": [refusal.number],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={refusal.number}",
        },
        status=refusal.status,
    )


def _unwell(_request: web.Request, status: int) -> web.Response:
    return _refusal(_LoginRefusal(status, "temporarily_unavailable", 90033, "A transient error has occurred."))
