"""A story in which everything happens to requests that can, on fixed clocks, ids and key, and the rows that it leaves.

The tenant is rows in memory: ids that Graph gives its answers would differ at each run, and the audit holds them.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.golden.ids import counted_ids
from tests.golden.plans import BRANCH, FINANCE, KIOSKS, KNOWN, LOGIN, MARKER, PILOT
from tests.golden.product import (
    ADA,
    ARNE,
    DANA,
    PIN_CLIENT,
    PIN_SERVICE,
    PRIYA,
    TOM,
    AppState,
    GraphCall,
    Harness,
    Plan,
    Request,
    State,
    TenantState,
    Verdict,
    WriteResult,
    apps,
    assignment,
    consent,
    harness,
    profile,
    right_profile,
    row,
    seen,
    state_of_tenant,
)

TABLES = {  # with what orders their rows
    "audit": "seq",
    "outbox": "created_at, key",
    "requests": "number",
    "decisions": "request, at, approver",
    "steps": "request, position",
    "freeze": "id",
    "clock": "id",
}


@dataclass
class MemoryTenant:
    """bot.tenant.Writes on rows in memory. `answers`: what comes of the next writes instead, which are not done."""

    apps: list[Any] = field(default_factory=lambda: [*apps()])
    profiles: list[Any] = field(default_factory=lambda: [right_profile()])
    targets: list[Any] = field(default_factory=lambda: [row(PILOT), row(KIOSKS, excluded=True)])
    answers: list[WriteResult] = field(default_factory=list)
    sent: int = 0

    async def read(self, path: str) -> tuple[Mapping[str, Any], ...]:
        """All rows; there is no grant."""
        if path.endswith("/oauth2PermissionGrants"):
            return ()
        if path.endswith("/assignments"):
            return tuple(self.targets)
        return tuple(self.apps if "servicePrincipals" in path else self.profiles)

    async def send(self, call: GraphCall) -> WriteResult:
        """Done at once, unless told otherwise."""
        if self.answers:
            return self.answers.pop(0)
        self.sent += 1
        if call.path.endswith("/assign"):
            self.targets = [*call.body["assignments"]]
        elif call.path.endswith("/servicePrincipals"):
            self.apps += [one for one in apps() if one["appId"] == call.body["appId"]]
        else:
            self.profiles = [*self.profiles, {"id": MARKER, **call.body}]
        return WriteResult(status=201, request_id=f"graph-{self.sent}")

    def tenant_state(self) -> TenantState:
        """What plans are made from."""
        return state_of_tenant(tuple(self.apps), tuple(self.profiles), tuple(self.targets))


async def told(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of all tables at the end."""
    tenant = MemoryTenant()
    with counted_ids():
        async with harness(folder, writes=tenant, needed={"unassign": 2}) as table:
            for chapter in CHAPTERS:
                await chapter(_Teller(table, tenant))
                table.time.pass_by(minutes=1)
    return rows(folder / "bot.sqlite3")


def rows(file: Path) -> dict[str, list[dict[str, Any]]]:
    """As they stand in the file, whatever the product makes of them; of a plan its digest is enough."""
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        found = {
            name: [dict(one) for one in connection.execute(f"SELECT * FROM {name} ORDER BY {order}")]
            for name, order in TABLES.items()
        }
    for request in found["requests"]:
        del request["plan"]
    return found


@dataclass(frozen=True)
class _Teller:
    """The same few sentences, again and again."""

    table: Harness
    tenant: MemoryTenant

    async def filed(self, plan: Plan | None = None, by: str = ADA, why: str = "CHG-7: next ring") -> Request:
        plan = plan or assignment.assign(self.tenant.tenant_state(), [FINANCE], [], KNOWN)
        return await self.table.approvals.file(self.table.who(by), plan, why)

    async def approved(self, plan: Plan | None = None, by: str = ADA) -> Request:
        request = await self.filed(plan, by)
        await self.table.press(request)
        return await self.table.now(request)

    async def worked(self, request: Request, expected: State) -> None:
        await self.table.worker.round()
        assert await self.table.state(request) is expected

    def back(self) -> Plan:
        """Whatever was assigned beside the pilot is taken off again."""
        leave = [one for one in KNOWN.values() if one not in {PILOT, KIOSKS}]
        return assignment.unassign(self.tenant.tenant_state(), leave, KNOWN)


async def done(at: _Teller) -> None:
    """Filed, approved, carried out; and taken off again, which two must approve."""
    await at.worked(await at.approved(), State.DONE)
    request = await at.filed(at.back(), ARNE)
    first = await at.table.press(request)
    assert first.request is not None
    await at.table.press(first.request, DANA)
    await at.worked(request, State.DONE)


async def rejected(at: _Teller) -> None:
    """By one who said why; and two presses before it that decided nothing."""
    request = await at.filed()
    await at.table.press(request, ADA)
    await at.table.press(request, nonce="0" * 32)
    await at.table.press(request, TOM, Verdict.REJECT)


async def taken_back(at: _Teller) -> None:
    """One is asked anew in other words, and that one is cancelled; so is one that was approved."""
    old = await at.filed()
    plan = assignment.assign(at.tenant.tenant_state(), [FINANCE], [BRANCH], KNOWN)
    new = await at.table.approvals.file(at.table.who(ADA), plan, "CHG-8: better said", supersedes=old.number)
    await at.table.approvals.cancel(new.number, at.table.who(ADA))
    approved = await at.approved()
    await at.table.approvals.cancel(approved.number, at.table.who(ADA))


async def void(at: _Teller) -> None:
    """Another admin was faster; and an approver has left."""
    request, before = await at.approved(), at.tenant.targets
    at.tenant.targets = [*before, row(BRANCH)]
    await at.worked(request, State.VOID)
    at.tenant.targets = before
    request = await at.approved()
    at.table.roles.deciders.discard(PRIYA)  # type: ignore[attr-defined]  # TableRoles
    await at.worked(request, State.VOID)
    at.table.roles.deciders.add(PRIYA)  # type: ignore[attr-defined]  # TableRoles


async def attention(at: _Teller) -> None:
    """No answer three times, until somebody goes on; a refusal, which somebody closes."""
    at.tenant.answers = [WriteResult(None), WriteResult(504, "graph-504"), WriteResult(None)]
    request = await at.approved()
    await at.worked(request, State.ATTENTION)
    await at.table.approvals.retry(request.number, at.table.who(DANA))
    await at.worked(request, State.DONE)
    at.tenant.targets = [row(PILOT), row(KIOSKS, excluded=True)]
    at.tenant.answers = [WriteResult(403, "graph-403")]
    request = await at.approved()
    await at.worked(request, State.ATTENTION)
    await at.table.approvals.close(request.number, at.table.who(DANA), "done by hand in the portal")


async def held(at: _Teller) -> None:
    """By Multi Admin Approval, and gone on with by who asked."""
    at.tenant.answers = [WriteResult(412, "graph-412", approval_code="code-1")]
    at.tenant.profiles = []
    request = await at.approved(profile.profile(at.tenant.tenant_state(), MARKER))
    await at.worked(request, State.HELD)
    await at.table.approvals.retry(request.number, at.table.who(ADA))
    await at.worked(request, State.DONE)
    at.tenant.profiles = [right_profile()]


async def consent_by_links(at: _Teller) -> None:
    """The links are given; one look shows half of it, and then nobody looks for a week."""
    at.tenant.apps = []
    plan = consent.consent(at.tenant.tenant_state(), confirmed=False, create=False, login_url=LOGIN)
    request = await at.approved(plan, ARNE)
    await at.worked(request, State.CONSENTING)
    at.table.time.pass_by(hours=3)
    half = {PIN_SERVICE: AppState.ENABLED, PIN_CLIENT: AppState.MISSING}
    await at.table.approvals.verify(request.number, at.table.who(ARNE), seen(half, granted=None))
    at.table.time.pass_by(days=7)
    await at.table.sweep()
    assert await at.table.state(request) is State.UNCONFIRMED


async def consent_by_the_bot(at: _Teller) -> None:
    """It creates both apps; somebody sees the grant."""
    plan = consent.consent(at.tenant.tenant_state(), confirmed=False, create=True, login_url=LOGIN)
    request = await at.approved(plan)
    await at.worked(request, State.CONSENTING)
    both = dict.fromkeys((PIN_SERVICE, PIN_CLIENT), AppState.ENABLED)
    done = await at.table.approvals.verify(request.number, at.table.who(ADA), seen(both, granted=True))
    assert done.state is State.DONE


async def frozen(at: _Teller) -> None:
    """Nothing is carried out until it is lifted."""
    request = await at.approved()
    await at.table.approvals.freeze(at.table.who(DANA), "INC-77: PCs lose their keys")
    await at.worked(request, State.APPROVED)
    await at.table.approvals.unfreeze(at.table.who(PRIYA))
    await at.worked(request, State.DONE)
    at.tenant.targets = [row(PILOT), row(KIOSKS, excluded=True)]


async def expired(at: _Teller) -> None:
    """Reminded twice in working hours, then over. It is Monday, a minute past nine or so."""
    request = await at.filed()
    for hours in (6, 12, 6):
        at.table.time.pass_by(hours=hours)
        await at.table.sweep()
    assert await at.table.state(request) is State.EXPIRED


async def clock_set_right(at: _Teller) -> None:
    """Two were filed while the clock was a day ahead; then it was right again, and somebody said so."""
    at.table.time.now += timedelta(days=1)
    endorsed = await at.filed(assignment.unassign(at.tenant.tenant_state(), [PILOT], KNOWN))
    await at.table.press(endorsed)
    at.tenant.apps = []
    plan = consent.consent(at.tenant.tenant_state(), confirmed=False, create=False, login_url=LOGIN)
    approved = await at.approved(plan, ARNE)
    at.table.time.now -= timedelta(days=1)
    await at.worked(approved, State.ATTENTION)
    await at.table.approvals.set_clock_right(at.table.who(TOM))


CHAPTERS = (
    *(done, rejected, taken_back, void, attention, held, frozen, expired),
    *(consent_by_links, consent_by_the_bot, clock_set_right),
)
