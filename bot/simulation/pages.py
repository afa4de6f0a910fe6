"""The chat page and what it calls: who is there, what was said, and what people do, as JSON for a browser on loopback.

Any page of any site can send requests to loopback, so that the name that the browser used and the page that sent it
are checked with every call.
"""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from bot.simulation import state
from bot.simulation.chats import ChatEvent, Conversation, Json, Said
from bot.simulation.faults import Faults
from bot.simulation.state import SimulatedTenant
from bot.simulation.teams import BotAnswer, TeamsClient, TeamsService
from bot.simulation.wishes import (
    HEADERS,
    TROUBLES,
    ClientWish,
    ConsentWish,
    FileWish,
    Handler,
    PageRefusal,
    PersonWish,
    PressWish,
    SayWish,
    SearchWish,
    SubmitWish,
    TroubleWish,
    wished,
)

FOLDER = Path(__file__).with_name("page")
LIBRARIES = {
    "adaptivecards.js": FOLDER / "node_modules/adaptivecards/dist/adaptivecards.min.js",
    "markdown-it.js": FOLDER / "node_modules/markdown-it/dist/markdown-it.min.js",
}
SHOWN = {".html", ".css", ".js", ".json"}
HIDDEN = {"package.json", "package-lock.json"}
PULSE_SECONDS = 15.0  # how often a silent stream is tried, so that one that nobody reads ends


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
            ("say", wished(SayWish, self._say)),
            ("press", wished(PressWish, self._press)),
            ("submit", wished(SubmitWish, self._submit)),
            ("search", wished(SearchWish, self._search)),
            ("file", wished(FileWish, self._take_file)),
            ("client", wished(ClientWish, self._change_client)),
            ("install", wished(PersonWish, self._install)),
            ("remove", wished(PersonWish, self._remove)),
            ("trouble", wished(TroubleWish, self._change_faults)),
            ("consent", wished(ConsentWish, self._change_consent)),
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

    async def _say(self, wish: SayWish) -> Json:
        self._check_person(wish.person)
        return _answer(await self.teams.say(wish.person, wish.text, where=wish.where, mention=wish.mention))

    async def _press(self, wish: PressWish) -> Json:
        self._check_message(wish)
        press = self.teams.press(wish.person, wish.message, wish.verb, wish.data, trigger=wish.trigger)
        return _answer(await press)

    async def _submit(self, wish: SubmitWish) -> Json:
        self._check_message(wish)
        return _answer(await self.teams.submit(wish.person, wish.message, wish.data))

    async def _search(self, wish: SearchWish) -> Json:
        self._check_message(wish)
        conversation, _ = self.teams.chats.find(wish.message)
        return _answer(await self.teams.search(wish.person, wish.text, wish.dataset, where=conversation.where))

    async def _take_file(self, wish: FileWish) -> Json:
        said = self._check_message(wish)
        if said.file is None:
            raise PageRefusal(404, "message")
        return _answer(await self.teams.take_file(wish.person, wish.message, accept=wish.accept))

    async def _change_client(self, wish: ClientWish) -> Json:
        self._check_person(wish.person)
        self.teams.use(wish.person, TeamsClient(wish.locale, wish.platform))
        return self._settings()

    async def _install(self, wish: PersonWish) -> Json:
        self._check_person(wish.person)
        await self.teams.install(wish.person)
        return self._settings()

    async def _remove(self, wish: PersonWish) -> Json:
        self._check_person(wish.person)
        await self.teams.remove(wish.person)
        return self._settings()

    async def _change_faults(self, wish: TroubleWish) -> Json:
        self.faults.clear()
        if wish.graph in TROUBLES:
            self.faults.add(TROUBLES[wish.graph])
        return self._settings()

    async def _change_consent(self, wish: ConsentWish) -> Json:
        (state.consent if wish.given else state.withdraw_consent)(self.tenant)
        return self._settings()

    def _check_person(self, key: str) -> None:
        if key not in self.teams.chats.company.people:
            raise PageRefusal(404, "person")

    def _check_message(self, wish: SubmitWish | SearchWish | FileWish) -> Said:
        """Nobody presses what they can't see."""
        self._check_person(wish.person)
        try:
            conversation, said = self.teams.chats.find(wish.message)
        except KeyError:
            raise PageRefusal(404, "message") from None
        if wish.person not in conversation.members:
            raise PageRefusal(404, "message")
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
