"""The bot is told to stop: no write begins any more, one that has begun ends, and the next start goes on from there."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.approvals.worker import Worker
from bot.simulation import World
from bot.simulation.faults import Fault
from bot.store import audit
from bot.store.records import Request, State, StepState, Verdict
from bot.store.requests import Requests
from bot.tenant.writes import GraphWrites
from tests.approvals.harness import KEY, TenantHarness, consent_plan, tenant_harness
from tests.deadlines import PATIENCE

PROFILES = "graph/v1.0/deviceManagement/deviceConfigurations"
SEND = GraphWrites.send
PASSED: tuple[tuple[type, str], ...] = (
    (Requests, "commit"),
    (GraphWrites, "send"),
    (GraphWrites, "read"),
)


@dataclass
class Moments:
    """Tells the worker to stop at one of those that it passes: before each change and each call of Graph, and after
    each write."""

    strike_at: int = 0
    passed: int = 0
    worker: Worker | None = None

    def here(self) -> None:
        """One moment."""
        if self.worker:
            self.passed += 1
            if self.passed == self.strike_at:
                self.worker.halt()

    def around(self, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """The product's own function, watched."""

        async def watched(*args: Any, **kwargs: Any) -> Any:
            self.here()
            answer = await method(*args, **kwargs)
            if method is SEND:
                self.here()
            return answer

        return watched


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> Moments:
    """Set around the product's own functions."""
    made = Moments()
    for owner, name in PASSED:
        monkeypatch.setattr(owner, name, made.around(getattr(owner, name)))
    return made


async def _restarted(world: World, folder: Path, number: int) -> State:
    """What the next process makes of it."""
    async with tenant_harness(world, folder) as at:
        await at.harness.worker.round()
        assert (await audit.check(at.harness.engine, KEY)).sound
        request = await at.harness.approvals.request(number)
        assert request
        return request.state


async def test_T16_at_whatever_moment_it_is_told_to_stop_nothing_is_lost_or_done_twice(  # noqa: N802
    world: World, tmp_path: Path, moments: Moments
) -> None:
    left = set[State]()
    ((profile_id, before),) = world.tenant.assignments.items()
    before = [*before]
    while moments.passed >= moments.strike_at:  # until it is done before that moment comes
        world.tenant.assignments[profile_id] = [*before]
        world.tenant.written.clear()
        moments.strike_at, moments.passed = moments.strike_at + 1, 0
        folder = tmp_path / str(moments.strike_at)
        folder.mkdir()
        async with tenant_harness(world, folder) as at:
            request = await at.approved(await at.assign("finance"))
            moments.worker = at.harness.worker
            await at.harness.worker.round()
            moments.worker = None
            await at.harness.worker.stop(PATIENCE)
            stopped = await at.harness.now(request)
        left.add(stopped.state)
        # What has begun has ended and is known: nobody has to find out what became of it.
        assert {step.state for step in stopped.steps} <= {StepState.DONE}
        assert len(world.tenant.written) == len(stopped.steps)
        assert await _restarted(world, folder, request.number) is State.DONE
        assert len(world.tenant.written) == 1
    assert left == {State.RUNNING, State.DONE}


async def test_a_write_that_gets_no_answer_is_left_to_the_next_start(world: World, tmp_path: Path) -> None:
    async with tenant_harness(world, tmp_path) as at:
        request = await at.approved(await at.assign("finance"))
        world.faults.add(Fault(PROFILES, "POST", hang=True, carried_out=True))
        working = asyncio.create_task(at.harness.worker.round())
        await world.faults.wait(lambda: world.faults.count(PROFILES, "POST") > 0)
        await at.harness.worker.stop(0.0)
        await asyncio.wait([working])
        stopped = await at.harness.now(request)
        assert (stopped.state, [step.state for step in stopped.steps]) == (State.RUNNING, [StepState.INTENT])
        world.faults.clear()
    assert await _restarted(world, tmp_path, request.number) is State.DONE
    assert len(world.tenant.written) == 1


async def test_who_waits_for_a_read_that_lags_waits_no_longer(world: World, tmp_path: Path) -> None:
    async with tenant_harness(world, tmp_path) as at:
        request = await at.approved(await at.assign("finance"))
        world.tenant.lag = 2
        pausing, never = asyncio.Event(), asyncio.Event()

        async def pause(_seconds: float) -> None:
            pausing.set()
            await never.wait()

        at.harness.worker._pause = pause
        working = asyncio.create_task(at.harness.worker.round())
        await pausing.wait()
        await at.harness.worker.stop(PATIENCE)
        await asyncio.wait([working])
        assert await at.harness.state(request) is State.RUNNING
    assert await _restarted(world, tmp_path, request.number) is State.DONE
    assert len(world.tenant.written) == 1


async def test_nothing_is_taken_up_any_more(at_work: TenantHarness) -> None:
    request = await at_work.approved(await at_work.assign("finance"))
    at_work.harness.worker.halt()
    assert await at_work.harness.worker.start() == ()
    assert (await at_work.harness.state(request), at_work.world.tenant.written) == (State.APPROVED, [])


async def _waiting(at: TenantHarness) -> Request:
    return await at.filed(await at.assign("finance"))


async def _rejected(at: TenantHarness) -> Request:
    request = await _waiting(at)
    await at.harness.press(request, at.person("approver"), Verdict.REJECT)
    return request


async def _held(at: TenantHarness) -> Request:
    at.world.tenant.multi_admin = True
    return await at.approved(await at.assign("finance"))


async def _for_people(at: TenantHarness) -> Request:
    at.world.faults.add(Fault(PROFILES, "POST", status=400))
    return await at.approved(await at.assign("finance"))


async def _consenting(at: TenantHarness) -> Request:
    return await at.approved(consent_plan(at.world.tenant.id))


@pytest.mark.parametrize(
    ("made", "state"),
    [
        (_waiting, State.WAITING),
        (_rejected, State.REJECTED),
        (_held, State.HELD),
        (_for_people, State.ATTENTION),
    ],
)
async def test_what_waits_for_people_stands_where_it_stood(
    world: World, tmp_path: Path, made: Callable[[TenantHarness], Awaitable[Request]], state: State
) -> None:
    await _stands(world, tmp_path, made, state)


async def test_consent_that_is_waited_for_is_waited_for_still(fresh: World, tmp_path: Path) -> None:
    await _stands(fresh, tmp_path, _consenting, State.CONSENTING)


async def _stands(
    world: World, tmp_path: Path, made: Callable[[TenantHarness], Awaitable[Request]], state: State
) -> None:
    async with tenant_harness(world, tmp_path) as at:
        request = await made(at)
        await at.harness.worker.round()
        await at.harness.worker.stop()
        stopped = await at.harness.now(request)
        written = len(world.tenant.written)
    assert stopped.state is state
    async with tenant_harness(world, tmp_path) as at:
        await at.harness.worker.round()
        assert (await at.harness.now(request), len(world.tenant.written)) == (stopped, written)
