"""Which requests: what is due, what is open, what has changed. Each reads by an index what it answers, and no more."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select

from bot.store.records import OPEN, State
from bot.store.tables import RequestRow

Rows = Select[RequestRow]


def in_states(*states: State) -> Rows:
    """All that stand there, the oldest first."""
    return select(RequestRow).where(_stands(*states)).order_by(RequestRow.number)


def due(now: datetime, unverified_since: datetime, *, remind: bool, most: int) -> Rows:
    """What has expired, consent that nobody has looked at since then, and with `remind` what is to be reminded of."""
    waiting = RequestRow.state == State.WAITING.value
    expired = and_(waiting, RequestRow.expires_at <= now)
    given_up = and_(RequestRow.state == State.CONSENTING.value, RequestRow.changed_at <= unverified_since)
    reminded = (RequestRow.remind_at <= now,) if remind else ()
    numbers = select(RequestRow.number).where(or_(expired, given_up, *reminded)).limit(most)
    return select(RequestRow).where(RequestRow.number.in_(numbers)).order_by(RequestRow.number)


def open_after(number: int, most: int) -> Rows:
    """The oldest that are open, of those with a higher number."""
    numbers = select(RequestRow.number).where(is_open(), RequestRow.number > number)
    chosen = RequestRow.number.in_(numbers.order_by(RequestRow.number).limit(most))
    return select(RequestRow).where(chosen).order_by(RequestRow.number)


def changed(since: datetime, before: int, most: int) -> Rows:
    """What changed last; `before`: only what changed earlier than the request of this number (0: all)."""
    chosen = select(RequestRow).where(RequestRow.changed_at >= since)
    if before:
        then = select(RequestRow.changed_at).where(RequestRow.number == before).scalar_subquery()
        earlier = or_(RequestRow.changed_at < then, RequestRow.number < before)  # two may have changed in one moment
        chosen = chosen.where(RequestRow.changed_at <= then, earlier)
    return chosen.order_by(RequestRow.changed_at.desc(), RequestRow.number.desc()).limit(most)


def is_open() -> ColumnElement[bool]:
    """The state is one of OPEN."""
    return _stands(*OPEN)


def _stands(*states: State) -> ColumnElement[bool]:
    return RequestRow.state.in_([state.value for state in states])
