"""Messages that were acted on, kept so long that nobody can deliver one again after that."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot.store.sessions import writing
from bot.store.tables import HeardRow

# The door takes no token that lives longer than a day (bot.teams.botbuilder): what comes again later than that needs a
# new one, which only Teams has.
KEPT = timedelta(days=2)


class HeardMessages:
    """Raises StoreUnavailable; then nothing may be done."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._sessions = async_sessionmaker(engine)
        self._now = now

    async def first(self, conversation_id: str, activity_id: str) -> bool:
        """Is this message heard for the first time? From then on it is not."""
        now, key = self._now(), hashlib.sha256(f"{conversation_id}\n{activity_id}".encode()).hexdigest()
        noted = insert(HeardRow).values(key=key, at=now).on_conflict_do_nothing().returning(HeardRow.key)
        async with writing(self._sessions) as session:
            first = await session.scalar(noted) is not None
            await session.execute(delete(HeardRow).where(HeardRow.at < now - KEPT))
            return first
