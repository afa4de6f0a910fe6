"""Opens the database: an SQLite file of mode 0600, and never another one in its place."""

import asyncio
import fcntl
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, event, inspect, select, text, update
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, NoResultFound, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from bot.chat.deadlines import PRESS_UNTIL
from bot.store.sessions import LEAST_PATIENCE, reading, writing
from bot.store.tables import (
    APPEND_ONLY_SQLITE,
    LONG_AGO,
    NOT_FROZEN,
    Base,
    ClockRow,
    FreezeRow,
    PersonalChat,
    TenantRow,
)


class Unfit(ValueError):
    """No database to work on here; the text says why and what to do."""


class AnotherWorker(Unfit):
    """Another process works on this database."""

    def __init__(self) -> None:
        super().__init__("another process works on this database; end that one first")


@contextmanager
def only_worker(url: str) -> Iterator[None]:
    """Lock the database's file itself, whatever name leads to it. Raises AnotherWorker when somebody else holds it.

    This is flock; SQLite's own locks are those of fcntl, and on Linux neither kind sees the other. But when a process
    closes any descriptor of a file, it loses all locks of fcntl on it, SQLite's too: so hold this longer than the
    engine. A database on a server has no file; leases come with the support of several instances.
    """
    path = prepared_file(url)
    if path is None:
        yield
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AnotherWorker from None
        yield
    finally:
        os.close(descriptor)


PATIENCE = 5.0  # seconds that a lock of another program is waited for
MOUNTS = Path("/proc/self/mounts")
# What is mounted from another machine: sshfs, s3fs, blobfuse and their like are programs of FUSE.
_SHARE = re.compile(r"9p|afs|beegfs|ceph|cifs|glusterfs|gpfs|lustre|nfs4?|smb3|smbfs|fuse\.(?!fuse-overlayfs|lxcfs).*")
HEAD = "0013"  # the newest migration; a test compares it with the folder


class NetworkShare(Unfit):
    """The file lies on another machine, whose locks hold nobody off, and WAL needs memory that is shared."""

    def __init__(self) -> None:
        super().__init__("it lies on a network share, where SQLite loses data; name a file on this machine's own disk")


class NewerDatabase(Unfit):
    """A later version of the bot has changed its shape."""

    def __init__(self) -> None:
        super().__init__("the database is of a newer version of the bot; start that version, or restore a backup")


class Replaced(SQLAlchemyError):
    """The file was deleted, or another one stands in its place: what is written to the old one is lost."""


async def open_database(url: str) -> AsyncEngine:
    """The engine, its tables in today's shape.

    Raises SQLAlchemyError or OSError when it can't be used, NewerDatabase when this version can't read it.
    """
    path = prepared_file(url)
    engine = create_async_engine(url, connect_args={"factory": _Ending} if path else {})
    if path:
        event.listen(engine.sync_engine, "connect", _harden_sqlite)
        event.listen(engine.sync_engine, "checkout", _be_patient)
        _stay_on(engine, path)
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


async def revision(engine: AsyncEngine) -> str | None:
    """Of which version its tables are; None where there are none of the bot's."""
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_revision)
    except DatabaseError:
        return None


async def tenant_of(engine: AsyncEngine) -> str | None:
    """Of which tenant it is: as kept, else that of anybody's chat; None for a new one. Raises StoreUnavailable."""
    async with reading(async_sessionmaker(engine)) as session:
        return await _kept_tenant(session) or await session.scalar(select(PersonalChat.tenant_id).limit(1))


async def keep_tenant(engine: AsyncEngine, tenant_id: str) -> None:
    """From now on it is of this one; one that is kept stays. Raises StoreUnavailable."""
    sessions = async_sessionmaker(engine)
    async with reading(sessions) as session:
        if await _kept_tenant(session):
            return
    async with writing(sessions) as session:
        await session.execute(insert(TenantRow).values(one=1, tenant_id=tenant_id).on_conflict_do_nothing())


async def _kept_tenant(session: AsyncSession) -> str | None:
    found: str | None = await session.scalar(select(TenantRow.tenant_id))
    return found


async def check_writing(engine: AsyncEngine) -> None:
    """Write and store what changes nothing in the end. Raises StoreUnavailable.

    Reads go on while somebody holds the lock; a write that is taken back never reaches a disk that is full, and neither
    does one of the value that is there already.
    """
    async with writing(async_sessionmaker(engine)) as session:
        for there, then in ((1, 0), (0, 1)):
            moved = update(ClockRow).where(ClockRow.id == there).values(id=then).returning(ClockRow.id)
            if await session.scalar(moved) is None:
                raise NoResultFound


def prepared_file(url: str) -> Path | None:
    """The database's file, there and closed to others; None for a database on a server.

    Raises OSError, for a folder too: nobody's folder is closed to others by a slip in a setting; NetworkShare.
    """
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite" or not parts.database:
        return None
    path = Path(parts.database).absolute()
    if path.is_dir():
        raise IsADirectoryError
    if on_network_share(path):
        raise NetworkShare
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)  # SQLite gives its -wal and -shm files the same mode
    return path


class _Ending(sqlite3.Connection):
    """What it began ends with it.

    A write that is cancelled has its connection closed, and SQLite keeps a closed one, with the lock, as long as any
    cursor of it is somewhere: until memory is looked through, which may take minutes, nobody could write.
    """

    def close(self) -> None:
        """Take back what was not stored, then close; what fails, or is closed already, is closed all the same."""
        with suppress(sqlite3.Error):
            self.rollback()
        super().close()


def on_network_share(path: Path) -> bool:
    """As the system says of what is mounted there, wherever links lead; False where it says nothing."""
    place, found = path.resolve(), ("", "")
    try:
        mounts = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return False
    for line in mounts:
        _device, where, kind, *_ = line.split(" ")
        where = re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), where)  # a blank in a name
        if place.is_relative_to(where) and len(where) >= len(found[0]):
            found = where, kind
    return bool(_SHARE.fullmatch(found[1]))


def _stay_on(engine: AsyncEngine, path: Path) -> None:
    """Nothing is read or written once the path leads to another file, and none is made where there is none."""
    opened = _identity(path)

    def check(*_: object) -> None:
        if _identity(path) != opened:
            raise Replaced

    def connect(_dialect: object, _entry: object, arguments: list[object], options: dict[str, object]) -> None:
        """On its own SQLite makes a new, empty file of one that goes away between this look and its opening."""
        check()
        arguments[0], options["uri"] = f"{path.as_uri()}?mode=rw", True

    event.listen(engine.sync_engine, "do_connect", connect)
    event.listen(engine.sync_engine, "checkout", check)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _harden_sqlite(connection: object, _entry: ConnectionPoolEntry) -> None:
    """One that can't be prepared is closed here: the pool has not yet taken it and would leave it open."""
    cursor = connection.cursor()  # type: ignore[attr-defined]  # the driver's connection has no public type
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON", _busy(PATIENCE)):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
    except BaseException:
        connection.close()  # type: ignore[attr-defined]
        raise


def _be_patient(connection: object, entry: ConnectionPoolEntry, _proxy: object) -> None:
    """A lock is waited for as long as whoever asks may wait."""
    until, before = PRESS_UNTIL.get(), entry.info.get("patience", PATIENCE)
    seconds = PATIENCE if until is None else max(LEAST_PATIENCE, until - asyncio.get_running_loop().time())
    if seconds != before:
        cursor = connection.cursor()  # type: ignore[attr-defined]  # as above
        cursor.execute(f"PRAGMA {_busy(seconds)}")
        cursor.close()
        entry.info["patience"] = seconds


def _busy(seconds: float) -> str:
    return f"busy_timeout={int(seconds * 1000)}"


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
    for statement in _shape(connection.dialect.name):
        connection.exec_driver_sql(statement)
    for first in (insert(FreezeRow).values(**NOT_FROZEN), insert(ClockRow).values(**LONG_AGO)):
        connection.execute(first.on_conflict_do_nothing())
    connection.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:head) ON CONFLICT DO NOTHING"), {"head": HEAD})


@cache
def _shape(backend: str) -> tuple[str, ...]:
    """What makes today's tables, where they are not there."""
    dialect = registry.load(backend)()
    tables = Base.metadata.sorted_tables
    made: list[ExecutableDDLElement] = [CreateTable(table, if_not_exists=True) for table in tables]
    made += [CreateIndex(index, if_not_exists=True) for table in tables for index in table.indexes]
    statements = [str(one.compile(dialect=dialect)) for one in made]
    return (*statements, *(APPEND_ONLY_SQLITE if backend == "sqlite" else ()))


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
