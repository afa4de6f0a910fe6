"""What sets EnablePinRecovery in a tenant, wherever in Intune it stands: value, assignments, and where two collide."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import Any

from pydantic import BaseModel, ConfigDict

Row = Mapping[str, Any]
Rows = tuple[Row, ...]


class SourceKind(StrEnum):
    """Where in Intune it can be set. What Graph can't show (group policy, another management, a provisioning package)
    has no kind: bot.reset_rules.coverage says on which PCs it is possible."""

    CUSTOM = "custom"  # rows by OMA-URI, for devices or users
    CATALOG = "catalog"  # settings catalog
    ACCOUNT_PROTECTION = "account_protection"  # Endpoint security, made of the same settings
    TEMPLATE = "template"  # the old Identity protection profile: on or off, as its list says
    INTENT = "intent"  # the old Account protection (Preview)


class Scope(StrEnum):
    """For whom a row sets it."""

    DEVICE = "device"
    USER = "user"  # for whoever is assigned, on each of their PCs


class Value(StrEnum):
    """What a source sets, all its rows together."""

    ON = "on"
    OFF = "off"
    MIXED = "mixed"  # one for devices, the other for users
    CONTRADICTION = "contradiction"  # both for the same
    BROKEN = "broken"  # no row that a PC surely takes
    UNREAD = "unread"  # could not be checked: it may set it


class Aspect(StrEnum):
    """In what a row for EnablePinRecovery is wrong. The sentence is `approvals.difference.<aspect>`."""

    TYPE = "type"  # a string "true" is an error on the device
    VALUE = "value"
    BRACES = "braces"
    TENANT = "tenant"
    PATH = "path"  # e.g. that of the newer page, which no node answers to, or a blank in it
    SCOPE = "scope"  # only in plans of before: ./User works, for these users


class Difference(BaseModel):
    """One thing found and what it should be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    aspect: Aspect
    found: str
    wanted: str


class TargetKind(StrEnum):
    """Whom an assignment addresses."""

    GROUP = "group"
    EXCLUDED_GROUP = "excluded_group"
    ALL_DEVICES = "all_devices"
    ALL_USERS = "all_users"
    OTHER = "other"  # e.g. a Configuration Manager collection: cannot be evaluated here


_TARGETS = {
    "#microsoft.graph.groupAssignmentTarget": TargetKind.GROUP,
    "#microsoft.graph.exclusionGroupAssignmentTarget": TargetKind.EXCLUDED_GROUP,
    "#microsoft.graph.allDevicesAssignmentTarget": TargetKind.ALL_DEVICES,
    "#microsoft.graph.allLicensedUsersAssignmentTarget": TargetKind.ALL_USERS,
}
_EVERYBODY = frozenset({TargetKind.ALL_DEVICES, TargetKind.ALL_USERS})


@dataclass(frozen=True, slots=True)
class Target:
    """One row of an assignment."""

    kind: TargetKind
    group_id: str = ""
    filtered: bool = False  # an assignment filter (beta) narrows it: cannot be evaluated here
    from_policy_set: bool = False  # there because a policy set holds the policy


@dataclass(frozen=True, slots=True)
class Setting:
    """One row for EnablePinRecovery. `value` None and `certain`: it sets nothing, or nobody is sure of anything.

    `certain`: a PC takes it as it stands. Otherwise `value` is what it may set; None: it may set anything.
    """

    scope: Scope
    value: bool | None
    wrong: tuple[Difference, ...] = ()
    certain: bool = True


@dataclass(frozen=True, slots=True)
class RecoverySource:
    """A profile or policy that sets EnablePinRecovery, or may. Names are foreign text.

    `id` empty: not even the list of this kind could be read. `assignments`: as beta shows them; None: not read.
    `is_read` False: what it sets could not be read; `unanswered`: and another look may tell. `profile`: a custom one,
    whole, as it was read.
    """

    kind: SourceKind
    id: str = ""
    name: str = ""
    settings: tuple[Setting, ...] = ()
    assignments: Rows | None = ()
    is_read: bool = True
    unanswered: bool = False
    profile: Row = field(default_factory=dict)

    @property
    def sets(self) -> frozenset[tuple[Scope, bool]]:
        """What PCs surely get of it."""
        return frozenset((one.scope, one.value) for one in self.settings if one.certain and one.value is not None)

    @property
    def may_set(self) -> frozenset[bool]:
        """What PCs may get of it, for certain or not."""
        known = {one.value for one in self.settings if one.value is not None}
        return frozenset({True, False} if self.value is Value.UNREAD else known)

    @property
    def value(self) -> Value:
        """All its rows judged together."""
        if not self.is_read or any(one.value is None and not one.certain for one in self.settings):
            return Value.UNREAD
        found = {one.value for one in self.settings if one.value is not None}
        sure = {value for _, value in self.sets}
        if not sure and (not found or any(one.wrong for one in self.settings)):
            return Value.BROKEN
        if len(found) == 1:
            return Value.ON if True in found else Value.OFF
        scopes = [scope for scope in Scope if len({one.value for one in self._taken(scope)}) > 1]
        return Value.CONTRADICTION if scopes else Value.MIXED

    def _taken(self, scope: Scope) -> list[Setting]:
        return [one for one in self.settings if one.scope is scope and one.value is not None]

    @property
    def is_certain(self) -> bool:
        """Is it known to set a value?"""
        return self.value is not Value.UNREAD and bool(self.sets)

    @property
    def is_right(self) -> bool:
        """Does it switch it on for devices, with nothing in it that contradicts?"""
        return self.value is Value.ON and (Scope.DEVICE, True) in self.sets

    @property
    def for_users(self) -> bool:
        """Does it switch it on for its users only?"""
        return self.value is Value.ON and self.sets == {(Scope.USER, True)}

    @property
    def targets(self) -> tuple[Target, ...] | None:
        """Whom it is assigned to; None: not read."""
        return None if self.assignments is None else tuple(map(target, self.assignments))

    @property
    def may_reach(self) -> bool:
        """Is it assigned to anybody, as far as can be told?"""
        return self.targets is None or any(one.kind is not TargetKind.EXCLUDED_GROUP for one in self.targets)

    @property
    def label(self) -> str:
        """Its name and the end of its id, by which equal names differ."""
        return f"{self.name or '–'} (…{self.id[-12:]})" if self.id else self.name


def target(assignment: Row) -> Target:
    """One row of an assignment, as beta shows it."""
    found: Row = assignment.get("target") or {}
    return Target(
        kind=_TARGETS.get(str(found.get("@odata.type")), TargetKind.OTHER),
        group_id=str(found.get("groupId") or "").lower(),
        filtered=found.get("deviceAndAppManagementAssignmentFilterType") not in {None, "none"}
        or bool(found.get("deviceAndAppManagementAssignmentFilterId")),
        from_policy_set=is_from_policy_set(assignment),
    )


def is_from_policy_set(assignment: Row) -> bool:
    """Does the row come from a policy set? Whoever wants another one changes the set."""
    return str(assignment.get("source") or "").lower() == "policysets"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sources of different value, or one that contradicts itself (`second` is `first`).

    `where`: the targets of both that surely hold the same devices; empty: devices in targets of both, if there are any.
    """

    first: RecoverySource
    second: RecoverySource
    where: tuple[Target, ...] = ()

    @property
    def is_certain(self) -> bool:
        """Surely some device gets both."""
        return bool(self.where) or self.first is self.second


def conflicts(sources: Iterable[RecoverySource]) -> tuple[Conflict, ...]:
    """Where different values reach the same devices, or may: by value and reach. Certain ones first.

    The same value twice is double work and no conflict, and what is assigned to nobody is in nobody's way.
    """
    acting = [one for one in sources if one.is_certain and one.may_reach]
    inside = [Conflict(one, one) for one in acting if one.value is Value.CONTRADICTION]
    on, off = ([one for one in acting if any(v is value for _, v in one.sets)] for value in (True, False))
    found = list(inside)
    seen: set[frozenset[str]] = set()
    for first, second in product(on, off):
        pair = frozenset({f"{first.kind} {first.id}", f"{second.kind} {second.id}"})
        if first is second or pair in seen:
            continue
        seen.add(pair)
        if (conflict := conflict_of(first, second)) is not None:
            found.append(conflict)
    return tuple(sorted(found, key=lambda one: not one.is_certain))


def conflict_of(first: RecoverySource, second: RecoverySource) -> Conflict | None:
    """Where the assignments of two sources of different value meet; None: no device can be in both."""
    one, other = first.targets, second.targets
    if one is None or other is None:
        return Conflict(first, second)
    met = [_meeting(a, b, _excluded(one) | _excluded(other)) for a, b in product(_included(one), _included(other))]
    if all(each is False for each in met):
        return None
    sure = {(each.kind, each.group_id): each for each in met if isinstance(each, Target)}
    return Conflict(first, second, tuple(sure[key] for key in sorted(sure)))


def _included(targets: tuple[Target, ...]) -> list[Target]:
    return [one for one in targets if one.kind is not TargetKind.EXCLUDED_GROUP]


def _excluded(targets: tuple[Target, ...]) -> frozenset[str]:
    return frozenset(one.group_id for one in targets if one.kind is TargetKind.EXCLUDED_GROUP)


def _meeting(one: Target, other: Target, excluded: frozenset[str]) -> Target | bool | None:
    """The target whose devices surely get both; False: none can, because it is kept out; None: perhaps some."""
    if {one.group_id, other.group_id} & excluded:
        return False
    if TargetKind.OTHER in {one.kind, other.kind} or one.filtered or other.filtered:
        return None
    if one.kind in _EVERYBODY:
        return other
    return one if other.kind in _EVERYBODY or one.group_id == other.group_id else None
