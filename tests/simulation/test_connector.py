"""The simulated connector takes what Teams takes and refuses in Teams' words, also to the bot's real client."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.chat.turn import Person, Place, PlaceKind, Sent
from bot.errors import NotSent
from bot.simulation import World
from bot.simulation.chats import channel_id
from bot.teams.botbuilder import Connector
from bot.teams.drawing import Message
from bot.teams.outbound import Outbound, ServiceUrls
from tests.simulation.clients import CONNECTOR, GRAPH, Reply, call

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": []}
HELLO = {"type": "message", "text": "hello"}


async def _call(world: World, path: str, *, method: str = "POST", body: Any = None, token: str | None = None) -> Reply:
    bearer = world.login.issue(CONNECTOR) if token is None else token
    return await call(world, f"/teams/v3/conversations{path}", method=method, body=body, token=bearer)


@pytest.fixture
async def pauses() -> list[float]:
    """The seconds that the bot waits before it sends again."""
    return []


@pytest.fixture
async def outbound(world: World, pauses: list[float]) -> AsyncIterator[Outbound]:
    """The bot's real way out, which does not really wait."""

    async def bearer() -> str:
        return world.login.issue(CONNECTOR)

    async def wait(seconds: float) -> None:
        pauses.append(seconds)

    async with aiohttp.ClientSession() as session:
        yield Outbound(Connector(session, bearer), ServiceUrls(world.settings()["PINBOT_CONNECTOR_URL"]), wait)


def _place(world: World, person_key: str = "user") -> Place:
    chat = world.chats.personal(person_key)
    return Place(PlaceKind.PERSONAL, chat.id, world.tenant.id, world.teams.service_url, f"28:{world.login.app_id}")


def _person(world: World, key: str) -> Person:
    found = world.company.people[key]
    return Person(world.tenant.id, found.object_id, found.chat_id, found.name)


async def test_the_bot_says_something_and_updates_it(world: World, outbound: Outbound) -> None:
    with world.chats.follow() as events:
        sent = await outbound.send(_place(world), Message("a line", card=CARD))
        await outbound.update(sent, Message("another line", card=CARD | {"speak": "new"}))
        kinds = [events.get_nowait().kind for _ in range(2)]
    assert kinds == ["message", "update"]
    (said,) = world.chats.personal("user").by_bot()
    assert (said.id, said.updated, said.card) == (sent.activity_id, 1, CARD | {"speak": "new"})


async def test_typing_is_seen_and_not_kept(world: World) -> None:
    chat = world.chats.personal("user")
    with world.chats.follow() as events:
        await _call(world, f"/{chat.id}/activities", body={"type": "typing"})
        event = events.get_nowait()
    assert (event.kind, event.conversation, chat.said) == ("typing", chat, [])


async def test_what_is_sent_to_the_channel_itself_opens_a_thread_and_is_found_again(
    world: World, outbound: Outbound
) -> None:
    place = Place(PlaceKind.CHANNEL, channel_id(), world.tenant.id, world.teams.service_url, "28:bot")
    sent = [await outbound.send(place, Message("", card=CARD)) for _ in range(2)]
    await outbound.update(sent[0], Message("", card=CARD | {"speak": "new"}))
    threads = [one for one in world.chats.conversations.values() if one.where == "channel"]
    assert [one.id for one in threads] == [f"{channel_id()};messageid={one.activity_id}" for one in sent]
    assert [said.updated for one in threads for said in one.by_bot()] == [1, 0]
    with pytest.raises(NotSent):
        await outbound.update(Sent(place, "no-such-message"), Message("", card=CARD))


async def test_a_reply_in_a_thread_stays_in_the_thread(world: World, outbound: Outbound) -> None:
    asked = await world.teams.say("user", "help", where="channel", mention=False)
    thread = asked.activity["conversation"]["id"]
    place = Place(PlaceKind.CHANNEL, thread, world.tenant.id, world.teams.service_url, "28:bot")
    await outbound.send(place, Message("", text="yes"), reply_to=asked.activity["id"])
    assert [said.text for said in world.chats.conversations[thread].by_bot()] == ["yes"]


async def test_the_personal_chat_of_somebody_is_always_the_same(world: World, outbound: Outbound) -> None:
    first = await outbound.open_personal(_person(world, "admin"), _place(world))
    second = await outbound.open_personal(_person(world, "admin"), _place(world))
    assert first.conversation_id == second.conversation_id == world.chats.personal("admin").id


async def test_who_never_installed_the_bot_can_not_be_written_to(world: World, outbound: Outbound) -> None:
    with pytest.raises(NotSent) as refused:
        await outbound.open_personal(_person(world, "not-installed"), _place(world))
    assert refused.value.blocked
    body = {"members": [{"id": world.company.people["not-installed"].chat_id}], "tenantId": world.tenant.id}
    answer = await _call(world, "", body=body)
    assert (answer.status, answer.code) == (403, "ForbiddenOperationException")


@pytest.mark.parametrize(("installed", "code"), [(False, "BotNotInConversationRoster"), (True, "MessageWritesBlocked")])
async def test_who_removed_or_muted_the_bot_gets_nothing_more(
    world: World, outbound: Outbound, installed: bool, code: str
) -> None:
    place = _place(world)
    world.chats.blocked.add("user")
    if not installed:
        world.chats.installed.discard("user")
    with pytest.raises(NotSent) as refused:
        await outbound.send(place, Message("", text="hello"))
    assert refused.value.blocked
    answer = await _call(world, f"/{place.conversation_id}/activities", body=HELLO)
    assert (answer.status, answer.code) == (403, code)


@pytest.mark.parametrize("status", [412, 429, 502, 503, 504])
async def test_the_bot_tries_again_where_teams_wants_it(
    world: World, outbound: Outbound, pauses: list[float], status: int
) -> None:
    world.faults.fail("connector", status, calls=2)
    await outbound.send(_place(world), Message("", text="hello"))
    assert (world.faults.count("connector"), len(pauses)) == (3, 2)


async def test_the_bot_waits_as_long_as_teams_says(world: World, outbound: Outbound, pauses: list[float]) -> None:
    world.faults.throttle("connector", retry_after="3", calls=1)
    await outbound.send(_place(world), Message("", text="hello"))
    assert pauses == [3.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 500])
async def test_what_is_final_is_not_tried_again(world: World, outbound: Outbound, status: int) -> None:
    world.faults.fail("connector", status)
    with pytest.raises(NotSent, match=str(status)):
        await outbound.send(_place(world), Message("", text="hello"))
    assert world.faults.count("connector") == 1


async def test_a_wrong_bearer_gets_401(world: World) -> None:
    chat = world.chats.personal("user")
    wrong = ["", "a.b.c", world.login.issue(GRAPH), world.login.issue(CONNECTOR, appid="another app")]
    for token in wrong:
        assert (await _call(world, f"/{chat.id}/activities", body=HELLO, token=token)).status == 401
    assert chat.said == []


async def test_a_message_over_100_kilobytes_of_utf_16_is_too_big(world: World) -> None:
    chat = world.chats.personal("user")
    small, big = {"type": "message", "text": "x" * 50_000}, {"type": "message", "text": "x" * 51_200}
    assert (await _call(world, f"/{chat.id}/activities", body=small)).status == 201
    answer = await _call(world, f"/{chat.id}/activities", body=big)
    assert (answer.status, answer.code) == (413, "MessageSizeTooBig")


async def test_what_is_not_there_is_not_found(world: World) -> None:
    chat = world.chats.personal("user")
    mine = world.chats.keep(chat, "user", HELLO)
    wanted = [
        ("POST", "/a:nowhere/activities", "ConversationNotFound"),
        ("PUT", f"/{chat.id}/activities/1", "ActivityNotFoundInConversation"),
        ("PUT", f"/{chat.id}/activities/{mine.id}", "ActivityNotFoundInConversation"),  # not the bot's own
        ("DELETE", f"/{chat.id}/activities/1", "ActivityNotFoundInConversation"),
    ]
    for method, path, code in wanted:
        answer = await _call(world, path, method=method, body=HELLO)
        assert (answer.status, answer.code) == (404, code)


async def test_a_deleted_message_is_gone(world: World) -> None:
    chat = world.chats.personal("user")
    sent = (await _call(world, f"/{chat.id}/activities", body=HELLO)).json["id"]
    assert (await _call(world, f"/{chat.id}/activities/{sent}", method="DELETE")).status == 200
    assert chat.said == []


@pytest.mark.parametrize("body", [{"type": "event"}, {}, [], {"type": "message"} | {"text": None, "type": "invoke"}])
async def test_only_messages_and_typing_are_taken(world: World, body: Any) -> None:
    answer = await _call(world, f"/{world.chats.personal('user').id}/activities", body=body)
    assert (answer.status, answer.code) == (400, "BadSyntax")


async def test_members_come_in_pages_and_one_by_one(world: World) -> None:
    asked = await world.teams.say("user", "help", where="group", mention=False)
    chat = asked.activity["conversation"]["id"]
    seen, token = list[str](), ""
    while True:
        path = f"/{chat}/pagedmembers?pageSize=4&continuationToken={token}"
        page = (await _call(world, path, method="GET")).json
        seen += [member["aadObjectId"] for member in page["members"]]
        token = page.get("continuationToken", "")
        if not token:
            break
    assert seen == [person.object_id for person in world.company.people.values()]
    assert len((await _call(world, f"/{chat}/members", method="GET")).json) == len(seen)
    guest = world.company.people["guest"]
    one = await _call(world, f"/{chat}/members/{guest.chat_id}", method="GET")
    assert (one.json["userRole"], one.json["tenantId"]) == ("guest", world.tenant.id)
