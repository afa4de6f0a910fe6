"""What the simulated tenant holds, as Graph's own JSON; every dictionary may be changed while it runs."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from bot.simulation.graph import policies
from bot.simulation.objects import MADE, entra, intune
from bot.simulation.people import TENANT_ID, Company, Employee, identity

Scenario = Literal["fresh", "rollout", "crowded"]
Json = dict[str, Any]

# The README's list, with the optional ones.
PERMISSIONS = frozenset(
    {
        "DeviceManagementManagedDevices.Read.All",
        "Device.Read.All",
        "User.Read.All",
        "GroupMember.Read.All",
        "Application.Read.All",
        "DeviceManagementConfiguration.Read.All",
        "Domain.Read.All",
        "UserAuthMethod-WindowsHello.Read.All",
    }
)
# What an operator grants beside these to let approved changes be carried out, and the grants of consent be read.
CHANGING = frozenset({"DeviceManagementConfiguration.ReadWrite.All", "Directory.Read.All"})


@dataclass(frozen=True)
class Written:
    """One change that was carried out, whether or not its answer arrived. `request_id` is the caller's."""

    method: str
    where: str
    body: Any
    request_id: str


@dataclass
class Held:
    """A write that waits for Multi Admin Approval. Status: needsApproval, approved, rejected, cancelled, completed."""

    method: str
    where: str
    body: Any
    status: str = "needsApproval"


@dataclass
class SimulatedTenant:
    """Objects by their id. `members` are direct ones: users, devices and nested groups, by object id."""

    id: str = TENANT_ID
    permissions: set[str] = field(default_factory=lambda: set(PERMISSIONS))  # the app's, as new tokens carry them
    organization: Json = field(default_factory=dict)
    domains: dict[str, Json] = field(default_factory=dict)
    users: dict[str, Json] = field(default_factory=dict)
    hello_keys: dict[str, list[Json]] = field(default_factory=dict)  # by user
    devices: dict[str, Json] = field(default_factory=dict)  # Entra's
    registered: dict[str, list[str]] = field(default_factory=dict)  # Entra's devices by the user who registered them
    managed_devices: dict[str, Json] = field(default_factory=dict)  # Intune's, with what only beta tells
    groups: dict[str, Json] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)  # by group
    service_principals: dict[str, Json] = field(default_factory=dict)
    grants: dict[str, Json] = field(default_factory=dict)
    profiles: dict[str, Json] = field(default_factory=dict)
    assignments: dict[str, list[Json]] = field(default_factory=dict)  # by profile or policy, as beta shows them
    filters: dict[str, Json] = field(default_factory=dict)  # that assignments can be narrowed by
    licences: list[Json] = field(default_factory=lambda: [intune.intune_licence()])
    applications: dict[str, Json] = field(default_factory=dict)  # registrations by app id; an identity has none
    granted_since: set[str] = field(default_factory=set)  # permissions that tokens do not hold yet
    catalogue: list[Json] = field(default_factory=list)  # the organisation's Teams apps
    page_size: int = 100
    ignore_owner: bool = False  # /users/{id}/managedDevices then answers with everybody's, as Intune has done
    ignore_filters: bool = False  # /deviceManagement/managedDevices then does so for every filter
    foreign_next_link: str = ""  # an origin that the next page claims to be at
    catalog: dict[str, Json] = field(default_factory=dict)  # policies of the settings catalog, with their settings
    intents: dict[str, Json] = field(default_factory=dict)  # old policies of endpoint security, with their settings
    casts: bool = True  # members of a group can be asked for by their type
    lag: int = 0  # so many reads of a collection after a change still show it as it was before
    multi_admin: bool = False  # Intune's writes need Multi Admin Approval
    held: dict[str, Held] = field(default_factory=dict)  # by approval code
    written: list[Written] = field(default_factory=list)
    _before: dict[str, tuple[int, Json]] = field(default_factory=dict)
    _noticed: dict[str, tuple[str, str]] = field(default_factory=dict)  # policies as last listed, and when they changed

    def has_intune(self) -> bool:
        """A licence that brings it."""
        plans = [plan for licence in self.licences for plan in licence["servicePlans"]]
        return any(plan["servicePlanName"].startswith("INTUNE") for plan in plans)

    def changing(self, collection: str) -> None:
        """Keep what slow readers will still see."""
        if self.lag:
            self._before[collection] = (self.lag, deepcopy(getattr(self, collection)))

    def seen(self, collection: str) -> dict[str, Any]:
        """A collection as this one read shows it."""
        left, old = self._before.get(collection, (0, {}))
        if not left:
            found: dict[str, Any] = getattr(self, collection)
            return found
        self._before[collection] = (left - 1, old)
        return old

    def listed(self, policy: Json) -> Json:
        """A policy with the time of its last change, which Intune keeps; here it is noticed when it is listed."""
        now = json.dumps(policy, sort_keys=True)
        before, changed = self._noticed.get(policy["id"], (now, policy.get("lastModifiedDateTime", MADE)))
        changed = changed if now == before else f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        self._noticed[policy["id"]] = (now, changed)
        return policy | {"lastModifiedDateTime": changed}

    def transitive_members(self, group_id: str) -> set[str]:
        """Everybody and everything in the group, through nested groups too."""
        found: set[str] = set()
        waiting = [group_id]
        while waiting:
            new = self.members.get(waiting.pop(), set()) - found
            found |= new
            waiting += [one for one in new if one in self.groups]
        return found

    def directory_object(self, object_id: str) -> Json | None:
        """The user, device or group of an object id."""
        for kind, place in (("user", self.users), ("device", self.devices), ("group", self.groups)):
            if object_id in place:
                return {"@odata.type": f"#microsoft.graph.{kind}", **place[object_id]}
        return None


def build(company: Company, scenario: Scenario) -> SimulatedTenant:
    """The tenant of a company: `fresh` without PIN reset apps and profile, all others with both."""
    tenant = SimulatedTenant(organization=entra.organization(TENANT_ID, company.domains))
    tenant.domains = {name: entra.domain(name, kind) for name, kind in company.domains.items()}
    for person in company.people.values():
        add_person(tenant, person)
    for group in company.groups.values():
        tenant.groups[group.id] = entra.group(group)
        tenant.members[group.id] = set(group.users | group.devices)
    baseline = intune.other_profile(identity("profile", "baseline"))
    tenant.profiles[baseline["id"]] = baseline
    firewall = intune.catalog_policy(identity("catalog", "firewall"), "Firewall", "vendor_msft_firewall_enable")
    tenant.catalog[firewall["id"]] = firewall
    old = policies.intent(identity("intent", "account protection"), "Account protection of 2021")
    tenant.intents[old["id"]] = old
    if scenario != "fresh":
        _roll_out(tenant, company)
    return tenant


def add_person(tenant: SimulatedTenant, person: Employee) -> None:
    """Somebody with all that Entra and Intune know of them."""
    tenant.users[person.object_id] = entra.user(person)
    tenant.hello_keys[person.object_id] = list(_keys(person))
    tenant.registered[person.object_id] = []
    for device in person.devices:
        if device.in_intune:
            tenant.managed_devices[device.managed_id] = intune.managed_device(device, person)
        if device.is_known:
            tenant.devices[device.object_id] = entra.device(device)
            if device.trust != "ServerAd":  # a hybrid PC is put there by Entra Connect and has no registered user
                tenant.registered[person.object_id].append(device.object_id)
        if device.twin:
            tenant.devices[device.twin_object_id] = entra.twin(device)
            tenant.registered[person.object_id].append(device.twin_object_id)


def _keys(person: Employee) -> Iterator[Json]:
    """One Windows Hello for Business key for each PC."""
    for device in person.devices if person.hello_key else ():
        if device.os == "Windows":
            yield entra.hello_key(device)


def consent(tenant: SimulatedTenant) -> None:
    """An administrator has accepted both PIN reset apps."""
    service, client = entra.pin_reset_apps()
    tenant.service_principals |= {app["id"]: app for app in (service, client)}
    grant = entra.grant(client["id"], service["id"])
    tenant.grants[grant["id"]] = grant


def withdraw_consent(tenant: SimulatedTenant) -> None:
    """An administrator has deleted them, which takes their grants away too."""
    gone = {key for key, app in tenant.service_principals.items() if app["appId"] in entra.PIN_APPS}
    tenant.service_principals = {key: app for key, app in tenant.service_principals.items() if key not in gone}
    tenant.grants = {key: one for key, one in tenant.grants.items() if not gone & {one["clientId"], one["resourceId"]}}


def has_consent(tenant: SimulatedTenant) -> bool:
    """Both apps are there."""
    return {app["appId"] for app in tenant.service_principals.values()} >= set(entra.PIN_APPS)


def _roll_out(tenant: SimulatedTenant, company: Company) -> None:
    consent(tenant)
    profile = intune.pin_recovery_profile(identity("profile", "pin recovery"), tenant.id)
    tenant.profiles[profile["id"]] = profile
    tenant.assignments[profile["id"]] = [
        intune.assignment(profile["id"], company.groups["pilot"].id),
        intune.assignment(profile["id"], company.groups["kiosks"].id, excluded=True),
    ]
