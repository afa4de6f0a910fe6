"""Questions that people hand to people. What is still to be told is what a row lacks, so a crash loses nothing.

A card in the channel whose `shown` is behind the `revision` has to be drawn; an answer in the stage ANSWERED has to be
carried to who asked. Both are at least once: after a crash in the very moment, something may be told again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import cast

from sqlalchemy import ColumnElement, CursorResult, delete, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from bot.store.requests import StoreUnavailable
from bot.store.tables import QuestionRow

MOST_OPEN = 3  # of one person: the channel is no place for a flood
MOST_CARRIED = 50  # a round
LONGEST_WAIT = timedelta(minutes=20)  # as in bot.store.outbox

Sessions = async_sessionmaker[AsyncSession]


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
class Handed:
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
    handed: Handed
    stage: Stage
    revision: int
    created_at: datetime
    taker: str = ""
    answer: str = ""
    activity_id: str = ""
    shown: int = 0
    tries: int = 0


class Questions:
    """The only way to the table. Every method raises StoreUnavailable when the database does not work."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._sessions = async_sessionmaker(engine)
        self._now = now
        self._one_at_a_time = asyncio.Lock()  # two presses of one button are one question

    async def ask(self, handed: Handed) -> Question | None:
        """Store it; the same again is the same question. None: this person has MOST_OPEN unanswered."""
        async with self._one_at_a_time, working(self._sessions) as session:
            mine = [*await session.scalars(_UNANSWERED.where(QuestionRow.asker == handed.asker))]
            row = next((one for one in mine if one.text == handed.text), None)
            if row is None and len(mine) < MOST_OPEN:
                row = _new(handed, self._now())
                session.add(row)
                await session.flush()
            return _question(row) if row else None

    async def find(self, number: int) -> Question | None:
        """By its number; None as well for one that is erased."""
        async with working(self._sessions) as session:
            row = await session.get(QuestionRow, number)
            return _question(row) if row and row.stage != Stage.ERASED else None

    async def unanswered(self) -> list[Question]:
        """Open and taken ones, the oldest first."""
        async with working(self._sessions) as session:
            return [_question(row) for row in await session.scalars(_UNANSWERED.order_by(QuestionRow.number))]

    async def move(self, question: Question, stage: Stage, **values: str) -> Question | None:
        """To this stage with these columns, if it still is as it was read; None when somebody was faster."""
        at = QuestionRow.number == question.number, QuestionRow.revision == question.revision
        async with working(self._sessions) as session:
            moved = await session.execute(update(QuestionRow).where(*at).values(**self._moved(stage), **values))
            row = await session.get(QuestionRow, question.number)
            return _question(row) if row and cast("CursorResult[object]", moved).rowcount else None

    async def due(self) -> list[Question]:
        """What is to be told now, the oldest first."""
        behind = or_(QuestionRow.shown != QuestionRow.revision, QuestionRow.stage == Stage.ANSWERED.value)
        now = self._now()
        is_due = or_(QuestionRow.due_at <= now, QuestionRow.due_at > now + LONGEST_WAIT)
        chosen = select(QuestionRow).where(behind, is_due)
        async with working(self._sessions) as session:
            rows = await session.scalars(chosen.order_by(QuestionRow.number).limit(MOST_CARRIED))
            return [_question(row) for row in rows]

    async def drawn(self, question: Question, activity_id: str) -> None:
        """The channel's card shows this; an erased question is gone with that."""
        own = QuestionRow.number == question.number
        values = {"shown": question.revision, "activity_id": activity_id}
        async with working(self._sessions) as session:
            gone = question.stage is Stage.ERASED
            await session.execute(
                delete(QuestionRow).where(own) if gone else update(QuestionRow).where(own).values(**values)
            )

    async def later(self, question: Question, due_at: datetime) -> None:
        """It could not be told; try again then."""
        values = {"due_at": due_at, "tries": question.tries + 1}
        async with working(self._sessions) as session:
            await session.execute(update(QuestionRow).where(QuestionRow.number == question.number).values(**values))

    async def forget(self, asker: str) -> None:
        """Erase what this person asked."""
        await self._erase(QuestionRow.asker == asker)

    async def expire(self, before: datetime) -> None:
        """Erase what was asked before then."""
        await self._erase(QuestionRow.created_at < before)

    async def _erase(self, which: ColumnElement[bool]) -> None:
        blank = dict.fromkeys(("asker", "text", "device", "code", "what", "taker", "answer"), "")
        async with working(self._sessions) as session:
            kept = QuestionRow.stage != Stage.ERASED.value
            await session.execute(update(QuestionRow).where(which, kept).values(**self._moved(Stage.ERASED), **blank))

    def _moved(self, stage: Stage) -> dict[str, object]:
        return {"stage": stage.value, "revision": QuestionRow.revision + 1, "due_at": self._now(), "tries": 0}


@asynccontextmanager
async def working(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """One transaction. Raises StoreUnavailable."""
    try:
        async with sessions.begin() as session:
            yield session
    except DBAPIError as error:
        raise StoreUnavailable(type(error).__name__) from None


def _new(handed: Handed, at: datetime) -> QuestionRow:
    return QuestionRow(
        asker=handed.asker,
        text=handed.text,
        device=handed.device,
        code=handed.code,
        what=handed.what,
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
    return Question(
        number=row.number,
        handed=Handed(row.asker, row.text, row.device, row.code, row.what),
        stage=Stage(row.stage),
        revision=row.revision,
        created_at=row.created_at,
        taker=row.taker,
        answer=row.answer,
        activity_id=row.activity_id,
        shown=row.shown,
        tries=row.tries,
    )
