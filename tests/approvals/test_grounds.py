"""What is carried out is young and still wanted: ages, roles and groups are looked at before every write (T9, T22)."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.approvals.outcomes import SETTLED
from bot.approvals.plan import Plan
from bot.approvals.refusals import Reason, Refused
from bot.changes import assignment
from bot.changes.assignment import may_grow
from bot.simulation import World
from bot.simulation.faults import Fault
from bot.store.records import Note, Request, State, Verdict
from bot.tenant import GraphCall
from tests.approvals.harness import TenantHarness, consent_plan, profile_plan, tenant_harness

WRITE = "DeviceManagementConfiguration.ReadWrite.All"


def _leaves(at: TenantHarness, group: str, person: str) -> None:
    at.world.tenant.members[at.group_id(group)].discard(at.person(person))


async def _round(at: TenantHarness, request: Request) -> Request:
    await at.harness.worker.round()
    return await at.harness.now(request)


async def _stuck(at: TenantHarness) -> Request:
    """Its first write was refused: somebody has to look."""
    request = await at.approved(await at.assign("finance"))
    at.world.tenant.permissions.discard(WRITE)
    request = await _round(at, request)
    assert (request.state, request.note) == (State.ATTENTION, Note.TENANT_REFUSED)
    at.world.tenant.permissions.add(WRITE)
    return request


async def _retried(at: TenantHarness, request: Request, by: str = "approver2") -> Request:
    await at.harness.approvals.retry(request.number, at.harness.who(at.person(by)))
    return await _round(at, request)


@pytest.mark.parametrize(("hours", "state"), [(23, State.DONE), (24, State.VOID), (24 * 30, State.VOID)])
async def test_an_approval_is_acted_on_for_a_day(at_work: TenantHarness, hours: int, state: State) -> None:
    request = await at_work.approved(await at_work.assign("finance"))
    at_work.harness.time.pass_by(hours=hours)
    request = await _round(at_work, request)
    assert request.state is state
    assert request.note is (Note.APPROVAL_OLD if state is State.VOID else Note.NONE)
    assert len(at_work.world.tenant.written) == (state is State.DONE)


async def test_a_backup_of_last_month_carries_nothing_out_again(world: World, tmp_path: Path) -> None:
    live, backup = tmp_path / "live", tmp_path / "backup"
    live.mkdir()
    async with tenant_harness(world, live) as at:
        request = await at.approved(await at.assign("finance"))
        shutil.copytree(live, backup)
        await at.harness.worker.round()
        undone = assignment.undo(Plan.read(request.plan), await at.tenant_state(), {})
        await _round(at, await at.approved(undone))
        assert len(world.tenant.written) == 2
        at.harness.time.pass_by(days=30)
        async with tenant_harness(world, backup, time=at.harness.time) as restored:
            request = await _round(restored, request)
            assert (request.state, request.note) == (State.VOID, Note.APPROVAL_OLD)
    assert len(world.tenant.written) == 2


async def test_what_was_approved_before_the_operator_stopped_all_writing_waits(world: World, tmp_path: Path) -> None:
    async with tenant_harness(world, tmp_path) as at:
        request = await at.approved(await at.assign("finance"))
    async with tenant_harness(world, tmp_path, read_only=True) as at:
        assert (await _round(at, request)).state is State.APPROVED
    assert world.tenant.written == []


async def test_what_was_held_or_stuck_for_too_long_is_not_gone_on_with(at_work: TenantHarness) -> None:
    request = await _stuck(at_work)
    at_work.harness.time.pass_by(days=40)
    request = await _retried(at_work, request)
    assert (request.state, request.note) == (State.ATTENTION, Note.APPROVAL_OLD)
    assert at_work.world.tenant.written == []


async def test_what_the_tenant_itself_has_approved_since_may_be_older(at_work: TenantHarness) -> None:
    at_work.world.tenant.multi_admin = True
    request = await _round(at_work, await at_work.approved(await at_work.assign("finance")))
    assert request.state is State.HELD
    at_work.harness.time.pass_by(days=3)  # a weekend, say
    next(iter(at_work.world.tenant.held.values())).status = "approved"
    assert (await _retried(at_work, request, "admin")).state is State.DONE


@pytest.mark.parametrize(
    ("group", "person", "note"),
    [("admins", "admin", Note.REQUESTER_LEFT), ("approvers", "approver", Note.APPROVER_LEFT)],
)
async def test_T9_who_asked_and_who_agreed_are_still_there_at_the_first_write_and_after_a_pause(  # noqa: N802
    at_work: TenantHarness, group: str, person: str, note: Note
) -> None:
    request = await at_work.approved(await at_work.assign("finance"))
    assert await at_work.harness.roles.is_approver(at_work.person("approver"))  # kept for a minute, and not believed
    _leaves(at_work, group, person)
    request = await _round(at_work, request)
    assert (request.state, request.note) == (State.VOID, note)
    at_work.world.tenant.members[at_work.group_id(group)].add(at_work.person(person))
    request = await _stuck(at_work)
    _leaves(at_work, group, person)
    request = await _retried(at_work, request)
    assert (request.state, request.note) == (State.ATTENTION, note)
    assert at_work.world.tenant.written == []


@pytest.mark.parametrize(("group", "person"), [("admins", "admin"), ("approvers", "approver")])
async def test_T9_what_was_held_is_not_sent_for_who_has_left(at_work: TenantHarness, group: str, person: str) -> None:  # noqa: N802
    at_work.world.tenant.multi_admin = True
    request = await _round(at_work, await at_work.approved(await at_work.assign("finance")))
    next(iter(at_work.world.tenant.held.values())).status = "approved"
    _leaves(at_work, group, person)
    request = await _retried(at_work, request)
    assert (request.state, at_work.world.tenant.written) == (State.ATTENTION, [])


async def test_T9_a_write_that_was_throttled_is_not_sent_again_for_who_left_meanwhile(at_work: TenantHarness) -> None:  # noqa: N802
    place = "graph/v1.0/deviceManagement/deviceConfigurations"
    at_work.world.faults.add(Fault(place, "POST", status=429, retry_after="100", calls=1))
    request = await at_work.approved(await at_work.assign("finance"))

    async def leave(_seconds: float) -> None:
        _leaves(at_work, "approvers", "approver")

    at_work.harness.worker._pause = leave
    request = await _round(at_work, request)
    assert (request.state, request.note) == (State.ATTENTION, Note.APPROVER_LEFT)
    assert at_work.world.tenant.written == []


async def test_T9_who_can_not_be_looked_up_is_waited_for(at_work: TenantHarness) -> None:  # noqa: N802
    request = await at_work.approved(await at_work.assign("finance"))
    at_work.world.faults.add(Fault(f"graph/v1.0/users/{at_work.person('admin')}", status=503))
    assert (await _round(at_work, request)).state is State.APPROVED
    assert at_work.world.tenant.written == []
    at_work.world.faults.clear()
    assert (await _round(at_work, request)).state is State.DONE


@pytest.mark.parametrize("leave", [False, True], ids=["comes in", "goes out"])
async def test_T22_a_group_that_has_grown_since_voids_the_approval(at_work: TenantHarness, leave: bool) -> None:  # noqa: N802
    key = "pilot" if leave else "finance"
    plan = await _unassign(at_work, key) if leave else await at_work.assign(key)
    request = await at_work.approved(plan)
    (before,) = await at_work.sized(key)
    at_work.world.tenant.members[at_work.group_id(key)] |= set(at_work.world.tenant.devices)
    (now,) = await at_work.sized(key)
    request = await _round(at_work, request)
    assert (request.state, request.note) == (State.VOID, Note.GROUP_GREW)
    assert json.loads(request.evidence)["grown"] == [
        {"name": before.name, "before": before.devices, "now": now.devices}
    ]
    assert at_work.world.tenant.written == []


async def test_T22_a_group_that_grew_while_a_human_was_waited_for_is_noticed(at_work: TenantHarness) -> None:  # noqa: N802
    request = await _stuck(at_work)
    at_work.world.tenant.members[at_work.group_id("finance")] |= set(at_work.world.tenant.devices)
    request = await _retried(at_work, request)
    assert (request.state, request.note) == (State.ATTENTION, Note.GROUP_GREW)
    assert at_work.world.tenant.written == []


async def test_a_few_more_and_any_number_less_are_let_in(at_work: TenantHarness) -> None:
    request = await at_work.approved(await at_work.assign("finance"))
    members = at_work.world.tenant.members[at_work.group_id("finance")]
    members |= set(sorted(set(at_work.world.tenant.devices) - members)[:3])
    assert (await _round(at_work, request)).state is State.DONE
    undone = assignment.undo(Plan.read(request.plan), await at_work.tenant_state(), await _known(at_work))
    request = await at_work.approved(undone)
    members.clear()
    assert (await _round(at_work, request)).state is State.DONE


@pytest.mark.parametrize(
    ("members", "percent", "more"), [(0, 10, 3), (29, 10, 3), (500, 10, 50), (10_000, 1, 100), (10_000, 0, 0)]
)
def test_how_much_a_group_may_grow(members: int, percent: int, more: int) -> None:
    assert may_grow(members, percent) == more


async def _known(at: TenantHarness) -> dict[str, Any]:
    return {one.id: one for one in await at.sized(*at.world.company.groups)}


async def _unassign(at: TenantHarness, key: str) -> Plan:
    return assignment.unassign(await at.tenant_state(), await at.sized(key), await _known(at))


async def _twenty_seconds_later(at: TenantHarness, group: str, person: str) -> None:
    assert await at.harness.roles.is_approver(at.person("approver"))
    assert await at.harness.roles.is_admin(at.person("admin"))
    _leaves(at, group, person)
    at.harness.time.pass_by(seconds=20)


async def test_T9_who_was_removed_a_moment_ago_decides_and_stops_nothing(at_work: TenantHarness) -> None:  # noqa: N802
    waiting, stuck = await at_work.filed(profile_plan(at_work.world.tenant.id)), await _stuck(at_work)
    service, who = at_work.harness.approvals, at_work.harness.who(at_work.person("approver"))
    await _twenty_seconds_later(at_work, "approvers", "approver")
    for verdict in Verdict:
        ruling = await at_work.harness.press(waiting, who.object_id, verdict)
        assert ruling.refused is Reason.NOT_APPROVER
    await service.freeze(at_work.harness.who(at_work.person("approver2")), "an incident")
    for attempt in (
        service.unfreeze(who),
        service.retry(stuck.number, who),
        service.close(stuck.number, who, "no more"),
        service.set_clock_right(who),
    ):
        with pytest.raises(Refused) as caught:
            await attempt
        assert caught.value.reason is Reason.NOT_APPROVER
    await service.unfreeze(at_work.harness.who(at_work.person("approver2")))
    with pytest.raises(Refused):
        await service.freeze(who, "bye")
    assert not (await service.frozen()).frozen
    assert await at_work.harness.state(waiting) is State.WAITING
    assert await at_work.harness.state(stuck) is State.ATTENTION


async def test_T10_a_freeze_by_who_can_not_be_looked_up_in_time_is_refused(at_work: TenantHarness) -> None:  # noqa: N802
    who = at_work.harness.who(at_work.person("approver"))
    assert await at_work.harness.roles.is_approver(who.object_id)  # kept for a minute, and not asked again for that
    at_work.world.faults.fail("graph", 503)
    with pytest.raises(Refused) as caught:
        await at_work.harness.approvals.freeze(who, "an incident")
    assert caught.value.reason is Reason.TRY_AGAIN


class _Unseen:
    """Graph takes every write, and reads don't show any of them while `hidden`."""

    def __init__(self, at: TenantHarness) -> None:
        self._real = at.harness.worker._writes
        self._first: dict[str, Any] = {}
        self.hidden = True

    async def read(self, path: str) -> Any:
        rows = await self._real.read(path)
        return self._first.setdefault(path, rows) if self.hidden else rows

    async def send(self, call: GraphCall) -> Any:
        return await self._real.send(call)


async def test_T19_who_goes_on_too_early_is_told_until_when_and_nothing_is_sent_again(at_work: TenantHarness) -> None:  # noqa: N802
    unseen, time = _Unseen(at_work), at_work.harness.time
    at_work.harness.worker._writes = unseen
    request, began = await at_work.approved(await at_work.assign("finance")), time.now
    request = await _round(at_work, request)
    assert (request.state, request.note) == (State.ATTENTION, Note.NOT_SEEN)
    settled = json.loads(request.evidence)["settled_at"]
    assert settled == (request.steps[0].at + SETTLED).isoformat()
    assert (time.now - began).total_seconds() < 600

    async def pause(seconds: float) -> None:
        time.pass_by(seconds=seconds)
        unseen.hidden = (time.now - began).total_seconds() < 600

    at_work.harness.worker._pause = pause
    assert (await _retried(at_work, request)).state is State.DONE
    assert len(at_work.world.tenant.written) == 1


async def test_T19_a_profile_that_was_not_seen_is_created_again_only_once_reads_have_settled(  # noqa: N802
    at_start: TenantHarness,
) -> None:
    at_start.harness.worker._writes = _Unseen(at_start)
    request = await at_start.approved(profile_plan(at_start.world.tenant.id))
    request = await _round(at_start, request)
    sent = request.steps[0].at
    moments = []
    real = at_start.harness.worker._writes.send

    async def send(call: GraphCall) -> Any:
        moments.append(at_start.harness.time.now - sent)
        return await real(call)

    at_start.harness.worker._writes.send = send  # type: ignore[method-assign]
    request = await _retried(at_start, request)
    assert [moment >= SETTLED for moment in moments] == [True]


async def test_one_slow_request_holds_up_no_other(at_start: TenantHarness) -> None:
    unseen, wait, waits = _Unseen(at_start), asyncio.Event(), asyncio.Event()
    real, at_start.harness.worker._writes = at_start.harness.worker._writes, unseen
    slow = await at_start.approved(profile_plan(at_start.world.tenant.id))

    async def pause(_seconds: float) -> None:
        waits.set()
        await wait.wait()

    at_start.harness.worker._pause = pause
    working = asyncio.create_task(at_start.harness.worker.round())
    await waits.wait()
    at_start.harness.worker._writes = real
    other = await at_start.harness.filed(consent_plan(at_start.world.tenant.id), at_start.person("admin2"))
    assert (await at_start.harness.press(other, at_start.person("approver"))).refused is None
    await at_start.harness.worker.round()
    assert await at_start.harness.state(other) is State.CONSENTING
    assert await at_start.harness.state(slow) is State.RUNNING
    await at_start.harness.worker.stop()
    await asyncio.gather(working, return_exceptions=True)
    assert await at_start.harness.state(slow) is State.RUNNING


async def test_T37_what_is_waited_for_does_not_go_on_over_a_jump_of_the_clock(at_work: TenantHarness) -> None:  # noqa: N802
    place = "graph/v1.0/deviceManagement/deviceConfigurations"
    at_work.world.faults.add(Fault(place, "POST", status=429, retry_after="100", calls=1))
    request = await at_work.approved(await at_work.assign("finance"))

    async def jump(_seconds: float) -> None:
        at_work.harness.time.now += (await at_work.harness.now(request)).expires_at - request.created_at
        at_work.harness.worker._pause = at_work.harness.time.pause
        await at_work.harness.worker.start()

    at_work.harness.worker._pause = jump
    request = await _round(at_work, request)
    assert (request.state, request.note) == (State.ATTENTION, Note.CLOCK_JUMPED)
    assert at_work.world.tenant.written == []
