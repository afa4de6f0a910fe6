"""What could not be answered, and how answers were liked: kept in memory first, so that a turn writes nothing.

A crash loses the last second of it. Questions that somebody handed to people are in bot.store.questions and safe.
"""

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot.store.rows import readable, whole
from bot.store.sessions import writing
from bot.store.tables import GapRow, VoteRow

MOST_WAITING = 1_000  # between two flushes; what comes above is lost
MOST_READ = 2_000
MOST_TEXT = 300  # characters of a question


@dataclass(frozen=True, slots=True)
class Gap:
    """A question that was not answered, or answered with `answer` and voted down. Without a name."""

    text: str
    day: date
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Votes:
    """How an answer was liked."""

    answer: str
    good: int
    bad: int


class Gaps:
    """Implements commands._command.Gaps. `anonymous` takes out what nobody may keep; it runs beside the loop."""

    def __init__(self, engine: AsyncEngine, anonymous: Callable[[str, int], str], now: Callable[[], datetime]) -> None:
        self._sessions = async_sessionmaker(engine)
        self._anonymous = anonymous
        self._now = now
        self._noted: dict[str, tuple[str, str]] = {}
        self._settled: set[str] = set()
        self._votes: Counter[tuple[str, bool]] = Counter()
        self._flushing: asyncio.Task[None] | None = None

    def note(self, text: str, answer: str = "") -> str:
        """A question that was not answered, or that this answer did not help with. Its id, for `settled`."""
        gap = uuid.uuid4().hex
        if len(self._noted) < MOST_WAITING and text:
            self._noted[gap] = text, answer
        return gap

    def settled(self, gap: str) -> None:
        """It was answered after all."""
        if gap and len(self._settled) < MOST_WAITING:
            self._settled.add(gap)

    def vote(self, answer: str, *, good: bool) -> None:
        """Somebody found an answer good, or not."""
        self._votes[answer, good] += 1

    async def flush(self) -> None:
        """Write what has come. Raises StoreUnavailable; what was to be written is lost then. What has begun is written
        although whoever waits is cancelled, as at a stop: the next flush waits for it."""
        self._flushing = asyncio.create_task(self._flush_after(self._flushing))
        await asyncio.shield(self._flushing)

    async def _flush_after(self, before: asyncio.Task[None] | None) -> None:
        if before:
            await asyncio.wait([before])
        await self._write()

    async def _write(self) -> None:
        noted, settled, votes = self._noted, self._settled, self._votes
        if not (noted or settled or votes):
            return
        self._noted, self._settled, self._votes = {}, set(), Counter()
        rows = await asyncio.to_thread(self._rows, {gap: noted[gap] for gap in noted.keys() - settled})
        async with writing(self._sessions) as session:
            session.add_all(rows)
            await session.execute(delete(GapRow).where(GapRow.id.in_(settled)))
            for (answer, good), count in votes.items():
                await session.execute(_counted(answer, self._now().date(), count, good=good))

    async def expire(self, before: date) -> None:
        """Erase what is older."""
        async with writing(self._sessions) as session:
            await session.execute(delete(GapRow).where(GapRow.day < before))
            await session.execute(delete(VoteRow).where(VoteRow.day < before))

    async def since(self, day: date) -> tuple[list[Gap], list[Votes]]:
        """What was noted from that day on, the newest first, and the votes of each answer."""
        chosen = select(GapRow).where(GapRow.day >= day).order_by(GapRow.day.desc(), GapRow.id).limit(MOST_READ)
        good, bad = Counter[str](), Counter[str]()
        async with writing(self._sessions) as session:
            gaps = readable("gaps", await session.scalars(chosen), _gap)
            votes = await session.scalars(select(VoteRow).where(VoteRow.day >= day))
            for one in readable("votes", votes, _votes):
                good[one.answer] += one.good
                bad[one.answer] += one.bad
        return gaps, [Votes(answer, good[answer], count) for answer, count in bad.most_common() if count]

    def _rows(self, noted: Mapping[str, tuple[str, str]]) -> list[GapRow]:
        today = self._now().date()
        texts = {gap: self._anonymous(text, MOST_TEXT) for gap, (text, _) in noted.items()}
        texts_left = {gap: text for gap, text in texts.items() if any(char.isalpha() for char in text)}
        return [GapRow(id=gap, day=today, text=text, answer=noted[gap][1]) for gap, text in texts_left.items()]


def _gap(row: GapRow) -> Gap:
    with whole(row.id, row):
        return Gap(row.text, row.day, row.answer)


def _votes(row: VoteRow) -> Votes:
    with whole(f"of {row.answer}", row):
        return Votes(row.answer, row.good, row.bad)


def _counted(answer: str, day: date, count: int, *, good: bool) -> Insert:
    """So many more votes: never look first and insert then."""
    row = insert(VoteRow).values(answer=answer, day=day, good=count if good else 0, bad=0 if good else count)
    more = {name: getattr(VoteRow, name) + row.excluded[name] for name in ("good", "bad")}
    return row.on_conflict_do_update(index_elements=["answer", "day"], set_=more)
