"""Where the bot may speak unasked, and where it has said its welcome.

A roll-out brings thousands of installs in a minute, and Teams tells each of them twice: whatever comes while a write is
under way is written together in the next one.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from bot.chat.turn import Person, Place, PlaceKind
from bot.errors import StoreUnavailable, where
from bot.store.sessions import reading, writing
from bot.store.tables import PersonalChat, WelcomeRow
from bot.store.turns import installs

log = logging.getLogger(__name__)

MOST_KNOWN = 20_000  # addresses in memory, the longest silent are forgotten first: they cost a look at the database
MOST_WRITTEN = 1_000  # in one transaction

Key = tuple[str, str]  # tenant id, object id


@dataclass(slots=True, eq=False)
class _Met:
    """Somebody who was heard of, until that is written. `first`: this install is the one to be welcomed."""

    person: Person
    place: Place
    installed: bool = False
    written: bool = False
    first: bool = False
    failed: Exception | None = None


class Conversations:
    """Learnt from installs and from whatever a person writes or presses in their own chat; forgotten at removal, of
    which it is kept who it was.

    A plain turn of somebody known costs a look into memory. What changes the tables raises StoreUnavailable when the
    database does not work. Only one process of a database runs one.
    """

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._sessions = async_sessionmaker(engine)
        self._now = now
        self._known: OrderedDict[Key, Place] = OrderedDict()
        self._waiting: list[_Met] = []
        self._writing = asyncio.Lock()
        self._meeting: dict[Key, asyncio.Task[None]] = {}

    async def installed(self, person: Person, place: Place) -> bool:
        """The bot was added here. True once a conversation, however often Teams says so: then a welcome is due. Not
        for who was given the app by the bot: they get what it has to say to them.

        Elsewhere than in their own chat nothing is learnt of the person.
        """
        return await self._write(_Met(person, place, installed=True))

    async def learn(self, person: Person, place: Place) -> None:
        """Keep the personal chat of a person, where it is new or has changed."""
        if self._is_news(_key(person), place):
            await self._write(_Met(person, place))

    def meet(self, person: Person, place: Place) -> None:
        """The same beside the turn, whose answer neither waits for it nor fails by it."""
        key = _key(person)
        if key in self._known:
            self._known.move_to_end(key)
        if key not in self._meeting and self._is_news(key, place):
            self._meeting[key] = asyncio.create_task(self._meet(person, place))
            self._meeting[key].add_done_callback(lambda _: self._meeting.pop(key, None))

    async def close(self) -> None:
        """Let what is being learnt be written."""
        await asyncio.gather(*self._meeting.values(), return_exceptions=True)

    async def forget(self, person: Person) -> None:
        """Erase where a person is, who removed the bot."""
        async with self.forgetting(person):
            pass

    @asynccontextmanager
    async def forgetting(self, person: Person) -> AsyncIterator[AsyncSession]:
        """The same; what else is erased with the person goes into this one transaction. The lock is first come, first
        served: what was heard before is written before, and nothing comes back."""
        async with self._writing:
            async with writing(self._sessions) as session:
                await session.execute(delete(PersonalChat).where(*_is(*_key(person))))
                await session.execute(delete(WelcomeRow).where(WelcomeRow.object_id == person.object_id))
                await installs.removed(session, person.object_id)
                yield session
            self._known.pop(_key(person), None)

    async def left(self, place: Place) -> None:
        """The bot was removed here: who adds it again is welcomed again."""
        async with self._writing, writing(self._sessions) as session:
            await session.execute(delete(WelcomeRow).where(WelcomeRow.conversation_id == _conversation(place)))

    async def owner(self, place: Place) -> Person:
        """Whose personal chat it is, as far as it is known: Teams does not always say who did something there."""
        chat = (PersonalChat.tenant_id == place.tenant_id, PersonalChat.conversation_id == place.conversation_id)
        async with reading(self._sessions) as session:
            object_id = await session.scalar(select(PersonalChat.object_id).where(*chat))
        return Person(place.tenant_id, object_id or "", "", "")

    async def lost(self, object_id: str, place: Place) -> None:
        """Teams takes nothing for this address any more: forget it, until the person is heard of again. Perhaps they
        removed the bot while it was not there to hear of it, so they are not given it again."""
        key = (place.tenant_id, object_id)
        same = (PersonalChat.conversation_id == place.conversation_id, PersonalChat.service_url == place.service_url)
        async with self._writing, writing(self._sessions) as session:
            await session.execute(delete(PersonalChat).where(*_is(*key), *same))
            await installs.removed(session, object_id, before=self._now() - installs.FRESH)
        known = self._known.get(key)
        if known and replace(known, language="") == replace(place, language=""):
            del self._known[key]

    async def personal(self, person: Person) -> Place | None:
        """The personal chat, or None for somebody of whom none is known."""
        return await self.personal_of(*_key(person))

    async def personal_of(self, tenant_id: str, object_id: str) -> Place | None:
        """The same by the two ids alone."""
        return (await self._stored([(tenant_id, object_id)])).get((tenant_id, object_id))

    async def reachable(self, tenant_id: str, people: Collection[str]) -> frozenset[str]:
        """Those of these people, by object id, whose chat is known."""
        stored = await self._stored([(tenant_id, person) for person in people])
        return frozenset(object_id for _, object_id in stored)

    async def heard_from(self, tenant_id: str) -> str:
        """The service URL that Teams named last; empty where it never called."""
        newest = select(PersonalChat.service_url).where(PersonalChat.tenant_id == tenant_id)
        async with reading(self._sessions) as session:
            return await session.scalar(newest.order_by(PersonalChat.learnt_at.desc()).limit(1)) or ""

    async def _meet(self, person: Person, place: Place) -> None:
        try:
            await self.learn(person, place)
        except StoreUnavailable as error:  # the next message is the next chance
            log.warning("chat not learnt: %s", where(error))

    async def _write(self, met: _Met) -> bool:
        """Whoever gets the lock writes for all who wait for it."""
        self._waiting.append(met)
        async with self._writing:
            while not (met.written or met.failed):
                await self._write_some()
        if met.failed:
            raise StoreUnavailable(type(met.failed).__name__)
        return met.first

    async def _write_some(self) -> None:
        batch, self._waiting = self._waiting[:MOST_WRITTEN], self._waiting[MOST_WRITTEN:]
        try:
            await self._store(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, each who waits has to hear of it
            log.warning("%s chats not kept: %s", len(batch), where(error))
            _fail(batch, error)
        except asyncio.CancelledError:
            _fail(batch, StoreUnavailable("stopped"))
            raise

    async def _store(self, batch: Sequence[_Met]) -> None:
        """One transaction: addresses that are new or changed, and conversations that have no welcome yet."""
        heard = {_key(met.person): met.place for met in batch if _is_own(met)}
        unsure = {key: place for key, place in heard.items() if self._is_news(key, place)}
        stored = await self._stored(unsure)
        changed = {key: place for key, place in unsure.items() if _differs(stored.get(key), place)}
        added = {_conversation(met.place): met for met in reversed(batch) if met.installed}
        async with writing(self._sessions) as session:
            if changed:
                await session.execute(_upsert(self._row(key, place) for key, place in changed.items()))
            new = await self._welcome(session, added) if added else set()
        for met in batch:
            met.written, met.first = True, _conversation(met.place) in new and added[_conversation(met.place)] is met
        self._remember(heard)

    async def _welcome(self, session: AsyncSession, added: Mapping[str, _Met]) -> set[str]:
        """Note the conversations, and say which of them were not noted before."""
        rows = [
            {"conversation_id": conversation, "object_id": _owner(met), "at": self._now()}
            for conversation, met in added.items()
        ]
        noted = insert(WelcomeRow).values(rows).on_conflict_do_nothing().returning(WelcomeRow.conversation_id)
        new = set(await session.scalars(noted))
        return new - await self._given(session, added)

    async def _given(self, session: AsyncSession, added: Mapping[str, _Met]) -> set[str]:
        """The chats of whom the bot gave its app. Where Teams does not say whose chat it is, it is one of theirs as
        long as there are any of late."""
        own = {conversation: _owner(met) for conversation, met in added.items() if met.place.kind is PlaceKind.PERSONAL}
        theirs = await installs.given(session, {owner for owner in own.values() if owner})
        if "" in own.values() and await installs.any_since(session, self._now() - installs.FRESH):
            theirs.add("")
        return {conversation for conversation, owner in own.items() if owner in theirs}

    async def _stored(self, keys: Collection[Key]) -> dict[Key, Place]:
        """In one query; the two ids are looked for apart, since nobody has two tenants."""
        if not keys:
            return {}
        tenants, people = zip(*keys, strict=True)
        chosen = select(PersonalChat).where(
            PersonalChat.tenant_id.in_(set(tenants)), PersonalChat.object_id.in_(people)
        )
        async with reading(self._sessions) as session:
            return {(row.tenant_id, row.object_id): _place(row) for row in await session.scalars(chosen)}

    def _row(self, key: Key, place: Place) -> dict[str, object]:
        return {
            "tenant_id": key[0],
            "object_id": key[1],
            "conversation_id": place.conversation_id,
            "service_url": place.service_url,
            "bot_id": place.bot_id,
            "learnt_at": self._now(),
            "language": place.language,
        }

    def _is_news(self, key: Key, place: Place) -> bool:
        return _differs(self._known.get(key), place)

    def _remember(self, heard: Mapping[Key, Place]) -> None:
        for key, place in heard.items():
            known = self._known.get(key)
            self._known[key] = replace(place, language=place.language or (known.language if known else ""))
            self._known.move_to_end(key)
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)


def _differs(known: Place | None, place: Place) -> bool:
    """Where no language is told, the one told last stays."""
    return known is None or place != (known if place.language else replace(known, language=""))


def _fail(batch: Sequence[_Met], error: Exception) -> None:
    for met in batch:
        met.failed = error


def _key(person: Person) -> Key:
    return person.tenant_id, person.object_id


def _is(tenant_id: str, object_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return PersonalChat.tenant_id == tenant_id, PersonalChat.object_id == object_id


def _upsert(rows: Iterable[Mapping[str, object]]) -> Insert:
    """Never look first and insert then: two events of one install come within milliseconds."""
    statement = insert(PersonalChat).values([*rows])
    new = {name: statement.excluded[name] for name in ("conversation_id", "service_url", "bot_id", "learnt_at")}
    language = func.coalesce(func.nullif(statement.excluded.language, ""), PersonalChat.language)
    return statement.on_conflict_do_update(
        index_elements=["tenant_id", "object_id"], set_={**new, "language": language}
    )


def _conversation(place: Place) -> str:
    """Without the thread: a channel is welcomed as a whole."""
    return place.conversation_id.partition(";")[0]


def _owner(met: _Met) -> str:
    return met.person.object_id if _is_own(met) else ""


def _is_own(met: _Met) -> bool:
    """Whether somebody is in their own chat, and Teams said who."""
    return met.place.kind is PlaceKind.PERSONAL and met.person.object_id != ""


def _place(row: PersonalChat) -> Place:
    return Place(PlaceKind.PERSONAL, row.conversation_id, row.tenant_id, row.service_url, row.bot_id, row.language)
