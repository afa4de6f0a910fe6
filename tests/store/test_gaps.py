"""What was not answered is noted in memory, written beside the chat, and kept without a name."""

import asyncio
import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.gaps import MOST_WAITING, Gap, Gaps, Votes
from dialogs.understanding.redact import anonymous
from tests.store.conftest import NOW, Time

TODAY = NOW.date()


@pytest.fixture
def gaps(engine: AsyncEngine, time: Time) -> Gaps:
    return Gaps(engine, anonymous, time)


async def test_a_turn_writes_nothing_and_the_flush_everything(gaps: Gaps, engine: AsyncEngine) -> None:
    statements: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *heard: statements.append(heard[2]))
    gaps.note("what does it cost?")
    gaps.note("this answer did not help", "some-answer")
    gaps.vote("some-answer", good=False)
    assert statements == []
    await gaps.flush()
    noted, votes = await gaps.since(TODAY)
    assert {*noted} == {Gap("what does it cost?", TODAY), Gap("this answer did not help", TODAY, "some-answer")}
    assert votes == [Votes("some-answer", 0, 1)]
    statements.clear()
    await gaps.flush()
    assert statements == []


@pytest.mark.parametrize("written_before", [False, True])
async def test_who_chose_one_of_the_offered_answers_leaves_no_gap(gaps: Gaps, *, written_before: bool) -> None:
    gap = gaps.note("which one?")
    if written_before:
        await gaps.flush()
    gaps.settled(gap)
    await gaps.flush()
    assert await gaps.since(TODAY) == ([], [])


async def test_nothing_of_a_person_or_a_secret_is_written_and_nothing_without_words(gaps: Gaps) -> None:
    gaps.note("uma.keller@contoso.example on CON-LT-0142 says Bearer abcdefgh1 my pin is 493817")
    for wordless in ("", "\N{ROBOT FACE}", "Bearer", "493817", "  "):
        gaps.note(wordless)
    await gaps.flush()
    noted, _ = await gaps.since(TODAY)
    assert len(noted) == 2
    assert "Bearer" in {gap.text for gap in noted}
    assert not any(secret in str(noted) for secret in ("uma", "CON-LT", "abcdefgh1", "493817"))


async def test_votes_are_counted_by_answer_and_day(gaps: Gaps, engine: AsyncEngine, time: Time) -> None:
    for good in (True, False, False):
        gaps.vote("a", good=good)
    gaps.vote("b", good=True)
    await gaps.flush()
    time.now += timedelta(days=1)
    gaps.vote("a", good=False)
    await gaps.flush()
    assert (await gaps.since(TODAY))[1] == [Votes("a", 1, 3)]
    assert (await gaps.since(TODAY + timedelta(days=1)))[1] == [Votes("a", 0, 1)]
    async with engine.connect() as connection:
        assert len((await connection.execute(text("SELECT * FROM votes"))).all()) == 3


async def test_what_is_old_is_erased(gaps: Gaps) -> None:
    gaps.note("old question")
    gaps.vote("a", good=False)
    await gaps.flush()
    await gaps.expire(TODAY)
    assert len((await gaps.since(TODAY))[0]) == 1
    await gaps.expire(TODAY + timedelta(days=1))
    assert await gaps.since(TODAY) == ([], [])


async def test_a_flood_takes_no_more_memory_than_is_set_aside(gaps: Gaps) -> None:
    for number in range(MOST_WAITING + 50):
        gaps.note(f"question {number}")
        gaps.settled(f"{number}")
    assert len(gaps._noted) == len(gaps._settled) == MOST_WAITING


async def test_texts_are_cleaned_beside_the_loop(engine: AsyncEngine, time: Time) -> None:
    threads: list[int] = []

    def cleaning(written: str, _most: int) -> str:
        threads.append(threading.get_ident())
        return written

    gaps = Gaps(engine, cleaning, time)
    gaps.note("question")
    await gaps.flush()
    assert threads
    assert threading.get_ident() not in threads


@pytest.mark.parametrize("steps", range(6))
async def test_a_flush_that_is_cancelled_at_any_point_is_ended_by_the_next(
    engine: AsyncEngine, time: Time, steps: int
) -> None:
    """As when the bot stops: what was taken out of memory and not written yet would be gone."""
    begun, go_on = threading.Event(), threading.Event()

    def cleaning(written: str, _most: int) -> str:
        begun.set()
        assert go_on.wait(60)
        return written

    gaps = Gaps(engine, cleaning, time)
    gaps.note("first question")
    gaps.vote("a", good=False)
    flushing = asyncio.create_task(gaps.flush())
    await asyncio.to_thread(begun.wait, 60)
    go_on.set()
    for _ in range(steps):
        await asyncio.sleep(0)
    flushing.cancel()
    await asyncio.wait([flushing])
    gaps.note("second question")
    await gaps.flush()
    noted, votes = await gaps.since(TODAY)
    assert {gap.text for gap in noted} == {"first question", "second question"}
    assert votes == [Votes("a", 0, 1)]
