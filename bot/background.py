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

from bot.answers.services import AnswerServices
from bot.approvals.kind import Kinds
from bot.approvals.notifier import Notifier, unreached
from bot.approvals.policy import Hours, Rules
from bot.approvals.service import Approvals
from bot.approvals.services import ApprovalServices
from bot.approvals.upkeep import Clock, sweep
from bot.approvals.worker import Worker
from bot.changes.kinds import kinds
from bot.changes.services import ChangeServices, Planning
from bot.changes.tenant_state import oma_uri
from bot.chat.afterwards import Apologies
from bot.chat.deadlines import STANDARD, Deadlines
from bot.chat.files import Files
from bot.chat.notices import HelpDesk
from bot.chat.turn import Channel, Person, Place, PlaceKind
from bot.commands import Services
from bot.config import Cloud, Settings, SettingsError
from bot.errors import BotError, StoreUnavailable, where
from bot.help.services import HelpServices
from bot.helpdesk.delivery import Delivery
from bot.helpdesk.services import Audited, HelpDeskServices, LookupServices
from bot.pin_reset.services import PinResetServices
from bot.store.audit import entries, newest_is_sound
from bot.store.conversations import Conversations
from bot.store.database import check_writing, is_sound
from bot.store.erasure import erase
from bot.store.gaps import Gaps
from bot.store.outbox import Outbox
from bot.store.questions import Questions
from bot.store.records import Event
from bot.store.requests import Lost, Requests
from bot.store.turns.promises import Promises
from bot.tenant.devices import GraphDevices
from bot.tenant.graph import Graph
from bot.tenant.login import LOGIN_HOSTS
from bot.tenant.lookup.pcs import GraphLookup
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

_NO_KIND = "it names a kind of change that there is not; those that there are:"
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
    round: Callable[[], Awaitable[object]]
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
    """Round after round; only who cancels this ends it, even where the round swallows that (SQLAlchemy does, while it
    closes a connection)."""
    task = asyncio.current_task()
    assert task
    while not task.cancelling():
        try:
            await work.round()
            work.heartbeat.alive()
        except asyncio.CancelledError as error:
            if task.cancelling():
                raise
            _tell(work, error)  # what the round waited for was cancelled, not the round
        except Exception as error:  # noqa: BLE001 - whatever it is, the next round may go better
            _tell(work, error)
        if not task.cancelling():
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
class Background:
    """Built once with the services that it shares with the commands; `run` works until it is left."""

    settings: Settings
    engine: AsyncEngine
    store: Requests
    outbox: Outbox
    conversations: Conversations
    gaps: Gaps
    services: Services
    worker: Worker
    clock: Clock
    wake: asyncio.Event
    heartbeats: Mapping[str, Heartbeat]
    now: Callable[[], datetime]

    def silent(self) -> list[str]:
        """Who of those beside the chat has not moved on for too long; `database` when nothing could be written."""
        return [name for name, heartbeat in self.heartbeats.items() if heartbeat.stale]

    async def erase(self, person: Person) -> None:
        """A person removed the bot: their chat, their copies of cards and what they wrote, in one transaction. The
        audit keeps ids."""
        async with self.conversations.forgetting(person) as session:
            await erase(session, person.object_id, self.now())

    @asynccontextmanager
    async def run(self, channel: Channel) -> AsyncIterator[None]:
        """All who work beside the chat. Raises SettingsError for a damaged file, or one that another key sealed."""
        await _check_file(self.engine, self.settings.audit_key.get_secret_value().encode())
        settings, beat, services = self.settings, self.heartbeats, self.services
        approvers = _channel(settings.approvals_channel, settings)
        help_desk = _channel(settings.help_desk_channel, settings)
        requests = services.changes.requests
        alive, read_only = beat["notifier"].alive, settings.read_only
        notifier = Notifier(self.outbox, self.conversations, channel, requests, approvers, alive, read_only=read_only)
        delivery = Delivery(self.gaps, channel, services.helpdesk, help_desk, beat["delivery"].alive)

        async def upkeep() -> None:
            await sweep(self.store, _rules(settings), self.clock)
            await requests.approvals.audit_counted()

        promises, redraw = Promises(self.engine, self.now), lambda number: self.outbox.redraw(number, self.now())
        apologies = Apologies(promises, channel, self.conversations.personal_of, redraw)
        with suppress(BotError):  # a notice, and no reason not to start
            await apologies.load()
        works = (
            Work(beat["worker"], self.worker.start, partial(woken, self.wake, WORK_SECONDS)),
            Work(beat["upkeep"], upkeep, partial(asyncio.sleep, WORK_SECONDS)),
            Work(beat["notifier"], notifier.round, partial(asyncio.sleep, CHAT_SECONDS)),
            Work(beat["delivery"], delivery.round, partial(asyncio.sleep, CHAT_SECONDS)),
            Work(beat["apologies"], apologies.round, partial(asyncio.sleep, WORK_SECONDS)),
            Work(beat["database"], partial(check_writing, self.engine), partial(asyncio.sleep, CHECK_SECONDS)),
        )
        try:
            async with beside(works):
                yield
        finally:
            await self.worker.stop()
            await notifier.close()
            with suppress(BotError):  # a store that is away now is no reason not to stop
                await self.gaps.flush()


async def _check_file(engine: AsyncEngine, key: bytes) -> None:
    """Nothing is carried out on what is damaged, or does not end with what the bot wrote. Raises SettingsError."""
    if not await is_sound(engine):
        raise SettingsError("PINBOT_DATABASE_URL: the file is damaged; restore a backup, then check the audit")
    try:
        sealed = await newest_is_sound(engine, key)
    except StoreUnavailable:
        raise SettingsError("PINBOT_DATABASE_URL can't be read; the log says more, then start again") from None
    if not sealed:
        raise SettingsError(
            "PINBOT_AUDIT_KEY: the newest row of the audit was not written with this key, or was changed by hand; set "
            "the key that was used before, or restore a backup and check the audit"
        )


def background(
    settings: Settings,
    engine: AsyncEngine,
    graph: Graph,
    devices: GraphDevices,
    channel: Channel,
    upload: Callable[[str, bytes], Awaitable[None]],
    now: Callable[[], datetime],
    deadlines: Deadlines = STANDARD,
) -> Background:
    """Build it, and the services of all rooms. Raises SettingsError for a kind of change that there is not."""
    key = settings.audit_key.get_secret_value().encode()
    store, clock, wake = Requests(engine, key), Clock(now, time.monotonic), asyncio.Event()
    shared = _shared(settings, engine, graph, upload, now)
    approvals = Approvals(store, shared.roles, _rules(settings), clock, key, wake.set, deadlines)
    planning = _planning(settings, graph, devices, approvals)
    requests = _requests(settings, engine, shared, planning, now, deadlines)
    lookup = _lookup(settings, graph, devices, shared, channel, _audited(store, clock), now)
    services = _services(settings, engine, graph, devices, shared, requests, planning, lookup, now, deadlines)
    beats = _heartbeats(time.monotonic)
    worker = Worker(
        store,
        planning.tenant,
        shared.roles,
        requests.kinds,
        clock,
        key,
        read_only=settings.read_only,
        approval_life=timedelta(hours=settings.approval_hours),
        alive=beats["worker"].alive,
    )
    return Background(
        settings,
        engine,
        store,
        shared.outbox,
        shared.conversations,
        shared.gaps,
        services,
        worker,
        clock,
        wake,
        beats,
        now,
    )


@dataclass(frozen=True, slots=True)
class _Shared:
    """What several rooms are given."""

    roles: GraphRoles
    people: GraphPeople
    gaps: Gaps
    conversations: Conversations
    outbox: Outbox
    help_desk: HelpDesk
    files: Files


def _shared(
    settings: Settings,
    engine: AsyncEngine,
    graph: Graph,
    upload: Callable[[str, bytes], Awaitable[None]],
    now: Callable[[], datetime],
) -> _Shared:
    return _Shared(
        roles=GraphRoles(
            graph,
            settings.admin_group_id,
            settings.approver_group_id,
            time.monotonic,
            help_desk_group=settings.help_desk_group_id,
        ),
        people=GraphPeople(graph, time.monotonic),
        gaps=Gaps(engine, anonymous, now),
        conversations=Conversations(engine, now),
        outbox=Outbox(engine),
        help_desk=HelpDesk(settings.help_desk, bool(settings.help_desk_channel)),
        files=Files(settings.cloud is Cloud.PUBLIC, upload),
    )


def _planning(settings: Settings, graph: Graph, devices: GraphDevices, approvals: Approvals) -> Planning:
    return Planning(
        tenant_id=settings.tenant_id,
        login_url=LOGIN_HOSTS[settings.cloud],
        creates_apps=settings.create_apps,
        tenant=GraphWrites(graph),
        sources=devices.sources,
        groups=GraphGroups(graph),
        approvals=approvals,
        group_growth=settings.group_growth,
    )


def _known(settings: Settings, planning: Planning) -> Kinds:
    """The kinds of change by name. Raises SettingsError where the settings name one that there is not."""
    known = kinds(planning)
    if _rules(settings).needed.keys() - known.keys():  # a misspelt one would silently need one approver
        raise SettingsError(f"PINBOT_APPROVALS_NEEDED can't be used: {_NO_KIND} {', '.join(known)}")
    return known


def _requests(
    settings: Settings,
    engine: AsyncEngine,
    shared: _Shared,
    planning: Planning,
    now: Callable[[], datetime],
    deadlines: Deadlines,
) -> ApprovalServices:
    in_channel = bool(settings.approvals_channel)
    reached = (settings.tenant_id, shared.outbox, shared.conversations, shared.roles)
    return ApprovalServices(
        tenant_id=settings.tenant_id,
        approvals=planning.approvals,
        kinds=_known(settings, planning),
        roles=shared.roles,
        people=shared.people,
        audit=lambda since: entries(engine, since),
        files=shared.files,
        remember=partial(shared.outbox.remember, asked=True),
        shows=shared.outbox.shows,
        unreached=partial(unreached, *reached, in_channel=in_channel),
        undelivered=shared.outbox.undelivered,
        help_desk=shared.help_desk,
        now=now,
        deadlines=deadlines,
    )


def _services(
    settings: Settings,
    engine: AsyncEngine,
    graph: Graph,
    devices: GraphDevices,
    shared: _Shared,
    requests: ApprovalServices,
    planning: Planning,
    lookup: LookupServices,
    now: Callable[[], datetime],
    deadlines: Deadlines,
) -> Services:
    filling = {"tenant_id": settings.tenant_id, "oma_uri": oma_uri(settings.tenant_id)}
    return Services(
        help=HelpServices(shared.roles, shared.people, shared.help_desk, shared.gaps),
        pin_reset=PinResetServices(devices, settings.trust_model, shared.help_desk, filling, now),
        changes=ChangeServices(planning, requests, GraphProgress(graph), shared.conversations),
        answers=AnswerServices(filling, shared.gaps, shared.help_desk, shared.files, now),
        helpdesk=HelpDeskServices(
            tenant_id=settings.tenant_id,
            channel=settings.help_desk_channel,
            days=settings.question_days,
            questions=Questions(engine, now),
            conversations=shared.conversations,
            devices=devices,
            people=shared.people,
            help_desk=shared.help_desk,
            now=now,
            deadlines=deadlines,
        ),
        lookup=lookup,
    )


def _lookup(
    settings: Settings,
    graph: Graph,
    devices: GraphDevices,
    shared: _Shared,
    channel: Channel,
    audit: Audited,
    now: Callable[[], datetime],
) -> LookupServices:
    return LookupServices(
        lookup=GraphLookup(graph, devices),
        devices=devices,
        roles=shared.roles,
        trust=settings.trust_model,
        help_desk=shared.help_desk,
        conversations=shared.conversations,
        chats=channel,
        audit=audit,
        tenant_id=settings.tenant_id,
        now=now,
        has_group=bool(settings.help_desk_group_id),
    )


def _audited(store: Requests, clock: Clock) -> Audited:
    """A row of the audit that is about no request."""

    async def audit(event: Event, actor: str, detail: Mapping[str, str]) -> None:
        moment = clock.moment((await store.snapshot(0)).high_water)
        try:
            await store.note(event, actor, moment, None, dict(detail))
        except Lost:  # somebody else wrote a row first, time and again
            raise StoreUnavailable("audit") from None

    return audit


def _heartbeats(clock: Callable[[], float]) -> dict[str, Heartbeat]:
    """By the names that the operator is told."""
    seconds = dict.fromkeys(("worker", "upkeep", "notifier", "delivery", "apologies"), SILENT_SECONDS) | {
        "database": LOCKED_SECONDS
    }
    return {name: Heartbeat(name, most, clock) for name, most in seconds.items()}


def _rules(settings: Settings) -> Rules:
    zone = zoneinfo.ZoneInfo(settings.time_zone)
    counts = (pair.split("=") for pair in settings.approvals_needed.split(",") if pair)
    return Rules(
        tenant_id=settings.tenant_id,
        hours=Hours(zone, start=settings.work_starts, end=settings.work_ends),
        life=timedelta(hours=settings.request_hours),
        needed={kind: int(count) for kind, count in counts},
        reason_pattern=settings.reason_pattern,
        read_only=settings.read_only,
    )


def _channel(channel_id: str, settings: Settings) -> Place | None:
    """The channel that the operator named; the bot must have been added to its team."""
    if not channel_id:
        return None
    service_url = settings.connector_url or _SERVICE_URLS[settings.cloud]
    return Place(PlaceKind.CHANNEL, channel_id, settings.tenant_id, service_url, f"28:{settings.app_id}")
