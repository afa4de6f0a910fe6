"""Rows of the tables as records, and back."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.records import Decision, Filing, Freeze, Note, Request, State, StepRecord, StepState, Verdict, remind_at
from bot.store.tables import DecisionRow, FreezeRow, RequestRow, StepRow

MOST_VARIABLES = 500  # in one statement; SQLite takes 999 at least


async def request_of(session: AsyncSession, row: RequestRow) -> Request:
    """The record with its decisions and steps."""
    return (await requests_of(session, [row]))[0]


async def requests_of(session: AsyncSession, rows: Iterable[RequestRow]) -> list[Request]:
    """The records of many rows: two statements for each MOST_VARIABLES of them, however many there are."""
    left, found = iter(rows), list[Request]()
    while some := list(islice(left, MOST_VARIABLES)):
        decisions, steps = defaultdict[int, list[Decision]](list), defaultdict[int, list[StepRecord]](list)
        for decision in await decision_rows(session, [row.number for row in some]):
            decisions[decision.request].append(_decision(decision))
        mine = StepRow.request.in_([row.number for row in some])
        for step in await session.scalars(select(StepRow).where(mine).order_by(StepRow.request, StepRow.position)):
            steps[step.request].append(_step(step))
        found += [_request(row, decisions[row.number], steps[row.number]) for row in some]
    return found


async def decision_rows(session: AsyncSession, numbers: Sequence[int]) -> Sequence[DecisionRow]:
    """The verdicts about these requests (MOST_VARIABLES at most), as they came."""
    chosen = select(DecisionRow).where(DecisionRow.request.in_(numbers))
    return (await session.scalars(chosen.order_by(DecisionRow.request, DecisionRow.at, DecisionRow.approver))).all()


def _request(row: RequestRow, decisions: Iterable[Decision], steps: Iterable[StepRecord]) -> Request:
    return Request(
        number=row.number,
        kind=row.kind,
        object_key=row.object_key,
        state=State(row.state),
        revision=row.revision,
        plan=row.plan,
        digest=row.digest,
        seal=row.seal,
        nonce_hash=row.nonce_hash,
        requester=row.requester,
        reason=row.reason,
        needed=row.needed,
        created_at=row.created_at,
        expires_at=row.expires_at,
        changed_at=row.changed_at,
        reminded=row.reminded,
        retries=row.retries,
        note=Note(row.note),
        evidence=row.evidence,
        decisions=tuple(decisions),
        steps=tuple(steps),
    )


def new_row(filing: Filing, seat: str) -> RequestRow:
    """A request at its beginning; the seal and the nonce follow when the number is known."""
    return RequestRow(
        kind=filing.kind,
        object_key=filing.object_key,
        state=State.WAITING.value,
        revision=1,
        plan=filing.plan,
        digest=filing.digest,
        seal="",
        nonce_hash="",
        requester=filing.requester,
        reason=filing.reason,
        needed=filing.needed,
        created_at=filing.at,
        expires_at=filing.expires_at,
        changed_at=filing.at,
        reminded=0,
        retries=0,
        note=Note.NONE.value,
        evidence="{}",
        open_key=filing.object_key,
        seat=seat,
        remind_at=remind_at(filing.at, filing.expires_at, 0),
    )


def decision_row(number: int, decision: Decision, head: str) -> DecisionRow:
    """The row of a verdict."""
    return DecisionRow(
        request=number,
        approver=decision.approver,
        verdict=decision.verdict.value,
        at=decision.at,
        reason=decision.reason,
        seal=decision.seal,
        head=head,
    )


def _decision(row: DecisionRow) -> Decision:
    return Decision(row.approver, Verdict(row.verdict), row.at, row.reason, row.seal, row.head)


def _step(row: StepRow) -> StepRecord:
    return StepRecord(
        position=row.position,
        state=StepState(row.state),
        tries=row.tries,
        at=row.at,
        client_request_id=row.client_request_id,
        request_id=row.request_id,
        status=row.status,
        approval_code=row.approval_code,
    )


def step_row(number: int, step: StepRecord) -> StepRow:
    """The row of a step."""
    return StepRow(
        request=number,
        position=step.position,
        state=step.state.value,
        tries=step.tries,
        at=step.at,
        client_request_id=step.client_request_id,
        request_id=step.request_id,
        status=step.status,
        approval_code=step.approval_code,
    )


def freeze_of(row: FreezeRow) -> Freeze:
    """The record of the one row."""
    return Freeze(row.frozen, row.revision, row.actor, row.reason, row.at)
