"""The simulated Graph takes the writes that Microsoft's takes, refuses those that it refuses, and keeps count."""

import json
from typing import Any

import httpx
import pytest

from bot.simulation import World, simulate
from bot.simulation.graph.writes import CODE, CUSTOM, JUSTIFICATION
from bot.simulation.objects.entra import PIN_CLIENT, PIN_SERVICE
from bot.simulation.state import CHANGING
from tests.simulation.clients import Reply, call
from tests.simulation.test_shapes import NO_SHAPES, check, published, shapes

__all__ = ["published", "shapes"]  # fixtures

PROFILES = "/v1.0/deviceManagement/deviceConfigurations"
FILTER = {
    "deviceAndAppManagementAssignmentFilterId": "eeeeeeee-0000-4000-8000-000000000001",
    "deviceAndAppManagementAssignmentFilterType": "include",
}
SETTING = {
    "@odata.type": "#microsoft.graph.omaSettingBoolean",
    "displayName": "PIN Reset Settings",
    "omaUri": "./Device/Vendor/MSFT/PassportForWork/x/Policies/EnablePinRecovery",
    "value": True,
}
PROFILE = {"@odata.type": CUSTOM, "displayName": "Use PIN Recovery", "omaSettings": [SETTING]}


@pytest.fixture(autouse=True)
def granted(world: World) -> None:
    """The operator lets the bot write."""
    world.tenant.permissions |= CHANGING


def _profile_id(world: World) -> str:
    return next(iter(world.tenant.assignments))


def _target(world: World, key: str = "finance", kind: str = "groupAssignmentTarget", **more: Any) -> dict[str, Any]:
    return {"target": {"@odata.type": f"#microsoft.graph.{kind}", "groupId": world.company.groups[key].id, **more}}


async def _post(world: World, path: str, body: Any, method: str = "POST", **headers: str) -> Reply:
    return await call(
        world,
        path,
        method=method,
        body=body,
        headers=headers,
    )


async def test_an_app_is_created_once_and_enabled_again() -> None:
    async with simulate("fresh") as world:
        world.tenant.permissions.add("Application.ReadWrite.All")
        made = await _post(world, "/v1.0/servicePrincipals", {"appId": PIN_SERVICE})
        assert (made.status, made.json["accountEnabled"]) == (201, True)
        again = await _post(world, "/v1.0/servicePrincipals", {"appId": PIN_SERVICE})
        assert (again.status, again.code) == (409, "Request_MultipleObjectsWithSameKeyValue")
        path = f"/v1.0/servicePrincipals/{made.json['id']}"
        assert (await _post(world, path, {"accountEnabled": False}, "PATCH")).status == 204
        assert (await call(world, path)).json["accountEnabled"] is False
        unknown = await _post(world, "/v1.0/servicePrincipals", {"appId": made.json["id"]})
        assert unknown.status == 400
        assert len(world.tenant.written) == 2


async def test_an_app_needs_its_permission(world: World) -> None:
    assert (await _post(world, "/v1.0/servicePrincipals", {"appId": PIN_CLIENT})).status == 403


async def test_a_profile_is_created_and_its_settings_are_replaced(world: World) -> None:
    made = await _post(world, PROFILES, PROFILE)
    assert (made.status, made.json["version"]) == (201, 1)
    patched = await _post(world, f"{PROFILES}/{made.json['id']}", {"@odata.type": CUSTOM, "omaSettings": []}, "PATCH")
    assert (patched.status, patched.json["version"], patched.json["omaSettings"]) == (200, 2, [])


@pytest.mark.parametrize(
    "changed",
    [
        {"@odata.type": None},
        {"@odata.type": "#microsoft.graph.windows10GeneralConfiguration"},
        {"assignments": []},
        {"omaSettings": [SETTING | {"value": "true"}]},
        {"omaSettings": [SETTING | {"@odata.type": "#microsoft.graph.omaSettingString"}]},
        {"omaSettings": [SETTING | {"omaUri": "Device"}]},
    ],
)
async def test_a_profile_that_graph_would_refuse_is_refused(world: World, changed: dict[str, Any]) -> None:
    body = {key: value for key, value in (PROFILE | changed).items() if value is not None}
    assert (await _post(world, PROFILES, body)).status == 400
    assert world.tenant.written == []


async def test_assign_replaces_everything_and_v1_forgets_filters(world: World) -> None:
    path = f"/deviceManagement/deviceConfigurations/{_profile_id(world)}"
    beta = await _post(world, f"/beta{path}/assign", {"assignments": [_target(world, **FILTER)]})
    assert (beta.status, beta.json["value"][0]["target"]["deviceAndAppManagementAssignmentFilterType"]) == (
        200,
        "include",
    )
    assert len(world.tenant.assignments[_profile_id(world)]) == 1
    seen = (await call(world, f"/v1.0{path}/assignments")).json["value"]
    assert "deviceAndAppManagementAssignmentFilterId" not in seen[0]["target"]
    plain = await _post(world, f"/v1.0{path}/assign", {"assignments": [{"target": seen[0]["target"]}]})
    assert plain.status == 200
    (row,) = world.tenant.assignments[_profile_id(world)]
    assert row["target"]["deviceAndAppManagementAssignmentFilterId"] is None


@pytest.mark.parametrize("wrong", ["filter", "twice", "unknown group", "kind", "not a list"])
async def test_an_assignment_that_graph_would_refuse_is_refused(world: World, wrong: str) -> None:
    rows: dict[str, Any] = {
        "filter": [_target(world, **FILTER)],
        "twice": [_target(world), _target(world)],
        "unknown group": [_target(world, groupId="99999999-0000-4000-8000-000000000001")],
        "kind": [_target(world, kind="someAssignmentTarget")],
        "not a list": [7],
    }
    before = list(world.tenant.assignments[_profile_id(world)])
    reply = await _post(world, f"{PROFILES}/{_profile_id(world)}/assign", {"assignments": rows[wrong]})
    assert reply.status == 400
    assert world.tenant.assignments[_profile_id(world)] == before


async def test_slow_reads_show_what_was_before(world: World) -> None:
    world.tenant.lag = 2
    path = f"{PROFILES}/{_profile_id(world)}"
    await _post(world, f"{path}/assign", {"assignments": []})
    seen = [len((await call(world, f"{path}/assignments")).json["value"]) for _ in range(4)]
    assert seen == [2, 2, 0, 0]


async def test_multi_admin_approval_files_first_and_takes_the_identical_request_later(world: World) -> None:
    world.tenant.multi_admin = True
    assert (await _post(world, PROFILES, PROFILE)).status == 400
    filed = await _post(world, PROFILES, PROFILE, **{JUSTIFICATION: "cGxlYXNl"})
    code = filed.headers[CODE]
    assert (filed.status, world.tenant.written) == (412, [])
    wanted = f"/beta/deviceManagement/operationApprovalRequests?$filter=requestId eq '{code}'"
    assert (await call(world, wanted)).json["value"][0]["status"] == "needsApproval"
    assert (await _post(world, PROFILES, PROFILE, **{CODE: code})).status == 412
    world.tenant.held[code].status = "approved"
    assert (await _post(world, PROFILES, PROFILE | {"displayName": "Another"}, **{CODE: code})).status == 400
    assert (await _post(world, PROFILES, PROFILE, **{CODE: code, JUSTIFICATION: "cGxlYXNl"})).status == 400
    assert (await _post(world, PROFILES, PROFILE, **{CODE: code})).status == 201
    assert (await _post(world, PROFILES, PROFILE, **{CODE: code})).status == 400
    assert len(world.tenant.written) == 1


async def test_figures_are_of_the_devices_that_are_assigned(world: World) -> None:
    path = f"{PROFILES}/{_profile_id(world)}/deviceStatusOverview"
    overview = (await call(world, path)).json
    counts = [overview[f"{name}Count"] for name in ("success", "pending", "error", "failed", "notApplicable")]
    assert sum(counts) == len(world.company.groups["pilot"].devices - world.company.groups["kiosks"].devices)
    report = "deviceManagement/reports/getConfigurationPolicy"
    asked = {
        "filter": f"(PolicyId eq '{_profile_id(world)}')",
        "select": ["PolicyId"],
        "skip": 0,
        "top": 50,
        "orderBy": [],
    }
    for address in (f"/v1.0/{report}NonComplianceSummaryReport", f"/beta/{report}DeviceSummaryReport"):
        found = json.loads((await _post(world, address, asked)).body)
        columns = [one["Column"] for one in found["Schema"]]
        assert found["Values"][0][columns.index("NumberOfCompliantDevices")] == overview["successCount"]
        assert (await _post(world, address, {})).status == 400


@NO_SHAPES
async def test_changes_and_their_answers_have_the_published_shape(world: World, shapes: Any) -> None:
    world.tenant.permissions.add("Application.ReadWrite.All")
    app = next(one for one in world.tenant.service_principals.values() if one["appId"] == PIN_CLIENT)
    path = f"/deviceManagement/deviceConfigurations/{_profile_id(world)}"
    app_path = f"/v1.0/servicePrincipals/{app['id']}"
    changes: tuple[tuple[str, str, Any], ...] = (
        ("PATCH", app_path, {"accountEnabled": True}),
        ("POST", PROFILES, PROFILE),
        ("PATCH", f"/v1.0{path}", {"@odata.type": CUSTOM, "omaSettings": [SETTING]}),
        ("POST", f"/v1.0{path}/assign", {"assignments": [_target(world)]}),
        ("POST", f"/beta{path}/assign", {"assignments": [_target(world, **FILTER)]}),
    )
    del world.tenant.service_principals[app["id"]]
    made = await _post(world, "/v1.0/servicePrincipals", {"appId": PIN_CLIENT})
    _matches(shapes, "POST", "/v1.0/servicePrincipals", {"appId": PIN_CLIENT}, made)
    for method, address, body in changes:
        _matches(shapes, method, address, body, await _post(world, address, body, method))


def _matches(shapes: Any, method: str, path: str, body: Any, reply: Reply) -> None:
    assert reply.status < 300
    headers = {**dict(reply.headers), "Content-Type": reply.headers.get("Content-Type", "application/json")}
    answer = httpx.Response(reply.status, content=reply.body, headers=headers)
    check(shapes, method, path, json.dumps(body).encode(), {}, answer)
