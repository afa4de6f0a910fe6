"""What the tenant must have: Intune, the rollout so far, an approval of Intune's own."""

from bot.changes.rollout_status import Missing
from bot.check.finding import Finding, do, info, ok, unseen
from bot.check.services import CheckServices
from bot.errors import NotPermitted

_NOT_SEEN = {Missing.NOT_PERMITTED: "not_permitted", Missing.UNKNOWN: "no_answer"}
_BY_HAND = {
    Missing.APP_DISABLED: "app_disabled",
    Missing.CONFLICT: "conflict",
    Missing.ELSEWHERE_MIXED: "conflict",
    Missing.ELSEWHERE_OFF: "switched_off",
}
_ELSEWHERE = frozenset({Missing.ELSEWHERE, Missing.ELSEWHERE_UNASSIGNED, Missing.USERS_ONLY})


async def intune(services: CheckServices) -> tuple[Finding, ...]:
    """Is it licensed, and does it manage the devices?"""
    if not await services.tenant.has_intune():
        return (do("intune", "no_licence"),)
    authority = (await services.tenant.organization()).mobile_device_management_authority or "unknown"
    if authority.lower() != "intune":
        return (ok("intune", "licensed"), info("intune", "authority", authority=authority))
    return (ok("intune", "licensed"),)


async def rollout(services: CheckServices) -> tuple[Finding, ...]:
    """Apps, grant and what sets PIN recovery: the next step is no mistake where the bot itself can do it."""
    step = await services.next_step()
    if step in _NOT_SEEN:
        return (unseen("rollout", _NOT_SEEN[step]),)
    if step in _BY_HAND:
        return (do("rollout", _BY_HAND[step]),)
    if step in _ELSEWHERE:
        return (info("rollout", "elsewhere"),)
    return ((ok if step is Missing.NOTHING else info)("rollout", step.value),)


async def second_approval(services: CheckServices) -> tuple[Finding, ...]:
    """Multi Admin Approval."""
    if await services.tenant.wants_second_approval():
        return (info("second_approval", "wanted"),)
    return (ok("second_approval", "not_wanted"),)


async def app(services: CheckServices) -> tuple[Finding, ...]:
    """In the catalogue of the organisation; to see that takes a permission that nothing else needs."""
    try:
        found = await services.tenant.in_catalogue(services.wanted.teams_app_id)
    except NotPermitted:
        return (info("app", "not_seen"),)
    if found is None:
        return (do("app", "absent", id=services.wanted.teams_app_id),)
    states = {one.publishing_state for one in found.app_definitions} - {None}
    if states and "published" not in states:
        return (do("app", "waits"),)
    return (ok("app", "there"),)
