"""The audit: an edited, removed or swapped row is found, and a cut tail by the head that was noted before."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.store import audit
from bot.store.database import open_database
from bot.store.records import Event
from bot.store.seal import SealKey, seal
from bot.store.tables import AuditRow

KEY = SealKey(b"a key of thirty-two bytes or so!")
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ROWS = 20
COLUMNS = ("at", "event", "request", "actor", "detail", "hash")


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """Twenty rows."""
    made = await open_database(f"sqlite+aiosqlite:///{tmp_path}/bot.sqlite3")
    for number in range(ROWS):
        await _append(made, number)
    yield made
    await made.dispose()


async def _append(engine: AsyncEngine, number: int) -> str:
    async with AsyncSession(engine) as session, session.begin():
        await session.execute(text("UPDATE clock SET id = 1"))
        at = AT + timedelta(seconds=number)
        return await audit.append(session, KEY, Event.INTENT, "bot", at, number, {"step": number, "state": "running"})


async def _by_hand(engine: AsyncEngine, *statements: str) -> None:
    """Somebody who can write to the file can drop the triggers too."""
    async with engine.begin() as connection:
        for trigger in ("audit_no_update", "audit_no_delete"):
            await connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger}"))
        for statement in statements:
            await connection.execute(text(statement))


async def test_an_untouched_chain_is_sound_and_has_its_head(engine: AsyncEngine) -> None:
    report = await audit.check(engine, KEY)
    assert (report.sound, report.rows, report.broken, report.head) == (True, ROWS, None, await audit.head(engine))
    assert (await audit.check(engine, KEY, report.head)).sound


async def test_a_head_noted_earlier_is_found_in_a_chain_that_has_grown(engine: AsyncEngine) -> None:
    noted = await audit.head(engine)
    await _append(engine, ROWS)
    assert (await audit.check(engine, KEY, noted)).sound


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x' WHERE seq = 3", "DELETE FROM audit WHERE seq = 3"])
async def test_the_database_itself_refuses_to_change_a_row(engine: AsyncEngine, statement: str) -> None:
    async with engine.connect() as connection:
        with pytest.raises(IntegrityError, match="append-only"):
            await connection.execute(text(statement))


async def test_T39_two_hundred_tamperings_are_found_at_their_first_row(engine: AsyncEngine) -> None:  # noqa: N802
    chance = random.Random(39)
    head = await audit.head(engine)
    for _ in range(200):
        row, kind = chance.randint(1, ROWS), chance.choice(("edit", "remove", "swap", "cut"))
        first = row
        async with engine.connect() as connection:
            for trigger in ("audit_no_update", "audit_no_delete"):
                await connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger}"))
            await connection.execute(text("CREATE TEMP TABLE kept AS SELECT * FROM audit"))
            await connection.commit()
            if kind == "edit":
                column = chance.choice(COLUMNS)
                changed = {"at": "'2026-11-24 09:00:00.000000'", "request": "77"}.get(column, f"{column} || 'x'")
                await connection.execute(text(f"UPDATE audit SET {column} = {changed} WHERE seq = {row}"))
            elif kind == "remove":
                row = first = min(row, ROWS - 1)
                await connection.execute(text(f"DELETE FROM audit WHERE seq = {row}"))
            elif kind == "swap":
                other = row % ROWS + 1
                first = min(row, other)
                for old, new in ((row, -1), (other, row), (-1, other)):
                    await connection.execute(text(f"UPDATE audit SET seq = {new} WHERE seq = {old}"))
            else:
                await connection.execute(text(f"DELETE FROM audit WHERE seq >= {row}"))
            await connection.commit()
            report = await audit.check(engine, KEY, head)
            assert not report.sound, (kind, row)
            assert report.cut if kind == "cut" else report.broken == first, (kind, row)
            await connection.execute(text("DELETE FROM audit"))
            await connection.execute(text("INSERT INTO audit SELECT * FROM kept"))
            await connection.execute(text("DROP TABLE kept"))
            await connection.commit()
    assert (await audit.check(engine, KEY, head)).sound


@pytest.mark.parametrize("size", [1, 7, ROWS, ROWS + 1])
async def test_a_check_in_slices_finds_the_same_as_one_of_all_rows(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(audit, "SLICE", size)
    head = await audit.head(engine)
    assert await audit.check(engine, KEY, head) == audit.Report(ROWS, head, broken=None, cut=False)
    await _by_hand(engine, "UPDATE audit SET actor = 'x' WHERE seq = 14")
    report = await audit.check(engine, KEY, head)
    assert (report.rows, report.broken, report.cut) == (13, 14, True)


async def test_rows_that_are_written_during_a_check_are_checked_too(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "SLICE", 5)
    sliced = audit._slice

    async def others_write(database: AsyncEngine, after: int) -> object:
        if after == 10:
            await _append(engine, ROWS)
        return await sliced(database, after)

    monkeypatch.setattr(audit, "_slice", others_write)
    assert (await audit.check(engine, KEY)).rows == ROWS + 1


@pytest.mark.parametrize("seq", [0, -3])
async def test_T39_a_row_before_the_first_one_is_found(engine: AsyncEngine, seq: int) -> None:  # noqa: N802
    await _by_hand(
        engine, f"INSERT INTO audit SELECT {seq}, at, event, request, actor, detail, hash FROM audit WHERE seq = 3"
    )
    assert (await audit.check(engine, KEY)).broken == 1


async def test_T39_a_chain_written_anew_without_the_key_is_broken_from_its_first_row(engine: AsyncEngine) -> None:  # noqa: N802
    wrong = seal(SealKey(b"another key"), "audit", {"seq": 1})
    await _by_hand(engine, f"UPDATE audit SET actor = 'x', hash = '{wrong}' WHERE seq = 1")
    assert (await audit.check(engine, KEY)).broken == 1
    assert (await audit.check(engine, SealKey(b"another key"))).broken == 1


async def test_T39_a_cut_tail_is_invisible_without_a_head_and_found_with_one(engine: AsyncEngine) -> None:  # noqa: N802
    head = await audit.head(engine)
    await _by_hand(engine, "DELETE FROM audit WHERE seq > 15")
    assert (await audit.check(engine, KEY)).sound
    report = await audit.check(engine, KEY, head)
    assert (report.cut, report.broken, report.rows) == (True, None, 15)


async def test_rows_are_given_out_from_a_moment_on(engine: AsyncEngine) -> None:
    found = await audit.entries(engine, AT + timedelta(seconds=17))
    assert [(one.seq, one.event, one.detail["step"]) for one in found] == [
        (18, "intent", 17),
        (19, "intent", 18),
        (20, "intent", 19),
    ]


async def _forked(engine: AsyncEngine, folder: Path, *, kept: int) -> None:
    """Rows from another life of the same database, such as a restored backup's, in the places after `kept`."""
    other = await open_database(f"sqlite+aiosqlite:///{folder}/other.sqlite3")
    for number in range(ROWS):
        await _append(other, number if number < kept else number + 100)
    await other.dispose()
    async with engine.connect() as connection:
        await connection.execute(text(f"ATTACH '{folder}/other.sqlite3' AS other"))
        for trigger in ("audit_no_update", "audit_no_delete"):
            await connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger}"))
        await connection.execute(text(f"DELETE FROM audit WHERE seq > {kept + 1}"))
        await connection.execute(text(f"INSERT INTO audit SELECT * FROM other.audit WHERE seq > {kept + 1}"))
        await connection.commit()


async def test_T39_rows_of_another_life_that_were_put_in_their_places_are_found(  # noqa: N802
    engine: AsyncEngine, tmp_path: Path
) -> None:
    await _forked(engine, tmp_path, kept=5)
    report = await audit.check(engine, KEY)
    assert (report.broken, report.rows) == (7, 6)


async def test_T39_a_gap_in_the_numbers_is_found_even_where_each_row_follows_the_one_before(  # noqa: N802
    engine: AsyncEngine,
) -> None:
    async with AsyncSession(engine) as session, session.begin():
        await session.execute(text("UPDATE clock SET id = 1"))
        last = await session.scalar(select(AuditRow).order_by(AuditRow.seq.desc()).limit(1))
        assert last is not None
        row = AuditRow(seq=ROWS + 2, at=AT, event="intent", request=1, actor="bot", detail="{}")
        row.hash = audit._hash(KEY, last.hash, row)
        session.add(row)
    assert (await audit.check(engine, KEY)).broken == ROWS + 1


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE audit SET actor = 'x' WHERE seq = {ROWS}",
        f"UPDATE audit SET hash = 'x' WHERE seq = {ROWS - 1}",
        f"DELETE FROM audit WHERE seq = {ROWS - 1}",
    ],
)
async def test_T36_a_newest_row_that_does_not_follow_the_one_before_is_noticed(  # noqa: N802
    engine: AsyncEngine, statement: str
) -> None:
    assert await audit.newest_is_sound(engine, KEY)
    assert not await audit.newest_is_sound(engine, SealKey(b"another key of thirty-two bytes!"))
    await _by_hand(engine, statement)
    assert not await audit.newest_is_sound(engine, KEY)


async def test_an_empty_audit_is_sound(tmp_path: Path) -> None:
    made = await open_database(f"sqlite+aiosqlite:///{tmp_path}/empty.sqlite3")
    assert await audit.newest_is_sound(made, KEY)
    await made.dispose()


NEW = SealKey(b"the key of after, of thirty-two b", (KEY.secret,))


async def _note(engine: AsyncEngine, key: SealKey) -> None:
    async with AsyncSession(engine) as session, session.begin():
        await session.execute(text("UPDATE clock SET id = 1"))
        await audit.append(session, key, Event.INTENT, "bot", AT, 1, {})


async def test_a_chain_goes_on_under_a_new_key_and_both_are_walked(engine: AsyncEngine) -> None:
    assert (await audit.check(engine, NEW)).sound
    await _note(engine, NEW)
    report = await audit.check(engine, NEW)
    assert (report.sound, report.rows) == (True, ROWS + 1)
    assert (await audit.newest_is_sound(engine, NEW), await audit.oldest_is_sound(engine, NEW)) == (True, True)
    assert (await audit.check(engine, SealKey(NEW.secret))).broken == 1
    assert not await audit.oldest_is_sound(engine, SealKey(NEW.secret))
    assert (await audit.check(engine, KEY)).broken == ROWS + 1


async def test_T39_an_earlier_key_adds_nothing_once_the_new_one_has_sealed(engine: AsyncEngine) -> None:  # noqa: N802
    await _note(engine, NEW)
    await _note(engine, KEY)
    assert (await audit.check(engine, NEW)).broken == ROWS + 2


async def test_an_edited_row_of_the_key_before_is_found_under_the_new_one(engine: AsyncEngine) -> None:
    await _note(engine, NEW)
    await _by_hand(engine, "UPDATE audit SET actor = 'x' WHERE seq = 3")
    assert (await audit.check(engine, NEW)).broken == 3
