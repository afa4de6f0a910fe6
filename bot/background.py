"""What runs beside the chat: worker, notifier, help desk and upkeep, in rounds for ever, whatever fails in one; and a
heartbeat by which the door knows of each."""

import asyncio
import logging
import time
import zoneinfo
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.approvals.clock import Clock
from bot.approvals.notifier import Notifier, unreached
from bot.approvals.plan import Kind
from bot.approvals.policy import Hours, Rules
from bot.approvals.service import Approvals
from bot.approvals.upkeep import sweep
from bot.approvals.worker import Worker
from bot.chat.command import Asking, Changing, Neighbours
from bot.chat.turn import Channel, Person, Place, PlaceKind
from bot.config import Cloud, Settings, SettingsError
from bot.deadlines import STANDARD, Deadlines
from bot.errors import BotError, where
from bot.helpdesk.delivery import Delivery
from bot.store.audit import entries
from bot.store.conversations import Conversations
from bot.store.database import check_writing, is_sound
from bot.store.erasure import erase
from bot.store.gaps import Gaps
from bot.store.outbox import Outbox
from bot.store.questions import Questions
from bot.store.requests import Requests
from bot.tenant import Policies
from bot.tenant.graph import Graph
from bot.tenant.login import LOGIN_HOSTS
from bot.tenant.people import GraphPeople
from bot.tenant.progress import GraphProgress
from bot.tenant.roles import GraphGroups, GraphRoles
from bot.tenant.writes import GraphWrites
from dialogs.understanding.redact import anonymous

log = logging.getLogger(__name__)

WORK_SECONDS = 5.0  # between two rounds of who looks at requests, unless called
CHAT_SECONDS = 1.0  # between two rounds of who writes to people
CHECK_SECONDS = 2.0  # between two checks of the database
# Without a sign of life. The longest thing that the worker may wait for is 180 s, when Graph asks for that.
SILENT_SECONDS = 300.0
LOCKED_SECONDS = 10.0  # the same for the database, which every turn waits for

_SERVICE_URLS = {
    Cloud.PUBLIC: "https://smba.trafficmanager.net/teams/",
    Cloud.US_GOV: "https://smba.infra.gov.teams.microsoft.us/teams/",
    Cloud.US_GOV_DOD: "https://smba.infra.dod.teams.microsoft.us/teams/",
}


class Heartbeat:
    """When did the work last move on? Work that takes long says so by `alive()`; a round that ended well says so too.

    `seconds`: longer than anything may take without a word. Then it hangs, has ended, or fails each time.
    """

    def __init__(self, name: str, seconds: float, clock: Callable[[], float]) -> None:
        self.name = name
        self._seconds = seconds
        self._clock = clock
        self._last = clock()

    def alive(self) -> None:
        """The work moves on."""
        self._last = self._clock()

    @property
    def stale(self) -> bool:
        """Is the silence too long?"""
        return self._clock() - self._last > self._seconds


@dataclass(frozen=True, slots=True)
class Work:
    """`round()` does what there is to do now and returns; `pause()` waits until there may be more."""

    heartbeat: Heartbeat
    round: Callable[[], Awaitable[None]]
    pause: Callable[[], Awaitable[None]]


@asynccontextmanager
async def beside(works: Iterable[Work]) -> AsyncIterator[None]:
    """All of them run until this is left."""
    tasks = [asyncio.create_task(forever(work), name=work.heartbeat.name) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def forever(work: Work) -> None:
    """Round after round; only who cancels this ends it."""
    while True:
        try:
            await work.round()
            work.heartbeat.alive()
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            _tell(work, error)  # what the round waited for was cancelled, not the round
        except Exception as error:  # noqa: BLE001 - whatever it is, the next round may go better
            _tell(work, error)
        await work.pause()


async def woken(wake: asyncio.Event, seconds: float) -> None:
    """Wait until somebody calls, but not longer."""
    try:
        async with asyncio.timeout(seconds):
            await wake.wait()
    except TimeoutError:
        return
    finally:
        wake.clear()


def _tell(work: Work, error: BaseException) -> None:
    level = logging.WARNING if isinstance(error, BotError) else logging.ERROR
    log.log(level, "%s: this round failed: %s", work.heartbeat.name, where(error))


@dataclass(frozen=True, slots=True)
class Changes:
    """Built once; `run` works until it is left."""

    settings: Settings
    engine: AsyncEngine
    store: Requests
    outbox: Outbox
    places: Conversations
    roles: GraphRoles
    commands: Changing
    asking: Asking
    gaps: Gaps
    worker: Worker
    clock: Clock
    wake: asyncio.Event
    heartbeats: Mapping[str, Heartbeat]

    def silent(self) -> list[str]:
        """Who of those beside the chat has not moved on for too long; `database` when nothing could be written."""
        return [name for name, heartbeat in self.heartbeats.items() if heartbeat.stale]

    now: Callable[[], datetime]

    async def erase(self, person: Person) -> None:
        """A person removed the bot: their chat, their copies of cards and what they wrote, in one transaction. The
        audit keeps ids."""
        async with self.places.forgetting(person) as session:
            await erase(session, person.object_id, self.now())

    @asynccontextmanager
    async def run(self, neighbours: Neighbours, channel: Channel) -> AsyncIterator[None]:
        """All who work beside the chat. Raises SettingsError for a damaged file."""
        if not await is_sound(self.engine):
            raise SettingsError("PINBOT_DATABASE_URL: the file is damaged; restore a backup, then check the audit")
        settings, beat = self.settings, self.heartbeats
        approvers = _channel(settings.approvals_channel, settings)
        help_desk = _channel(settings.help_desk_channel, settings)
        courier = Notifier(self.outbox, self.places, channel, neighbours, approvers, beat["courier"].alive)
        desk = Delivery(self.gaps, channel, neighbours, help_desk, beat["desk"].alive)
        if settings.read_only:
            with suppress(BotError):  # a notice, and no reason not to start
                await courier.tell_read_only()
        upkeep = partial(sweep, self.store, _rules(settings), self.clock)
        works = (
            Work(beat["worker"], self.worker.round, partial(woken, self.wake, WORK_SECONDS)),
            Work(beat["upkeep"], upkeep, partial(asyncio.sleep, WORK_SECONDS)),
            Work(beat["courier"], courier.round, partial(asyncio.sleep, CHAT_SECONDS)),
            Work(beat["desk"], desk.round, partial(asyncio.sleep, CHAT_SECONDS)),
            Work(beat["database"], partial(check_writing, self.engine), partial(asyncio.sleep, CHECK_SECONDS)),
        )
        try:
            async with beside(works):
                yield
        finally:
            with suppress(BotError):  # a store that is away now is no reason not to stop
                await self.gaps.flush()


def changes(
    settings: Settings,
    engine: AsyncEngine,
    graph: Graph,
    policies: Policies,
    upload: Callable[[str, bytes], Awaitable[None]],
    now: Callable[[], datetime],
    deadlines: Deadlines = STANDARD,
) -> Changes:
    """Build it."""
    key = settings.audit_key.get_secret_value().encode()
    store, clock, wake = Requests(engine, key), Clock(now, time.monotonic), asyncio.Event()
    roles = GraphRoles(graph, settings.admin_group_id, settings.approver_group_id, time.monotonic)
    writes = GraphWrites(graph)
    gaps, places, outbox = Gaps(engine, anonymous, now), Conversations(engine, now), Outbox(engine)
    in_channel = bool(settings.approvals_channel)
    commands = Changing(
        tenant_id=settings.tenant_id,
        login_url=LOGIN_HOSTS[settings.cloud],
        creates_apps=settings.create_apps,
        tenant=writes,
        policies=policies,
        rollout=GraphProgress(graph),
        groups=GraphGroups(graph),
        people=GraphPeople(graph, time.monotonic),
        approvals=Approvals(store, roles, _rules(settings), clock, key, wake.set, deadlines),
        audit=lambda since: entries(engine, since),
        upload=upload,
        files=settings.cloud is Cloud.PUBLIC,
        remember=partial(outbox.remember, asked=True),
        shows=outbox.shows,
        unreached=partial(unreached, settings.tenant_id, outbox, places, roles, in_channel=in_channel),
        deadlines=deadlines,
    )
    asking = Asking(settings.help_desk_channel, settings.question_days, Questions(engine, now), places, gaps)
    beats = _heartbeats(time.monotonic)
    alive = beats["worker"].alive
    worker = Worker(store, writes, roles, clock, key, read_only=settings.read_only, alive=alive)
    return Changes(
        settings, engine, store, outbox, places, roles, commands, asking, gaps, worker, clock, wake, beats, now
    )


def _heartbeats(clock: Callable[[], float]) -> dict[str, Heartbeat]:
    """By the names that the operator is told."""
    seconds = dict.fromkeys(("worker", "upkeep", "courier", "desk"), SILENT_SECONDS) | {"database": LOCKED_SECONDS}
    return {name: Heartbeat(name, most, clock) for name, most in seconds.items()}


def _rules(settings: Settings) -> Rules:
    zone = zoneinfo.ZoneInfo(settings.time_zone)
    counts = (pair.split("=") for pair in settings.approvals_needed.split(",") if pair)
    return Rules(
        tenant_id=settings.tenant_id,
        hours=Hours(zone, start=settings.work_starts, end=settings.work_ends),
        life=timedelta(hours=settings.request_hours),
        needed={Kind(kind): int(count) for kind, count in counts},
        reason_pattern=settings.reason_pattern,
        read_only=settings.read_only,
    )


def _channel(channel_id: str, settings: Settings) -> Place | None:
    """The channel that the operator named; the bot must have been added to its team."""
    if not channel_id:
        return None
    service_url = settings.connector_url or _SERVICE_URLS[settings.cloud]
    return Place(PlaceKind.CHANNEL, channel_id, settings.tenant_id, service_url, f"28:{settings.app_id}")
