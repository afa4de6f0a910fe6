"""Requests that are being carried out: each a task of its own, one of them at work while the others wait."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


class OneAtATime:
    """One request at a time is looked at and written, so that none rests on what another one changes meanwhile; who
    only waits lets the others go on."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._whose: asyncio.Task[None] | None = None

    @property
    def whose(self) -> asyncio.Task[None] | None:
        """Who is at work."""
        return self._whose

    @asynccontextmanager
    async def mine(self) -> AsyncIterator[None]:
        """Wait for it, and have it until this is left."""
        await self._take()
        try:
            yield
        finally:
            self._leave()

    @asynccontextmanager
    async def others(self) -> AsyncIterator[None]:
        """Give it away until this is left."""
        self._leave()
        try:
            yield
        finally:
            await self._take()

    async def _take(self) -> None:
        await self._lock.acquire()
        self._whose = asyncio.current_task()

    def _leave(self) -> None:
        if self._whose is asyncio.current_task():  # not so for who was cancelled while waiting for its turn
            self._whose = None
            self._lock.release()


class InHand:
    """By the numbers of the requests."""

    def __init__(self) -> None:
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._surprised = set[int]()

    def __contains__(self, number: int) -> bool:
        return number in self._tasks

    def take_up(self, number: int, work: Coroutine[Any, Any, None], *, surprised: bool) -> asyncio.Task[None]:
        """Let it go on by itself until it is done with. `surprised`: the clock jumped before that."""

        def let_go(_task: asyncio.Task[None]) -> None:
            self._tasks.pop(number, None)
            self._surprised.discard(number)

        task = self._tasks[number] = asyncio.create_task(work)
        task.add_done_callback(let_go)
        if surprised:
            self._surprised.add(number)
        return task

    def surprise(self) -> None:
        """The clock jumped: nothing that is in hand now goes on by itself."""
        self._surprised |= self._tasks.keys()

    def is_surprised(self, number: int) -> bool:
        """Did the clock jump while this one was in hand?"""
        return number in self._surprised

    async def let_all_go(self, at_work: asyncio.Task[None] | None, seconds: float) -> None:
        """Who waits goes at once; the one at work may end what it is at, but has no longer than that."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            if task is not at_work:
                task.cancel()
        if at_work in tasks:
            await asyncio.wait([at_work], timeout=seconds)
            at_work.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
