"""One call to the bot's route in parts: good as it stands, and every part can be changed before it is sent."""

import base64
import json
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import jwt
from multidict import CIMultiDict

from bot.simulation import World
from bot.simulation.signing import LIFE, ChannelService, Key

APP_ID = "8d1f9c1e-52a6-4a52-9c0f-6b1f3a3d7f10"
TENANT_ID = "3c3f8f0e-0d1e-4b75-8f5a-0c1b2a394857"
PERSON_ID = "5a0de8f6-1c2b-4d3e-8f90-a1b2c3d4e5f6"
TEAMS_URL = "https://smba.trafficmanager.net/emea/"

Json = dict[str, Any]
DROP = object()  # as a field's new value: take the field away


@dataclass
class Call:
    """`claims`, `head` and `key` make the token unless `token` is given; `activity` the body unless `body` is."""

    activity: Json
    claims: Json
    key: Key
    head: Json = field(default_factory=dict)
    token: str | None = None
    body: bytes | None = None
    method: str = "POST"
    path: str = "/api/messages"
    headers: CIMultiDict[str] = field(default_factory=lambda: CIMultiDict({"Content-Type": "application/json"}))
    authorization: list[str] | None = None  # in the place of the one good header
    chunked: bool = False  # no Content-Length

    def bearer(self) -> str:
        """The token."""
        if self.token is not None:
            return self.token
        head: Json = {"alg": "RS256", "typ": "JWT", "kid": self.key.id} | self.head
        signed = f"{packed(head)}.{packed(self.claims)}"  # by hand: the library refuses to sign what makes no sense
        signature = jwt.get_algorithm_by_name("RS256").sign(signed.encode(), self.key.private)
        return f"{signed}.{packed(signature)}"

    def written(self) -> bytes:
        """The body."""
        return json.dumps(self.activity).encode() if self.body is None else self.body

    async def send(self, session: aiohttp.ClientSession, origin: str) -> tuple[int, bytes, CIMultiDict[str]]:
        """Status, body and headers of the answer."""
        headers = self.headers.copy()
        for one in [f"Bearer {self.bearer()}"] if self.authorization is None else self.authorization:
            headers.add("Authorization", one)
        async with session.request(
            self.method,
            f"{origin}{self.path}",
            data=_pieces(self.written()) if self.chunked else self.written(),
            headers=headers,
            skip_auto_headers=["Content-Type"],
            allow_redirects=False,
        ) as answer:
            return answer.status, await answer.read(), CIMultiDict(answer.headers)


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


def packed(part: Mapping[str, Any] | bytes) -> str:
    """A segment of a token; fields that are DROP are left out."""
    if not isinstance(part, bytes):
        part = json.dumps({name: value for name, value in part.items() if value is not DROP}).encode()
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def good(
    channel: ChannelService,
    *,
    app_id: str = APP_ID,
    tenant_id: str = TENANT_ID,
    person_id: str = PERSON_ID,
    service_url: str = TEAMS_URL,
    conversation_id: str = "a:1",
    text: str = "hello",
) -> Call:
    """A message of a person in their personal chat, as Teams sends it."""
    now = int(time.time())
    claims = channel.claims(app_id, service_url) | {"nbf": now, "exp": now + LIFE}
    return Call(message(app_id, tenant_id, person_id, service_url, conversation_id, text), claims, channel.key)


def good_in(world: World, person: str = "user", text: str = "hello") -> Call:
    """The same for the bot of a simulated tenant."""
    return good(
        world.channel,
        app_id=world.login.app_id,
        tenant_id=world.tenant.id,
        person_id=world.company.people[person].object_id,
        service_url=world.teams.service_url,
        conversation_id=world.chats.personal(person).id,
        text=text,
    )


def origin(world: World) -> str:
    """Where the bot of a simulated tenant listens."""
    return world.teams.bot_url.removesuffix("/api/messages")


def message(app_id: str, tenant_id: str, person_id: str, service_url: str, conversation_id: str, text: str) -> Json:
    """The activity."""
    return {
        "type": "message",
        "id": uuid.uuid4().hex,
        "channelId": "msteams",
        "serviceUrl": service_url,
        "from": {"id": "29:somebody", "name": "Some Body", "aadObjectId": person_id},
        "conversation": {"id": conversation_id, "conversationType": "personal", "tenantId": tenant_id},
        "recipient": {"id": f"28:{app_id}", "name": "PIN Reset"},
        "channelData": {"tenant": {"id": tenant_id}},
        "text": text,
        "textFormat": "plain",
        "locale": "en-US",
    }


def press(verb: str = "help") -> Json:
    """What turns a message into a press of a button."""
    return {
        "type": "invoke",
        "name": "adaptiveCard/action",
        "value": {"action": {"type": "Action.Execute", "verb": verb, "data": {}}, "trigger": "manual"},
    }
