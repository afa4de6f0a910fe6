"""Mistakes that a tired engineer could make, patched into the product, to see that the harness would notice.

The product has no switch for them. Each stands with the harness that must find it.
"""

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

from sqlalchemy import update

from bot.approvals import outcomes, policy, service
from bot.approvals.outcomes import Seen
from bot.approvals.plan import Plan, Write
from bot.approvals.refusals import Reason
from bot.approvals.service import Approvals
from bot.approvals.upkeep import Clock
from bot.approvals.worker import Worker
from bot.changes import assignment
from bot.store import audit, requests, sessions
from bot.store.records import Change, Event, State, StepState, Verdict
from bot.store.requests import Requests
from bot.store.tables import RequestRow
from bot.tenant import GraphCall, WriteResult
from bot.tenant.writes import GraphWrites

_made: list[str] = []


@dataclass(frozen=True)
class Mutant:
    """`found_by`: crashes, races or state_machine."""

    found_by: str
    make: Callable[[], None]


def made() -> bool:
    """Is the product patched in this process?"""
    return bool(_made)


def make(name: str) -> None:
    """Patch this process, and whatever is forked from it."""
    _made.append(name)
    MUTANTS[name].make()


def _patch(owner: Any, name: str, other: Any) -> None:
    setattr(owner, name, other)


def _no_compare_and_swap() -> None:
    """The last one wins, and nobody hears of it."""

    async def swap(self: Requests, session: Any, change: Change) -> None:
        values: dict[str, Any] = {"state": change.state.value, "revision": RequestRow.revision + 1}
        await session.execute(update(RequestRow).where(RequestRow.number == change.of.number).values(**values))

    _patch(Requests, "_swap", swap)


def _write_before_intent() -> None:
    act = Worker._act

    async def backwards(self: Worker, request: Any, step: Any, record: Any) -> Any:
        body = step.write
        await self._writes.send(GraphCall(body.method, body.path, body.body, "no intent yet", "-"))
        return await act(self, request, step, record)

    _patch(Worker, "_act", backwards)


def _replace_instead_of_merge() -> None:
    write = assignment._assign_write

    def only_ours(profile_id: str, raw: Any, removed: Any, added: Any, wanted: Any) -> Write:
        return write(profile_id, raw, removed, added, added)

    _patch(assignment, "_assign_write", only_ours)


def _always_v1() -> None:
    """Filters of other admins are lost."""
    _patch(assignment, "_only_beta", lambda row: False)
    plain = assignment._assign_write

    def without(profile_id: str, raw: Any, removed: Any, added: Any, wanted: Any) -> Write:
        made = plain(profile_id, raw, removed, added, wanted)
        rows = cast("list[Any]", made.body["assignments"])
        names = {"@odata.type", "groupId"}
        stripped = [{"target": {key: row["target"][key] for key in names & set(row["target"])}} for row in rows]
        return Write(method="POST", path=made.path, body={"assignments": cast("Any", stripped)})

    _patch(assignment, "_assign_write", without)
    _patch(outcomes, "seen", _seen_by_group)


def _seen_by_group(step: Any, state: Any) -> Seen:
    def groups(rows: Any) -> Any:
        return sorted(str(row.get("target", row).get("groupId")) for row in rows) if isinstance(rows, list) else rows

    if groups(state) == groups(step.after):
        return Seen.AFTER
    return Seen.BEFORE if groups(state) == groups(step.before) else Seen.OTHER


def _retry_a_post() -> None:
    """As the SDK does when it is left alone."""
    send = GraphWrites.send

    async def again(self: GraphWrites, call: GraphCall) -> WriteResult:
        outcome = await send(self, call)
        if outcome.status is None or outcome.status in {429, 503, 504}:
            outcome = await send(self, call)
        return outcome

    _patch(GraphWrites, "send", again)


def _recover_without_looking() -> None:
    step_of = Worker._step

    async def at_once(self: Worker, request: Any, position: int, step: Any) -> Any:
        record = next((one for one in request.steps if one.position == position), None)
        if record and record.state is StepState.INTENT:
            return await self._act(request, step, record)
        return await step_of(self, request, position, step)

    _patch(Worker, "_step", at_once)


def _done_without_reading_back() -> None:
    async def believe(self: Worker, request: Any, step: Any, record: Any, outcome: Any) -> Any:
        return await self._done(request, record)

    _patch(Worker, "_settle", believe)


def _answer_before_commit() -> None:
    """The press is acknowledged while the decision is still on its way to the disk."""
    commit = Requests.commit
    running = set()

    async def later(self: Requests, change: Change) -> str:
        if change.event is not Event.APPROVED:
            return await commit(self, change)
        task = asyncio.get_running_loop().create_task(commit(self, change))
        running.add(task)
        return ""

    _patch(Requests, "commit", later)
    count = Approvals._count

    async def counted(self: Approvals, case: Any) -> Any:
        ruling = await count(self, case)
        return replace(ruling, request=replace(case.request, state=State.APPROVED))

    _patch(Approvals, "_count", counted)


def _carry_out_what_waits() -> None:
    in_states = Requests.in_states

    async def all_of_them(self: Requests, *states: State) -> Any:
        wanted = (*states, State.WAITING) if State.APPROVED in states else states
        return await in_states(self, *wanted)

    _patch(Requests, "in_states", all_of_them)
    _patch(Worker, "_sealed_plan", lambda self, request: Plan.read(request.plan))


def _trust_the_stored_plan() -> None:
    """Whatever group stands there now is the one that was approved."""
    _patch(Worker, "_sealed_plan", lambda self, request: Plan.read(request.plan))


def _ignore_drift() -> None:
    """Whatever is there is overwritten with what was planned."""

    async def no_check(self: Worker, request: Any, plan: Any) -> None:
        return

    _patch(Worker, "_check_before_the_first_write", no_check)
    seen = outcomes.seen

    def blind(step: Any, state: Any) -> Seen:
        found = seen(step, state)
        return Seen.BEFORE if found is Seen.OTHER else found

    _patch(outcomes, "seen", blind)


def _audit_afterwards() -> None:
    """In a transaction of its own: a crash between the two loses the row."""
    append, writing = audit.append, sessions.writing
    owed: list[tuple[Any, ...]] = []

    async def owe(_session: Any, *rest: Any) -> str:
        owed.append(rest)
        return audit.START

    @asynccontextmanager
    async def and_then_pay(of: Any) -> Any:
        async with writing(of) as session:
            yield session
        async with of.begin() as session:
            await session.execute(update(RequestRow).where(RequestRow.number < 0).values(number=0))
            for rest in owed:
                await append(session, *rest)
            owed.clear()

    _patch(audit, "append", owe)
    _patch(requests, "writing", and_then_pay)


def _own_request() -> None:
    _without(Reason.OWN_REQUEST)


def _forget_expiry() -> None:
    _patch(policy, "has_expired", lambda request, now: False)


def _without(reason: Any) -> None:
    _patch(policy, "_CHECKS", tuple(row for row in policy._CHECKS if row[0] is not reason))


def _any_revision() -> None:
    _without(Reason.STALE_CARD)


def _two_votes() -> None:
    """One person counts as often as they press."""
    _patch(policy, "repeats", lambda case: False)
    _without(Reason.ALREADY_VOTED)
    outcome = service._outcome

    def counting_presses(request: Any, verdict: Verdict) -> Any:
        return outcome(replace(request, decisions=request.decisions * 2), verdict)

    _patch(service, "_outcome", counting_presses)


def _clock_goes_back() -> None:
    """Without the high-water mark what has expired opens again."""
    _patch(Clock, "moment", lambda self, high_water: self._now())


MUTANTS = {
    "no compare-and-swap": Mutant("races", _no_compare_and_swap),
    "write before intent": Mutant("crashes", _write_before_intent),
    "replace instead of merge": Mutant("crashes", _replace_instead_of_merge),
    "always v1.0": Mutant("crashes", _always_v1),
    "retry a POST": Mutant("crashes", _retry_a_post),
    "recover without looking": Mutant("crashes", _recover_without_looking),
    "done without reading back": Mutant("crashes", _done_without_reading_back),
    "answer before commit": Mutant("crashes", _answer_before_commit),
    "carry out what waits": Mutant("crashes", _carry_out_what_waits),
    "trust the stored plan": Mutant("crashes", _trust_the_stored_plan),
    "ignore drift": Mutant("crashes", _ignore_drift),
    "audit afterwards": Mutant("crashes", _audit_afterwards),
    "approve one's own request": Mutant("state_machine", _own_request),
    "forget expiry": Mutant("state_machine", _forget_expiry),
    "any revision will do": Mutant("state_machine", _any_revision),
    "two votes": Mutant("state_machine", _two_votes),
    "the clock goes back": Mutant("state_machine", _clock_goes_back),
}


def found_by(harness: str) -> list[str]:
    """The names of the mutants that this harness must find."""
    return [name for name, mutant in MUTANTS.items() if mutant.found_by == harness]
