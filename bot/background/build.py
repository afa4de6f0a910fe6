"""The services of all rooms, from the settings and the ways out."""

import asyncio
import time
import zoneinfo
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import IO

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.answers.services import AnswerServices
from bot.approvals.kind import Kinds
from bot.approvals.notifier import unreached
from bot.approvals.policy import Hours, Rules
from bot.approvals.service import Approvals
from bot.approvals.services import ApprovalServices
from bot.approvals.upkeep import Clock
from bot.approvals.worker import Worker
from bot.background.checks import check_services
from bot.background.installs import installs
from bot.background.lookups import audited, lookup_services
from bot.background.outside import Outside
from bot.background.run import Background
from bot.background.supervision import Heartbeat, heartbeats, silent
from bot.changes.kinds import kinds
from bot.changes.rollout_status import Missing, rollout_status
from bot.changes.services import ChangeServices, Planning
from bot.changes.tenant_state import oma_uri
from bot.chat.deadlines import STANDARD, Deadlines
from bot.chat.files import Files
from bot.chat.notices import HelpDesk
from bot.chat.people import Languages
from bot.chat.turn import Channel
from bot.check.services import CheckServices
from bot.commands import Services
from bot.config import Cloud, Settings, SettingsError
from bot.help.services import HelpServices
from bot.helpdesk.services import HelpDeskServices, LookupServices
from bot.pin_reset.services import PinResetServices
from bot.store.audit import Trail
from bot.store.conversations import Conversations
from bot.store.gaps import Gaps
from bot.store.outbox import Outbox
from bot.store.questions import Questions
from bot.store.requests import Requests
from bot.store.seal import SealKey
from bot.store.turns.awaited import Awaited
from bot.tenant.devices import GraphDevices
from bot.tenant.graph import Graph
from bot.tenant.login import LOGIN_HOSTS
from bot.tenant.people import GraphPeople
from bot.tenant.progress import GraphProgress
from bot.tenant.roles import GraphGroups, GraphRoles
from bot.tenant.writes import GraphWrites
from dialogs.understanding.redact import anonymous

_NO_KIND = "it names a kind of change that there is not; those that there are:"


def background(
    settings: Settings,
    engine: AsyncEngine,
    ways: Outside,
    devices: GraphDevices,
    channel: Channel,
    upload: Callable[[str, bytes | IO[bytes]], Awaitable[None]],
    now: Callable[[], datetime],
    deadlines: Deadlines = STANDARD,
) -> Background:
    """Build it, and the services of all rooms. Raises SettingsError for a kind of change that there is not."""
    key = SealKey(*settings.audit_keys)
    store, clock, wake = Requests(engine, key), Clock(now, time.monotonic), asyncio.Event()
    shared = _shared(settings, engine, ways.graph, upload, now, deadlines)
    rules = _rules(settings)
    approvals = Approvals(store, shared.roles, rules, clock, key, wake.set, deadlines)
    planning = _planning(settings, ways.graph, devices, approvals)
    requests = _requests(settings, engine, shared, planning, now, deadlines)
    beats = heartbeats(time.monotonic)
    changes = ChangeServices(planning, requests, GraphProgress(ways.graph), shared.conversations)
    checks = _checks(settings, engine, ways, shared, changes, beats, now, deadlines)
    audit, known = audited(store, clock), (shared.roles, shared.conversations, shared.help_desk, shared.languages)
    given = installs(settings, engine, ways.graph, shared.conversations, now)
    lookup = lookup_services(settings, ways.graph, devices, *known, channel, given.chat_soon, audit, now)
    changes = replace(changes, notices=checks.kept.notices)
    services = _services(settings, engine, devices, shared, changes, checks, lookup, now, deadlines)
    worker = _worker(settings, requests, planning, store, clock, key, beats["worker"].alive)
    return Background(
        settings,
        engine,
        store,
        shared.outbox,
        shared.conversations,
        shared.gaps,
        given.chat,
        services,
        worker,
        clock,
        wake,
        beats,
        rules,
        now,
        shared.languages,
    )


def _worker(
    settings: Settings,
    requests: ApprovalServices,
    planning: Planning,
    store: Requests,
    clock: Clock,
    key: SealKey,
    alive: Callable[[], None],
) -> Worker:
    return Worker(
        store,
        planning.tenant,
        requests.roles,
        requests.kinds,
        clock,
        key,
        read_only=settings.read_only,
        approval_life=timedelta(hours=settings.approval_hours),
        alive=alive,
    )


@dataclass(frozen=True, slots=True)
class _Shared:
    """What several rooms are given."""

    roles: GraphRoles
    languages: Languages
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
    upload: Callable[[str, bytes | IO[bytes]], Awaitable[None]],
    now: Callable[[], datetime],
    deadlines: Deadlines,
) -> _Shared:
    people, conversations = GraphPeople(graph, time.monotonic), Conversations(engine, now)
    return _Shared(
        languages=Languages(conversations, people, settings.language, deadlines.told_name),
        roles=GraphRoles(
            graph,
            settings.admin_group_id,
            settings.approver_group_id,
            time.monotonic,
            help_desk_group=settings.help_desk_group_id,
        ),
        people=people,
        gaps=Gaps(engine, anonymous, now),
        conversations=conversations,
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
        audit=Trail(engine),
        files=shared.files,
        remember=partial(shared.outbox.remember, asked=True),
        shows=shared.outbox.shows,
        unreached=partial(unreached, *reached, in_channel=in_channel),
        undelivered=shared.outbox.undelivered,
        help_desk=shared.help_desk,
        languages=shared.languages,
        now=now,
        deadlines=deadlines,
    )


def _services(
    settings: Settings,
    engine: AsyncEngine,
    devices: GraphDevices,
    shared: _Shared,
    changes: ChangeServices,
    checks: CheckServices,
    lookup: LookupServices,
    now: Callable[[], datetime],
    deadlines: Deadlines,
) -> Services:
    filling = {"tenant_id": settings.tenant_id, "oma_uri": oma_uri(settings.tenant_id)}
    return Services(
        help=HelpServices(shared.roles, shared.people, shared.help_desk, shared.gaps),
        pin_reset=PinResetServices(devices, settings.trust_model, shared.help_desk, filling, now, Awaited(engine, now)),
        changes=changes,
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
            languages=shared.languages,
            now=now,
            deadlines=deadlines,
        ),
        check=checks,
        lookup=lookup,
    )


def _checks(
    settings: Settings,
    engine: AsyncEngine,
    ways: Outside,
    shared: _Shared,
    changes: ChangeServices,
    beats: Mapping[str, Heartbeat],
    now: Callable[[], datetime],
    deadlines: Deadlines,
) -> CheckServices:
    async def next_step() -> Missing:
        return (await rollout_status(changes, now())).missing()

    return check_services(
        settings,
        engine,
        ways,
        next_step,
        shared.conversations,
        lambda: silent(beats),
        now,
        deadlines,
    )


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
