"""How often one person is answered in a minute. One answer says so, the rest is ignored quietly."""

from collections import OrderedDict
from collections.abc import Callable

WINDOW_SECONDS = 60.0
MAX_PEOPLE = 20_000  # the longest silent are forgotten first


class Limit:
    """Counts each person's turns in windows of a minute; costs a dictionary look-up a turn."""

    def __init__(self, turns_per_minute: int, clock: Callable[[], float]) -> None:
        self._most = turns_per_minute
        self._clock = clock
        self._windows: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def allows(self, person: str) -> bool:
        """Count one turn; False above the limit."""
        now = self._clock()
        start, count = self._windows.pop(person, (now, 0))
        if now - start >= WINDOW_SECONDS:
            start, count = now, 0
        self._windows[person] = (start, count + 1)
        self._forget_old(now - WINDOW_SECONDS)
        return count < self._most

    def just_reached(self, person: str) -> bool:
        """True for the first turn over the limit in this window only."""
        return self._windows[person][1] == self._most + 1

    def _forget_old(self, oldest_open: float) -> None:
        while len(self._windows) > MAX_PEOPLE or next(iter(self._windows.values()))[0] <= oldest_open:
            self._windows.popitem(last=False)
