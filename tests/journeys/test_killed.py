"""The whole process killed again and again while people decide and it works, in front of a tenant that outlives it."""

import asyncio
import contextlib
import random
import signal
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.simulation import World, simulate
from bot.simulation.chats import CARD, Json
from bot.simulation.faults import Fault
from bot.simulation.state import CHANGING
from bot.simulation.teams import actions
from bot.store import audit
from bot.store.database import open_database
from bot.store.outbox import Outbox
from bot.store.requests import Requests
from cards.plain import plain
from tests.journeys.killing import Bot, prepared
from tests.journeys.test_rollout import card_of, file, newest, press, say, shown

PATIENCE = 60.0  # seconds, for what must come in the end
KILLS = 20
WRITE_SECONDS = 5.0  # after a click that counts
TRIES = 40  # of a click, half a second apart
WRITES = "graph/v1.0/deviceManagement/deviceConfigurations"  # with POST: an assignment


@dataclass(frozen=True)
class Child:
    """One request, what the approver says to it, and the faults from that click on."""

    text: str
    group: str
    verdict: str = "Approve"
    active: tuple[Fault, ...] = ()
    lag: int = 0  # reads that still show what was before a write
    at_write: bool = False  # the kill after the click waits until Graph has written, and comes before it is seen


def _lanes() -> tuple[tuple[Child, ...], ...]:
    """Two tenants side by side, as most of the time is spent starting processes."""
    late = Fault(WRITES, "POST", delay=0.3, calls=1)
    lost = Fault(WRITES, "POST", status=504, carried_out=True, calls=1)
    cut = Fault(WRITES, "POST", reset=True, carried_out=True, calls=1)
    not_done = Fault(WRITES, "POST", status=503, calls=1)
    slow = Fault("graph", "GET", delay=0.15)
    return (
        (
            Child("assign Finance Laptops", "finance", active=(late,)),
            Child("unassign Finance Laptops", "finance", active=(lost, slow), at_write=True),
            Child("assign All Windows Devices", "windows", active=(slow,), lag=2, at_write=True),
        ),
        (
            Child("assign All Windows Devices", "windows", active=(cut, slow), at_write=True),
            Child("assign Finance Laptops", "finance", "Reject", active=(slow,)),
            Child("assign Finance Laptops", "finance", active=(not_done, late)),
        ),
    )


ANSWERED = {"Approve": "Approved by ", "Reject": "Rejected by "}
END = {"Approve": "Done", "Reject": "Rejected"}


@asynccontextmanager
async def _bot(folder: Path, chance: random.Random) -> AsyncIterator[Bot]:
    """A tenant with somebody else's assignment, and a bot that three people have met."""
    async with simulate("rollout") as world:
        world.tenant.permissions |= CHANGING
        profile_id = next(iter(world.tenant.assignments))
        target = {"@odata.type": "#microsoft.graph.groupAssignmentTarget"}
        target["groupId"] = world.company.groups["executives"].id
        world.tenant.assignments[profile_id].append({"id": f"{profile_id}_theirs", "target": target})
        bot = Bot(world, folder, chance)
        await bot.start()
        for person in ("admin", "approver", "approver2"):
            await world.teams.install(person)
        try:
            yield bot
        finally:
            if bot.process and bot.process.returncode is None:
                await bot.end(signal.SIGTERM)


async def test_no_kill_of_the_whole_process_loses_or_doubles_anything(tmp_path: Path) -> None:
    """T16 in SECURITY.md."""
    seed = random.SystemRandom().randrange(2**32)
    try:
        lanes = [
            _lane(prepared(tmp_path / str(lane)), random.Random(f"{seed} {lane}"), lives)
            for lane, lives in enumerate(_lanes())
        ]
        assert sum(await asyncio.gather(*lanes)) >= KILLS
    except BaseException as error:
        error.add_note(f"seed {seed}")
        raise


async def test_a_process_that_is_told_to_stop_stops_while_a_login_hangs(tmp_path: Path) -> None:
    async with simulate() as world:
        bot = Bot(world, prepared(tmp_path / "bot"), random.Random())
        await bot.start()
        world.faults.hang("login")
        ready = world.teams.bot_url.replace("/api/messages", "/readyz")
        asking = asyncio.create_task(_status(ready))
        await world.faults.wait(lambda: world.faults.count("login") > 0)
        try:
            async with asyncio.timeout(PATIENCE / 2):
                await bot.end(signal.SIGTERM)  # nothing has cleared: the login still hangs
        finally:
            world.faults.clear()
            await asyncio.wait([asking])
        assert bot.process
        assert bot.process.returncode == 0, bot.log


async def _status(url: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status


async def test_a_process_that_is_told_to_stop_at_any_moment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """T16 in SECURITY.md: while a request waits, around the click, while the next one starts and while it works."""
    late = Fault(WRITES, "POST", delay=0.3, calls=1)
    seed = random.SystemRandom().randrange(2**32)
    try:
        lives = (Child("assign Finance Laptops", "finance", active=(late,), at_write=True),)
        await _lane(prepared(tmp_path / "told"), random.Random(seed), lives, by=signal.SIGTERM)
    except BaseException as error:
        error.add_note(f"seed {seed}")
        raise


async def _lane(
    folder: Path, chance: random.Random, lives: tuple[Child, ...], *, by: signal.Signals = signal.SIGKILL
) -> int:
    """All lives on one database; how often the process was killed."""
    async with _bot(folder, chance) as bot:
        bot.by = by
        assignments = _assigned(bot.world)
        for number, child in enumerate(lives, 1):
            await _live(bot, number, child)
            assignments = _after(assignments, bot.world.company.groups[child.group].id, child)
            assert _assigned(bot.world) == assignments, bot.log
        await bot.end(signal.SIGTERM)
        assert [await _verdicts(bot, number) for number, _ in enumerate(lives, 1)] == [[one.verdict] for one in lives]
        async with _database(bot) as engine:
            assert (await audit.check(engine, bot.key)).sound
        return bot.kills


def _assigned(world: World) -> dict[str, str]:
    """The kind of assignment by group."""
    (rows,) = world.tenant.assignments.values()
    return {row["target"]["groupId"]: row["target"]["@odata.type"] for row in rows}


def _after(assignments: dict[str, str], group_id: str, child: Child) -> dict[str, str]:
    if child.verdict == "Reject":
        return assignments
    if child.text.startswith("unassign"):
        return {group: kind for group, kind in assignments.items() if group != group_id}
    return {**assignments, group_id: "#microsoft.graph.groupAssignmentTarget"}


async def _live(bot: Bot, number: int, child: Child) -> None:
    """Killed while the request waits, around the click, while the next one starts, and while that one recovers."""
    world, written = bot.world, len(bot.world.tenant.written)
    await file(world, "admin", child.text, number)
    await bot.kill_within(0.3)
    await bot.start()
    click = await _click(world, number, child.verdict)
    assert len(world.tenant.written) == written, "nobody has approved yet"
    world.faults.active[:], world.tenant.lag = child.active, child.lag
    clicking = asyncio.create_task(_deliver(world, click))
    if child.at_write:
        await _has_written(world, written)
    await bot.kill_within(0.1 if child.at_write else 0.8)
    acknowledged = ANSWERED[child.verdict] in await clicking
    assert await _verdicts(bot, number) == [child.verdict] or not acknowledged, bot.log
    await bot.spawn()
    await bot.kill_within(1.5)
    await bot.start()
    await _deliver_until(bot, click, ANSWERED[child.verdict])
    await bot.kill_within(0.8)
    await bot.start()
    await _shows_the_end(bot, number, END[child.verdict])
    await _everything_is_told(bot)
    world.faults.clear()
    world.tenant.lag = 0
    assert (await _deliver_until(bot, click, END[child.verdict])).count(ANSWERED[child.verdict]) == 1
    assert len(world.tenant.written) == written + (child.verdict == "Approve"), bot.log
    assert [fault for fault in child.active if fault.calls] == [], "these faults struck nobody"


async def _has_written(world: World, written: int) -> None:
    """Or never will: a click that the tenant was too slow for has to be made again."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WRITE_SECONDS):
            await world.faults.wait(lambda: len(world.tenant.written) > written)


async def _click(world: World, number: int, title: str) -> Json:
    """The signed press of an approver's button, to be delivered as often as we like."""
    card = await card_of(world, "approver", number)
    async with asyncio.timeout(PATIENCE):
        while "Approve" not in {one.get("title") for one in actions(card.card_of("approver"))}:
            await press(world, "approver", card, "Show my buttons")  # again where the tenant was not quick enough
    button = next(one for one in actions(card.card_of("approver")) if one.get("title") == title)
    data = {**button["data"], "reason": "as agreed"}
    conversation, _ = world.chats.find(card.id)
    return {
        **world.teams._activity("approver", "invoke", conversation, f"f:{uuid.uuid4()}"),
        "name": "adaptiveCard/action",
        "replyToId": card.id,
        "value": {"action": {"type": "Action.Execute", "verb": button["verb"], "data": data}, "trigger": "manual"},
    }


async def _deliver(world: World, click: Json) -> str:
    """The card that answers; empty when the process died first."""
    try:
        answer = await world.teams.post(click)
    except aiohttp.ClientError:
        return ""
    body = answer.body if isinstance(answer.body, dict) else {}
    return plain(body["value"]) if answer.status == 200 and body.get("type") == CARD else ""


async def _deliver_until(bot: Bot, click: Json, words: str) -> str:
    """As a person does who is told to try again."""
    for _ in range(TRIES):
        if words in (answer := await _deliver(bot.world, click)):
            return answer
        await asyncio.sleep(0.5)
    raise AssertionError(f"{answer}\n{bot.log}")


async def _shows_the_end(bot: Bot, number: int, words: str) -> None:
    """On the requester's card. What needs attention is gone on with by an approver, as it may after so many kills."""
    world, title = bot.world, f"Request #{number}\n"

    def card() -> str:
        return shown(newest(world, "admin", title), "admin")

    async with asyncio.timeout(PATIENCE):
        while words not in card():
            await world.chats.wait(lambda: words in card() or "Needs attention" in card())
            if "Needs attention" in card():
                await say(world, "approver2", f"retry {number}")


@asynccontextmanager
async def _database(bot: Bot) -> AsyncIterator[AsyncEngine]:
    """For one look: a process that starts must find nobody else at its file."""
    engine = await open_database(bot.settings["PINBOT_DATABASE_URL"])
    try:
        yield engine
    finally:
        await engine.dispose()


async def _verdicts(bot: Bot, number: int) -> list[str]:
    async with _database(bot) as engine:
        request = (await Requests(engine, bot.key).snapshot(number)).request
    return [one.verdict.value.title() for one in request.decisions] if request else []


async def _everything_is_told(bot: Bot) -> None:
    """The outbox is empty: what a killed process did not get to say comes from the next."""
    async with _database(bot) as engine, asyncio.timeout(PATIENCE):
        outbox = Outbox(engine)
        while await outbox.due(datetime.max.replace(tzinfo=UTC)):  # noqa: ASYNC110 - another process empties it
            await asyncio.sleep(0.1)
