"""What /readyz says is not ready: who beside the chat is silent, what outside is out of reach, what waits too long."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from bot.background.outside import Outside
from bot.chat.cache import Cache
from bot.check.setup import Setup
from bot.errors import BotError, StoreUnavailable, TenantUnreachable
from bot.tenant.login import roles

OLD_NEWS = 300.0  # seconds: news are carried in one, so that then nobody takes them
OLD_KEYS = 86_400.0  # the list of keys is fetched anew after six hours, and believed for five days
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


@dataclass(frozen=True, slots=True)
class Readiness:
    """`silent`: who works beside the chat and has not moved on; `oldest_news`: seconds that they wait; `keys_age`: how
    old the list of keys that sign Teams' calls is, None before the first call."""

    silent: Callable[[], Iterable[str]]
    in_reach: InReach
    oldest_news: Callable[[], Awaitable[float]]
    keys_age: Callable[[], Awaitable[float | None]]

    async def missing(self, seconds: float) -> list[str]:
        """By the names that the operator is told. What the database does not say in time is told by who works on it."""
        outbox, old_keys, out = await asyncio.gather(
            _in_time(self._are_news_old(), seconds),
            _in_time(self._are_keys_old(), seconds),
            self.in_reach.missing(seconds),
        )
        late = {"outbox": outbox, "key_list": old_keys}
        return [*self.silent(), *(name for name, is_late in late.items() if is_late), *out]

    async def _are_news_old(self) -> bool:
        try:
            return await self.oldest_news() > OLD_NEWS
        except StoreUnavailable:
            return False

    async def _are_keys_old(self) -> bool:
        return (await self.keys_age() or 0.0) > OLD_KEYS


async def _in_time(look: Awaitable[bool], seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await look
    except TimeoutError:
        return False
