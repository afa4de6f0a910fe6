"""Is this one device covered by the rollout? Assignments as Intune evaluates them, and nothing guessed."""

from bot.rollout.facts import Apps, AppState, Profile, Recovery, TargetKind


def groups_to_check(profiles: tuple[Profile, ...]) -> frozenset[str]:
    """The groups whose members decide: those of the right profiles, included and excluded."""
    return frozenset(target.group_id for profile in profiles if profile.right for target in profile.targets) - {""}


def recovery(
    apps: Apps, profiles: tuple[Profile, ...], user_groups: frozenset[str], device_groups: frozenset[str]
) -> Recovery:
    """What the device may expect. The groups are those of groups_to_check that the user and the device are in.

    One right profile that covers the device is enough. A wrong profile beside it is not looked at: which one wins on
    the PC is not known here, and only CanReset on the PC proves anything.
    """
    covered = [_covered(profile, user_groups, device_groups) for profile in profiles if profile.right]
    if True in covered:
        enabled = apps.service is AppState.ENABLED and apps.client is AppState.ENABLED
        return Recovery.READY if enabled else Recovery.POLICY_ONLY
    return Recovery.UNKNOWN if None in covered else Recovery.NONE


def _covered(profile: Profile, user_groups: frozenset[str], device_groups: frozenset[str]) -> bool | None:
    """True, False, or None where a filter, a collection or mixed kinds of groups decide.

    Intune does not evaluate an exclusion of users for an inclusion of devices, nor the other way round, so such an
    exclusion proves nothing in either direction.
    """
    by_device = _reached(profile, device_groups, TargetKind.ALL_DEVICES)
    by_user = _reached(profile, user_groups, TargetKind.ALL_USERS)
    out_device, out_user = _excluded(profile, device_groups), _excluded(profile, user_groups)
    if (by_device is True and not out_device and not out_user) or (by_user is True and not out_user and not out_device):
        return True
    if (by_device is not False and out_user and not out_device) or (
        by_user is not False and out_device and not out_user
    ):
        return None
    unknown = (by_device is None and not out_device) or (by_user is None and not out_user)
    return None if unknown else False


def _reached(profile: Profile, groups: frozenset[str], everybody: TargetKind) -> bool | None:
    """Is somebody in one of the included groups? None: only perhaps."""
    perhaps = False
    for target in profile.targets:
        included = target.kind is everybody or (target.kind is TargetKind.GROUP and target.group_id in groups)
        if included and not target.filtered:
            return True
        perhaps = perhaps or included or target.kind is TargetKind.OTHER
    return None if perhaps else False


def _excluded(profile: Profile, groups: frozenset[str]) -> bool:
    return any(target.kind is TargetKind.EXCLUDED_GROUP and target.group_id in groups for target in profile.targets)
