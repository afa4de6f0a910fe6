"""What a row of the simulated Graph's table says: a path, the permissions that suffice and the shape of the answer."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bot.simulation.graph import policies
from bot.simulation.graph.installed import InstalledApps
from bot.simulation.graph.odata import Options
from bot.simulation.graph.refusals import Area, bad_request, not_found
from bot.simulation.objects import entra, intune
from bot.simulation.people import CompanyGroup, Employee, SimulatedDevice
from bot.simulation.state import SimulatedTenant

Json = dict[str, Any]
Answer = Json | list[Json] | list[str] | int | bytes | None
"""An object, a collection (still unfiltered and whole), ids, a count as plain text, a report, or nothing: 204."""

COLLECTION = "select filter top count search orderby skiptoken"
INTUNE_COLLECTION = "select filter top count orderby skiptoken"  # no search, no ConsistencyLevel


@dataclass(frozen=True)
class Received:
    """One call that was let in."""

    tenant: SimulatedTenant
    apps: InstalledApps
    version: str
    path: Mapping[str, str]
    options: Options
    roles: frozenset[str]
    body: Any
    method: str = "GET"
    where: str = ""  # the whole path
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Shape:
    """A type of Graph: its name, what can be selected, what is shown unasked (all where empty), what always."""

    name: str
    properties: frozenset[str] = frozenset()
    unasked: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset({"@odata.type"})

    def show(self, row: Json, names: list[str]) -> Json:
        """The properties of one row that the caller sees."""
        kept = frozenset(names) or self.unasked or frozenset(row)
        return {name: value for name, value in row.items() if name in kept or name in self.always}


@dataclass(frozen=True)
class Route:
    """One row. `needs`: sets of permissions of which one suffices, e.g. "A+B C" for both A and B, or else C."""

    method: str
    path: str  # under the version, e.g. /users/{id}
    needs: str
    shape: Shape
    answer: Callable[[Received], Answer]
    options: str = "select"
    area: Area = Area.DIRECTORY
    versions: tuple[str, ...] = ("v1.0", "beta")
    success: int = 200
    filtered: bool = True  # False: the answer has seen to $filter itself

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches a path and names its parts."""
        literal = re.escape(self.path).replace(r"\{", "{").replace(r"\}", "}")
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/()']+)", literal))


_SOMEBODY = Employee("somebody", "Some Body", "contoso.example")
_SOMETHING = SimulatedDevice("thing", "somebody")
_BETA_ONLY = frozenset({"skuFamily", "skuNumber", "joinType"})
_MANAGED = frozenset(intune.managed_device(_SOMETHING, _SOMEBODY))
_PROFILE = frozenset({"id", "displayName", "description", "version", "createdDateTime", "lastModifiedDateTime"})
_SHOWN_OF_USER = "id displayName givenName surname userPrincipalName mail jobTitle preferredLanguage"

USER = Shape("user", frozenset(entra.user(_SOMEBODY)), unasked=frozenset(_SHOWN_OF_USER.split()))
DEVICE = Shape("device", frozenset(entra.device(_SOMETHING)))
GROUP = Shape("group", frozenset(entra.group(CompanyGroup("some", "Some"))))
DIRECTORY_OBJECT = Shape(
    "directoryObject",
    USER.properties | DEVICE.properties | GROUP.properties,
    always=frozenset({"@odata.type", "id"}),
)
SERVICE_PRINCIPAL = Shape("servicePrincipal", frozenset(entra.pin_reset_apps()[0]))
GRANT = Shape("oAuth2PermissionGrant", frozenset(entra.grant("", "")))
ORGANIZATION = Shape("organization", frozenset(entra.organization("", {})))
LICENCE = Shape("subscribedSku", frozenset(intune.intune_licence()))
APPLICATION = Shape("application", frozenset(entra.application("", "")))
APP_ROLE = Shape("appRoleAssignment", frozenset(entra.app_role("")))
TEAMS_APP = Shape("teamsApp", frozenset(entra.teams_app("")))
INSTALLED_APP = Shape("userScopeTeamsAppInstallation", frozenset({"id", "teamsApp"}))
CHAT = Shape("chat", frozenset({"id", "chatType"}))
APPROVAL_POLICY = Shape("operationApprovalPolicy", frozenset(intune.approval_policy()))
DOMAIN = Shape("domain", frozenset(entra.domain("", "")))
HELLO_KEY = Shape("windowsHelloForBusinessAuthenticationMethod", frozenset(entra.hello_key(_SOMETHING)))
MANAGED_DEVICE = Shape("managedDevice", _MANAGED - _BETA_ONLY, unasked=_MANAGED - _BETA_ONLY, always=frozenset({"id"}))
BETA_MANAGED_DEVICE = Shape("managedDevice", _MANAGED, always=frozenset({"id"}))
PROFILE = Shape("deviceConfiguration", _PROFILE)
_POLICY = frozenset(intune.catalog_policy("", "", "")) - {"settings"}
_INTENT = frozenset(policies.intent("", "")) - {"settings"}
POLICY = Shape("deviceManagementConfigurationPolicy", _POLICY, unasked=_POLICY)
INTENT = Shape("deviceManagementIntent", _INTENT, unasked=_INTENT)
SETTING = Shape("deviceManagementConfigurationSetting")
INTENT_SETTING = Shape("deviceManagementSettingInstance")
ASSIGNMENT = Shape("deviceConfigurationAssignment")
FILTER = Shape("deviceAndAppManagementAssignmentFilter", frozenset(intune.assignment_filter("", "")))
TEXTS = Shape("Edm.String")
COUNT = Shape("Edm.Int64")


def one(place: Mapping[str, Json], object_id: str, area: Area = Area.DIRECTORY) -> Json:
    """The object of an id. Raises Refused."""
    if object_id not in place:
        raise not_found(area, object_id)
    return place[object_id]


def need_eventual(call: Received) -> None:
    """$count as a path is an advanced query."""
    if not call.options.eventual:
        raise bad_request("$count is not currently supported.", "Request_BadRequest")
