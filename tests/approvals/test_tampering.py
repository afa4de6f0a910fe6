"""What a hand wrote into the database leads to no write, and only a person lifts a freeze (T39, T40 in SECURITY.md)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from bot.approvals.plan import Plan
from bot.approvals.policy import with_audiences
from bot.approvals.refusals import Reason, Refused
from bot.changes import assignment
from bot.store import audit
from bot.store.records import Change, Decision, Event, Note, Request, State, Verdict
from bot.store.seal import decision_seal
from tests.approvals.harness import KEY, TenantHarness, profile_plan

NO_STEPS = "DELETE FROM steps WHERE request = :number"
TRIGGERS = tuple(f"DROP TRIGGER IF EXISTS audit_no_{what}" for what in ("update", "delete"))


async def _by_hand(at: TenantHarness, request: Request, *statements: str, **values: Any) -> None:
    async with at.harness.engine.begin() as connection:
        for statement in statements:
            given = {"number": request.number, **values}
            named = {name: value for name, value in given.items() if f":{name}" in statement}
            await connection.execute(text(statement), named)


async def _round(at: TenantHarness, request: Request) -> Request:
    await at.harness.worker.round()
    return await at.harness.now(request)


async def _cancelled(at: TenantHarness) -> Request:
    request = await at.approved(await at.assign("finance"))
    await at.harness.approvals.cancel(request.number, at.harness.who(request.requester))
    return request


async def _void(at: TenantHarness) -> Request:
    request = await at.approved(await at.assign("finance"))
    members, person = at.world.tenant.members[at.group_id("approvers")], at.person("approver")
    members.discard(person)
    assert (await _round(at, request)).state is State.VOID
    members.add(person)
    return request


async def _rejected(at: TenantHarness) -> Request:
    request = await at.filed(await at.assign("finance"))
    await at.harness.press(request, at.person("approver"), Verdict.REJECT)
    return request


async def _expired(at: TenantHarness) -> Request:
    request = await at.filed(await at.assign("finance"))
    at.harness.time.pass_by(days=1)
    await at.harness.sweep()
    return request


async def _undone(at: TenantHarness) -> Request:
    request = await at.approved(await at.assign("finance"))
    await at.harness.worker.round()
    undone = await at.approved(assignment.undo(Plan.read(request.plan), await at.tenant_state(), {}))
    assert (await _round(at, undone)).state is State.DONE
    return request


async def _stuck(at: TenantHarness) -> Request:
    request = await at.approved(await at.assign("finance"))
    needed = "DeviceManagementConfiguration.ReadWrite.All"
    at.world.tenant.permissions.discard(needed)
    assert (await _round(at, request)).state is State.ATTENTION
    at.world.tenant.permissions.add(needed)
    return request


@pytest.mark.parametrize("revived", ["approved", "running"])
@pytest.mark.parametrize(
    "story", [_cancelled, _void, _rejected, _expired, _undone, _stuck], ids=lambda one: one.__name__
)
@pytest.mark.parametrize("as_before", [False, True], ids=["state alone", "revision too"])
async def test_T40_what_a_hand_has_set_back_is_void_and_not_carried_out(  # noqa: N802
    at_work: TenantHarness, story: Any, revived: str, as_before: bool
) -> None:
    request = await story(at_work)
    written = len(at_work.world.tenant.written)
    revision = ", revision = 2, note = '', evidence = '{}'" if as_before else ""
    await _by_hand(
        at_work, request, NO_STEPS, f"UPDATE requests SET state = '{revived}'{revision} WHERE number = :number"
    )
    request = await _round(at_work, request)
    assert (request.state, request.note) == (State.VOID, Note.TAMPERED)
    assert len(at_work.world.tenant.written) == written
    assert (await audit.check(at_work.harness.engine, KEY)).sound


async def test_T40_an_event_that_a_hand_added_to_the_audit_revives_nothing(at_work: TenantHarness) -> None:  # noqa: N802
    request = await _cancelled(at_work)
    copied = (
        "INSERT INTO audit SELECT (SELECT max(seq) + 1 FROM audit), at, event, request, actor, detail, hash "
        "FROM audit WHERE event = 'approved'"
    )
    await _by_hand(at_work, request, copied, "UPDATE requests SET state = 'approved', revision = 2")
    request = await _round(at_work, request)
    assert (request.state, request.note, at_work.world.tenant.written) == (State.VOID, Note.TAMPERED, [])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE requests SET reason = 'approved by the head of security'",
        "UPDATE requests SET retries = 5",
        "UPDATE requests SET note = 'multi_admin'",
        "INSERT INTO steps VALUES (:number, 0, 'intent', 1, '2026-11-23 09:00:00.000000', '', '', NULL, '')",
        "INSERT INTO steps VALUES (:number, 0, 'done', 1, '2026-11-23 09:00:00.000000', '', '', 200, '')",
        "INSERT INTO steps VALUES (:number, 0, 'held', 1, '2026-11-23 09:00:00.000000', '', '', 403, 'a code')",
    ],
)
@pytest.mark.parametrize("approved", [False, True], ids=["waiting", "approved"])
async def test_T40_what_people_read_and_how_far_it_got_can_not_be_changed_by_hand(  # noqa: N802
    at_work: TenantHarness, statement: str, approved: bool
) -> None:
    plan = await at_work.assign("finance")
    request = await (at_work.approved(plan) if approved else at_work.filed(plan))
    await _by_hand(at_work, request, statement)
    if not approved:
        ruling = await at_work.harness.press(request, at_work.person("approver"))
        assert ruling.refused is Reason.TAMPERED
    request = await _round(at_work, request)
    assert (request.state, request.note, at_work.world.tenant.written) == (State.VOID, Note.TAMPERED, [])


@pytest.mark.parametrize(
    "statement", ["SET state = 'running'", "SET revision = 7", "SET state = 'running', revision = 3"]
)
async def test_T40_a_hand_moves_nothing_on_either(at_work: TenantHarness, statement: str) -> None:  # noqa: N802
    request = await at_work.approved(await at_work.assign("finance"))
    await _by_hand(at_work, request, f"UPDATE requests {statement}")
    request = await _round(at_work, request)
    assert (request.state, request.note, at_work.world.tenant.written) == (State.VOID, Note.TAMPERED, [])


async def test_T40_what_needs_attention_and_was_changed_by_hand_is_not_gone_on_with(at_work: TenantHarness) -> None:  # noqa: N802
    request = await _stuck(at_work)
    await _by_hand(at_work, request, "UPDATE steps SET approval_code = 'a code'")
    with pytest.raises(Refused) as caught:
        await at_work.harness.approvals.retry(request.number, at_work.harness.who(at_work.person("approver")))
    assert caught.value.reason is Reason.TAMPERED
    request = await at_work.harness.now(request)
    assert (request.state, request.note) == (State.VOID, Note.TAMPERED)


async def test_T40_what_was_changed_by_hand_can_still_be_ended_and_reminded_of(at_work: TenantHarness) -> None:  # noqa: N802
    request = await at_work.filed(await at_work.assign("finance"))
    await _by_hand(at_work, request, "UPDATE requests SET reason = 'another'")
    at_work.harness.time.pass_by(hours=6)
    await at_work.harness.sweep()
    assert (await at_work.harness.now(request)).reminded == 1
    assert (await at_work.harness.press(request, at_work.person("approver"))).refused is Reason.TAMPERED  # no new seal
    other = await at_work.filed(await at_work.assign("finance"))
    await _by_hand(at_work, other, "UPDATE requests SET reason = 'another' WHERE number = :number")
    await at_work.harness.approvals.cancel(other.number, at_work.harness.who(other.requester))
    assert await at_work.harness.state(other) is State.CANCELLED


async def test_T40_a_press_that_was_refused_and_a_reminder_change_nothing(at_work: TenantHarness) -> None:  # noqa: N802
    request = await at_work.filed(await at_work.assign("finance"))
    at_work.harness.time.pass_by(hours=6)
    await at_work.harness.sweep()
    await at_work.harness.press(request, at_work.person("user"))
    request = await at_work.harness.now(request)
    assert (await at_work.harness.press(request, at_work.person("approver"))).refused is None
    await at_work.harness.press(request, at_work.person("user"))
    assert (await _round(at_work, request)).state is State.DONE


@pytest.mark.parametrize(
    "statements",
    [
        ("UPDATE freeze SET frozen = 0",),
        ("UPDATE freeze SET frozen = 0, revision = 0, actor = '', reason = '', at = NULL",),
        (*TRIGGERS, "UPDATE audit SET event = 'unfrozen' WHERE event = 'frozen'", "UPDATE freeze SET frozen = 0"),
    ],
    ids=["the row", "the row as it was", "the audit too"],
)
async def test_T40_a_freeze_is_lifted_by_a_person_and_by_no_hand(  # noqa: N802
    at_work: TenantHarness, statements: Sequence[str]
) -> None:
    request = await at_work.approved(await at_work.assign("finance"))
    approver = at_work.harness.who(at_work.person("approver2"))
    await at_work.harness.approvals.freeze(approver, "an incident")
    await _by_hand(at_work, request, *statements)
    assert (await _round(at_work, request)).state is State.APPROVED
    with pytest.raises(Refused) as caught:
        await at_work.filed(profile_plan(at_work.world.tenant.id))
    assert caught.value.reason is Reason.FROZEN
    await at_work.harness.approvals.unfreeze(approver)
    assert (await _round(at_work, request)).state is State.DONE


async def _stored(at: TenantHarness, request: Request, approver: str, verdict: Verdict) -> Request:
    """Approved by the bot itself on this verdict: as if the rules had let it through."""
    decision = Decision(approver, verdict, at.harness.time.now)
    decision = replace(decision, seal=decision_seal(KEY, request, decision))
    change = Change(request, Event.APPROVED, approver, decision.at, State.APPROVED, decision=decision)
    await at.harness.store.commit(with_audiences(change))
    return await _round(at, request)


async def test_T8_the_requesters_own_approval_carries_nothing_out_even_if_it_was_let_through(  # noqa: N802
    at_work: TenantHarness,
) -> None:
    admin = at_work.person("admin")
    at_work.world.tenant.members[at_work.group_id("approvers")].add(admin)
    request = await at_work.filed(await at_work.assign("finance"))
    request = await _stored(at_work, request, admin, Verdict.APPROVE)
    assert (request.state, request.note, at_work.world.tenant.written) == (State.VOID, Note.TAMPERED, [])


@pytest.mark.parametrize(("verdict", "state"), [(Verdict.REJECT, State.VOID), (Verdict.APPROVE, State.DONE)])
async def test_T40_a_genuine_rejection_is_no_approval(at_work: TenantHarness, verdict: Verdict, state: State) -> None:  # noqa: N802
    request = await at_work.filed(await at_work.assign("finance"))
    request = await _stored(at_work, request, at_work.person("approver"), verdict)
    assert request.state is state


async def test_T20_a_change_of_somebody_else_before_it_is_gone_on_with_is_noticed_before_the_write(  # noqa: N802
    at_work: TenantHarness,
) -> None:
    request = await _stuck(at_work)
    await at_work.harness.approvals.retry(request.number, at_work.harness.who(at_work.person("approver")))
    at_work.world.tenant.assignments[at_work.profile_id].pop()
    request = await _round(at_work, request)
    assert (request.state, request.note) == (State.ATTENTION, Note.CHANGED_MEANWHILE)
    assert at_work.world.tenant.written == []


async def test_T20_a_change_of_the_second_step_is_noticed_before_its_write(at_work: TenantHarness) -> None:  # noqa: N802
    """The first look rests on all steps; only the step's own look is as new as the write."""
    request = await at_work.approved(await at_work.assign("finance"))
    real, looks = at_work.harness.worker._writes.read, []

    async def read(path: str) -> Any:
        looks.append(path)
        if looks.count(path) == 2 and path.endswith("/assignments"):
            at_work.world.tenant.assignments[at_work.profile_id].pop()
        return await real(path)

    at_work.harness.worker._writes.read = read  # type: ignore[method-assign]
    request = await _round(at_work, request)
    assert (request.state, request.note) == (State.VOID, Note.TENANT_CHANGED)
    assert at_work.world.tenant.written == []
