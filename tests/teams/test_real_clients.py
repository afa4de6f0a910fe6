"""What Teams' clients really send, over the bot's own route: read, answered in words, or left alone in quiet."""

import asyncio
import logging
from functools import partial
from typing import Any

import pytest

from bot.simulation import World
from bot.simulation.chats import Conversation
from bot.simulation.faults import Fault
from bot.simulation.teams import BotAnswer, actions
from bot.teams import outbound
from tests.deadlines import PATIENCE
from tests.journeys.test_ask_a_person import threads
from tests.journeys.test_installs import said_in, welcomes
from tests.journeys.test_rollout import card_of, file, newest, press, say, shown, until
from tests.teams.test_written import FILE, PICTURE, html, reply

FORGOT, PC = "I forgot my PIN", "CON-LT-0142"
UNREAD = "I can't read files or pictures; type the code that Windows shows"
OTHERS = "Only the person whose PIN it is can reset it"


@pytest.fixture
async def rollout(world: World) -> World:
    """The same, with the bot added by those who ask and decide."""
    for person in ("admin", "approver", "approver2"):
        await world.teams.install(person)
    return world


def activity(world: World, said: str, where: Any = "personal", person: str = "user", **more: Any) -> Any:
    """A message as Teams tells it; `more` takes the place of its fields."""
    conversation = world.chats.place(where, person, world.chats.new_id())
    return world.teams.message(person, said, conversation, world.chats.new_id()) | more


async def heard(world: World, sent: Any, person: str = "user") -> str:
    """What the bot answered in the same place."""
    assert (await world.teams.post(sent)).status == 200
    return shown(world.chats.conversations[sent["conversation"]["id"]].by_bot()[-1], person)


def mention(name: str, address: str) -> dict[str, Any]:
    return {"type": "mention", "text": f"<at>{name}</at>", "mentioned": {"id": address, "name": name}}


async def test_words_in_the_html_alone_get_the_card_of_the_persons_own_pc(world: World) -> None:
    for text in (None, "", "\u200b"):
        sent = activity(world, "", text=text, attachments=[html(f"<div><p>{FORGOT}</p></div>")])
        assert PC in await heard(world, sent)


@pytest.mark.parametrize(
    "attachments",
    [[FILE], [PICTURE, html("<p></p>")], [{"contentType": "audio/mp4"}], [reply("I lost my PIN", "", "Forward")]],
)
@pytest.mark.parametrize("where", ["personal", "group", "channel"])
async def test_who_sends_a_file_a_picture_a_voice_or_anothers_message_is_told_what_can_be_read(
    world: World, attachments: Any, where: Any
) -> None:
    sent = activity(world, "", where, attachments=attachments)
    assert (await heard(world, sent)).startswith(UNREAD)


async def test_a_file_beside_words_is_left_aside(world: World) -> None:
    assert PC in await heard(world, activity(world, FORGOT, attachments=[FILE, PICTURE, html(f"<p>{FORGOT}</p>")]))
    assert "What I can do" in await heard(world, activity(world, "", attachments=[html("<p></p>")]))


async def test_the_bot_is_not_spoken_to_by_its_own_words_in_a_quotation(world: World) -> None:
    quoted = "PIN Reset\r\nGet a new PIN on CON-LT-0142\r\nIt did not work"
    for sent in (
        activity(world, quoted),
        activity(world, quoted, attachments=[reply("Get a new PIN on CON-LT-0142", "<p>It did not work</p>")]),
        activity(world, '<quoted messageId="1772050244572"/> It did not work'),
    ):
        assert "What happened?" in await heard(world, sent)


async def test_half_an_emoji_does_not_keep_anybody_from_help(world: World) -> None:
    assert PC in await heard(world, activity(world, f"{FORGOT} \ud83d"))


@pytest.mark.parametrize(
    "text", ["{} is locked out", "{} forgot his PIN", "{}: the PIN does not work", "is {}'s PC covered?"]
)
async def test_of_somebody_who_is_mentioned_no_pc_is_shown_and_said_who_can_reset_the_pin(
    world: World, text: str
) -> None:
    dana = world.company.people["approver2"]
    for where in ("group", "channel"):
        sent = activity(world, text.format(f"<at>{dana.name}</at>"), where)
        sent["entities"].append(mention(dana.name, dana.chat_id))
        card = await heard(world, sent)
        assert OTHERS in card
        assert "send: I forgot my PIN" in card
    assert world.chats.personal("user").by_bot() == []


@pytest.mark.parametrize("address", ["28:another-bot", "19:team@thread.tacv2"])
async def test_a_mention_of_a_team_or_of_oneself_makes_it_nobody_elses_pin(world: World, address: str) -> None:
    own = world.company.people["user"].chat_id
    for one in (address, own):
        sent = activity(world, f"<at>All</at> {FORGOT}", "group")
        sent["entities"].append(mention("All", one))
        assert "I answer in private" in await heard(world, sent)


async def test_what_others_were_not_shown_is_answered_where_they_do_not_read(world: World) -> None:
    await world.teams.install("user")
    for text in (FORGOT, "help", "nonsense 42"):
        sent = activity(world, text, "channel")
        sent["recipient"]["isTargeted"] = True
        before = len(said_in(world, "personal"))
        assert (await world.teams.post(sent)).status == 200
        assert len(said_in(world, "personal")) == before + 1
    assert PC in shown(said_in(world, "personal")[1], "user")
    assert threads(world) == []


async def test_who_has_no_chat_of_their_own_gets_no_public_answer_to_what_others_were_not_shown(world: World) -> None:
    for _ in range(40):  # the flood's notice is not for others either
        sent = activity(world, FORGOT, "channel", "hybrid")
        world.chats.installed.discard("hybrid")
        sent["recipient"]["isTargeted"] = True
        assert (await world.teams.post(sent)).status == 200
    assert threads(world) == []


@pytest.mark.parametrize(
    ("platform", "text", "opened"),
    [
        ("iOS", FORGOT, "I'm locked out"),
        ("Android", FORGOT, "I'm locked out"),
        ("android", FORGOT, "I'm locked out"),
        ("iOS", f"{FORGOT} but I am still signed in", "I'm still signed in"),
        ("Windows", FORGOT, ""),
        ("Web", FORGOT, ""),
        ("", FORGOT, ""),
    ],
)
async def test_on_a_phone_the_steps_of_who_is_locked_out_are_open_at_once(
    world: World, platform: str, text: str, opened: str
) -> None:
    sent = activity(world, text)
    sent["entities"][-1]["platform"] = platform
    assert (await world.teams.post(sent)).status == 200
    card = world.chats.personal("user").by_bot()[-1].card
    assert open_ways(card) == ([opened] if opened else [])


def open_ways(card: Any) -> list[str]:
    """The headings of the ways that need no tap."""
    parts = [card]
    found = []
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            if str(part.get("id")).startswith("way") and part.get("id") != "ways" and part.get("isVisible", True):
                found.append(part["items"][0]["text"])
            parts += part.values()
        elif isinstance(part, list):
            parts += part
    return found


@pytest.mark.parametrize(("typed", "read"), [(12, "12"), (True, "true"), (4.5, "4.5")])
async def test_a_number_or_a_tick_in_a_form_is_read_as_it_was_typed(rollout: World, typed: Any, read: str) -> None:
    world = rollout
    await say(world, "admin", "assign Finance Laptops")
    preview = newest(world, "admin")
    await press(world, "admin", preview, "Request approval", reason=typed)
    own = await card_of(world, "admin", 1)
    assert f"Reason: {read}\n" in shown(own, "admin")


async def test_a_pin_that_a_client_sends_as_a_number_is_hidden_like_any_other(rollout: World) -> None:
    world = rollout
    await say(world, "admin", "assign Finance Laptops")
    typed: Any = 229144
    answer = await press(world, "admin", newest(world, "admin"), "Request approval", reason=typed)
    assert "229144" not in answer
    assert "229144" not in shown(await card_of(world, "admin", 1), "admin")


@pytest.mark.parametrize("typed", ["x" * 2_001, ["a"], {"a": "b"}])
async def test_what_can_not_be_read_in_a_form_is_said_and_the_card_stays(rollout: World, typed: Any) -> None:
    world = rollout
    await say(world, "admin", "assign Finance Laptops")
    preview = newest(world, "admin")
    before = preview.card_of("admin")
    button = next(one for one in actions(before) if one["title"] == "Request approval")
    answer = await world.teams.press("admin", preview.id, button["verb"], {**button["data"], "reason": typed})
    assert answer.body["type"] == "application/vnd.microsoft.activity.message"
    assert "I couldn't read what was filled in" in answer.body["value"]
    assert preview.card_of("admin") == before
    await press(world, "admin", preview, "Request approval", reason="CHG-1")
    await until(world, preview, "admin", "Request #1 is filed")


def more_than(chat: Conversation, before: int) -> bool:
    return len(chat.by_bot()) > before


async def test_an_answer_that_teams_throttles_for_long_comes_later_instead_of_never(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "BUDGET_SECONDS", 0.5)
    for where, text in (("personal", "help"), ("personal", FORGOT), ("group", "help")):
        world.faults.throttle("connector", retry_after="1", calls=1)
        sent = activity(world, text, where)
        assert (await world.teams.post(sent)).status == 200
        chat = world.chats.conversations[sent["conversation"]["id"]]
        before = len(chat.by_bot())
        async with asyncio.timeout(PATIENCE):
            await world.chats.wait(partial(more_than, chat, before))
        assert len(chat.by_bot()) == before + 1


async def test_what_teams_took_and_called_502_comes_twice_rather_than_never(world: World) -> None:
    world.faults.add(Fault("connector", status=502, carried_out=True, calls=1))
    await world.teams.say("user", "help")
    said = [shown(one, "user") for one in said_in(world, "personal")]
    assert len(said) == 2
    assert said[0] == said[1]


async def test_an_edited_message_does_nothing(rollout: World) -> None:
    world = rollout
    sent = activity(world, "assign Finance Laptops", person="admin", type="messageUpdate")
    before = len(world.chats.personal("admin").by_bot())
    sent["channelData"]["eventType"] = "editMessage"
    assert (await world.teams.post(sent)).status == 200
    assert len(world.chats.personal("admin").by_bot()) == before


async def nameless(world: World, events: list[BotAnswer]) -> list[int]:
    """The same events once more, without a word on who is behind them."""
    person = {"id": world.company.people["user"].chat_id, "name": "Jonas"}
    again = [one.activity | {"id": f"{one.activity['id']}-2", "from": person} for one in events]
    return [(await world.teams.post(one)).status for one in again]


async def test_an_install_of_somebody_whom_teams_does_not_name_is_welcomed_once_and_learnt_with_the_first_message(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    events = await world.teams.install("user")
    await world.teams.remove("user")
    world.chats.installed.add("user")
    caplog.clear()
    assert await nameless(world, events) == [200, 200]
    assert welcomes(world, "personal") == 2
    sent = activity(world, FORGOT, "group")
    assert "I answer in private" in await heard(world, sent)
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


async def test_a_removal_by_somebody_whom_teams_does_not_name_forgets_whose_chat_it_is(rollout: World) -> None:
    world = rollout
    removal = await world.teams.remove("user", "group")
    admin = world.chats.personal("approver")
    person = {"id": world.company.people["approver"].chat_id}
    conversation = {"id": admin.id, "conversationType": "personal", "tenantId": world.tenant.id}
    world.chats.installed.discard("approver")
    for one in removal:
        sent = one.activity | {"id": f"{one.activity['id']}-2", "from": person, "conversation": conversation}
        assert (await world.teams.post(sent)).status == 200
    own = await file(world, "admin", "assign Finance Laptops", 1)
    await until(world, own, "admin", f"or it refuses): {world.company.people['approver'].name}")


async def test_somebody_from_elsewhere_in_a_shared_channel_is_refused_in_silence(world: World) -> None:
    sent = activity(world, FORGOT, "channel")
    sent["from"]["tenantId"] = "11111111-2222-4333-8444-555555555555"
    assert (await world.teams.post(sent)).status == 403
    assert threads(world) == []


async def test_who_is_not_in_the_directory_is_helped_and_shown_no_pc(world: World) -> None:
    sent = activity(world, FORGOT)
    sent["from"]["aadObjectId"] = "5a0de8f6-1c2b-4d3e-8f90-a1b2c3d4e5f6"
    answer = await heard(world, sent)
    assert "Sign-in options" in answer
    assert PC not in answer
