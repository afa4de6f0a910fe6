"""Which profile the bot works on, and what else sets PIN recovery: it adds no second source and widens no conflict."""

from dataclasses import replace
from itertools import takewhile

from bot.approvals.refusals import Reason, Refused
from bot.changes.tenant_state import Rows, TenantState
from bot.reset_rules.conflicts import Conflict, conflict_of, conflicts
from bot.reset_rules.sources import RecoverySource, Value
from dialogs.words.replies import Names


def right(current: TenantState, groups: frozenset[str] = frozenset()) -> RecoverySource | None:
    """The custom profile that is assigned and counted. Of several, which is double work and no conflict, one that has
    these groups; then one that is assigned."""

    def rank(one: RecoverySource) -> tuple[bool, bool, str]:
        has = bool(groups & {target.group_id for target in one.targets or ()})
        return not has, not one.may_reach, one.id

    return min((one for one in current.custom if one.is_right), key=rank, default=None)


def wrong(current: TenantState) -> RecoverySource | None:
    """The custom profile to be corrected, where none is right. One for users is not wrong: it works for these."""
    profiles = (one for one in current.custom if not one.is_right and not one.for_users)
    return min(profiles, key=lambda one: (not one.may_reach, one.id), default=None)


def chosen(current: TenantState) -> RecoverySource | None:
    """The custom profile that is worked on: one that is right before one that is wrong."""
    return right(current) or wrong(current)


def beside(current: TenantState, profile: RecoverySource | None) -> bool:
    """Does anything but this profile surely set it for somebody?"""
    return any(one is not profile for one in current.sources if one.is_certain and one.may_reach)


def setting(current: TenantState) -> tuple[RecoverySource, ...]:
    """The policies beside custom profiles that are known to set it for somebody."""
    return tuple(one for one in current.others if one.is_certain and one.may_reach)


def unclear(current: TenantState) -> tuple[RecoverySource, ...]:
    """Those that may set it for somebody, for example because they could not be checked."""
    return tuple(one for one in current.others if not one.is_certain and one.may_reach)


def clash(current: TenantState) -> Conflict | None:
    """The first two sources that surely give the same devices different values: for people to settle in Intune."""
    certain = takewhile(lambda one: one.is_certain, conflicts(current.sources))
    return next((one for one in certain if one.first is not one.second), None)


def refuse_clashes(current: TenantState, found: RecoverySource | None = None, wanted: Rows = ()) -> None:
    """Raises Refused(PROFILE_CONFLICT). `found`, `wanted`: a profile as it will be assigned."""
    if found is None:
        met = clash(current)
    else:
        planned = replace(found, assignments=wanted)
        against = (one for one in current.sources if one.may_reach and any(not value for _, value in one.sets))
        met = next((each for one in against if (each := conflict_of(planned, one)) and each.where), None)
    if met is not None:
        raise Refused(Reason.PROFILE_CONFLICT, profiles=Names((met.first.label, met.second.label)))


def refuse_elsewhere(current: TenantState) -> None:
    """Raises Refused(SET_ELSEWHERE)."""
    if found := setting(current):
        raise Refused(Reason.SET_ELSEWHERE, profiles=Names(tuple(one.label for one in found)))


def values(found: tuple[RecoverySource, ...]) -> frozenset[Value]:
    """What they set, each taken as a whole."""
    return frozenset(one.value for one in found)
