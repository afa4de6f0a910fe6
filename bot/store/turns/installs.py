"""Whom the bot gave its app, and who removed it: of those only the object id is kept, so that they are not given it
again."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from bot.store.sessions import reading, writing
from bot.store.tables import InstallRow

FRESH = timedelta(minutes=10)  # so long Teams may not know yet of what it was told


class InstallState(StrEnum):
    """`ASKED`: Graph was asked to give the app, or is about to be."""

    ASKED = "asked"
    INSTALLED = "installed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Install:
    """How it is with one person. `at`: when the bot asked or last saw it there; None once they removed it."""

    state: InstallState
    at: datetime | None


class Installs:
    """What the bot did itself. Every method raises StoreUnavailable."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._sessions = async_sessionmaker(engine)
        self._now = now

    async def of(self, object_id: str) -> Install | None:
        """None for somebody who neither was given the app nor removed it."""
        async with reading(self._sessions) as session:
            row = await session.get(InstallRow, object_id)
            return Install(InstallState(row.state), row.at) if row else None

    async def note(self, object_id: str, state: InstallState) -> None:
        """What was done for them; nothing where they have removed it meanwhile."""
        now = {"state": state.value, "at": self._now()}
        noted = insert(InstallRow).values(object_id=object_id, **now)
        unless = InstallRow.state != InstallState.REMOVED.value
        async with writing(self._sessions) as session:
            await session.execute(noted.on_conflict_do_update([InstallRow.object_id], set_=now, where=unless))

    async def refused(self, object_id: str) -> None:
        """They were not given it after all: who installs it by themselves is welcomed."""
        asked = InstallRow.object_id == object_id, InstallRow.state == InstallState.ASKED.value
        async with writing(self._sessions) as session:
            await session.execute(delete(InstallRow).where(*asked))

    async def removed(self, object_id: str) -> None:
        """They have it no more."""
        async with writing(self._sessions) as session:
            await removed(session, object_id)


async def removed(session: AsyncSession, object_id: str, before: datetime | None = None) -> None:
    """Nothing but that is kept. `before`: not where the bot gave it later than then."""
    now = {"state": InstallState.REMOVED.value, "at": None}
    noted = insert(InstallRow).values(object_id=object_id, **now)
    unless = or_(InstallRow.at.is_(None), InstallRow.at < before) if before else None
    await session.execute(noted.on_conflict_do_update([InstallRow.object_id], set_=now, where=unless))


async def given(session: AsyncSession, people: Collection[str]) -> set[str]:
    """Those whom the bot gave its app; who had removed it, and has it again, begins anew."""
    theirs = InstallRow.object_id.in_(people)
    gone = InstallRow.state == InstallState.REMOVED.value
    await session.execute(delete(InstallRow).where(theirs, gone))
    return set(await session.scalars(select(InstallRow.object_id).where(theirs)))


async def any_since(session: AsyncSession, moment: datetime) -> bool:
    """Did the bot give its app to anybody?"""
    return await session.scalar(select(InstallRow.object_id).where(InstallRow.at > moment).limit(1)) is not None
