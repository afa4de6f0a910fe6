"""Time for approvals: it never goes back, and a jump is noticed."""

from collections.abc import Callable
from datetime import datetime, timedelta

JUMP = timedelta(minutes=5)


class Clock:
    """The wall clock beside a monotonic one (seconds), which nobody can set."""

    def __init__(self, now: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._now = now
        self._monotonic = monotonic
        self._seen = (now(), monotonic())

    def moment(self, high_water: datetime) -> datetime:
        """Now, but never before what the store has seen: what has expired stays so."""
        return max(self._now(), high_water)

    def jumped(self, high_water: datetime) -> bool:
        """Since the last call: were the two clocks more than five minutes apart? Or: is the wall clock so far behind?

        A suspended machine counts too: its monotonic clock stands still.
        """
        wall, steady = self._now(), self._monotonic()
        passed, measured = wall - self._seen[0], timedelta(seconds=steady - self._seen[1])
        self._seen = (wall, steady)
        return abs(passed - measured) > JUMP or high_water - wall > JUMP
