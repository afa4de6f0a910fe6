"""What sets EnablePinRecovery in a tenant, wherever in Intune it stands: its value and its assignments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

MOST_LETTERS = 120  # of a name in a label

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
        values = {one.value for one in self.settings if one.value is not None}
        sure = {value for _, value in self.sets}
        if not sure and (not values or any(one.wrong for one in self.settings)):
            return Value.BROKEN
        if len(values) == 1:
            return Value.ON if True in values else Value.OFF
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
        """Its name, as long as a line has room for, and the end of its id, by which equal names differ."""
        name = self.name if len(self.name) <= MOST_LETTERS else f"{self.name[: MOST_LETTERS - 1]}…"
        return f"{name or '–'} (…{self.id[-12:]})" if self.id else name


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
