"""Who gets the profile: merged, never replaced; what Intune would silently not do is refused."""

import random
from typing import Any

import pytest

from bot.approvals.plan import Plan
from bot.approvals.refusals import Reason, Refused
from bot.changes import assignment, tenant_state
from bot.changes.assign_effect import AssignEffect
from bot.changes.tenant_state import TenantState
from bot.reset_rules.facts import AppState
from bot.simulation.chats import Chats
from bot.simulation.graph.installed import InstalledApps, nothing
from bot.simulation.graph.odata import Options
from bot.simulation.graph.writes import CHANGES
from bot.simulation.objects import entra
from bot.simulation.people import CompanyGroup as SimulatedGroup
from bot.simulation.people import load
from bot.simulation.routes import Received
from bot.simulation.state import SimulatedTenant
from bot.store.seal import canonical
from bot.tenant import Group
from tests.approvals.harness import PROFILE, TENANT, apps, group, ready_tenant, right_profile, row, state_of_tenant

RINGS = [group(n) for n in range(30)]
KNOWN = {one.id: one for one in RINGS}
FILTERED: dict[str, Any] = {
    "deviceAndAppManagementAssignmentFilterId": "eeeeeeee-0000-4000-8000-000000000001",
    "deviceAndAppManagementAssignmentFilterType": "include",
}
SETS = 2_000


def _tenant(targets: list[dict[str, Any]]) -> SimulatedTenant:
    tenant = SimulatedTenant(id=TENANT)
    tenant.groups = {one.id: entra.group(SimulatedGroup(one.id, one.name)) | {"id": one.id} for one in RINGS}
    tenant.profiles = {PROFILE: dict(right_profile())}
    tenant.assignments = {PROFILE: targets}
    return tenant


def _carry_out(tenant: SimulatedTenant, plan: Plan) -> None:
    """Graph's own assign, which replaces everything, and forgets filters in v1.0."""
    (step,) = plan.steps
    _, version, *_ = step.write.path.split("/")
    route = next(route for route in CHANGES if route.path.endswith("/assign"))
    none, apps = Options({}, eventual=False), InstalledApps(Chats(load()), nothing)
    body, method, path = step.write.body, step.write.method, step.write.path
    route.answer(Received(tenant, apps, version, {"id": PROFILE}, none, frozenset(), body, method, path))


def _reason(attempt: Any) -> Reason:
    with pytest.raises(Refused) as caught:
        attempt()
    return caught.value.reason


def test_a_group_is_added_and_everything_else_stays() -> None:
    before = [row(RINGS[0]), row(RINGS[1], excluded=True)]
    plan = assignment.assign(ready_tenant(*before), [RINGS[2]], [], KNOWN)
    tenant = _tenant(before)
    _carry_out(tenant, plan)
    assert [one["target"]["groupId"] for one in tenant.assignments[PROFILE]].count(RINGS[2].id) == 1
    assert tenant_state.state_of(plan.steps[0].look, tuple(tenant.assignments[PROFILE])) == plan.steps[0].after
    effect = AssignEffect.model_validate(plan.effect)
    assert [one.name for one in effect.included] == ["Ring 2"]
    assert [one.name for one in effect.kept] == ["Ring 0"]
    assert [one.name for one in effect.kept_excluded] == ["Ring 1"]
    assert (effect.devices, effect.users, effect.uncovered) == (5, 0, ())
    assert plan.steps[0].write.path == f"/v1.0/deviceManagement/deviceConfigurations/{PROFILE}/assign"


def test_a_filter_of_another_admin_goes_through_beta_as_it_was_read() -> None:
    foreign = row(RINGS[0], **FILTERED)
    plan = assignment.assign(ready_tenant(foreign, row(RINGS[1])), [RINGS[2]], [], KNOWN)
    (step,) = plan.steps
    assert step.write.path.startswith("/beta/")
    sent: Any = step.write.body["assignments"]
    assert canonical(foreign["target"]) in {canonical(one["target"]) for one in sent}
    tenant = _tenant([foreign, row(RINGS[1])])
    _carry_out(tenant, plan)
    kept = next(one for one in tenant.assignments[PROFILE] if one["target"]["groupId"] == RINGS[0].id)
    assert kept["target"] == foreign["target"]


def test_an_intent_of_another_admin_goes_through_beta_too() -> None:
    foreign = row(RINGS[0]) | {"intent": "remove"}
    plan = assignment.assign(ready_tenant(foreign), [RINGS[2]], [], KNOWN)
    tenant = _tenant([foreign])
    _carry_out(tenant, plan)
    assert [one["intent"] for one in tenant.assignments[PROFILE]] == ["remove", "apply"]


def test_taking_a_group_off_says_who_is_no_longer_covered() -> None:
    plan = assignment.unassign(ready_tenant(row(RINGS[0]), row(RINGS[1])), [RINGS[1]], KNOWN)
    effect = AssignEffect.model_validate(plan.effect)
    assert [one.name for one in effect.uncovered] == ["Ring 1"]
    assert [one.name for one in effect.kept] == ["Ring 0"]


def test_an_exclusion_taken_off_readmits() -> None:
    plan = assignment.unassign(ready_tenant(row(RINGS[0]), row(RINGS[1], excluded=True)), [RINGS[1]], KNOWN)
    effect = AssignEffect.model_validate(plan.effect)
    assert [one.name for one in effect.readmitted] == ["Ring 1"]


def test_undo_takes_back_its_own_and_nothing_of_what_others_did_since() -> None:
    before = [row(RINGS[0])]
    done = assignment.assign(ready_tenant(*before), [RINGS[1]], [RINGS[2]], KNOWN)
    since = [row(RINGS[0]), row(RINGS[1]), row(RINGS[2], excluded=True), row(RINGS[3], **FILTERED)]
    plan = assignment.undo(done, ready_tenant(*since), KNOWN)
    tenant = _tenant(since)
    _carry_out(tenant, plan)
    assert {one["target"]["groupId"] for one in tenant.assignments[PROFILE]} == {RINGS[0].id, RINGS[3].id}
    back = assignment.undo(plan, ready_tenant(*tenant.assignments[PROFILE]), KNOWN)
    _carry_out(tenant, back)
    assert tenant_state.assigned(tuple(tenant.assignments[PROFILE])) == tenant_state.assigned(tuple(since))


def test_undo_leaves_a_group_that_somebody_has_filtered_since() -> None:
    done = assignment.assign(ready_tenant(), [RINGS[1]], [], KNOWN)
    assert (
        _reason(lambda: assignment.undo(done, ready_tenant(row(RINGS[1], **FILTERED)), KNOWN))
        is Reason.NOTHING_TO_CHANGE
    )


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        ([RINGS[0]], [], Reason.NOTHING_TO_CHANGE),
        ([], [], Reason.NOTHING_TO_CHANGE),
        ([RINGS[5]], [RINGS[5]], Reason.SAME_GROUP),
        ([RINGS[1]], [], Reason.SAME_GROUP),
        ([], [RINGS[0]], Reason.SAME_GROUP),
        ([Group("x", "Mail", 3, 0, security=False)], [], Reason.NOT_SECURITY_GROUP),
        ([], [group(40, users=4, devices=0)], Reason.MIXED_KINDS),
        ([group(40, users=4, devices=0)], [], Reason.MIXED_KINDS),
        ([group(40, users=4, devices=4)], [], Reason.MIXED_KINDS),
        ([group(n) for n in range(100, 121)], [], Reason.TOO_MANY_GROUPS),
        ([Group("../../users", "Sly", 0, 1)], [], Reason.NOT_A_GUID),
        ([Group("' or 1 eq 1", "Sly", 0, 1)], [], Reason.NOT_A_GUID),
    ],
)
def test_each_impossible_wish_is_refused(include: list[Group], exclude: list[Group], expected: Reason) -> None:
    now = ready_tenant(row(RINGS[0]), row(RINGS[1], excluded=True))
    assert _reason(lambda: assignment.assign(now, include, exclude, KNOWN)) is expected


def test_all_devices_and_a_group_of_users_to_exclude_are_mixed() -> None:
    everybody: dict[str, Any] = {"id": "x", "target": {"@odata.type": tenant_state.ALL_DEVICES}}
    people = group(40, users=4, devices=0)
    assert _reason(lambda: assignment.assign(ready_tenant(everybody), [], [people], KNOWN)) is Reason.MIXED_KINDS
    assert assignment.assign(ready_tenant(everybody), [], [RINGS[4]], KNOWN).kind == "assign"


def test_what_others_mixed_before_is_theirs() -> None:
    people = group(40, users=4, devices=0)
    now = ready_tenant(row(RINGS[0]), row(people, excluded=True))
    known = KNOWN | {people.id: people}
    assert assignment.unassign(now, [RINGS[0]], known).kind == "unassign"
    assert _reason(lambda: assignment.assign(now, [RINGS[2]], [], known)) is Reason.MIXED_KINDS


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (state_of_tenant((), (right_profile(),)), Reason.CONSENT_MISSING),
        (state_of_tenant(apps(client=AppState.DISABLED), (right_profile(),)), Reason.APP_DISABLED),
        (state_of_tenant(apps(), ()), Reason.PROFILE_MISSING),
        (state_of_tenant(apps(), (right_profile("9" * 8 + TENANT[8:]),)), Reason.PROFILE_WRONG),
    ],
)
def test_before_the_tenant_is_ready_the_missing_step_is_named(now: TenantState, expected: Reason) -> None:
    assert _reason(lambda: assignment.assign(now, [RINGS[0]], [], KNOWN)) is expected


def test_T20_two_thousand_random_sets_lose_nothing_foreign_and_hide_no_drift() -> None:  # noqa: N802
    chance = random.Random(20)
    made = 0
    while made < SETS:
        before = _random_targets(chance)
        free = [one for one in RINGS if one.id not in {tenant_state.group_of(each) for each in before}]
        chosen = chance.sample(free, chance.randint(0, 4))
        cut = chance.randint(0, len(chosen))
        leave = [one for one in RINGS if chance.random() < 0.1]
        try:
            if chance.random() < 0.6:
                plan = assignment.assign(ready_tenant(*before), chosen[:cut], chosen[cut:], KNOWN)
                leave = []
            else:
                plan = assignment.unassign(ready_tenant(*before), leave, KNOWN)
        except Refused as refused:
            assert refused.reason in {Reason.NOTHING_TO_CHANGE, Reason.MIXED_KINDS}  # noqa: PT017
            continue
        made += 1
        _lost_nothing(before, plan, {one.id for one in leave})
        drifted = _drift(chance, before)
        assert tenant_state.state_of(plan.basis[-1].look, tuple(drifted)) != plan.basis[-1].state
        assert Plan.read(plan.canonical()) == plan
        assert Plan.read(plan.canonical()).digest() == plan.digest()


def _lost_nothing(before: list[dict[str, Any]], plan: Plan, leave: set[str]) -> None:
    tenant = _tenant([dict(one) for one in before])
    _carry_out(tenant, plan)
    after = tuple(tenant.assignments[PROFILE])
    foreign = {
        canonical(one) for one in tenant_state.assigned(tuple(before)) if tenant_state.group_of(one) not in leave
    }
    assert foreign <= {canonical(one) for one in tenant_state.assigned(after)}
    assert tenant_state.state_of(plan.steps[0].look, after) == plan.steps[0].after


def _random_targets(chance: random.Random) -> list[dict[str, Any]]:
    """Groups on both sides, some filtered, some with an intent; everybody; a collection."""
    rows = []
    for one in chance.sample(RINGS, chance.randint(0, 8)):
        filtered = FILTERED if chance.random() < 0.2 else {}
        made = row(one, excluded=chance.random() < 0.3, **filtered)
        rows.append(made | ({"intent": "remove"} if chance.random() < 0.1 else {}))
    if chance.random() < 0.2:
        rows.append({"id": "x", "target": {"@odata.type": tenant_state.ALL_DEVICES, **chance.choice(({}, FILTERED))}})
    if chance.random() < 0.1:
        kind = "#microsoft.graph.configurationManagerCollectionAssignmentTarget"
        rows.append({"id": "y", "target": {"@odata.type": kind, "collectionId": "SMS00001"}})
    chance.shuffle(rows)
    return rows


def _drift(chance: random.Random, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One change of somebody else's."""
    after = [dict(one) for one in before]
    free = [one for one in RINGS if one.id not in {tenant_state.group_of(each) for each in before}]
    kind = chance.choice(("add", "remove", "filter", "side")) if before else "add"
    place = chance.randrange(len(after)) if after else 0
    if kind == "add":
        return [*after, row(chance.choice(free))]
    if kind == "remove":
        return after[:place] + after[place + 1 :]
    target = dict(after[place]["target"])
    if kind == "filter":
        other = "eeeeeeee-0000-4000-8000-000000000002"
        target |= FILTERED | {"deviceAndAppManagementAssignmentFilterId": other}
    else:
        sides = {tenant_state.INCLUDED: tenant_state.EXCLUDED, tenant_state.EXCLUDED: tenant_state.INCLUDED}
        target["@odata.type"] = sides.get(target["@odata.type"], tenant_state.ALL_USERS)
    after[place] |= {"target": target}
    return after
