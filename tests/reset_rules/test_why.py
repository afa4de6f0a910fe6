"""Why one PC is covered or not: what stands in the way is named, and what could not be read is never taken for a no."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest

from bot.reset_rules.coverage import Membership
from bot.reset_rules.facts import Apps, AppState, Device, DeviceKind, Grant, Join, Management, Recovery
from bot.reset_rules.sources import RecoverySource, Row, Scope, Setting, SourceKind, TargetKind, target
from bot.reset_rules.why import Evidence, Match, Remedy, match, remedies

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PILOT, KIOSKS = "10000000-0000-4000-8000-000000000001", "10000000-0000-4000-8000-000000000003"
PC = Device("a1", "CON-LT-0201", join=Join.ENTRA, management=Management.INTUNE, last_seen=NOW)
GIVEN = Apps(AppState.ENABLED, AppState.ENABLED, Grant.CONFIRMED)


def _group(group: str, more: Row = MappingProxyType({}), *, excluded: bool = False) -> Row:
    kind = "exclusionGroupAssignmentTarget" if excluded else "groupAssignmentTarget"
    return {"target": {"@odata.type": f"#microsoft.graph.{kind}", "groupId": group, **more}}


ALL_DEVICES = {"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}


def _source(*rows: Row, value: bool | None = True, read: bool = True) -> RecoverySource:
    settings = (Setting(Scope.DEVICE, value, certain=value is not None),)
    return RecoverySource(SourceKind.CUSTOM, f"{value}{read}", "Use PIN Recovery", settings, rows, is_read=read)


def _member(*device: str, user: tuple[str, ...] = ()) -> Membership:
    return Membership(frozenset(user), frozenset(device))


def _evidence(*sources: RecoverySource, member: Membership | None = None, device: Device = PC) -> Evidence:
    return Evidence(device, "owner", GIVEN, sources, member or _member())


IN_PILOT = _source(_group(PILOT), _group(KIOSKS, excluded=True))
COVERED = _evidence(IN_PILOT, member=_member(PILOT), device=replace(PC, recovery=Recovery.READY))
FILTER = {
    "deviceAndAppManagementAssignmentFilterId": "f1",
    "deviceAndAppManagementAssignmentFilterType": "include",
}


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (COVERED, (Remedy.PROVE,)),
        (_evidence(), (Remedy.PROFILE,)),
        (_evidence(IN_PILOT), (Remedy.INCLUDE,)),
        (_evidence(IN_PILOT, member=_member(PILOT, KIOSKS)), (Remedy.EXCLUDED,)),
        (_evidence(IN_PILOT, member=Membership(frozenset({PILOT}), None)), (Remedy.REACH_UNKNOWN,)),
        (_evidence(_source(_group(PILOT, FILTER)), member=_member(PILOT)), (Remedy.REACH_UNKNOWN,)),
        (_evidence(_source(ALL_DEVICES), _source(ALL_DEVICES, value=False)), (Remedy.SWITCHED_OFF,)),
        (_evidence(_source(ALL_DEVICES), _source(_group(KIOSKS), value=False)), (Remedy.PROVE,)),
        (_evidence(_source(ALL_DEVICES), _source(ALL_DEVICES, read=False)), (Remedy.UNREAD,)),
        (replace(_evidence(), sources=None), (Remedy.READ_POLICIES,)),
        (replace(COVERED, apps=None), (Remedy.CHECK_CONSENT, Remedy.PROVE)),
        (replace(COVERED, apps=replace(GIVEN, grant=Grant.NOT_CONFIRMED)), (Remedy.CONSENT, Remedy.PROVE)),
        (replace(COVERED, apps=Apps(AppState.ENABLED, AppState.DISABLED)), (Remedy.ENABLE_APP, Remedy.PROVE)),
        (replace(COVERED, named_edition=False), (Remedy.EDITION, Remedy.PROVE)),
        (_evidence(device=replace(PC, deleted=True)), (Remedy.REGISTER,)),
        (_evidence(device=replace(PC, kind=DeviceKind.SESSION_HOST)), (Remedy.SESSION_HOST,)),
        (_evidence(device=replace(PC, management=Management.NONE)), (Remedy.ENROL,)),
        (_evidence(device=replace(PC, management=Management.CONFIGURATION_MANAGER)), (Remedy.WORKLOAD,)),
        (
            _evidence(IN_PILOT, device=replace(PC, last_seen=NOW - timedelta(days=90))),
            (Remedy.INCLUDE, Remedy.CHECK_IN),
        ),
        (_evidence(IN_PILOT, device=replace(PC, join=Join.HYBRID)), (Remedy.INCLUDE, Remedy.GROUP_POLICY)),
        (
            replace(_evidence(IN_PILOT, device=replace(PC, join=Join.HYBRID)), group_policy=False),
            (Remedy.INCLUDE,),
        ),
        (
            _evidence(IN_PILOT, device=replace(PC, management=Management.CO_MANAGED)),
            (Remedy.INCLUDE, Remedy.CONFIGURATION_MANAGER),
        ),
    ],
)
def test_what_stands_in_the_way_is_what_is_to_be_done(evidence: Evidence, expected: tuple[Remedy, ...]) -> None:
    assert remedies(evidence, NOW) == expected


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        (_member(PILOT), Match.DEVICE),
        (_member(user=(PILOT,)), Match.USER),
        (_member(PILOT, user=(PILOT,)), Match.BOTH),
        (_member(KIOSKS), Match.NEITHER),
        (Membership(None, frozenset({PILOT})), Match.DEVICE),
        (Membership(None, frozenset()), Match.UNKNOWN),
        (Membership(None, None), Match.UNKNOWN),
    ],
)
def test_who_is_in_a_group_is_unknown_where_it_was_not_read(member: Membership, expected: Match) -> None:
    found = target(_group(PILOT))
    assert found.kind is TargetKind.GROUP
    assert match(found, member) is expected
