"""The POST route: every call is cheap to refuse, and nothing runs before it is proven to come from Teams."""

import asyncio
import base64
import binascii
import json
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from bot.chat.deadlines import STANDARD
from bot.chat.turn import Handle, PressAnswer, Search, Turn, TurnKind
from bot.errors import KeysUnavailable, NotKept, Unauthorised, where
from bot.logs import TURN
from dialogs.words.replies import Choice

log = logging.getLogger(__name__)

MAX_BYTES = 256 * 1024  # a Teams message has at most 100 KB
MAX_DEPTH = 256  # a card in a message has about 20 levels; the parser itself ends at about 1,000
RETRY_SECONDS = "30"
BEARER = re.compile(r"Bearer ([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# What the product reads; whatever else Teams sends, today or one day, gets 200 and does nothing.
READ = frozenset({"message", "invoke", "installationUpdate", "conversationUpdate"})
_ACCOUNTS = ("from", "recipient", "conversation")
_TEXTS = ("id", "text", "locale", "name", "replyToId")
_SURROGATE = re.compile("[\ud800-\udfff]")

Activity = Mapping[str, Any]


class Transport(Protocol):
    """The seam, as the door sees it."""

    def allows(self, service_url: str) -> bool: ...

    async def authenticate(self, header: str) -> str:
        """The service URL that the token is good for. Raises errors.Unauthorised or errors.KeysUnavailable."""
        ...

    def tenant_id(self, activity: Activity) -> str: ...

    def read(self, activity: Activity) -> Turn | None: ...

    def invoke_answer(self, said: PressAnswer | None) -> dict[str, Any]: ...

    def search_answer(self, found: Iterable[Choice]) -> dict[str, Any]: ...


class _BadCall(Exception):
    """A call that ends here with a 4xx, or with 503 while no signing key is to be had."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


async def _nothing(_turn: Turn) -> tuple[Choice, ...]:
    """Where nothing can be looked for."""
    return ()


@dataclass(frozen=True, slots=True)
class Door:
    """POST /api/messages, GET /healthz, GET /readyz."""

    transport: Transport
    handle: Handle
    not_ready: Callable[[], Awaitable[Sequence[str]]]  # the kinds of trouble; quick, whatever the trouble
    tenant_id: str
    body_seconds: float = STANDARD.body
    search: Search = _nothing

    def app(self) -> web.Application:
        """The application; `bot.teams.listen` serves it with its time limits."""
        app = web.Application(client_max_size=MAX_BYTES)
        app.router.add_post("/api/messages", self.messages)
        app.router.add_get("/healthz", self.healthz)
        app.router.add_get("/readyz", self.readyz)
        return app

    async def healthz(self, _request: web.Request) -> web.Response:
        """The process lives."""
        return web.Response(text="ok")

    async def readyz(self, _request: web.Request) -> web.Response:
        """Whatever works beside the chat is alive, the database can be written to, and the bot can sign in."""
        if troubles := [*await self.not_ready()]:
            return web.json_response({"ready": False, "not_ready": troubles}, status=503)
        return web.json_response({"ready": True})

    async def messages(self, request: web.Request) -> web.Response:
        """One call of Teams: 200 with the answer to a press, 200 empty for the rest, 4xx for what is refused, 503 for
        what Teams has to tell again."""
        TURN.set(secrets.token_hex(4))
        try:
            turn = await self._admit(request)
        except _BadCall as refusal:
            log.info("refused: %s", refusal.status)
            return _again() if refusal.status == 503 else web.Response(status=refusal.status)
        return await self._answer(turn) if turn else web.Response()

    async def _answer(self, turn: Turn) -> web.Response:
        if turn.kind is TurnKind.SEARCH:
            return web.json_response(self.transport.search_answer(await self.search(turn)))
        answer: PressAnswer | None = None
        try:
            answer = await self.handle(turn)
        except NotKept:
            return _again()
        except Exception as error:  # noqa: BLE001 - Teams would repeat a call that ends in 5xx
            log.error("turn lost: %s", where(error))  # noqa: TRY400 - a traceback would carry what people wrote
        if turn.kind is TurnKind.BUTTON:
            return web.json_response(self.transport.invoke_answer(answer))
        return web.Response()

    async def _admit(self, request: web.Request) -> Turn | None:
        """The checks, cheap ones first, and no look at a body that nobody has signed for; None for a proven call that
        the product does not use."""
        _need(request.headers.getall("Content-Type", []) != [] and request.content_type == "application/json", 415)
        _need((request.content_length or 0) <= MAX_BYTES, 413)
        header = _bearer(request)
        _need("Content-Encoding" not in request.headers, 415)
        service_url = await self._authenticate(header)
        activity = _parse(await _body(request, self.body_seconds))
        _check_shape(activity)
        _need(activity["channelId"] == "msteams", 403)
        _need(self.transport.allows(activity["serviceUrl"]), 403)
        _need(activity["serviceUrl"] == service_url, 401)
        _need(self.transport.tenant_id(activity) == self.tenant_id, 403)
        turn = self.transport.read(activity)
        _need(turn is None or _is_by_nobody(turn) or bool(GUID.fullmatch(turn.person.object_id)), 403)
        return turn

    async def _authenticate(self, header: str) -> str:
        try:
            return await self.transport.authenticate(header)
        except Unauthorised:
            raise _BadCall(401) from None
        except KeysUnavailable:
            raise _BadCall(503) from None


def _again() -> web.Response:
    return web.Response(status=503, headers={"Retry-After": RETRY_SECONDS})


def _is_by_nobody(turn: Turn) -> bool:
    """Teams does not always name who added or removed the bot; nothing is learnt of them by that."""
    return turn.kind in {TurnKind.INSTALLED, TurnKind.REMOVED} and not turn.person.object_id


def _need(true: bool, else_status: int) -> None:
    if not true:
        raise _BadCall(else_status)


def _bearer(request: web.Request) -> str:
    """Exactly one bearer token, signed with RS256 by a named key: all that costs nothing to see."""
    headers = request.headers.getall("Authorization", [])
    _need(len(headers) == 1, 401)
    match = BEARER.fullmatch(headers[0])
    if not match:
        raise _BadCall(401)
    try:
        head = json.loads(base64.urlsafe_b64decode(match[1] + "=" * (-len(match[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        raise _BadCall(401) from None
    _need(isinstance(head, dict) and head.get("alg") == "RS256" and isinstance(head.get("kid"), str), 401)
    return headers[0]


async def _body(request: web.Request, seconds: float) -> bytes:
    try:
        async with asyncio.timeout(seconds):
            return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise _BadCall(413) from None
    except (TimeoutError, web.HTTPException, web.RequestPayloadError, OSError):
        raise _BadCall(400) from None


def _parse(body: bytes) -> dict[str, Any]:
    """JSON as Teams writes it: UTF-8, no key twice, no NaN, not too deep. Half a character, which a client cut from an
    emoji, becomes the sign for what can't be shown."""
    try:
        text = body.decode("utf-8-sig")
        _need(not _too_deep(text), 400)
        found = _loaded(text)
        if "\\u" in text:  # UTF-8 itself has no halves
            written = json.dumps(found, ensure_ascii=False)
            whole = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", written)
            found = found if whole == written else _loaded(whole)
    except (ValueError, RecursionError):
        raise _BadCall(400) from None
    _need(isinstance(found, dict), 400)
    return dict(found)


def _loaded(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)


def _too_deep(text: str) -> bool:
    """Counts brackets before the parser sees them; those inside strings count too, so a little room is left."""
    depth = deepest = 0
    in_string = escaped = False
    for character in text if text.count("[") + text.count("{") > MAX_DEPTH else "":
        if escaped:
            escaped = False
        elif in_string:
            escaped, in_string = character == "\\", character != '"'
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest > MAX_DEPTH


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a key stands twice")
    return fields


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _check_shape(activity: Activity) -> None:
    """What the seam relies on: text where text belongs, objects where objects belong."""
    _need(_is_text(activity.get("type")), 400)
    _need(all(isinstance(activity.get(name), str) for name in ("channelId", "serviceUrl")), 400)
    if activity["type"] not in READ:
        return
    _need(all(isinstance(activity.get(name), dict) for name in _ACCOUNTS), 400)
    _need(all(_is_text(activity[name].get("id")) for name in _ACCOUNTS), 400)
    _need(all(isinstance(activity.get(name), str | None) for name in _TEXTS), 400)
    _need(all(isinstance(activity.get(name) or [], list) for name in ("entities", "membersAdded")), 400)
    # Who sends this reads the response alone, where no message is answered; any other mode changes nothing for us.
    _need(activity.get("deliveryMode") != "expectReplies", 400)
    _need(activity["type"] != "message" or _is_text(activity.get("id")), 400)
    if activity["type"] == "invoke":
        _check_invoke(activity)


def _check_invoke(activity: Activity) -> None:
    _need(_is_text(activity.get("id")) and _is_text(activity.get("name")), 400)
    if activity["name"] == "adaptiveCard/action":
        value = activity.get("value")
        action = value.get("action") if isinstance(value, dict) else None
        _need(isinstance(action, dict) and _is_text(action.get("verb")), 400)
        _need(isinstance((action or {}).get("data") or {}, dict), 400)


def _is_text(found: object) -> bool:
    return isinstance(found, str) and 0 < len(found) <= 1024
