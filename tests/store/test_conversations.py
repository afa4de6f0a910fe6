"""Where the bot may speak unasked: learnt from whatever is heard of a person, erased at removal, welcomed once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.chat.turn import Person, Place, PlaceKind
from bot.errors import StoreUnavailable
from bot.store import conversations as module
from bot.store.conversations import Conversations
from bot.store.database import open_database
from tests.teams.door.front import until

ANA = Person(tenant_id="t", object_id="ana", chat_id="29:ana", name="Ana")
CHAT = Place(PlaceKind.PERSONAL, "a:1", "t", "https://smba.trafficmanager.net/teams", "28:bot")
TEAM = replace(CHAT, kind=PlaceKind.CHANNEL, conversation_id="19:team@thread.tacv2")
MOVED = replace(CHAT, service_url="https://smba.trafficmanager.net/emea")


@dataclass
class Home:
    """A database, and Places on it; `written`: the statements that changed something, `commits`: how often."""

    engine: AsyncEngine
    conversations: Conversations
    written: list[str] = field(default_factory=list)
    commits: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        @event.listens_for(self.engine.sync_engine, "before_cursor_execute")
        def _execute(_c: object, _cursor: object, statement: str, *_more: object) -> None:
            if not statement.startswith(("SELECT", "PRAGMA")):
                self.written.append(statement)

        @event.listens_for(self.engine.sync_engine, "commit")
        def _commit(_connection: object) -> None:
            self.commits.append(len(self.written))

    def restarted(self) -> Conversations:
        """Another process on the same database."""
        return Conversations(self.engine, lambda: datetime(2026, 11, 23, tzinfo=UTC))

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """Another program holds the database's lock, and nobody waits for it long."""

        @event.listens_for(self.engine.sync_engine, "checkout")
        def impatient(connection: object, *_: object) -> None:
            connection.execute("PRAGMA busy_timeout=20")  # type: ignore[attr-defined]  # the driver's own

        other = await open_database(str(self.engine.url))
        async with other.connect() as connection:
            await connection.execute(text("UPDATE clock SET id = 1"))
            yield
            await connection.rollback()
        await other.dispose()


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    engine = await open_database(f"sqlite+aiosqlite:///{tmp_path}/bot.sqlite3")
    yield Home(engine, Conversations(engine, lambda: datetime(2026, 11, 23, tzinfo=UTC)))
    await engine.dispose()


@pytest.fixture
def conversations(home: Home) -> Conversations:
    return home.conversations


async def test_a_person_is_met_for_the_first_time_only_once(conversations: Conversations) -> None:
    assert await conversations.installed(ANA, CHAT)
    assert not await conversations.installed(ANA, CHAT)
    assert await conversations.personal(ANA) == CHAT


async def test_of_events_that_come_at_once_one_is_the_first(home: Home) -> None:
    found = await asyncio.gather(*(home.conversations.installed(ANA, CHAT) for _ in range(20)))
    assert found.count(True) == 1
    assert not await home.restarted().installed(ANA, CHAT)


async def test_a_team_is_welcomed_once_whatever_its_thread_and_nothing_is_learnt_of_who_added_it(home: Home) -> None:
    thread = replace(TEAM, conversation_id=f"{TEAM.conversation_id};messageid=7")
    nobody = replace(ANA, object_id="")
    found = await asyncio.gather(home.conversations.installed(ANA, TEAM), home.conversations.installed(nobody, thread))
    assert sorted(found) == [False, True]
    assert not await home.restarted().installed(ANA, TEAM)
    assert await home.conversations.personal(ANA) is None


async def test_who_adds_the_bot_again_after_a_removal_is_welcomed_again(conversations: Conversations) -> None:
    for _ in range(2):
        assert await conversations.installed(ANA, TEAM)
        assert await conversations.installed(ANA, CHAT)
        await conversations.left(TEAM)
        await conversations.forget(ANA)


async def test_what_a_person_writes_teaches_the_chat_and_leaves_the_welcome_due(home: Home) -> None:
    home.conversations.meet(ANA, CHAT)
    await home.conversations.close()
    assert await home.conversations.personal(ANA) == CHAT
    assert await home.conversations.installed(ANA, CHAT)


async def test_what_is_known_costs_no_statement_and_after_a_restart_no_write(home: Home) -> None:
    await home.conversations.learn(ANA, CHAT)
    written = [*home.written]
    for known in (home.conversations, home.restarted()):
        for _ in range(5):
            known.meet(ANA, CHAT)
            await known.close()
    assert home.written == written


async def test_many_messages_of_one_person_are_one_write(home: Home) -> None:
    for _ in range(50):
        home.conversations.meet(ANA, CHAT)
    await home.conversations.close()
    assert len(home.written) == 1


@pytest.mark.parametrize(
    "changed", [MOVED, replace(CHAT, conversation_id="a:2"), replace(CHAT, bot_id="28:other")], ids=str
)
async def test_the_newest_address_counts(home: Home, changed: Place) -> None:
    await home.conversations.learn(ANA, CHAT)
    home.conversations.meet(ANA, changed)
    await home.conversations.close()
    assert await home.conversations.personal(ANA) == changed
    assert await home.restarted().personal(ANA) == changed


async def test_who_is_pushed_out_of_memory_is_found_in_the_database(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_KNOWN", 2)
    people = [replace(ANA, object_id=str(number)) for number in range(5)]
    for _ in range(2):
        for person in people:
            await home.conversations.learn(person, CHAT)
    assert len(home.written) == len(people)
    assert len(home.conversations._known) == 2
    assert await home.conversations.reachable("t", [*"01234", "5"]) == frozenset("01234")


async def test_an_address_that_refuses_is_forgotten_and_learnt_anew_from_the_next_message(home: Home) -> None:
    await home.conversations.installed(ANA, CHAT)
    await home.conversations.lost("ana", CHAT)
    assert await home.conversations.personal(ANA) is None
    assert not await home.conversations.installed(ANA, CHAT)  # it was welcomed, and never removed
    await home.conversations.lost("ana", CHAT)
    home.conversations.meet(ANA, CHAT)
    await home.conversations.close()
    assert await home.conversations.personal(ANA) == CHAT


async def test_an_address_that_has_changed_meanwhile_is_not_lost_with_the_old_one(home: Home) -> None:
    await home.conversations.learn(ANA, MOVED)
    await home.conversations.lost("ana", CHAT)
    assert await home.conversations.personal(ANA) == MOVED


async def test_removal_erases_the_person_and_nobody_else(conversations: Conversations) -> None:
    ben = replace(ANA, object_id="ben")
    await conversations.learn(ANA, CHAT)
    await conversations.learn(ben, CHAT)
    await conversations.forget(ANA)
    assert await conversations.personal(ANA) is None
    assert await conversations.personal(ben) == CHAT


async def test_a_removal_comes_after_whatever_was_heard_before_it(conversations: Conversations) -> None:
    heard = [asyncio.create_task(conversations.installed(ANA, CHAT)) for _ in range(3)]
    await asyncio.sleep(0)
    await conversations.forget(ANA)
    await asyncio.gather(*heard)
    assert await conversations.personal(ANA) is None


async def test_somebody_of_another_tenant_is_not_the_same_person(conversations: Conversations) -> None:
    await conversations.learn(ANA, CHAT)
    assert await conversations.personal(replace(ANA, tenant_id="other")) is None


async def test_three_thousand_installs_at_once_are_kept_in_a_few_transactions(home: Home) -> None:
    people = [replace(ANA, object_id=str(number)) for number in range(3_000)]
    events = [(one, replace(CHAT, conversation_id=f"a:{one.object_id}")) for one in people for _ in range(2)]
    found = await asyncio.gather(*(home.conversations.installed(*one) for one in events))
    assert found.count(True) == len(people)
    assert await home.conversations.reachable("t", [one.object_id for one in people]) == {
        one.object_id for one in people
    }
    assert len(home.commits) < 20


async def test_who_was_not_kept_hears_of_it_and_is_welcomed_when_told_again(home: Home) -> None:
    events = [(replace(ANA, object_id=str(n)), replace(CHAT, conversation_id=f"a:{n}")) for n in range(50)]
    async with home.locked():
        found = await asyncio.gather(*(home.conversations.installed(*one) for one in events), return_exceptions=True)
        assert {type(one) for one in found} == {StoreUnavailable}
    assert all(await asyncio.gather(*(home.conversations.installed(*one) for one in events)))


async def test_a_message_in_a_locked_database_costs_the_answer_nothing_and_the_next_one_teaches(home: Home) -> None:
    async with home.locked():
        home.conversations.meet(ANA, CHAT)
        await home.conversations.close()
    assert await home.conversations.personal(ANA) is None
    home.conversations.meet(ANA, CHAT)
    await home.conversations.close()
    assert await home.conversations.personal(ANA) == CHAT


async def test_who_waits_for_a_write_whose_writer_was_stopped_hears_that_it_was_not_kept(
    conversations: Conversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[int] = []

    async def hangs(batch: list[object]) -> None:
        writes.append(len(batch))
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(conversations, "_store", hangs)
        first, second, third = (asyncio.create_task(conversations.installed(ANA, CHAT)) for _ in range(3))
        await until(lambda: writes == [1])
        first.cancel()
        await until(lambda: writes == [1, 2])  # the second writes for the third too
        second.cancel()
        with pytest.raises(StoreUnavailable):
            await third
    assert await conversations.installed(ANA, CHAT)


async def test_where_teams_was_heard_last_is_told_of_one_tenant_and_of_none_before_that(home: Home) -> None:
    assert await home.conversations.heard_from("t") == ""
    later = Conversations(home.engine, lambda: datetime(2026, 12, 24, tzinfo=UTC))
    await later.learn(replace(ANA, object_id="bo"), replace(MOVED, conversation_id="a:2"))
    await home.conversations.learn(ANA, CHAT)
    assert await home.conversations.heard_from("t") == MOVED.service_url
    assert await home.conversations.heard_from("another") == ""


IN_GERMAN = replace(CHAT, language="de-DE")


async def test_the_language_told_last_is_kept_with_the_chat(home: Home) -> None:
    for told in (IN_GERMAN, replace(CHAT, language="ja-JP")):
        home.conversations.meet(ANA, told)
        await home.conversations.close()
        assert await home.conversations.personal(ANA) == told
        assert await home.restarted().personal(ANA) == told


async def test_what_tells_no_language_leaves_the_one_that_is_known(home: Home) -> None:
    await home.conversations.learn(ANA, IN_GERMAN)
    written = [*home.written]
    for known in (home.conversations, home.restarted()):
        await known.learn(ANA, CHAT)
        await known.installed(replace(ANA, object_id="bo"), CHAT)
    assert [one for one in home.written[len(written) :] if "ana" in str(one)] == []
    await home.conversations.learn(ANA, MOVED)
    assert await home.conversations.personal(ANA) == replace(MOVED, language="de-DE")


async def test_the_language_goes_with_the_person(home: Home) -> None:
    await home.conversations.learn(ANA, IN_GERMAN)
    await home.conversations.forget(ANA)
    await home.conversations.learn(ANA, CHAT)
    assert await home.conversations.personal(ANA) == CHAT


async def test_an_address_that_refuses_is_forgotten_whatever_language_it_is_told_with(home: Home) -> None:
    await home.conversations.learn(ANA, IN_GERMAN)
    await home.conversations.lost("ana", CHAT)
    home.conversations.meet(ANA, IN_GERMAN)
    await home.conversations.close()
    assert await home.conversations.personal(ANA) == IN_GERMAN
