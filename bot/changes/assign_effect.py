"""What a change of an assignment does, group by group: worked out once, stored with the plan, told in words."""

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from typing import Literal

from pydantic import Field, JsonValue

from bot.approvals.plan import Plan, PlanPart
from bot.changes import tenant_state
from bot.changes.groups import members
from bot.changes.tenant_state import Row, Rows, TenantState
from bot.chat.notices import shortened, told_apart
from bot.reset_rules.sources import RecoverySource, is_from_policy_set
from bot.tenant import Filling, Group
from dialogs.words.replies import Names, Text, Value

_CHANGED = ("included", "excluded", "removed", "readmitted")
_KEPT = ("kept", "kept_excluded")
_SIDES = (*_CHANGED, *_KEPT)
_ALL = {tenant_state.ALL_DEVICES: "devices", tenant_state.ALL_USERS: "users"}
_COLLECTIONS = {"#microsoft.graph.configurationManagerCollectionAssignmentTarget": "collections"}
MOST_NAMED = 2  # groups in a title
MOST_BRIEF = 40  # letters of each
MOST_NAME = 256  # letters: all that Entra takes

Groups = Mapping[str, Group]
"""By id in lower case: all that are named, and all that the profile is assigned to (deleted ones may be missing)."""


def _says_nothing(value: object) -> bool:
    return not value


class GroupSize(PlanPart):
    """A group and the members it had when the plan was made; name empty: no longer in the tenant."""

    id: str
    name: str
    users: int
    devices: int
    # Written only where they say something.
    filling: Filling | None = Field(None, exclude_if=_says_nothing)  # of one that is empty now
    filter: str = Field("", exclude_if=_says_nothing)  # the name of what narrows it, or the end of its id
    mode: str = Field("", exclude_if=_says_nothing)  # of that filter: include or exclude
    policy_set: bool = Field(False, exclude_if=_says_nothing)  # assigned by one: it stays whatever is done here

    @property
    def empty(self) -> bool:
        """A group that is there and that nobody is in."""
        return bool(self.name) and not (self.users or self.devices)


class Reckoned(PlanPart):
    """How many PCs come and go, inclusion and exclusion reckoned together, and the first names of both. None: can't be
    reckoned. `partly`: filters, users, other policies or very large groups decide too."""

    gained: int | None = None
    lost: int | None = None
    names_gained: tuple[str, ...] = ()
    names_lost: tuple[str, ...] = ()
    partly: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """What there is to tell."""
        return {side: count for side, count in (("gained", self.gained), ("lost", self.lost)) if count}


class AssignEffect(PlanPart):
    """Who comes in, who goes out. `devices`, `users`: members of all changed groups; in two of them counts twice."""

    kind: Literal["assign"] = "assign"
    profile_id: str
    profile_name: str
    included: tuple[GroupSize, ...] = ()
    excluded: tuple[GroupSize, ...] = ()
    removed: tuple[GroupSize, ...] = ()  # were included
    readmitted: tuple[GroupSize, ...] = ()  # were excluded
    kept: tuple[GroupSize, ...] = ()
    kept_excluded: tuple[GroupSize, ...] = ()
    others: tuple[str, ...] = ()  # kept targets that are no group: their @odata.type
    filters: int = 0  # assignments with a filter among those kept
    devices: int = 0
    users: int = 0
    reckoned: Reckoned | None = Field(None, exclude_if=_says_nothing)  # when the plan was made
    idle: tuple[str, ...] = Field((), exclude_if=_says_nothing)  # included groups, by id, whom everybody covers already

    @property
    def changed(self) -> tuple[GroupSize, ...]:
        """All groups that the plan touches."""
        return self.included + self.excluded + self.removed + self.readmitted

    def names(self, most: int = MOST_NAME) -> dict[str, str]:
        """What to call the groups that it tells of, by id."""
        return told_apart({group.id: group.name for side in _SIDES for group in getattr(self, side)}, most)

    @property
    def uncovered(self) -> tuple[GroupSize, ...]:
        """Who is no longer covered by these groups. Their devices may keep the setting until it is changed there."""
        return self.removed + self.excluded


def brief(plan: Plan) -> Text:
    """What comes and goes, by the first names."""
    effect = AssignEffect.model_validate(plan.effect)
    sides = {side: getattr(effect, side) for side in _CHANGED if getattr(effect, side)}
    names = effect.names(MOST_BRIEF)
    said = [Text(f"change.assign.brief.{side}", {"groups": _few(groups, names)}) for side, groups in sides.items()]
    if not said:
        return Text("change.assign.name")
    what = reduce(lambda first, then: Text("change.assign.brief.both", {"first": first, "then": then}), said)
    for side, count in effect.reckoned.counts.items() if effect.reckoned else ():
        what = Text(f"change.assign.brief.{side}", {"what": what, "count": count})
    return what


def _few(groups: tuple[GroupSize, ...], names: Mapping[str, str]) -> Text:
    left_out = len(groups) - MOST_NAMED
    named = tuple(names[group.id] for group in groups[:MOST_NAMED])
    return Text(
        "change.assign.groups_more" if left_out > 0 else "change.assign.groups",
        {"names": Names(named, more=left_out > 0), "count": left_out},
    )


def lines(plan: Plan) -> Iterator[Text]:
    """What a plan changes, in words."""
    effect = AssignEffect.model_validate(plan.effect)
    if effect.reckoned:
        yield from _comes_to(effect.reckoned)
    for side in _CHANGED:
        yield from _groups(side, effect)
    if effect.uncovered:
        yield Text("effect.assign.uncovered")


def _comes_to(found: Reckoned) -> Iterator[Text]:
    """The one number, the first names, and whether there is more to it."""
    if found.gained is None:
        yield Text("effect.reckoned.unknown")
        return
    for side, names in (("gained", found.names_gained), ("lost", found.names_lost)):
        if count := found.counts.get(side):
            left_out = count - len(names)
            values: Mapping[str, Value] = {"count": count, "names": Names(names, more=left_out > 0), "more": left_out}
            yield Text(f"effect.reckoned.{side}{'_more' if left_out else ''}", values)
    if not found.counts:
        yield Text("effect.reckoned.nobody")
    if found.partly:
        yield Text("effect.reckoned.partly")


def more(plan: Plan) -> Iterator[Text]:
    """What it leaves as it is, and what else to know."""
    effect = AssignEffect.model_validate(plan.effect)
    yield Text("effect.assign.profile", {"name": effect.profile_name})
    for side in _KEPT:
        yield from _groups(side, effect)
    if effect.others:
        yield Text("effect.assign.others", {"kinds": Names(tuple(map(target_of_all, effect.others)))})
    if effect.filters:
        yield Text("effect.assign.filters", {"count": effect.filters})
    yield Text("effect.assign.touched", {"members": members(effect)})


def _groups(side: str, effect: AssignEffect) -> Iterator[Text]:
    names = effect.names()
    gathered = _alike(getattr(effect, side), names) if side in _KEPT else {}
    for group in getattr(effect, side):
        named = names[group.id]
        yield Text(f"effect.assign.{side}", {"group": named, "members": members(group)})
        yield from notes(group, named, empty=group.filling not in gathered)
        if group.id in effect.idle:
            yield Text("effect.assign.idle", {"group": named})
    for filling, several in gathered.items():
        in_order: list[str] = sorted(several, key=str.casefold)
        yield Text(f"effect.assign.empty_several.{filling or 'assigned'}", {"groups": Names(tuple(in_order))})


def _alike(groups: Iterable[GroupSize], names: Mapping[str, str]) -> dict[Filling | None, list[str]]:
    """Names of empty groups by how they fill, where there are several: dozens that stay would be a sentence each, and
    the card too large for Teams."""
    found: dict[Filling | None, list[str]] = {}
    for group in groups:
        if group.empty:
            found.setdefault(group.filling, []).append(names[group.id])
    return {filling: several for filling, several in found.items() if len(several) > 1}


def notes(group: GroupSize, name: str, *, empty: bool = True) -> Iterator[Text]:
    """What to know of one group beside its size: also where nothing is changed. `empty`: also that nobody is in it."""
    named = {"group": name}
    if not group.name:
        yield Text("effect.assign.deleted", named)
    if empty and group.empty:
        yield Text(f"effect.assign.empty.{group.filling or 'assigned'}", named)
    if group.filter:
        yield Text(
            f"effect.assign.filter.{'exclude' if group.mode == 'exclude' else 'include'}",
            named | {"filter": group.filter},
        )
    if group.policy_set:
        yield Text("effect.assign.policy_set", named)


def named(state: JsonValue, plan: Plan) -> Text | str:
    """One assignment or profile of a state that was read, as people know it: by the group's name where it is known."""
    if not (isinstance(state, dict) and "target" in state):
        return tenant_state.in_words(state)
    effect = AssignEffect.model_validate(plan.effect)
    known = {group.id: group.name for side in _SIDES for group in getattr(effect, side)}
    group, kind = tenant_state.group_of(state), tenant_state.type_of(state)
    if not group:
        return target_of_all(kind)
    side = "excluded" if kind == tenant_state.EXCLUDED else "included"
    called = f"{shortened(known.get(group) or '')} (…{group[-12:]})".strip()
    return Text(f"request.differs.{side}", {"group": called})


def target_of_all(kind: str) -> Text | str:
    """What is no group, by its type in Graph."""
    said = _ALL.get(kind) or _COLLECTIONS.get(kind)
    return Text(f"effect.assign.target.{said}") if said else kind.rpartition(".")[2]


def kinds_in(row: Row, groups: Groups) -> frozenset[str]:
    """What is in a target, devices or users; of an empty group what its rule will bring, and nothing without one."""
    everybody = _ALL.get(tenant_state.type_of(row))
    if everybody:
        return frozenset({everybody})
    size = sized(row, groups)
    if size.filling:
        return frozenset({size.filling.removeprefix("paused_")})
    return frozenset(kind for kind, count in (("users", size.users), ("devices", size.devices)) if count)


def sized(row: Row, groups: Groups, filters: Mapping[str, str] | None = None) -> GroupSize:
    """A row of an assignment by its group; `filters`: names by id, None: nothing is said of them."""
    group_id, (narrowed, mode) = tenant_state.group_of(row), tenant_state.filter_of(row)
    found = groups.get(group_id, Group(group_id, "", users=0, devices=0))
    is_narrowed = filters is not None and narrowed
    return GroupSize(
        id=group_id,
        name=found.name,
        users=found.users,
        devices=found.devices,
        filling=None if found.users or found.devices else found.filling,
        filter=((filters or {}).get(narrowed.lower()) or f"…{narrowed[-12:]}") if is_narrowed else "",
        mode=mode if is_narrowed else "",
        policy_set=is_from_policy_set(row),
    )


def assign_effect(
    profile: RecoverySource, tenant: TenantState, wanted: Rows, added: Rows, removed: Rows, groups: Groups
) -> AssignEffect:
    """`wanted`: all that is there afterwards."""
    kept = tuple(row for row in wanted if row not in added)
    filters = tenant.filters or None  # not one name could be read: they are counted

    def of(rows: Rows, kind: str) -> tuple[GroupSize, ...]:
        return tuple(sized(row, groups, filters) for row in rows if tenant_state.type_of(row) == kind)

    changed = [sized(row, groups) for row in (*added, *removed)]
    return AssignEffect(
        profile_id=tenant_state.guid(profile.id),
        profile_name=profile.name,
        included=of(added, tenant_state.INCLUDED),
        excluded=of(added, tenant_state.EXCLUDED),
        removed=of(removed, tenant_state.INCLUDED),
        readmitted=of(removed, tenant_state.EXCLUDED),
        kept=of(kept, tenant_state.INCLUDED),
        kept_excluded=of(kept, tenant_state.EXCLUDED),
        others=tuple(tenant_state.type_of(row) for row in kept if not tenant_state.group_of(row)),
        filters=sum(bool(tenant_state.filter_of(row)[0]) for row in kept),
        devices=sum(one.devices for one in changed),
        users=sum(one.users for one in changed),
        idle=tuple(tenant_state.group_of(row) for row in added if is_idle(row, kept, groups)),
    )


def is_idle(row: Row, others: Rows, groups: Groups) -> bool:
    """Does this included group bring nobody, since everybody is included beside it? All devices are all; all users
    leave out a PC at which no licensed user signs in."""
    everybody = {tenant_state.type_of(one) for one in others if not tenant_state.filter_of(one)[0]}
    by_users = tenant_state.ALL_USERS in everybody and kinds_in(row, groups) == {"users"}
    return tenant_state.type_of(row) == tenant_state.INCLUDED and (tenant_state.ALL_DEVICES in everybody or by_users)


def called(groups: Groups) -> dict[str, str]:
    """What to call each, by id."""
    return told_apart({group_id: group.name for group_id, group in groups.items()}, MOST_NAME)


def label(row: Row, groups: Groups) -> Text | str:
    """How a target is called in a sentence."""
    group = tenant_state.group_of(row)
    names = called(groups)
    return names.get(group) or group or target_of_all(tenant_state.type_of(row))
