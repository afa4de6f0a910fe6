"""What was answered a moment ago is not done again, as when Teams sends a call twice (T6 and T7 in SECURITY.md)."""

import asyncio

import pytest

from bot.chat.cache import Cache

SECONDS, MOST = 600.0, 50


class Work:
    """Counts how often it is done."""

    def __init__(self, *, fails_first: bool = False) -> None:
        self.done = 0
        self._fails_first = fails_first

    async def __call__(self) -> int:
        self.done += 1
        await asyncio.sleep(0)
        if self._fails_first and self.done == 1:
            raise ValueError("first")
        return self.done


def _cache(now: list[float]) -> Cache[int]:
    return Cache(SECONDS, MOST, lambda: now[0])


async def test_ten_deliveries_at_once_are_one_piece_of_work_and_ten_equal_answers() -> None:
    cache, work = _cache([0.0]), Work()
    assert await asyncio.gather(*(cache.get(("c", "1"), work) for _ in range(10))) == [1] * 10
    assert work.done == 1


async def test_a_late_delivery_gets_the_first_answer() -> None:
    now = [0.0]
    cache, work = _cache(now), Work()
    await cache.get(("c", "1"), work)
    now[0] = SECONDS - 1
    assert await cache.get(("c", "1"), work) == 1


async def test_the_memory_has_a_lifetime() -> None:
    now = [0.0]
    cache, work = _cache(now), Work()
    await cache.get(("c", "1"), work)
    now[0] = SECONDS + 1
    assert await cache.get(("c", "1"), work) == 2


async def test_the_memory_is_bounded() -> None:
    cache, work = _cache([0.0]), Work()
    for number in range(MOST + 20):
        await cache.get(("c", str(number)), work)
    assert len(cache._kept) == MOST


async def test_what_is_over_is_forgotten_without_being_asked_for() -> None:
    now = [0.0]
    cache, work = _cache(now), Work()
    await cache.get("old", work)
    now[0] = SECONDS
    await cache.get("new", work)
    assert list(cache._kept) == ["new"]


async def test_after_a_failure_the_next_delivery_tries_again() -> None:
    cache, work = _cache([0.0]), Work(fails_first=True)
    with pytest.raises(ValueError, match="first"):
        await cache.get(("c", "1"), work)
    assert await cache.get(("c", "1"), work) == 2


async def test_a_caller_that_hangs_up_does_not_undo_what_another_waits_for() -> None:
    cache, work = _cache([0.0]), Work()
    first = asyncio.create_task(cache.get(("c", "1"), work))
    second = asyncio.create_task(cache.get(("c", "1"), work))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == 1
