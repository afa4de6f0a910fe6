"""Carrying out what was approved, over HTTP: written once, looked at before and after, left to people if unsure."""

import asyncio
import json
import logging
import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.approvals.kind import Ending, Kind
from bot.approvals.plan import Plan
from bot.approvals.refusals import Reason, Refused
from bot.background.supervision import Heartbeat, Work, beside, woken
from bot.changes import assignment, consent, profile
from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE, AppState, Consent
from bot.simulation import state
from bot.simulation.faults import Fault
from bot.simulation.graph import policies
from bot.simulation.objects import entra, intune
from bot.store import audit
from bot.store.outbox import Notification, Outbox
from bot.store.records import BOT, Audience, Event, Note, Request, State, StepState
from bot.tenant.apps import read_apps
from bot.tenant.roles import GraphGroups
from bot.tenant.writes import GraphWrites
from tests.approvals.harness import KEY, MONDAY, TenantHarness

LOGIN = "https://login.microsoftonline.com"
PROFILES = "graph/v1.0/deviceManagement/deviceConfigurations"


async def _worked(at: TenantHarness, plan: Plan, rounds: int = 1) -> Request:
    request = await at.approved(plan)
    for _ in range(rounds):
        await at.harness.worker.round()
    return await at.harness.now(request)


async def _profile(at: TenantHarness) -> Plan:
    return profile.profile(await at.tenant_state(), str(uuid.uuid4()))


async def _change(at: TenantHarness, statement: str, **values: Any) -> None:
    """A hand in the database."""
    async with at.harness.engine.begin() as connection:
        await connection.execute(text(statement), values)


def _methods(at: TenantHarness) -> list[str]:
    return [one.method for one in at.world.tenant.written]


def _other_admin_adds(at: TenantHarness, key: str) -> None:
    rows = at.world.tenant.assignments[at.profile_id]
    rows.append(intune.assignment(at.profile_id, at.group_id(key)))


async def test_the_log_has_the_number_and_the_head_of_all_that_the_worker_did(
    at_work: TenantHarness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.approvals.worker")
    await _worked(at_work, await at_work.assign("finance"))
    entries = await audit.entries(at_work.harness.engine, MONDAY)
    expected = [f"request 1 {one.event}, head of the audit {one.hash}" for one in entries if one.actor == BOT]
    assert [record.getMessage() for record in caplog.records] == expected
    assert expected[-1].startswith("request 1 done")


async def test_an_approved_assignment_is_written_once_and_read_back(at_work: TenantHarness) -> None:
    request = await _worked(at_work, await at_work.assign("finance"))
    assert request.state is State.DONE
    assert _methods(at_work) == ["POST"]
    assert at_work.targets() == {at_work.group_id(key) for key in ("pilot", "kiosks", "finance")}
    (step,) = request.steps
    assert (step.state, step.tries, step.status) == (StepState.DONE, 1, 200)
    assert step.request_id
    assert step.client_request_id == at_work.world.tenant.written[0].request_id
    events = [one.event for one in await audit.entries(at_work.harness.engine, request.created_at)]
    assert events == ["filed", "approved", "started", "intent", "step_done", "done"]


async def test_nothing_is_written_before_somebody_approved(at_work: TenantHarness) -> None:
    await at_work.filed(await at_work.assign("finance"))
    await at_work.harness.worker.round()
    assert _methods(at_work) == []


async def test_a_profile_is_created_where_there_was_none(at_start: TenantHarness) -> None:
    request = await _worked(at_start, await _profile(at_start))
    assert request.state is State.DONE
    assert _methods(at_start) == ["POST"]
    current = await at_start.tenant_state()
    assert [one.name for one in current.custom] == ["Use PIN Recovery"]


def _policy(at: TenantHarness, *, value: bool = True, family: str = "none") -> str:
    """A policy of the settings catalog that sets it, for all devices; its id."""
    policy = policies.recovery_policy(str(uuid.UUID(int=7)), "Hello baseline", value=value, family=family)
    at.world.tenant.catalog[policy["id"]] = policy
    at.world.tenant.assignments[policy["id"]] = [intune.everybody(policy["id"])]
    return str(policy["id"])


@pytest.mark.parametrize("where", ["catalog", "template", "intent"])
async def test_what_sets_it_elsewhere_since_the_plan_was_made_stops_what_was_approved(
    at_work: TenantHarness, where: str
) -> None:
    request, tenant = await at_work.approved(await at_work.assign("finance")), at_work.world.tenant
    key = str(uuid.UUID(int=8))
    if where == "catalog":
        _policy(at_work, value=False)
    elif where == "template":
        tenant.profiles[key] = policies.identity_protection(key, "Old", recovery=True)
    else:
        tenant.intents[key] = policies.intent(key, "Old", recovery=False)
    await at_work.harness.worker.round()
    ended = await at_work.harness.now(request)
    assert (ended.state, ended.note, _methods(at_work)) == (State.VOID, Note.TENANT_CHANGED, [])


async def test_a_profile_is_not_created_beside_a_policy_that_came_meanwhile(at_start: TenantHarness) -> None:
    request = await at_start.approved(await _profile(at_start))
    _policy(at_start, family="endpointSecurityAccountProtection")
    await at_start.harness.worker.round()
    assert (await at_start.harness.now(request)).state is State.VOID
    assert _methods(at_start) == []


async def test_a_policy_whose_assignments_changed_meanwhile_stops_it_too(at_work: TenantHarness) -> None:
    policy = _policy(at_work, value=False)
    at_work.world.tenant.assignments[policy] = []
    request = await at_work.approved(await at_work.assign("finance"))
    at_work.world.tenant.assignments[policy] = [intune.everybody(policy)]
    await at_work.harness.worker.round()
    assert (await at_work.harness.now(request)).note is Note.TENANT_CHANGED


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_one_policy_that_can_not_be_read_now_stops_nothing(at_work: TenantHarness, status: int) -> None:
    request = await at_work.approved(await at_work.assign("finance"))
    firewall = next(iter(at_work.world.tenant.catalog))
    at_work.world.faults.fail(f"graph/beta/deviceManagement/configurationPolicies/{firewall}", status)
    await at_work.harness.worker.round()
    assert (await at_work.harness.now(request)).state is State.DONE


async def test_while_a_kind_of_policy_does_not_answer_it_waits(at_work: TenantHarness) -> None:
    request = await at_work.approved(await at_work.assign("finance"))
    at_work.world.faults.fail("graph/beta/deviceManagement/configurationPolicies", 500)
    await at_work.harness.worker.round()
    assert (await at_work.harness.now(request)).state is State.APPROVED
    at_work.world.faults.clear()
    await at_work.harness.worker.round()
    assert (await at_work.harness.now(request)).state is State.DONE


async def test_a_wrong_profile_is_corrected_in_place(at_work: TenantHarness) -> None:
    setting = at_work.world.tenant.profiles[at_work.profile_id]["omaSettings"][0]
    setting |= {"@odata.type": "#microsoft.graph.omaSettingString", "value": "true"}
    request = await _worked(at_work, await _profile(at_work))
    assert request.state is State.DONE
    assert _methods(at_work) == ["PATCH"]
    with pytest.raises(Refused):
        await _profile(at_work)


async def test_consent_by_links_waits_for_somebody_to_verify(at_start: TenantHarness) -> None:
    plan = consent.consent(await at_start.tenant_state(), confirmed=False, create=False, login_url=LOGIN)
    request = await _worked(at_start, plan)
    assert request.state is State.CONSENTING
    assert not await _confirmed(at_start)
    admin = at_start.harness.who(at_start.person("admin"))
    half = {PIN_SERVICE: AppState.ENABLED, PIN_CLIENT: AppState.MISSING}
    request = await at_start.harness.approvals.verify(request.number, admin, _seen(half, False))
    assert (request.state, json.loads(request.evidence)["apps"][PIN_CLIENT]) == (State.CONSENTING, "missing")
    both = dict.fromkeys(half, AppState.ENABLED)
    request = await at_start.harness.approvals.verify(request.number, admin, _seen(both, True))
    assert request.state is State.DONE
    assert _methods(at_start) == []


async def test_a_look_at_the_consent_is_kept_with_its_moment(at_start: TenantHarness) -> None:
    plan = consent.consent(await at_start.tenant_state(), confirmed=False, create=False, login_url=LOGIN)
    request = await _worked(at_start, plan)
    admin = at_start.harness.who(at_start.person("admin"))
    half = {PIN_SERVICE: AppState.ENABLED, PIN_CLIENT: AppState.MISSING}
    for confirmed in (False, None):
        at_start.harness.time.pass_by(hours=1)
        request = await at_start.harness.approvals.verify(request.number, admin, _seen(half, confirmed))
        assert request.state is State.CONSENTING
        assert json.loads(request.evidence) == {
            "apps": {PIN_SERVICE: "enabled", PIN_CLIENT: "missing"},
            "grant": confirmed,
            "checked_at": at_start.harness.time.now.isoformat(),
        }


@pytest.mark.parametrize("create", [True, False])
async def test_consent_that_nobody_verifies_ends_after_a_week(at_start: TenantHarness, create: bool) -> None:
    plan = consent.consent(await at_start.tenant_state(), confirmed=False, create=create, login_url=LOGIN)
    request = await _worked(at_start, plan)
    at_start.harness.time.pass_by(days=6, hours=23)
    await at_start.harness.sweep()
    assert await at_start.harness.state(request) is State.CONSENTING
    at_start.harness.time.pass_by(hours=1)
    await at_start.harness.sweep()
    assert await at_start.harness.state(request) is State.UNCONFIRMED


async def test_consent_is_confirmed_by_the_grant_of_one_app_for_the_other(at_work: TenantHarness) -> None:
    assert await _confirmed(at_work)
    at_work.world.tenant.grants.clear()
    assert not await _confirmed(at_work)


async def _due(at: TenantHarness) -> list[Notification]:
    """What is to be told by now."""
    return await Outbox(at.harness.engine).due(at.harness.time.now)


async def _confirmed(at: TenantHarness) -> bool:
    writes = GraphWrites(at.graph)
    return (await read_apps(writes.read)).consent is Consent.GIVEN


async def test_the_worker_runs_by_itself_and_wakes_when_called(at_start: TenantHarness) -> None:
    wake, rounds = asyncio.Event(), asyncio.Queue[int]()

    async def one_round() -> None:
        await at_start.harness.worker.round()
        rounds.put_nowait(1)

    heartbeat = Heartbeat("worker", 60, lambda: at_start.harness.time.steady)
    async with beside([Work(heartbeat, one_round, lambda: woken(wake, 3_600))]):
        await rounds.get()
        plan = consent.consent(await at_start.tenant_state(), confirmed=False, create=False, login_url=LOGIN)
        request = await at_start.approved(plan)
        wake.set()
        await rounds.get()
        assert await at_start.harness.state(request) is State.CONSENTING


async def test_a_worker_that_watches_a_write_for_minutes_is_known_to_live(at_work: TenantHarness) -> None:
    worker, time = at_work.harness.worker, at_work.harness.time
    heartbeat = Heartbeat("worker", 60, lambda: time.steady)
    worker._alive = heartbeat.alive
    silent: list[bool] = []

    async def pause(seconds: float) -> None:
        time.pass_by(seconds=seconds)
        silent.append(heartbeat.stale)

    worker._pause = pause
    at_work.world.tenant.lag = 100  # reads don't show it for longer than the worker watches
    began = time.steady
    assert (await _worked(at_work, await at_work.assign("finance"))).state is State.ATTENTION
    assert time.steady - began > 180
    assert not any(silent)


async def test_the_bot_creates_both_apps_where_it_may_and_the_grant_is_left_to_a_human(at_start: TenantHarness) -> None:
    request = await _worked(at_start, await _apps_by_the_bot(at_start))
    assert {app["appId"] for app in at_start.world.tenant.service_principals.values()} == {PIN_SERVICE, PIN_CLIENT}
    assert _methods(at_start) == ["POST", "POST"]
    assert request.state is State.CONSENTING
    seen = json.loads(request.evidence)
    assert (seen["apps"], seen["grant"]) == (dict.fromkeys((PIN_SERVICE, PIN_CLIENT), "enabled"), False)
    events = [one.event for one in await audit.entries(at_start.harness.engine, request.created_at)]
    assert events[-2:] == ["step_done", "consenting"]


async def test_apps_that_the_bot_enables_under_a_grant_need_no_human(at_start: TenantHarness) -> None:
    state.consent(at_start.world.tenant)
    for app in at_start.world.tenant.service_principals.values():
        app["accountEnabled"] = False
    request = await _worked(at_start, await _apps_by_the_bot(at_start))
    assert (request.state, _methods(at_start)) == (State.DONE, ["PATCH", "PATCH"])


@pytest.mark.parametrize("status", [403, 503])
async def test_a_grant_that_can_not_be_read_is_no_consent(at_start: TenantHarness, status: int) -> None:
    plan = await _apps_by_the_bot(at_start)
    client = next(app for app in entra.pin_reset_apps() if app["appId"] == PIN_CLIENT)
    grants = f"graph/v1.0/servicePrincipals/{client['id']}/oauth2PermissionGrants"
    at_start.world.faults.add(Fault(place=grants, status=status))
    request = await _worked(at_start, plan)
    assert (request.state, json.loads(request.evidence)["grant"]) == (State.CONSENTING, None)


async def test_a_death_after_the_last_app_was_created_leads_to_the_links_all_the_same(
    at_start: TenantHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(_request: Request, _kind: Kind) -> None:
        raise asyncio.CancelledError

    request = await at_start.approved(await _apps_by_the_bot(at_start))
    monkeypatch.setattr(at_start.harness.worker, "_conclude", die)
    with pytest.raises(asyncio.CancelledError):
        await at_start.harness.worker.round()
    monkeypatch.undo()
    assert await at_start.harness.state(request) is State.RUNNING
    for _ in range(2):
        await at_start.harness.worker.round()
    assert await at_start.harness.state(request) is State.CONSENTING
    assert _methods(at_start) == ["POST", "POST"]
    events = [one.event for one in await audit.entries(at_start.harness.engine, request.created_at)]
    assert events.count("consenting") == 1


async def _apps_by_the_bot(at: TenantHarness) -> Plan:
    return consent.consent(await at.tenant_state(), confirmed=False, create=True, login_url=LOGIN)


@pytest.mark.parametrize(
    "trouble",
    [
        Fault(status=503, carried_out=True, calls=1),
        Fault(status=504, carried_out=True, calls=1),
        Fault(reset=True, carried_out=True, calls=1),
        Fault(status=504, calls=1),
        Fault(status=503, calls=1),
        Fault(status=429, retry_after="7", calls=1),
        Fault(reset=True, calls=1),
    ],
    ids=str,
)
async def test_T17_an_assignment_takes_effect_once_whatever_the_answer(at_work: TenantHarness, trouble: Fault) -> None:  # noqa: N802
    plan = await at_work.assign("finance")
    trouble.place, trouble.method = PROFILES, "POST"
    at_work.world.faults.add(trouble)
    request = await _worked(at_work, plan)
    assert request.state is State.DONE
    assert _methods(at_work) == ["POST"]
    assert at_work.group_id("finance") in at_work.targets()


@pytest.mark.parametrize("lag", range(6))
@pytest.mark.parametrize("done", [Fault(), Fault(status=504, carried_out=True, calls=1)], ids=["answered", "lost"])
async def test_T19_slow_reads_never_create_a_second_profile(at_start: TenantHarness, lag: int, done: Fault) -> None:  # noqa: N802
    plan = await _profile(at_start)
    at_start.world.tenant.lag = lag
    done.place, done.method = PROFILES, "POST"
    at_start.world.faults.add(done)
    request = await _worked(at_start, plan)
    approver = at_start.harness.who(at_start.person("approver"))
    while request.state is State.ATTENTION:
        await at_start.harness.approvals.retry(request.number, approver)
        await at_start.harness.worker.round()
        request = await at_start.harness.now(request)
    assert request.state is State.DONE
    assert _methods(at_start) == ["POST"]


async def test_a_create_whose_answer_was_lost_is_never_sent_again_by_itself(at_start: TenantHarness) -> None:
    plan = await _profile(at_start)
    at_start.world.faults.add(Fault(PROFILES, "POST", reset=True, calls=1))
    request = await _worked(at_start, plan, rounds=3)
    assert (request.state, request.note) == (State.ATTENTION, Note.OUTCOME_UNKNOWN)
    evidence = json.loads(request.evidence)
    assert (evidence["step"], evidence["tries"], evidence["status"], evidence["seen"]) == (0, 1, None, "before")
    assert evidence["client_request_id"]
    assert _methods(at_start) == []
    assert Audience.APPROVERS in {one.audience for one in await _due(at_start)}


async def test_a_throttled_create_was_not_done_and_is_sent_again(at_start: TenantHarness) -> None:
    plan = await _profile(at_start)
    at_start.world.faults.add(Fault(PROFILES, "POST", status=429, retry_after="5", calls=2))
    before = at_start.harness.time.steady
    request = await _worked(at_start, plan)
    assert request.state is State.DONE
    assert at_start.harness.time.steady - before >= 2 * (5 + 60)
    assert _methods(at_start) == ["POST"]
    assert request.steps[0].tries == 3


async def test_a_second_person_goes_on_and_the_requester_alone_does_not(at_start: TenantHarness) -> None:
    plan = await _profile(at_start)
    at_start.world.faults.add(Fault(PROFILES, "POST", reset=True, calls=1))
    request = await _worked(at_start, plan)
    service = at_start.harness.approvals
    with pytest.raises(Refused) as caught:
        await service.retry(request.number, at_start.harness.who(at_start.person("admin")))
    assert caught.value.reason is Reason.SECOND_PERSON
    with pytest.raises(Refused) as caught:
        await service.close(request.number, at_start.harness.who(at_start.person("admin2")), "gave up")
    assert caught.value.reason is Reason.NOT_APPROVER
    await service.retry(request.number, at_start.harness.who(at_start.person("approver2")))
    await at_start.harness.worker.round()
    assert await at_start.harness.state(request) is State.DONE


async def test_what_needs_attention_is_closed_with_a_reason(at_start: TenantHarness) -> None:
    plan = await _profile(at_start)
    at_start.world.faults.add(Fault(PROFILES, "POST", reset=True, calls=1))
    request = await _worked(at_start, plan)
    approver = at_start.harness.who(at_start.person("approver2"))
    with pytest.raises(Refused) as caught:
        await at_start.harness.approvals.close(request.number, approver, " ")
    assert caught.value.reason is Reason.REASON_MISSING
    closed = await at_start.harness.approvals.close(request.number, approver, "made by hand")
    assert (closed.state, json.loads(closed.evidence)["closed_reason"]) == (State.CLOSED, "made by hand")
    await at_start.harness.erase(approver.object_id)
    assert json.loads((await at_start.harness.now(request)).evidence)["closed_reason"] == ""
    await at_start.filed(await _profile(at_start))  # the object is free again


async def test_a_refusal_of_the_tenant_is_for_a_human_and_goes_on_when_mended(at_work: TenantHarness) -> None:
    plan = await at_work.assign("finance")
    at_work.world.tenant.permissions.discard("DeviceManagementConfiguration.ReadWrite.All")
    request = await _worked(at_work, plan)
    assert (request.state, request.note, request.steps[0].status) == (State.ATTENTION, Note.TENANT_REFUSED, 403)
    assert request.steps[0].tries == 1  # it was said that it won't be done: no second one is sent
    at_work.world.tenant.permissions.add("DeviceManagementConfiguration.ReadWrite.All")
    await at_work.harness.approvals.retry(request.number, at_work.harness.who(at_work.person("approver")))
    await at_work.harness.worker.round()
    assert await at_work.harness.state(request) is State.DONE


async def test_T9_an_approver_who_left_voids_the_approval_before_the_first_write(at_work: TenantHarness) -> None:  # noqa: N802
    request = await at_work.approved(await at_work.assign("finance"))
    at_work.world.tenant.members[at_work.group_id("approvers")].discard(at_work.person("approver"))
    await at_work.harness.worker.round()
    request = await at_work.harness.now(request)
    assert (request.state, request.note) == (State.VOID, Note.APPROVER_LEFT)
    assert _methods(at_work) == []


async def test_a_request_that_only_disabled_accounts_could_approve_is_refused_at_once(at_work: TenantHarness) -> None:
    plan = await at_work.assign("finance")
    for key in ("approver", "approver2", "approver3"):
        at_work.world.tenant.users[at_work.person(key)]["accountEnabled"] = False
    with pytest.raises(Refused) as caught:
        await at_work.filed(plan)
    assert caught.value.reason is Reason.NOBODY_TO_APPROVE


async def test_T3_a_guest_or_a_disabled_account_in_the_group_is_no_approver(at_work: TenantHarness) -> None:  # noqa: N802
    request = await at_work.filed(await at_work.assign("finance"))
    for key, changed in (("approver", {"userType": "Guest"}), ("approver2", {"accountEnabled": False})):
        at_work.world.tenant.users[at_work.person(key)] |= changed
        assert (await at_work.harness.press(request, at_work.person(key))).refused is Reason.NOT_APPROVER


@pytest.mark.parametrize("drift", ["assignment", "profile", "app"])
async def test_T20_a_tenant_that_changed_since_voids_the_approval(at_work: TenantHarness, drift: str) -> None:  # noqa: N802
    request = await at_work.approved(await at_work.assign("finance"))
    if drift == "assignment":
        _other_admin_adds(at_work, "executives")
    elif drift == "profile":
        at_work.world.tenant.profiles[at_work.profile_id]["omaSettings"][0]["value"] = False
    else:
        next(iter(at_work.world.tenant.service_principals.values()))["accountEnabled"] = False
    await at_work.harness.worker.round()
    request = await at_work.harness.now(request)
    assert (request.state, request.note) == (State.VOID, Note.TENANT_CHANGED)
    assert "found" in json.loads(request.evidence)
    assert _methods(at_work) == []


async def test_T20_a_change_of_somebody_else_after_ours_is_noticed_by_reading_back(at_work: TenantHarness) -> None:  # noqa: N802
    plan = await at_work.assign("finance")
    tenant = at_work.world.tenant
    read = tenant.seen

    def seen(collection: str) -> dict[str, Any]:
        if tenant.written and at_work.group_id("executives") not in at_work.targets():
            _other_admin_adds(at_work, "executives")
        return read(collection)

    tenant.seen = seen  # type: ignore[method-assign]
    request = await _worked(at_work, plan)
    assert (request.state, request.note) == (State.ATTENTION, Note.CHANGED_MEANWHILE)
    assert at_work.group_id("executives") in at_work.targets()
    assert _methods(at_work) == ["POST"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE requests SET state = 'approved'",
        "UPDATE requests SET state = 'approved', plan = replace(plan, :pilot, :executives)",
        "UPDATE requests SET state = 'approved', needed = 0",
        "UPDATE requests SET state = 'running'",
        "INSERT INTO decisions VALUES (1, :approver, 'approve', '2026-11-23 09:00:00', '', '', '')",
    ],
)
async def test_T40_an_approval_written_by_hand_is_not_carried_out(at_work: TenantHarness, statement: str) -> None:  # noqa: N802
    request = await at_work.filed(await at_work.assign("finance"))
    values = {
        "approver": at_work.person("approver"),
        "pilot": at_work.group_id("pilot"),
        "executives": at_work.group_id("executives"),
    }
    await _change(at_work, statement, **{name: value for name, value in values.items() if f":{name}" in statement})
    await _change(at_work, "UPDATE requests SET state = 'approved' WHERE state = 'waiting'")
    await at_work.harness.worker.round()
    request = await at_work.harness.now(request)
    assert (request.state, request.note) == (State.VOID, Note.TAMPERED)
    assert _methods(at_work) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE requests SET plan = replace(plan, :finance, :executives)",
        "UPDATE requests SET requester = :executives",
        "UPDATE requests SET expires_at = '2036-11-23 09:00:00'",
        "UPDATE decisions SET approver = :executives",
        "UPDATE decisions SET verdict = 'reject'",
        "DELETE FROM decisions",
    ],
)
async def test_T40_what_was_approved_and_then_changed_by_hand_is_void(  # noqa: N802
    at_work: TenantHarness, statement: str
) -> None:
    request = await at_work.approved(await at_work.assign("finance"))
    values = {"finance": at_work.group_id("finance"), "executives": at_work.group_id("executives")}
    await _change(at_work, statement, **{name: value for name, value in values.items() if f":{name}" in statement})
    await at_work.harness.worker.round()
    request = await at_work.harness.now(request)
    assert (request.state, request.note) == (State.VOID, Note.TAMPERED)
    assert _methods(at_work) == []


async def test_a_freeze_stops_running_work_before_its_next_write(at_start: TenantHarness) -> None:
    plan = consent.consent(await at_start.tenant_state(), confirmed=False, create=True, login_url=LOGIN)
    request = await at_start.approved(plan)
    approver = at_start.harness.who(at_start.person("approver2"))

    async def freeze(_seconds: float) -> None:
        await at_start.harness.approvals.freeze(approver, "incident")

    at_start.world.tenant.lag = 1  # the first write is seen at the second read: between them somebody freezes
    at_start.harness.worker._pause = freeze
    await at_start.harness.worker.round()
    assert _methods(at_start) == ["POST"]
    assert (await at_start.harness.now(request)).state is State.RUNNING
    await at_start.harness.worker.round()
    assert _methods(at_start) == ["POST"]
    at_start.harness.worker._pause = at_start.harness.time.pause
    await at_start.harness.approvals.unfreeze(approver)
    await at_start.harness.worker.round()
    assert await at_start.harness.state(request) is State.CONSENTING
    assert _methods(at_start) == ["POST", "POST"]


async def test_multi_admin_approval_is_recognised_and_continued_with_the_identical_request(
    at_work: TenantHarness,
) -> None:
    at_work.world.tenant.multi_admin = True
    request = await _worked(at_work, await at_work.assign("finance"))
    assert (request.state, request.note) == (State.HELD, Note.MULTI_ADMIN)
    (code,) = at_work.world.tenant.held
    assert request.steps[0].approval_code == code
    assert _methods(at_work) == []
    admin = at_work.harness.who(at_work.person("admin"))
    await at_work.harness.approvals.retry(request.number, admin)  # too early: Microsoft's approver has not decided
    await at_work.harness.worker.round()
    assert await at_work.harness.state(request) is State.HELD
    at_work.world.tenant.held[code].status = "approved"
    await at_work.harness.approvals.retry(request.number, admin)
    await at_work.harness.worker.round()
    done = await at_work.harness.now(request)
    assert (done.state, done.note, json.loads(done.evidence)["status"]) == (State.DONE, Note.NONE, 200)
    assert (at_work.world.tenant.held[code].status, _methods(at_work)) == ("completed", ["POST"])


async def test_multi_admin_approval_that_was_rejected_is_for_a_human(at_work: TenantHarness) -> None:
    at_work.world.tenant.multi_admin = True
    request = await _worked(at_work, await at_work.assign("finance"))
    next(iter(at_work.world.tenant.held.values())).status = "rejected"
    await at_work.harness.approvals.retry(request.number, at_work.harness.who(at_work.person("admin")))
    await at_work.harness.worker.round()
    request = await at_work.harness.now(request)
    assert (request.state, request.note, request.steps[0].approval_code) == (State.ATTENTION, Note.TENANT_REFUSED, "")
    assert _methods(at_work) == []


async def test_a_tenant_that_does_not_answer_is_waited_for_an_hour(at_work: TenantHarness) -> None:
    request = await at_work.approved(await at_work.assign("finance"))
    at_work.world.faults.fail("graph", 500)
    await at_work.harness.worker.round()
    assert await at_work.harness.state(request) is State.APPROVED
    at_work.harness.time.pass_by(hours=1)
    await at_work.harness.worker.round()
    assert (await at_work.harness.now(request)).note is Note.TENANT_AWAY
    at_work.world.faults.clear()
    await at_work.harness.approvals.retry(request.number, at_work.harness.who(at_work.person("approver")))
    await at_work.harness.worker.round()
    assert await at_work.harness.state(request) is State.DONE


@pytest.mark.parametrize("jump", [timedelta(minutes=6), timedelta(days=-1)])
async def test_T37_after_a_jump_of_the_clock_nothing_is_carried_out_by_itself(  # noqa: N802
    at_work: TenantHarness, jump: timedelta
) -> None:
    request = await at_work.approved(await at_work.assign("finance"))
    at_work.harness.time.now += jump  # the monotonic clock goes on as ever
    await at_work.harness.worker.round()
    request = await at_work.harness.now(request)
    assert (request.state, request.note) == (State.ATTENTION, Note.CLOCK_JUMPED)
    at_work.harness.time.now -= min(jump, timedelta())  # set right
    await at_work.harness.worker.round()  # notices the second jump
    await at_work.harness.approvals.retry(request.number, at_work.harness.who(at_work.person("approver")))
    await at_work.harness.worker.round()
    assert await at_work.harness.state(request) is State.DONE


async def test_an_assignment_is_undone_without_touching_what_others_did(at_work: TenantHarness) -> None:
    done = await _worked(at_work, await at_work.assign("finance"))
    _other_admin_adds(at_work, "executives")
    known = await GraphGroups(at_work.graph).sizes(at_work.group_id(key) for key in at_work.world.company.groups)
    plan = assignment.undo(Plan.read(done.plan), await at_work.tenant_state(), known)
    undone = await _worked(at_work, plan)
    assert undone.state is State.DONE
    assert at_work.targets() == {at_work.group_id(key) for key in ("pilot", "kiosks", "executives")}


async def test_T39_the_audit_of_a_whole_life_is_sound(at_work: TenantHarness) -> None:  # noqa: N802
    request = await _worked(at_work, await at_work.assign("finance"))
    report = await audit.check(at_work.harness.engine, KEY, request.decisions[0].head)
    assert report.sound
    assert report.rows == 6
    assert [one.event for one in await _due(at_work)].count(Event.DONE) == 2


def _seen(apps: dict[str, AppState], granted: bool | None) -> Ending:
    ready = granted is True and set(apps.values()) == {AppState.ENABLED}
    return Ending(ready, {"apps": {app_id: state.value for app_id, state in apps.items()}, "grant": granted})
