"""What is to be told, kept until it was told; and the copies of cards that are drawn anew."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from bot.store.records import Audience, Event
from bot.store.tables import CardRow, OutboxRow
from bot.turn import Place, PlaceKind, Sent


@dataclass(frozen=True, slots=True)
class Letter:
    """One thing to tell. `key` is the same at each try: the chat side can tell a repetition by it."""

    key: str
    event: Event
    audience: Audience
    request: int | None
    created_at: datetime
    tries: int


@dataclass(frozen=True, slots=True)
class Copy:
    """A card that somebody sees. `object_id`: whose personal chat it is in, empty in a channel."""

    sent: Sent
    object_id: str


def post(
    session: AsyncSession,
    request: int | None,
    serial: str,
    tell: tuple[tuple[Event, Audience], ...],
    at: datetime,
) -> None:
    """Put letters into the caller's transaction. One change tells one audience once."""
    for event, audience in tell:
        key = f"{request or 'all'}/{serial}/{event}/{audience}"
        row = OutboxRow(
            key=key, request=request, event=event.value, audience=audience.value, created_at=at, due_at=at, tries=0
        )
        session.add(row)


class Outbox:
    """What the chat side takes from, and gives back to."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._session = async_sessionmaker(engine)

    async def due(self, now: datetime, most: int = 50) -> list[Letter]:
        """What is to be told now, oldest first."""
        chosen = (
            select(OutboxRow).where(OutboxRow.due_at <= now).order_by(OutboxRow.created_at, OutboxRow.key).limit(most)
        )
        async with self._session() as session:
            return [
                Letter(row.key, Event(row.event), Audience(row.audience), row.request, row.created_at, row.tries)
                for row in await session.scalars(chosen)
            ]

    async def told(self, key: str) -> None:
        """It was told: forget it."""
        async with self._session.begin() as session:
            await session.execute(delete(OutboxRow).where(OutboxRow.key == key))

    async def later(self, key: str, due_at: datetime) -> None:
        """It could not be told; try again then."""
        async with self._session.begin() as session:
            await session.execute(
                update(OutboxRow).where(OutboxRow.key == key).values(due_at=due_at, tries=OutboxRow.tries + 1)
            )

    async def remember(self, request: int, sent: Sent, object_id: str = "") -> None:
        """Keep where a copy of the card is. The courier and a press on what it has just sent may keep the same one."""
        with suppress(IntegrityError):  # the other was faster
            async with self._session.begin() as session:
                await session.merge(_card_row(request, sent, object_id))

    async def shows(self, request: int, sent: Sent) -> bool:
        """Is this message a copy of that request's card? A thread's id is the channel's with a tail."""
        here = sent.place.conversation_id.partition(";")[0]
        return any(
            copy.sent.activity_id == sent.activity_id and copy.sent.place.conversation_id.partition(";")[0] == here
            for copy in await self.copies(request)
        )

    async def copies(self, request: int) -> list[Copy]:
        """All copies of the card of one request."""
        async with self._session() as session:
            rows = await session.scalars(select(CardRow).where(CardRow.request == request))
            return [Copy(Sent(_place(row), row.activity_id), row.object_id) for row in rows]

    async def forget(self, object_id: str) -> None:
        """Erase the copies in the chat of a person who removed the bot."""
        async with self._session.begin() as session:
            await session.execute(delete(CardRow).where(CardRow.object_id == object_id))


def _card_row(request: int, sent: Sent, object_id: str) -> CardRow:
    place = sent.place
    return CardRow(
        request=request,
        conversation_id=place.conversation_id,
        activity_id=sent.activity_id,
        object_id=object_id,
        kind=place.kind.value,
        tenant_id=place.tenant_id,
        service_url=place.service_url,
        bot_id=place.bot_id,
    )


def _place(row: CardRow) -> Place:
    return Place(PlaceKind(row.kind), row.conversation_id, row.tenant_id, row.service_url, row.bot_id)
