"""From asking to deciding: who may, what is refused, and that one press counts once."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.approvals.policy import Who
from bot.approvals.refusals import MOST_LISTED, Reason, Refused
from bot.store import audit
from bot.store.outbox import Outbox
from bot.store.records import Audience, Event, State, Verdict
from tests.approvals.harness import (
    ADA,
    ARNE,
    DANA,
    KEY,
    MONDAY,
    PRIYA,
    TENANT,
    TOM,
    Harness,
    TableRoles,
    consent_plan,
    harness,
    profile_plan,
)
from tests.deadlines import GENEROUS


@pytest.fixture
async def table(tmp_path: Path) -> AsyncIterator[Harness]:
    """A harness with a tenant that says who is who."""
    async with harness(tmp_path) as made:
        yield made


def _roles(table: Harness) -> TableRoles:
    assert isinstance(table.roles, TableRoles)
    return table.roles


async def _refused(attempt: object) -> Reason:
    with pytest.raises(Refused) as caught:
        await attempt  # type: ignore[misc]  # any coroutine
    assert caught.value.key == f"approvals.refused.{caught.value.reason}"
    return caught.value.reason


async def _letters(table: Harness) -> list[tuple[Event, Audience, int | None]]:
    return [(one.event, one.audience, one.request) for one in await Outbox(table.engine).due(table.time.now)]


async def test_a_request_is_filed_told_and_audited(table: Harness) -> None:
    request = await table.filed()
    assert (request.state, request.revision, request.needed) == (State.WAITING, 1, 1)
    assert request.expires_at - request.created_at == timedelta(hours=24)
    assert set(await _letters(table)) == {
        (Event.FILED, Audience.REQUESTER, request.number),
        (Event.FILED, Audience.APPROVERS, request.number),
    }
    (entry,) = await audit.entries(table.engine, table.time.now)
    assert (entry.event, entry.actor, entry.request) == ("filed", ADA, request.number)


async def test_an_approval_is_told_and_wakes_the_worker(table: Harness) -> None:
    request = await table.filed()
    ruling = await table.press(request)
    assert ruling.refused is None
    assert ruling.request is not None
    assert ruling.request.state is State.APPROVED
    (decision,) = ruling.request.decisions
    assert (decision.approver, decision.verdict, decision.head) == (
        PRIYA,
        Verdict.APPROVE,
        await audit.head(table.engine),
    )
    assert table.woken
    assert {(Event.APPROVED, Audience.CARDS, 1), (Event.APPROVED, Audience.REQUESTER, 1)} <= set(await _letters(table))


async def test_the_log_says_which_request_was_decided_and_the_head_that_its_card_shows(
    table: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.approvals")
    ruling = await table.press(await table.filed())
    assert ruling.request is not None
    (decision,) = ruling.request.decisions
    assert [record.getMessage() for record in caplog.records] == [
        "request 1 filed: consent",
        f"request 1 approved, head of the audit {decision.head}",
    ]


async def test_a_rejection_needs_a_reason_and_ends_it(table: Harness) -> None:
    request = await table.filed()
    assert (await table.press(request, verdict=Verdict.REJECT, reason=" \u200b ")).refused is Reason.REJECTION_REASON
    ruling = await table.press(request, verdict=Verdict.REJECT)
    assert ruling.request is not None
    assert ruling.request.state is State.REJECTED
    assert ruling.request.decisions[0].reason == "not in the freeze week"
    assert (await table.press(ruling.request, by=DANA)).refused is Reason.ALREADY_DECIDED


async def test_T8_nobody_approves_their_own_request_however_the_id_is_written(table: Harness) -> None:  # noqa: N802
    _roles(table).deciders.add(ADA)
    request = await table.filed()
    for spelt in (ADA, ADA.upper(), f"{{{ADA}}}", f" {ADA} "):
        assert (await table.press(request, who=Who(TENANT, spelt))).refused is Reason.OWN_REQUEST
    assert await table.state(request) is State.WAITING
    refusals = [one for one in await audit.entries(table.engine, table.time.now) if one.event == "refused"]
    assert len(refusals) == 4


async def test_T3_another_tenant_decides_nothing(table: Harness) -> None:  # noqa: N802
    request = await table.filed()
    stranger = Who("99999999-2222-4333-8444-555555555555", PRIYA)
    assert (await table.press(request, who=stranger)).refused is Reason.WRONG_TENANT
    assert await _refused(table.approvals.file(stranger, profile_plan(), "why")) is Reason.WRONG_TENANT
    assert await table.state(request) is State.WAITING


async def test_T9_who_left_the_group_decides_nothing(table: Harness) -> None:  # noqa: N802
    request = await table.filed()
    _roles(table).deciders.discard(PRIYA)
    assert (await table.press(request)).refused is Reason.NOT_APPROVER
    assert await table.state(request) is State.WAITING


async def test_T10_a_failed_look_up_refuses_and_changes_nothing(table: Harness) -> None:  # noqa: N802
    request = await table.filed()
    _roles(table).away = True
    assert (await table.press(request)).refused is Reason.TRY_AGAIN
    assert await table.now(request) == request
    assert await _refused(table.approvals.file(table.who(ARNE), profile_plan(), "why")) is Reason.TRY_AGAIN
    _roles(table).away = False
    assert (await table.press(request)).refused is None


async def test_T10_a_slow_look_up_refuses_in_time(table: Harness, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: N802
    request = await table.filed()
    table.approvals._deadlines = replace(GENEROUS, role=0.05)

    async def never(_self: TableRoles, _object_id: str, **_: object) -> bool:
        await asyncio.Event().wait()
        return True

    monkeypatch.setattr(TableRoles, "is_approver", never)
    assert (await table.press(request)).refused is Reason.TRY_AGAIN
    assert await table.state(request) is State.WAITING


async def test_T6_ten_deliveries_of_one_press_are_one_decision_and_ten_equal_answers(table: Harness) -> None:  # noqa: N802
    request = await table.filed()
    rulings = await asyncio.gather(*(table.press(request) for _ in range(10)))
    assert len({repr(ruling) for ruling in rulings}) == 1
    assert rulings[0].refused is None
    approvals = [one for one in await audit.entries(table.engine, table.time.now) if one.event == "approved"]
    assert len(approvals) == 1


async def test_T7_a_delivery_after_a_month_and_a_restart_decides_nothing_again(tmp_path: Path) -> None:  # noqa: N802
    async with harness(tmp_path) as table:
        request = await table.filed()
        first = await table.press(request)
        table.time.pass_by(days=30)
        time = table.time
    async with harness(tmp_path, time=time) as table:
        assert await table.press(request) == first


async def test_T11_the_second_approver_sees_who_was_first(table: Harness) -> None:  # noqa: N802
    request = await table.filed()
    await table.press(request)
    ruling = await table.press(request, by=DANA)
    assert ruling.refused is Reason.ALREADY_DECIDED
    assert ruling.request is not None
    assert [one.approver for one in ruling.request.decisions] == [PRIYA]


async def test_two_approvals_come_from_two_people(tmp_path: Path) -> None:
    async with harness(tmp_path, needed={"consent": 2}) as table:
        request = await table.filed()
        first = await table.press(request)
        assert first.request is not None
        assert first.request.state is State.WAITING
        assert (await table.press(first.request)).refused is None  # her own press, delivered again: nothing new
        assert (await table.press(first.request, verdict=Verdict.REJECT)).refused is Reason.ALREADY_VOTED
        assert (await table.press(request, by=DANA)).refused is Reason.STALE_CARD
        second = await table.press(first.request, by=DANA)
        assert second.request is not None
        assert second.request.state is State.APPROVED


async def test_one_rejection_ends_it_although_somebody_approved(tmp_path: Path) -> None:
    async with harness(tmp_path, needed={"consent": 2}) as table:
        first = await table.press(await table.filed())
        assert first.request is not None
        second = await table.press(first.request, by=DANA, verdict=Verdict.REJECT)
        assert second.request is not None
        assert second.request.state is State.REJECTED


async def test_T12_the_last_moment_counts_and_the_next_does_not(table: Harness) -> None:  # noqa: N802
    early, late = await table.filed(), await table.filed(profile_plan())
    table.time.now = early.expires_at - timedelta(milliseconds=1)
    assert (await table.press(early)).refused is None
    table.time.now = late.expires_at
    ruling = await table.press(late)
    assert ruling.refused is Reason.EXPIRED
    assert ruling.request is not None
    assert ruling.request.state is State.EXPIRED


async def test_T37_expiry_is_latched_when_the_clock_is_set_back(table: Harness) -> None:  # noqa: N802
    request = await table.filed()
    table.time.now = request.expires_at
    await table.sweep()
    table.time.now = request.created_at
    assert (await table.press(request)).refused is Reason.EXPIRED
    other = await table.filed(profile_plan())
    assert other.created_at == request.expires_at  # the high-water mark, not the clock on the wall
    table.time.now = request.created_at - timedelta(days=1)
    assert (await table.press(other)).refused is None


async def test_T12_what_was_taken_back_or_replaced_is_not_decided(table: Harness) -> None:  # noqa: N802
    gone = await table.filed()
    await table.approvals.cancel(gone.number, table.who(ADA))
    assert (await table.press(gone)).refused is Reason.CANCELLED
    old = await table.filed()
    new = await table.approvals.file(table.who(ADA), consent_plan(), "better said", supersedes=old.number)
    assert (await table.press(old)).refused is Reason.SUPERSEDED
    assert (await table.press(new)).refused is None


async def test_T14_an_old_card_decides_nothing_about_a_request_that_was_asked_anew(table: Harness) -> None:  # noqa: N802
    old = await table.filed()
    new = await table.approvals.file(table.who(ADA), consent_plan(), "other words", supersedes=old.number)
    assert (await table.press(new, number=old.number)).refused is Reason.FORGED
    assert (await table.press(new, revision=old.revision - 1)).refused is Reason.STALE_CARD
    assert await table.state(new) is State.WAITING


async def test_a_plan_for_another_tenant_is_not_filed(table: Harness) -> None:
    assert await _refused(table.filed(profile_plan("99999999-2222-4333-8444-555555555555"))) is Reason.WRONG_TENANT


async def test_only_what_waits_is_superseded_and_only_by_its_requester(table: Harness) -> None:
    old = await table.filed()
    for who in (ARNE, ADA):
        if who == ADA:
            await table.press(old)
        attempt = table.approvals.file(table.who(who), profile_plan(), "why", supersedes=old.number)
        assert await _refused(attempt) is Reason.WRONG_STATE


async def test_T15_an_automatic_refresh_is_no_press(table: Harness) -> None:  # noqa: N802
    request = await table.filed()
    assert (await table.press(request, automatic=True)).refused is Reason.AUTOMATIC
    await table.press(request)
    assert (await table.press(request, automatic=True)).refused is Reason.AUTOMATIC


async def test_T13_a_press_with_any_field_tampered_decides_nothing(table: Harness) -> None:  # noqa: N802
    request, other = await table.filed(), await table.filed(profile_plan())
    wrong = table.approvals.nonce(other)
    for changed, expected in (
        ({"nonce": wrong}, Reason.FORGED),
        ({"nonce": ""}, Reason.FORGED),
        ({"nonce": "ü" * 32}, Reason.FORGED),
        ({"nonce": table.approvals.nonce(request)[:-1]}, Reason.FORGED),
        ({"number": other.number}, Reason.FORGED),
        ({"number": 999}, Reason.UNKNOWN_REQUEST),
        ({"number": -1}, Reason.UNKNOWN_REQUEST),
        ({"revision": 0}, Reason.STALE_CARD),
        ({"revision": 2}, Reason.STALE_CARD),
    ):
        assert (await table.press(request, **changed)).refused is expected
    assert [one.state for one in (await table.now(request), await table.now(other))] == [State.WAITING] * 2


async def test_only_the_hash_of_the_nonce_is_stored(table: Harness) -> None:
    request = await table.filed()
    nonce = table.approvals.nonce(request)
    assert len(bytes.fromhex(nonce)) == 16
    assert nonce not in repr(request)


async def test_T32_nobody_has_more_than_three_open_requests(table: Harness) -> None:  # noqa: N802
    plans = [consent_plan().model_copy(update={"object_key": f"thing {n}"}) for n in range(4)]
    for plan in plans[:3]:
        await table.filed(plan)
    assert await _refused(table.filed(plans[3])) is Reason.TOO_MANY_OPEN
    await table.approvals.cancel(1, table.who(ADA))
    await table.filed(plans[3])


async def test_an_object_has_one_open_request(table: Harness) -> None:
    request = await table.filed()
    with pytest.raises(Refused) as caught:
        await table.filed(by=ARNE)
    assert (caught.value.reason, caught.value.values) == (Reason.OBJECT_BUSY, {"request": str(request.number)})
    await table.press(request, verdict=Verdict.REJECT)
    await table.filed(by=ARNE)


async def test_what_nobody_else_could_approve_is_refused_at_once(tmp_path: Path) -> None:
    roles = TableRoles(admins={ADA}, deciders={ADA})
    async with harness(tmp_path, roles=roles) as table:
        assert await _refused(table.filed()) is Reason.NOBODY_TO_APPROVE
        roles.deciders.add(PRIYA)
        await table.filed()


async def test_who_is_no_admin_asks_for_nothing(table: Harness) -> None:
    assert await _refused(table.filed(by=PRIYA)) is Reason.NOT_ADMIN


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("", Reason.REASON_MISSING),
        ("\u202e\u200b", Reason.REASON_MISSING),
        ("because", Reason.REASON_PATTERN),
        ("CHG-12 " + "x" * 1000, Reason.REASON_LONG),
    ],
)
async def test_the_reason_is_what_the_operator_wants(tmp_path: Path, reason: str, expected: Reason) -> None:
    async with harness(tmp_path, reason_pattern=r"\bCHG-\d+") as table:
        assert await _refused(table.approvals.file(table.who(ADA), consent_plan(), reason)) is expected
        await table.approvals.file(table.who(ADA), consent_plan(), "CHG-12: first ring")


async def test_T23_a_reason_hides_nothing(table: Harness) -> None:  # noqa: N802
    hostile = "pay\u202etxt.exe \u200bnow\u2066 Z" + "\u0301" * 50 + "\n\n\tplease\x00"
    request = await table.approvals.file(table.who(ADA), consent_plan(), hostile)
    assert request.reason == "pay txt.exe now Z\u0301\u0301 please".replace("Z\u0301\u0301", "\u0179\u0301\u0301")


async def test_only_the_requester_takes_back_and_only_in_time(table: Harness) -> None:
    request = await table.filed()
    assert await _refused(table.approvals.cancel(request.number, table.who(ARNE))) is Reason.NOT_REQUESTER
    assert await _refused(table.approvals.cancel(77, table.who(ADA))) is Reason.UNKNOWN_REQUEST
    await table.press(request, verdict=Verdict.REJECT)
    assert await _refused(table.approvals.cancel(request.number, table.who(ADA))) is Reason.WRONG_STATE


async def test_a_freeze_stops_filing_and_approving_but_not_rejecting(table: Harness) -> None:
    request = await table.filed()
    assert await _refused(table.approvals.freeze(table.who(ADA), "incident")) is Reason.NOT_APPROVER
    assert await _refused(table.approvals.freeze(table.who(PRIYA), "")) is Reason.REASON_MISSING
    assert await _refused(table.approvals.unfreeze(table.who(PRIYA))) is Reason.NOT_FROZEN
    await table.approvals.freeze(table.who(PRIYA), "incident 7")
    assert await _refused(table.approvals.freeze(table.who(DANA), "again")) is Reason.ALREADY_FROZEN
    assert await _refused(table.filed(profile_plan())) is Reason.FROZEN
    assert (await table.press(request)).refused is Reason.FROZEN
    assert (await table.press(request, verdict=Verdict.REJECT)).refused is None
    assert (Event.FROZEN, Audience.WAITING, None) in await _letters(table)
    await table.approvals.unfreeze(table.who(TOM))
    await table.filed()


async def test_read_only_files_and_approves_nothing(tmp_path: Path) -> None:
    async with harness(tmp_path) as table:
        request = await table.filed()
    async with harness(tmp_path, read_only=True) as table:
        assert await _refused(table.filed(profile_plan())) is Reason.READ_ONLY
        assert (await table.press(request)).refused is Reason.READ_ONLY


async def test_reminders_come_twice_and_in_working_hours_and_leave_the_cards_good(table: Harness) -> None:
    request = await table.filed()
    for hours, expected in ((5, 0), (2, 1), (1, 1), (11, 1), (0, 1)):  # 14:00, 16:00, 17:00, 04:00 of the next day
        table.time.pass_by(hours=hours)
        await table.sweep()
        await table.sweep()
        assert (await table.now(request)).reminded == expected
    table.time.pass_by(hours=4, minutes=30)  # 08:30: after three quarters, and at work again
    await table.sweep()
    now = await table.now(request)
    assert (now.reminded, now.revision) == (2, request.revision)
    assert [notification[0] for notification in await _letters(table)].count(Event.REMINDED) == 2
    assert (await table.press(request)).refused is None


async def test_expiry_is_told_to_both_sides(table: Harness) -> None:
    request = await table.filed()
    table.time.pass_by(hours=24)
    await table.sweep()
    assert await table.state(request) is State.EXPIRED
    audiences = {notification[1] for notification in await _letters(table) if notification[0] is Event.EXPIRED}
    assert audiences == {Audience.CARDS, Audience.REQUESTER, Audience.APPROVERS}


async def test_what_a_person_wrote_is_erased_and_what_they_did_is_kept(table: Harness) -> None:
    request = await table.filed()
    await table.press(request, verdict=Verdict.REJECT)
    await table.erase(ADA)
    await table.erase(PRIYA)
    ended = await table.now(request)
    assert (ended.reason, ended.requester, ended.decisions[0].reason) == ("", ADA, "")
    assert (await audit.check(table.engine, KEY)).sound


async def test_the_reason_of_somebody_who_left_stays_while_it_is_needed_and_goes_when_the_request_ends(
    table: Harness,
) -> None:
    theirs, another = await table.filed(profile_plan()), await table.filed(by=ARNE)
    await table.erase(ADA)
    assert (await table.now(theirs)).reason == "CHG-1, first ring"
    table.time.pass_by(hours=24)
    await table.sweep()
    ended = [await table.now(one) for one in (theirs, another)]
    assert [(one.state, one.reason) for one in ended] == [(State.EXPIRED, ""), (State.EXPIRED, "CHG-1, first ring")]


async def test_forged_presses_of_one_person_do_not_fill_the_audit_and_none_is_lost(tmp_path: Path) -> None:
    async with harness(tmp_path) as table:
        request, other = await table.filed(), await table.filed(profile_plan())
        for _ in range(50):
            await table.press(request, nonce="0" * 32)
        await table.press(request, by=DANA, nonce="0" * 32)
        await table.press(other, nonce="0" * 32)
        refused = [entry for entry in await audit.entries(table.engine, MONDAY) if entry.event == "refused"]
        mine = [entry for entry in refused if (entry.actor, entry.request) == (PRIYA, request.number)]
        assert (len(mine), len(refused)) == (MOST_LISTED, MOST_LISTED + 2)
        await table.approvals.audit_counted()
        table.time.pass_by(hours=1)
        await table.approvals.audit_counted()
        await table.approvals.audit_counted()
        (more,) = [entry for entry in await audit.entries(table.engine, MONDAY) if "count" in entry.detail]
        assert (more.actor, more.request, more.detail["count"]) == (PRIYA, request.number, 50 - MOST_LISTED)
        await table.press(request, nonce="0" * 32)
        assert (
            len([one for one in await audit.entries(table.engine, MONDAY) if one.event == "refused"])
            == len(refused) + 2
        )
        assert (await audit.check(table.engine, KEY)).sound
