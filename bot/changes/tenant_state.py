"""What is in the tenant now, as Graph's rows tell it: read in the same way for a plan, before a write and after it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast

from pydantic import JsonValue

from bot.approvals.kind import Reads
from bot.approvals.plan import Basis, Look
from bot.approvals.refusals import Reason, Refused
from bot.chat.notices import shortened
from bot.errors import BotError, TenantUnreachable
from bot.reset_rules import profiles
from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE, AppState
from bot.reset_rules.sources import RecoverySource, Scope, SourceKind
from bot.store.seal import canonical
from bot.tenant import Sources, Writes
from bot.tenant.apps import APPS_PATH, app_state
from dialogs.words.replies import Names, Text

APPS = (PIN_SERVICE, PIN_CLIENT)  # consent in this order

Row = Mapping[str, JsonValue]
Rows = tuple[Row, ...]

PROFILES = "/v1.0/deviceManagement/deviceConfigurations"
FILTERS_PATH = "/beta/deviceManagement/assignmentFilters?$select=id,displayName"
POLICIES = "/beta/deviceManagement/configurationPolicies"
PROFILES_PATH = f"{PROFILES}?$filter=isof('microsoft.graph.windows10CustomConfiguration')"

INCLUDED = "#microsoft.graph.groupAssignmentTarget"
EXCLUDED = "#microsoft.graph.exclusionGroupAssignmentTarget"
ALL_DEVICES = "#microsoft.graph.allDevicesAssignmentTarget"
ALL_USERS = "#microsoft.graph.allLicensedUsersAssignmentTarget"
_SETS = {  # as a stored state says it
    f"{scope} {str(value).lower()}": f"request.differs.sets.{scope}_{'on' if value else 'off'}"
    for scope in Scope
    for value in (True, False)
}
OBSCURED = "****"  # in place of a string, base64 or XML value

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
    because a new one has no id yet. SOURCES: the same, told by their ids. TARGETS: whom a profile is assigned to.
    ELSEWHERE: whatever else sets it, wherever in Intune, and whom that is assigned to; many reads (see rows)."""

    APP = "app"
    MADE = "made"
    SOURCES = "sources"
    TARGETS = "targets"
    ELSEWHERE = "elsewhere"


LOOKS = frozenset(map(str, LookKind))  # all that state_of tells


def app_look(app_id: str) -> Look:
    """Is the app there, and enabled?"""
    return Look(kind=LookKind.APP, path=APPS_PATH, subject=app_id)


def targets_look(profile_id: str) -> Look:
    """Whom a profile is assigned to; from beta, because v1.0 hides filters."""
    path = f"/beta/deviceManagement/deviceConfigurations/{guid(profile_id)}/assignments"
    return Look(kind=LookKind.TARGETS, path=path)


SOURCES_LOOK = Look(kind=LookKind.SOURCES, path=PROFILES_PATH)


def elsewhere_look(profile_id: str = "") -> Look:
    """What sets it beside a profile; beside none where a new one is to be made."""
    return Look(kind=LookKind.ELSEWHERE, path=POLICIES, subject=profile_id)


def state_of(look: Look, rows: Rows) -> JsonValue:
    """What the rows say, without what says nothing: equal states are equal JSON."""
    if look.kind == LookKind.APP:
        return app_state(rows, look.subject).value
    if look.kind == LookKind.TARGETS:
        return [*assigned(rows)]
    if look.kind == LookKind.ELSEWHERE:
        return cast("JsonValue", sorted((row for row in rows if row.get("id") != look.subject), key=canonical))
    return cast("JsonValue", sorted((_source_state(one, look) for one in sources(rows)), key=canonical))


def elsewhere_rows(found: Iterable[RecoverySource]) -> Rows:
    """The sources as rows of an ELSEWHERE look: those that surely set it, and the kinds that could not be listed. What
    can't be read of one policy stops nothing."""
    return tuple(
        {
            "kind": one.kind.value,
            "id": one.id,
            "name": one.name,
            "sets": [*sorted(f"{scope} {str(value).lower()}" for scope, value in one.sets)],
            "assignments": None if one.assignments is None else [*assigned(one.assignments)],
        }
        for one in found
        if one.is_certain or not one.id
    )


def elsewhere(found: "TenantState", profile_id: str = "") -> Basis:
    """That nothing else sets it but what did so when the plan was made."""
    look = elsewhere_look(profile_id)
    return Basis(look=look, state=state_of(look, elsewhere_rows(found.sources)))


def in_words(state: JsonValue) -> Text | str:
    """A state as people know it, or one profile or policy of it; as it is stored where there are no words for it."""
    if isinstance(state, dict):
        if state.get("kind") in [*SourceKind] and isinstance(state.get("sets"), list):
            return _source_in_words(state)
        if isinstance(rows := state.get("settings"), list):
            return _profile_in_words(text(state, "id"), rows)
    return Text(f"app_state.{state}") if state in [*AppState] else canonical(state)


def _profile_in_words(profile: str, rows: Iterable[JsonValue]) -> Text:
    settings = tuple(f"{row.get('omaUri')} = {canonical(row.get('value'))}" for row in rows if isinstance(row, dict))
    named = Names(tuple(map(shortened, settings)) or ("–",))
    return Text("request.differs.profile", {"id": profile[-12:] or "–", "settings": named})


def _source_in_words(row: Row) -> Text:
    sets = tuple(Text(_SETS[one]) if one in _SETS else one for one in cast("list[str]", row["sets"]))
    return Text(
        "request.differs.source",
        {
            "name": f"{shortened(text(row, 'name'))} (…{text(row, 'id')[-12:]})",
            "kind": Text(f"why.source.{row['kind']}"),
            "sets": Names(sets or ("–",)),
        },
    )


def reads(policies: Sources) -> Reads:
    """How looks are read that are more than one collection."""

    async def elsewhere_now(_look: Look) -> Rows:
        """Raises TenantUnreachable where a whole kind does not answer: it may come back."""
        found = await policies.read()
        if any(one.unanswered and not one.id for one in found):
            raise TenantUnreachable("policies")
        return elsewhere_rows(found)

    return {LookKind.ELSEWHERE: elsewhere_now}


def sources(rows: Rows) -> Rows:
    """The custom profiles with a row for EnablePinRecovery, by whatever path and with whatever value."""
    return tuple(row for row in rows if profiles.own_rows(row))


def all_settings(profile: Row) -> Rows:
    """All rows of a custom profile."""
    return tuple(cast("list[Row]", profile.get("omaSettings") or ()))


def assigned(rows: Rows) -> tuple[dict[str, JsonValue], ...]:
    """The assignments in one order, each once, without ids and defaults."""
    assignments = {canonical(one): one for one in map(_assignment, rows)}
    return tuple(assignments[key] for key in sorted(assignments))


def rows_of(state: JsonValue) -> Rows:
    """A state that was made of rows, as these."""
    assert isinstance(state, list)
    return tuple(row for row in state if isinstance(row, dict))


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


@dataclass(frozen=True, slots=True)
class TenantState:
    """As read: rows of the two apps, and all that sets PIN recovery or may.

    `filters`: names of the assignment filters by id in lower case; empty where none is used, or none could be read.
    """

    tenant_id: str
    apps: Rows
    sources: tuple[RecoverySource, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)

    @property
    def custom(self) -> tuple[RecoverySource, ...]:
        """The custom profiles that set it, rightly or wrongly."""
        return tuple(one for one in self.sources if one.kind is SourceKind.CUSTOM)

    @property
    def others(self) -> tuple[RecoverySource, ...]:
        """The policies beside them, and the kinds that could not be listed."""
        return tuple(one for one in self.sources if one.kind is not SourceKind.CUSTOM)

    @property
    def profiles(self) -> Rows:
        """The custom ones as they were read."""
        return tuple(one.profile for one in self.custom)


async def tenant_state(tenant: Writes, tenant_id: str, policies: Sources) -> TenantState:
    """Read all that a plan rests on but the apps' grant. Raises the errors of bot.tenant.Writes.read."""
    apps, found = await tenant.read(APPS_PATH), await policies.read()
    return TenantState(tenant_id, apps, found, await _filters(tenant, found))


async def _filters(tenant: Writes, found: Iterable[RecoverySource]) -> dict[str, str]:
    """By id in lower case; nothing where none is used. A name that can't be read is no reason to stop."""
    if not any(filter_of(row)[0] for one in found for row in one.assignments or ()):
        return {}
    try:
        return {text(row, "id").lower(): text(row, "displayName") for row in await tenant.read(FILTERS_PATH)}
    except BotError:
        return {}


def named_groups(found: TenantState) -> frozenset[str]:
    """The groups that the profiles and policies are assigned to now, on whichever side."""
    return frozenset(group_of(row) for one in found.sources for row in one.assignments or ()) - {""}


def oma_uri(tenant_id: str) -> str:
    """The node of the CSP, of a tenant whose id is one."""
    return profiles.oma_uri(guid(tenant_id))
