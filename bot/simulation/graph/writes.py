"""Routes that change the tenant: apps, profiles, assignments; Multi Admin Approval where it is switched on."""

import re
import uuid
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from bot.simulation.graph.refusals import Area, GraphRefusal, bad_request, intune_message
from bot.simulation.objects import entra
from bot.simulation.routes import ASSIGNMENT, PROFILE, SERVICE_PRINCIPAL, Answer, Json, Received, Route, Shape, one
from bot.simulation.state import Held, Written

CUSTOM = "#microsoft.graph.windows10CustomConfiguration"
POLICY_SETS = "policySets"
CODE = "x-msft-approval-code"
JUSTIFICATION = "x-msft-approval-justification"
_VALUES: dict[str, type | tuple[type, ...]] = {
    "#microsoft.graph.omaSettingBoolean": bool,
    "#microsoft.graph.omaSettingInteger": int,
    "#microsoft.graph.omaSettingString": str,
}
_TARGETS = {
    "#microsoft.graph.groupAssignmentTarget": {"groupId"},
    "#microsoft.graph.exclusionGroupAssignmentTarget": {"groupId"},
    "#microsoft.graph.allDevicesAssignmentTarget": set[str](),
    "#microsoft.graph.allLicensedUsersAssignmentTarget": set[str](),
    "#microsoft.graph.configurationManagerCollectionAssignmentTarget": {"collectionId"},
}
_FILTER = {"deviceAndAppManagementAssignmentFilterId", "deviceAndAppManagementAssignmentFilterType"}
_NO_FILTER = {"deviceAndAppManagementAssignmentFilterId": None, "deviceAndAppManagementAssignmentFilterType": "none"}

Change = Callable[[Received], Answer]


def _create_app(call: Received) -> Answer:
    _known(call.body, {"appId", "accountEnabled", "appRoleAssignmentRequired", "tags", "notes"}, {"appId"})
    app_id = call.body["appId"]
    if app_id not in entra.PIN_APPS:
        raise bad_request("The appId does not reference a valid application object.", "Request_BadRequest")
    if any(app["appId"] == app_id for app in call.tenant.service_principals.values()):
        text = "The service principal cannot be created, updated, or restored because the service principal name "
        raise GraphRefusal(409, "Request_MultipleObjectsWithSameKeyValue", f"{text}{app_id} is already in use.")
    app = entra.service_principal(app_id) | {"accountEnabled": call.body.get("accountEnabled", True)}
    call.tenant.changing("service_principals")
    call.tenant.service_principals[app["id"]] = app
    return app


def _update_app(call: Received) -> Answer:
    _known(call.body, {"accountEnabled"}, {"accountEnabled"})
    app = one(call.tenant.service_principals, call.path["id"])
    call.tenant.changing("service_principals")
    call.tenant.service_principals[app["id"]] = app | call.body
    return None


def _create_profile(call: Received) -> Answer:
    _known(call.body, {"@odata.type", "displayName", "description", "omaSettings"}, {"displayName", "omaSettings"})
    _check_profile(call.body)
    now = _now()
    made = {"id": str(uuid.uuid4()), "version": 1, "createdDateTime": now, "lastModifiedDateTime": now}
    profile = {"description": None, **deepcopy(call.body), **made}
    call.tenant.changing("profiles")
    call.tenant.profiles[profile["id"]] = profile
    return profile


def _update_profile(call: Received) -> Answer:
    _known(call.body, {"@odata.type", "displayName", "description", "omaSettings"}, set())
    _check_profile(call.body)
    profile = one(call.tenant.profiles, call.path["id"], Area.INTUNE)
    call.tenant.changing("profiles")
    changed = {"version": profile["version"] + 1, "lastModifiedDateTime": _now()}
    call.tenant.profiles[profile["id"]] = profile | deepcopy(call.body) | changed
    return call.tenant.profiles[profile["id"]]


def _assign(call: Received) -> Answer:
    """Replaces the whole set but for what policy sets assign, which nobody else may send; v1.0 knows no filters and so
    drops those that were there."""
    profile = one(call.tenant.profiles, call.path["id"], Area.INTUNE)
    _known(call.body, {"assignments"}, {"assignments"})
    rows = [_assignment(call, profile["id"], row) for row in call.body["assignments"]]
    if len({row["id"] for row in rows}) != len(rows):
        raise _intune_refusal("Duplicate assignment targets")
    theirs = [row for row in call.tenant.assignments.get(profile["id"], ()) if row.get("source") == POLICY_SETS]
    call.tenant.changing("assignments")
    call.tenant.assignments[profile["id"]] = rows = [*theirs, *rows]
    return rows if call.version == "beta" else [{"id": row["id"], "target": _plain(row["target"])} for row in rows]


def _assignment(call: Received, profile_id: str, row: Any) -> Json:
    beta = call.version == "beta"
    _known(row, {"@odata.type", "id", "target"} | ({"source", "intent"} if beta else set()), {"target"})
    if row.get("source") == POLICY_SETS:
        raise _intune_refusal("An assignment of a policy set is changed in the policy set")
    target = row["target"]
    fields = _TARGETS.get(target.get("@odata.type", "")) if isinstance(target, dict) else None
    if fields is None:
        raise _intune_refusal("Unknown assignment target")
    _known(target, {"@odata.type", *fields, *(_FILTER if beta else ())}, fields & {"groupId"})
    there = {one["target"].get("groupId") for one in call.tenant.assignments.get(profile_id, ())}
    if "groupId" in target and target["groupId"] not in {*call.tenant.groups, *there}:  # one that is deleted may stay
        raise _intune_refusal("The group does not exist")
    name = target.get("groupId") or target.get("collectionId") or target["@odata.type"].rpartition(".")[2]
    own = {"id": f"{profile_id}_{name}", "source": "direct", "sourceId": profile_id, "intent": "apply"}
    kept = {key: row[key] for key in ("source", "intent") if key in row}
    return own | kept | {"target": _NO_FILTER | deepcopy(target)}


def _plain(target: Json) -> Json:
    return {name: value for name, value in target.items() if name not in _FILTER}


def _check_profile(body: Json) -> None:
    if body.get("@odata.type") != CUSTOM:
        raise _intune_refusal("@odata.type is missing or not supported")
    for row in body.get("omaSettings", ()):
        wanted = _VALUES.get(row.get("@odata.type", ""))
        fits = wanted is not None and isinstance(row.get("value"), wanted)
        if not fits or not str(row.get("omaUri", "")).startswith("./") or not row.get("displayName"):
            raise _intune_refusal("OMA setting is not valid")


def _known(body: Any, allowed: set[str], needed: set[str]) -> None:
    if not isinstance(body, dict) or not needed <= set(body) <= allowed:
        raise bad_request("Invalid property or missing value in the request body.", "BadRequest")


def _intune_refusal(text: str) -> GraphRefusal:
    return GraphRefusal(400, "BadRequest", intune_message(text))


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _counted(change: Change) -> Change:
    """What is done is counted, whatever becomes of the answer."""

    def counted(call: Received) -> Answer:
        answer = change(call)
        call.tenant.written.append(
            Written(call.method, call.where, deepcopy(call.body), call.headers.get("client-request-id", ""))
        )
        return answer

    return counted


def _guarded(change: Change) -> Change:
    """Multi Admin Approval: a write is filed first, and done when the identical one comes again with its code."""

    def guarded(call: Received) -> Answer:
        if call.tenant.multi_admin:
            _approved_or_filed(call)
        return change(call)

    return guarded


def _approved_or_filed(call: Received) -> None:
    code = call.headers.get(CODE, "")
    if code and call.headers.get(JUSTIFICATION):  # what Graph does with both is not known: the strict reading
        raise bad_request(f"Header '{CODE}' replaces '{JUSTIFICATION}'")
    if not code:
        if not re.fullmatch(r"[A-Za-z0-9+/]+=*", call.headers.get(JUSTIFICATION, "")):
            raise bad_request(f"Header '{JUSTIFICATION}' is required to request approval")
        code = str(uuid.uuid4())
        call.tenant.held[code] = Held(call.method, call.where, deepcopy(call.body))
        raise GraphRefusal(412, "BadRequest", intune_message("Approval required"), {CODE: code})
    held = call.tenant.held.get(code)
    if held is None or (held.method, held.where, held.body) != (call.method, call.where, call.body):
        raise bad_request("The approval code does not belong to this request")
    if held.status == "needsApproval":
        raise GraphRefusal(412, "BadRequest", intune_message("Approval pending"), {CODE: code})
    if held.status != "approved":
        raise bad_request(f"The approval request is {held.status}")
    held.status = "completed"


def _approval_requests(call: Received) -> Answer:
    rows = [{"id": code, "requestId": code, "status": held.status} for code, held in call.tenant.held.items()]
    wanted = re.fullmatch(r"requestId eq '([^']+)'", call.options.get("filter"))
    return [row for row in rows if not wanted or row["id"] == wanted[1]]


_APPS = "Application.ReadWrite.All Directory.ReadWrite.All"
_CONFIGURATION = "DeviceManagementConfiguration.ReadWrite.All"
_PROFILES = "/deviceManagement/deviceConfigurations"
_INTUNE = Area.INTUNE
_V1 = ("v1.0",)

CHANGES = (
    Route("POST", "/servicePrincipals", _APPS, SERVICE_PRINCIPAL, _counted(_create_app), "", versions=_V1, success=201),
    Route("PATCH", "/servicePrincipals/{id}", _APPS, SERVICE_PRINCIPAL, _counted(_update_app), "", versions=_V1),
    Route(
        "POST", _PROFILES, _CONFIGURATION, PROFILE, _guarded(_counted(_create_profile)), "", _INTUNE, _V1, success=201
    ),
    Route(
        "PATCH", f"{_PROFILES}/{{id}}", _CONFIGURATION, PROFILE, _guarded(_counted(_update_profile)), "", _INTUNE, _V1
    ),
    Route("POST", f"{_PROFILES}/{{id}}/assign", _CONFIGURATION, ASSIGNMENT, _guarded(_counted(_assign)), "", _INTUNE),
    Route(
        "GET",
        "/deviceManagement/operationApprovalRequests",
        f"DeviceManagementConfiguration.Read.All {_CONFIGURATION}",
        Shape("operationApprovalRequest"),
        _approval_requests,
        "filter",
        _INTUNE,
        versions=("beta",),
        filtered=False,
    ),
)
