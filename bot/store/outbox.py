"""What is to be told, kept until it was told; and the copies of cards that are drawn anew."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from bot.chat.turn import Place, PlaceKind, Sent
from bot.store.records import Audience, Event
from bot.store.rows import readable, whole
from bot.store.sessions import reading, writing
from bot.store.tables import CardRow, OutboxRow

END_OF_TIME = datetime.max.replace(tzinfo=UTC)
# Longer than any pause between two tries: what is due later was put off by a clock that was ahead.
LONGEST_WAIT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Notification:
    """One thing to tell. `key` is the same at each try: the chat side can tell a repetition by it. `told`: those of
    several who have heard it at an earlier try."""

    key: str
    event: Event
    audience: Audience
    request: int | None
    created_at: datetime
    tries: int
    told: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Copy:
    """A card that somebody sees. `object_id`: whose personal chat it is in, empty in a channel."""

    sent: Sent
    object_id: str


def enqueue(
    session: AsyncSession,
    request: int | None,
    serial: str,
    tell: tuple[tuple[Event, Audience], ...],
    at: datetime,
) -> None:
    """Put notifications into the caller's transaction. One change tells one audience once."""
    for event, audience in tell:
        key = f"{request or 'all'}/{serial}/{event}/{audience}"
        row = OutboxRow(
            key=key, request=request, event=event.value, audience=audience.value, created_at=at, due_at=at, tries=0
        )
        session.add(row)


class Outbox:
    """What the chat side takes from, and gives back to. Every method raises StoreUnavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._session = async_sessionmaker(engine)

    async def due(
        self, now: datetime, most: int = 50, *, besides: Collection[int | None] = frozenset()
    ) -> list[Notification]:
        """What is to be told now, oldest first, `besides` what is about these requests (None: about none). What can't
        be read is put off, so that it takes nobody's place."""

        def put_off(row: OutboxRow) -> None:
            row.due_at = now + LONGEST_WAIT

        beyond = now + min(LONGEST_WAIT, END_OF_TIME - now)  # END_OF_TIME asks for all that there is
        is_due = or_(OutboxRow.due_at <= now, OutboxRow.due_at > beyond)
        others = func.coalesce(OutboxRow.request, 0).not_in([number or 0 for number in besides])
        chosen = select(OutboxRow).where(is_due, others).order_by(OutboxRow.created_at, OutboxRow.key).limit(most)
        async with writing(self._session) as session:
            return readable("letters", await session.scalars(chosen), _notification, put_off)

    async def told(self, key: str) -> None:
        """It was told: forget it."""
        async with writing(self._session) as session:
            await session.execute(delete(OutboxRow).where(OutboxRow.key == key))

    async def redraw(self, request: int, at: datetime) -> None:
        """Draw all copies of its card anew, though nothing has happened."""
        async with writing(self._session) as session:
            enqueue(session, request, at.isoformat(), ((Event.CONSENT_CHECKED, Audience.CARDS),), at)

    async def undelivered(self, most: int) -> list[Notification]:
        """What was tried in vain at least once, the oldest first."""
        tried = select(OutboxRow).where(OutboxRow.tries > 0).order_by(OutboxRow.created_at, OutboxRow.key).limit(most)
        async with reading(self._session) as session:
            return readable("letters", await session.scalars(tried), _notification)

    async def size(self) -> tuple[int, datetime | None]:
        """How much was not told yet, and since when the oldest of it waits."""
        async with reading(self._session) as session:
            count, oldest = (await session.execute(select(func.count(), func.min(OutboxRow.created_at)))).one()
        return count, oldest

    async def later(self, key: str, due_at: datetime, told: Collection[str] = frozenset()) -> None:
        """It could not be told, or not to everybody; try again then."""
        values = {"due_at": due_at, "tries": OutboxRow.tries + 1, "told": json.dumps(sorted(told))}
        async with writing(self._session) as session:
            await session.execute(update(OutboxRow).where(OutboxRow.key == key).values(**values))

    async def remember(self, request: int, sent: Sent, object_id: str = "", *, asked: bool = False) -> None:
        """Keep where a copy of the card is: who sent it and who presses on it may both say so in the same moment.

        `asked`: somebody wanted to see it once more. A new copy that was asked for takes the place of the one before it
        in that conversation, which is followed no more (a client draws it anew itself when somebody looks at it): there
        are never more than two.
        """
        place = sent.place
        key = {
            "request": request,
            "conversation_id": place.conversation_id,
            "activity_id": sent.activity_id,
        }
        rest = {
            "object_id": object_id,
            "kind": place.kind.value,
            "tenant_id": place.tenant_id,
            "service_url": place.service_url,
            "bot_id": place.bot_id,
        }
        row = insert(CardRow).values(key | rest | {"asked": asked}).on_conflict_do_nothing()
        here = CardRow.request == request, CardRow.conversation_id == place.conversation_id
        this = CardRow.activity_id == sent.activity_id
        async with writing(self._session) as session:
            if await session.scalar(row.returning(CardRow.activity_id)) is None:
                await session.execute(update(CardRow).where(*here, this).values(**rest))
            elif asked:
                await session.execute(delete(CardRow).where(*here, CardRow.asked, ~this))

    async def shows(self, request: int, sent: Sent) -> bool:
        """Is this message a copy of that request's card? A thread's id is the channel's with a tail."""
        here = sent.place.conversation_id.partition(";")[0]
        return any(
            copy.sent.activity_id == sent.activity_id and copy.sent.place.conversation_id.partition(";")[0] == here
            for copy in await self.copies(request)
        )

    async def copies(self, request: int) -> list[Copy]:
        """All copies of the card of one request."""
        async with reading(self._session) as session:
            rows = await session.scalars(select(CardRow).where(CardRow.request == request))
            return readable("copies of cards", rows, _copy)

    async def dealt(self, request: int) -> bool:
        """Has everybody who may decide been written to, with or without success? By the order of `due` they have
        before the requester's own card goes out."""
        first = select(OutboxRow.key).where(
            OutboxRow.request == request,
            OutboxRow.event == Event.FILED.value,
            OutboxRow.audience == Audience.APPROVERS.value,
            OutboxRow.tries == 0,
        )
        async with reading(self._session) as session:
            return await session.scalar(first) is None


def _notification(row: OutboxRow) -> Notification:
    with whole(f"of request {row.request}", row):
        event, audience, told = Event(row.event), Audience(row.audience), frozenset(json.loads(row.told))
        return Notification(row.key, event, audience, row.request, row.created_at, row.tries, told)


def _copy(row: CardRow) -> Copy:
    with whole(f"of request {row.request}", row):
        place = Place(PlaceKind(row.kind), row.conversation_id, row.tenant_id, row.service_url, row.bot_id)
        return Copy(Sent(place, row.activity_id), row.object_id)
