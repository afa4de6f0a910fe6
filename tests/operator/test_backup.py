"""A backup is taken while the bot works, and goes back into an empty place only."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.operator.backup import BackupError, backup, restore
from bot.store import audit, database
from tests.approvals.harness import KEY, harness


def _url(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


async def test_a_copy_that_is_taken_while_somebody_writes_is_whole_and_its_audit_sound(tmp_path: Path) -> None:
    async with harness(tmp_path) as table:
        await table.filed()
        async with table.engine.connect() as writing:
            await writing.execute(text("UPDATE clock SET id = 1"))  # not yet stored, and the lock is held
            backup(str(table.engine.url), tmp_path / "copy")
            await writing.rollback()
    restore(_url(tmp_path / "again" / "bot.sqlite3"), tmp_path / "copy")
    engine = await database.open_database(_url(tmp_path / "again" / "bot.sqlite3"))
    report = await audit.check(engine, KEY)
    assert (report.sound, report.rows > 0) == (True, True)
    await engine.dispose()


async def test_only_the_operator_may_read_a_copy(tmp_path: Path) -> None:
    async with harness(tmp_path) as table:
        backup(str(table.engine.url), tmp_path / "copy")
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600


async def test_nothing_that_is_there_is_written_over(tmp_path: Path) -> None:
    async with harness(tmp_path) as table:
        (tmp_path / "copy").write_text("something else")
        with pytest.raises(BackupError, match="is there already"):
            backup(str(table.engine.url), tmp_path / "copy")
        with pytest.raises(BackupError, match="is there already"):
            restore(str(table.engine.url), tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "something else"


@pytest.mark.parametrize(
    ("content", "why"), [(None, "is no file"), ("no database at all, only text" * 99, "can't be read")]
)
def test_what_is_no_backup_is_told_and_leaves_nothing_behind(tmp_path: Path, content: str | None, why: str) -> None:
    if content:
        (tmp_path / "copy").write_text(content)
    with pytest.raises(BackupError, match=why):
        restore(_url(tmp_path / "place" / "bot.sqlite3"), tmp_path / "copy")
    assert [*tmp_path.rglob("bot.sqlite3*")] == []
