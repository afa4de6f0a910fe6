"""Rows of the tables as records, and back."""

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeDecorator, TypeEngine

from bot.errors import Unreadable
from bot.store.records import (
    Change,
    Decision,
    Filing,
    Freeze,
    Note,
    Request,
    State,
    StepRecord,
    StepState,
    Verdict,
    remind_at,
)
from bot.store.seal import canonical, digest
from bot.store.tables import Base, DecisionRow, FreezeRow, RequestRow, StepRow

log = logging.getLogger(__name__)

MOST_NAMED = 20  # in one line of the log

Row = TypeVar("Row")
Record = TypeVar("Record")


@contextmanager
def whole(name: object, *rows: Base) -> Iterator[None]:
    """Around what makes a record of rows. Raises Unreadable of this name for a value that is not of its kind."""
    try:
        for row in rows:
            _check(row)
        yield
    except (ValueError, TypeError):
        raise Unreadable(str(name)) from None


def readable(
    kind: str,
    rows: Iterable[Row],
    read: Callable[[Row], Record],
    aside: Callable[[Row], None] = lambda _row: None,
) -> list[Record]:
    """The records of all rows that `read` takes; for the others it raises Unreadable, and `aside` gets them."""
    records, unread = [], []
    for row in rows:
        try:
            records.append(read(row))
        except Unreadable as error:
            unread.append(str(error))
            aside(row)
    if unread:
        log.error("%s that can't be read, left out: %d, %s", kind, len(unread), ", ".join(unread[:MOST_NAMED]))
    return records


def _check(row: Base) -> None:
    """SQLite keeps whatever is put into a column."""
    for name, kind, empty in _columns(type(row)):
        value = getattr(row, name)
        if not (isinstance(value, kind) or (empty and value is None)):
            raise ValueError(name)


@cache
def _columns(table: type[Base]) -> tuple[tuple[str, type, bool], ...]:
    return tuple((one.key, _kind(one.type), bool(one.nullable)) for one in table.__table__.columns)


def _kind(of: TypeEngine[Any]) -> type:
    return (of.impl_instance if isinstance(of, TypeDecorator) else of).python_type


MOST_VARIABLES = 500  # in one statement; SQLite takes 999 at least

Rows = tuple[RequestRow, list[DecisionRow], list[StepRow]]


async def request_of(session: AsyncSession, row: RequestRow) -> Request:
    """The record with its decisions and steps. Raises Unreadable."""
    return _request((await _rows(session, [row]))[0])


async def requests_of(session: AsyncSession, rows: Iterable[RequestRow]) -> list[Request]:
    """The records of all rows that can be read, by two statements for each MOST_VARIABLES of them, however many there
    are; the others are told in the log."""
    left, found = iter(rows), list[Rows]()
    while some := list(islice(left, MOST_VARIABLES)):
        found += await _rows(session, some)
    return readable("requests", found, _request)


async def decision_rows(session: AsyncSession, numbers: Sequence[int]) -> Sequence[DecisionRow]:
    """The verdicts about these requests (MOST_VARIABLES at most), as they came."""
    chosen = select(DecisionRow).where(DecisionRow.request.in_(numbers))
    return (await session.scalars(chosen.order_by(DecisionRow.request, DecisionRow.at, DecisionRow.approver))).all()


async def _rows(session: AsyncSession, some: Sequence[RequestRow]) -> list[Rows]:
    numbers = [row.number for row in some]
    decisions, steps = defaultdict[int, list[DecisionRow]](list), defaultdict[int, list[StepRow]](list)
    for decision in await decision_rows(session, numbers):
        decisions[decision.request].append(decision)
    chosen = select(StepRow).where(StepRow.request.in_(numbers)).order_by(StepRow.request, StepRow.position)
    for step in await session.scalars(chosen):
        steps[step.request].append(step)
    return [(row, decisions[row.number], steps[row.number]) for row in some]


def _request(rows: Rows) -> Request:
    row, decisions, steps = rows
    with whole(row.number, row, *decisions, *steps):
        dict(json.loads(row.evidence))
        return _record(row, decisions, steps)


def _record(row: RequestRow, decisions: list[DecisionRow], steps: list[StepRow]) -> Request:
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
        decisions=tuple(map(_decision, decisions)),
        steps=tuple(map(_step, steps)),
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
    """The record of the one row. Raises Unreadable: then nobody knows whether anything may be written."""
    with whole("freeze", row):
        return Freeze(row.frozen, row.revision, row.actor, row.reason, row.at)


def detail_of(change: Change) -> dict[str, object]:
    """Ids, states and numbers. What a person wrote stays out: the audit can't be erased."""
    detail: dict[str, object] = {"state": change.state.value, "revision": change.revision}
    if change.note:
        detail |= {"note": change.note.value, "evidence": digest(canonical(dict(change.evidence)))}
    if change.decision:
        detail |= {"verdict": change.decision.verdict.value, "seal": change.decision.seal}
    if change.step:
        detail |= {
            "step": change.step.position,
            "step_state": change.step.state.value,
            "try": change.step.tries,
            "client_request_id": change.step.client_request_id,
            "request_id": change.step.request_id,
            "status": change.step.status,
        }
    return detail
