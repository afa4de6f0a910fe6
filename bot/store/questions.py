"""Questions that people hand to people. What is still to be told is what a row lacks, so a crash loses nothing.

A card in the channel whose `shown` is behind the `revision` has to be drawn; an answer in the stage ANSWERED has to be
carried to who asked. Both are at least once: after a crash in the very moment, something may be told again.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import cast

from sqlalchemy import ColumnElement, CursorResult, delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from bot.store.rows import readable, whole
from bot.store.sessions import writing
from bot.store.tables import BEHIND, QuestionRow

MOST_OPEN = 3  # of one person: the channel is no place for a flood
MOST_CARRIED = 50  # a round
LONGEST_WAIT = timedelta(minutes=20)  # as in bot.store.outbox


class Stage(StrEnum):
    """Where a question stands. The sentence is `question.stage.<value>`."""

    OPEN = "open"
    TAKEN = "taken"
    ANSWERED = "answered"  # and on its way to who asked
    DELIVERED = "delivered"
    UNREACHED = "unreached"  # answered, but who asked can't be written to
    ERASED = "erased"  # blank; gone when the channel's card shows it


_UNANSWERED = select(QuestionRow).where(QuestionRow.stage.in_((Stage.OPEN.value, Stage.TAKEN.value)))


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """What somebody hands on, without secrets. `device`: a reference, looked up anew each time it is shown."""

    asker: str
    text: str
    device: str = ""
    code: str = ""
    what: str = ""  # a value of rollout.failures.Failure


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `activity_id`: of its card in the channel, empty as long as there is none."""

    number: int
    content: NewQuestion
    stage: Stage
    revision: int
    created_at: datetime
    taker: str = ""
    answer: str = ""
    activity_id: str = ""
    shown: int = 0
    tries: int = 0


class Questions:
    """The only way to the table. Every method raises StoreUnavailable when the database does not work.

    A row that can't be read is left out of lists and told in the log; who asks for that one gets Unreadable.
    """

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._sessions = async_sessionmaker(engine)
        self._now = now
        self._one_at_a_time = asyncio.Lock()  # two presses of one button are one question

    async def ask(self, content: NewQuestion) -> Question | None:
        """Store it; the same again is the same question. None: this person has MOST_OPEN unanswered."""
        async with self._one_at_a_time, writing(self._sessions) as session:
            mine = [*await session.scalars(_UNANSWERED.where(QuestionRow.asker == content.asker))]
            row = next((one for one in mine if one.text == content.text), None)
            if row is None and len(mine) < MOST_OPEN:
                row = _new(content, self._now())
                session.add(row)
                await session.flush()
            return _question(row) if row else None

    async def find(self, number: int) -> Question | None:
        """By its number; None as well for one that is erased."""
        async with writing(self._sessions) as session:
            row = await session.get(QuestionRow, number)
            return _question(row) if row and row.stage != Stage.ERASED else None

    async def unanswered(self, most: int) -> list[Question]:
        """Open and taken ones, the oldest first; so many of them."""
        oldest = _UNANSWERED.order_by(QuestionRow.number).limit(most)
        async with writing(self._sessions) as session:
            return readable("questions", await session.scalars(oldest), _question)

    async def count_unanswered(self) -> int:
        """How many there are."""
        async with writing(self._sessions) as session:
            return await session.scalar(select(func.count()).select_from(_UNANSWERED.subquery())) or 0

    async def move(self, question: Question, stage: Stage, **values: str) -> Question | None:
        """To this stage with these columns, if it still is as it was read; None when somebody was faster."""
        at = QuestionRow.number == question.number, QuestionRow.revision == question.revision
        async with writing(self._sessions) as session:
            moved = await session.execute(update(QuestionRow).where(*at).values(**_moved(stage, self._now()), **values))
            row = await session.get(QuestionRow, question.number)
            return _question(row) if row and cast("CursorResult[object]", moved).rowcount else None

    async def due(self) -> list[Question]:
        """What is to be told now, the oldest first. What can't be read is put off, so that it takes nobody's place."""

        def put_off(row: QuestionRow) -> None:
            row.due_at = self._now() + LONGEST_WAIT

        now = self._now()
        is_due = or_(QuestionRow.due_at <= now, QuestionRow.due_at > now + LONGEST_WAIT)
        chosen = select(QuestionRow).where(text(f"({BEHIND})"), is_due)
        async with writing(self._sessions) as session:
            rows = await session.scalars(chosen.order_by(QuestionRow.number).limit(MOST_CARRIED))
            return readable("questions", rows, _question, put_off)

    async def drawn(self, question: Question, activity_id: str) -> None:
        """The channel's card shows this; an erased question is gone with that."""
        own = QuestionRow.number == question.number
        values = {"shown": question.revision, "activity_id": activity_id}
        async with writing(self._sessions) as session:
            gone = question.stage is Stage.ERASED
            await session.execute(
                delete(QuestionRow).where(own) if gone else update(QuestionRow).where(own).values(**values)
            )

    async def later(self, question: Question, due_at: datetime) -> None:
        """It could not be told; try again then."""
        values = {"due_at": due_at, "tries": question.tries + 1}
        async with writing(self._sessions) as session:
            await session.execute(update(QuestionRow).where(QuestionRow.number == question.number).values(**values))

    async def expire(self, before: datetime) -> None:
        """Erase what was asked before then."""
        async with writing(self._sessions) as session:
            await blank(session, QuestionRow.created_at < before, self._now())


async def blank(session: AsyncSession, which: ColumnElement[bool], now: datetime) -> None:
    """Erase these questions, in the caller's transaction; each goes once its card in the channel shows it."""
    words = dict.fromkeys(("asker", "text", "device", "code", "what", "taker", "answer"), "")
    kept = QuestionRow.stage != Stage.ERASED.value
    await session.execute(update(QuestionRow).where(which, kept).values(**_moved(Stage.ERASED, now), **words))


def _moved(stage: Stage, now: datetime) -> dict[str, object]:
    return {"stage": stage.value, "revision": QuestionRow.revision + 1, "due_at": now, "tries": 0}


def _new(content: NewQuestion, at: datetime) -> QuestionRow:
    return QuestionRow(
        asker=content.asker,
        text=content.text,
        device=content.device,
        code=content.code,
        what=content.what,
        stage=Stage.OPEN.value,
        revision=1,
        taker="",
        answer="",
        created_at=at,
        due_at=at,
        tries=0,
        shown=0,
        activity_id="",
    )


def _question(row: QuestionRow) -> Question:
    with whole(row.number, row):
        return Question(
            number=row.number,
            content=NewQuestion(row.asker, row.text, row.device, row.code, row.what),
            stage=Stage(row.stage),
            revision=row.revision,
            created_at=row.created_at,
            taker=row.taker,
            answer=row.answer,
            activity_id=row.activity_id,
            shown=row.shown,
            tries=row.tries,
        )
