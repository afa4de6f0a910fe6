"""Routes of Intune's figures: how far a profile has come on the devices that it is assigned to."""

import json
import re
import zlib
from collections import Counter
from collections.abc import Callable

from bot.simulation.graph.refusals import Area, bad_request
from bot.simulation.routes import Answer, Json, Received, Route, Shape, one
from bot.simulation.state import SimulatedTenant

FIGURES_OF = "2026-11-23T06:00:00Z"  # they lag: none is newer than the last night
_STATES = ("success",) * 7 + ("pending",) * 2 + ("error",)  # what a device shows, chosen by its id
_POLICY = re.compile(r"PolicyId eq '([^']+)'")
_COLUMNS = {
    "NumberOfCompliantDevices": "success",
    "NumberOfNonCompliantDevices": "nonCompliant",
    "NumberOfErrorDevices": "error",
    "NumberOfConflictDevices": "conflict",
    "NumberOfNotApplicableDevices": "notApplicable",
}
_IN_PROGRESS = {"NumberOfInProgressDevices": "pending"}


def device_states(tenant: SimulatedTenant, profile_id: str) -> Counter[str]:
    """Devices by state: those of included groups less those of excluded ones; phones do not apply."""
    rows = tenant.assignments.get(profile_id, [])
    excluded = _members(tenant, rows, "#microsoft.graph.exclusionGroupAssignmentTarget")
    included = _members(tenant, rows, "#microsoft.graph.groupAssignmentTarget") - excluded
    states: Counter[str] = Counter()
    for device in sorted(included & set(tenant.devices)):
        windows = tenant.devices[device]["operatingSystem"] == "Windows"
        states[_STATES[zlib.crc32(device.encode()) % len(_STATES)] if windows else "notApplicable"] += 1
    return states


def _members(tenant: SimulatedTenant, rows: list[Json], kind: str) -> set[str]:
    groups = [row["target"]["groupId"] for row in rows if row["target"]["@odata.type"] == kind]
    return {member for group in groups for member in tenant.transitive_members(group)}


def _overview(call: Received) -> Answer:
    profile = one(call.tenant.profiles, call.path["id"], Area.INTUNE)
    states = device_states(call.tenant, profile["id"])
    return {
        "id": profile["id"],
        "pendingCount": states["pending"],
        "notApplicableCount": states["notApplicable"],
        "successCount": states["success"],
        "errorCount": states["error"],
        "failedCount": 0,
        "lastUpdateDateTime": FIGURES_OF,
        "configurationVersion": profile["version"],
    }


def _summary(columns: dict[str, str]) -> Callable[[Received], Answer]:
    """A report of one row. Its columns come in the order of the schema, whatever was selected."""

    def answer(call: Received) -> Answer:
        match = _POLICY.search(str(call.body.get("filter") or "")) if isinstance(call.body, dict) else None
        if match is None:
            raise bad_request("The filter of the report is missing or not valid.")
        one(call.tenant.profiles, match[1], Area.INTUNE)
        states = device_states(call.tenant, match[1])
        row = [match[1], *(states[state] for state in columns.values())]
        kinds = [("PolicyId", "String"), *((name, "Int32") for name in columns)]
        report = {
            "TotalRowCount": 1,
            "Schema": [{"Column": name, "PropertyType": kind} for name, kind in kinds],
            "Values": [row],
            "SessionId": "",
        }
        return json.dumps(report).encode()

    return answer


_READ = "DeviceManagementConfiguration.Read.All DeviceManagementConfiguration.ReadWrite.All"
_REPORTS = "/deviceManagement/reports"
_REPORT = Shape("Edm.Stream")

OVERVIEWS = (
    Route(
        "GET",
        "/deviceManagement/deviceConfigurations/{id}/deviceStatusOverview",
        _READ,
        Shape("deviceConfigurationDeviceOverview"),
        _overview,
        "",
        Area.INTUNE,
        versions=("v1.0",),
    ),
)
REPORTS = (
    Route(
        "POST",
        f"{_REPORTS}/getConfigurationPolicyNonComplianceSummaryReport",
        _READ,
        _REPORT,
        _summary(_COLUMNS),
        "",
        Area.INTUNE,
        versions=("v1.0",),
    ),
    Route(
        "POST",
        f"{_REPORTS}/getConfigurationPolicyDeviceSummaryReport",
        _READ,
        _REPORT,
        _summary(_COLUMNS | _IN_PROGRESS),
        "",
        Area.INTUNE,
        versions=("beta",),
    ),
)
