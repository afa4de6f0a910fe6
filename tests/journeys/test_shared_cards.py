"""Cards that several people or several devices see: what one press leaves there for the others."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.demo import run
from bot.simulation import World
from bot.simulation.chats import ChatEvent, Said, channel_id
from bot.simulation.faults import Fault
from bot.simulation.teams import actions
from cards.plain import plain
from tests.deadlines import GENEROUS, PATIENCE
from tests.journeys.test_ask_a_person import threads, told
from tests.journeys.test_rollout import do, file, newest, press, say, shown, until

AWAY = "organisation's directory does not answer"


@pytest.fixture
async def channel() -> AsyncIterator[World]:
    """Approvers are asked in a channel; nothing is onboarded."""
    settings: dict[str, str] = {"PINBOT_APPROVALS_CHANNEL": channel_id(), "PINBOT_TURNS_PER_MINUTE": "1000"}
    async with run.running("fresh", deadlines=GENEROUS, PINBOT_PORT="0", **settings) as world:
        for person in ("admin", "approver"):
            await world.teams.install(person)
        yield world


async def everybody(world: World, said: Said, words: str) -> None:
    """Wait until the card says so to who has no view of their own."""
    async with asyncio.timeout(PATIENCE):
        await world.chats.wait(lambda: words in plain(said.card or {}))


async def in_channel(world: World) -> Said:
    async with asyncio.timeout(PATIENCE):
        await world.chats.wait(lambda: bool(threads(world)))
    return threads(world)[0]


async def to_consent(world: World) -> Said:
    """The channel's card of a request whose links are to be clicked."""
    await file(world, "admin", "onboard consent", 1)
    card = await in_channel(world)
    await world.teams.refresh("approver", card)
    await press(world, "approver", card, "Approve")
    await everybody(world, card, "give consent with the two links")
    return card


def titles(card: Any) -> list[str]:
    return [str(one.get("title")) for one in actions(card)]


async def test_one_press_while_graph_is_away_leaves_the_channels_card_to_all_others(channel: World) -> None:
    world = channel
    card = await to_consent(world)
    before = card.card
    seen: list[Any] = []

    async def watch(events: "asyncio.Queue[ChatEvent]") -> None:
        while event := await events.get():
            seen.extend([card.card] if event.kind == "update" and event.said is card else [])

    with world.chats.follow() as events:
        watching = asyncio.create_task(watch(events))
        await world.teams.refresh("admin", card)
        world.faults.add(Fault("graph", status=503))
        assert "One moment" in await press(world, "admin", card, "Verify consent")
        assert "Verify consent" in titles(card.card_of("admin"))
        async with asyncio.timeout(60):
            await world.chats.wait(lambda: AWAY in shown(newest(world, "admin"), "admin"))
        async with asyncio.timeout(PATIENCE):
            await world.chats.wait(lambda: "admin" not in card.views)  # one moment does not stay there
        await asyncio.sleep(0)
        watching.cancel()
    assert seen
    assert all(one == before for one in seen)
    assert titles(card.card) == ["Show my buttons"]
    world.faults.clear()
    await do(world, "admin", newest(world, "admin"), "Try again")
    await everybody(world, card, "Looked at")


async def test_a_channels_members_without_a_role_keep_the_card_that_all_see(channel: World) -> None:
    world = channel
    await file(world, "admin", "onboard consent", 1)
    card = await in_channel(world)
    await world.teams.refresh("user", card)
    assert card.card_of("user") == card.card
    world.faults.add(Fault("graph", status=503))
    await world.teams.refresh("hybrid", card)
    assert card.card_of("hybrid") == card.card
    world.faults.clear()
    asked_for = await press(world, "user", card, "Show my buttons")
    assert "Only members of the admin group or the approver group" in asked_for
    assert "What it does" in asked_for


async def test_a_refresh_that_a_client_makes_up_shows_a_stranger_nothing(channel: World) -> None:
    world = channel
    await file(world, "admin", "onboard consent", 1)
    await world.teams.install("user")
    own = world.chats.personal("user").by_bot()[-1]
    for faults in (None, Fault("graph", status=503)):
        if faults:
            world.faults.add(faults)
        for trigger in ("automatic", "manual"):
            await world.teams.press("user", own.id, "request.view", {"request": "1"}, trigger=trigger)
            assert "Onboard" not in shown(own, "user")
            assert "Request #1" not in shown(own, "user")


async def test_another_cards_button_pressed_in_a_channel_takes_no_cards_place_there(channel: World) -> None:
    world = channel
    await file(world, "admin", "onboard consent", 1)
    card = await in_channel(world)
    await world.teams.say("admin", "help", where="channel")
    other = threads(world)[-1]
    assert other is not card
    before = other.card
    await world.teams.press("admin", other.id, "request.view", {"request": "1"})
    await world.teams.press("approver", other.id, "export.decline", {})
    await world.teams.refresh("approver", card)
    await press(world, "approver", card, "Reject", reason="not now")
    await told(world, "admin", "Request #1 was rejected")  # which comes after all copies were drawn anew
    assert "Rejected" in plain(card.card or {})
    assert other.card == before


async def test_in_a_personal_chat_a_failure_stands_on_the_requests_own_card(fresh: World) -> None:
    world = fresh
    own = await file(world, "admin", "onboard consent", 1)
    card = newest(world, "approver", "Request #1")
    await do(world, "approver", card, "Approve")
    await until(world, own, "admin", "give consent with the two links")
    await world.teams.refresh("admin", own)
    world.faults.add(Fault("graph", status=503))
    working = await press(world, "admin", own, "Verify consent")
    assert working.index("What it does") < working.index("One moment") < working.index("Verify consent")
    async with asyncio.timeout(60):
        await world.chats.wait(lambda: AWAY in shown(own, "admin"))
    assert "Consent 1: service" in shown(own, "admin")
    assert set(titles(own.card_of("admin"))) & {"Show my buttons", "Verify consent"}
    world.faults.clear()
    await do(world, "admin", own, "Verify consent")
    await until(world, own, "admin", "Looked at")


async def test_a_reject_without_a_reason_is_said_above_the_buttons_and_stays_to_be_read(rollout: World) -> None:
    world = rollout
    await file(world, "admin", "assign Finance Laptops", 1)
    card = newest(world, "approver", "Request #1")
    await world.teams.refresh("approver", card)
    refused = await press(world, "approver", card, "Reject")
    assert refused.index("What it does") < refused.index("Say why you reject") < refused.rindex("Reject")
    async with asyncio.timeout(PATIENCE):
        await world.chats.wait(lambda: "Say why you reject" in plain(card.card or {}))
    updated = card.updated
    await world.teams.refresh("approver", card)
    assert "Say why you reject" in shown(card, "approver")
    assert card.updated == updated


async def test_who_presses_on_the_pc_and_picks_up_the_phone_finds_the_same_card(world: World) -> None:
    await say(world, "user", "I forgot my PIN")
    said = world.chats.personal("user").by_bot()[-1]
    pressed = await press(world, "user", said, "It didn't work")
    async with asyncio.timeout(PATIENCE):
        await world.chats.wait(lambda: plain(said.card or {}) == pressed)
    assert said.updated == 1
