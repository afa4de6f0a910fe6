"""A tenant as large companies have it: hundreds of policies, PIN recovery set in all places, groups of one name."""

from dataclasses import replace
from itertools import cycle
from typing import Any

from bot.simulation import state
from bot.simulation.graph import policies
from bot.simulation.objects import entra, intune
from bot.simulation.people import Company, CompanyGroup, SimulatedDevice, identity
from bot.simulation.state import SimulatedTenant

POLICIES = 400  # of the settings catalog, which have nothing to do with PINs
INTENTS = 12
BRANCHES = 60  # groups of one name

Json = dict[str, Any]

_FILTER = identity("filter", "corporate")
_SET = identity("policy set", "field")
_NO_TYPE = ("approver3", "hybrid", "kiosk")  # accounts of before 2014


def crowd(tenant: SimulatedTenant, company: Company) -> None:
    """Puts it into a tenant of the scenario `rollout`."""
    _people(tenant, company)
    groups = _groups(tenant, company)
    _policies(tenant, company)
    _recovery(tenant, groups)


def _people(tenant: SimulatedTenant, company: Company) -> None:
    """Uma has a Cloud PC that she used last; of Cora's PC Configuration Manager still configures the device."""
    uma = company.people["user"]
    cloud = SimulatedDevice("CPC-uma-0A1B2", uma.key, model="Cloud PC Enterprise 2vCPU/8GB/128GB")
    state.add_person(tenant, replace(uma, devices=(cloud, replace(uma.devices[0], unseen_days=2))))
    cora = company.people["co-managed"]
    state.add_person(
        tenant, replace(cora, devices=tuple(replace(one, configured_by_intune=False) for one in cora.devices))
    )
    for key in _NO_TYPE:
        tenant.users[company.people[key].object_id]["userType"] = None


def _groups(tenant: SimulatedTenant, company: Company) -> dict[str, str]:
    """Ids by key. The PCs of Field Laptops and Shared PCs are in no other included group; the branches are empty."""
    nora, otto = (company.people[key].devices[0].object_id for key in ("not-covered", "too-old"))
    made = [CompanyGroup("field", "Field Laptops", devices=frozenset({nora}))]
    made += [CompanyGroup("shared", "Shared PCs", devices=frozenset({otto}))]
    made += [CompanyGroup(f"branch {number}", "Branch Laptops") for number in range(BRANCHES)]
    made += [CompanyGroup("branch in capitals", "BRANCH LAPTOPS")]
    for group in made:
        tenant.groups[group.id] = entra.group(group)
        tenant.members[group.id] = set(group.devices)
    return {group.key: group.id for group in (*company.groups.values(), *made)}


def _policies(tenant: SimulatedTenant, company: Company) -> None:
    """Each with an assignment of its own; every tenth is for macOS."""
    groups = cycle(group.id for group in company.groups.values())
    made = policies.crowd(POLICIES)
    for number, (policy, group) in enumerate(zip(made.values(), groups, strict=False)):
        tenant.catalog[policy["id"]] = policy | ({} if number % 10 else {"platforms": "macOS"})
        row = intune.assignment(policy["id"], group) if number % 3 else intune.everybody(policy["id"])
        tenant.assignments[policy["id"]] = [row]
    for number in range(INTENTS):
        old = policies.intent(identity("intent", f"{number}"), f"Account protection of {2019 + number % 4}, {number}")
        tenant.intents[old["id"]] = old


def _recovery(tenant: SimulatedTenant, groups: dict[str, str]) -> None:
    """PIN recovery is set in every place; the custom profile stays the one that reaches Pilot Ring."""
    (profile,) = tenant.assignments.keys() & tenant.profiles.keys()
    tenant.filters[_FILTER] = intune.assignment_filter(_FILTER, "Corporate laptops")
    narrowed = intune.assignment(profile, groups["field"])
    narrowed["target"] |= {
        "deviceAndAppManagementAssignmentFilterId": _FILTER,
        "deviceAndAppManagementAssignmentFilterType": "include",
    }
    tenant.assignments[profile] += [
        narrowed,
        intune.assignment(profile, groups["shared"], policy_set=_SET),
        intune.assignment(profile, identity("group", "deleted since")),
    ]
    catalog = _named("Hello for kiosks", "catalog"), _named("Hello baseline of branches", "catalog")
    tenant.catalog |= {
        catalog[0][0]: policies.recovery_policy(*catalog[0], value=False),
        catalog[1][0]: policies.recovery_policy(*catalog[1], family="endpointSecurityAccountProtection"),
    }
    template, intent = _named("Hello of 2020", "template"), _named("Account protection of 2021, branches", "intent")
    tenant.profiles[template[0]] = policies.identity_protection(*template, recovery=True)
    tenant.intents[intent[0]] = policies.intent(*intent, recovery=True)
    kiosks, *branches = (key for key, _ in (*catalog, template, intent))
    tenant.assignments[kiosks] = [intune.assignment(kiosks, groups["kiosks"])]
    for number, key in enumerate(branches):
        tenant.assignments[key] = [intune.assignment(key, groups[f"branch {number}"])]


def _named(name: str, kind: str) -> tuple[str, str]:
    return identity(kind, name), name
