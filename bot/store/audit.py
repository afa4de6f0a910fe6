"""The audit: append-only, each row sealed together with the row before it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, TextClause, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from bot.store.records import Event
from bot.store.seal import SealKey, canonical, same, seal
from bot.store.sessions import reading
from bot.store.tables import FREEZES, AuditRow

START = "0" * 64  # the hash before the first row
SLICE = 500  # rows of a check that are read at once


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row as it is exported. `detail`: ids, states and numbers, never a name or a sentence that a person wrote.

    A row that a hand made unreadable is exported too: `at` is None, or `detail` holds the text that stands there.
    """

    seq: int
    at: datetime | None
    event: str
    request: int | None
    actor: str
    detail: Mapping[str, object]
    hash: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. `broken`: the first row that is not what the bot wrote; `cut`: the given head is gone."""

    rows: int
    head: str
    broken: int | None
    cut: bool

    @property
    def sound(self) -> bool:
        """Nothing to object to."""
        return self.broken is None and not self.cut


@dataclass(frozen=True, slots=True)
class LastEvent:
    """What the audit says happened last."""

    event: str
    detail: Mapping[str, object]


async def append(
    session: AsyncSession,
    key: SealKey,
    event: Event,
    actor: str,
    at: datetime,
    request: int | None,
    detail: Mapping[str, object],
) -> str:
    """Add a row to the caller's transaction; returns the new head.

    The caller has written before, and so holds SQLite's write lock; elsewhere two writers collide on `seq`, and one of
    them starts again.
    """
    last = (await session.scalars(select(AuditRow).order_by(AuditRow.seq.desc()).limit(1))).first()
    row = AuditRow(
        seq=last.seq + 1 if last else 1,
        at=at.astimezone(UTC),
        event=event.value,
        request=request,
        actor=actor,
        detail=canonical(detail),
    )
    row.hash = _hash(key, last.hash if last else START, row)
    session.add(row)
    return row.hash


async def head(engine: AsyncEngine) -> str:
    """The hash of the newest row: worth keeping outside of the database. Raises StoreUnavailable."""
    async with reading(async_sessionmaker(engine)) as session:
        found = await session.scalar(select(AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1))
    return found or START


async def last_events(session: AsyncSession, key: SealKey, requests: Sequence[int]) -> dict[int | None, LastEvent]:
    """What last changed each of these requests. Where that row is not what the bot wrote, there is none."""
    unchanged = [Event.REFUSED.value, Event.REMINDED.value]
    return await _newest(session, key, AuditRow.request.in_(requests), AuditRow.event.not_in(unchanged))


async def last_freeze(session: AsyncSession, key: SealKey) -> LastEvent | None:
    """The last time that somebody froze or unfroze; None also where that row is not what the bot wrote."""
    return (await _newest(session, key, AuditRow.request.is_(None), text(FREEZES))).get(None)


async def _newest(
    session: AsyncSession, key: SealKey, *which: ColumnElement[bool] | TextClause
) -> dict[int | None, LastEvent]:
    """By request; None: of what is about no request."""
    newest = set(await session.scalars(select(func.max(AuditRow.seq)).where(*which).group_by(AuditRow.request)))
    near = AuditRow.seq.in_(newest | {seq - 1 for seq in newest})
    rows = {row.seq: row for row in await session.scalars(select(AuditRow).where(near))}
    genuine = (rows[seq] for seq in newest if _follows(key, rows.get(seq - 1), rows[seq]))
    return {row.request: LastEvent(row.event, _details(row.detail)) for row in genuine}


async def newest_is_sound(engine: AsyncEngine, key: SealKey) -> bool:
    """Is the newest row one that was written with this key, or one of before it, after the row that stands before?
    Raises StoreUnavailable."""
    async with reading(async_sessionmaker(engine)) as session:
        rows = (await session.scalars(select(AuditRow).order_by(AuditRow.seq.desc()).limit(2))).all()
    return not rows or _follows(key, rows[1] if rows[1:] else None, rows[0])


async def oldest_is_sound(engine: AsyncEngine, key: SealKey) -> bool:
    """Is the first row one that this key or one of before wrote? Raises StoreUnavailable."""
    async with reading(async_sessionmaker(engine)) as session:
        first = (await session.scalars(select(AuditRow).order_by(AuditRow.seq).limit(1))).first()
    return first is None or _follows(key, None, first)


async def length(engine: AsyncEngine) -> int:
    """How many rows there should be, by the newest one's number. Raises StoreUnavailable."""
    async with reading(async_sessionmaker(engine)) as session:
        return await session.scalar(select(func.max(AuditRow.seq))) or 0


async def check(
    engine: AsyncEngine, key: SealKey, known_head: str = "", progress: Callable[[int], None] = lambda _rows: None
) -> Report:
    """Read the whole chain, a slice at a time, beside all that others do meanwhile. `known_head`: a hash noted earlier,
    from a card or the log; without it a cut tail is not to be seen. Once the newest key has sealed, none of before
    does: it may be known to others. `progress` is told how many rows are done. Raises StoreUnavailable."""
    before, rows, seen = START, 0, known_head in {"", START}
    while found := await _slice(engine, rows):
        hashes, key = await asyncio.to_thread(_sound, key, before, rows, found)
        seen = seen or any(same(one, known_head) for one in hashes)
        before, rows = hashes[-1] if hashes else before, rows + len(hashes)
        progress(rows)
        if len(hashes) < len(found):
            return Report(rows, before, broken=rows + 1, cut=not seen)
    return Report(rows, before, broken=None, cut=not seen)


async def _slice(engine: AsyncEngine, after: int) -> Sequence[AuditRow]:
    """The rows from the first one on; a hand may have put some before that."""
    later = select(AuditRow).order_by(AuditRow.seq).limit(SLICE)
    async with reading(async_sessionmaker(engine)) as session:
        return (await session.scalars(later.where(AuditRow.seq > after) if after else later)).all()


def _sound(key: SealKey, before: str, last: int, rows: Iterable[AuditRow]) -> tuple[list[str], SealKey]:
    """The hashes of these rows, up to the first that does not follow the one before it, and what seals from there on:
    the newest key alone once it has sealed."""
    hashes: list[str] = []
    for number, row in enumerate(rows, last + 1):
        if row.seq != number or not _is_sealed(key, before, row):
            break
        key = SealKey(key.secret) if same(_hash(key, before, row), row.hash) else key
        before = row.hash
        hashes.append(before)
    return hashes, key


async def entries(engine: AsyncEngine, since: datetime) -> list[AuditEntry]:
    """The rows from a moment on, oldest first. Raises StoreUnavailable."""
    async with reading(async_sessionmaker(engine)) as session:
        rows = await session.scalars(select(AuditRow).where(AuditRow.at >= since).order_by(AuditRow.seq))
        return _entries(rows)


class Trail:
    """The audit for whoever reads it, never all of it at once. Every method raises StoreUnavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def newest(self, most: int) -> list[AuditEntry]:
        """So many of the last rows, the oldest of them first."""
        last = select(AuditRow).order_by(AuditRow.seq.desc()).limit(most)
        async with reading(async_sessionmaker(self._engine)) as session:
            return _entries(reversed((await session.scalars(last)).all()))

    async def size(self) -> tuple[int, int]:
        """How many rows there are, and how many characters their details have."""
        counted = select(func.count(), func.coalesce(func.sum(func.length(AuditRow.detail)), 0))
        async with reading(async_sessionmaker(self._engine)) as session:
            rows, characters = (await session.execute(counted)).one()
        return rows, characters

    async def slices(self) -> AsyncIterator[list[AuditEntry]]:
        """All rows, oldest first, some at a time, beside all that others do meanwhile."""
        after = 0
        while rows := await _slice(self._engine, after):
            yield await asyncio.to_thread(_entries, rows)
            after = rows[-1].seq


def _entries(rows: Iterable[AuditRow]) -> list[AuditEntry]:
    return [
        AuditEntry(row.seq, row.at, row.event, row.request, row.actor, _details(row.detail), row.hash) for row in rows
    ]


def _follows(key: SealKey, before: AuditRow | None, row: AuditRow) -> bool:
    if before is None and row.seq != 1:
        return False
    return _is_sealed(key, before.hash if before else START, row)


def _is_sealed(key: SealKey, before: str, row: AuditRow) -> bool:
    """Did the bot write it, after the row of that hash? A hand may have put there what has no text at all."""
    try:
        return key.opens(lambda one: _hash(one, before, row), row.hash)
    except (TypeError, ValueError, AttributeError):
        return False


def _details(text: str) -> Mapping[str, object]:
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError):
        return {"unreadable": text}


def _hash(key: SealKey, before: str, row: AuditRow) -> str:
    fields = {
        "seq": row.seq,
        "at": row.at.isoformat() if row.at else "",  # a hand wrote no moment there
        "event": row.event,
        "request": row.request,
        "actor": row.actor,
        "detail": row.detail,
        "before": before,
    }
    return seal(key, "audit", fields)
