"""One source is kept, and none is added beside another; what only may set the value stops nothing."""

from typing import Any

import pytest

from bot.approvals.plan import Plan
from bot.approvals.refusals import Reason, Refused
from bot.changes import assignment, profile
from bot.changes.elsewhere import values
from bot.changes.profile import ProfileEffect
from bot.changes.tenant_state import Row, TenantState
from bot.reset_rules.facts import Policy, PolicyKind, Value
from tests.approvals.harness import TENANT, apps, group, right_profile

MARKER = "dddddddd-0000-4000-8000-000000000001"
ON, OFF, MIXED = (Policy(PolicyKind.CATALOG, value, "Hello") for value in (Value.ON, Value.OFF, Value.MIXED))
UNREAD = Policy(PolicyKind.CATALOG, Value.UNREAD, "Hello")
NOT_CONFIGURED = Policy(PolicyKind.TEMPLATE, Value.OFF, "Old")


def _custom(**row: Any) -> Row:
    found: dict[str, Any] = dict(right_profile())
    return found | {"omaSettings": [found["omaSettings"][0] | row]}


def _situation(*others: Policy, profiles: tuple[Row, ...] = ()) -> TenantState:
    return TenantState(TENANT, apps(), profiles, (), others)


def _create(now: TenantState) -> Plan:
    return profile.profile(now, MARKER)


def _assign(now: TenantState) -> Plan:
    return assignment.assign(now, [group(1)], [], {})


@pytest.mark.parametrize("plan", [_create, _assign])
@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (_situation(ON), Reason.SET_ELSEWHERE),
        (_situation(OFF), Reason.SET_ELSEWHERE),
        (_situation(Policy(PolicyKind.TEMPLATE, Value.ON, "Hello")), Reason.SET_ELSEWHERE),
        (_situation(Policy(PolicyKind.INTENT, Value.ON, "Hello")), Reason.SET_ELSEWHERE),
        (_situation(ON, profiles=(right_profile(),)), Reason.PROFILE_MANY),
        (_situation(OFF, profiles=(right_profile(),)), Reason.PROFILE_CONFLICT),
        (_situation(MIXED, profiles=(right_profile(),)), Reason.PROFILE_CONFLICT),
        (_situation(ON, OFF), Reason.PROFILE_CONFLICT),
    ],
)
def test_nothing_is_prepared_beside_another_source(plan: Any, now: TenantState, reason: Reason) -> None:
    with pytest.raises(Refused) as caught:
        plan(now)
    assert caught.value.reason is reason
    assert "Hello" in caught.value.values["profiles"]


@pytest.mark.parametrize("others", [(UNREAD,), (NOT_CONFIGURED,), (UNREAD, NOT_CONFIGURED)])
def test_what_only_may_set_it_stops_nothing_and_is_counted_for_who_approves(others: tuple[Policy, ...]) -> None:
    effect = ProfileEffect.model_validate(_create(_situation(*others)).effect)
    assert effect.unclear == len(others)
    assert _assign(_situation(*others, profiles=(right_profile(),))).steps


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ({}, {Value.ON}),
        ({"value": False}, {Value.OFF}),
        ({"omaUri": f"./User/Vendor/MSFT/PassportForWork/{TENANT}/Policies/EnablePinRecovery"}, {Value.ON}),
        ({"omaUri": f"./Vendor/MSFT/PassportForWork/{TENANT}/Policies/EnablePinRecovery"}, {Value.ON}),
        ({"omaUri": "./Vendor/MSFT/Policy/PassportForWork/x/EnablePinRecovery"}, set()),
        ({"@odata.type": "#microsoft.graph.omaSettingString", "value": "true"}, set()),
    ],
)
def test_a_row_that_reaches_nobody_sets_nothing(row: Any, wanted: set[Value]) -> None:
    assert values(_situation(profiles=(_custom(**row),))) == wanted
