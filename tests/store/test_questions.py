"""Questions to people: one taker, three open ones, and nothing forgotten before it was told."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot.errors import StoreUnavailable
from bot.store.erasure import erase
from bot.store.questions import MOST_OPEN, NewQuestion, Question, Questions, Stage
from tests.store.conftest import NOW, Time

ASKER, ONE, TWO = "asker", "one", "two"


@pytest.fixture
def questions(engine: AsyncEngine, time: Time) -> Questions:
    return Questions(engine, time)


async def asked(questions: Questions, words: str = "why?", asker: str = ASKER) -> Question:
    question = await questions.ask(NewQuestion(asker, words, "a1", "CAA20004", "other"))
    assert question
    return question


async def test_what_was_asked_is_found_as_it_was_asked(questions: Questions) -> None:
    question = await asked(questions)
    assert await questions.find(question.number) == question
    assert (question.stage, question.created_at, question.content.code) == (Stage.OPEN, NOW, "CAA20004")


async def test_two_presses_at_once_are_one_question_and_a_person_has_three(questions: Questions) -> None:
    same = await asyncio.gather(*(asked(questions) for _ in range(5)))
    assert len({one.number for one in same}) == 1
    for number in range(1, MOST_OPEN):
        await asked(questions, f"why {number}?")
    assert await questions.ask(NewQuestion(ASKER, "one more")) is None
    assert await questions.ask(NewQuestion(TWO, "one more")) is not None


async def test_of_many_who_take_it_one_does(questions: Questions) -> None:
    question = await asked(questions)
    moves = await asyncio.gather(*(questions.move(question, Stage.TAKEN, taker=f"p{n}") for n in range(20)))
    winners = [one for one in moves if one]
    assert len(winners) == 1
    assert await questions.find(question.number) == winners[0]
    assert await questions.move(question, Stage.ANSWERED, answer="late") is None


async def test_what_changed_is_due_until_it_was_drawn(questions: Questions, time: Time) -> None:
    question = await asked(questions)
    assert await questions.due() == [question]
    await questions.later(question, NOW + timedelta(minutes=1))
    assert await questions.due() == []
    time.now += timedelta(minutes=1)
    (again,) = await questions.due()
    assert again.tries == 1
    await questions.drawn(again, "activity")
    assert await questions.due() == []
    taken = await questions.move(again, Stage.TAKEN, taker=ONE)
    (changed,) = await questions.due()
    assert taken
    assert (changed.activity_id, changed.shown, changed.taker) == ("activity", 1, ONE)


async def test_an_answer_is_due_until_it_was_told_even_when_the_card_is_drawn(questions: Questions) -> None:
    question = await asked(questions)
    taken = await questions.move(question, Stage.TAKEN, taker=ONE)
    assert taken
    answered = await questions.move(taken, Stage.ANSWERED, answer="so")
    assert answered
    await questions.drawn(answered, "activity")
    assert [one.stage for one in await questions.due()] == [Stage.ANSWERED]


async def test_a_change_while_the_card_is_drawn_is_drawn_next(questions: Questions) -> None:
    question = await asked(questions)
    await questions.move(question, Stage.TAKEN, taker=ONE)
    await questions.drawn(question, "activity")
    assert [one.taker for one in await questions.due()] == [ONE]


@pytest.mark.parametrize("by", ["forget", "expire"])
async def test_an_erased_question_is_blank_at_once_and_gone_once_its_card_shows_it(
    questions: Questions, engine: AsyncEngine, by: str
) -> None:
    question, other = await asked(questions), await asked(questions, asker=TWO)
    if by == "forget":
        async with async_sessionmaker(engine).begin() as session:
            await erase(session, ASKER, NOW)
    else:
        await questions.expire(NOW)
        assert await questions.find(question.number) == question
        await questions.expire(NOW + timedelta(seconds=1))
    assert await questions.find(question.number) is None
    erased = (await questions.due())[0]
    assert (erased.stage, erased.content, erased.answer) == (Stage.ERASED, NewQuestion("", ""), "")
    await questions.drawn(erased, "activity")
    async with engine.connect() as connection:
        numbers = [row.number for row in await connection.execute(text("SELECT number FROM questions"))]
    assert numbers == [other.number]
    assert (await asked(questions, "again?")).number > other.number


async def test_open_and_taken_ones_are_listed_the_oldest_first(questions: Questions) -> None:
    first, second = await asked(questions), await asked(questions, "and?")
    taken = await questions.move(first, Stage.TAKEN, taker=ONE)
    assert await questions.unanswered(2) == [taken, second]
    assert await questions.unanswered(1) == [taken]
    assert await questions.count_unanswered() == 2


async def test_a_database_that_fails_changes_nothing_and_says_so(questions: Questions, engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE questions RENAME TO away"))
    with pytest.raises(StoreUnavailable):
        await asked(questions)
