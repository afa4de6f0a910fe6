"""Messages that say that more is to come: kept until it has come, so that a restart is no silence."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot.chat.afterwards import Promise
from bot.chat.turn import Place, PlaceKind, Sent
from bot.store.rows import readable, whole
from bot.store.sessions import reading, writing
from bot.store.tables import PromiseRow

LANGUAGE_LETTERS = 16


class Promises:
    """Every method raises StoreUnavailable."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._sessions = async_sessionmaker(engine)
        self._now = now

    async def made(self, promise: Promise) -> None:
        """In one message the newest counts."""
        place = promise.sent.place
        key = {"conversation_id": place.conversation_id, "activity_id": promise.sent.activity_id}
        rest = {
            "object_id": promise.object_id,
            "kind": place.kind.value,
            "tenant_id": place.tenant_id,
            "service_url": place.service_url,
            "bot_id": place.bot_id,
            "language": promise.language[:LANGUAGE_LETTERS],
            "stays": promise.stays,
            "request": promise.request,
            "at": self._now(),
        }
        row = insert(PromiseRow).values(key | rest)
        async with writing(self._sessions) as session:
            await session.execute(row.on_conflict_do_update(index_elements=[*key], set_=rest))

    async def kept(self, sent: Sent) -> None:
        """Whatever came of it, the person has been told."""
        here = PromiseRow.conversation_id == sent.place.conversation_id
        async with writing(self._sessions) as session:
            await session.execute(delete(PromiseRow).where(here, PromiseRow.activity_id == sent.activity_id))

    async def left(self) -> list[Promise]:
        """Those that nobody has kept, the oldest first."""
        async with reading(self._sessions) as session:
            rows = await session.scalars(select(PromiseRow).order_by(PromiseRow.at))
            return readable("promises", rows, _promise)


def _promise(row: PromiseRow) -> Promise:
    with whole("of a message", row):
        place = Place(PlaceKind(row.kind), row.conversation_id, row.tenant_id, row.service_url, row.bot_id)
        return Promise(Sent(place, row.activity_id), row.object_id, row.language, row.stays, row.request)
