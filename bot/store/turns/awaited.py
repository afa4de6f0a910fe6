"""PCs of which their owners want to hear when they are ready: kept until that was told, or given up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot.reset_rules.facts import MOST_SHOWN
from bot.store.sessions import reading, writing
from bot.store.tables import AwaitedRow

KEPT = timedelta(days=180)
LOOK = timedelta(hours=1)  # between two looks at one person's PCs
LANGUAGE_LETTERS = 16
_TOLD = (AwaitedRow.object_id, AwaitedRow.device, AwaitedRow.language)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody, and the PCs that they wait for: the language to tell of each in, by its reference."""

    object_id: str
    devices: Mapping[str, str]


class Awaited:
    """Every method raises StoreUnavailable."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._sessions = async_sessionmaker(engine)
        self._now = now

    async def wait(self, object_id: str, device: str, language: str) -> bool:
        """Tell of it once. False for who waits for as many PCs as one look reads."""
        now, theirs = self._now(), select(AwaitedRow.device).where(AwaitedRow.object_id == object_id)
        row = {"object_id": object_id, "device": device, "language": language[:LANGUAGE_LETTERS], "at": now}
        async with writing(self._sessions) as session:
            known = {*await session.scalars(theirs)}
            if device not in known and len(known) >= MOST_SHOWN:
                return False
            added = insert(AwaitedRow).values(row | {"due_at": now + LOOK})
            await session.execute(added.on_conflict_do_nothing())
        return True

    async def due(self, most: int) -> list[Waiting]:
        """Who is to be looked at now, the longest waiting first; none of them again before an hour is over, whatever
        comes of this look. What was kept long enough is forgotten."""
        now = self._now()
        waiting = select(AwaitedRow.object_id).where(AwaitedRow.due_at <= now)
        first = waiting.order_by(AwaitedRow.due_at).limit(most)  # of their PCs; the rest of these people's come along
        async with reading(self._sessions) as session:  # mostly nobody is, and then nothing is written
            people = [*dict.fromkeys(await session.scalars(first))]
        if not people:
            return []
        theirs = AwaitedRow.object_id.in_(people)
        async with writing(self._sessions) as session:
            await session.execute(delete(AwaitedRow).where(AwaitedRow.at < now - KEPT))
            await session.execute(update(AwaitedRow).where(theirs).values(due_at=now + LOOK))
            rows = (await session.execute(select(*_TOLD).where(theirs))).all()
        devices = {one: {device: language for owner, device, language in rows if owner == one} for one in people}
        return [Waiting(one, found) for one, found in devices.items() if found]

    async def over(self, object_id: str, device: str) -> None:
        """They were told, or can't be."""
        this = AwaitedRow.object_id == object_id, AwaitedRow.device == device
        async with writing(self._sessions) as session:
            await session.execute(delete(AwaitedRow).where(*this))
