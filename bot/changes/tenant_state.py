"""What is in the tenant now, as Graph's rows tell it: read in the same way for a plan, before a write and after it."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast

from pydantic import BaseModel, ConfigDict, JsonValue

from bot.approvals.plan import Look
from bot.approvals.refusals import Reason, Refused
from bot.errors import BotError
from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE, Policy
from bot.store.seal import canonical
from bot.tenant import Policies, Writes
from bot.tenant.apps import APPS_PATH, app_state

APPS = (PIN_SERVICE, PIN_CLIENT)  # consent in this order

Row = Mapping[str, JsonValue]
Rows = tuple[Row, ...]

PROFILES = "/v1.0/deviceManagement/deviceConfigurations"
FILTERS_PATH = "/beta/deviceManagement/assignmentFilters?$select=id,displayName"
PROFILES_PATH = f"{PROFILES}?$filter=isof('microsoft.graph.windows10CustomConfiguration')"

INCLUDED = "#microsoft.graph.groupAssignmentTarget"
EXCLUDED = "#microsoft.graph.exclusionGroupAssignmentTarget"
ALL_DEVICES = "#microsoft.graph.allDevicesAssignmentTarget"
ALL_USERS = "#microsoft.graph.allLicensedUsersAssignmentTarget"
BOOLEAN = "#microsoft.graph.omaSettingBoolean"
OBSCURED = "****"  # in place of a string, base64 or XML value
NODE = "/enablepinrecovery"

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FILTER_ID, _FILTER_TYPE = "deviceAndAppManagementAssignmentFilterId", "deviceAndAppManagementAssignmentFilterType"
_DEFAULTS = {  # what says nothing when it is there
    _FILTER_ID: None,
    _FILTER_TYPE: "none",
    "intent": "apply",
    "source": "direct",
}


class LookKind(StrEnum):
    """What is looked at. APP: the state of the app of that id. MADE: profiles with the setting, told by a marker,
    because a new one has no id yet. SOURCES: the same, told by their ids. TARGETS: whom a profile is assigned to."""

    APP = "app"
    MADE = "made"
    SOURCES = "sources"
    TARGETS = "targets"


LOOKS = frozenset(map(str, LookKind))  # all that state_of tells


def app_look(app_id: str) -> Look:
    """Is the app there, and enabled?"""
    return Look(kind=LookKind.APP, path=APPS_PATH, subject=app_id)


def targets_look(profile_id: str) -> Look:
    """Whom a profile is assigned to; from beta, because v1.0 hides filters."""
    path = f"/beta/deviceManagement/deviceConfigurations/{guid(profile_id)}/assignments"
    return Look(kind=LookKind.TARGETS, path=path)


SOURCES_LOOK = Look(kind=LookKind.SOURCES, path=PROFILES_PATH)


def state_of(look: Look, rows: Rows) -> JsonValue:
    """What the rows say, without what says nothing: equal states are equal JSON."""
    if look.kind == LookKind.APP:
        return app_state(rows, look.subject).value
    if look.kind == LookKind.TARGETS:
        return [*assigned(rows)]
    return cast("JsonValue", sorted((_source_state(one, look) for one in sources(rows)), key=canonical))


def sources(rows: Rows) -> Rows:
    """The profiles that set EnablePinRecovery, by whatever path and with whatever value."""
    return tuple(row for row in rows if settings(row))


def settings(profile: Row) -> Rows:
    """The profile's rows for EnablePinRecovery."""
    return tuple(row for row in all_settings(profile) if text(row, "omaUri").lower().endswith(NODE))


def all_settings(profile: Row) -> Rows:
    """All rows of a custom profile."""
    return tuple(cast("list[Row]", profile.get("omaSettings") or ()))


def assigned(rows: Rows) -> tuple[dict[str, JsonValue], ...]:
    """The assignments in one order, each once, without ids and defaults."""
    found = {canonical(one): one for one in map(_assignment, rows)}
    return tuple(found[key] for key in sorted(found))


def target_of(row: Row) -> Row:
    """The target of an assignment."""
    return cast("Row", row["target"])


def group_of(row: Row) -> str:
    """The group's id in lower case, or "" for everybody and for collections."""
    return text(target_of(row), "groupId").lower()


def type_of(row: Row) -> str:
    """The kind of target."""
    return text(target_of(row), "@odata.type")


def filter_of(row: Row) -> tuple[str, str]:
    """The id of the filter that narrows an assignment, and how: include or exclude. Both empty where there is none."""
    target = target_of(row)
    found, mode = text(target, _FILTER_ID), text(target, _FILTER_TYPE)
    return (found, mode) if found and mode != "none" else ("", "")


def of_policy_set(row: Row) -> bool:
    """Has a policy set made this assignment? Then it is that one's: assign neither sends nor removes it."""
    return text(row, "source").lower() == "policysets"


def text(row: Row, name: str) -> str:
    """A field that should be text."""
    value = row.get(name)
    return value if isinstance(value, str) else ""


def guid(value: str) -> str:
    """Only a GUID becomes part of an address or a body."""
    if not _GUID.fullmatch(value.lower()):
        raise Refused(Reason.NOT_A_GUID)
    return value.lower()


def _assignment(row: Row) -> dict[str, JsonValue]:
    target = {key: value for key, value in target_of(row).items() if _says_something(key, value)}
    kept = {key: row[key] for key in ("intent", "source") if key in row and _says_something(key, row[key])}
    return {"target": target, **kept}


def _says_something(key: str, value: JsonValue) -> bool:
    return value is not None and not (key in _DEFAULTS and _DEFAULTS[key] == value)


def _source_state(profile: Row, look: Look) -> dict[str, JsonValue]:
    named: dict[str, JsonValue] = (
        {"made": f"[{look.subject}]" in text(profile, "description")}
        if look.kind == LookKind.MADE
        else {"id": text(profile, "id")}
    )
    return named | {"settings": [setting_state(row) for row in all_settings(profile)]}


def setting_state(row: Row) -> dict[str, JsonValue]:
    """The fields of one row that decide; Graph may add others at any time."""
    return {key: row[key] for key in ("@odata.type", "displayName", "omaUri", "value") if row.get(key) is not None}


class Aspect(StrEnum):
    """In what a row for EnablePinRecovery is wrong. The sentence is `approvals.difference.<aspect>`."""

    TYPE = "type"  # a string "true" is an error on the device
    VALUE = "value"
    BRACES = "braces"
    TENANT = "tenant"
    PATH = "path"  # e.g. that of the newer page, which no node answers to
    SCOPE = "scope"  # ./User reaches no device group


class Difference(BaseModel):
    """One thing found and what it should be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    aspect: Aspect
    found: str
    wanted: str


@dataclass(frozen=True, slots=True)
class TenantState:
    """Rows as read: the two apps, the custom profiles, and the assignments of the one profile with the setting.

    `others`: policies beside custom profiles that set the same value or could not be checked, without assignments.
    `filters`: names of the assignment filters by id in lower case; empty where none is used, or none could be read.
    """

    tenant_id: str
    apps: Rows
    profiles: Rows
    targets: Rows = ()
    others: tuple[Policy, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)

    @property
    def sources(self) -> Rows:
        """The profiles that set EnablePinRecovery."""
        return sources(self.profiles)


async def tenant_state(tenant: Writes, tenant_id: str, policies: Policies) -> TenantState:
    """Read all that a plan rests on but the apps' grant. Raises the errors of bot.tenant.Writes.read."""
    apps, profiles = await tenant.read(APPS_PATH), await tenant.read(PROFILES_PATH)
    found = sources(profiles)
    targets = await tenant.read(targets_look(text(found[0], "id")).path) if len(found) == 1 else ()
    others, filters = await asyncio.gather(policies.others(), _filters(tenant, targets))
    return TenantState(tenant_id, apps, profiles, targets, others, filters)


async def _filters(tenant: Writes, targets: Rows) -> dict[str, str]:
    """By id in lower case; nothing where none is used. A name that can't be read is no reason to stop."""
    if not any(filter_of(row)[0] for row in targets):
        return {}
    try:
        return {text(row, "id").lower(): text(row, "displayName") for row in await tenant.read(FILTERS_PATH)}
    except BotError:
        return {}


def named_groups(found: TenantState) -> frozenset[str]:
    """The groups that the profile is assigned to now, on whichever side."""
    return frozenset(group_of(row) for row in found.targets) - {""}


def oma_uri(tenant_id: str) -> str:
    """The node of the CSP, in its exact case; the newest page's `Policy/PassportForWork` matches no node."""
    return f"./Device/Vendor/MSFT/PassportForWork/{guid(tenant_id)}/Policies/EnablePinRecovery"


def differences(profile: Row, tenant_id: str) -> tuple[Difference, ...]:
    """In what a profile is wrong; none when one of its rows is right."""
    found = [row_differences(row, tenant_id) for row in settings(profile)]
    return () if () in found else min(found, key=len, default=())


def row_differences(row: Row, tenant_id: str) -> tuple[Difference, ...]:
    """The same for one row."""
    wrong = list(_path_differences(text(row, "omaUri"), tenant_id))
    if text(row, "@odata.type") != BOOLEAN:
        wrong.append(Difference(aspect=Aspect.TYPE, found=text(row, "@odata.type"), wanted=BOOLEAN))
    elif row.get("value") is not True:
        wrong.append(Difference(aspect=Aspect.VALUE, found=canonical(row.get("value")), wanted="true"))
    return tuple(wrong)


def _path_differences(uri: str, tenant_id: str) -> tuple[Difference, ...]:
    """`./Vendor` means `./Device/Vendor`; case is not compared, but what is written has the exact one."""
    wanted = oma_uri(tenant_id)
    path = uri.lower()
    if path.startswith("./vendor/"):
        path = f"./device{path[1:]}"
    if path == wanted.lower():
        return ()
    pattern = r"\./(device|user)/vendor/msft/passportforwork/(\{?)([0-9a-f-]{36})(\}?)/policies/enablepinrecovery"
    parts = re.fullmatch(pattern, path)
    if parts is None:
        return (Difference(aspect=Aspect.PATH, found=uri, wanted=wanted),)
    checks = (
        (Aspect.SCOPE, parts[1] == "user"),
        (Aspect.BRACES, bool(parts[2] or parts[4])),
        (Aspect.TENANT, parts[3] != guid(tenant_id)),
    )
    return tuple(Difference(aspect=aspect, found=uri, wanted=wanted) for aspect, wrong in checks if wrong)
