"""What the chat page calls: for its own window only, checked to the last field, and as a stream without gaps."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.simulation import World, pages, state
from bot.simulation.chats import BOT, ChatEvent
from tests.deadlines import PATIENCE

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": []}
HEARD = {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": ""}
READS = ("/", "/gallery", "/gallery/cards", "/page/chat.js", "/chat/stream")
WISHES: dict[str, dict[str, Any]] = {
    "say": {"person": "user", "where": "personal", "text": "hello"},
    "press": {"person": "user", "message": "1", "verb": "help"},
    "submit": {"person": "user", "message": "1"},
    "search": {"person": "user", "message": "1", "dataset": "groups", "text": ""},
    "file": {"person": "user", "message": "1", "accept": True},
    "client": {"person": "user", "locale": "de-DE", "platform": "iOS"},
    "install": {"person": "user"},
    "remove": {"person": "user"},
    "trouble": {"graph": "down"},
    "consent": {"given": False},
}


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def heard(world: World) -> AsyncIterator[list[dict[str, Any]]]:
    """A bot that only listens."""
    calls: list[dict[str, Any]] = []

    async def hear(request: web.Request) -> web.Response:
        calls.append(await request.json())
        return web.json_response(HEARD)

    app = web.Application()
    app.router.add_post("/", hear)
    async with TestServer(app, host="127.0.0.1") as server:
        world.teams.bot_url = str(server.make_url("/"))
        yield calls


async def _post(
    client: aiohttp.ClientSession, world: World, name: str, content: object, **headers: str
) -> tuple[int, dict[str, Any]]:
    data = content if isinstance(content, str) else json.dumps(content)
    headers = {"Content-Type": "application/json", **headers}
    async with client.post(f"{world.url}/chat/{name}", data=data, headers=headers) as answer:
        return answer.status, await answer.json() if answer.content_type == "application/json" else {}


async def _told(stream: aiohttp.ClientResponse) -> tuple[str, dict[str, Any]]:
    """The stream's next event: its name and its JSON."""
    async with asyncio.timeout(PATIENCE):
        name = (await stream.content.readline()).decode().removeprefix("event: ").strip()
        data = (await stream.content.readline()).decode().removeprefix("data: ")
        await stream.content.readline()
    return name, json.loads(data)


@pytest.mark.parametrize("path", READS)
async def test_a_page_is_shown_to_its_own_name_only(client: aiohttp.ClientSession, world: World, path: str) -> None:
    port = urlsplit(world.url).port
    for host in (f"127.0.0.1:{port}", f"localhost:{port}"):
        async with client.get(f"{world.url}{path}", headers={"Host": host}) as answer:
            assert answer.status == 200
    strange = (
        "evil.example",
        f"evil.example:{port}",
        "127.0.0.1",
        f"127.0.0.1:{port}.evil.example",
        f"localhost:{port}0",
    )
    for host in strange:
        async with client.get(f"{world.url}{path}", headers={"Host": host}) as answer:
            assert (answer.status, answer.content_type) == (403, "text/html")
            assert "Not from here" in await answer.text()


@pytest.mark.parametrize("name", WISHES)
async def test_no_other_page_can_make_a_browser_ask(client: aiohttp.ClientSession, world: World, name: str) -> None:
    port = urlsplit(world.url).port
    before = state.has_consent(world.tenant), [*world.faults.active], len(world.chats.conversations)
    strange = ("http://evil.example", f"http://127.0.0.1:{port}0", f"https://127.0.0.1:{port}", "null", "")
    for origin in (*strange, f"http://localhost:{port}"):  # the last is loopback, but not where the page came from
        assert (await _post(client, world, name, WISHES[name], Origin=origin))[0] == 403
    assert (await _post(client, world, name, WISHES[name], Host="evil.example"))[0] == 403
    plain = {"Content-Type": "text/plain"}  # what a form of another page can send without asking first
    assert await _post(client, world, name, WISHES[name], **plain) == (415, {"refused": "wish"})
    assert before == (state.has_consent(world.tenant), [*world.faults.active], len(world.chats.conversations))


@pytest.mark.parametrize("name", WISHES)
async def test_a_wish_is_checked_to_the_last_field(client: aiohttp.ClientSession, world: World, name: str) -> None:
    good = WISHES[name]
    first = next(iter(good))
    missing = {key: value for key, value in good.items() if key != first}
    for bad in ("", "{", "[]", "null", missing, {**good, "more": 1}, {**good, first: 7}, {**good, first: None}):
        assert await _post(client, world, name, bad) == (400, {"refused": "wish"})


@pytest.mark.parametrize("name", ["say", "press", "submit", "install", "remove"])
async def test_somebody_unknown_is_refused(client: aiohttp.ClientSession, world: World, name: str) -> None:
    assert await _post(client, world, name, {**WISHES[name], "person": "nobody"}) == (404, {"refused": "person"})


async def test_nobody_presses_what_they_do_not_see(client: aiohttp.ClientSession, world: World) -> None:
    said = world.chats.keep(world.chats.personal("admin"), BOT, {"text": "for the admin"})
    for message in ("1", said.id):
        for name in ("press", "submit"):
            wished = {**WISHES[name], "message": message}
            assert await _post(client, world, name, wished) == (404, {"refused": "message"})


async def test_a_bot_that_does_not_answer_is_told(client: aiohttp.ClientSession, world: World) -> None:
    world.teams.bot_url = "http://127.0.0.1:1/"
    assert await _post(client, world, "say", WISHES["say"]) == (502, {"refused": "bot"})


async def test_what_is_written_and_pressed_reaches_the_bot(
    client: aiohttp.ClientSession, world: World, heard: list[dict[str, Any]]
) -> None:
    assert (await _post(client, world, "say", WISHES["say"]))[1] == {"status": 200, "body": HEARD}
    said = world.chats.keep(world.chats.personal("user"), BOT, {"text": "press me"})
    await _post(
        client, world, "press", {**WISHES["press"], "message": said.id, "data": {"a": 1}, "trigger": "automatic"}
    )
    await _post(client, world, "submit", {**WISHES["submit"], "message": said.id, "data": {"verb": "x"}})
    await _post(client, world, "install", WISHES["install"])
    spoken, pressed, submitted, *_ = heard
    assert (spoken["text"], spoken["from"]["aadObjectId"]) == ("hello", world.company.people["user"].object_id)
    assert pressed["value"] == {
        "action": {"type": "Action.Execute", "verb": "help", "data": {"a": 1}},
        "trigger": "automatic",
    }
    assert (submitted["value"], submitted["replyToId"]) == ({"verb": "x"}, said.id)
    assert {one["type"] for one in heard[3:]} == {"conversationUpdate", "installationUpdate"}


async def test_a_channel_message_without_mention_stays_among_people(
    client: aiohttp.ClientSession, world: World, heard: list[dict[str, Any]]
) -> None:
    quiet = {"person": "user", "where": "channel", "text": "lunch?", "mention": False}
    assert (await _post(client, world, "say", quiet))[1]["status"] == 0
    assert (await _post(client, world, "say", {**quiet, "mention": True}))[1]["status"] == 200
    assert [one["text"] for one in heard] == ["<at>PIN Reset</at> lunch?"]


async def test_the_stream_tells_everything_so_far_and_then_what_happens(
    client: aiohttp.ClientSession, world: World
) -> None:
    first = world.chats.keep(world.chats.personal("user"), BOT, {"text": "before"})
    async with client.get(f"{world.url}/chat/stream") as stream:
        assert stream.content_type == "text/event-stream"
        name, history = await _told(stream)
        assert name == "history"
        assert [person["key"] for person in history["people"]] == [*world.company.people]
        assert [said["id"] for one in history["conversations"] for said in one["said"]] == [first.id]
        assert (history["trouble"], history["consent"]) == ("ok", True)
        second = world.chats.keep(world.chats.personal("user"), BOT, {"attachments": [_attached()]})
        world.chats.view(second.id, "user", {**CARD, "speak": "yours"})
        world.chats.tell(ChatEvent("typing", world.chats.personal("user")))
        world.chats.delete(second.id)
        events = [await _told(stream) for _ in range(4)]
    assert [(name, event["kind"]) for name, event in events] == [
        ("event", kind) for kind in ("message", "view", "typing", "delete")
    ]
    assert events[0][1]["said"]["card"] == CARD
    assert events[1][1]["said"]["views"] == {"user": {**CARD, "speak": "yours"}}


def _attached() -> dict[str, Any]:
    return {"contentType": "application/vnd.microsoft.card.adaptive", "content": CARD}


async def test_a_window_that_is_closed_is_not_followed_any_longer(
    client: aiohttp.ClientSession, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PULSE_SECONDS", 0.01)
    async with client.get(f"{world.url}/chat/stream") as stream:
        await _told(stream)
        assert len(world.chats._followers) == 1
    async with asyncio.timeout(PATIENCE):
        while world.chats._followers:  # noqa: ASYNC110 - nobody is told when a follower goes
            await asyncio.sleep(0.01)


async def test_the_trouble_and_the_consent_change_the_tenant(client: aiohttp.ClientSession, world: World) -> None:
    for trouble in ("slow", "throttled", "down"):
        history = (await _post(client, world, "trouble", {"graph": trouble}))[1]
        assert history["trouble"] == trouble
        assert [fault.place for fault in world.faults.active] == ["graph"]
    assert (await _post(client, world, "trouble", {"graph": "ok"}))[1]["trouble"] == "ok"
    assert world.faults.active == []
    grants = world.tenant.grants
    for given in (False, False, True, True):
        assert (await _post(client, world, "consent", {"given": given}))[1]["consent"] is given
        assert bool(world.tenant.grants) is given
    assert world.tenant.grants == grants


async def test_only_what_the_page_needs_is_served(client: aiohttp.ClientSession, world: World) -> None:
    paths = (
        "/page/package.json",
        "/page/package-lock.json",
        "/page/.npmrc",
        "/page/../pages.py",
        "/page/%2e%2e/pages.py",
        "/page/lib/axe.js",
        "/page/node_modules/markdown-it/package.json",
    )
    for path in paths:
        async with client.get(f"{world.url}{path}") as answer:
            assert answer.status == 404


async def test_the_page_may_load_nothing_from_elsewhere(client: aiohttp.ClientSession, world: World) -> None:
    async with client.get(f"{world.url}/") as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


async def test_the_gallery_shows_the_cards_that_were_handed_in_in_their_order(
    client: aiohttp.ClientSession, world: World
) -> None:
    world.gallery.update({"welcome": CARD, "1703": CARD})
    async with client.get(f"{world.url}/gallery/cards") as answer:
        assert await answer.json() == [{"name": "welcome", "card": CARD}, {"name": "1703", "card": CARD}]
