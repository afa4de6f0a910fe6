"""May this one PC reset its PIN without losing keys? From all sources of EnablePinRecovery and their assignments, as
Intune evaluates them. "Keeps" and "deletes" are promises: each is given only where everything that bears on it is read.

Three answers throughout: True, False, and None for what only Intune or the PC knows.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.reset_rules.facts import Apps, Consent, Device, DeviceKind, Join, Management, Recovery
from bot.reset_rules.sources import RecoverySource, Target, TargetKind

# Only these get what Intune sets; what the others get is seen by nobody here.
_REACHED = frozenset({Management.INTUNE, Management.CO_MANAGED})
# Where profiles are "Not applicable".
_NOT_APPLICABLE = frozenset({DeviceKind.SESSION_HOST})
# Beside Intune, Configuration Manager may set it on a co-managed PC.
_INTUNE_ALONE = frozenset({Management.INTUNE})
_NO_DOMAIN = frozenset({Join.ENTRA, Join.REGISTERED})

# What a covered device may expect where consent is not given. Row 8: no fall back, the reset ends in an error. Without
# a tenant-wide grant some may still consent for themselves.
_BY_CONSENT = {
    Consent.MISSING: Recovery.POLICY_ONLY,
    Consent.DISABLED: Recovery.POLICY_ONLY,
    Consent.NOT_GRANTED: Recovery.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Membership:
    """Those of groups_to_check that the person and the device are in; None: not read."""

    user: frozenset[str] | None
    device: frozenset[str] | None


def groups_to_check(sources: Iterable[RecoverySource]) -> frozenset[str]:
    """The groups whose members decide: those of the sources that may set anything, included and excluded."""
    acting = (one for one in sources if one.may_set)
    return frozenset(target.group_id for one in acting for target in one.targets or ()) - {""}


def recovery(
    device: Device,
    apps: Apps | None,
    sources: tuple[RecoverySource, ...] | None,
    member: Membership,
    *,
    group_policy: bool,
) -> Recovery:
    """What the PC may expect. `apps`, `sources` None: not read. `group_policy`: may a PC of a domain have one that sets
    it, which Graph does not show?"""
    if sources is None or device.management not in _REACHED or device.kind in _NOT_APPLICABLE:
        return Recovery.UNKNOWN
    reach = [(source, reached(source, member)) for source in sources]
    on = _any(reached for source, reached in reach if source.is_right)
    against = _any(reached for source, reached in reach if False in source.may_set)
    if on is True and against is False:
        return _with_apps(apps)
    may_be_on = _any(reached for source, reached in reach if True in source.may_set)
    unseen = device.management not in _INTUNE_ALONE or (group_policy and device.join not in _NO_DOMAIN)
    return Recovery.NONE if may_be_on is False and not unseen else Recovery.UNKNOWN


def _with_apps(apps: Apps | None) -> Recovery:
    return Recovery.UNKNOWN if apps is None else _BY_CONSENT.get(apps.consent, Recovery.READY)


def reached(source: RecoverySource, member: Membership) -> bool | None:
    """Does it reach the device, by itself or by its user? A device setting follows the user's group too."""
    targets = source.targets
    if targets is None or any(target.kind is TargetKind.OTHER for target in targets):
        return None
    if any(target.group_id for target in targets) and (member.user is None or member.device is None):
        return None
    user, device = member.user or frozenset(), member.device or frozenset()
    by_device = _any(_included(target, device, TargetKind.ALL_DEVICES) for target in targets)
    by_user = _any(_included(target, user, TargetKind.ALL_USERS) for target in targets)
    device_out, user_out = _excluded(targets, device), _excluded(targets, user)
    return _any((_less(by_device, device_out, user_out), _less(by_user, user_out, device_out)))


def _less(included: bool | None, excluded: bool, excluded_otherwise: bool) -> bool | None:
    """An inclusion less its exclusions. Of the same kind they win; of the other kind Intune does not support them."""
    if included is False or excluded:
        return False
    return None if excluded_otherwise else included


def _included(target: Target, groups: frozenset[str], everybody: TargetKind) -> bool | None:
    included = target.kind is everybody or (target.kind is TargetKind.GROUP and target.group_id in groups)
    return None if included and target.filtered else included


def _excluded(targets: tuple[Target, ...], groups: frozenset[str]) -> bool:
    return any(target.kind is TargetKind.EXCLUDED_GROUP and target.group_id in groups for target in targets)


def _any(answers: Iterable[bool | None]) -> bool | None:
    """True if one is, else None if one may be."""
    seen = set(answers)
    return True if True in seen else None if None in seen else False
