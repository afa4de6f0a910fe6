"""Answers kept for some minutes; many who ask for the same at once share one piece of work."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Cache(Generic[Answer]):
    """Bounded in number and time; failures are not kept. Lost on a restart."""

    def __init__(self, seconds: float, most: int, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[float, Answer]] = OrderedDict()
        self._running: dict[Hashable, asyncio.Task[Answer]] = {}

    async def get(self, key: Hashable, work: Callable[[], Awaitable[Answer]]) -> Answer:
        """The kept answer, or that of the one piece of work under way. A caller that gives up does not stop it."""
        if key in self._kept and self._clock() - self._kept[key][0] < self._seconds:
            return self._kept[key][1]
        if key not in self._running:
            task = asyncio.ensure_future(work())
            self._running[key] = task
            task.add_done_callback(lambda done: self._finish(key, done))
        return await asyncio.shield(self._running[key])

    def _finish(self, key: Hashable, done: "asyncio.Future[Answer]") -> None:
        self._running.pop(key, None)
        if done.cancelled() or done.exception():
            return
        self._kept[key] = (self._clock(), done.result())
        self._kept.move_to_end(key)
        self._forget_old()

    def _forget_old(self) -> None:
        oldest_good = self._clock() - self._seconds
        while self._kept and (len(self._kept) > self._most or next(iter(self._kept.values()))[0] <= oldest_good):
            self._kept.popitem(last=False)
