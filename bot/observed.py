"""What whoever looks from outside is told: turns, calls, what waits. Nothing at all, unless somebody was named.

No text of a person, no name and no id is handed on: paths lose theirs in bot.telemetry, all else is of closed lists.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar


class TurnEnd(StrEnum):
    """How a turn ended."""

    ANSWERED = "answered"
    REFUSED = "refused"  # for want of a role, or of somebody who could tell of it
    FAILED = "failed"  # something was away or went wrong; the person was told so, where that was possible
    FLOOD = "flood"
    REPEATED = "repeated"  # answered before


class Service(StrEnum):
    """Whom a call went to."""

    GRAPH = "graph"
    TEAMS = "teams"


@dataclass(slots=True)
class TurnSeen:
    """Filled in on the way. `command`: an intent or a verb that some command has."""

    command: str = "none"
    outcome: TurnEnd = TurnEnd.REPEATED


@dataclass(slots=True)
class CallSeen:
    """`status`: of HTTP; 0 for no answer."""

    status: int = 0


@dataclass(frozen=True, slots=True)
class Backlog:
    """Open requests by state, and the news that nobody has taken yet; `seconds`: since the oldest of it."""

    requests: Mapping[str, int]
    news: int
    seconds: float


class Observer(Protocol):
    """Looks on; never raises what the work would not."""

    def turn(self, kind: str) -> AbstractContextManager[TurnSeen]: ...

    def call(self, service: Service, method: str, path: str) -> AbstractContextManager[CallSeen]: ...

    def waiting(self, now: Backlog) -> None: ...

    def ages(self, read: Callable[[], Mapping[str, float]]) -> None:
        """`read`: seconds by part, asked from another thread."""
        ...


class Nobody:
    """Costs nothing."""

    def __init__(self) -> None:
        self._turn, self._call = nullcontext(TurnSeen()), nullcontext(CallSeen())

    def turn(self, _kind: str) -> AbstractContextManager[TurnSeen]:
        return self._turn

    def call(self, _service: Service, _method: str, _path: str) -> AbstractContextManager[CallSeen]:
        return self._call

    def waiting(self, _now: Backlog) -> None:
        return None

    def ages(self, _read: Callable[[], Mapping[str, float]]) -> None:
        return None


UNOBSERVED: Observer = Nobody()

Heard = TypeVar("Heard")
Said = TypeVar("Said")
_TURN: ContextVar[TurnSeen | None] = ContextVar("_TURN", default=None)


def seen() -> TurnSeen:
    """The turn under way; one that nobody looks at where there is none."""
    return _TURN.get() or TurnSeen()


def observed(
    handle: Callable[[Heard], Awaitable[Said]], observer: Observer, kind: Callable[[Heard], str]
) -> Callable[[Heard], Awaitable[Said]]:
    """The same, looked at."""
    if observer is UNOBSERVED:
        return handle

    async def handled(turn: Heard) -> Said:
        with observer.turn(kind(turn)) as now:
            token = _TURN.set(now)
            try:
                return await handle(turn)
            finally:
                _TURN.reset(token)

    return handled
