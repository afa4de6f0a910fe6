"""The approvals as a whole: the real store, service and worker, time that tests move, a tenant to work on."""

import random
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot.approvals.kind import Kinds
from bot.approvals.plan import Plan
from bot.approvals.policy import Card, Hours, Press, Rules, Who
from bot.approvals.service import Approvals, Ruling
from bot.approvals.upkeep import Clock, sweep
from bot.approvals.worker import Worker
from bot.changes import assignment, consent, profile, tenant_state
from bot.changes.kinds import kinds
from bot.changes.services import Planning
from bot.changes.tenant_state import Row, Rows, TenantState
from bot.errors import TenantUnreachable
from bot.reset_rules import profiles
from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE, AppState, Standing
from bot.reset_rules.sources import RecoverySource
from bot.simulation import World
from bot.simulation.objects import intune
from bot.simulation.people import Company, load
from bot.simulation.people import CompanyGroup as SimulatedGroup
from bot.store.database import open_database
from bot.store.erasure import erase
from bot.store.records import Request, State, Verdict
from bot.store.requests import Requests
from bot.store.seal import SealKey
from bot.store.sessions import writing
from bot.tenant import GraphCall, Group, Groups, Roles, Sources, WriteResult, Writes
from bot.tenant.graph import Graph
from bot.tenant.roles import GraphGroups, GraphRoles
from bot.tenant.sources import GraphSources
from bot.tenant.writes import GraphWrites
from tests.deadlines import GENEROUS
from tests.simulation.clients import GRAPH

KEY = SealKey(b"a key of thirty-two bytes or so!")
TENANT = "11111111-2222-4333-8444-555555555555"
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ADA, ARNE = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"
PRIYA, DANA, TOM = (f"bbbbbbbb-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
PROFILE = "cccccccc-0000-4000-8000-000000000001"


@dataclass
class Time:
    """Both clocks; a pause moves them and takes no time."""

    now: datetime = MONDAY
    steady: float = 1000.0

    def pass_by(self, **much: float) -> None:
        """Let time pass."""
        step = timedelta(**much)
        self.now += step
        self.steady += step.total_seconds()

    async def pause(self, seconds: float) -> None:
        """What the worker waits with."""
        self.pass_by(seconds=seconds)

    def clock(self) -> Clock:
        """A clock on this time."""
        return Clock(lambda: self.now, lambda: self.steady)


@dataclass
class TableRoles:
    """bot.tenant.Roles by two sets; `away` for a tenant that does not answer."""

    admins: set[str] = field(default_factory=lambda: {ADA, ARNE})
    deciders: set[str] = field(default_factory=lambda: {PRIYA, DANA, TOM})
    away: bool = False

    async def is_admin(self, object_id: str, *, fresh: bool = False) -> bool:
        """May ask."""
        self._answer()
        return object_id in self.admins

    async def is_approver(self, object_id: str, *, fresh: bool = False) -> bool:
        """May decide."""
        self._answer()
        return object_id in self.deciders

    async def is_help_desk(self, object_id: str, *, fresh: bool = False) -> bool:
        """Nobody looks up others."""
        self._answer()
        return False

    async def standing(self, object_id: str) -> Standing:
        """Members all."""
        self._answer()
        return Standing.MEMBER

    async def approvers(self) -> frozenset[str]:
        """All who may decide."""
        self._answer()
        return frozenset(self.deciders)

    def _answer(self) -> None:
        if self.away:
            raise TenantUnreachable("away")


class NoWrites:
    """bot.tenant.Writes where nothing may be read or written."""

    async def read(self, path: str) -> tuple[Mapping[str, Any], ...]:
        """Not here."""
        raise AssertionError(path)

    async def send(self, call: GraphCall) -> WriteResult:
        """Not here."""
        raise AssertionError(call)


@dataclass
class Harness:
    """Service and worker on one store, as bot.app builds them."""

    engine: AsyncEngine
    store: Requests
    approvals: Approvals
    worker: Worker
    time: Time
    rules: Rules
    roles: Roles
    kinds: Kinds
    clock: Clock
    woken: list[int] = field(default_factory=list)

    def who(self, object_id: str) -> Who:
        """Somebody of the tenant."""
        return Who(self.rules.tenant_id, object_id)

    async def filed(self, plan: Plan | None = None, by: str = ADA) -> Request:
        """A request that waits."""
        return await self.approvals.file(self.who(by), plan or consent_plan(self.rules.tenant_id), "CHG-1, first ring")

    async def press(
        self, request: Request, by: str = PRIYA, verdict: Verdict = Verdict.APPROVE, **changed: Any
    ) -> Ruling:
        """A press on the newest card, with fields changed by whoever tampers."""
        press = Press(
            who=changed.pop("who", self.who(by)),
            number=changed.pop("number", request.number),
            card=Card(
                changed.pop("nonce", self.approvals.nonce(request)),
                changed.pop("revision", request.revision),
                changed.pop("automatic", False),
            ),
            verdict=verdict,
            reason=changed.pop("reason", "not in the freeze week" if verdict is Verdict.REJECT else ""),
            **changed,
        )
        return await self.approvals.decide(press)

    async def approved(self, plan: Plan, by: str = ADA) -> Request:
        """A request that the worker may take."""
        request = await self.filed(plan, by)
        ruling = await self.press(request)
        assert ruling.refused is None
        return await self.now(request)

    async def now(self, request: Request) -> Request:
        """The request as it is now."""
        found = await self.approvals.request(request.number)
        assert found is not None
        return found

    async def state(self, request: Request) -> State:
        """Where it stands now."""
        return (await self.now(request)).state

    async def erase(self, object_id: str) -> None:
        """Somebody removed the bot."""
        async with writing(async_sessionmaker(self.engine)) as session:
            await erase(session, object_id, self.time.now)

    async def sweep(self) -> None:
        """What time alone does."""
        await sweep(self.store, self.rules, self.clock)


@asynccontextmanager
async def harness(
    folder: Path,
    *,
    roles: Roles | None = None,
    writes: Writes | None = None,
    time: Time | None = None,
    tenant: str = TENANT,
    groups: Groups | None = None,
    sources: Sources | None = None,
    key: SealKey = KEY,
    **rules: Any,
) -> AsyncIterator[Harness]:
    """Open one on a file; a second one on the same folder is another process's view."""
    engine = await open_database(f"sqlite+aiosqlite:///{folder}/bot.sqlite3")
    time = time or Time()
    roles = roles or TableRoles()
    store = Requests(engine, key)
    limits = Rules(tenant_id=tenant, hours=Hours(UTC), **rules)
    clock = time.clock()
    woken: list[int] = []
    approvals = Approvals(store, roles, limits, clock, key, lambda: woken.append(1), GENEROUS)
    writes = writes or NoWrites()
    known = all_kinds(writes, tenant, approvals, groups, sources)
    worker = Worker(store, writes, roles, known, time.clock(), key, read_only=limits.read_only, pause=time.pause)
    try:
        yield Harness(engine, store, approvals, worker, time, limits, roles, known, clock, woken)
    finally:
        await engine.dispose()


@asynccontextmanager
async def tenant_harness(world: World, folder: Path, **rules: Any) -> AsyncIterator["TenantHarness"]:
    """A harness on the simulated tenant, over HTTP."""

    tokens: dict[frozenset[str], str] = {}  # signing one takes longer than most calls

    async def bearer() -> str:
        granted = frozenset(world.tenant.permissions)
        if granted not in tokens:
            tokens[granted] = world.login.issue(GRAPH)
        return tokens[granted]

    graph = Graph(bearer, world.url, deadlines=GENEROUS)
    groups = world.company.groups
    time = rules.pop("time", None) or Time()
    roles = GraphRoles(graph, groups["admins"].id, groups["approvers"].id, lambda: time.steady)
    try:
        async with harness(
            folder,
            roles=roles,
            writes=GraphWrites(graph),
            groups=GraphGroups(graph),
            sources=GraphSources(graph, world.tenant.id),
            time=time,
            tenant=world.tenant.id,
            **rules,
        ) as made:
            yield TenantHarness(made, world, graph)
    finally:
        await graph.close()


@dataclass
class TenantHarness:
    """A harness and the tenant it works on."""

    harness: Harness
    world: World
    graph: Graph

    def person(self, key: str) -> str:
        """An object id."""
        return self.world.company.people[key].object_id

    def group_id(self, key: str) -> str:
        """A group's id."""
        return self.world.company.groups[key].id

    @property
    def profile_id(self) -> str:
        """The profile of the scenario `rollout`."""
        return next(iter(self.world.tenant.assignments))

    async def tenant_state(self) -> TenantState:
        """What the tenant says now, read as the chat side reads it."""
        tenant_id = self.world.tenant.id
        sources = GraphSources(self.graph, tenant_id)
        return await tenant_state.tenant_state(GraphWrites(self.graph), tenant_id, sources)

    async def sized(self, *keys: str) -> tuple[Group, ...]:
        """Groups with their sizes."""
        found = await GraphGroups(self.graph).sizes(self.group_id(key) for key in keys)
        return tuple(found[self.group_id(key)] for key in keys)

    async def assign(self, *keys: str, exclude: Iterable[str] = ()) -> Plan:
        """A plan for groups by their keys."""
        current = await self.tenant_state()
        known = await GraphGroups(self.graph).sizes(tenant_state.named_groups(current))
        return assignment.assign(current, await self.sized(*keys), await self.sized(*exclude), known)

    async def filed(self, plan: Plan) -> Request:
        """A request of the admin's."""
        return await self.harness.filed(plan, self.person("admin"))

    async def approved(self, plan: Plan) -> Request:
        """The same, approved."""
        request = await self.filed(plan)
        ruling = await self.harness.press(request, self.person("approver"))
        assert ruling.refused is None
        return await self.harness.now(request)

    def targets(self) -> set[str]:
        """Groups that the profile is assigned to now, on whichever side, as the tenant has it."""
        rows = self.world.tenant.assignments[self.profile_id]
        return {row["target"].get("groupId", row["target"]["@odata.type"]) for row in rows}


class NoPlanning:
    """bot.tenant.Groups, for who makes plans by hand, none of which has grown, and bot.tenant.Sources of a tenant that
    has no other."""

    async def read(self) -> tuple[RecoverySource, ...]:
        """Nothing beside what the plan is about."""
        return ()

    async def find(self, name_or_id: str) -> tuple[Group, ...]:
        """Not asked for."""
        raise AssertionError(name_or_id)

    async def like(self, name: str, most: int = 3) -> tuple[Group, ...]:
        return ()

    async def pcs(self, ids: Iterable[str]) -> dict[str, dict[str, str]]:
        return {}

    async def sizes(self, ids: Iterable[str]) -> dict[str, Group]:
        """None of them is there any more."""
        return {}


def all_kinds(
    writes: Writes,
    tenant: str,
    approvals: Approvals,
    groups: Groups | None = None,
    sources: Sources | None = None,
) -> Kinds:
    """Every kind of change, looking at a tenant by these reads."""
    login, nothing = "https://login.microsoftonline.com", NoPlanning()
    return kinds(Planning(tenant, login, False, writes, sources or nothing, groups or nothing, approvals))


def consent_plan(tenant: str = TENANT) -> Plan:
    """A plan without any write."""
    current = TenantState(tenant, ())
    return consent.consent(current, confirmed=False, create=False, login_url="https://login.microsoftonline.com")


def profile_plan(tenant: str = TENANT) -> Plan:
    """A plan for a new profile."""
    return profile.profile(TenantState(tenant, ()), str(uuid.uuid4()))


def apps(service: AppState = AppState.ENABLED, client: AppState = AppState.ENABLED) -> Rows:
    """Rows of servicePrincipals."""
    states = {PIN_SERVICE: service, PIN_CLIENT: client}
    return tuple(
        {
            "id": str(uuid.uuid5(uuid.NAMESPACE_OID, app_id)),
            "appId": app_id,
            "accountEnabled": state is AppState.ENABLED,
        }
        for app_id, state in states.items()
        if state is not AppState.MISSING
    )


def right_profile(tenant: str = TENANT, profile_id: str = PROFILE) -> Row:
    """The profile as Graph shows it."""
    return intune.pin_recovery_profile(profile_id, tenant)


def group(number: int, users: int = 0, devices: int = 5, name: str = "") -> Group:
    """A group with an id that is its number."""
    return Group(f"dddddddd-0000-4000-8000-{number:012d}", name or f"Ring {number}", users, devices)


def row(found: Group | str, *, excluded: bool = False, **target: Any) -> dict[str, Any]:
    """One assignment as beta shows it."""
    group_id = found if isinstance(found, str) else found.id
    made = intune.assignment(PROFILE, group_id, excluded=excluded)
    made["target"] |= target
    return made


def ready_tenant(*targets: Row, tenant: str = TENANT) -> TenantState:
    """Everything is ready, and the profile is assigned so."""
    return state_of_tenant(apps(), (right_profile(tenant),), targets, tenant=tenant)


def state_of_tenant(
    app_rows: Rows,
    custom: Iterable[Row] = (),
    targets: Iterable[Row] | None = (),
    others: Iterable[RecoverySource] = (),
    *,
    tenant: str = TENANT,
) -> TenantState:
    """A tenant as it was read: custom profiles, all assigned so, and policies beside them."""
    rows = None if targets is None else tuple(targets)
    found = (profiles.custom(one, tenant, rows) for one in custom)
    return TenantState(tenant, app_rows, (*(one for one in found if one), *others))


def large_company(groups: int, seed: int) -> Company:
    """people.toml's company with more groups, of devices all."""
    company = load()
    devices = sorted(device.object_id for device in company.devices)
    chance = random.Random(seed)
    for number in range(groups):
        key = f"ring-{number}"
        company.groups[key] = SimulatedGroup(key, f"Ring {number}", devices=frozenset(chance.sample(devices, 3)))
    return company
