"""The two groups that say who may ask and who may decide: can anything ever be approved?"""

import asyncio
from collections.abc import Iterable, Sequence

from bot.check.finding import Finding, do, info, ok, unseen
from bot.check.permissions import can_install
from bot.check.services import CheckServices
from bot.errors import StoreUnavailable
from bot.tenant.login import roles
from bot.tenant.models import RoleGroup, User
from bot.tenant.roles import counts

SETTINGS = {"admins": "PINBOT_ADMIN_GROUP_ID", "approvers": "PINBOT_APPROVER_GROUP_ID"}


async def groups(services: CheckServices) -> tuple[Finding, ...]:
    """Both, and what they make together."""
    wanted = services.wanted
    (found_admins, admins), (found_approvers, approvers) = await asyncio.gather(
        _group(services, "admins", wanted.admin_group), _group(services, "approvers", wanted.approver_group)
    )
    findings = [*found_admins, *found_approvers]
    if wanted.admin_group == wanted.approver_group:
        return (*findings, do("roles", "same_group"))
    if admins and approvers:
        findings.append(_together(admins, approvers, wanted.approvals))
    if approvers:
        findings.append(await _reached(services, approvers))
    return tuple(findings)


async def _group(services: CheckServices, area: str, group_id: str) -> tuple[list[Finding], frozenset[str]]:
    """What is to be said of one, and who counts in it."""
    group = await services.tenant.role_group(group_id)
    if group is None:
        return [do(area, "missing", setting=SETTINGS[area], id=group_id)], frozenset()
    named = {"setting": SETTINGS[area], "group": group.display_name or group_id}
    members = await services.tenant.members(group_id)
    people = frozenset(one.id.lower() for one in members if counts(one))
    return [*_kind(area, group, named), _size(area, members, people, named)], people


def _kind(area: str, group: RoleGroup, named: dict[str, str]) -> Iterable[Finding]:
    """Whoever may add members decides who is in it."""
    if group.mail_enabled and not group.security_enabled and not group.group_types:
        yield do(area, "distribution_list", **named)
    elif "DynamicMembership" in group.group_types:
        yield info(area, "dynamic", **named)
    elif "Unified" in group.group_types:
        yield info(area, "owners_add", **named)
    elif group.security_enabled is False:
        yield do(area, "no_security_group", **named)


def _size(area: str, members: Sequence[User], people: frozenset[str], named: dict[str, str]) -> Finding:
    """Who can't be told apart from a guest is not nobody, but unknown."""
    if people:
        return ok(area, "members", count=len(people), **named)
    if any(one.user_type is None and one.account_enabled is None for one in members):
        return unseen(area, "members")
    return do(area, "nobody_counts" if members else "empty", **named)


def _together(admins: frozenset[str], approvers: frozenset[str], needed: int) -> Finding:
    """Nobody decides what they asked for themselves."""
    most = max(len(approvers - {admin}) for admin in admins)
    if not most:
        return do("roles", "one_person")
    if most < needed:
        return do("roles", "too_few", needed=needed, count=most)
    return ok("roles", "enough", count=most)


async def _reached(services: CheckServices, approvers: frozenset[str]) -> Finding:
    if services.wanted.asks_in_channel:
        return ok("approvers", "in_channel")
    if not services.started:
        return info("approvers", "not_met")
    try:
        reached = await services.reachable(approvers)
    except StoreUnavailable:  # the groups were seen all the same
        return unseen("approvers", "store")
    numbers = {"count": len(approvers), "reached": len(reached)}
    if not reached:
        gives = services.wanted.writes and can_install(roles(await services.token()) or ())
        return info("approvers", "given", **numbers) if gives else do("approvers", "unreachable", **numbers)
    return (ok if len(reached) == len(approvers) else info)("approvers", "reached", **numbers)
