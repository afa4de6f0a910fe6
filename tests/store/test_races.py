"""Events that come at the same moment, each pair of them: nobody is told sorry, and nothing is there twice.

The two of a pair write by connections of their own, as two deliveries do that meet in the database.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot.chat.turn import Person, Place, PlaceKind, Sent
from bot.store.conversations import Conversations
from bot.store.database import open_database
from bot.store.gaps import Gaps
from bot.store.outbox import Outbox
from bot.store.questions import NewQuestion, Questions
from bot.store.tables import (
    Base,
    CardRow,
    ClockRow,
    DecisionRow,
    FreezeRow,
    GapRow,
    PersonalChat,
    QuestionRow,
    RequestRow,
    VoteRow,
    WelcomeRow,
)
from dialogs.understanding.redact import anonymous
from tests.approvals.harness import ADA, PRIYA, TENANT, consent_plan, harness
from tests.store.conftest import Time

AT_ONCE = 12
PERSON = Person(TENANT, ADA, "29:ada", "Ada")
CHAT = Place(PlaceKind.PERSONAL, "a:1", TENANT, "https://smba.trafficmanager.net/teams", "28:bot")
MOVED = Place(PlaceKind.PERSONAL, "a:2", TENANT, "https://smba.trafficmanager.net/emea", "28:bot")


@pytest.fixture
async def second(tmp_path: Path, engine: AsyncEngine) -> AsyncIterator[AsyncEngine]:
    """The same database by other connections."""
    other = await open_database(f"sqlite+aiosqlite:///{tmp_path / 'bot.sqlite3'}")
    yield other
    await other.dispose()


async def _rows(engine: AsyncEngine, table: type[Base]) -> int:
    async with async_sessionmaker(engine)() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


Event = Callable[[], Awaitable[Any]]


async def _at_once(*events: Event) -> list[Any]:
    """Each of them so often, alternating; raises what any of them raises."""
    return await asyncio.gather(*(event() for _ in range(AT_ONCE // len(events)) for event in events))


async def test_two_installs_of_one_person_are_one_chat_and_one_welcome(
    engine: AsyncEngine, second: AsyncEngine, time: Time
) -> None:
    here, there = Conversations(engine, time), Conversations(second, time)
    welcomed = await _at_once(lambda: here.installed(PERSON, CHAT), lambda: there.installed(PERSON, CHAT))
    assert welcomed.count(True) == 1
    assert (await _rows(engine, PersonalChat), await _rows(engine, WelcomeRow)) == (1, 1)


async def test_an_install_and_a_message_from_elsewhere_are_one_chat(
    engine: AsyncEngine, second: AsyncEngine, time: Time
) -> None:
    here, there = Conversations(engine, time), Conversations(second, time)
    await _at_once(lambda: here.installed(PERSON, CHAT), lambda: there.learn(PERSON, MOVED))
    assert await _rows(engine, PersonalChat) == 1
    assert await here.personal(PERSON) in {CHAT, MOVED}


async def test_an_install_and_a_removal_end_with_one_of_the_two(engine: AsyncEngine, time: Time) -> None:
    here = Conversations(engine, time)
    await _at_once(lambda: here.installed(PERSON, CHAT), lambda: here.forget(PERSON))
    assert await _rows(engine, PersonalChat) == await _rows(engine, WelcomeRow) <= 1


async def test_two_who_say_where_a_card_is_say_it_once(tmp_path: Path) -> None:
    async with harness(tmp_path) as table, harness(tmp_path) as other:
        request = await table.filed()
        sent = Sent(CHAT, "m1")
        here, there = Outbox(table.engine), Outbox(other.engine)
        await _at_once(
            lambda: here.remember(request.number, sent, ADA), lambda: there.remember(request.number, sent, ADA)
        )
        assert await _rows(table.engine, CardRow) == 1


async def test_votes_for_one_answer_are_all_counted_in_one_row(
    engine: AsyncEngine, second: AsyncEngine, time: Time
) -> None:
    def voting(on: AsyncEngine, *, good: bool) -> Event:
        async def vote() -> None:
            gaps = Gaps(on, anonymous, time)
            gaps.vote("licences", good=good)
            await gaps.flush()

        return vote

    await _at_once(voting(engine, good=True), voting(second, good=False))
    async with async_sessionmaker(engine)() as session:
        (row,) = await session.scalars(select(VoteRow))
    assert (row.good, row.bad) == (AT_ONCE // 2, AT_ONCE // 2)


async def test_gaps_of_two_rounds_are_all_kept(engine: AsyncEngine, second: AsyncEngine, time: Time) -> None:
    def noting(on: AsyncEngine) -> Event:
        async def note() -> None:
            gaps = Gaps(on, anonymous, time)
            gaps.note("does it cost money?")
            await gaps.flush()

        return note

    await _at_once(noting(engine), noting(second))
    assert await _rows(engine, GapRow) == AT_ONCE


async def test_one_question_pressed_many_times_is_one_question(engine: AsyncEngine, time: Time) -> None:
    questions = Questions(engine, time)
    asked = await _at_once(lambda: questions.ask(NewQuestion(ADA, "who may consent?")))
    assert await _rows(engine, QuestionRow) == 1
    assert {one and one.number for one in asked} == {1}


async def test_a_question_and_another_are_both_kept(engine: AsyncEngine, time: Time) -> None:
    questions = Questions(engine, time)
    first, other = NewQuestion(ADA, "who may consent?"), NewQuestion(ADA, "when?")
    await _at_once(lambda: questions.ask(first), lambda: questions.ask(other))
    assert await _rows(engine, QuestionRow) == 2


async def test_one_object_is_asked_for_once_however_many_file_at_once(tmp_path: Path) -> None:
    async with harness(tmp_path) as table, harness(tmp_path) as other:
        filed = await asyncio.gather(
            *(one.filed(consent_plan()) for _ in range(AT_ONCE // 2) for one in (table, other)), return_exceptions=True
        )
        assert await _rows(table.engine, RequestRow) == 1
        assert {type(one).__name__ for one in filed} == {"Request", "Refused"}


async def test_one_approvers_presses_are_one_verdict(tmp_path: Path) -> None:
    async with harness(tmp_path) as table, harness(tmp_path) as other:
        request = await table.filed()
        rulings = await _at_once(lambda: table.press(request), lambda: other.press(request))
        assert {one.refused for one in rulings} == {None}
        assert await _rows(table.engine, DecisionRow) == 1


async def test_a_press_and_a_taking_back_end_with_one_of_the_two(tmp_path: Path) -> None:
    async with harness(tmp_path) as table:
        request = await table.filed()
        await asyncio.gather(
            table.press(request), table.approvals.cancel(request.number, table.who(ADA)), return_exceptions=True
        )
        ended = await table.now(request)
        assert ended.state in {"approved", "cancelled"}
        assert await _rows(table.engine, DecisionRow) == len(ended.decisions)


async def test_a_freeze_pressed_twice_is_one_freeze(tmp_path: Path) -> None:
    async with harness(tmp_path) as table, harness(tmp_path) as other:
        await asyncio.gather(
            *(one.approvals.freeze(one.who(PRIYA), "INC-1") for one in (table, other)), return_exceptions=True
        )
        assert (await table.approvals.frozen()).frozen
        assert await _rows(table.engine, FreezeRow) == 1


async def test_two_starts_on_a_new_file_make_it_once(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'new.sqlite3'}"
    first = await open_database(url)
    again = await open_database(url)
    assert (await _rows(first, FreezeRow), await _rows(again, ClockRow)) == (1, 1)
    await first.dispose()
    await again.dispose()


async def test_a_start_that_was_cut_off_undoes_no_freeze_when_it_is_made_again(tmp_path: Path) -> None:
    async with harness(tmp_path) as table:
        await table.approvals.freeze(table.who(PRIYA), "INC-1")
        async with table.engine.begin() as connection:
            await connection.execute(text("DROP TABLE alembic_version"))
    async with harness(tmp_path) as table:
        assert (await table.approvals.frozen()).frozen
