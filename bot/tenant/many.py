"""Reads many collections of beta: a few one by one, more in batches; so many calls at once, until a deadline."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from bot.errors import BotError, NotFound, NotPermitted, TenantRefused, TenantUnreachable
from bot.reset_rules.sources import Rows
from bot.tenant.client import Client

MOST_AT_ONCE = 8
BATCHES_AT_ONCE = 16
IN_A_BATCH = 20  # that Graph takes
BATCH = "/beta/$batch"

_ROOT = "/beta"
_AGAIN = frozenset({429, 502, 503, 504})  # asked once more by itself: the client waits as long as Graph says

Found = TypeVar("Found")


class _Answer(BaseModel):
    """One answer in a batch."""

    model_config = ConfigDict(extra="ignore")

    id: str
    status: int
    body: Any = None


class _Answers(BaseModel):
    """All of them, in any order."""

    model_config = ConfigDict(extra="ignore")

    responses: list[_Answer] = Field(default_factory=list)


class Many:
    """One errand of many reads. What can't be read is in the answer as the error that says why."""

    def __init__(self, client: Client, until: float) -> None:
        self._client = client
        self._until = until
        self._gate = asyncio.Semaphore(MOST_AT_ONCE)
        self._batches = asyncio.Semaphore(BATCHES_AT_ONCE)

    async def rows(self, paths: Sequence[str]) -> list[Rows | BotError]:
        """The whole collections of these paths, in this order."""
        if len(paths) <= MOST_AT_ONCE:
            return await asyncio.gather(*map(self.of, paths))
        starts = range(0, len(paths), IN_A_BATCH)
        batches = await asyncio.gather(*(self._batch(paths[start : start + IN_A_BATCH]) for start in starts))
        return [answer for batch in batches for answer in batch]

    async def of(self, path: str) -> Rows | BotError:
        """One of them."""
        return await self.read(lambda: self._client.rows(path))

    async def read(self, work: Callable[[], Awaitable[Found]]) -> Found | BotError:
        """What a piece of work gives, in time and among the others."""
        return await self._through(self._gate, work)

    async def _through(self, gate: asyncio.Semaphore, work: Callable[[], Awaitable[Found]]) -> Found | BotError:
        try:
            async with asyncio.timeout_at(self._until), gate:
                return await work()
        except TimeoutError:
            return TenantUnreachable("policies")
        except BotError as error:
            return error

    async def _batch(self, paths: Sequence[str]) -> list[Rows | BotError]:
        """A cloud that takes no batch is asked one by one."""
        wanted = dict(enumerate(paths))
        body = {
            "requests": [
                {"id": str(number), "method": "GET", "url": path.removeprefix(_ROOT)} for number, path in wanted.items()
            ]
        }
        answered = await self._through(self._batches, lambda: self._client.post(BATCH, body, _Answers))
        if isinstance(answered, BotError):
            return await asyncio.gather(*map(self.of, wanted.values()))
        answers = {answer.id: answer for answer in answered.responses}
        return await asyncio.gather(*(self._one(path, answers.get(str(number))) for number, path in wanted.items()))

    async def _one(self, path: str, answer: _Answer | None) -> Rows | BotError:
        """Its rows; where there are more pages or nothing was told, it is read by itself."""
        if answer is None or answer.status in _AGAIN:
            return await self.of(path)
        if answer.status != 200:
            return _error(answer.status)
        body = answer.body if isinstance(answer.body, dict) else {}
        if body.get("@odata.nextLink"):
            return await self.of(path)
        rows = body.get("value")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            return TenantRefused("an answer that is no collection")
        return tuple(rows)


def _error(status: int) -> BotError:
    known = {403: NotPermitted("graph"), 404: NotFound("graph")}
    return known.get(status) or (TenantUnreachable if status >= 500 else TenantRefused)(str(status))
