"""Who adds the bot is welcomed once and can be reached from then on, whatever Teams tells, when and how often."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.background import run as beside
from bot.demo import run
from bot.errors import StoreUnavailable
from bot.simulation import World, simulate
from bot.simulation.chats import Said, channel_id
from bot.simulation.state import CHANGING
from bot.store.conversations import Conversations
from tests.deadlines import GENEROUS
from tests.journeys.test_ask_a_person import bot, told
from tests.journeys.test_rollout import card_of, file, newest, press, say, shown, until

WELCOME, SORRY = "Hi, I'm the PIN reset bot", "Something went wrong"
GAPS = (0.0, 0.005, 0.02, 0.05, 0.2)
ACTIONS = ("add", "add-upgrade")
MIXES = tuple(itertools.product(GAPS, ACTIONS, (True, False)))


@pytest.fixture
async def tenant() -> AsyncIterator[World]:
    async with simulate("rollout") as world:
        world.tenant.permissions |= CHANGING
        yield world


def said_in(world: World, where: str, person: str = "user") -> list[Said]:
    """What the bot said there."""
    if where == "personal":
        return world.chats.personal(person).by_bot()
    begins = channel_id() if where == "channel" else world.chats.place("group", person, "").id
    found = (one for one in world.chats.conversations.values() if one.id.startswith(begins))
    return [said for one in found for said in one.by_bot()]


def welcomes(world: World, where: str, person: str = "user") -> int:
    """How often it was welcomed there; nobody was told sorry."""
    cards = [shown(one, person) for one in said_in(world, where, person)]
    assert not any(SORRY in card for card in cards)
    return sum(WELCOME in card for card in cards)


async def test_everybody_is_welcomed_once_whatever_the_gap_and_the_order(world: World) -> None:
    people = dict(zip(world.company.people, MIXES, strict=False))
    installs = (
        world.teams.install(person, gap=gap, action=action, update_first=order)
        for person, (gap, action, order) in people.items()
    )
    answers = await asyncio.gather(*installs)
    assert {answer.status for both in answers for answer in both} == {200}
    assert {person: welcomes(world, "personal", person) for person in people} == dict.fromkeys(people, 1)
    assert len(people) == len(MIXES)


@pytest.mark.parametrize("where", ["group", "channel"])
async def test_a_group_or_a_team_is_welcomed_once_each_time_it_adds_the_bot(world: World, where: Any) -> None:
    for count, (gap, action, order) in enumerate(MIXES[::3], 1):
        await world.teams.install("user", where, gap=gap, action=action, update_first=order)
        await world.teams.install("user", where, action="add-upgrade")
        assert welcomes(world, where) == count
        await world.teams.remove("user", where)


@pytest.mark.parametrize("where", ["group", "channel"])
@pytest.mark.parametrize("nameless", [{"id": "19:team@thread.tacv2"}, {"id": "29:x", "aadObjectId": ""}])
async def test_where_teams_does_not_say_who_added_the_bot_it_is_welcomed_all_the_same(
    world: World, where: Any, nameless: dict[str, str]
) -> None:
    events = [answer.activity for answer in await world.teams.install("user", where)]
    await world.teams.remove("user", where)
    again = await asyncio.gather(
        *(world.teams.post(one | {"id": f"{one['id']}-2", "from": nameless}) for one in events)
    )
    assert [answer.status for answer in again] == [200, 200]
    assert welcomes(world, where) == 2


async def test_no_start_of_the_bot_welcomes_anybody_again(tenant: World, tmp_path: Path) -> None:
    for _ in range(3):
        async with bot(tenant, tmp_path):
            for where in ("personal", "group", "channel"):
                await tenant.teams.install("user", where)
    assert [welcomes(tenant, where) for where in ("personal", "group", "channel")] == [1, 1, 1]


async def test_who_installed_the_bot_while_it_was_down_is_reached_after_the_first_message(
    tenant: World, tmp_path: Path
) -> None:
    tenant.chats.installed |= {"admin", "approver", "approver2"}  # Teams' side; the bot heard nothing of it
    async with bot(tenant, tmp_path):
        assert "What I can do" in await say(tenant, "approver", "help")
        await file(tenant, "admin", "assign Finance Laptops", 1)
        assert "Waiting for approval" in shown(await card_of(tenant, "approver", 1), "approver")
        await tenant.teams.install("approver")  # Teams tells it at last
        await tenant.teams.install("approver", action="add-upgrade")
    assert welcomes(tenant, "personal", "approver") == 1


async def _refused(*_: object) -> bool:
    raise StoreUnavailable("locked")


async def test_an_install_that_was_not_kept_is_answered_with_503_and_kept_when_teams_repeats_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Conversations, "_store", _refused)
        answers = await world.teams.install("user")
        assert [answer.status for answer in answers] == [503, 503]
    assert said_in(world, "personal") == []
    assert [(await world.teams.again(answer)).status for answer in answers] == [200, 200]
    assert welcomes(world, "personal") == 1


@pytest.mark.parametrize("where", ["group", "channel"])
@pytest.mark.parametrize("action", ["remove", "remove-upgrade"])
async def test_taking_the_bot_out_of_a_group_or_a_team_forgets_nobody(rollout: World, where: Any, action: str) -> None:
    world = rollout
    own = await file(world, "admin", "assign Finance Laptops", 1)
    for person in ("admin", "approver"):
        await world.teams.remove(person, where, action=action)
    await press(world, "admin", own, "Show my buttons")
    await press(world, "admin", own, "Cancel the request")
    assert "CHG-1" in await until(world, own, "admin", "Cancelled")
    other = await file(world, "admin", "assign Finance Laptops", 2)
    await card_of(world, "approver", 2)
    assert world.company.people["approver"].name not in shown(other, "admin")


@pytest.mark.parametrize("action", ["remove", "remove-upgrade"])
async def test_a_removal_that_breaks_off_erases_nothing_and_its_repetition_all(
    rollout: World, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    world = rollout
    await file(world, "admin", "assign Finance Laptops", 1)
    await card_of(world, "approver", 1)

    async def dies(*given: Any) -> None:
        await erase(*given)
        raise RuntimeError("killed before the end")

    erase: Callable[..., Awaitable[None]] = beside.erase  # type: ignore[attr-defined]  # imported there
    with monkeypatch.context() as patch:
        patch.setattr(beside, "erase", dies)
        answers = await world.teams.remove("approver", action=action)
        assert [answer.status for answer in answers] == [200, 503]
    world.chats.installed.add("approver")
    await world.teams.say("admin2", "I forgot my PIN", where="group")
    await press(world, "admin", newest(world, "admin", "Request #1\n"), "Show my buttons")
    await press(world, "admin", newest(world, "admin", "Request #1\n"), "Cancel the request")
    kept = newest(world, "approver", "Request #1\n")
    await until(world, kept, "approver", "Cancelled")  # still known, so still drawn anew
    await world.teams.again(answers[1])
    own = await file(world, "admin", "assign Finance Laptops", 2)
    await until(world, own, "admin", "Can't be reached")


async def test_who_files_is_told_at_once_which_approver_can_not_be_reached() -> None:
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0") as world:
        for person in ("admin", "approver"):
            await world.teams.install(person)
        await file(world, "admin", "assign Finance Laptops", 1)
        filed = shown(newest(world, "admin", "Request #1 is filed"), "admin")
        assert "I can't reach Dana Ortiz" in filed
        assert "Its card follows below" in filed


async def test_who_files_is_told_outright_when_nobody_can_be_reached() -> None:
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0") as world:
        own = await file(world, "admin", "assign Finance Laptops", 1)  # nobody's install was ever told
        filed = shown(newest(world, "admin", "Request #1 is filed"), "admin")
        assert "Nobody who may approve it can be reached" in filed
        await told(world, "admin", "Nobody can approve request #1 yet")
        await until(world, own, "admin", "Can't be reached")


async def test_an_approver_who_muted_the_bot_is_named_and_reached_again_after_writing() -> None:
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0") as world:
        for person in ("admin", "approver", "approver2"):
            await world.teams.install(person)
        world.chats.blocked.add("approver2")
        own = await file(world, "admin", "assign Finance Laptops", 1)
        await until(world, own, "admin", "or it refuses): Dana Ortiz")
        world.chats.blocked.clear()
        await world.teams.say("approver2", "help")
        await say(world, "admin", "cancel 1")
        await file(world, "admin", "assign Finance Laptops", 2)
        await card_of(world, "approver2", 2)


async def test_no_card_is_promised_to_who_can_not_be_written_to(
    rollout: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobody(*_: object) -> frozenset[str]:
        return frozenset()

    await say(rollout, "admin", "assign Finance Laptops")
    preview = newest(rollout, "admin")
    monkeypatch.setattr(Conversations, "reachable", nobody)
    await press(rollout, "admin", preview, "Request approval", reason="CHG-1")
    filed = await until(rollout, preview, "admin", "is filed")
    assert "its card does not follow" in filed
    assert "Its card follows below" not in filed
