"""Examples of a request's card: in every state, for everybody who may look at it."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

from bot.approvals import card
from bot.approvals.card import Shown, Viewer
from bot.approvals.plan import Plan
from bot.changes import assignment, consent, preview, tenant_state
from bot.changes import profile as changes_profile
from bot.demo.gallery.company import (
    ACCOUNTS,
    ADMIN,
    APPROVER,
    BOTH_APPS,
    FINANCE,
    KIOSKS,
    NOW,
    OTHER,
    PILOT,
    TENANT,
    TWIN,
    profile,
    target,
)
from bot.demo.gallery.company import tenant_state as tenant_of
from bot.demo.gallery.example import KINDS, LATER
from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE
from bot.reset_rules.sources import Aspect, Difference, Scope, SourceKind
from bot.store.records import Decision, Note, Request, State, StepRecord, StepState, Verdict
from bot.tenant import Group
from dialogs.words.replies import Reply

_USER = f"./User/Vendor/MSFT/PassportForWork/{TENANT}/Policies/EnablePinRecovery"
_ASSIGNED = (target(PILOT), target(KIOSKS, excluded=True))
_BY_USERS = Group("10000000-0000-4000-8000-000000000005", "Sales people", users=61, devices=0)


async def replies() -> dict[str, Reply]:
    """By name."""
    approver, requester = Viewer(APPROVER, True, False, "n"), Viewer(ADMIN, False, True, "n")
    waiting, held = _shown(request()), _shown(request(State.HELD, note=Note.MULTI_ADMIN))
    return {
        "request, for everybody": card.base(replace(waiting, unreached=("Tom Becker …000003",))),
        "request, for an approver": card.view(waiting, approver),
        "request, by two approvers": card.view(_at(replace(request(), needed=2), NOW), approver),
        "request, nearly expired": card.view(_at(request(), LATER - timedelta(minutes=20)), approver),
        "request, long to wait for": card.view(_at(request(), LATER - timedelta(days=4)), approver),
        "request, of many groups": card.view(_shown(request(plan=_of_many_groups())), approver),
        "request, for who asked": card.view(waiting, requester),
        "request, held": card.view(held, approver),
        "request, void, for who asked": card.view(_shown(_void()), requester),
        "request, unassign, void": card.view(_shown(_void(_unassigned())), requester),
        "request, one app void": card.base(_shown(_void(consent_plan(), {"basis": 1, "found": "disabled"}))),
        "request, an app off since, void": card.base(_shown(_void(evidence={"basis": 0, "found": "disabled"}))),
        "request, its profile gone, void": card.base(_shown(_void(evidence={"basis": 2, "found": []}))),
        "request, other policies void": card.base(_shown(_void(evidence={"basis": 3, "found": _policies()}))),
        "request, consent looked at": card.view(_shown(_looked_at(grant=False)), requester),
        "request, consent given": card.base(_shown(replace(_looked_at(grant=True), state=State.DONE))),
        "request, consent to give": card.view(_shown(request(State.CONSENTING, plan=consent_plan())), requester),
        "request, filed": preview.filed(12),
        "request, filed, one approver not reached": preview.filed(12, ("Tom Becker …000003",)),
        "request, filed, nobody reached": preview.filed(12, ("Tom Becker …000003",), nobody=True, card=False),
        "request, its plan changed by hand": card.view(_shown(replace(request(), plan="{}")), approver),
        "request, no reason given": card.base(_shown(_silent(State.DONE))),
        "request, rejected without a reason": card.base(_shown(_silent(State.REJECTED))),
        "request, to go on with": card.view(_shown(request(State.ATTENTION)), approver),
        "request, profile": card.base(_shown(replace(request(), kind="profile"))),
        "request, profile, of before": card.base(_shown(request(plan=_plan_of_before()))),
        "request, unassign": card.base(_shown(replace(request(), kind="unassign"))),
        "request, undo": card.base(_shown(replace(request(), kind="undo"))),
        **_by_state(),
    }


_GROWN = {"name": "Finance Laptops", "before": 20, "now": 31}


def _by_state() -> dict[str, Reply]:
    return {
        **{f"request, {state}": card.base(_shown(request(state))) for state in State},
        **{
            f"request, void or stuck: {note}": card.base(_shown(request(State.ATTENTION, note=note)))
            for note in Note
            if note is not Note.NONE
        },
        "request, void, a group grew": card.base(_shown(_ended(Note.GROUP_GREW, grown=[_GROWN]))),
        "request, stuck, reads may lag": card.base(_shown(_ended(Note.NOT_SEEN, settled_at=NOW.isoformat()))),
    }


def _ended(note: Note, **evidence: object) -> Request:
    return replace(request(State.ATTENTION, note=note), evidence=json.dumps(evidence))


def _shown(request: Request) -> Shown:
    return Shown(request, KINDS, ACCOUNTS)


def _at(found: Request, now: datetime) -> Shown:
    return Shown(found, KINDS, ACCOUNTS, now=now)


def _void(plan: Plan | None = None, evidence: dict[str, object] | None = None) -> Request:
    """The tenant is no longer what the plan was made from: one group is new there, another is gone."""
    found = evidence or {"basis": len(assign_plan().basis) - 1, "found": [tenant_state.assigned((target(FINANCE),))[0]]}
    return replace(request(State.VOID, note=Note.TENANT_CHANGED, plan=plan), evidence=json.dumps(found))


def _policies() -> list[dict[str, object]]:
    """One for each way in which a policy sets it, and one that sets nothing."""
    ways = [[f"{scope} {value}"] for scope in Scope for value in ("true", "false")]
    return [
        {"kind": kind, "id": TWIN.id, "name": f"Policy {number}", "sets": sets, "assignments": []}
        for number, (kind, sets) in enumerate(zip(SourceKind, (*ways, []), strict=True), 1)
    ]


def _looked_at(*, grant: bool) -> Request:
    apps = {PIN_SERVICE: "enabled", PIN_CLIENT: "missing"}
    evidence = json.dumps({"apps": apps, "grant": grant, "checked_at": NOW.isoformat()})
    return replace(request(State.CONSENTING, plan=consent_plan()), evidence=evidence)


def older(state: State) -> Request:
    return replace(request(state), number=11, created_at=NOW - timedelta(hours=5))


def request(state: State = State.WAITING, *, note: Note = Note.NONE, plan: Plan | None = None) -> Request:
    """A request that has come so far."""
    example_plan = plan or assign_plan()
    decided = state not in {State.WAITING, State.CANCELLED, State.EXPIRED, State.SUPERSEDED}
    verdict = Verdict.REJECT if state is State.REJECTED else Verdict.APPROVE
    decision = Decision(APPROVER, verdict, NOW + timedelta(hours=1), "Go, but look at the kiosks.", head="5f" * 32)
    begun = state in {State.RUNNING, State.HELD, State.ATTENTION, State.DONE, State.CLOSED}
    steps = {State.DONE: StepState.DONE, State.HELD: StepState.HELD}
    step = StepRecord(0, steps.get(state, StepState.INTENT), 1, NOW + timedelta(hours=2), "c1", "g1", 504)
    evidence = {"status": 504, "request_id": "g1", "client_request_id": "c1"} if state is State.ATTENTION else {}
    if state is State.CLOSED:
        evidence = {"closed_by": APPROVER, "closed_reason": "done by hand in the portal"}
    return Request(
        number=12,
        kind=example_plan.kind,
        object_key=example_plan.object_key,
        state=state,
        revision=1,
        plan=example_plan.canonical(),
        digest=example_plan.digest(),
        seal="",
        nonce_hash="",
        requester=ADMIN,
        reason="CHG-2291: second wave",
        needed=1,
        created_at=NOW,
        expires_at=LATER,
        changed_at=NOW,
        note=note,
        evidence=json.dumps(evidence),
        decisions=(decision,) if decided else (),
        steps=(step,) if begun else (),
    )


def _silent(state: State) -> Request:
    example_request = request(state)
    return replace(
        example_request, decisions=tuple(replace(decision, reason="") for decision in example_request.decisions)
    )


def _plan_of_before() -> Plan:
    """When a row for users was still held to be wrong."""
    plan = changes_profile.profile(tenant_of(BOTH_APPS, (profile("true"),)), OTHER)
    scope = Difference(aspect=Aspect.SCOPE, found=_USER, wanted=tenant_state.oma_uri(TENANT))
    return plan.model_copy(update={"effect": {**plan.effect, "differences": [scope.model_dump(mode="json")]}})


def undo_plan() -> Plan:
    now = tenant_of(BOTH_APPS, (profile(),), (*_ASSIGNED, target(FINANCE)))
    return assignment.undo(assign_plan(), now, {group.id: group for group in (PILOT, FINANCE, KIOSKS)})


def assign_plan() -> Plan:
    tenant = tenant_of(BOTH_APPS, (profile(),), _ASSIGNED)
    return assignment.assign(tenant, (FINANCE,), (), {group.id: group for group in (PILOT, FINANCE, KIOSKS)})


def _of_many_groups() -> Plan:
    """Two of them have one name, and one holds people instead of PCs."""
    groups = (FINANCE, PILOT, TWIN, _BY_USERS)
    return assignment.assign(tenant_of(BOTH_APPS, (profile(),)), groups, (), {group.id: group for group in groups})


def _unassigned() -> Plan:
    tenant = tenant_of(BOTH_APPS, (profile(),), _ASSIGNED)
    return assignment.unassign(tenant, (PILOT,), {group.id: group for group in (PILOT, FINANCE, KIOSKS)})


def consent_plan() -> Plan:
    tenant = tenant_of((), ())
    return consent.consent(tenant, confirmed=False, create=False, login_url="https://login.microsoftonline.com")
