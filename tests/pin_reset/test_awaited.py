"""Tell me when it's ready: told once, looked at seldom, about one's own PC alone, and forgotten with the person."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.chat.turn import Person, Place, PlaceKind
from bot.demo import run
from bot.demo.gallery.company import TENANT
from bot.demo.gallery.example import Example
from bot.errors import BotError, NotPermitted, NotSent, TenantUnreachable
from bot.pin_reset.awaited import MOST_PEOPLE, ReadyNews
from bot.pin_reset.card import may_get_ready
from bot.reset_rules.facts import MOST_SHOWN, Device, DeviceKind, Join, Recovery
from bot.simulation import World
from bot.store.conversations import Conversations
from bot.store.database import open_database
from bot.store.erasure import erase
from bot.store.sessions import reading
from bot.store.tables import AwaitedRow
from bot.store.turns.awaited import KEPT, Awaited
from tests.chat.asking import Owner, ask, shown
from tests.deadlines import GENEROUS, PATIENCE
from tests.helpdesk.test_delivery import Heard
from tests.journeys.test_forgotten_pin import press, texts
from tests.store.conftest import NOW, Time

PC = Device("00000000000000a1", "PC-ONE", join=Join.ENTRA, build=26100, recovery=Recovery.NONE)
READY = replace(PC, recovery=Recovery.READY)
HOUR = timedelta(hours=1, seconds=1)
PLACE = Place(PlaceKind.PERSONAL, "a:0", TENANT, "https://smba.trafficmanager.net/teams", "28:bot")


def _person(number: int) -> Person:
    return Person(TENANT, f"00000000-0000-4000-8000-{number:012}", f"29:{number}", "Somebody")


ANA = _person(0)


@dataclass
class Waits:
    """Those who wait, and everything around them; the time is a test's to move."""

    news: ReadyNews
    awaited: Awaited
    owner: Owner
    channel: Heard
    conversations: Conversations
    time: Time

    async def later(self, *devices: Device, failure: BotError | None = None) -> None:
        """An hour passes, and the tenant says something else."""
        self.time.now += HOUR
        self.owner.devices, self.owner.failure = devices, failure
        await self.news.round()


@pytest.fixture
async def waits(tmp_path: Path) -> AsyncIterator[Waits]:
    engine = await open_database(f"sqlite+aiosqlite:///{tmp_path}/bot.sqlite3")
    time, owner, channel = Time(), Owner((PC,)), Heard()
    awaited, conversations = Awaited(engine, lambda: time.now), Conversations(engine, lambda: time.now)
    news = ReadyNews(awaited, owner, conversations, channel, TENANT, lambda: time.now)
    await conversations.learn(ANA, PLACE)
    assert await awaited.wait(ANA.object_id, PC.reference, "en")
    yield Waits(news, awaited, owner, channel, conversations, time)
    await engine.dispose()


async def test_who_waits_is_told_once_when_a_look_says_ready(waits: Waits) -> None:
    for state in (Recovery.NONE, Recovery.UNKNOWN, Recovery.POLICY_ONLY):
        await waits.later(replace(PC, recovery=state))
    assert waits.channel.told == []
    for _ in range(3):
        await waits.later(READY)
    (told,) = waits.channel.told
    assert told.startswith("PC-ONE is ready for a PIN reset")
    assert "I forgot my PIN" in told


async def test_one_person_is_looked_up_once_an_hour_at_most_however_many_pcs_they_wait_for(waits: Waits) -> None:
    for number in range(2, 5):
        assert await waits.awaited.wait(ANA.object_id, f"{number:016}", "en")
    for _ in range(20):
        waits.time.now += timedelta(minutes=10)
        await waits.news.round()
    assert len(waits.owner.asked) == 3


async def test_a_round_looks_at_a_few_people_and_the_next_ones_at_the_others(waits: Waits) -> None:
    for number in range(1, MOST_PEOPLE + 3):
        await waits.conversations.learn(_person(number), replace(PLACE, conversation_id=f"a:{number}"))
        await waits.awaited.wait(_person(number).object_id, PC.reference, "en")
    await waits.later(PC)
    assert len(waits.owner.asked) == MOST_PEOPLE
    await waits.news.round()
    assert len(set(waits.owner.asked)) == MOST_PEOPLE + 3


@pytest.mark.parametrize("failure", [TenantUnreachable("canary"), NotPermitted("canary")])
async def test_what_can_not_be_read_is_no_no_and_is_looked_at_again(waits: Waits, failure: BotError) -> None:
    await waits.later(failure=failure)
    assert waits.channel.told == []
    await waits.later(READY)
    assert len(waits.channel.told) == 1


async def test_while_the_tenant_does_not_answer_nobody_else_is_looked_up(waits: Waits) -> None:
    await waits.conversations.learn(_person(1), replace(PLACE, conversation_id="a:1"))
    await waits.awaited.wait(_person(1).object_id, PC.reference, "en")
    await waits.later(failure=TenantUnreachable("canary"))
    assert len(waits.owner.asked) <= 1


async def test_what_teams_does_not_take_is_told_an_hour_later(waits: Waits) -> None:
    waits.channel.deaf["a:0"] = NotSent("503")
    await waits.later(READY)
    waits.channel.deaf.clear()
    await waits.later(READY)
    assert len(waits.channel.told) == 1


async def test_a_pc_that_is_not_theirs_is_never_told_of(waits: Waits) -> None:
    await waits.later(replace(READY, reference="00000000000000b2", name="PC-OF-OTHERS"))
    assert waits.channel.told == []


async def _awaited(waits: Waits, object_id: str) -> frozenset[str]:
    """The PCs that somebody waits for."""
    async with reading(waits.awaited._sessions) as session:
        return frozenset(await session.scalars(select(AwaitedRow.device).where(AwaitedRow.object_id == object_id)))


async def test_what_was_waited_for_is_forgotten_after_half_a_year_and_with_the_person(waits: Waits) -> None:
    await waits.awaited.wait(_person(1).object_id, PC.reference, "en")
    async with waits.conversations.forgetting(ANA) as session:
        await erase(session, ANA.object_id, NOW)
    assert await _awaited(waits, ANA.object_id) == frozenset()
    assert await _awaited(waits, _person(1).object_id) == {PC.reference}
    waits.time.now += KEPT + HOUR
    await waits.news.round()
    assert await _awaited(waits, _person(1).object_id) == frozenset()


async def test_nobody_waits_for_more_pcs_than_one_look_reads(waits: Waits) -> None:
    kept = [await waits.awaited.wait(ANA.object_id, f"{number:016}", "en") for number in range(1, MOST_SHOWN + 2)]
    assert kept.count(False) == 2
    assert await waits.awaited.wait(ANA.object_id, PC.reference, "en")  # once more for one of them


@pytest.mark.parametrize("device", ["", "x", "00000000-0000-4000-8000-000000000001", "'; DROP TABLE awaited"])
async def test_a_reference_that_no_card_of_ours_carries_is_not_kept(device: str) -> None:
    answer = await ask("pin.await", device=device)
    assert answer.passing
    assert "I'll tell you" not in shown(answer.reply)


@pytest.mark.parametrize(
    ("device", "offered"),
    [
        (PC, True),
        (replace(PC, join=Join.HYBRID), True),
        (replace(PC, recovery=Recovery.POLICY_ONLY), True),
        (READY, False),
        (replace(PC, recovery=Recovery.UNKNOWN), False),
        (replace(PC, join=Join.REGISTERED), False),
        (replace(PC, deleted=True), False),
        (replace(PC, build=15063), False),
        (replace(PC, kind=DeviceKind.SERVER), False),
    ],
)
async def test_only_who_can_get_ready_is_offered_to_wait(device: Device, offered: bool) -> None:
    assert may_get_ready(device) is offered
    for asked in ("forgot", "covered"):
        text = shown((await ask(asked, Example(devices=Owner((device,))))).reply)
        assert ("Tell me when it's ready" in text) is offered


async def test_who_is_not_covered_reads_why_and_what_else_to_do_before_the_steps() -> None:
    text = shown((await ask("forgot", Example(devices=Owner((PC,))))).reply)
    assert text.index("not in your organisation's rollout") < text.index("Are you locked out?")
    assert "sign in with your password" in text


async def test_the_press_is_answered_and_the_steps_stay(world: World) -> None:
    await world.teams.say("not-covered", "I forgot my PIN")
    card = texts(world, "not-covered")[-1]
    assert await press(world, "not-covered", "Tell me when it's ready") == card


async def test_a_pc_that_joins_the_rollout_is_told_of_in_the_chat(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the press to the message, without the pauses."""
    monkeypatch.setattr("bot.store.turns.awaited.LOOK", timedelta(0))
    monkeypatch.setattr("bot.background.run.WORK_SECONDS", 0.1)
    async with run._both("rollout", {"PINBOT_PORT": "0"}, remember=False, deadlines=GENEROUS) as world:
        await world.teams.say("not-covered", "is my PC covered?")
        await press(world, "not-covered", "Tell me when it's ready")
        group, pc = world.company.groups["pilot"], world.company.people["not-covered"].devices[0]
        world.tenant.members[group.id].add(pc.object_id)
        async with asyncio.timeout(PATIENCE):
            await world.chats.wait(lambda: "CON-LT-0201 is ready for a PIN reset" in texts(world, "not-covered")[-1])
