"""What of Teams' side can be seen from here: connector, keys, and the bot's own address as the world sees it."""

import json
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import quote

import aiohttp

NOWHERE = "19:nowhere@thread.tacv2"  # a conversation that there is not
MOST_BYTES = 64 * 1024
_UNSERVED = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class Answered:
    """What the connector said: 0 and no code where it did not."""

    status: int
    code: str = ""


class Answerer(StrEnum):
    """How the bot's public address answers."""

    BOT = "bot"
    SILENT = "silent"
    CERTIFICATE = "certificate"  # of TLS: not trusted, ended, or of another name
    UNSERVED = "unserved"  # a proxy, with nobody behind it
    OTHER = "other"  # something else answers there


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The public address; `ends`: when its certificate does, where there is one."""

    front: Answerer
    ends: datetime | None = None


class Reach:
    """`token` is for the connector. Nothing here raises for what doesn't answer."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        token: Callable[[], Awaitable[str]],
        service_url: str,
        keys_url: str,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._session = session
        self._token = token
        self._members = f"{service_url.rstrip('/')}/v3/conversations/{{}}/pagedmembers?pageSize=50"
        self._keys_url = keys_url
        self._tls = tls  # that trusts a simulated tenant's certificate

    async def conversation(self, conversation_id: str) -> Answered:
        """Does the connector know it, and the bot's token? Raises the errors of signing in."""
        headers = {"Authorization": f"Bearer {await self._token()}"}
        return await self._get(self._members.format(quote(conversation_id, safe="")), headers)

    async def connector_answers(self) -> bool:
        """Without a token: a refusal is an answer."""
        return 0 < (await self._get(self._members.format(quote(NOWHERE, safe="")))).status < 500

    async def keys_answer(self) -> bool:
        """The keys that sign Teams' calls."""
        return (await self._get(self._keys_url)).status == 200

    async def silent_parts(self, url: str) -> list[str] | None:
        """What the bot that runs at this address says is not ready; None where none runs."""
        try:
            async with self._session.get(f"{url}/readyz", allow_redirects=False) as answer:
                document = json.loads(await answer.content.read(MOST_BYTES))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return None
        return [str(one) for one in document.get("not_ready", ())] if isinstance(document, dict) else None

    async def endpoint(self, url: str) -> Endpoint:
        """As somebody else would come: alive, and closed to who brings no token."""
        timeout = self._session.timeout
        proxied = self._session.trust_env
        async with aiohttp.ClientSession(timeout=timeout, trust_env=proxied, response_class=_Noting) as session:
            try:
                async with session.get(f"{url}/healthz", ssl=self._tls or True, allow_redirects=False) as alive:
                    well = alive.status == 200 and await alive.content.read(MOST_BYTES) == b"ok"
                    ends = alive.ends if isinstance(alive, _Noting) else None
                async with session.post(
                    f"{url}/api/messages", json={}, ssl=self._tls or True, allow_redirects=False
                ) as closed:
                    well = well and closed.status == 401
            except aiohttp.ClientSSLError:
                return Endpoint(Answerer.CERTIFICATE)
            except (aiohttp.ClientError, TimeoutError, OSError):
                return Endpoint(Answerer.SILENT)
        if alive.status in _UNSERVED:
            return Endpoint(Answerer.UNSERVED, ends)
        return Endpoint(Answerer.BOT if well else Answerer.OTHER, ends)

    async def _get(self, url: str, headers: dict[str, str] | None = None) -> Answered:
        try:
            async with self._session.get(url, headers=headers, allow_redirects=False) as answer:
                return Answered(answer.status, _code(await answer.content.read(MOST_BYTES)))
        except (aiohttp.ClientError, TimeoutError, OSError):
            return Answered(0)


class _Noting(aiohttp.ClientResponse):
    """Keeps when the certificate ends: a connection is gone from a short answer before anybody can look."""

    ends: datetime | None = None

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        certificate = connection.transport and connection.transport.get_extra_info("peercert")
        if certificate and "notAfter" in certificate:
            self.ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
        return await super().start(connection)


def _code(body: bytes) -> str:
    """Teams' word for a refusal."""
    try:
        document = json.loads(body)
        return str(document["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return ""
