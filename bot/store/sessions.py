"""Sessions on the database: the one place where its errors become the bot's own."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.chat.deadlines import PRESS_UNTIL
from bot.errors import StoreUnavailable

log = logging.getLogger(__name__)

LEAST_PATIENCE = 0.25  # seconds, of a press whose time is over: whatever is no trouble takes less

Sessions = async_sessionmaker[AsyncSession]


class Collided(StoreUnavailable):
    """A constraint refused it: somebody else wrote the same a moment ago. Nothing has changed."""


@asynccontextmanager
async def reading(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """One look. Raises StoreUnavailable."""
    with _translated():
        async with sessions() as session:
            await _connect(session)
            yield session


@asynccontextmanager
async def writing(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """One transaction, stored when this is left without an error. Raises StoreUnavailable, also Collided."""
    with _translated():
        async with sessions.begin() as session:
            await _connect(session)
            yield session


async def _connect(session: AsyncSession) -> None:
    """For a press, wait for a connection no longer than it may take. Nothing was sent yet, so nothing has changed."""
    if (until := PRESS_UNTIL.get()) is None:
        return
    try:
        async with asyncio.timeout_at(max(until, asyncio.get_running_loop().time() + LEAST_PATIENCE)):
            await session.connection()
    except TimeoutError:
        raise StoreUnavailable("no connection in time") from None


def name_of(error: SQLAlchemyError) -> str:
    """SQLite's name without what is added to it (SQLITE_BUSY), else SQLAlchemy's. Never the text: it has values."""
    name = getattr(error.orig, "sqlite_errorname", None) if isinstance(error, DBAPIError) else None
    return "_".join(str(name).split("_")[:2]) if name else type(error).__name__


@contextmanager
def _translated() -> Iterator[None]:
    """The driver's errors and all others, such as a pool that has nothing left, or a row gone that must be there."""
    try:
        yield
    except IntegrityError as error:
        raise Collided(name_of(error)) from None
    except SQLAlchemyError as error:
        log.warning("the database: %s", name_of(error))
        raise StoreUnavailable(name_of(error)) from None
