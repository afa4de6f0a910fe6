"""The database: the right shape from the first start on, closed to others on the same machine."""

import asyncio
import contextlib
import stat
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.approvals.plan import Plan
from bot.store import database
from tests.approvals.harness import ARNE, consent_plan, harness


def _url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder}/kept/bot.sqlite3"


def _shape(connection: Connection) -> object:
    """Tables with all that guards them, triggers, and the rows that are there from the start."""
    look = inspect(connection)
    tables = {
        name: (
            [(str(one["name"]), str(one["type"]), one["nullable"]) for one in look.get_columns(name)],
            look.get_pk_constraint(name),
            sorted(map(_index, look.get_indexes(name))),
            sorted(look.get_unique_constraints(name), key=str),
            look.get_foreign_keys(name),
        )
        for name in look.get_table_names()
        if name != "alembic_version"
    }
    triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"))
    first = [connection.execute(text(f"SELECT * FROM {name}")).all() for name in ("freeze", "clock", "alembic_version")]
    numbered = connection.execute(text("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%' ORDER BY name"))
    return tables, triggers.all(), first, numbered.all()


def _index(found: Mapping[str, Any]) -> str:
    """With the rows that it is of, which are no plain values."""
    of = {name: str(value) for name, value in found["dialect_options"].items()}
    return f"{found['name']} {found['column_names']} {found['unique']} {of}"


async def test_the_migrations_lead_to_the_very_shape_that_a_new_database_gets(tmp_path: Path) -> None:
    new = await database.open_database(_url(tmp_path))
    migrated = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/migrated.sqlite3")
    shapes = []
    for engine in (new, migrated):
        async with engine.begin() as connection:
            if engine is migrated:
                await connection.run_sync(database.migrate)
            shapes.append(await connection.run_sync(_shape))
        await engine.dispose()
    assert shapes[0] == shapes[1]


async def test_an_older_database_is_brought_up_to_date(tmp_path: Path) -> None:
    engine = await database.open_database(_url(tmp_path))
    async with engine.begin() as connection:
        for name in ("gaps", "votes", "questions", "welcomes", "heard", "promises", "tenant", "installs", "awaited"):
            await connection.execute(text(f"DROP TABLE {name}"))
        for name in ("state_expires_at", "requester", "remind_at"):
            await connection.execute(text(f"DROP INDEX ix_requests_{name}"))
        for name in ("decisions_approver", "audit_request"):
            await connection.execute(text(f"DROP INDEX ix_{name}"))
        await connection.execute(text("CREATE INDEX ix_requests_state ON requests (state)"))
        columns = "requests.erase_reason requests.remind_at cards.asked clock.told outbox.told personal_chats.language"
        for column in columns.split():
            await connection.execute(text("ALTER TABLE {} DROP COLUMN {}".format(*column.split("."))))
        await connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    await engine.dispose()
    engine = await database.open_database(_url(tmp_path))
    async with engine.connect() as connection:
        assert {"gaps", "votes", "questions", "welcomes"} <= set(
            await connection.run_sync(lambda one: inspect(one).get_table_names())
        )
    await engine.dispose()


async def test_a_database_of_a_newer_version_is_left_as_it_is(tmp_path: Path) -> None:
    engine = await database.open_database(_url(tmp_path))
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()
    for _ in range(2):
        with pytest.raises(database.NewerDatabase):
            await database.open_database(_url(tmp_path))


async def test_a_start_that_was_killed_while_it_made_the_database_is_made_good(tmp_path: Path) -> None:
    engine = await database.open_database(_url(tmp_path))
    async with engine.begin() as connection:
        whole = await connection.run_sync(_shape)
        for what in ("TABLE gaps", "TRIGGER audit_no_delete"):
            await connection.execute(text(f"DROP {what}"))
        for name in ("clock", "alembic_version"):
            await connection.execute(text(f"DELETE FROM {name}"))
    await engine.dispose()
    engine = await database.open_database(_url(tmp_path))
    async with engine.connect() as connection:
        assert await connection.run_sync(_shape) == whole
    await engine.dispose()


async def test_the_head_revision_is_the_newest_file() -> None:
    files = sorted((Path(database.__file__).parent / "migrations" / "versions").glob("v*.py"))
    assert files[-1].name.startswith(f"v{database.HEAD}_")


async def test_a_second_start_finds_the_shape_and_keeps_the_rows(tmp_path: Path) -> None:
    for expected in (0, 1):
        engine = await database.open_database(_url(tmp_path))
        async with engine.begin() as connection:
            count = (await connection.execute(text("SELECT count(*) FROM personal_chats"))).scalar_one()
            await connection.execute(
                text("INSERT INTO personal_chats VALUES (:t, :o, 'c', 's', 'b', '2026-11-23', '')"),
                {"t": "tenant", "o": f"person {count}"},
            )
        assert count == expected
        await engine.dispose()


async def test_only_the_operator_may_read_the_file(tmp_path: Path) -> None:
    engine = await database.open_database(_url(tmp_path))
    for file in (tmp_path / "kept").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    await engine.dispose()


async def test_a_folder_that_is_named_as_the_file_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir(mode=0o755)
    with pytest.raises(IsADirectoryError):
        await database.open_database(f"sqlite+aiosqlite:///{tmp_path}/kept")
    assert stat.S_IMODE((tmp_path / "kept").stat().st_mode) == 0o755


async def test_a_file_that_goes_away_while_it_is_opened_is_not_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await database.open_database(_url(tmp_path))
    await engine.dispose()
    file, look = tmp_path / "kept/bot.sqlite3", database._identity

    def look_and_lose(path: Path) -> tuple[int, int] | None:
        seen = look(path)
        file.unlink()
        return seen

    monkeypatch.setattr(database, "_identity", look_and_lose)
    with pytest.raises(OperationalError):
        await engine.connect()
    assert not file.exists()
    while any("_connection_worker" in thread.name for thread in threading.enumerate()):  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0)  # the driver's thread ends by itself, and speaks to the loop once more


async def test_sqlite_survives_a_power_cut(tmp_path: Path) -> None:
    engine = await database.open_database(_url(tmp_path))
    async with engine.connect() as connection:
        assert (await connection.execute(text("PRAGMA journal_mode"))).scalar_one() == "wal"
        assert (await connection.execute(text("PRAGMA synchronous"))).scalar_one() == 2  # FULL
    await engine.dispose()


async def test_what_waits_in_an_older_database_is_reminded_of_as_before(tmp_path: Path) -> None:
    async with harness(tmp_path) as table:
        fresh, reminded, ended = [await table.filed(_plan(n), ARNE) for n in range(3)]
        await table.press(ended)
        async with table.engine.begin() as connection:
            await connection.run_sync(_older)
            again = {"n": reminded.number}
            await connection.execute(text("UPDATE requests SET reminded = 1 WHERE number = :n"), again)
        time = table.time
    async with harness(tmp_path, time=time) as table:
        time.pass_by(hours=7)
        await table.sweep()
        assert [(await table.now(one)).reminded for one in (fresh, reminded, ended)] == [1, 1, 0]
        time.pass_by(hours=16, minutes=30)  # 08:30: three quarters are over, and people are at work
        await table.sweep()
        assert [(await table.now(one)).reminded for one in (fresh, reminded, ended)] == [2, 2, 0]


def _older(connection: Connection) -> None:
    """As version 0004 had it."""
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.downgrade(config, "0004")


def _plan(number: int) -> Plan:
    return consent_plan().model_copy(update={"object_key": f"thing {number}"})


@pytest.mark.parametrize(
    ("kind", "is_share"),
    [
        *[(one, True) for one in ("nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "fuse.sshfs", "fuse.blobfuse2")],
        *[(one, False) for one in ("ext4", "xfs", "btrfs", "zfs", "overlay", "tmpfs", "fuse.fuse-overlayfs")],
    ],
)
@pytest.mark.parametrize("folder", ["data", "data of the bot", "a link"])
def test_a_file_on_a_network_share_is_refused_whatever_its_folder_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, folder: str, *, is_share: bool
) -> None:
    there = tmp_path / ("elsewhere" if folder == "a link" else folder)
    there.mkdir()
    if folder == "a link":
        (tmp_path / folder).symlink_to(there)
    table = tmp_path / "mounts"
    where = str(there).replace(" ", "\\040")
    table.write_text(f"/dev/a / ext4 rw 0 0\n/dev/b {tmp_path} nfs4 rw 0 0\n/dev/c {where} {kind} rw 0 0\n")
    monkeypatch.setattr(database, "MOUNTS", table)
    refused = pytest.raises(database.Unfit, match="network share") if is_share else contextlib.nullcontext()
    with refused:
        database.prepared_file(f"sqlite+aiosqlite:///{tmp_path}/{folder}/bot.sqlite3")
    assert (there / "bot.sqlite3").exists() is not is_share


def test_where_the_system_does_not_say_what_is_mounted_nothing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "MOUNTS", tmp_path / "none")
    assert database.prepared_file(_url(tmp_path)) == tmp_path / "kept/bot.sqlite3"
