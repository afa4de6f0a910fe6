"""What a child does: the product's own service and worker, from wherever the one before it was killed."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

from bot.approvals.plan import Plan
from bot.approvals.policy import Card, Hours, Press, Rules, Who
from bot.approvals.service import Approvals
from bot.approvals.upkeep import Clock
from bot.approvals.worker import Worker
from bot.changes import assignment, consent, profile, tenant_state
from bot.errors import BotError, StoreUnavailable
from bot.store.database import only_worker, open_database
from bot.store.records import OPEN, Note, Request, State, Verdict
from bot.store.requests import Requests
from bot.tenant.graph import Graph
from bot.tenant.roles import GraphGroups, GraphRoles
from bot.tenant.sources import GraphSources
from bot.tenant.writes import GraphWrites
from tests.approvals.crashes.tenant_process import Setting
from tests.approvals.harness import KEY, TableRoles, all_kinds, consent_plan
from tests.deadlines import GENEROUS

Result = TypeVar("Result")

KINDS = ("assign", "profile", "consent")
ROUNDS = 40
LOGIN = "https://login.microsoftonline.com"


def _now() -> datetime:
    return datetime.now(UTC)


async def _no_pause(_seconds: float) -> None:
    await asyncio.sleep(0)


async def live(folder: Path, kind: str, setting: Setting, tell: Callable[[str], None]) -> None:
    """File, decide, carry out, and be a human where one is needed, until the request has ended."""

    async def bearer() -> str:
        return setting.token

    url = f"sqlite+aiosqlite:///{folder}/bot.sqlite3"
    with only_worker(url):
        engine = await open_database(url)
        graph = Graph(bearer, setting.url, deadlines=GENEROUS)
        try:
            store = Requests(engine, KEY)
            roles = GraphRoles(graph, setting.admins, setting.approvers, time.monotonic)
            clock = Clock(_now, time.monotonic)
            rules = Rules(setting.tenant, Hours(UTC))
            service = Approvals(store, roles, rules, clock, KEY, lambda: None, GENEROUS)
            writes = GraphWrites(graph)
            known = all_kinds(writes, setting.tenant, service, GraphGroups(graph), GraphSources(graph, setting.tenant))
            worker = Worker(store, writes, roles, known, clock, KEY, pause=_no_pause)
            await _Child(kind, setting, graph, service, worker, tell).until_the_end()
        finally:
            await graph.close()
            await engine.dispose()


class _Child:
    def __init__(
        self,
        kind: str,
        setting: Setting,
        graph: Graph,
        service: Approvals,
        worker: Worker,
        tell: Callable[[str], None],
    ) -> None:
        self._kind = kind
        self._setting = setting
        self._graph = graph
        self._service = service
        self._worker = worker
        self._tell = tell

    async def until_the_end(self) -> None:
        for _ in range(ROUNDS):
            request = await self._service.request(1)
            if request is not None and request.state not in OPEN:
                return
            try:
                await self._go_on(request)
            except BotError as error:  # a fault: as a person would, try again
                self._tell(f"trouble {type(error).__name__}")

    async def _go_on(self, request: Request | None) -> None:
        if request is None:
            await self._service.file(self._who("admin"), await self._plan(), "CHG-1")
        elif request.state is State.WAITING:
            await self._worker.round()  # as it always runs beside the chat: it must do nothing now
            await self._decide(request)
        elif request.state is State.HELD:
            await asyncio.sleep(0.02)  # for Microsoft's own approver
            await self._service.retry(request.number, self._who("admin"))
        elif request.state is State.CONSENTING:
            await self._verify(request)
        elif request.state is State.ATTENTION and request.note is Note.CHANGED_MEANWHILE:
            await self._service.close(request.number, self._who("approver2"), "somebody else was at it")
        elif request.state is State.ATTENTION:
            await self._service.retry(request.number, self._who("approver2"))
        else:
            await self._worker.round()

    async def _decide(self, request: Request) -> None:
        card = Card(self._service.nonce(request), request.revision)
        press = Press(self._who("approver"), request.number, card, Verdict.APPROVE)
        ruling = await self._service.decide(press)
        if ruling.refused is None and ruling.request:
            self._tell(f"acknowledged {ruling.request.decisions[0].head if ruling.request.decisions else ''}")

    async def _verify(self, request: Request) -> None:
        seen = await consent.ending(GraphWrites(self._graph))
        await self._service.verify(request.number, self._who("admin"), seen)

    def _who(self, key: str) -> Who:
        return Who(self._setting.tenant, self._setting.people[key])

    async def _plan(self) -> Plan:
        current = await tenant_state.tenant_state(
            GraphWrites(self._graph), self._setting.tenant, GraphSources(self._graph, self._setting.tenant)
        )
        if self._kind == "profile":
            return profile.profile(current, str(uuid.uuid4()))
        if self._kind == "consent":
            return consent.consent(current, confirmed=False, create=True, login_url=LOGIN)
        groups = GraphGroups(self._graph)
        known = await groups.sizes([*tenant_state.named_groups(current), self._setting.asked_group])
        return assignment.assign(current, [known[self._setting.asked_group]], [], known)


def race(folder: Path, number: int, rounds: int, barrier: Any, pipe: Connection) -> None:
    """One of several processes that decide the same requests; sends what each of its presses came to, or its error:
    nobody is left waiting for one that has failed."""
    try:
        pipe.send(asyncio.run(_race(folder, number, rounds, barrier)))
    except Exception as error:
        barrier.abort()
        pipe.send([repr(error)])
        raise


async def _race(folder: Path, number: int, rounds: int, barrier: Any) -> list[str]:
    approvers = [f"bbbbbbbb-0000-4000-8000-{n:012d}" for n in range(64)]
    engine = await open_database(f"sqlite+aiosqlite:///{folder}/bot.sqlite3")
    store = Requests(engine, KEY)
    tenant = "11111111-2222-4333-8444-555555555555"
    roles = TableRoles(deciders=set(approvers))
    rules = Rules(tenant, Hours(UTC), most_open=10_000)
    service = Approvals(store, roles, rules, Clock(_now, time.monotonic), KEY, lambda: None, GENEROUS)
    answers = []
    for turn in range(1, rounds + 1):
        if number == 0:
            plan = consent_plan().model_copy(update={"object_key": f"thing {turn}"})
            await _once_available(partial(service.file, Who(tenant, min(roles.admins)), plan, "why"))
        barrier.wait()
        request = await _once_available(partial(service.request, turn))
        assert request is not None
        verdict = Verdict.REJECT if number % 3 == 2 else Verdict.APPROVE
        press = Press(Who(tenant, approvers[number]), turn, Card(service.nonce(request), 1), verdict, reason="no")
        answers.append(await _pressed(service, press))
        barrier.wait()
    await engine.dispose()
    return answers


async def _once_available(call: Callable[[], Awaitable[Result]]) -> Result:
    """What is not raced for is done again where a busy machine kept the database locked for too long."""
    while True:
        try:
            return await call()
        except StoreUnavailable:
            await asyncio.sleep(0)


async def _pressed(service: Approvals, press: Press) -> str:
    try:
        ruling = await service.decide(press)
    except StoreUnavailable:
        return "unavailable"
    if ruling.refused is None:
        return "won"
    return str(ruling.refused)
