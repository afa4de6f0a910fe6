"""Addresses without what is in them: each part of a path that is not one of these words becomes {id}."""

import re

STARTS = frozenset({"v1.0", "beta", "v3"})
WORDS = frozenset(
    {
        "$batch", "$count", "activities", "appCatalogs", "appRoleAssignments", "applications", "assign",
        "assignmentFilters", "assignments", "authentication", "chat", "checkMemberGroups", "configurationPolicies",
        "conversations", "deviceConfigurations", "deviceManagement", "deviceStatusOverview", "devices", "domains",
        "getConfigurationPolicyNonComplianceSummaryReport", "groups", "installedApps", "intents", "managedDevices",
        "microsoft.graph.device", "microsoft.graph.user", "oauth2PermissionGrants", "operationApprovalPolicies",
        "organization", "registeredDevices", "reports", "servicePrincipals", "settings", "subscribedSkus",
        "teamsApps", "teamwork", "transitiveMembers", "users", "windowsHelloForBusinessMethods",
    }
)  # fmt: skip
_BY_KEY = re.compile(r"(\w+)\(appId='[^']*'\)")


def template(path: str) -> str:
    """`/v1.0/users/{id}/managedDevices`, from the version on: what is before it may name a tenant."""
    parts = path.partition("?")[0].split("/")
    begin = next((place for place, part in enumerate(parts) if part in STARTS), len(parts))
    return "/".join(["", *parts[begin : begin + 1], *map(_known, parts[begin + 1 :])])


def _known(part: str) -> str:
    if part in WORDS:
        return part
    match = _BY_KEY.fullmatch(part)
    return f"{match[1]}(appId='{{id}}')" if match and match[1] in WORDS else "{id}"
