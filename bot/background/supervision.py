"""Rounds for ever, whatever fails in one, and the heartbeats by which the door knows of each."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.errors import BotError, where

log = logging.getLogger(__name__)

# Without a sign of life. The longest thing that the worker may wait for is 180 s, when Graph asks for that.
SILENT_SECONDS = 300.0
LOCKED_SECONDS = 10.0  # the same for the database, which every turn waits for


class Heartbeat:
    """When did the work last move on? Work that takes long says so by `alive()`; a round that ended well says so too.

    `seconds`: longer than anything may take without a word. Then it hangs, has ended, or fails each time.
    """

    def __init__(self, name: str, seconds: float, clock: Callable[[], float]) -> None:
        self.name = name
        self._seconds = seconds
        self._clock = clock
        self._last = clock()

    def alive(self) -> None:
        """The work moves on."""
        self._last = self._clock()

    @property
    def age(self) -> float:
        """Seconds of silence."""
        return self._clock() - self._last

    @property
    def stale(self) -> bool:
        """Is the silence too long?"""
        return self.age > self._seconds


@dataclass(frozen=True, slots=True)
class Work:
    """`round()` does what there is to do now and returns; `pause()` waits until there may be more."""

    heartbeat: Heartbeat
    round: Callable[[], Awaitable[object]]
    pause: Callable[[], Awaitable[None]]


@asynccontextmanager
async def beside(works: Iterable[Work]) -> AsyncIterator[None]:
    """All of them run until this is left."""
    tasks = [asyncio.create_task(forever(work), name=work.heartbeat.name) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def forever(work: Work) -> None:
    """Round after round; only who cancels this ends it, even where the round swallows that (SQLAlchemy does, while it
    closes a connection)."""
    task = asyncio.current_task()
    assert task
    while not task.cancelling():
        try:
            await work.round()
            work.heartbeat.alive()
        except asyncio.CancelledError as error:
            if task.cancelling():
                raise
            _tell(work, error)  # what the round waited for was cancelled, not the round
        except Exception as error:  # noqa: BLE001 - whatever it is, the next round may go better
            _tell(work, error)
        if not task.cancelling():
            await work.pause()


async def woken(wake: asyncio.Event, seconds: float) -> None:
    """Wait until somebody calls, but not longer."""
    try:
        async with asyncio.timeout(seconds):
            await wake.wait()
    except TimeoutError:
        return
    finally:
        wake.clear()


def _tell(work: Work, error: BaseException) -> None:
    level = logging.WARNING if isinstance(error, BotError) else logging.ERROR
    log.log(level, "%s: this round failed: %s", work.heartbeat.name, where(error))


def silent(heartbeats: Mapping[str, Heartbeat]) -> list[str]:
    """Who has not moved on for too long."""
    return [name for name, heartbeat in heartbeats.items() if heartbeat.stale]


def heartbeats(clock: Callable[[], float]) -> dict[str, Heartbeat]:
    """By the names that the operator is told."""
    seconds = dict.fromkeys(("worker", "upkeep", "notifier", "delivery", "apologies", "awaited"), SILENT_SECONDS) | {
        "database": LOCKED_SECONDS
    }
    return {name: Heartbeat(name, most, clock) for name, most in seconds.items()}
