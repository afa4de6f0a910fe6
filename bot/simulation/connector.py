"""The Teams Bot Connector: what a bot calls to say something, update it, take it back and see who is there."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import jwt
from aiohttp import web

from bot.simulation.chats import BOT, ChatEvent, Chats, Conversation, Json, channel_id
from bot.simulation.faults import Faults
from bot.simulation.people import Employee
from bot.simulation.signing import Key

AUDIENCES = ["https://api.botframework.com", "https://api.botframework.us"]
MOST_BYTES = 100 * 1024  # of one message, counted in UTF-16
PAGE = 50
PIECES_OF, MOST_PIECE = 320 * 1024, 60 * 1024 * 1024  # of a file that comes in pieces


class _ConnectorRefusal(Exception):
    """One of Teams' refusals."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class ConnectorService:
    """`key` is the login service's: only tokens of this app for the connector count."""

    chats: Chats
    tenant_id: str
    app_id: str
    key: Key

    def add_to(self, app: web.Application, faults: Faults, base: str) -> None:
        """Serve under `base` as part of an application."""
        one = f"{base}/v3/conversations/{{conversation}}"
        table: tuple[tuple[str, str, Callable[[web.Request], Awaitable[web.Response]]], ...] = (
            ("POST", f"{base}/v3/conversations", self._create),
            ("POST", f"{one}/activities", self._send),
            ("POST", f"{one}/activities/{{activity}}", self._send),
            ("PUT", f"{one}/activities/{{activity}}", self._update),
            ("DELETE", f"{one}/activities/{{activity}}", self._delete),
            ("GET", f"{one}/members", self._members),
            ("GET", f"{one}/pagedmembers", self._paged_members),
            ("GET", f"{one}/members/{{member}}", self._member),
        )
        for method, path, handle in table:
            app.router.add_route(method, path, faults.over("connector", self._guarded(handle), _unwell))
        app.router.add_put(f"{base}/upload/{{activity}}", faults.over("upload", self._upload, _unwell))

    def _guarded(
        self, handle: Callable[[web.Request], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def guarded(request: web.Request) -> web.Response:
            if not self.chats.registered or not self._is_bot(request.headers.get("Authorization", "")):
                return web.json_response({"message": "Authorization has been denied for this request."}, status=401)
            try:
                return await handle(request)
            except _ConnectorRefusal as refusal:
                return _error(refusal.status, refusal.code, refusal.message)

        return guarded

    def _is_bot(self, header: str) -> bool:
        try:
            claims = self.key.read(header.removeprefix("Bearer "), AUDIENCES)
        except jwt.PyJWTError:
            return False
        return claims.get("appid") == self.app_id and claims.get("tid") == self.tenant_id

    async def _upload(self, request: web.Request) -> web.Response:
        """SharePoint's side of a file that a person agreed to take: no token, the ranges one after the other."""
        name, piece = request.match_info["activity"], await request.content.read()
        held, total = self.chats.files.get(name, b""), request.headers.get("Content-Range", "").rpartition("/")[2]
        start = len(held) if len(held) < int(total or 0) else 0  # a whole file may be put again
        content = held[:start] + piece
        expected = f"bytes {start}-{len(content) - 1}/{total}"
        whole = len(content) == int(total or 0)
        fits = whole or (len(piece) % PIECES_OF == 0 and len(piece) < MOST_PIECE)
        if "Authorization" in request.headers or request.headers.get("Content-Range") != expected or not fits:
            return web.json_response({"error": {"code": "invalidRequest"}}, status=400)
        self.chats.files[name] = content
        return web.json_response({}, status=201 if whole else 202)

    async def _create(self, request: web.Request) -> web.Response:
        """The personal chat with one member, the same one each time."""
        wanted = await _body(request)
        members = wanted.get("members") or []
        tenant_id = wanted.get("tenantId") or wanted.get("channelData", {}).get("tenant", {}).get("id")
        person = self.chats.person(str(members[0].get("id"))) if len(members) == 1 else None
        if person is None or tenant_id != self.tenant_id or wanted.get("isGroup"):
            raise _ConnectorRefusal(400, "BadSyntax", "Incorrect conversation creation parameters")
        if person.key not in self.chats.installed:
            raise _ConnectorRefusal(
                403, "ForbiddenOperationException", "The bot is not installed in user's personal scope"
            )
        conversation = self.chats.personal(person.key)
        answer = {"id": conversation.id}
        if first := wanted.get("activity"):
            answer["activityId"] = self.chats.keep(conversation, BOT, first).id
        return web.json_response(answer, status=201)

    async def _send(self, request: web.Request) -> web.Response:
        activity_id = self.chats.new_id()
        conversation = self._thread(activity_id) if _opens_thread(request) else self._conversation(request)
        activity = await _body(request)
        self._check_writable(conversation)
        if activity.get("type") == "typing":
            self.chats.tell(ChatEvent("typing", conversation))
            return web.json_response({"id": self.chats.new_id()}, status=201)
        if activity.get("type") != "message":
            raise _ConnectorRefusal(400, "BadSyntax", "Unknown activity type")
        return web.json_response({"id": self.chats.keep(conversation, BOT, activity, activity_id).id}, status=201)

    async def _update(self, request: web.Request) -> web.Response:
        conversation = self._conversation(request)
        activity = await _body(request)
        self._check_writable(conversation)
        activity_id = self._own_activity(conversation, request)
        self.chats.update(activity_id, activity)
        return web.json_response({"id": activity_id})

    async def _delete(self, request: web.Request) -> web.Response:
        conversation = self._conversation(request)
        self.chats.delete(self._own_activity(conversation, request))
        return web.Response()

    async def _members(self, request: web.Request) -> web.Response:
        return web.json_response(self._accounts(self._conversation(request)))

    async def _paged_members(self, request: web.Request) -> web.Response:
        accounts = self._everybody() if _is_channel(request) else self._accounts(self._conversation(request))
        size = min(int(request.query.get("pageSize", PAGE)), PAGE * 10)
        start = int(request.query.get("continuationToken") or 0)
        answer: Json = {"members": accounts[start : start + size]}
        if start + size < len(accounts):
            answer["continuationToken"] = str(start + size)
        return web.json_response(answer)

    async def _member(self, request: web.Request) -> web.Response:
        conversation = self._conversation(request)
        person = self.chats.person(request.match_info["member"])
        if person is None or person.key not in conversation.members:
            raise _ConnectorRefusal(
                404, "MemberNotFoundInConversation", "The member was not found in the conversation."
            )
        return web.json_response(self._account(person))

    def _thread(self, activity_id: str) -> Conversation:
        return self.chats.place("channel", BOT, activity_id)

    def _conversation(self, request: web.Request) -> Conversation:
        """A message of a thread is found by the channel's own id too."""
        wanted = request.match_info["conversation"]
        if _is_channel(request):
            wanted = f"{wanted};messageid={request.match_info.get('activity', '')}"
        addressee = self.chats.named(wanted)
        if addressee is None:
            raise _ConnectorRefusal(404, "ConversationNotFound", "Conversation not found.")
        return addressee

    def _check_writable(self, conversation: Conversation) -> None:
        if conversation.where != "personal":
            return
        if conversation.members[0] not in self.chats.installed:
            raise _ConnectorRefusal(
                403, "BotNotInConversationRoster", "The bot is not part of the conversation roster."
            )
        if conversation.members[0] in self.chats.blocked:
            raise _ConnectorRefusal(403, "MessageWritesBlocked", "Message writes are blocked.")

    def _own_activity(self, conversation: Conversation, request: web.Request) -> str:
        activity_id = request.match_info["activity"]
        if activity_id not in {said.id for said in conversation.by_bot()}:
            raise _ConnectorRefusal(
                404, "ActivityNotFoundInConversation", "The activity was not found in the conversation."
            )
        return activity_id

    def _accounts(self, conversation: Conversation) -> list[Json]:
        return [self._account(self.chats.company.people[key]) for key in conversation.members]

    def _everybody(self) -> list[Json]:
        """In the team of the channel; the bot must be there too."""
        if not self.chats.in_team:
            raise _ConnectorRefusal(
                403, "BotNotInConversationRoster", "The bot is not part of the conversation roster."
            )
        return [self._account(person) for person in self.chats.company.people.values() if not person.guest]

    def _account(self, person: Employee) -> Json:
        given, _, surname = person.name.partition(" ")
        return {
            "id": person.chat_id,
            "name": person.name,
            "objectId": person.object_id,
            "aadObjectId": person.object_id,
            "givenName": given,
            "surname": surname,
            "email": person.user_principal_name,
            "userPrincipalName": person.user_principal_name,
            "tenantId": self.tenant_id,
            "userRole": "guest" if person.guest else "user",
        }


def _is_channel(request: web.Request) -> bool:
    return request.match_info["conversation"] == channel_id()


def _opens_thread(request: web.Request) -> bool:
    """What is sent to a channel itself, in answer to nothing."""
    return _is_channel(request) and "activity" not in request.match_info


async def _body(request: web.Request) -> Json:
    try:
        text = await request.text()
        found: Any = json.loads(text)
    except ValueError:
        raise _ConnectorRefusal(400, "BadSyntax", "Bad format of conversation payload") from None
    if len(text.encode("utf-16-le")) > MOST_BYTES:
        raise _ConnectorRefusal(413, "MessageSizeTooBig", "Message size too large.")
    if not isinstance(found, dict):
        raise _ConnectorRefusal(400, "BadSyntax", "Bad format of conversation payload")
    return found


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status)


def _unwell(_request: web.Request, status: int) -> web.Response:
    code = "TooManyRequests" if status == 429 else "ServiceError"
    return _error(status, code, "Try again later.")
