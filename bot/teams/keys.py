"""The keys that sign Teams' calls: fetched without blocking, seldom, and served stale while the endpoint is down."""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from bot.errors import KeysUnavailable, Unauthorised

log = logging.getLogger(__name__)

FRESH_SECONDS = 6 * 3600.0  # a revoked key is refused after this
STALE_SECONDS = 5 * 86_400.0  # an outage of the endpoint is survived this long
PAUSE_SECONDS = 60.0  # between two fetches, whoever asks: junk tokens can't make more
ENDORSED = "msteams"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """What the SDK's verifier reads: a public key and the channels it may sign for."""

    public_key: Any
    endorsements: tuple[str, ...]


class SigningKeys:
    """Keys by key id. `get` fits the SDK's metadata cache."""

    def __init__(
        self, url: str, session: aiohttp.ClientSession, clock: Callable[[], float], *, fetch: float, known: float
    ) -> None:
        """`fetch`: seconds that a fetch may take; `known`: that it may hold up a call whose key is known."""
        self.url = url
        self._fetch_seconds = fetch
        self._known_seconds = known
        self._session = session
        self.clock = clock
        self._keys: dict[str, SigningKey] = {}
        self.fetched = self._tried = float("-inf")  # when these keys were
        self._fetch: asyncio.Task[None] | None = None

    async def get(self, key_id: str) -> SigningKey:
        """The key. Raises Unauthorised for one that nobody published, KeysUnavailable when there is none to be had."""
        if key_id not in self._keys or self._age() > STALE_SECONDS:
            await self._refresh(self._fetch_seconds)
        elif self._age() > FRESH_SECONDS:
            await self._refresh(self._known_seconds)
        if not self.usable:
            raise KeysUnavailable("no signing keys")
        if key_id not in self._keys:
            raise Unauthorised("unknown signing key")
        return self._keys[key_id]

    @property
    def usable(self) -> bool:
        """Are there keys, and none too old to be believed?"""
        return bool(self._keys) and self._age() <= STALE_SECONDS

    @property
    def age(self) -> float | None:
        """Seconds since the list was fetched; None before."""
        return self._age() if self._keys else None

    async def age_at_best(self) -> float | None:
        """The same, once a list that is no longer fresh was fetched anew, if it can be: where nobody writes for a day
        nothing else fetches it."""
        if self._keys and self._age() > FRESH_SECONDS:
            await self._refresh(self._known_seconds)
        return self.age

    def _age(self) -> float:
        return self.clock() - self.fetched

    async def _refresh(self, seconds: float) -> None:
        """One fetch at a time and one a minute; wait for it until so long after its start, then it goes on alone."""
        if self._fetch is None or self._fetch.done():
            if self.clock() - self._tried < PAUSE_SECONDS:
                return
            self._tried = self.clock()
            self._fetch = asyncio.create_task(self._replace())
        await asyncio.wait([self._fetch], timeout=max(0.0, self._tried + seconds - self.clock()))

    async def _replace(self) -> None:
        try:
            async with asyncio.timeout(self._fetch_seconds):
                metadata = await self._read(self.url)
                published = await self._read(str(metadata["jwks_uri"]))
            keys = _usable(published["keys"])
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError) as error:
            log.warning("signing keys not fetched: %s", type(error).__name__)
            return
        if keys:
            self._keys, self.fetched = keys, self.clock()

    async def _read(self, url: str) -> dict[str, Any]:
        async with self._session.get(url, allow_redirects=False) as response:
            response.raise_for_status()
            document: dict[str, Any] = json.loads(await response.read())
            return document


def _usable(published: list[Any]) -> dict[str, SigningKey]:
    """RSA keys with an id that are endorsed for Teams; whatever else the list holds is passed over."""
    keys = {}
    for jwk in published:
        try:
            endorsements = tuple(jwk["endorsements"])
            if jwk["kty"] == "RSA" and isinstance(jwk["kid"], str) and ENDORSED in endorsements:
                keys[jwk["kid"]] = SigningKey(PyJWK(jwk, algorithm="RS256").key, endorsements)
        except (PyJWTError, KeyError, TypeError, ValueError):
            continue
    return keys
