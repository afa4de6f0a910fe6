"""The database that an earlier version left: a request in each state, and the tenant that each of them is about.

Made once by the product itself, on the simulated tenant; what is read of it later is what is in use somewhere.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.golden import files
from tests.golden.plans import FILTER, LOGIN, MARKER
from tests.golden.product import (
    CHANGING,
    MONDAY,
    PIN_CLIENT,
    PIN_SERVICE,
    Account,
    AppState,
    Conversations,
    Fault,
    Gaps,
    NewQuestion,
    Outbox,
    Person,
    Place,
    PlaceKind,
    Plan,
    Questions,
    Request,
    Sent,
    Stage,
    State,
    TenantHarness,
    Time,
    Verdict,
    World,
    anonymous,
    assignment,
    consent,
    harness,
    intune,
    people,
    profile,
    request_card,
    seen,
    simulate,
    state,
    tenant_harness,
)

# The requests by their numbers.
REJECTED, SUPERSEDED, CANCELLED, EXPIRED, DONE, VOID, UNCONFIRMED, CLOSED = range(1, 9)
CONSENTING, ATTENTION, HELD, RUNNING, APPROVED, WAITING, ENDORSED = range(9, 16)
NUMBERS = range(REJECTED, ENDORSED + 1)
LAST = MONDAY + timedelta(days=8, hours=2)  # nothing in it is later, and what waits has not expired
WRITES = "graph/v1.0/deviceManagement"
SERVICE = "https://smba.trafficmanager.net/teams"


@asynccontextmanager
async def simulated() -> AsyncIterator[World]:
    """The tenant, in which the bot may do all that it can do."""
    async with simulate() as world:
        world.tenant.permissions |= CHANGING | {"Application.ReadWrite.All"}
        yield world


def profile_of(number: int) -> str:
    """Each request is about a profile of its own, so that all of them can be open at once."""
    return f"cccccccc-0000-4000-8000-{number:012d}"


def prepare(world: World, number: int) -> None:
    """Make the tenant that this request was planned in, and still fits."""
    tenant, groups = world.tenant, world.company.groups
    tenant.multi_admin = number == HELD
    state.withdraw_consent(tenant)
    kept = [one for one in tenant.profiles.values() if "omaSettings" not in one]
    tenant.profiles, tenant.assignments = {one["id"]: one for one in kept}, {}
    if number in {CONSENTING, UNCONFIRMED}:
        return
    state.consent(tenant)
    if number == HELD:
        return
    profile = profile_of(DONE if number == WAITING else number)
    tenant.profiles[profile] = intune.pin_recovery_profile(profile, tenant.id)
    pilot = intune.assignment(profile, groups["pilot"].id)
    tenant.assignments[profile] = [pilot, intune.assignment(profile, groups["kiosks"].id, excluded=True)]
    if number == ATTENTION:
        wrong = {"@odata.type": "#microsoft.graph.omaSettingString", "value": "true"}
        tenant.profiles[profile]["omaSettings"][0] |= wrong
    if number == APPROVED:
        pilot["target"] |= FILTER
    if number == WAITING:
        tenant.assignments[profile].append(intune.assignment(profile, groups["finance"].id))


async def make(folder: Path, into: Path) -> None:
    """Write the database anew."""
    time = Time()
    async with simulated() as world:
        async with tenant_harness(world, folder, time=time, most_open=4) as at:
            await _ended(at)
            await _open(at)
        async with tenant_harness(world, folder, time=time, most_open=4, needed={"assign": 2}) as at:
            prepare(world, ENDORSED)
            await _press(at, await _filed(at, ENDORSED), State.WAITING)
            await _beside(at)
    shrunk(folder / "bot.sqlite3")
    shutil.copy(folder / "bot.sqlite3", into)


async def cards(folder: Path) -> dict[str, Any]:
    """The card of each request, as an approver and as an admin see it who asked for it."""
    shutil.copy(files.BEFORE, folder / "bot.sqlite3")
    found, company = {}, people.load()
    known = {
        one.object_id: Account(one.object_id, one.name, one.user_principal_name) for one in company.people.values()
    }
    async with harness(folder, time=Time(LAST)) as table:
        for number in NUMBERS:
            request = await table.approvals.request(number)
            assert request is not None
            approver, nonce = company.people["approver2"].object_id, table.approvals.nonce(request)
            found[str(number)] = {
                "approver": request_card(request, known, approver, nonce, approver=True),
                "requester": request_card(request, known, request.requester, nonce, approver=False),
            }
    return found


def shrunk(file: Path) -> None:
    """All in one small file."""
    with closing(sqlite3.connect(file)) as connection:
        for statement in ("PRAGMA journal_mode=DELETE", "PRAGMA page_size=1024", "VACUUM"):
            connection.execute(statement)


async def _filed(at: TenantHarness, number: int, plan: Plan | None = None, supersedes: int | None = None) -> Request:
    who = at.harness.who(at.person("admin" if number % 2 else "admin2"))
    plan = plan or await at.assign("finance")
    request = await at.harness.approvals.file(who, plan, f"CHG-{number}: „Büro & Außenstellen“", supersedes)
    assert request.number == number
    return request


async def _press(at: TenantHarness, request: Request, expected: State, verdict: Verdict = Verdict.APPROVE) -> Request:
    await at.harness.press(request, at.person("approver"), verdict, reason="go on, but look at the kiosks")
    now = await at.harness.now(request)
    assert now.state is expected
    return now


async def _worked(at: TenantHarness, number: int, plan: Plan | None, expected: State) -> Request:
    request = await _press(at, await _filed(at, number, plan), State.APPROVED)
    await at.harness.worker.round()
    assert await at.harness.state(request) is expected
    return request


async def _ended(at: TenantHarness) -> None:
    """Those that are over."""
    service, approver = at.harness.approvals, at.harness.who(at.person("approver2"))
    prepare(at.world, REJECTED)
    await _press(at, await _filed(at, REJECTED), State.REJECTED, Verdict.REJECT)
    prepare(at.world, SUPERSEDED)
    await _filed(at, SUPERSEDED)
    old = await at.harness.approvals.request(SUPERSEDED)
    assert old is not None
    requester = at.harness.who(old.requester)
    new = await service.file(requester, await at.assign("windows"), "CHG-3: better said", SUPERSEDED)
    await service.cancel(new.number, requester)
    prepare(at.world, EXPIRED)
    await _filed(at, EXPIRED)
    at.harness.time.pass_by(days=1)
    await at.harness.sweep()
    prepare(at.world, DONE)
    await _worked(at, DONE, None, State.DONE)
    prepare(at.world, VOID)
    request = await _press(at, await _filed(at, VOID), State.APPROVED)
    at.world.tenant.assignments[profile_of(VOID)].pop()
    await at.harness.worker.round()
    assert await at.harness.state(request) is State.VOID
    prepare(at.world, UNCONFIRMED)
    await _worked(at, UNCONFIRMED, await _consent(at), State.CONSENTING)
    at.harness.time.pass_by(days=7)
    await at.harness.sweep()
    prepare(at.world, CLOSED)
    at.world.faults.add(Fault(WRITES, "POST", status=403, calls=1))
    await _worked(at, CLOSED, None, State.ATTENTION)
    await service.close(CLOSED, approver, "done by hand in the portal")
    await service.freeze(approver, "INC-77: PCs lose their keys")
    await service.unfreeze(approver)


async def _open(at: TenantHarness) -> None:
    """Those that go on."""
    prepare(at.world, CONSENTING)
    request = await _worked(at, CONSENTING, await _consent(at), State.CONSENTING)
    half = {PIN_SERVICE: AppState.ENABLED, PIN_CLIENT: AppState.MISSING}
    who = at.harness.who(request.requester)
    await at.harness.approvals.verify(CONSENTING, who, seen(half, granted=False))
    prepare(at.world, ATTENTION)
    at.world.faults.add(Fault(WRITES, "PATCH", status=504, calls=3))
    await _worked(at, ATTENTION, await _profile(at), State.ATTENTION)
    prepare(at.world, HELD)
    await _worked(at, HELD, await _profile(at), State.HELD)
    prepare(at.world, RUNNING)
    await _killed(at, await _press(at, await _filed(at, RUNNING), State.APPROVED))
    prepare(at.world, APPROVED)
    await _press(at, await _filed(at, APPROVED), State.APPROVED)
    done = await at.harness.approvals.request(DONE)
    assert done is not None
    prepare(at.world, WAITING)
    known = {one.id: one for one in await at.sized("pilot", "kiosks", "finance")}
    await _filed(at, WAITING, assignment.undo(Plan.read(done.plan), await at.tenant_state(), known))


async def _consent(at: TenantHarness) -> Plan:
    return consent.consent(await at.tenant_state(), confirmed=False, create=False, login_url=LOGIN)


async def _profile(at: TenantHarness) -> Plan:
    return profile.profile(await at.tenant_state(), MARKER)


async def _killed(at: TenantHarness, request: Request) -> None:
    """The process dies when the intent is written and its one write on the way, which is lost."""
    faults, sent = at.world.faults, at.world.faults.count(WRITES, "POST")
    faults.add(Fault(WRITES, "POST", hang=True, status=504))
    working = asyncio.create_task(at.harness.worker.round())
    await faults.wait(lambda: faults.count(WRITES, "POST") > sent)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    faults.clear()
    assert await at.harness.state(request) is State.RUNNING


async def _beside(at: TenantHarness) -> None:
    """Chats, copies of cards, questions in each stage, gaps and votes."""
    engine, time = at.harness.engine, at.harness.time
    places, outbox = Conversations(engine, lambda: time.now), Outbox(engine)
    for key in ("admin", "approver"):
        await places.installed(Person(at.world.tenant.id, at.person(key), f"29:{key}", key), chat_of(at.world, key))
        await outbox.remember(WAITING, Sent(chat_of(at.world, key), f"card for {key}"), at.person(key))
    await _questions(at)
    gaps = Gaps(engine, anonymous, lambda: time.now)
    gaps.note("can I use it with a smart card?")
    gaps.note("who pays for this?", "licence")
    gaps.vote("licence", good=False)
    gaps.vote("licence", good=True)
    await gaps.flush()
    assert time.now < LAST


def chat_of(world: World, key: str) -> Place:
    """The personal chat of somebody."""
    return Place(PlaceKind.PERSONAL, f"a:{key}", world.tenant.id, SERVICE, "28:bot")


async def _questions(at: TenantHarness) -> None:
    """One in each stage, each asked by somebody else."""
    time = at.harness.time
    questions = Questions(at.harness.engine, lambda: time.now)
    await questions.ask(NewQuestion("nobody any more", "Erased."))
    time.pass_by(minutes=1)
    await questions.expire(time.now)
    for number, stage in enumerate((Stage.OPEN, Stage.TAKEN, Stage.ANSWERED, Stage.DELIVERED, Stage.UNREACHED), 2):
        handed = NewQuestion(f"aaaaaaaa-0000-4000-8000-{number:012d}", f"Why {stage}?", "device-1", "CAA20004", "other")
        question = await questions.ask(handed)
        assert question is not None
        if stage is not Stage.OPEN:
            question = await questions.move(question, Stage.TAKEN, taker=at.person("admin"))
        assert question is not None
        if stage not in {Stage.OPEN, Stage.TAKEN}:
            await questions.move(question, stage, answer="Your admin has agreed to the app now.")
