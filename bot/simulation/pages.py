"""The chat page and what it calls: who is there, what was said, and what people do, as JSON for a browser on loopback.

Any page of any site can send requests to loopback, so that the name that the browser used and the page that sent it
are checked with every call.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import aiohttp
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError

from bot.simulation import state
from bot.simulation.chats import ChatEvent, Conversation, Json, Said, Where
from bot.simulation.faults import Fault, Faults
from bot.simulation.state import SimulatedTenant
from bot.simulation.teams import BotAnswer, TeamsClient, TeamsService

FOLDER = Path(__file__).with_name("page")
LIBRARIES = {
    "adaptivecards.js": FOLDER / "node_modules/adaptivecards/dist/adaptivecards.min.js",
    "markdown-it.js": FOLDER / "node_modules/markdown-it/dist/markdown-it.min.js",
}
SHOWN = {".html", ".css", ".js", ".json"}
HIDDEN = {"package.json", "package-lock.json"}
PULSE_SECONDS = 15.0  # how often a silent stream is tried, so that one that nobody reads ends
MOST_TEXT = 20_000
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

Trouble = Literal["ok", "slow", "throttled", "down"]
# What Graph does in each trouble; Teams' users are told something after two seconds at the latest.
TROUBLES: dict[Trouble, Fault] = {
    "slow": Fault("graph", delay=2.5),
    "throttled": Fault("graph", status=429, retry_after="10"),
    "down": Fault("graph", status=503),
}
_Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _As(_Wish):
    person: _Id


class _Say(_As):
    where: Where
    text: Annotated[str, StringConstraints(min_length=1, max_length=MOST_TEXT)]
    mention: bool = True


class _Submit(_As):
    message: _Id
    data: dict[str, JsonValue] = Field(default_factory=dict)


class _Press(_Submit):
    verb: Annotated[str, StringConstraints(max_length=200)] = ""
    trigger: Literal["manual", "automatic"] = "manual"


class _Search(_As):
    message: _Id
    dataset: _Id
    text: Annotated[str, StringConstraints(max_length=MOST_TEXT)]


class _File(_As):
    message: _Id
    accept: bool


class _Client(_As):
    locale: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    platform: Literal["Windows", "iOS", "Android"]


class _Faults(_Wish):
    graph: Trouble


class _Consent(_Wish):
    given: bool


class _PageRefusal(Exception):
    """Something that the page says in words of its own."""

    def __init__(self, status: int, reason: Literal["wish", "person", "message", "bot"]) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@dataclass(frozen=True)
class ChatPage:
    """`gallery`: finished cards by name."""

    tenant: SimulatedTenant
    faults: Faults
    teams: TeamsService
    gallery: dict[str, Json]

    def add_to(self, app: web.Application) -> None:
        """Serve as part of an application."""
        reads: tuple[tuple[str, Handler], ...] = (
            ("/", _file(FOLDER / "index.html")),
            ("/gallery", _file(FOLDER / "gallery.html")),
            ("/gallery/cards", self._cards),
            ("/chat/stream", self._stream),
            *((f"/page/{one.name}", _file(one)) for one in FOLDER.iterdir() if _is_shown(one)),
            *((f"/page/lib/{name}", _file(path)) for name, path in LIBRARIES.items()),
        )
        wishes: tuple[tuple[str, Handler], ...] = (
            ("say", _wish(_Say, self._say)),
            ("press", _wish(_Press, self._press)),
            ("submit", _wish(_Submit, self._submit)),
            ("search", _wish(_Search, self._search)),
            ("file", _wish(_File, self._take_file)),
            ("client", _wish(_Client, self._change_client)),
            ("install", _wish(_As, self._install)),
            ("remove", _wish(_As, self._remove)),
            ("trouble", _wish(_Faults, self._change_faults)),
            ("consent", _wish(_Consent, self._change_consent)),
        )
        for path, handle in reads:
            app.router.add_get(path, _guarded(handle))
        for name, handle in wishes:
            app.router.add_post(f"/chat/{name}", _guarded(handle))

    async def _cards(self, _request: web.Request) -> web.Response:
        cards = [{"name": name, "card": card} for name, card in self.gallery.items()]
        return web.json_response(cards, headers=HEADERS)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """Everything so far, then everything that happens, until the page goes."""
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", **HEADERS})
        with self.teams.chats.follow() as events:
            first = self._history()  # nothing can happen between following and this
            await stream.prepare(request)
            try:
                await _send(stream, "history", first)
                while True:
                    await self._pass_on(events, stream)
            except ConnectionError:
                return stream

    async def _pass_on(self, events: asyncio.Queue[ChatEvent], stream: web.StreamResponse) -> None:
        try:
            event = await asyncio.wait_for(events.get(), PULSE_SECONDS)
        except TimeoutError:
            await stream.write(b":\n\n")
        else:
            await _send(stream, "event", {**_event(event), "settings": self._settings()})

    def _history(self) -> Json:
        chats = self.teams.chats
        return {
            "people": [
                {"key": key, "name": person.name, "address": person.chat_id}
                for key, person in chats.company.people.items()
            ],
            "conversations": [
                {**_conversation(one), "said": [_said(said) for said in one.said]}
                for one in chats.conversations.values()
            ],
            **self._settings(),
        }

    def _settings(self) -> Json:
        return {
            "installed": sorted(self.teams.chats.installed),
            "locale": self.teams.locale,
            "clients": {
                key: {"locale": one.locale, "platform": one.platform} for key, one in self.teams.clients.items()
            },
            "trouble": next((trouble for trouble, fault in TROUBLES.items() if fault in self.faults.active), "ok"),
            "consent": state.has_consent(self.tenant),
        }

    async def _say(self, wish: _Say) -> Json:
        self._check_person(wish.person)
        return _answer(await self.teams.say(wish.person, wish.text, where=wish.where, mention=wish.mention))

    async def _press(self, wish: _Press) -> Json:
        self._check_message(wish)
        press = self.teams.press(wish.person, wish.message, wish.verb, wish.data, trigger=wish.trigger)
        return _answer(await press)

    async def _submit(self, wish: _Submit) -> Json:
        self._check_message(wish)
        return _answer(await self.teams.submit(wish.person, wish.message, wish.data))

    async def _search(self, wish: _Search) -> Json:
        self._check_message(wish)
        conversation, _ = self.teams.chats.find(wish.message)
        return _answer(await self.teams.search(wish.person, wish.text, wish.dataset, where=conversation.where))

    async def _take_file(self, wish: _File) -> Json:
        said = self._check_message(wish)
        if said.file is None:
            raise _PageRefusal(404, "message")
        return _answer(await self.teams.take_file(wish.person, wish.message, accept=wish.accept))

    async def _change_client(self, wish: _Client) -> Json:
        self._check_person(wish.person)
        self.teams.use(wish.person, TeamsClient(wish.locale, wish.platform))
        return self._settings()

    async def _install(self, wish: _As) -> Json:
        self._check_person(wish.person)
        await self.teams.install(wish.person)
        return self._settings()

    async def _remove(self, wish: _As) -> Json:
        self._check_person(wish.person)
        await self.teams.remove(wish.person)
        return self._settings()

    async def _change_faults(self, wish: _Faults) -> Json:
        self.faults.clear()
        if wish.graph in TROUBLES:
            self.faults.add(TROUBLES[wish.graph])
        return self._settings()

    async def _change_consent(self, wish: _Consent) -> Json:
        (state.consent if wish.given else state.withdraw_consent)(self.tenant)
        return self._settings()

    def _check_person(self, key: str) -> None:
        if key not in self.teams.chats.company.people:
            raise _PageRefusal(404, "person")

    def _check_message(self, wish: _Submit | _Search | _File) -> Said:
        """Nobody presses what they can't see."""
        self._check_person(wish.person)
        try:
            conversation, said = self.teams.chats.find(wish.message)
        except KeyError:
            raise _PageRefusal(404, "message") from None
        if wish.person not in conversation.members:
            raise _PageRefusal(404, "message")
        return said


def _is_shown(file: Path) -> bool:
    return file.suffix in SHOWN and file.name not in HIDDEN


def _file(path: Path) -> Handler:
    async def show(_request: web.Request) -> web.StreamResponse:
        return web.FileResponse(path, headers=HEADERS)

    return show


def _guarded(handle: Handler) -> Handler:
    """Only for a browser that called us by a loopback name, and from no page but ours."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        if not _is_ours(request):
            return web.FileResponse(FOLDER / "refused.html", status=403, headers=HEADERS)
        return await handle(request)

    return guarded


def _is_ours(request: web.Request) -> bool:
    port = request.transport.get_extra_info("sockname")[1] if request.transport else 0
    if request.host not in {f"127.0.0.1:{port}", f"localhost:{port}"}:
        return False
    return request.headers.get("Origin", f"http://{request.host}") == f"http://{request.host}"


def _wish(model: type[BaseModel], grant: Callable[[Any], Awaitable[Json]]) -> Handler:
    """A POST of JSON; what is refused comes back as a reason that the page has words for."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return web.json_response(await grant(await _read(request, model)), headers=HEADERS)
        except _PageRefusal as refusal:
            return web.json_response({"refused": refusal.reason}, status=refusal.status, headers=HEADERS)
        except aiohttp.ClientError:
            return web.json_response({"refused": "bot"}, status=502, headers=HEADERS)

    return handle


async def _read(request: web.Request, model: type[BaseModel]) -> BaseModel:
    if request.content_type != "application/json":
        raise _PageRefusal(415, "wish")
    try:
        return model.model_validate_json(await request.read())
    except ValidationError:
        raise _PageRefusal(400, "wish") from None


async def _send(stream: web.StreamResponse, name: str, content: Json) -> None:
    await stream.write(f"event: {name}\ndata: {json.dumps(content)}\n\n".encode())


def _answer(answer: BotAnswer) -> Json:
    return {"status": answer.status, "body": answer.body}


def _event(event: ChatEvent) -> Json:
    return {
        "kind": event.kind,
        "conversation": _conversation(event.conversation),
        "said": _said(event.said) if event.said else None,
        "person": event.person,
        "text": event.text,
    }


def _conversation(conversation: Conversation) -> Json:
    return {"id": conversation.id, "where": conversation.where, "members": conversation.members}


def _said(said: Said) -> Json:
    return {
        "id": said.id,
        "sender": said.sender,
        "text": said.text,
        "card": said.card,
        "file": said.file,
        "views": said.views,
        "updated": said.updated,
    }
