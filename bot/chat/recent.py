"""What somebody was last shown or offered, for some minutes: "the second one" is an answer to that."""

from collections import OrderedDict
from collections.abc import Callable

SECONDS = 300.0
MAX_PEOPLE = 5_000  # the longest silent are forgotten first


class Recent:
    """Labels by person, in memory: no text, and nothing that outlives the process."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._shown: OrderedDict[str, tuple[float, tuple[str, ...]]] = OrderedDict()

    def note(self, person: str, labels: tuple[str, ...]) -> None:
        """The last thing counts, and nothing before it."""
        self._shown.pop(person, None)
        if labels:
            self._shown[person] = (self._clock(), labels)
        while len(self._shown) > MAX_PEOPLE:
            self._shown.popitem(last=False)

    def of(self, person: str) -> tuple[str, ...]:
        """Empty for somebody who was shown nothing lately."""
        at, labels = self._shown.get(person, (self._clock() - SECONDS, ()))
        return labels if self._clock() - at < SECONDS else ()
