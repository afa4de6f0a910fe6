"""Requests in the database: a change of state is one compare-and-swap, with its audit row and what is to be told."""

import logging
from dataclasses import replace
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, CursorResult, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from bot.errors import StoreUnavailable, Unreadable
from bot.store import audit, clock, lists
from bot.store.outbox import enqueue
from bot.store.records import (
    HARMLESS,
    OPEN,
    Audience,
    Change,
    Event,
    Filing,
    Freeze,
    Note,
    Request,
    Snapshot,
    State,
    remind_at,
)
from bot.store.rows import decision_row, detail_of, freeze_of, new_row, request_of, requests_of, step_row
from bot.store.seal import SealKey, after, canonical, digest, is_as_told, nonce, request_seal, state_seal
from bot.store.sessions import Collided, reading, writing
from bot.store.tables import ClockRow, FreezeRow, RequestRow

log = logging.getLogger(__name__)

FILING_TRIES = 5
MOST_READ = 100  # requests at once, where nobody says how many


class Lost(Exception):
    """Somebody else changed the request first; look again and decide anew."""


class Frozen(Exception):
    """Nothing may be written right now."""


class Tampered(Exception):
    """The request is not as the bot stored it last: somebody has written to the database by hand."""


class ObjectBusy(Exception):
    """Another request for the same object is open. The argument: its number."""


class TooManyOpen(Exception):
    """The requester has no seat left."""


class Requests:
    """The only way to the tables of requests.

    Every method raises StoreUnavailable when the database does not work, and Unreadable where the one row that it is
    about can't be read.
    """

    def __init__(self, engine: AsyncEngine, key: SealKey) -> None:
        self._session = async_sessionmaker(engine)
        self._key = key
        self._distrusted = False

    def distrust(self) -> None:
        """The audit is not what the bot wrote. From now on no request counts as it was stored: none leads on."""
        self._distrusted = True

    async def snapshot(self, number: int) -> Snapshot:
        """The request, the freeze and the clock, read for one decision."""
        async with reading(self._session) as session:
            row = await session.get(RequestRow, number)
            seen = await session.get_one(ClockRow, 1)
            if seen.high_water is None:  # a hand wrote no moment there
                raise Unreadable("clock")
            request = await request_of(session, row) if row else None
            return Snapshot(request, await self._freeze(session), seen.high_water)

    async def as_stored(self, request: Request) -> bool:
        """Does it stand where the audit says that it was left, with the same words?"""
        async with reading(self._session) as session:
            return await self._as_stored(session, request)

    async def file(self, filing: Filing) -> Request:
        """Store a new request. Raises ObjectBusy, TooManyOpen, Frozen, or Lost when the one to supersede moved on."""
        for _ in range(FILING_TRIES):
            try:
                async with writing(self._session) as session:
                    return await self._file(session, filing)
            except Collided:  # lost the race for the object or the seat: look again who holds it
                continue
        raise StoreUnavailable("filing")

    async def commit(self, change: Change) -> str:
        """Store a change; returns the audit's new head. Raises Lost, Frozen for a change `unless_frozen`, and Tampered
        for one that leads on with a request which is not as it was stored."""
        try:
            async with writing(self._session) as session:
                await self._swap(session, change)
                if change.event not in HARMLESS and not await self._as_stored(session, change.of):
                    raise Tampered
                return await self._record(session, change)
        except Collided:
            raise Lost from None

    async def note(self, event: Event, actor: str, at: datetime, request: int | None, detail: dict[str, object]) -> str:
        """Only an audit row: a press that was refused, a look that changed nothing."""
        try:
            async with writing(self._session) as session:
                await clock.tick(session, at)
                return await audit.append(session, self._key, event, actor, at, request, detail)
        except Collided:
            raise Lost from None

    async def set_freeze(self, before: Freeze, *, frozen: bool, actor: str, reason: str, at: datetime) -> str:
        """Freeze or unfreeze, if nobody did meanwhile (Lost)."""
        event = Event.FROZEN if frozen else Event.UNFROZEN
        async with writing(self._session) as session:
            result = await session.execute(
                update(FreezeRow)
                .where(FreezeRow.id == 1, FreezeRow.revision == before.revision)
                .values(frozen=frozen, revision=before.revision + 1, actor=actor, reason=reason, at=at)
            )
            _one(cast("CursorResult[object]", result))
            await clock.tick(session, at)
            enqueue(session, None, str(before.revision + 1), ((event, Audience.WAITING),), at)
            return await audit.append(session, self._key, event, actor, at, None, {})

    async def in_states(self, *states: State) -> list[Request]:
        """All requests that stand there, oldest first."""
        return await self._all(lists.in_states(*states))

    async def due(self, now: datetime, unverified_since: datetime, *, remind: bool) -> list[Request]:
        """Some of those that time alone changes now (lists.due); when these are dealt with, the next ones."""
        return await self._all(lists.due(now, unverified_since, remind=remind, most=MOST_READ))

    async def open_after(self, number: int, most: int = MOST_READ) -> list[Request]:
        """What is open, the oldest first, of those with a higher number."""
        return await self._all(lists.open_after(number, most))

    async def open_of(self, person: str) -> list[Request]:
        """What one person has asked for and is still open; never more than a few."""
        return await self._all(lists.in_states(*OPEN).where(RequestRow.requester == person))

    async def requesters(self) -> frozenset[str]:
        """Everybody who asked for something that is open."""
        async with reading(self._session) as session:
            return frozenset(await session.scalars(select(RequestRow.requester).where(lists.is_open()).distinct()))

    async def count_open(self) -> int:
        """How many are open."""
        return await self._count(lists.is_open())

    async def count_by_state(self) -> dict[str, int]:
        """How many are open, by each state that is."""
        counted = (
            select(RequestRow.state, func.count().label("number")).where(lists.is_open()).group_by(RequestRow.state)
        )
        async with reading(self._session) as session:
            counts = {one.state: one.number for one in await session.execute(counted)}
        return {state.value: counts.get(state.value, 0) for state in sorted(OPEN)}

    async def since(self, moment: datetime, before: int = 0, most: int = MOST_READ) -> list[Request]:
        """What changed since then, the newest change first; `before`: only older ones than that request's."""
        return await self._all(lists.changed(moment, before, most))

    async def count_since(self, moment: datetime) -> int:
        """How many changed since then."""
        return await self._count(RequestRow.changed_at >= moment)

    async def clock_behind(self, high_water: datetime, now: datetime) -> bool:
        """Approvers are to be told that the wall clock shows `now`; False when they were told of this already."""
        async with writing(self._session) as session:
            return await clock.behind(session, self._key, high_water, now)

    async def set_clock(self, high_water: datetime, now: datetime, actor: str) -> None:
        """From `now` on time goes as the wall clock says: see bot.store.clock. Raises Lost when it was set already."""
        async with writing(self._session) as session:
            if not await clock.set_right(session, self._key, high_water, now, actor):
                raise Lost

    async def _file(self, session: AsyncSession, filing: Filing) -> Request:
        if filing.supersedes:
            await self._supersede(session, filing.supersedes, filing)
        row = new_row(filing, await _free_seat(session, filing))
        session.add(row)
        await session.flush()
        row.seal = request_seal(self._key, row.number, filing)
        row.nonce_hash = digest(nonce(self._key, row.number, filing.digest))
        if (await self._freeze(session)).frozen:
            raise Frozen
        await clock.tick(session, filing.at)
        request = await request_of(session, row)
        tell = ((Event.FILED, Audience.REQUESTER), (Event.FILED, Audience.APPROVERS))
        enqueue(session, row.number, "1", tell, filing.at)
        detail: dict[str, object] = {"kind": filing.kind, "digest": filing.digest, "needed": filing.needed}
        detail["sealed"] = state_seal(self._key, request)
        await audit.append(session, self._key, Event.FILED, filing.requester, filing.at, row.number, detail)
        return request

    async def _supersede(self, session: AsyncSession, old: Request, filing: Filing) -> None:
        tell = ((Event.SUPERSEDED, Audience.CARDS),)
        change = Change(old, Event.SUPERSEDED, filing.requester, filing.at, State.SUPERSEDED, tell=tell)
        await self._swap(session, change)
        await self._record(session, change)

    async def _swap(self, session: AsyncSession, change: Change) -> None:
        """The compare-and-swap. It is the first statement, so that SQLite locks before anything is read."""
        values: dict[str, object] = {
            "state": change.state.value,
            "revision": change.revision,
            "changed_at": change.at,
        }
        if change.state not in OPEN:
            values |= {"open_key": None, "seat": None}
            values["reason"] = case((RequestRow.erase_reason, ""), else_=RequestRow.reason)
        if change.note is not None:
            values |= {"note": change.note.value, "evidence": canonical(dict(change.evidence))}
        if change.state is not State.WAITING:
            values["remind_at"] = None
        if change.reminded is not None:
            of = change.of
            values |= {
                "reminded": change.reminded,
                "remind_at": remind_at(of.created_at, of.expires_at, change.reminded),
            }
        if change.retried:
            values["retries"] = change.of.retries + 1
        result = await session.execute(
            update(RequestRow)
            .where(
                RequestRow.number == change.of.number,
                RequestRow.state == change.of.state.value,
                RequestRow.revision == change.of.revision,
                RequestRow.reminded == change.of.reminded,
            )
            .values(**values)
        )
        _one(cast("CursorResult[object]", result))

    async def _record(self, session: AsyncSession, change: Change) -> str:
        if change.unless_frozen and (await self._freeze(session)).frozen:
            raise Frozen
        await clock.tick(session, change.at)
        number = change.of.number
        if change.step:
            await session.merge(step_row(number, change.step))
        serial = f"{change.revision}.{change.reminded or change.of.reminded}"
        if change.note is Note.TAMPERED:  # whose revision a hand may have set back to one that was told of before
            serial += f".{change.at.isoformat()}"
        enqueue(session, number, serial, change.tell, change.at)
        detail = detail_of(change)
        if change.event is not Event.REMINDED:  # which changes nothing, and is sent of anything that waits
            detail["sealed"] = state_seal(self._key, after(change))
        head = await audit.append(session, self._key, change.event, change.actor, change.at, number, detail)
        if change.decision:
            session.add(decision_row(number, change.decision, head))
        return head

    async def _as_stored(self, session: AsyncSession, request: Request) -> bool:
        last = (await audit.last_events(session, self._key, [request.number])).get(request.number)
        is_sealed = last is not None and is_as_told(self._key, request, last.event, last.detail)
        return is_sealed and not self._distrusted

    async def _freeze(self, session: AsyncSession) -> Freeze:
        """Frozen if the row says so, or the audit's last word about it: only a person lifts it, and no hand."""
        freeze = freeze_of(await session.get_one(FreezeRow, 1))
        last = await audit.last_freeze(session, self._key)
        lifted = last.event == Event.UNFROZEN if last else freeze.revision == 0
        return replace(freeze, frozen=freeze.frozen or not lifted)

    async def _all(self, chosen: lists.Rows) -> list[Request]:
        async with reading(self._session) as session:
            return await requests_of(session, (await session.scalars(chosen)).all())

    async def _count(self, which: ColumnElement[bool]) -> int:
        async with reading(self._session) as session:
            return await session.scalar(select(func.count()).select_from(RequestRow).where(which)) or 0


async def _free_seat(session: AsyncSession, filing: Filing) -> str:
    """Raises ObjectBusy or TooManyOpen. Two who ask at once may find the same seat free: the constraint decides."""
    busy = await session.scalar(select(RequestRow.number).where(RequestRow.open_key == filing.object_key))
    if busy is not None:
        raise ObjectBusy(busy)
    seats = [f"{filing.requester}/{n}" for n in range(filing.most_open)]
    taken = set(await session.scalars(select(RequestRow.seat).where(RequestRow.seat.in_(seats))))
    free = [seat for seat in seats if seat not in taken]
    if not free:
        raise TooManyOpen
    return free[0]


def _one(result: CursorResult[object]) -> None:
    if result.rowcount != 1:
        raise Lost
