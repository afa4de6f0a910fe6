"""RSA keys of the simulated services, the tokens that they sign and the documents that publish them."""

import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CHANNEL_ISSUER = "https://api.botframework.com"
LIFE = 3600  # seconds that a token is good for


class Key:
    """One RSA key with its id."""

    def __init__(self) -> None:
        self.private = rsa.generate_private_key(65537, 2048)
        self.id = uuid.uuid4().hex

    def sign(self, claims: Mapping[str, Any], headers: Mapping[str, Any] | None = None) -> str:
        """A compact JWT, RS256."""
        return jwt.encode(dict(claims), self.private, algorithm="RS256", headers={"kid": self.id, **(headers or {})})

    def read(self, token: str, audience: list[str]) -> dict[str, Any]:
        """The claims. Raises jwt.PyJWTError."""
        claims: dict[str, Any] = jwt.decode(
            token,
            self.private.public_key(),
            algorithms=["RS256"],
            audience=audience,
            options={"require": ["exp", "aud"]},
        )
        return claims

    def published(self) -> dict[str, Any]:
        """The public half as a JWK."""
        jwk: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(self.private.public_key()))
        return {"kty": "RSA", "use": "sig", "kid": self.id, "x5t": self.id, "n": jwk["n"], "e": jwk["e"]}


class ChannelService:
    """Signs as the Bot Framework's channel service does, and publishes its keys as it does."""

    def __init__(self) -> None:
        self.key = Key()
        self.published = [self.key]
        self._token: tuple[float, tuple[str, str, str], str] = (0.0, ("", "", ""), "")

    def rotate(self, *, keep_old: bool = True) -> None:
        """A new key; the old one stays published unless it is revoked."""
        self.key = Key()
        self.published = [*(self.published if keep_old else ()), self.key]

    def claims(self, app_id: str, service_url: str) -> dict[str, Any]:
        """All that such a token says: nothing of who wrote or in which tenant."""
        now = int(time.time())
        return {"serviceurl": service_url, "nbf": now, "exp": now + LIFE, "iss": CHANNEL_ISSUER, "aud": app_id}

    def token(self, app_id: str, service_url: str) -> str:
        """A token, used again for some minutes as the real service does."""
        made, wanted, token = self._token
        if wanted != (self.key.id, app_id, service_url) or time.monotonic() - made > LIFE / 12:
            token = self.key.sign(self.claims(app_id, service_url), {"x5t": self.key.id})
            self._token = (time.monotonic(), (self.key.id, app_id, service_url), token)
        return token

    def metadata(self, base: str) -> dict[str, Any]:
        """The openid document that lies at `<base>/openidconfiguration`."""
        return {
            "issuer": CHANNEL_ISSUER,
            "authorization_endpoint": "https://invalid.botframework.com",
            "jwks_uri": f"{base}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        }

    def keys(self) -> dict[str, Any]:
        """The key list; each key names the channels that it may sign for."""
        return {"keys": [key.published() | {"endorsements": ["msteams"]} for key in self.published]}
