"""Is this one device covered by the rollout? Assignments as Intune evaluates them, and nothing guessed.

First by the custom profiles, whose assignments are read; then all else that may set the same value is weighed.

Three answers throughout: True, False, and None for what only Intune or the PC knows.
"""

from collections.abc import Iterable
from dataclasses import replace

from bot.reset_rules.facts import (
    Apps,
    Consent,
    Device,
    Join,
    Management,
    Policy,
    Profile,
    Recovery,
    Target,
    TargetKind,
    Value,
)

# Whom Intune's policies do not reach: what does is seen by nobody here.
_UNREACHED = frozenset({Management.TENANT_ATTACHED, Management.OTHER, Management.NONE})
# Elsewhere a group policy, Configuration Manager or another management may switch it on.
_INTUNE_ALONE = frozenset({Management.INTUNE})
_NO_DOMAIN = frozenset({Join.ENTRA, Join.REGISTERED})

# What a covered device may expect where consent is not given. Row 8: no fall back, the reset ends in an error. Without
# a tenant-wide grant some may still consent for themselves.
_BY_CONSENT = {
    Consent.MISSING: Recovery.POLICY_ONLY,
    Consent.DISABLED: Recovery.POLICY_ONLY,
    Consent.NOT_GRANTED: Recovery.UNKNOWN,
}


def groups_to_check(profiles: tuple[Profile, ...]) -> frozenset[str]:
    """The groups whose members decide: those of the profiles that count, included and excluded."""
    return frozenset(
        target.group_id
        for profile in profiles
        if profile.right or profile.off or profile.for_users
        for target in profile.targets
    ) - {""}


def recovery(
    apps: Apps, profiles: tuple[Profile, ...], user_groups: frozenset[str], device_groups: frozenset[str]
) -> Recovery:
    """What custom profiles let expect. The groups are those of groups_to_check that the user and the device are in.

    One right profile that covers the device is enough. Profiles that reach no PC (wrong path, wrong type) do not count;
    one that switches the same setting off is a conflict wherever it may reach (GRAPH.md), and then only the PC knows.
    """
    reach = {profile: _covered(profile, user_groups, device_groups) for profile in profiles}
    covered = _any(reach[profile] for profile in profiles if profile.right)
    against = _any(reach[profile] for profile in profiles if profile.off)
    if covered is False:
        for_users = _any(reach[profile] for profile in profiles if profile.for_users)
        return Recovery.NONE if for_users is False else Recovery.UNKNOWN
    if covered is None or against is not False:
        return Recovery.UNKNOWN
    return _BY_CONSENT.get(apps.consent, Recovery.READY)


def weighed(device: Device, others: tuple[Policy, ...] | None) -> Device:
    """The device with what it may expect once everything beside custom profiles is weighed too.

    `others` None: not read yet. NONE is a promise that nothing sets the value, so whatever may set it unseen makes it
    unknown; a device that a custom profile covers stays so until a policy sets something else.
    """
    return replace(device, recovery=_weighed(device, others))


def _weighed(device: Device, others: tuple[Policy, ...] | None) -> Recovery:
    if others is None or device.management in _UNREACHED:
        return Recovery.UNKNOWN
    if device.recovery is Recovery.NONE:
        unseen = others or device.management not in _INTUNE_ALONE or device.join not in _NO_DOMAIN
        return Recovery.UNKNOWN if unseen else Recovery.NONE
    against = any(policy.value in {Value.OFF, Value.MIXED} for policy in others)
    return Recovery.UNKNOWN if against else device.recovery


def _covered(profile: Profile, user_groups: frozenset[str], device_groups: frozenset[str]) -> bool | None:
    """Does the profile reach the device, by itself or by its user? A device setting follows the user's group too."""
    if any(target.kind is TargetKind.OTHER for target in profile.targets):
        return None
    by_device = _any(_included(target, device_groups, TargetKind.ALL_DEVICES) for target in profile.targets)
    by_user = _any(_included(target, user_groups, TargetKind.ALL_USERS) for target in profile.targets)
    device_out, user_out = _excluded(profile, device_groups), _excluded(profile, user_groups)
    return _any((_less(by_device, device_out, user_out), _less(by_user, user_out, device_out)))


def _less(included: bool | None, excluded: bool, excluded_otherwise: bool) -> bool | None:
    """An inclusion less its exclusions. Of the same kind they win; of the other kind Intune does not support them."""
    if included is False or excluded:
        return False
    return None if excluded_otherwise else included


def _included(target: Target, groups: frozenset[str], everybody: TargetKind) -> bool | None:
    included = target.kind is everybody or (target.kind is TargetKind.GROUP and target.group_id in groups)
    return None if included and target.filtered else included


def _excluded(profile: Profile, groups: frozenset[str]) -> bool:
    return any(target.kind is TargetKind.EXCLUDED_GROUP and target.group_id in groups for target in profile.targets)


def _any(answers: Iterable[bool | None]) -> bool | None:
    """True if one is, else None if one may be."""
    seen = set(answers)
    return True if True in seen else None if None in seen else False
