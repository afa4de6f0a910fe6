"""What else sets PIN recovery: by value and reach it is a conflict, double work, or in nobody's way."""

from collections.abc import Iterable
from typing import Any

import pytest

from bot.approvals.plan import Plan
from bot.approvals.refusals import Reason, Refused
from bot.changes import assignment, profile
from bot.changes.profile import ProfileEffect
from bot.changes.tenant_state import Row, TenantState
from bot.demo.gallery.company import EVERYBODY, policy
from bot.errors import TenantRefused
from bot.reset_rules.sources import RecoverySource, Rows, SourceKind
from bot.simulation.objects import intune
from dialogs.words.replies import Names
from tests.approvals.harness import PROFILE, TENANT, apps, group, right_profile, row, state_of_tenant

MARKER = "dddddddd-0000-4000-8000-000000000001"
OTHER = "eeeeeeee-0000-4000-8000-000000000002"
ON, OFF, MIXED = (policy(value, name="Hello") for value in ("on", "off", "mixed"))
UNREAD = policy("unread", name="Hello", assignments=None)
NOT_CONFIGURED = policy("off", SourceKind.TEMPLATE, name="Old")
USER = f"./User/Vendor/MSFT/PassportForWork/{TENANT}/Policies/EnablePinRecovery"
BLANK = f"./Device/Vendor/MSFT/PassportForWork/{TENANT}/Policies/ EnablePinRecovery"
PILOT, FINANCE = group(1), group(2)
KNOWN = {one.id: one for one in (PILOT, FINANCE)}


def custom(profile_id: str = PROFILE, **row: Any) -> Row:
    found: dict[str, Any] = dict(right_profile(profile_id=profile_id))
    return found | {"omaSettings": [found["omaSettings"][0] | row]}


def situation(*others: RecoverySource, profiles: Iterable[Row] = (), targets: Rows = (EVERYBODY,)) -> TenantState:
    return state_of_tenant(apps(), profiles, targets, others)


def create(now: TenantState) -> Plan:
    return profile.profile(now, MARKER)


def assign(now: TenantState) -> Plan:
    return assignment.assign(now, [PILOT], [], KNOWN)


def reason(plan: Any, now: TenantState) -> Reason:
    with pytest.raises(Refused) as caught:
        plan(now)
    return caught.value.reason


@pytest.mark.parametrize("plan", [create, assign])
@pytest.mark.parametrize("kind", [kind for kind in SourceKind if kind is not SourceKind.CUSTOM])
def test_no_second_source_is_prepared_beside_one_that_reaches_somebody(plan: Any, kind: SourceKind) -> None:
    for assignments in ((EVERYBODY,), (row(FINANCE),), None):
        assert reason(plan, situation(policy("on", kind, assignments))) is Reason.SET_ELSEWHERE
    if kind is not SourceKind.TEMPLATE:
        assert reason(plan, situation(policy("off", kind))) is Reason.SET_ELSEWHERE


def test_what_is_named_tells_equal_names_apart() -> None:
    with pytest.raises(Refused) as caught:
        create(situation(policy("on", name="Hello"), policy("off", name="Hello")))
    assert caught.value.reason is Reason.PROFILE_CONFLICT
    named = caught.value.values["profiles"]
    assert isinstance(named, Names)
    first, second = map(str, named.names)
    assert first.startswith("Hello (…")
    assert first != second


@pytest.mark.parametrize("value", ["on", "off", "mixed", "contradiction", "unread"])
def test_what_is_assigned_to_nobody_blocks_nothing(value: str) -> None:
    lying = policy(value, assignments=())
    assert create(situation(lying)).steps[0].write.method == "POST"
    assert assign(situation(lying, profiles=(right_profile(),), targets=())).steps


def test_the_same_value_twice_is_double_work_and_blocks_nothing() -> None:
    now = situation(ON, profiles=(right_profile(), right_profile(profile_id=OTHER)), targets=())
    assert assign(now).steps
    assert reason(create, now) is Reason.NOTHING_TO_CHANGE


def test_of_equal_profiles_the_assigned_one_is_worked_on() -> None:
    """Both have one name and the right value; the copy is assigned to nobody."""
    copy = state_of_tenant(apps(), (right_profile(profile_id="0" * 8 + PROFILE[8:]),)).sources
    now = situation(*copy, profiles=(right_profile(),), targets=(row(PILOT),))
    for plan in (
        assignment.assign(now, [FINANCE], [], KNOWN),
        assignment.unassign(now, [PILOT], KNOWN),
    ):
        assert plan.object_key == f"profile:{PROFILE}"
    done = assignment.assign(now, [FINANCE], [], KNOWN)
    after = situation(*copy, profiles=(right_profile(),), targets=(row(PILOT), row(FINANCE)))
    assert assignment.undo(done, after, KNOWN).object_key == f"profile:{PROFILE}"


def test_a_group_leaves_the_profile_that_has_it() -> None:
    second = state_of_tenant(apps(), (right_profile(profile_id=OTHER),), (row(FINANCE),)).sources
    now = situation(*second, profiles=(right_profile(),), targets=(row(PILOT),))
    assert assignment.unassign(now, [FINANCE], KNOWN).object_key == f"profile:{OTHER}"


@pytest.mark.parametrize("against", [OFF, MIXED, policy("contradiction", name="Hello")])
def test_different_values_on_the_same_devices_stop_what_would_widen_them(against: RecoverySource) -> None:
    now = situation(against, profiles=(right_profile(),), targets=(row(FINANCE),))
    assert reason(create, now) is Reason.PROFILE_CONFLICT
    assert reason(assign, now) is Reason.PROFILE_CONFLICT
    assert assignment.unassign(now, [FINANCE], KNOWN).steps  # which makes it less


def test_other_groups_are_no_conflict_and_the_same_one_is() -> None:
    off = policy("off", assignments=(row(PILOT),), name="Hello")
    now = situation(off, profiles=(right_profile(),), targets=())
    assert reason(assign, now) is Reason.PROFILE_CONFLICT
    assert assignment.assign(now, [FINANCE], [], KNOWN).steps


def test_who_is_kept_out_gets_no_second_value() -> None:
    off = policy("off", assignments=(EVERYBODY, row(PILOT, excluded=True)), name="Hello")
    assert assign(situation(off, profiles=(right_profile(),), targets=())).steps


def test_a_row_for_users_is_left_and_a_profile_for_devices_made_beside_it() -> None:
    now = situation(profiles=(custom(omaUri=USER),))
    assert create(now).steps[0].write.method == "POST"
    assert reason(assign, now) is Reason.PROFILE_MISSING


def test_a_correction_leaves_rows_that_work_for_users() -> None:
    found: dict[str, Any] = dict(custom(value=False))
    theirs = {**found["omaSettings"][0], "omaUri": USER, "value": True}
    mixed = {**found, "omaSettings": [theirs, *found["omaSettings"]]}
    (step,) = create(situation(profiles=(mixed,))).steps
    rows: Any = step.write.body["omaSettings"]
    assert [(one["omaUri"], one["value"]) for one in rows] == [
        (USER, True),
        (USER.replace("User", "Device", 1), True),
    ]


def test_a_blank_in_the_path_is_corrected_in_that_profile_and_shown() -> None:
    """Another profile would stand beside the broken one, which stays assigned."""
    now = situation(profiles=(custom(omaUri=BLANK),))
    plan = create(now)
    (step,) = plan.steps
    assert (step.write.method, step.write.path.rpartition("/")[2]) == ("PATCH", PROFILE)
    (difference,) = ProfileEffect.model_validate(plan.effect).differences
    assert (difference.aspect, difference.found) == ("path", BLANK.replace(" ", "␣"))
    assert reason(assign, now) is Reason.PROFILE_WRONG


def test_a_contradiction_inside_one_profile_is_corrected_there() -> None:
    found: dict[str, Any] = dict(right_profile())
    both = {**found, "omaSettings": [found["omaSettings"][0], {**found["omaSettings"][0], "value": False}]}
    (step,) = create(situation(profiles=(both,))).steps
    rows: Any = step.write.body["omaSettings"]
    assert [one["value"] for one in rows] == [True]
    assert reason(assign, situation(profiles=(both,))) is Reason.PROFILE_WRONG


def test_a_second_broken_profile_stays_as_it_is_while_one_is_corrected() -> None:
    lying = state_of_tenant(apps(), (custom(OTHER, omaUri=BLANK),)).sources
    plan = create(situation(*lying, profiles=(custom(omaUri=BLANK),)))
    (step,) = plan.steps
    assert step.write.path.endswith(PROFILE)
    assert isinstance(step.after, list)
    assert len(step.after) == 2


@pytest.mark.parametrize("others", [(UNREAD,), (NOT_CONFIGURED,), (UNREAD, NOT_CONFIGURED)])
def test_what_only_may_set_it_stops_nothing_and_is_counted_for_who_approves(others: tuple[RecoverySource, ...]) -> None:
    effect = ProfileEffect.model_validate(create(situation(*others)).effect)
    assert effect.unclear == len(others)
    assert assign(situation(*others, profiles=(right_profile(),), targets=())).steps


def test_a_profile_whose_assignments_were_not_read_is_not_planned_on() -> None:
    unread = state_of_tenant(apps(), (right_profile(),), None)
    with pytest.raises(TenantRefused):
        assign(unread)


def test_a_policy_that_is_made_or_assigned_meanwhile_changes_what_a_plan_rests_on() -> None:
    """The worker looks at this once more before it writes."""
    plan = assign(situation(profiles=(right_profile(),), targets=()))
    for later in (ON, OFF, policy("on", assignments=()), policy("on", assignments=None)):
        again = situation(later, profiles=(right_profile(),), targets=())
        if later is OFF:
            assert reason(assign, again) is Reason.PROFILE_CONFLICT
        else:
            assert assign(again).basis != plan.basis
    assert assign(situation(UNREAD, profiles=(right_profile(),), targets=())).basis == plan.basis
    there = policy("on", assignments=(row(FINANCE),))
    moved = policy("on", assignments=(row(PILOT), intune.assignment(PROFILE, FINANCE.id)))
    plans = [assign(situation(one, profiles=(right_profile(),), targets=())) for one in (there, moved)]
    assert plans[0].basis != plans[1].basis
