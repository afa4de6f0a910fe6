"""How many PCs a change of an assignment newly covers, and how many lose it: both sides reckoned together.

Only device groups can be reckoned. Where a filter, users or another policy decide too, that is said beside the numbers.
"""

from collections.abc import Iterable, Mapping

from bot.approvals.plan import Plan
from bot.changes import tenant_state
from bot.changes.assign_effect import AssignEffect, GroupSize, Reckoned
from bot.changes.tenant_state import TenantState
from bot.errors import BotError
from bot.tenant import MOST_COUNTED, Groups

MOST_MEMBERS = 3_000  # of all groups together: a page holds 999
MOST_PCS = 5  # that are named

Members = Mapping[str, Mapping[str, str]]
"""By group the PCs in it, nested ones included: the name of each by its device id."""


async def reckoned(plan: Plan, tenant: TenantState, groups: Groups) -> Plan:
    """The same plan with what it comes to, which is stored and shown with it."""
    effect = AssignEffect.model_validate(plan.effect)
    try:
        members = await groups.pcs(_readable(effect))
    except BotError:
        members = {}
    found = reckon(effect, members, others=_decides_otherwise(plan, effect, tenant))
    return plan.model_copy(update={"effect": effect.model_copy(update={"reckoned": found}).model_dump(mode="json")})


def reckon(effect: AssignEffect, members: Members, *, others: bool = False) -> Reckoned:
    """No numbers where a changed group could not be read or is no group of devices alone. `others`: something beside
    the groups of this effect decides who is covered."""
    needed = [group for group in _all(effect) if group.devices or group.users]
    unread = {group.id for group in needed if group.users or group.id not in members}
    if unread & {group.id for group in effect.changed}:
        return Reckoned(partly=True)
    everybody = tenant_state.ALL_DEVICES in effect.others

    def covered(included: Iterable[GroupSize], excluded: Iterable[GroupSize]) -> frozenset[str]:
        known = pcs if everybody else _in(included, members)
        return known - _in(excluded, members)

    pcs = _in(_all(effect), members)
    before = covered(effect.removed + effect.kept, effect.readmitted + effect.kept_excluded)
    after = covered(effect.included + effect.kept, effect.excluded + effect.kept_excluded)
    names = {pc: name for found in members.values() for pc, name in found.items()}
    return Reckoned(
        gained=len(after - before),
        lost=len(before - after),
        names_gained=_first(after - before, names),
        names_lost=_first(before - after, names),
        partly=others or bool(unread),
    )


def _first(pcs: Iterable[str], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted((names[pc] for pc in pcs), key=str.casefold)[:MOST_PCS])


def _in(groups: Iterable[GroupSize], members: Members) -> frozenset[str]:
    return frozenset(pc for group in groups for pc in members.get(group.id, ()))


def _all(effect: AssignEffect) -> tuple[GroupSize, ...]:
    return effect.changed + effect.kept + effect.kept_excluded


def _readable(effect: AssignEffect) -> frozenset[str]:
    """Groups of devices alone, if they are few and small enough; those that change come first."""
    wanted: dict[str, int] = {}
    for group in _all(effect):
        if group.devices and not group.users and len(wanted) < MOST_COUNTED:
            fits = sum(wanted.values()) + group.devices <= MOST_MEMBERS
            wanted |= {group.id: group.devices} if fits else {}
    return frozenset(wanted)


def _decides_otherwise(plan: Plan, effect: AssignEffect, tenant: TenantState) -> bool:
    """A filter, all users, what is no group, or another policy that may switch it on."""
    rows = (row for step in plan.steps for state in (step.before, step.after) for row in tenant_state.rows_of(state))
    filtered = any(tenant_state.filter_of(row)[0] for row in rows)
    others = (one for one in tenant.sources if one.id.lower() != effect.profile_id)
    elsewhere = any(one.may_reach and True in one.may_set for one in others)
    return filtered or elsewhere or bool(set(effect.others) - {tenant_state.ALL_DEVICES})
