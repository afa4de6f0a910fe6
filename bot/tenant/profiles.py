"""The custom profiles that set EnablePinRecovery, with their assignments."""

import asyncio

from bot.reset_rules.facts import Profile, Target, TargetKind
from bot.tenant.graph import Graph
from bot.tenant.models import Assignment, Configuration, OmaSetting

_DEVICE, _USER = "./device", "./user"
_TARGETS = {
    "#microsoft.graph.groupAssignmentTarget": TargetKind.GROUP,
    "#microsoft.graph.exclusionGroupAssignmentTarget": TargetKind.EXCLUDED_GROUP,
    "#microsoft.graph.allDevicesAssignmentTarget": TargetKind.ALL_DEVICES,
    "#microsoft.graph.allLicensedUsersAssignmentTarget": TargetKind.ALL_USERS,
}


async def read_profiles(graph: Graph, tenant_id: str) -> tuple[Profile, ...]:
    """Right or wrong. Raises what bot.tenant.graph raises."""
    found = [profile for profile in await graph.custom_profiles() if _settings(profile)]
    targets = await asyncio.gather(*(graph.assignments(profile.id) for profile in found))
    return tuple(
        _profile(profile, tuple(map(_target, assignments)), tenant_id)
        for profile, assignments in zip(found, targets, strict=True)
    )


def _profile(profile: Configuration, targets: tuple[Target, ...], tenant_id: str) -> Profile:
    sets = {(scope, value) for setting in _settings(profile) for scope, value in _reached(setting, tenant_id)}
    return Profile(
        id=profile.id,
        name=profile.display_name,
        right=(_DEVICE, True) in sets,
        targets=targets,
        off=bool({(_DEVICE, False), (_USER, False)} & sets),
        for_users=(_USER, True) in sets,
    )


def _settings(profile: Configuration) -> list[OmaSetting]:
    return [setting for setting in profile.oma_settings if setting.oma_uri.lower().endswith("/enablepinrecovery")]


def _reached(setting: OmaSetting, tenant_id: str) -> set[tuple[str, bool]]:
    """What a row sets, for devices or users; nothing unless it is a Boolean at this tenant's node, the tenant id
    without braces (CSP and DDF). A path that names neither means the device."""
    path = setting.oma_uri.lower().replace("./vendor", f"{_DEVICE}/vendor", 1)
    node = f"/vendor/msft/passportforwork/{tenant_id}/policies/enablepinrecovery"
    if not isinstance(setting.value, bool) or not setting.type.endswith("omaSettingBoolean"):
        return set()
    return {(scope, setting.value) for scope in (_DEVICE, _USER) if path == f"{scope}{node}"}


def _target(assignment: Assignment) -> Target:
    target = assignment.target
    return Target(
        kind=_TARGETS.get(target.type, TargetKind.OTHER),
        group_id=target.group_id or "",
        filtered=target.filter_type not in {None, "none"},
    )
