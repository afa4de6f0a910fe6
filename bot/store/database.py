"""Opens the database: an SQLite file of mode 0600."""

from pathlib import Path

from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from bot.store.tables import APPEND_ONLY_SQLITE, LONG_AGO, NOT_FROZEN, Base, ClockRow, FreezeRow

HEAD = "0005"  # the newest migration; a test compares it with the folder


class NewerDatabase(ValueError):
    """A later version of the bot has changed its shape."""

    def __init__(self) -> None:
        super().__init__("the database is of a newer version of the bot; start that version, or restore a backup")


async def open_database(url: str) -> AsyncEngine:
    """The engine, its tables in today's shape.

    Raises SQLAlchemyError or OSError when it can't be used, NewerDatabase when this version can't read it.
    """
    _prepare_file(url)
    engine = create_async_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _harden_sqlite)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_bring_up_to_date)
    except BaseException:
        await engine.dispose()
        raise
    return engine


def open_to_read(url: str) -> AsyncEngine:
    """Only for looking: nothing is created, migrated or written. Raises FileNotFoundError when there is no file."""
    parts = make_url(url)
    path = Path(parts.database or "")
    if not path.is_file():
        raise FileNotFoundError
    return create_async_engine(parts.set(database=path.resolve().as_uri(), query={"mode": "ro", "uri": "true"}))


async def is_sound(engine: AsyncEngine) -> bool:
    """Is the file whole? Asked before work begins; bits that rot inside a row are found by the audit's chain only."""
    if engine.dialect.name != "sqlite":
        return True  # a server looks after its own files
    try:
        async with engine.connect() as connection:
            return bool((await connection.execute(text("PRAGMA quick_check"))).scalar_one() == "ok")
    except DatabaseError:
        return False


def _prepare_file(url: str) -> None:
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite" and parts.database and parts.database != ":memory:":
        path = Path(parts.database)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(0o600)  # SQLite gives its -wal and -shm files the same mode


def _harden_sqlite(connection: object, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]  # the driver's connection has no public type
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _bring_up_to_date(connection: Connection) -> None:
    revision = _revision(connection)
    if revision is None:
        _create(connection)
    elif revision > HEAD:
        raise NewerDatabase
    elif revision < HEAD:
        migrate(connection)


def _create(connection: Connection) -> None:
    """A new database gets today's shape at once. Killed in the middle, it is made again: the revision comes last."""
    Base.metadata.create_all(connection)
    if connection.dialect.name == "sqlite":
        for trigger in APPEND_ONLY_SQLITE:
            connection.execute(text(trigger))
    with Session(connection) as session:
        session.merge(FreezeRow(**NOT_FROZEN))
        session.merge(ClockRow(**LONG_AGO))
        session.commit()  # ours; the transaction around it goes on
    connection.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


def migrate(connection: Connection) -> None:
    """From an older shape to today's. Alembic takes half a second and 6 MB, so only who needs it imports it."""
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
