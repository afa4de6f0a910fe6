"""What /readyz says of the world outside: what of it is out of reach."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from bot.background.outside import Outside
from bot.chat.cache import Cache
from bot.check.setup import Setup
from bot.errors import BotError, TenantUnreachable
from bot.tenant.login import roles

REACH_SECONDS = 30.0  # that an answer to "is it in reach?" is kept: probes come every few seconds


class _OutOfReach(Exception):
    """Names of what is, so that only the good answer is kept."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


class InReach:
    """Which of those that the bot can't do without are out of reach, by class; asked seldom, however often probed."""

    def __init__(self, ways: Outside, clock: Callable[[], float] = time.monotonic) -> None:
        self._ways = ways
        self._kept = Cache[None](REACH_SECONDS, 1, clock)

    async def missing(self, seconds: float) -> list[str]:
        """`login` alone where no token for Graph is to be had in time; `permissions` for one that holds none."""
        try:
            async with asyncio.timeout(seconds):
                token = await self._ways.graph_token()
        except (OSError, BotError):  # the first is also what is out of time
            return ["login"]
        without = ["permissions"] if roles(token) == frozenset() else []
        try:
            await self._kept.get("", lambda: self._look(seconds))
        except _OutOfReach as out:
            return [*without, *out.names]
        return without

    async def _look(self, seconds: float) -> None:
        looks = {
            "graph": self._graph,
            "connector": self._ways.reach.connector_answers,
            "keys": self._ways.reach.keys_answer,
        }
        answers = await asyncio.gather(*(_in_time(look(), seconds) for look in looks.values()))
        if names := [name for name, answered in zip(looks, answers, strict=True) if not answered]:
            raise _OutOfReach(names)

    async def _graph(self) -> bool:
        """A refusal is an answer."""
        try:
            await Setup(self._ways.graph).organization()
        except TenantUnreachable:
            return False
        except BotError:
            return True
        return True


async def _in_time(look: Awaitable[bool], seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await look
    except TimeoutError:
        return False
