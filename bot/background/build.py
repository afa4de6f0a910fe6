"""The services of all rooms, from their environment."""

import asyncio
import time
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from bot.answers.services import AnswerServices
from bot.approvals.kind import Kinds
from bot.approvals.notifier import unreached
from bot.approvals.policy import Hours, Rules
from bot.approvals.service import Approvals
from bot.approvals.services import ApprovalServices
from bot.approvals.upkeep import Clock
from bot.approvals.worker import Worker
from bot.background.checks import check_services
from bot.background.environment import Environment
from bot.background.installs import installs
from bot.background.lookups import audited, lookup_services
from bot.background.run import Background
from bot.background.supervision import Heartbeat, heartbeats, silent
from bot.changes.kinds import kinds
from bot.changes.rollout_status import Missing, rollout_status
from bot.changes.services import ChangeServices, Planning
from bot.changes.tenant_state import oma_uri
from bot.chat.files import Files
from bot.chat.notices import HelpDesk
from bot.chat.people import Languages
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
from bot.tenant.login import LOGIN_HOSTS
from bot.tenant.people import GraphPeople
from bot.tenant.progress import GraphProgress
from bot.tenant.roles import GraphGroups, GraphRoles
from bot.tenant.writes import GraphWrites
from dialogs.understanding.redact import anonymous

_NO_KIND = "it names a kind of change that there is not; those that there are:"


def background(env: Environment) -> Background:
    """Build it, and the services of all rooms. Raises SettingsError for a kind of change that there is not."""
    key = SealKey(*env.settings.audit_keys)
    store, clock, wake = Requests(env.engine, key), Clock(env.now, time.monotonic), asyncio.Event()
    shared, rules, beats = _shared(env), _rules(env.settings), heartbeats(time.monotonic)
    planning = _planning(env, Approvals(store, shared.roles, rules, clock, key, wake.set, env.deadlines))
    requests = _requests(env, shared, planning)
    changes = ChangeServices(planning, requests, GraphProgress(env.outside.graph), shared.conversations)
    checks = _checks(env, shared, changes, beats)
    changes = replace(changes, notices=checks.kept.notices)
    given = installs(env, shared.conversations)
    known = (shared.roles, shared.conversations, shared.help_desk, shared.languages)
    lookup = lookup_services(env, *known, given.chat_soon, audited(store, clock))
    return Background(
        env,
        store,
        shared.outbox,
        shared.conversations,
        shared.gaps,
        given.chat,
        _services(env, shared, changes, checks, lookup),
        _worker(env.settings, requests, planning, store, clock, key, beats["worker"].alive),
        clock,
        wake,
        beats,
        rules,
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


def _shared(env: Environment) -> _Shared:
    settings, engine, graph, now = env.settings, env.engine, env.outside.graph, env.now
    people, conversations = GraphPeople(graph, time.monotonic), Conversations(engine, now)
    return _Shared(
        languages=Languages(conversations, people, settings.language, env.deadlines.told_name),
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
        files=Files(settings.cloud is Cloud.PUBLIC, env.upload),
    )


def _planning(env: Environment, approvals: Approvals) -> Planning:
    settings, graph = env.settings, env.outside.graph
    return Planning(
        tenant_id=settings.tenant_id,
        login_url=LOGIN_HOSTS[settings.cloud],
        creates_apps=settings.create_apps,
        tenant=GraphWrites(graph),
        sources=env.devices.sources,
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


def _requests(env: Environment, shared: _Shared, planning: Planning) -> ApprovalServices:
    settings = env.settings
    in_channel = bool(settings.approvals_channel)
    reached = (settings.tenant_id, shared.outbox, shared.conversations, shared.roles)
    return ApprovalServices(
        tenant_id=settings.tenant_id,
        approvals=planning.approvals,
        kinds=_known(settings, planning),
        roles=shared.roles,
        people=shared.people,
        audit=Trail(env.engine),
        files=shared.files,
        remember=partial(shared.outbox.remember, asked=True),
        shows=shared.outbox.shows,
        unreached=partial(unreached, *reached, in_channel=in_channel),
        undelivered=shared.outbox.undelivered,
        help_desk=shared.help_desk,
        languages=shared.languages,
        now=env.now,
        deadlines=env.deadlines,
    )


def _services(
    env: Environment, shared: _Shared, changes: ChangeServices, checks: CheckServices, lookup: LookupServices
) -> Services:
    settings, engine, devices, now = env.settings, env.engine, env.devices, env.now
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
            deadlines=env.deadlines,
        ),
        check=checks,
        lookup=lookup,
    )


def _checks(
    env: Environment, shared: _Shared, changes: ChangeServices, beats: Mapping[str, Heartbeat]
) -> CheckServices:
    async def next_step() -> Missing:
        return (await rollout_status(changes, env.now())).missing()

    return check_services(env, next_step, shared.conversations, lambda: silent(beats))


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
