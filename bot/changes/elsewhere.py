"""Who else sets PIN recovery: the bot keeps one custom profile and adds no second source."""

from bot.approvals.refusals import Reason, Refused
from bot.changes import tenant_state
from bot.changes.tenant_state import Aspect, Row, TenantState
from bot.reset_rules.facts import Policy, Value


def setting(current: TenantState) -> tuple[Policy, ...]:
    """The policies beside custom profiles that are known to set it."""
    return tuple(policy for policy in current.others if policy.certain)


def unclear(current: TenantState) -> tuple[Policy, ...]:
    """Those that may set it, for example because they could not be checked."""
    return tuple(policy for policy in current.others if not policy.certain)


def values(current: TenantState) -> frozenset[Value]:
    """What all sources together set. More than one value is a conflict on a device that several reach."""
    found = {policy.value for policy in setting(current)}
    found |= {value for row in current.sources for value in _values(row, current.tenant_id)}
    return frozenset({Value.ON, Value.OFF} if Value.MIXED in found else found)


def only_source(current: TenantState) -> Row | None:
    """The custom profile that sets it, None where nothing does. What only may set it stops nothing.

    Raises Refused: SET_ELSEWHERE, PROFILE_MANY, PROFILE_CONFLICT.
    """
    found, others = current.sources, setting(current)
    if not others and len(found) < 2:
        return found[0] if found else None
    names = [*(tenant_state.text(row, "displayName") for row in found), *(policy.name for policy in others)]
    reason = Reason.PROFILE_MANY if found else Reason.SET_ELSEWHERE
    if len(values(current)) > 1:
        reason = Reason.PROFILE_CONFLICT
    raise Refused(reason, profiles=", ".join(names))


def _values(profile: Row, tenant_id: str) -> set[Value]:
    """What a profile sets for devices or users; a row of another path, type or tenant reaches nobody."""
    harmless = {Aspect.VALUE, Aspect.SCOPE}
    return {
        Value.ON if row.get("value") is True else Value.OFF
        for row in tenant_state.settings(profile)
        if {one.aspect for one in tenant_state.row_differences(row, tenant_id)} <= harmless
    }
