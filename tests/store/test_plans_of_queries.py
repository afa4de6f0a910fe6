"""No look of the regular work reads a whole table: SQLite itself is asked how it finds what a statement wants."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.store import audit
from bot.store.questions import Questions
from bot.store.turns.awaited import Awaited
from tests.approvals.harness import ADA, KEY, MONDAY, Harness, harness
from tests.chat.asking import ask, at_table
from tests.store.test_lists import WORK

# What grows for good, or with the number of people. The others have one row, or what is under way.
GROWING = ("requests", "decisions", "steps", "cards", "audit", "questions", "personal_chats", "heard", "awaited")
_SCAN = re.compile(rf"SCAN ({'|'.join(GROWING)})(?! USING INDEX ix_questions_behind)")
_LAST_ROWS = re.compile(r"FROM audit ORDER BY audit.seq( DESC)?\s+LIMIT")  # an end of the table


async def _questions_due(table: Harness) -> None:
    await Questions(table.engine, lambda: MONDAY).due()


async def _oldest_questions(table: Harness) -> None:
    questions = Questions(table.engine, lambda: MONDAY)
    await questions.unanswered(10)
    await questions.count_unanswered()
    await questions.expire(MONDAY)


async def _awaited(table: Harness) -> None:
    await Awaited(table.engine, lambda: MONDAY).due(10)


async def _start(table: Harness) -> None:
    await audit.newest_is_sound(table.engine, KEY)
    await audit.oldest_is_sound(table.engine, KEY)
    await audit.head(table.engine)


DONE_OFTEN = WORK | {
    "questions due": _questions_due,
    "oldest questions": _oldest_questions,
    "awaited": _awaited,
    "start": _start,
    "request": lambda table: ask("request", at_table(table), {"number": "1"}, person=ADA),
}


@pytest.fixture
async def table(tmp_path: Path) -> AsyncIterator[Harness]:
    async with harness(tmp_path, most_open=100) as made:
        yield made


@contextmanager
def _noted(table: Harness) -> Iterator[list[tuple[str, Any]]]:
    said = list[tuple[str, Any]]()

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        said.append((statement, parameters))

    event.listen(table.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(table.engine.sync_engine, "before_cursor_execute", note)


async def _scans(table: Harness, said: list[tuple[str, Any]]) -> list[str]:
    """The statements that would go through a whole growing table."""
    found = []
    async with table.engine.connect() as connection:
        for statement, parameters in said:
            if not statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                continue
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            scans = (row.detail for row in plan if _SCAN.search(row.detail))
            found += [f"{scan}: {statement}" for scan in scans if not _LAST_ROWS.search(statement)]
    return found


@pytest.mark.parametrize("work", sorted(DONE_OFTEN))
async def test_nothing_that_is_done_often_reads_a_whole_table(table: Harness, work: str) -> None:
    await table.filed()
    with _noted(table) as said:
        await DONE_OFTEN[work](table)
    assert said
    assert await _scans(table, said) == []


async def test_freezes_are_found_among_a_million_rows_about_no_request(table: Harness) -> None:
    with _noted(table) as said:
        await table.store.snapshot(0)
    newest = next((statement, values) for statement, values in said if "max(audit.seq)" in statement)
    async with table.engine.connect() as connection:
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {newest[0]}", newest[1])
        assert [row.detail.partition(" (")[0] for row in plan] == ["SEARCH audit USING INDEX ix_audit_freezes"]
