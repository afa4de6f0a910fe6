"""What people write and press reaches the bot as Teams sends it, signed so that the bot's real verifier believes it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.chat.turn import PlaceKind, TurnKind
from bot.errors import KeysUnavailable, Unauthorised
from bot.simulation import World
from bot.simulation.signing import Key
from bot.simulation.teams import actions
from bot.teams import keys, wire
from bot.teams.botbuilder import Verifier
from bot.teams.keys import SigningKeys
from tests.deadlines import PATIENCE
from tests.simulation.clients import call

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "new"}]}


@dataclass
class Listener:
    """Stands where the bot stands: keeps what comes and answers as told."""

    answer: Any = None
    status: int = 200
    got: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    async def messages(self, request: web.Request) -> web.Response:
        """POST /api/messages."""
        self.got.append(await request.json())
        self.tokens.append(request.headers["Authorization"])
        return web.json_response(self.answer, status=self.status) if self.answer else web.Response(status=self.status)


@pytest.fixture
async def listener(world: World) -> AsyncIterator[Listener]:
    """Listening where `world.teams` posts to."""
    listening = Listener()
    app = web.Application()
    app.router.add_post("/api/messages", listening.messages)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    world.teams.bot_url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/messages"
    yield listening
    await world.teams.session.close()
    await runner.cleanup()


@pytest.fixture
def clock() -> list[float]:
    """Seconds; a test may move them."""
    return [1_000.0]


@pytest.fixture
async def verifier(world: World, clock: list[float]) -> AsyncIterator[Verifier]:
    """The bot's real verifier with its real key source."""
    async with aiohttp.ClientSession() as session:
        source = SigningKeys(
            world.settings()["PINBOT_OPENID_URL"], session, lambda: clock[0], fetch=PATIENCE, known=PATIENCE
        )
        yield Verifier(world.login.app_id, source, government=False, now=lambda: datetime.now(UTC))


async def test_the_verifier_believes_what_people_write_press_and_install(
    world: World, listener: Listener, verifier: Verifier
) -> None:
    await world.teams.say("user", "I forgot my PIN")
    card = world.chats.keep(world.chats.personal("user"), "bot", {"type": "message"})
    await world.teams.press("user", card.id, "worked")
    await world.teams.install("not-installed")
    assert len(listener.got) == 4
    for activity, token in zip(listener.got, listener.tokens, strict=True):
        assert await verifier.authenticate(token) == activity["serviceUrl"]


@pytest.mark.parametrize(
    "tamper",
    [
        lambda token, world: token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"),
        lambda token, world: _signed(world, aud="another app"),
        lambda token, world: _signed(world, exp=int(time.time()) - 600),
        lambda token, world: _signed(world, iss="https://login.microsoftonline.com/x/v2.0"),
        lambda token, world: _signed(world, Key()),
    ],
    ids=["signature", "audience", "expired", "issuer", "another key"],
)
async def test_the_verifier_refuses_what_was_tampered_with(
    world: World, listener: Listener, verifier: Verifier, tamper: Callable[..., str]
) -> None:
    await world.teams.say("user", "I forgot my PIN")
    with pytest.raises(Unauthorised):
        await verifier.authenticate(tamper(listener.tokens[0], world))


def _signed(world: World, key: Key | None = None, **changed: Any) -> str:
    claims = world.channel.claims(world.login.app_id, world.teams.service_url)
    return f"Bearer {(key or world.channel.key).sign(claims | changed)}"


async def test_a_new_signing_key_is_believed_and_a_revoked_one_is_not(
    world: World, listener: Listener, verifier: Verifier, clock: list[float]
) -> None:
    await world.teams.say("user", "before")
    await verifier.authenticate(listener.tokens[0])
    world.channel.rotate(keep_old=False)
    clock[0] += keys.PAUSE_SECONDS
    await world.teams.say("user", "after")
    await verifier.authenticate(listener.tokens[1])
    with pytest.raises(Unauthorised):
        await verifier.authenticate(listener.tokens[0])


async def test_no_key_is_to_be_had_while_the_endpoint_is_down(
    world: World, listener: Listener, verifier: Verifier, clock: list[float]
) -> None:
    world.faults.fail("keys", 503)
    await world.teams.say("user", "hello")
    with pytest.raises(KeysUnavailable):
        await verifier.authenticate(listener.tokens[0])
    world.faults.clear()
    clock[0] += keys.PAUSE_SECONDS
    await verifier.authenticate(listener.tokens[0])


@pytest.mark.parametrize(
    ("where", "kind"), [("personal", PlaceKind.PERSONAL), ("group", PlaceKind.GROUP), ("channel", PlaceKind.CHANNEL)]
)
async def test_the_bot_reads_who_wrote_what_and_where(
    world: World, listener: Listener, where: Any, kind: PlaceKind
) -> None:
    await world.teams.say("user", "I forgot my PIN", where=where)
    turn = wire.read(listener.got[0])
    assert turn
    assert (turn.kind, turn.text, turn.place.kind) == (TurnKind.MESSAGE, "I forgot my PIN", kind)
    assert turn.person.object_id == world.company.people["user"].object_id
    assert turn.person.tenant_id == turn.place.tenant_id == world.tenant.id
    assert turn.place.service_url == world.teams.service_url


async def test_the_bot_does_not_hear_what_does_not_mention_it(world: World, listener: Listener) -> None:
    answer = await world.teams.say("user", "among us", where="channel", mention=False)
    assert (answer.status, listener.got) == (0, [])
    assert [said.text for said in world.chats.conversations[answer.activity["conversation"]["id"]].said] == ["among us"]


async def test_a_card_in_the_answer_to_a_press_is_seen_by_who_pressed_only(world: World, listener: Listener) -> None:
    listener.answer = wire.invoke_answer(None) | {"type": wire.CARD, "value": CARD}
    old = {"type": "AdaptiveCard"}
    activity = {"type": "message", "attachments": [{"contentType": wire.CARD, "content": old}]}
    card = world.chats.keep(world.chats.personal("user"), "bot", activity)
    answer = await world.teams.press("user", card.id, "worked", {"row": 3}, trigger="automatic")
    assert (answer.status, answer.body["value"]) == (200, CARD)
    assert (card.card_of("user"), card.card_of("admin")) == (CARD, old)
    turn = wire.read(listener.got[0])
    assert turn
    assert (turn.button, turn.automatic, turn.card_id) == ({"verb": "worked", "row": "3"}, True, card.id)
    world.chats.update(card.id, activity)
    assert card.card_of("user") == old


async def test_a_line_in_the_answer_to_a_press_is_told_to_who_pressed(world: World, listener: Listener) -> None:
    listener.answer = {"statusCode": 200, "type": wire.INVOKE_MESSAGE, "value": "Too late."}
    card = world.chats.keep(world.chats.personal("user"), "bot", {"type": "message"})
    with world.chats.follow() as events:
        await world.teams.press("user", card.id, "worked")
        event = events.get_nowait()
    assert (event.kind, event.person, event.text) == ("notice", "user", "Too late.")


async def test_an_old_client_sends_a_press_as_a_message(world: World, listener: Listener) -> None:
    card = world.chats.keep(world.chats.personal("user"), "bot", {"type": "message"})
    await world.teams.submit("user", card.id, {"verb": "worked"})
    turn = wire.read(listener.got[0])
    assert turn
    assert (turn.kind, turn.button) == (TurnKind.MESSAGE, {"verb": "worked"})


async def test_installing_and_removing_is_told_and_remembered(world: World, listener: Listener) -> None:
    await world.teams.install("not-installed")
    assert "not-installed" in world.chats.installed
    await world.teams.remove("not-installed")
    assert "not-installed" not in world.chats.installed
    turns = [wire.read(activity) for activity in listener.got]
    kinds = [turn.kind if turn else None for turn in turns]
    assert kinds[:2] == [TurnKind.INSTALLED, TurnKind.INSTALLED]
    assert set(kinds[2:]) == {None, TurnKind.REMOVED}


@pytest.mark.parametrize("update_first", [True, False])
async def test_the_two_events_of_an_install_can_come_in_any_order(
    world: World, listener: Listener, update_first: bool
) -> None:
    await world.teams.install("user", gap=0.05, action="add-upgrade", update_first=update_first)
    types = [activity["type"] for activity in listener.got]
    assert types == sorted(types, reverse=not update_first)
    assert {activity.get("action") for activity in listener.got} == {None, "add-upgrade"}


@pytest.mark.parametrize(("where", "kind"), [("group", PlaceKind.GROUP), ("channel", PlaceKind.CHANNEL)])
async def test_a_group_or_a_team_that_adds_the_app_is_no_personal_install(
    world: World, listener: Listener, where: Any, kind: PlaceKind
) -> None:
    await world.teams.install("not-installed", where)
    await world.teams.remove("user", where)
    turns = [turn for activity in listener.got if (turn := wire.read(activity))]
    assert {turn.place.kind for turn in turns} == {kind}
    assert len({turn.place.conversation_id for turn in turns}) == 1
    assert ";" not in turns[0].place.conversation_id
    assert "not-installed" not in world.chats.installed
    assert "user" in world.chats.installed


async def test_teams_sends_the_same_activity_again(world: World, listener: Listener) -> None:
    first = await world.teams.say("user", "hello")
    await world.teams.again(first)
    assert listener.got[0] == listener.got[1]
    assert len(world.chats.personal("user").said) == 1


async def test_a_fresh_chat_has_no_history(world: World, listener: Listener) -> None:
    await world.teams.say("user", "hello")
    old = world.chats.personal("user")
    new = world.chats.fresh("user")
    assert (new.said, new.id != old.id, world.chats.personal("user")) == ([], True, new)


async def test_somebody_who_waits_is_told_when_something_was_said(world: World) -> None:
    chat = world.chats.personal("user")
    waiting: Awaitable[None] = asyncio.ensure_future(world.chats.wait(lambda: len(chat.by_bot()) == 2))
    for text in ("one", "two"):
        await asyncio.sleep(0)
        world.chats.keep(chat, "bot", {"type": "message", "text": text})
    async with asyncio.timeout(PATIENCE):
        await waiting


def test_every_action_of_a_card_is_found_unfolded_ones_too() -> None:
    inner = {"type": "Action.Execute", "verb": "inner"}
    card = {
        "body": [{"type": "ActionSet", "actions": [{"type": "Action.Execute", "verb": "outer"}]}],
        "actions": [{"type": "Action.ShowCard", "card": {"actions": [inner]}}, {"type": "Action.OpenUrl"}],
    }
    assert [action["verb"] for action in actions(card)] == ["outer", "inner"]


async def test_the_key_list_says_for_which_channel_the_keys_are(world: World) -> None:
    document = (await call(world, world.settings()["PINBOT_OPENID_URL"])).json
    published = (await call(world, document["jwks_uri"])).json["keys"]
    assert [key["endorsements"] for key in published] == [["msteams"]]
    assert "d" not in published[0]
