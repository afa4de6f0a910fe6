"""The Bot Framework SDK: is this call really from Teams, and carry this JSON. The only file that imports it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import aiohttp
from botframework.connector.aio import ConnectorClient
from botframework.connector.aiohttp_bf_pipeline import AsyncBfPipeline
from botframework.connector.auth import (
    AuthenticationConstants,
    ChannelValidation,
    GovernmentChannelValidation,
    GovernmentConstants,
    JwtTokenExtractor,
    SimpleCredentialProvider,
)
from msrest.pipeline import SansIOHTTPPolicy
from msrest.pipeline.aiohttp import AioHTTPSender
from msrest.universal_http.aiohttp import AioHttpClientResponse
from msrest.universal_http.async_abc import AsyncHTTPSender
from pydantic import BaseModel, ValidationError

from bot.errors import KeysUnavailable, TenantUnreachable, Unauthorised
from bot.observed import UNOBSERVED, Observer, Service
from bot.teams.keys import ENDORSED, SigningKeys
from bot.teams.known_tokens import KnownTokens
from bot.teams.outbound import Failed

LONGEST_TOKEN_LIFE = 24 * 3600
PUBLIC_KEYS = AuthenticationConstants.TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL
GOVERNMENT_KEYS = GovernmentConstants.TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL
CONNECTOR_SCOPE = "https://api.botframework.com/.default"
GOVERNMENT_CONNECTOR_SCOPE = "https://api.botframework.us/.default"


class Verifier:
    """Proves by the SDK's check of channel tokens that a call comes from Teams and is meant for this bot.

    The SDK's own choice of a check also leads emulator and skill tokens into paths with holes; it is not asked.
    """

    def __init__(self, app_id: str, keys: SigningKeys, *, government: bool, now: Callable[[], datetime]) -> None:
        self._app_id = app_id
        self._known = KnownTokens(keys, now)
        self._issuer = (
            GovernmentConstants.TO_BOT_FROM_CHANNEL_TOKEN_ISSUER
            if government
            else AuthenticationConstants.TO_BOT_FROM_CHANNEL_TOKEN_ISSUER
        )
        self._credentials = SimpleCredentialProvider(app_id, "the SDK only asks whether there is one")
        self._channel = GovernmentChannelValidation if government else ChannelValidation
        # The SDK's own key source blocks the loop and never refreshes; its cache takes ours in its place.
        ChannelValidation.open_id_metadata_endpoint = keys.url
        GovernmentChannelValidation.OPEN_ID_METADATA_ENDPOINT = keys.url
        JwtTokenExtractor.metadataCache[keys.url] = keys

    async def authenticate(self, header: str) -> str:
        """The service URL that the token is good for: the token signs that, and nothing else of what the body says.

        Raises errors.Unauthorised, or errors.KeysUnavailable when nobody can tell right now.
        """
        if known := self._known.service_url(header):
            return known
        try:
            identity = await self._channel.authenticate_channel_token(header, self._credentials, ENDORSED)
            self._lock_down(identity.claims)
            service_url, ends = str(identity.claims["serviceurl"]), float(identity.claims["exp"])
        except (Unauthorised, KeysUnavailable):
            raise
        except Exception as error:  # the SDK refuses with whatever its parts raise
            raise Unauthorised("not from Teams") from error
        self._known.keep(header, service_url, ends)
        return service_url

    def _lock_down(self, claims: Mapping[str, Any]) -> None:
        """What the SDK forgets to ask for."""
        wanted = {"iss": self._issuer, "aud": self._app_id}
        if any(claims.get(name) != value for name, value in wanted.items()) or not claims.get("serviceurl"):
            raise PermissionError("issuer, audience or service URL")
        if "ver" in claims or "appid" in claims:
            raise PermissionError("a token for emulators or skills")
        life = claims["exp"] - claims["nbf"]
        if not 0 < life <= LONGEST_TOKEN_LIFE:
            raise PermissionError("lifetime")


class Connector:
    """Carries activities over one pooled session, with one cached SDK client a service URL."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        token: Callable[[], Awaitable[str]],
        observer: Observer = UNOBSERVED,
    ) -> None:
        self._sender = AioHTTPSender(_Pooled(session, token, observer))
        self._clients: dict[str, Any] = {}

    async def send(self, service_url: str, conversation_id: str, reply_to: str, activity: dict[str, Any]) -> str:
        """The id of the new activity. Raises outbound.Failed."""
        conversations = self._conversations(service_url)
        if reply_to:
            return await _tell(conversations.reply_to_activity(conversation_id, reply_to, activity))
        return await _tell(conversations.send_to_conversation(conversation_id, activity))

    async def update(self, service_url: str, conversation_id: str, activity_id: str, activity: dict[str, Any]) -> None:
        """Put a new card in the old one's place. Raises outbound.Failed."""
        await _tell(self._conversations(service_url).update_activity(conversation_id, activity_id, activity))

    async def create(self, service_url: str, bot_id: str, chat_id: str, tenant_id: str) -> str:
        """The id of the personal chat with one person. Raises outbound.Failed."""
        wanted = {
            "isGroup": False,
            "bot": {"id": bot_id},
            "members": [{"id": chat_id}],
            "tenantId": tenant_id,
            "channelData": {"tenant": {"id": tenant_id}},
        }
        return await _tell(self._conversations(service_url).create_conversation(wanted))

    def _conversations(self, service_url: str) -> Any:
        if service_url not in self._clients:
            client = ConnectorClient(
                SansIOHTTPPolicy(), base_url=service_url, pipeline_type=AsyncBfPipeline, sender=self._sender
            )
            client.conversations._serialize = _AsItIs(client.conversations._serialize)  # noqa: SLF001 - no other way in
            self._clients[service_url] = client
        return self._clients[service_url].conversations


class _AsItIs:
    """What we send is JSON already; the SDK would copy and check a card four times, for half of a turn's cost."""

    def __init__(self, serializer: Any) -> None:
        self.url = serializer.url
        self.query = serializer.query
        self.header = serializer.header

    def body(self, data: dict[str, Any], _kind: str, **_options: Any) -> dict[str, Any]:
        return data


class _Pooled(AsyncHTTPSender):
    """The SDK's own senders open a session of their own or a thread a call; this one shares ours."""

    def __init__(self, session: aiohttp.ClientSession, token: Callable[[], Awaitable[str]], observer: Observer) -> None:
        self._session = session
        self._token = token
        self._observer = observer

    async def __aexit__(self, *_details: object) -> None:
        return None

    async def send(self, request: Any, **_config: Any) -> Any:
        headers = {**request.headers, "Authorization": f"Bearer {await self._token()}"}
        # A redirect would carry the card to a host that nobody allowed.
        with self._observer.call(Service.TEAMS, request.method, request.url) as call:
            async with self._session.request(
                request.method, request.url, data=request.data, headers=headers, allow_redirects=False
            ) as answer:
                call.status = answer.status
                if answer.status >= 300:  # told here: the SDK trips over refusals that are no JSON
                    raise Failed(answer.status, answer.headers.get("Retry-After"), _code(await answer.read()))
                response = _Read(request, answer)
                await response.load_body()
        return response


class _Read(AioHttpClientResponse):
    """An answer that may be empty, where the SDK's raises."""

    def body(self) -> bytes:
        return bytes(self._body or b"")


class _Error(BaseModel):
    code: str = ""


class _Refusal(BaseModel):
    """What is read of Teams' refusals, e.g. {"error": {"code": "BotNotInConversationRoster"}}."""

    error: _Error = _Error()


def _code(body: bytes) -> str:
    try:
        return _Refusal.model_validate_json(body).error.code
    except ValidationError:
        return ""


async def _tell(call: Awaitable[Any]) -> str:
    """The id that Teams gives. What went wrong without an answer of Teams, or in reading it, becomes a Failed."""
    try:
        created = await call
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, TenantUnreachable) as error:
        raise Failed(0, None, type(error).__name__) from None
    return str((created and created.id) or "")
