"""A wall clock that is behind what the store has seen: told once, and set right by somebody's word.

Until then no time passes for requests: it stands at the latest moment seen. When the clock is vouched for, that moment
becomes the wall clock's `now`, and what lies after it is dated back by the difference, so that a request that was filed
meanwhile lives as long as any other. What had expired stays so: that is latched before (bot.approvals.upkeep).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import cast

from sqlalchemy import ColumnElement, CursorResult, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import audit, lists
from bot.store.outbox import enqueue
from bot.store.records import BOT, Audience, Event, Request, remind_at
from bot.store.rows import MOST_VARIABLES, decision_rows, requests_of
from bot.store.seal import SealKey, decision_seal, is_as_decided, is_as_filed, is_as_told, request_seal, state_seal
from bot.store.tables import ClockRow, DecisionRow, RequestRow


async def tick(session: AsyncSession, at: datetime) -> None:
    """The store has seen this moment."""
    await session.execute(update(ClockRow).where(ClockRow.id == 1, ClockRow.high_water < at).values(high_water=at))


async def behind(session: AsyncSession, key: SealKey, high_water: datetime, now: datetime) -> bool:
    """Tell approvers and write it down, once for this `high_water`; False when it was done already."""
    untold = or_(ClockRow.told.is_(None), ClockRow.told != high_water)
    if not await _swapped(session, high_water, {"told": high_water}, untold):
        return False
    enqueue(session, None, high_water.isoformat(), ((Event.CLOCK_BEHIND, Audience.APPROVERS),), now)
    await audit.append(session, key, Event.CLOCK_BEHIND, BOT, high_water, None, {"clock": now.isoformat()})
    return True


async def set_right(session: AsyncSession, key: SealKey, high_water: datetime, now: datetime, actor: str) -> bool:
    """Take `now` for the latest moment seen, and date back what is open; False when somebody did it meanwhile."""
    if not await _swapped(session, high_water, {"high_water": now, "told": None}):
        return False
    later = select(RequestRow).where(lists.is_open(), RequestRow.changed_at > now).order_by(RequestRow.number)
    left = iter((await session.scalars(later)).all())
    while some := list(islice(left, MOST_VARIABLES)):
        for row, sealed in await _dated_back(session, key, some, now, high_water - now):
            enqueue(session, row.number, f"{row.revision}.{row.reminded}", ((Event.CLOCK_SET, Audience.CARDS),), now)
            detail = {"revision": row.revision, "expires": row.expires_at.isoformat(), "seal": row.seal}
            detail["sealed"] = sealed
            await audit.append(session, key, Event.CLOCK_SET, actor, now, row.number, detail)
    enqueue(session, None, now.isoformat(), ((Event.CLOCK_SET, Audience.APPROVERS),), now)
    moments = {"from": high_water.isoformat(), "to": now.isoformat()}
    await audit.append(session, key, Event.CLOCK_SET, actor, now, None, moments)
    return True


async def _swapped(
    session: AsyncSession, high_water: datetime, values: dict[str, object], *only_if: ColumnElement[bool]
) -> bool:
    mark = update(ClockRow).where(ClockRow.id == 1, ClockRow.high_water == high_water, *only_if)
    return cast("CursorResult[object]", await session.execute(mark.values(**values))).rowcount == 1


async def _dated_back(
    session: AsyncSession, key: SealKey, rows: Sequence[RequestRow], now: datetime, ahead: timedelta
) -> list[tuple[RequestRow, str]]:
    """Those that were filed after `now`, with the seals of their states. What the bot did not store so itself keeps its
    dates, and so its broken seal."""
    verdicts = defaultdict[int, list[DecisionRow]](list)
    for verdict in await decision_rows(session, [row.number for row in rows]):
        verdicts[verdict.request].append(verdict)
    last, filed = await audit.last_events(session, key, [row.number for row in rows]), []
    for row, before in zip(rows, await requests_of(session, rows), strict=True):
        row.changed_at -= ahead
        last_told = last.get(before.number)
        stored = last_told is not None and is_as_told(key, before, last_told.event, last_told.detail)
        if row.created_at > now and stored and is_as_filed(key, before):
            _date_back(key, row, before, verdicts[row.number], ahead)
            filed.append((row, state_seal(key, replace(before, revision=row.revision))))
    return filed


def _date_back(
    key: SealKey, row: RequestRow, before: Request, verdicts: Iterable[DecisionRow], ahead: timedelta
) -> None:
    """The seals cover the expiry and the moments of the verdicts, so those that were good are made anew."""
    row.created_at -= ahead
    row.expires_at -= ahead
    row.remind_at = remind_at(row.created_at, row.expires_at, row.reminded) if row.remind_at else None
    row.revision += 1
    row.seal = request_seal(key, row.number, replace(before, expires_at=row.expires_at))
    after = replace(before, seal=row.seal)
    for verdict, was in zip(verdicts, before.decisions, strict=True):
        if is_as_decided(key, before, was):
            verdict.at -= ahead
            verdict.seal = decision_seal(key, after, replace(was, at=verdict.at))
