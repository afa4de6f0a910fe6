"""A call that Teams sends again is answered with the first answer and not done again (threats T6, T7)."""

import asyncio

import pytest

from bot.recent import KEPT_AT_MOST, KEPT_SECONDS, Recent


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


def _recent(now: list[float]) -> Recent[int]:
    return Recent(lambda: now[0])


async def test_ten_deliveries_at_once_are_one_piece_of_work_and_ten_equal_answers() -> None:
    recent, work = _recent([0.0]), Work()
    assert await asyncio.gather(*(recent.once(("c", "1"), work) for _ in range(10))) == [1] * 10
    assert work.done == 1


async def test_a_late_delivery_gets_the_first_answer() -> None:
    now = [0.0]
    recent, work = _recent(now), Work()
    await recent.once(("c", "1"), work)
    now[0] = KEPT_SECONDS - 1
    assert await recent.once(("c", "1"), work) == 1


async def test_the_memory_has_a_lifetime() -> None:
    now = [0.0]
    recent, work = _recent(now), Work()
    await recent.once(("c", "1"), work)
    now[0] = KEPT_SECONDS + 1
    assert await recent.once(("c", "1"), work) == 2


async def test_the_memory_is_bounded() -> None:
    recent, work = _recent([0.0]), Work()
    for number in range(KEPT_AT_MOST + 20):
        await recent.once(("c", str(number)), work)
    assert len(recent._kept) <= KEPT_AT_MOST + 1


async def test_after_a_failure_the_next_delivery_tries_again() -> None:
    recent, work = _recent([0.0]), Work(fails_first=True)
    with pytest.raises(ValueError, match="first"):
        await recent.once(("c", "1"), work)
    assert await recent.once(("c", "1"), work) == 2


async def test_a_caller_that_hangs_up_does_not_undo_what_another_waits_for() -> None:
    recent, work = _recent([0.0]), Work()
    first = asyncio.create_task(recent.once(("c", "1"), work))
    second = asyncio.create_task(recent.once(("c", "1"), work))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == 1
