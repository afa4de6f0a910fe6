"""Coverage of one PC, as Intune evaluates assignments (GRAPH.md): no promise that not everything bears out."""

import pytest

from bot.reset_rules.coverage import Membership, groups_to_check, recovery
from bot.reset_rules.facts import Apps, AppState, Device, DeviceKind, Grant, Join, Management, Recovery
from bot.reset_rules.sources import RecoverySource, Row, Scope, Setting, SourceKind

ENABLED = Apps(AppState.ENABLED, AppState.ENABLED)
READY, NONE, UNKNOWN = Recovery.READY, Recovery.NONE, Recovery.UNKNOWN
FILTER = {"deviceAndAppManagementAssignmentFilterType": "include"}


def to(kind: str, group: str = "", *, filtered: bool = False) -> Row:
    """One assignment as beta shows it."""
    target = {"@odata.type": f"#microsoft.graph.{kind}AssignmentTarget"} | ({"groupId": group} if group else {})
    return {"target": target | (FILTER if filtered else {})}


EVERY_DEVICE, EVERY_USER = to("allDevices"), to("allLicensedUsers")
COLLECTION = to("configurationManagerCollection")

# Groups are named by who is in them: the device, its user, both, or somebody else.
D, U, B, X = "device", "user", "both", "else"
DEVICE_GROUPS, USER_GROUPS = frozenset({D, B}), frozenset({U, B})
MEMBERS = Membership(USER_GROUPS, DEVICE_GROUPS)


def include(*groups: str, filtered: bool = False) -> tuple[Row, ...]:
    return tuple(to("group", group, filtered=filtered) for group in groups)


def exclude(*groups: str) -> tuple[Row, ...]:
    return tuple(to("exclusionGroup", group) for group in groups)


def source(*targets: Row, kind: SourceKind = SourceKind.CATALOG, **value: bool | None) -> RecoverySource:
    """On for devices unless said otherwise: `device`, `user` None: it does not say."""
    said = value or {"device": True}
    return RecoverySource(kind, "p", "Hello", tuple(Setting(Scope(name), one) for name, one in said.items()), targets)


def state(
    *sources: RecoverySource,
    apps: Apps | None = ENABLED,
    join: Join = Join.ENTRA,
    by: Management = Management.INTUNE,
    group_policy: bool = True,
    kind: DeviceKind = DeviceKind.PC,
    members: Membership = MEMBERS,
) -> Recovery:
    pc = Device("r", "PC", join=join, management=by, kind=kind)
    return recovery(pc, apps, sources, members, group_policy=group_policy)


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
        ((to("allDevices", filtered=True),), UNKNOWN),
        ((to("allLicensedUsers", filtered=True),), UNKNOWN),
        ((to("allDevices", filtered=True), *include(U)), READY),
        ((to("allDevices", filtered=True), *exclude(D)), NONE),
        ((to("allDevices", filtered=True), *exclude(U)), UNKNOWN),
        # Targets of a kind that cannot be read here might include or exclude
        ((COLLECTION,), UNKNOWN),
        ((COLLECTION, *include(D)), UNKNOWN),
    ],
)
@pytest.mark.parametrize("kind", SourceKind)
def test_a_source_covers_whom_its_assignments_reach(
    targets: tuple[Row, ...], wanted: Recovery, kind: SourceKind
) -> None:
    assert state(source(*targets, kind=kind)) is wanted


def test_without_a_profile_nobody_is_covered() -> None:
    assert state() is NONE


def test_one_of_two_sources_is_enough() -> None:
    assert state(source(*include(X)), source(*include(D))) is READY
    assert state(source(*include(D), *exclude(D)), source(*include(U))) is READY


def test_a_source_that_perhaps_covers_does_not_hide_one_that_does() -> None:
    perhaps = source(*include(D, filtered=True))
    assert state(perhaps, source(*include(D))) is READY
    assert state(perhaps, source(*include(X))) is UNKNOWN


def test_a_row_that_sets_nothing_is_not_looked_at() -> None:
    broken = source(EVERY_DEVICE, device=None)
    assert state(broken) is NONE
    assert state(broken, source(*include(D))) is READY


def test_a_row_that_windows_may_understand_all_the_same_is_no_proof_of_anything() -> None:
    odd = RecoverySource(SourceKind.CUSTOM, "p", "Odd", (Setting(Scope.DEVICE, True, certain=False),), (EVERY_DEVICE,))
    assert state(odd) is UNKNOWN
    assert state(odd, source(*include(D))) is READY


def test_a_source_that_switches_recovery_off_is_a_conflict_where_it_may_reach() -> None:
    right = source(*include(D))
    for targets in (include(D), include(U), include(D, filtered=True), (EVERY_DEVICE,)):
        assert state(right, source(*targets, device=False)) is UNKNOWN
        assert state(right, source(*targets, user=False)) is UNKNOWN
    assert state(right, source(*include(X), device=False)) is READY
    assert state(source(EVERY_DEVICE, device=False)) is NONE


@pytest.mark.parametrize(
    "apps",
    [Apps(service, client) for service in AppState for client in AppState if not service is client is AppState.ENABLED],
)
def test_a_covered_device_without_both_apps_enabled_has_the_policy_only(apps: Apps) -> None:
    assert state(source(*include(D)), apps=apps) is Recovery.POLICY_ONLY
    assert state(source(*include(X)), apps=apps) is NONE
    assert state(source(*include(D, filtered=True)), apps=apps) is UNKNOWN


def test_without_a_tenant_wide_grant_or_sight_of_the_apps_nothing_is_promised() -> None:
    assert state(source(*include(D)), apps=Apps(AppState.ENABLED, AppState.ENABLED, Grant.NOT_CONFIRMED)) is UNKNOWN
    assert state(source(*include(D)), apps=None) is UNKNOWN
    assert state(source(*include(X)), apps=None) is NONE


def test_the_groups_to_check_are_those_of_the_sources_that_may_set_anything() -> None:
    unread = RecoverySource(SourceKind.INTENT, "i", "Old", (), include("e"), is_read=False)
    found = (
        source(EVERY_DEVICE, *include("a"), *exclude("b")),
        source(*include("c"), device=None),
        source(*include("d"), user=False),
        unread,
    )
    assert groups_to_check(found) == {"a", "b", "d", "e"}


@pytest.mark.parametrize("targets", [include(D), include(U), (EVERY_USER,), include(U, filtered=True)])
def test_a_source_for_users_that_may_reach_the_pc_leaves_it_to_the_pc(targets: tuple[Row, ...]) -> None:
    assert state(source(*targets, user=True)) is UNKNOWN
    assert state(source(*targets, user=True), source(*include(D))) is READY
    assert state(source(*include(X), user=True)) is NONE


@pytest.mark.parametrize("kind", SourceKind)
def test_what_can_not_be_read_proves_nothing_unless_it_can_not_reach_the_pc(kind: SourceKind) -> None:
    for unread in (
        RecoverySource(kind, assignments=None, is_read=False),
        RecoverySource(kind, "p", "Hello", (), None, is_read=False),
        RecoverySource(kind, "p", "Hello", (), (EVERY_DEVICE,), is_read=False),
    ):
        assert state(unread) is UNKNOWN
        assert state(unread, source(*include(D))) is UNKNOWN
    elsewhere = RecoverySource(kind, "p", "Hello", (), include(X), is_read=False)
    assert state(elsewhere) is NONE
    assert state(elsewhere, source(*include(D))) is READY


def test_assignments_that_can_not_be_read_may_reach_anybody() -> None:
    for value in (True, False):
        found = RecoverySource(SourceKind.CATALOG, "p", "Hello", (Setting(Scope.DEVICE, value),), None)
        assert state(found, source(*include(D))) is (READY if value else UNKNOWN)
    assert state(RecoverySource(SourceKind.CATALOG, "p", "Hello", (Setting(Scope.DEVICE, True),), None)) is UNKNOWN


@pytest.mark.parametrize("members", [Membership(None, DEVICE_GROUPS), Membership(USER_GROUPS, None)])
def test_groups_that_can_not_be_read_decide_nothing(members: Membership) -> None:
    assert state(source(*include(D)), members=members) is UNKNOWN
    assert state(source(*include(X)), members=members) is UNKNOWN
    assert state(source(EVERY_DEVICE), members=members) is READY
    assert state(source(EVERY_DEVICE, *exclude(X)), members=members) is UNKNOWN
    assert state(members=members) is NONE


@pytest.mark.parametrize("join", Join)
@pytest.mark.parametrize("by", Management)
@pytest.mark.parametrize("group_policy", [True, False])
def test_no_is_certain_only_where_intune_alone_can_set_it(join: Join, by: Management, group_policy: bool) -> None:
    alone = by is Management.INTUNE and (join in {Join.ENTRA, Join.REGISTERED} or not group_policy)
    assert state(join=join, by=by, group_policy=group_policy) is (NONE if alone else UNKNOWN)


@pytest.mark.parametrize("by", Management)
def test_whom_intune_does_not_configure_no_source_covers(by: Management) -> None:
    reached = by in {Management.INTUNE, Management.CO_MANAGED}
    assert state(source(EVERY_DEVICE), join=Join.HYBRID, by=by) is (READY if reached else UNKNOWN)


def test_a_host_that_many_share_is_promised_nothing() -> None:
    assert state(source(EVERY_DEVICE), kind=DeviceKind.SESSION_HOST) is UNKNOWN
    assert state(kind=DeviceKind.SESSION_HOST) is UNKNOWN


def test_before_the_sources_are_read_nothing_is_known() -> None:
    pc = Device("r", "PC", join=Join.ENTRA, management=Management.INTUNE)
    for group_policy in (True, False):
        assert recovery(pc, ENABLED, None, MEMBERS, group_policy=group_policy) is UNKNOWN
