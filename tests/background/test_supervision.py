"""What runs beside the chat goes on whatever happens in a round, and is known to be silent when it does not."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.background.supervision import Heartbeat, Work, beside, forever, woken
from bot.errors import StoreUnavailable
from bot.store.records import State
from bot.tenant import GraphCall, WriteResult
from tests.approvals.harness import Harness, Time, consent_plan, harness

SECONDS = 60.0


async def _at_once() -> None:
    """A pause that takes no time."""
    await asyncio.sleep(0)


def _work(round_: Callable[[], Awaitable[None]], time: Time) -> Work:
    return Work(Heartbeat("worker", SECONDS, lambda: time.steady), round_, _at_once)


@pytest.mark.parametrize(
    "error",
    [StoreUnavailable("words"), ValueError("words"), KeyError("words"), RecursionError("words"), MemoryError("words")],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_a_round_raises_is_told_by_its_place_and_the_next_round_comes(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    rounds = asyncio.Queue[int]()

    async def fails() -> None:
        rounds.put_nowait(1)
        raise error

    async with beside([_work(fails, Time())]):
        for _ in range(3):
            await rounds.get()
    assert f"worker: this round failed: {type(error).__name__} at fails" in caplog.text
    assert "words" not in caplog.text


async def test_work_that_others_cancelled_is_a_failed_round_and_no_end(caplog: pytest.LogCaptureFixture) -> None:
    rounds = asyncio.Queue[int]()

    async def waits_for_others() -> None:
        rounds.put_nowait(1)
        shared = asyncio.get_running_loop().create_future()
        shared.cancel()
        await shared

    async with beside([_work(waits_for_others, Time())]):
        for _ in range(3):
            await rounds.get()
    assert "worker: this round failed: CancelledError" in caplog.text


async def test_who_ends_the_bot_ends_a_round_that_hangs() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def hangs() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with beside([_work(hangs, Time())]):
        await begun.wait()
    assert ended.is_set()


async def test_a_round_that_swallows_its_end_is_the_last_one() -> None:
    begun, rounds = asyncio.Event(), []

    async def swallows() -> None:
        rounds.append(1)
        begun.set()
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            return

    async with beside([_work(swallows, Time())]):
        await begun.wait()
    assert rounds == [1]


async def test_one_that_fails_does_not_stop_the_others() -> None:
    rounds = asyncio.Queue[int]()

    async def fails() -> None:
        raise ValueError

    async def works() -> None:
        rounds.put_nowait(1)

    async with beside([_work(fails, Time()), _work(works, Time())]):
        for _ in range(3):
            await rounds.get()


async def test_rounds_that_end_well_are_a_sign_of_life_and_those_that_fail_or_hang_are_none() -> None:
    time, rounds = Time(), asyncio.Queue[str]()
    goes: dict[str, Callable[[], Awaitable[object]]] = {"well": _at_once, "hangs": asyncio.Event().wait}
    how = "well"

    async def round_() -> None:
        rounds.put_nowait(how)
        await goes[how]()  # "badly" is a KeyError

    work = _work(round_, time)
    task = asyncio.create_task(forever(work))
    assert not work.heartbeat.stale
    for how, silent in (("well", False), ("badly", True), ("well", False), ("hangs", True)):
        await _next(rounds, how)
        time.pass_by(seconds=SECONDS + 1)
        if how != "hangs":
            await _next(rounds, how)
            await _next(rounds, how)  # when this one begins, the one before it has ended
        assert work.heartbeat.stale is silent, how
    task.cancel()
    await asyncio.wait([task])


async def _next(rounds: asyncio.Queue[str], how: str) -> None:
    while await rounds.get() != how:
        pass


def test_long_work_that_moves_on_is_alive_and_dies_of_silence_only() -> None:
    time = Time()
    heartbeat = Heartbeat("worker", SECONDS, lambda: time.steady)
    for _ in range(20):
        time.pass_by(seconds=SECONDS)
        assert not heartbeat.stale
        heartbeat.alive()
    time.pass_by(seconds=SECONDS + 1)
    assert heartbeat.stale


async def test_a_call_ends_the_pause_and_is_heard_also_while_nobody_waits() -> None:
    wake = asyncio.Event()
    wake.set()
    await woken(wake, 3_600)
    assert not wake.is_set()
    await woken(wake, 0)


async def _pool_without_connections(table: Harness, stack: AsyncExitStack) -> None:
    """Others hold them all; who waits for one waits a moment instead of half a minute."""
    pool = table.engine.sync_engine.pool
    pool._timeout = 0.01  # type: ignore[attr-defined]  # QueuePool
    for _ in range(15):
        await stack.enter_async_context(table.engine.connect())


async def test_the_worker_outlives_a_pool_that_has_nothing_left_and_then_carries_out_what_was_approved(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with harness(tmp_path, writes=_Consent()) as table, AsyncExitStack() as others:
        request = await table.approved(consent_plan())
        await _pool_without_connections(table, others)
        failed, wake = asyncio.Event(), asyncio.Event()

        async def pause() -> None:
            failed.set()
            await woken(wake, 3_600)

        heartbeat = Heartbeat("worker", SECONDS, lambda: table.time.steady)
        async with beside([Work(heartbeat, table.worker.round, pause)]):
            await failed.wait()
            assert "the database: TimeoutError" in caplog.text
            assert "worker: this round failed: StoreUnavailable" in caplog.text
            await others.aclose()
            failed.clear()
            wake.set()
            await failed.wait()
        assert await table.state(request) is State.CONSENTING


class _Consent:
    """bot.tenant.Writes of a tenant that has neither app nor grant."""

    async def read(self, path: str) -> tuple[dict[str, object], ...]:
        return ()

    async def send(self, call: GraphCall) -> WriteResult:
        raise AssertionError(call)
