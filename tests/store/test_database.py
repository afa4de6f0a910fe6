"""The database: the right shape from the first start on, closed to others on the same machine."""

import stat
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store import database
from bot.store.tables import Base


def _url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder}/kept/bot.sqlite3"


async def _columns(engine: AsyncEngine) -> dict[str, set[str]]:
    async with engine.connect() as connection:
        return await connection.run_sync(
            lambda plain: {
                name: {column["name"] for column in inspect(plain).get_columns(name)}
                for name in inspect(plain).get_table_names()
                if name != "alembic_version"
            }
        )


async def test_the_migrations_make_the_tables_that_the_code_expects(tmp_path: Path) -> None:
    engine = await database.open_database(_url(tmp_path))
    expected = {table.name: {column.name for column in table.columns} for table in Base.metadata.sorted_tables}
    assert await _columns(engine) == expected
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
                text("INSERT INTO personal_chats VALUES (:t, :o, 'c', 's', 'b', '2026-11-23')"),
                {"t": "tenant", "o": f"person {count}"},
            )
        assert count == expected
        await engine.dispose()


async def test_only_the_operator_may_read_the_file(tmp_path: Path) -> None:
    engine = await database.open_database(_url(tmp_path))
    for file in (tmp_path / "kept").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    await engine.dispose()


async def test_sqlite_survives_a_power_cut(tmp_path: Path) -> None:
    engine = await database.open_database(_url(tmp_path))
    async with engine.connect() as connection:
        assert (await connection.execute(text("PRAGMA journal_mode"))).scalar_one() == "wal"
        assert (await connection.execute(text("PRAGMA synchronous"))).scalar_one() == 2  # FULL
    await engine.dispose()
