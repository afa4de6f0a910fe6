"""A wall clock that was ahead or set back stops all only until somebody says it is right (T37 in SECURITY.md)."""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.approvals import upkeep
from bot.approvals.plan import Plan
from bot.approvals.policy import Who
from bot.approvals.refusals import Reason, Refused
from bot.changes import assignment
from bot.demo.gallery.company import TENANT as EXAMPLE_TENANT
from bot.simulation import World
from bot.store import audit
from bot.store.outbox import Outbox
from bot.store.records import OPERATOR, Audience, Event, Note, Request, State, Verdict
from tests.approvals.harness import (
    ADA,
    ARNE,
    DANA,
    KEY,
    MONDAY,
    PRIYA,
    Harness,
    TenantHarness,
    Time,
    consent_plan,
    harness,
    profile_plan,
    tenant_harness,
)
from tests.chat.asking import ask, at_table, shown

DAY = timedelta(days=1)
LIFE = timedelta(hours=24)


@pytest.fixture
async def table(tmp_path: Path) -> AsyncIterator[Harness]:
    """A harness with a tenant that says who is who."""
    async with harness(tmp_path) as made:
        yield made


async def _notified(table: Harness, event: Event) -> int:
    notifications = await Outbox(table.engine).due(table.time.now, most=1_000)
    return sum(
        notification.event is event and notification.audience is Audience.APPROVERS for notification in notifications
    )


async def _approved_ahead(at: TenantHarness, approver: str) -> Request:
    """Filed and approved once, by a wall clock that was a day ahead; it is right again."""
    at.harness.time.now += DAY
    request = await at.filed(await at.assign("finance"))
    await at.harness.press(request, approver)
    at.harness.time.now -= DAY
    return request


async def _filed_ahead(table: Harness, ahead: timedelta = DAY) -> Request:
    """Filed while the wall clock was ahead; it is right again."""
    table.time.now += ahead
    request = await table.filed(profile_plan())
    table.time.now -= ahead
    return request


async def _refused(attempt: object) -> Reason:
    with pytest.raises(Refused) as caught:
        await attempt  # type: ignore[misc]  # any coroutine
    return caught.value.reason


async def _rounds(at: TenantHarness, request: Request, count: int = 3) -> Request:
    for _ in range(count):
        await at.harness.sweep()
        await at.harness.worker.round()
    return await at.harness.now(request)


@pytest.mark.parametrize("ahead", [timedelta(minutes=6), DAY, timedelta(days=3_650)])
async def test_after_an_approver_said_that_the_clock_is_right_changes_go_on(
    at_work: TenantHarness, ahead: timedelta
) -> None:
    table, written, approver = at_work.harness, at_work.world.tenant.written, at_work.person("approver")
    table.time.now += ahead
    request = await at_work.filed(await at_work.assign("finance"))
    table.time.now -= ahead
    await table.press(request, approver)
    for _ in range(2):
        stopped = await _rounds(at_work, request)
        assert (stopped.state, stopped.note, written) == (State.ATTENTION, Note.CLOCK_JUMPED, [])
        await table.approvals.retry(request.number, table.who(approver))
    await _rounds(at_work, request)
    await table.approvals.set_clock_right(table.who(approver))
    await table.approvals.retry(request.number, table.who(approver))
    assert (await _rounds(at_work, request)).state is State.DONE
    assert len(written) == 1
    following = await at_work.approved(assignment.undo(Plan.read(request.plan), await at_work.tenant_state(), {}))
    assert (following.created_at, following.expires_at) == (table.time.now, table.time.now + LIFE)
    assert (await _rounds(at_work, following)).state is State.DONE
    assert (await audit.check(table.engine, KEY)).sound


async def test_approvers_and_the_log_hear_of_it_once_whatever_stops_the_bot(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "bot.approvals.upkeep")
    for read_only in (True, False):
        async with harness(tmp_path) as table:
            await table.worker.round()
            if read_only:
                await _filed_ahead(table)
                await table.approvals.freeze(table.who(PRIYA), "an incident")
        async with harness(tmp_path, read_only=read_only) as table:
            for _ in range(3):
                await table.worker.round()
            assert await _notified(table, Event.CLOCK_BEHIND) == 1
    assert len(caplog.messages) == 1
    assert "shows 2026-11-23T09:00:00+00:00, the store has seen 2026-11-24T09:00:00+00:00" in caplog.messages[0]
    assert "python -m bot clock --set-right" in caplog.messages[0]


async def test_a_second_jump_is_told_again(table: Harness) -> None:
    for jumps in (1, 2):
        request = await _filed_ahead(table, DAY * jumps)
        await table.worker.round()
        assert await _notified(table, Event.CLOCK_BEHIND) == jumps
        await table.approvals.set_clock_right(table.who(PRIYA))
        assert await _notified(table, Event.CLOCK_SET) == jumps
        await table.approvals.cancel(request.number, table.who(ADA))
        table.time.pass_by(hours=1)


@pytest.mark.parametrize("ahead", [timedelta(minutes=5), timedelta()])
async def test_a_clock_that_is_hardly_behind_is_nobodys_trouble(table: Harness, ahead: timedelta) -> None:
    await _filed_ahead(table, ahead)
    await table.worker.round()
    assert await _notified(table, Event.CLOCK_BEHIND) == 0
    assert await table.approvals.clock_behind() is None
    assert await _refused(table.approvals.set_clock_right(table.who(PRIYA))) is Reason.CLOCK_RIGHT


async def test_only_an_approver_of_the_tenant_vouches_and_only_once(table: Harness) -> None:
    await _filed_ahead(table)
    stranger = Who("99999999-2222-4333-8444-555555555555", PRIYA)
    for who, reason in ((table.who(ADA), Reason.NOT_APPROVER), (stranger, Reason.WRONG_TENANT)):
        assert await _refused(table.approvals.set_clock_right(who)) is reason
    table.roles.away = True  # type: ignore[attr-defined]  # TableRoles
    assert await _refused(table.approvals.set_clock_right(table.who(PRIYA))) is Reason.TRY_AGAIN
    table.roles.away = False  # type: ignore[attr-defined]  # TableRoles
    assert await table.approvals.clock_behind()
    await table.approvals.set_clock_right(table.who(PRIYA))
    assert table.woken
    assert await _refused(table.approvals.set_clock_right(table.who(DANA))) is Reason.CLOCK_RIGHT
    rows = [one for one in await audit.entries(table.engine, MONDAY) if one.event == "clock_set"]
    assert [(one.request, one.actor, one.at) for one in rows] == [(1, PRIYA, MONDAY), (None, PRIYA, MONDAY)]
    assert rows[1].detail == {"from": (MONDAY + DAY).isoformat(), "to": MONDAY.isoformat()}


async def test_what_was_filed_on_a_first_day_in_2036_lives_a_day_from_the_repair(tmp_path: Path) -> None:
    time = Time(now=datetime(2036, 1, 1, tzinfo=UTC))
    async with harness(tmp_path, time=time) as table:
        request = await table.filed()
        time.pass_by(hours=9)
        await table.sweep()  # reminds: the store has seen nine o'clock
    time.now = MONDAY
    async with harness(tmp_path, time=time) as table:
        behind = await table.filed(profile_plan(), ARNE)
        time.pass_by(minutes=30)
        await upkeep.set_right(table.store, table.clock, OPERATOR)
        first, second = await table.now(request), await table.now(behind)
        assert second.created_at == second.changed_at == time.now
        assert first.created_at == time.now - timedelta(hours=9)
        assert (first.changed_at, first.reminded) == (time.now, 1)
        assert {one.expires_at - one.created_at for one in (first, second)} == {LIFE}
        assert (await table.press(request)).refused is Reason.STALE_CARD
        time.now = second.expires_at - timedelta(seconds=1)
        assert (await table.press(second)).refused is None
        assert (await table.press(first)).refused is Reason.EXPIRED
        cards = [one for one in await Outbox(table.engine).due(time.now) if one.event is Event.CLOCK_SET]
        assert {(one.request, one.audience) for one in cards} == {
            *((one.number, Audience.CARDS) for one in (first, second)),
            (None, Audience.APPROVERS),
        }


async def test_reminders_of_what_was_dated_back_come_in_time(table: Harness) -> None:
    request = await _filed_ahead(table, timedelta(days=7))
    await table.approvals.set_clock_right(table.who(PRIYA))
    table.time.pass_by(hours=5)
    await table.sweep()
    assert (await table.now(request)).reminded == 0
    table.time.pass_by(hours=1)
    await table.sweep()
    assert (await table.now(request)).reminded == 1


async def test_T40_what_was_approved_meanwhile_is_still_sealed_when_it_is_dated_back(  # noqa: N802
    world: World, tmp_path: Path
) -> None:
    async with tenant_harness(world, tmp_path, needed={"assign": 2}) as at:
        table, (first, second) = at.harness, (at.person("approver"), at.person("approver2"))
        request = await _approved_ahead(at, first)
        await table.approvals.set_clock_right(table.who(first))
        request = await table.now(request)
        assert request.decisions[0].at == table.time.now
        assert (await table.press(request, second)).refused is None
        assert (await _rounds(at, request)).state is State.DONE


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE requests SET expires_at = '2099-01-01 00:00:00.000000'",
        "UPDATE requests SET needed = 1",
        "UPDATE decisions SET approver = 'aaaaaaaa-0000-4000-8000-00000000000f'",
    ],
)
async def test_T40_dating_back_seals_nothing_that_a_hand_has_changed(  # noqa: N802
    world: World, tmp_path: Path, statement: str
) -> None:
    async with tenant_harness(world, tmp_path, needed={"assign": 2}) as at:
        table, (first, second) = at.harness, (at.person("approver"), at.person("approver2"))
        request = await _approved_ahead(at, first)
        await table.worker.round()
        async with table.engine.begin() as connection:
            await connection.execute(text(statement))
        await table.approvals.set_clock_right(table.who(first))
        await table.worker.round()
        await table.press(await table.now(request), second)
        assert (await _rounds(at, request)).note is Note.TAMPERED
        assert at.world.tenant.written == []


async def test_a_clock_that_was_set_back_revives_nothing_that_had_expired(table: Harness) -> None:
    swept, unswept = await table.filed(), await table.filed(profile_plan())
    table.time.pass_by(hours=12)
    living = await table.filed(consent_plan().model_copy(update={"object_key": "living"}), ARNE)
    table.time.pass_by(hours=12)
    assert (await table.press(swept)).refused is Reason.EXPIRED
    table.time.now = MONDAY - DAY
    await table.approvals.set_clock_right(table.who(PRIYA))
    assert [await table.state(one) for one in (swept, unswept, living)] == [
        State.EXPIRED,
        State.EXPIRED,
        State.WAITING,
    ]
    left = await table.now(living)
    assert left.expires_at - table.time.now == timedelta(hours=12)
    assert (await table.press(unswept)).refused is Reason.EXPIRED


async def test_what_the_wrong_clock_let_expire_stays_so_and_can_be_asked_for_again(table: Harness) -> None:
    request = await table.filed()
    table.time.now += DAY
    await table.sweep()
    table.time.now -= DAY
    await table.approvals.set_clock_right(table.who(PRIYA))
    assert await table.state(request) is State.EXPIRED
    assert (await table.press(await table.filed())).refused is None


async def test_what_was_filed_before_the_jump_keeps_its_time(table: Harness) -> None:
    before = await table.filed()
    await _filed_ahead(table, timedelta(hours=6))
    await table.approvals.set_clock_right(table.who(PRIYA))
    assert await table.now(before) == before


async def test_consent_that_is_given_while_the_clock_is_ahead_has_its_week(table: Harness) -> None:
    request = await table.filed()
    table.time.now += timedelta(hours=20)
    await table.press(request)
    async with table.engine.begin() as connection:
        await connection.execute(text("UPDATE requests SET state = 'consenting'"))
    table.time.now -= timedelta(hours=20)
    await table.approvals.set_clock_right(table.who(PRIYA))
    assert (await table.now(request)).changed_at == table.time.now
    table.time.pass_by(days=7)
    await table.sweep()
    assert await table.state(request) is State.UNCONFIRMED


async def test_status_and_approvals_say_both_moments_until_the_clock_is_right(tmp_path: Path) -> None:
    said = "shows Nov 23, 2026, 9:00 AM UTC, but I have seen Nov 24, 2026, 9:00 AM UTC"
    async with harness(tmp_path, tenant=EXAMPLE_TENANT) as table:
        near = at_table(table)
        table.time.now += DAY
        await table.filed()
        table.time.now -= DAY
        for key in ("status", "approvals"):
            assert said in shown((await ask(key, near, person=ADA)).reply)
        answer = await ask("clock_right", near, person=PRIYA)
        assert "From Nov 24, 2026, 9:00 AM UTC back to Nov 23, 2026, 9:00 AM UTC" in shown(answer.reply)
        for key in ("status", "approvals"):
            assert said not in shown((await ask(key, near, person=ADA)).reply)


async def test_a_request_that_was_rejected_meanwhile_is_left_as_it_was(table: Harness) -> None:
    request = await _filed_ahead(table)
    await table.press(request, verdict=Verdict.REJECT)
    ended = await table.now(request)
    await table.approvals.set_clock_right(table.who(PRIYA))
    assert await table.now(request) == ended
