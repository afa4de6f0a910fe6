"""Does what was approved, step by step: intent written, look, act, read back, done. It never speaks to Teams."""

import asyncio
import logging
import math
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.approvals import outcomes, upkeep
from bot.approvals.kind import Kind, Kinds, filed
from bot.approvals.outcomes import Seen
from bot.approvals.plan import Look, Plan, Step
from bot.approvals.policy import with_audiences
from bot.approvals.upkeep import Clock
from bot.approvals.worker.grounds import Grounds
from bot.approvals.worker.in_hand import InHand, OneAtATime
from bot.errors import BotError, NotFound, where
from bot.store.records import BOT, Change, Decision, Event, Note, Request, State, StepRecord, StepState, Verdict
from bot.store.requests import Frozen, Lost, Requests, Tampered
from bot.store.seal import SealKey, is_as_decided, is_as_filed
from bot.tenant import GraphCall, Roles, WriteResult, Writes

log = logging.getLogger(__name__)

AWAY = timedelta(hours=1)  # of a tenant that does not answer, until a human is asked


@dataclass(frozen=True, slots=True)
class ReadBack:
    """How long reads may lag. Four equal reads over a minute count as the truth; an accepted write gets longer."""

    same: int = 4
    most: int = 12
    seconds: float = 20.0  # between two reads
    longest: float = 3_600.0  # seconds that one request may be in hand; then something hangs, and it is taken up anew


class _Stop(Exception):
    """Not now: frozen, the bot is being stopped, or somebody else moved the request. Nothing is lost; the next round
    looks again, or the next start."""


class Worker:
    """One on one store (bot.store.database). What waits, for a read that lags or for Graph, holds up nothing else."""

    def __init__(
        self,
        store: Requests,
        writes: Writes,
        roles: Roles,
        kinds: Kinds,
        clock: Clock,
        key: SealKey,
        *,
        read_only: bool = False,
        approval_life: timedelta = timedelta(hours=24),
        read_back: ReadBack = ReadBack(),
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._writes = writes
        self._grounds = Grounds(roles, kinds, approval_life)
        self._kinds = kinds
        self._clock = clock
        self._key = key
        self._read_only = read_only
        self._read_back = read_back
        self._pause = pause
        self._alive = alive  # told between any two things that may take long
        self._jumped = False  # the clock, since the last round that could do something
        self._turn = OneAtATime()
        self._in_hand = InHand()
        self._halted = False

    async def round(self) -> None:
        """Take what is not in hand yet as far as it goes now."""
        await asyncio.gather(*await self.start())

    def halt(self) -> None:
        """Begin no write any more, and wait for nothing; one that has begun still ends."""
        self._halted = True

    async def stop(self, seconds: float = 0.0) -> None:
        """Let everything go as it stands, a write that has begun after so many seconds; the next start goes on."""
        self.halt()
        await self._in_hand.let_all_go(self._turn.whose, seconds)

    async def start(self) -> tuple[asyncio.Task[None], ...]:
        """Take up every approved or running request that is not in hand yet, each by itself."""
        snapshot = await self._store.snapshot(0)
        self._jumped = self._clock.jumped(snapshot.high_water) or self._jumped
        await upkeep.tell_behind(self._store, self._clock, snapshot.high_water)
        if self._jumped:
            self._in_hand.surprise()
        if self._read_only or self._halted or snapshot.freeze.frozen:
            return ()
        requests = await self._store.in_states(State.APPROVED, State.RUNNING)
        new = [one for one in requests if one.number not in self._in_hand]
        jumped, self._jumped = self._jumped, False
        return tuple(self._in_hand.take_up(one.number, self._carry_out(one), surprised=jumped) for one in new)

    async def _carry_out(self, request: Request) -> None:
        """As far as it goes now; never raises."""
        async with self._turn.mine():
            self._alive()
            try:
                async with asyncio.timeout(self._read_back.longest):
                    await self._execute(request)
            except (_Stop, Lost, Frozen, Tampered):  # the next round looks again, at the last of them for its end
                return
            except BotError as error:  # the tenant or the store is away: as it stands, the next round goes on
                log.warning("request %d waits: %s", request.number, where(error))
                await self._stranded(request.number, Note.TENANT_AWAY, AWAY)
            except Exception as error:  # noqa: BLE001 - one broken request must not stop the others
                log.error("request %d failed: %s", request.number, where(error))  # noqa: TRY400
                await self._stranded(request.number, Note.UNEXPECTED, timedelta())

    async def _execute(self, request: Request) -> None:
        self._go_on()
        await self._stop_after_a_jump(request)
        plan = self._sealed_plan(request) if await self._store.as_stored(request) else None
        if plan is None:
            await self._end(request, Event.VOID, Note.TAMPERED)
            return
        if not _begun(request):
            await self._check_before_the_first_write(request, plan)
        if request.state is State.APPROVED:
            request = await self._move(request, Event.STARTED, State.RUNNING)
        for position, step in enumerate(plan.steps):
            request = await self._step(request, position, step)
        await self._conclude(request, self._kinds[plan.kind])

    async def _conclude(self, request: Request, kind: Kind) -> None:
        """Done, or for a human to finish elsewhere: by what the tenant shows when all steps are done. What was in the
        way before, such as Multi Admin Approval, is over."""
        ending = await kind.ending()
        event, state = (Event.DONE, State.DONE) if ending.ready else (Event.CONSENTING, State.CONSENTING)
        evidence = outcomes.at_the_end(request)
        if ending.evidence:
            evidence |= {**ending.evidence, "checked_at": (await self._moment()).isoformat()}
        elif request.note is Note.NONE:  # nothing was in the way
            await self._move(request, event, state)
            return
        await self._move(request, event, state, note=Note.NONE, evidence=evidence)

    def _sealed_plan(self, request: Request) -> Plan | None:
        """The stored plan, if request, decisions and plan are what the bot itself stored, and enough people agreed."""
        if not is_as_filed(self._key, request):
            return None
        agreed = {one.approver for one in request.decisions if self._genuine(request, one)}
        if len(agreed - {request.requester}) < request.needed:
            return None
        return filed(self._kinds, request)

    def _genuine(self, request: Request, decision: Decision) -> bool:
        return decision.verdict is Verdict.APPROVE and is_as_decided(self._key, request, decision)

    async def _stop_after_a_jump(self, request: Request) -> None:
        if self._in_hand.is_surprised(request.number):
            await self._end(request, Event.ATTENTION, Note.CLOCK_JUMPED)

    async def _check_grounds(self, request: Request, plan: Plan) -> None:
        """Before every write, and before there is any: it may be a while since somebody looked."""
        await self._stop_after_a_jump(request)
        if doubt := await self._grounds.doubt(request, plan, await self._moment()):
            event = Event.ATTENTION if _begun(request) else Event.VOID
            await self._end(request, event, doubt.note, doubt.evidence)

    async def _check_before_the_first_write(self, request: Request, plan: Plan) -> None:
        """The approval is void when its grounds are gone or the tenant is not what the plan was computed from."""
        await self._check_grounds(request, plan)
        for position, basis in enumerate(plan.basis):
            state = await self._state(self._kinds[plan.kind], basis.look)
            if state != basis.state:
                await self._end(request, Event.VOID, Note.TENANT_CHANGED, {"basis": position, "found": state})

    async def _step(self, request: Request, position: int, step: Step) -> Request:
        """One write, from wherever it stands. Raises _Stop when it does not end in done."""
        record = next((one for one in request.steps if one.position == position), None)
        if record and record.state is StepState.DONE:
            return request
        if record and record.state is StepState.INTENT:
            return await self._settle(request, step, record, None)
        record = record or StepRecord(position, StepState.INTENT, 0, request.changed_at)
        state = await self._state(self._kinds[request.kind], step.look)
        seen = outcomes.seen(step, state)
        if seen is Seen.AFTER:
            return await self._done(request, record)
        if seen is Seen.OTHER:
            begun = _begun(request)
            event, note = (Event.ATTENTION, Note.CHANGED_MEANWHILE) if begun else (Event.VOID, Note.TENANT_CHANGED)
            await self._end(request, event, note, {"step": position, "found": state})
        return await self._act(request, step, record)

    async def _act(self, request: Request, step: Step, record: StepRecord) -> Request:
        """Intent first, in the same transaction that asks whether anything is frozen; then the one request."""
        if _begun(request) and (plan := filed(self._kinds, request)):
            await self._check_grounds(request, plan)
        record = replace(
            record,
            state=StepState.INTENT,
            tries=record.tries + 1,
            at=await self._moment(),
            client_request_id=str(uuid.uuid4()),
        )
        self._go_on()
        request = await self._move(request, Event.INTENT, State.RUNNING, step=record, unless_frozen=True)
        call = GraphCall(
            method=step.write.method,
            path=step.write.path,
            body=step.write.body,
            request_id=record.client_request_id,
            justification=outcomes.justification(request),
            approval_code=record.approval_code,
        )
        outcome = await self._writes.send(call)
        record = replace(record, request_id=outcome.request_id, status=outcome.status)
        if outcome.approval_code:  # filed with Multi Admin Approval, not done
            held = replace(record, state=StepState.HELD, approval_code=outcome.approval_code)
            await self._end(request, Event.HELD, Note.MULTI_ADMIN, outcomes.evidence(held), step=held)
        return await self._settle(request, step, record, outcome)

    async def _settle(self, request: Request, step: Step, record: StepRecord, outcome: WriteResult | None) -> Request:
        """What became of a write? Only reads decide. `outcome` None: the process died, or a human says go on."""
        again = outcomes.may_repeat(request, step, record, outcome)
        needed = self._read_back.most if outcomes.accepted(outcome) else self._read_back.same
        if again and outcome is None and outcomes.repeats_too_early(step, record):
            needed = max(needed, await self._reads_until_settled(record))
        async with self._turn.others():
            if outcome and outcome.retry_after:
                await self._wait(outcome.retry_after)
            seen = await self._watch(request, step, needed)
        if seen is Seen.AFTER:
            return await self._done(request, record)
        if seen is Seen.BEFORE and again:
            return await self._act(request, step, record)
        # A code of Multi Admin Approval is used up now: a retry files anew.
        record = replace(record, approval_code="")
        note = outcomes.note(seen, outcome)
        evidence = {**outcomes.evidence(record), "seen": seen.value if seen else None, **outcomes.wait(note, record)}
        await self._end(request, Event.ATTENTION, note, evidence, step=record)
        raise _Stop

    async def _reads_until_settled(self, record: StepRecord) -> int:
        left = record.at + outcomes.SETTLED - await self._moment()
        return 1 + math.ceil(left.total_seconds() / self._read_back.seconds)

    async def _watch(self, request: Request, step: Step, needed: int) -> Seen | None:
        """Read until the write is seen, or until `needed` reads in a row agree; None when they never do."""
        row: list[Seen] = []
        for reading in range(max(self._read_back.most, needed)):
            if reading:
                await self._wait(self._read_back.seconds)
            seen = outcomes.seen(step, await self._state(self._kinds[request.kind], step.look))
            if seen is Seen.AFTER:
                return seen
            row = [*row, seen] if seen in row[-1:] else [seen]
            if len(row) >= needed:
                return seen
        return None

    async def _wait(self, seconds: float) -> None:
        """Let time pass. Raises _Stop."""
        self._go_on()
        await self._pause(seconds)

    def _go_on(self) -> None:
        """Raises _Stop once the bot is being stopped."""
        if self._halted:
            raise _Stop

    async def _state(self, kind: Kind, look: Look) -> object:
        self._alive()
        try:
            read = kind.reads.get(look.kind)
            return kind.state_of(look, await (read(look) if read else self._writes.read(look.path)))
        except NotFound:
            return None  # the profile itself is gone: no state that any plan expects

    async def _done(self, request: Request, record: StepRecord) -> Request:
        record = replace(record, state=StepState.DONE, approval_code="")
        return await self._move(request, Event.STEP_DONE, State.RUNNING, step=record)

    async def _end(
        self,
        request: Request,
        event: Event,
        note: Note,
        evidence: Mapping[str, object] | None = None,
        *,
        step: StepRecord | None = None,
    ) -> None:
        """Leave the request to people, with all that is known. Raises _Stop."""
        await self._move(request, event, _ENDS[event], note=note, evidence=evidence, step=step)
        raise _Stop

    async def _move(
        self,
        request: Request,
        event: Event,
        state: State,
        *,
        note: Note | None = None,
        evidence: Mapping[str, object] | None = None,
        step: StepRecord | None = None,
        unless_frozen: bool = False,
    ) -> Request:
        """One compare-and-swap; the request as it is afterwards. Raises Lost or Frozen."""
        self._alive()
        change = Change(
            of=request,
            event=event,
            actor=BOT,
            at=await self._moment(),
            state=state,
            step=step,
            note=note,
            evidence=evidence or {},
            unless_frozen=unless_frozen,
        )
        head = await self._store.commit(with_audiences(change))
        log.info("request %d %s%s, head of the audit %s", request.number, event, f" ({note})" if note else "", head)
        moved = (await self._store.snapshot(request.number)).request
        if moved is None or moved.revision != change.revision:
            raise Lost
        return moved

    async def _moment(self) -> datetime:
        return self._clock.moment((await self._store.snapshot(0)).high_water)

    async def _stranded(self, number: int, note: Note, after: timedelta) -> None:
        """Ask a human once nothing has moved for so long."""
        try:
            snapshot = await self._store.snapshot(number)
            request, now = snapshot.request, self._clock.moment(snapshot.high_water)
            if request and request.state in {State.APPROVED, State.RUNNING} and now >= request.changed_at + after:
                await self._end(request, Event.ATTENTION, note)
        except (_Stop, Lost, BotError):
            return
        except Exception as error:  # noqa: BLE001 - as above
            log.error("request %d not handed to people: %s", number, where(error))  # noqa: TRY400


def _begun(request: Request) -> bool:
    """Was anything sent already?"""
    return any(record.tries for record in request.steps)


_ENDS = {Event.VOID: State.VOID, Event.HELD: State.HELD, Event.ATTENTION: State.ATTENTION}
