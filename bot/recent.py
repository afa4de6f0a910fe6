"""What was answered a moment ago: Teams sends a call again when it thinks that the first was lost."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

KEPT_SECONDS = 600.0  # Teams gives up long before
KEPT_AT_MOST = 1_024  # an answer to a press is a card of about 14 KB

Answer = TypeVar("Answer")


class Recent(Generic[Answer]):
    """Runs the work for a key once; later calls of the same key get the first one's answer. Lost on a restart."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: OrderedDict[tuple[str, str], tuple[float, asyncio.Future[Answer]]] = OrderedDict()

    async def once(self, key: tuple[str, str], work: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer for this key. A failed first call is forgotten, so that the second may try again."""
        self._forget_old()
        if key in self._kept:
            return await asyncio.shield(self._kept[key][1])
        task = asyncio.ensure_future(work())
        self._kept[key] = (self._clock(), task)
        task.add_done_callback(lambda done: self._drop_failed(key, done))
        return await asyncio.shield(task)  # a caller that hangs up does not undo what others wait for

    def _drop_failed(self, key: tuple[str, str], done: "asyncio.Future[Answer]") -> None:
        if done.cancelled() or done.exception():
            self._kept.pop(key, None)

    def _forget_old(self) -> None:
        oldest_allowed = self._clock() - KEPT_SECONDS
        while self._kept and (len(self._kept) > KEPT_AT_MOST or next(iter(self._kept.values()))[0] < oldest_allowed):
            self._kept.popitem(last=False)
