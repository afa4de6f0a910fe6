"""Coverage of one device, as Intune evaluates assignments (GRAPH.md), and the two apps (row 8 of MATRIX.md)."""

import pytest

from bot.reset_rules.coverage import groups_to_check, recovery, weighed
from bot.reset_rules.facts import (
    Apps,
    AppState,
    Device,
    Join,
    Management,
    Policy,
    PolicyKind,
    Profile,
    Recovery,
    Target,
    TargetKind,
    Value,
)

ENABLED = Apps(AppState.ENABLED, AppState.ENABLED)
READY, NONE, UNKNOWN = Recovery.READY, Recovery.NONE, Recovery.UNKNOWN
EVERY_DEVICE, EVERY_USER = Target(TargetKind.ALL_DEVICES), Target(TargetKind.ALL_USERS)
COLLECTION = Target(TargetKind.OTHER)

# Groups are named by who is in them: the device, its user, both, or somebody else.
D, U, B, X = "device", "user", "both", "else"
DEVICE_GROUPS, USER_GROUPS = frozenset({D, B}), frozenset({U, B})


def include(*groups: str, filtered: bool = False) -> tuple[Target, ...]:
    return tuple(Target(TargetKind.GROUP, group, filtered) for group in groups)


def exclude(*groups: str) -> tuple[Target, ...]:
    return tuple(Target(TargetKind.EXCLUDED_GROUP, group) for group in groups)


def profile(*targets: Target, right: bool = True, off: bool = False) -> Profile:
    return Profile("p", "Use PIN Recovery", right, targets, off)


def state(*profiles: Profile, apps: Apps = ENABLED) -> Recovery:
    return recovery(apps, profiles, USER_GROUPS, DEVICE_GROUPS)


@pytest.mark.parametrize(
    ("targets", "wanted"),
    [
        # Included, by the device or by its user
        (include(D), READY),
        (include(U), READY),
        (include(B), READY),
        (include(X), NONE),
        (include(X, D), READY),
        ((EVERY_DEVICE,), READY),
        ((EVERY_USER,), READY),
        ((), NONE),
        # An exclusion of the same kind wins
        (include(D) + exclude(D), NONE),
        (include(D) + exclude(B), NONE),
        (include(U) + exclude(U), NONE),
        (include(B) + exclude(B), NONE),
        ((EVERY_DEVICE, *exclude(D)), NONE),
        ((EVERY_USER, *exclude(U)), NONE),
        (exclude(D), NONE),
        # An exclusion that meets neither the device nor its user changes nothing
        (include(D) + exclude(X), READY),
        ((EVERY_DEVICE, *exclude(X)), READY),
        # Kinds of groups mixed: Intune does not evaluate the exclusion, or does not say what it does
        (include(D) + exclude(U), UNKNOWN),
        (include(U) + exclude(D), UNKNOWN),
        (include(B) + exclude(U), UNKNOWN),
        (include(B) + exclude(D), UNKNOWN),
        ((EVERY_DEVICE, *exclude(U)), UNKNOWN),
        ((EVERY_USER, *exclude(D)), UNKNOWN),
        ((EVERY_DEVICE, EVERY_USER, *exclude(D)), UNKNOWN),
        ((EVERY_DEVICE, EVERY_USER, *exclude(D, U)), NONE),
        # A filter narrows what it stands on
        (include(D, filtered=True), UNKNOWN),
        (include(X, filtered=True), NONE),
        ((Target(TargetKind.ALL_DEVICES, filtered=True),), UNKNOWN),
        ((Target(TargetKind.ALL_USERS, filtered=True),), UNKNOWN),
        ((Target(TargetKind.ALL_DEVICES, filtered=True), *include(U)), READY),
        ((Target(TargetKind.ALL_DEVICES, filtered=True), *exclude(D)), NONE),
        ((Target(TargetKind.ALL_DEVICES, filtered=True), *exclude(U)), UNKNOWN),
        # Targets of a kind that cannot be read here might include or exclude
        ((COLLECTION,), UNKNOWN),
        ((COLLECTION, *include(D)), UNKNOWN),
    ],
)
def test_a_profile_covers_whom_its_assignments_reach(targets: tuple[Target, ...], wanted: Recovery) -> None:
    assert state(profile(*targets)) is wanted


def test_without_a_profile_nobody_is_covered() -> None:
    assert state() is NONE


def test_one_of_two_profiles_is_enough() -> None:
    assert state(profile(*include(X)), profile(*include(D))) is READY
    assert state(profile(*include(D), *exclude(D)), profile(*include(U))) is READY


def test_a_profile_that_perhaps_covers_does_not_hide_one_that_does() -> None:
    perhaps = profile(*include(D, filtered=True))
    assert state(perhaps, profile(*include(D))) is READY
    assert state(perhaps, profile(*include(X))) is UNKNOWN


def test_a_wrong_profile_is_not_looked_at() -> None:
    wrong = profile(EVERY_DEVICE, right=False)
    assert state(wrong) is NONE
    assert state(wrong, profile(*include(D))) is READY


def test_a_profile_that_switches_recovery_off_is_a_conflict_where_it_may_reach() -> None:
    right = profile(*include(D))
    for targets in (include(D), include(U), include(D, filtered=True), (EVERY_DEVICE,)):
        assert state(right, profile(*targets, right=False, off=True)) is UNKNOWN
    assert state(right, profile(*include(X), right=False, off=True)) is READY
    assert state(profile(EVERY_DEVICE, right=False, off=True)) is NONE


@pytest.mark.parametrize(
    "apps",
    [Apps(service, client) for service in AppState for client in AppState if not service is client is AppState.ENABLED],
)
def test_a_covered_device_without_both_apps_enabled_has_the_policy_only(apps: Apps) -> None:
    assert state(profile(*include(D)), apps=apps) is Recovery.POLICY_ONLY
    assert state(profile(*include(X)), apps=apps) is NONE
    assert state(profile(*include(D, filtered=True)), apps=apps) is UNKNOWN


def test_the_groups_to_check_are_those_of_the_profiles_that_count() -> None:
    right = profile(EVERY_DEVICE, *include("a"), *exclude("b"))
    wrong = profile(*include("c"), right=False)
    off = profile(*include("d"), right=False, off=True)
    for_users = Profile("u", "For users", right=False, targets=include("e"), for_users=True)
    assert groups_to_check((right, wrong, off, for_users)) == {"a", "b", "d", "e"}


@pytest.mark.parametrize("targets", [include(D), include(U), (EVERY_USER,), include(U, filtered=True)])
def test_a_profile_for_users_that_may_reach_the_pc_leaves_it_to_the_pc(targets: tuple[Target, ...]) -> None:
    for_users = Profile("u", "For users", right=False, targets=targets, for_users=True)
    assert state(for_users) is UNKNOWN
    assert state(for_users, profile(*include(D))) is READY
    assert state(Profile("u", "For users", right=False, targets=include(X), for_users=True)) is NONE


def expects(
    found: Recovery, others: tuple[Policy, ...] | None = (), join: Join = Join.ENTRA, by: Management = Management.INTUNE
) -> Recovery:
    return weighed(Device("r", "PC", join=join, management=by, recovery=found), others).recovery


@pytest.mark.parametrize("join", Join)
@pytest.mark.parametrize("by", Management)
def test_no_is_certain_only_where_intune_alone_can_set_it(join: Join, by: Management) -> None:
    alone = join in {Join.ENTRA, Join.REGISTERED} and by is Management.INTUNE
    assert expects(NONE, (), join, by) is (NONE if alone else UNKNOWN)


@pytest.mark.parametrize("by", Management)
def test_whom_intune_does_not_reach_no_profile_covers(by: Management) -> None:
    reached = by in {Management.INTUNE, Management.CO_MANAGED}
    assert expects(READY, (), Join.HYBRID, by) is (READY if reached else UNKNOWN)


@pytest.mark.parametrize("kind", PolicyKind)
@pytest.mark.parametrize("value", Value)
@pytest.mark.parametrize("name", ["Hello", ""])
def test_another_policy_makes_no_unknown_and_another_value_makes_yes_unknown(
    kind: PolicyKind, value: Value, name: str
) -> None:
    others = (Policy(kind, value, name),)
    against = value in {Value.OFF, Value.MIXED}
    assert expects(NONE, others) is UNKNOWN
    assert expects(READY, others) is (UNKNOWN if against else READY)
    assert expects(Recovery.POLICY_ONLY, others) is (UNKNOWN if against else Recovery.POLICY_ONLY)


@pytest.mark.parametrize("found", Recovery)
def test_before_the_other_policies_are_read_nothing_is_known(found: Recovery) -> None:
    assert expects(found, None) is UNKNOWN
