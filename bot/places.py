"""Where the bot may speak unasked: the personal chat of each person who installed it."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot.store.sessions import reading, writing
from bot.store.tables import PersonalChat
from bot.turn import Person, Place, PlaceKind


class Places:
    """Learnt at install, forgotten at removal; a plain turn neither reads nor writes here. Raises StoreUnavailable."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._session = async_sessionmaker(engine)
        self._now = now

    async def learn(self, person: Person, place: Place) -> bool:
        """Keep the personal chat of a person; False when it was known already (no second welcome then)."""
        async with writing(self._session) as session:
            known = await session.get(PersonalChat, (person.tenant_id, person.object_id))
            await session.merge(
                PersonalChat(
                    tenant_id=person.tenant_id,
                    object_id=person.object_id,
                    conversation_id=place.conversation_id,
                    service_url=place.service_url,
                    bot_id=place.bot_id,
                    learnt_at=self._now(),
                )
            )
        return known is None

    async def forget(self, person: Person) -> None:
        """Erase what is kept of a person who removed the bot."""
        async with writing(self._session) as session:
            await session.execute(
                delete(PersonalChat).where(
                    PersonalChat.tenant_id == person.tenant_id, PersonalChat.object_id == person.object_id
                )
            )

    async def personal(self, person: Person) -> Place | None:
        """The personal chat, or None for somebody who never installed the bot."""
        return await self.personal_of(person.tenant_id, person.object_id)

    async def personal_of(self, tenant_id: str, object_id: str) -> Place | None:
        """The same by the two ids alone."""
        async with reading(self._session) as session:
            row = await session.get(PersonalChat, (tenant_id, object_id))
        if row is None:
            return None
        return Place(
            kind=PlaceKind.PERSONAL,
            conversation_id=row.conversation_id,
            tenant_id=row.tenant_id,
            service_url=row.service_url,
            bot_id=row.bot_id,
        )
