"""Rows that a hand or another version made unreadable: told in the log, and no reason to stop the others."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

from sqlalchemy.types import TypeDecorator, TypeEngine

from bot.errors import Unreadable
from bot.store.tables import Base

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
