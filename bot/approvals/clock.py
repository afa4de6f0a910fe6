"""Time for approvals: it never goes back by itself, and a jump is noticed."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

log = logging.getLogger(__name__)

JUMP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Behind:
    """The wall clock shows `shown`, and the store has seen `seen`, which is more than JUMP later."""

    shown: datetime
    seen: datetime


class Clock:
    """The wall clock beside a monotonic one (seconds), which nobody can set."""

    def __init__(self, now: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._now = now
        self._monotonic = monotonic
        self._seen = (now(), monotonic())

    def moment(self, high_water: datetime) -> datetime:
        """Now, but never before what the store has seen: what has expired stays so."""
        return max(self._now(), high_water)

    def behind(self, high_water: datetime) -> Behind | None:
        """Is the wall clock behind the store? Either it was ahead once, or it has been set back: a human must say."""
        now = self._now()
        return Behind(now, high_water) if high_water - now > JUMP else None

    def jumped(self, high_water: datetime) -> bool:
        """Since the last call: were the two clocks more than five minutes apart? Or: is the wall clock so far behind?

        A suspended machine counts too: its monotonic clock stands still.
        """
        wall, steady = self._now(), self._monotonic()
        passed, measured = wall - self._seen[0], timedelta(seconds=steady - self._seen[1])
        self._seen = (wall, steady)
        apart = abs(passed - measured) > JUMP
        if apart:
            log.warning("the clock jumped by %s: what is approved now waits for a human", passed - measured)
        return apart or self.behind(high_water) is not None
