"""The simulated Graph refuses what Graph refuses, pages as it pages, and has the traps of a real tenant."""

import time
from typing import Any

import pytest

from bot.simulation import World
from bot.simulation.graph import policies
from bot.simulation.graph.refusals import Area
from bot.simulation.graph.service import ROUTES
from bot.simulation.objects import intune
from bot.simulation.objects.entra import PIN_CLIENT, PIN_SERVICE
from bot.simulation.routes import Route
from bot.simulation.signing import Key
from tests.simulation.clients import CONNECTOR, GRAPH, call
from tests.simulation.paths import filled, good, headers_of

EVENTUAL = {"ConsistencyLevel": "eventual"}
CODES = {
    Area.DIRECTORY: "Authorization_RequestDenied",
    Area.INTUNE: "Forbidden",
    Area.SIGN_IN_METHODS: "accessDenied",
}
NOBODY = "00000000-0000-0000-0000-00000000dead"


def _named(route: Route) -> str:
    return f"{route.method} {route.path} {'+'.join(route.versions)}"


async def _wrong(world: World, kind: str) -> str:
    now = int(time.time())
    return {
        "none": "",
        "garbage": "a.b.c",
        "expired": world.login.issue(GRAPH, exp=now - 1),
        "for Teams": world.login.issue(CONNECTOR),
        "of another tenant": world.login.issue(GRAPH, tid=NOBODY),
        "without end": world.login.key.sign({"aud": GRAPH, "tid": world.tenant.id, "roles": ["User.Read.All"]}),
        "by another key": Key().sign(
            {"aud": GRAPH, "tid": world.tenant.id, "exp": now + 60, "roles": ["User.Read.All"]}
        ),
    }[kind]


@pytest.mark.parametrize(
    "kind", ["none", "garbage", "expired", "for Teams", "of another tenant", "without end", "by another key"]
)
async def test_a_wrong_bearer_gets_401(world: World, kind: str) -> None:
    answer = await call(world, "/v1.0/organization", token=await _wrong(world, kind))
    assert (answer.status, answer.code) == (401, "InvalidAuthenticationToken")


async def test_a_token_that_msal_would_get_is_let_in(world: World) -> None:
    assert (await call(world, "/v1.0/organization")).json["value"][0]["id"] == world.tenant.id


@pytest.mark.parametrize("route", ROUTES, ids=_named)
async def test_each_path_wants_one_of_its_permissions(world: World, route: Route) -> None:
    for together in route.needs.split():
        world.tenant.permissions = set(together.split("+"))
        assert (await good(world, route)).status == route.success
        world.tenant.permissions.pop()
        refused = await good(world, route)
        assert (refused.status, refused.code) == (403, CODES[route.area])


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1.0/nowhere", 400, "BadRequest"),
        (f"/v1.0/users/{NOBODY}", 404, "Request_ResourceNotFound"),
        (f"/v1.0/deviceManagement/deviceConfigurations/{NOBODY}", 404, "ResourceNotFound"),
        ("/v1.0/organization?$select=shoeSize", 400, "BadRequest"),
        ("/v1.0/deviceManagement/deviceConfigurations?$select=omaSettings", 400, "BadRequest"),
        ("/v1.0/groups?$pick=id", 400, "BadRequest"),
        ("/v1.0/groups?$top=0", 400, "BadRequest"),
        ("/v1.0/groups?$top=1000", 400, "BadRequest"),
        ("/v1.0/groups?$skiptoken=made-up", 400, "Directory_ExpiredPageToken"),
        ("/v1.0/groups?$filter=contains(displayName,'x')", 400, "Request_UnsupportedQuery"),
        ("/v1.0/groups?$filter=displayName ne 'x'", 400, "Request_UnsupportedQuery"),
        ("/v1.0/groups?$filter=startsWith(displayName,'x')&$orderby=displayName", 400, "Request_UnsupportedQuery"),
        ('/v1.0/groups?$search="displayName:pilot"', 400, "Request_UnsupportedQuery"),
    ],
)
async def test_a_question_badly_put_is_refused(world: World, path: str, status: int, code: str) -> None:
    answer = await call(world, path)
    assert (answer.status, answer.code) == (status, code)


async def test_what_only_beta_knows_is_no_property_of_v1(world: World) -> None:
    device = next(iter(world.tenant.managed_devices))
    path = f"/deviceManagement/managedDevices/{device}"
    assert (await call(world, f"/v1.0{path}?$select=skuNumber")).code == "BadRequest"
    assert (await call(world, f"/beta{path}?$select=skuNumber")).json["skuNumber"] == 4
    assert "skuNumber" not in (await call(world, f"/v1.0{path}")).json


async def test_the_wrong_method_and_the_wrong_body_are_refused(world: World) -> None:
    path = f"/v1.0/users/{world.company.people['user'].object_id}"
    assert (await call(world, path, method="DELETE")).status == 405
    check = f"{path}/checkMemberGroups"
    wrong: tuple[Any, ...] = (
        None,
        {},
        {"groupIds": []},
        {"groupIds": [1]},
        {"groupIds": [NOBODY] * 21},
        {"ids": [NOBODY]},
    )
    for body in wrong:
        assert (await call(world, check, method="POST", body=body)).code == "Request_BadRequest"


async def test_every_answer_carries_the_ids_of_the_call(world: World) -> None:
    mine = {"client-request-id": "11111111-2222-3333-4444-555555555555"}
    fine = await call(world, "/v1.0/organization", headers=mine)
    refused = await call(world, "/v1.0/nowhere", headers=mine)
    for answer in (fine, refused):
        assert answer.headers["client-request-id"] == mine["client-request-id"]
    inner = refused.json["error"]["innerError"]
    assert inner["request-id"] == refused.headers["request-id"] != fine.headers["request-id"]


async def test_intune_ignores_a_filter_on_the_owner_and_shows_everybodys_devices(world: World) -> None:
    user = world.company.people["user"].object_id
    trap = await call(world, f"/v1.0/deviceManagement/managedDevices?$filter=userId eq '{user}'")
    assert len(trap.json["value"]) == len(world.tenant.managed_devices) > 1
    heeded = await call(world, "/v1.0/deviceManagement/managedDevices?$filter=deviceName eq 'CON-LT-0142'")
    assert [row["userId"] for row in heeded.json["value"]] == [user]


async def test_the_owner_can_be_ignored_even_on_the_persons_own_path(world: World) -> None:
    path = f"/v1.0/users/{world.company.people['user'].object_id}/managedDevices"
    assert len((await call(world, path)).json["value"]) == 1
    world.tenant.ignore_owner = True
    assert len((await call(world, path)).json["value"]) == len(world.tenant.managed_devices)


_COLLECTIONS = [
    one for one in ROUTES if one.method == "GET" and not one.path.endswith(("}", "')", "$count", "Overview"))
]


@pytest.mark.parametrize("route", _COLLECTIONS, ids=_named)
async def test_each_path_takes_the_link_that_it_hands_out(world: World, route: Route) -> None:
    world.tenant.permissions = set(route.needs.replace("+", " ").split())
    whole = (await good(world, route)).json["value"]
    world.tenant.page_size = 1
    page = (await good(world, route)).json
    rows = page["value"]
    while link := page.get("@odata.nextLink"):
        page = (await call(world, link, headers=headers_of(route))).json
        rows += page["value"]
    assert rows == whole


async def test_pages_follow_each_other_and_hold_each_row_once(world: World) -> None:
    world.tenant.page_size = 5
    link, seen = "/v1.0/groups?$select=id&$top=3", list[str]()
    while link:
        page = (await call(world, link)).json
        assert len(page["value"]) <= 3
        seen += [row["id"] for row in page["value"]]
        link = page.get("@odata.nextLink", "")
        assert not link or link.startswith(f"{world.url}/v1.0/groups?")
    assert seen == list(world.tenant.groups)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("$filter=displayName eq 'pilot ring'", ["Pilot Ring"]),
        ("$filter=startsWith(displayName,'PIN')", ["PIN Reset Admins", "PIN Reset Approvers"]),
        ("$filter=displayName in ('Executives','Kiosk Devices')", ["Kiosk Devices", "Executives"]),
        ("$filter=securityEnabled eq false", []),
        ("$filter=startsWith(displayName,'PIN') and displayName eq 'PIN Reset Admins'", ["PIN Reset Admins"]),
        ('$search="displayName:ring pil"', ["Pilot Ring"]),
        ('$search="displayName:ilot"', []),
        (
            "$filter=startsWith(displayName,'PIN')&$orderby=displayName desc",
            ["PIN Reset Approvers", "PIN Reset Admins"],
        ),
        (
            "$filter=displayName ne 'Pilot Ring' and startsWith(displayName,'p')",
            ["PIN Reset Admins", "PIN Reset Approvers"],
        ),
    ],
)
async def test_groups_are_found_by_name(world: World, query: str, found: list[str]) -> None:
    answer = await call(world, f"/v1.0/groups?{query}&$count=true", headers=EVENTUAL)
    assert [row["displayName"] for row in answer.json["value"]] == found
    assert answer.json["@odata.count"] == len(found)


async def test_a_quote_in_a_name_is_doubled_in_a_filter(world: World) -> None:
    world.tenant.groups["x"] = {**world.tenant.groups[world.company.groups["pilot"].id], "displayName": "Uma's PCs"}
    answer = await call(world, "/v1.0/groups?$filter=displayName eq 'Uma''s PCs'")
    assert len(answer.json["value"]) == 1


async def test_members_are_counted_as_plain_text_nested_groups_included(world: World) -> None:
    pilot, executives = world.company.groups["pilot"].id, world.company.groups["executives"].id
    world.tenant.members[pilot].add(executives)
    counts = {}
    for kind in ("", "/microsoft.graph.user", "/microsoft.graph.device"):
        path = f"/v1.0/groups/{pilot}/transitiveMembers{kind}/$count"
        assert (await call(world, path)).code == "Request_BadRequest"  # ConsistencyLevel is missing
        answer = await call(world, path, headers=EVENTUAL)
        assert answer.headers["Content-Type"].startswith("text/plain")
        counts[kind] = int(answer.body)
    assert counts[""] == counts["/microsoft.graph.user"] + counts["/microsoft.graph.device"] + 1  # the nested group
    assert counts["/microsoft.graph.user"] == 1


async def test_nested_membership_counts_for_checkmembergroups(world: World) -> None:
    pilot, executives = world.company.groups["pilot"].id, world.company.groups["executives"].id
    several = world.company.people["several"].object_id
    path, body = f"/v1.0/users/{several}/checkMemberGroups", {"groupIds": [pilot, executives, NOBODY]}
    assert (await call(world, path, method="POST", body=body)).json["value"] == [executives]
    world.tenant.members[pilot].add(executives)
    assert (await call(world, path, method="POST", body=body)).json["value"] == [pilot, executives]


async def test_devices_that_the_app_may_not_read_show_their_id_only(world: World) -> None:
    user = world.company.people["user"]
    world.tenant.permissions = {"User.Read.All"}
    answer = await call(world, f"/v1.0/users/{user.object_id}/registeredDevices")
    assert answer.json["value"] == [{"@odata.type": "#microsoft.graph.device", "id": user.devices[0].object_id}]


async def test_user_type_must_be_selected_and_the_smaller_permission_does_not_show_it(world: World) -> None:
    path = f"/v1.0/users/{world.company.people['guest'].object_id}"
    assert "userType" not in (await call(world, path)).json
    assert (await call(world, f"{path}?$select=userType")).json["userType"] == "Guest"
    world.tenant.permissions = {"User.ReadBasic.All"}
    assert (await call(world, f"{path}?$select=id,displayName")).status == 200
    assert (await call(world, f"{path}?$select=userType")).status == 403


async def test_a_person_is_found_by_sign_in_name_too(world: World) -> None:
    user = world.company.people["user"]
    assert (await call(world, f"/v1.0/users/{user.user_principal_name}")).json["id"] == user.object_id


async def test_only_beta_shows_the_filter_of_an_assignment(world: World) -> None:
    profile, rows = next(iter(world.tenant.assignments.items()))
    rows[0]["target"]["deviceAndAppManagementAssignmentFilterType"] = "include"
    path = f"/deviceManagement/deviceConfigurations/{profile}/assignments"
    beta, v1 = (await call(world, f"/beta{path}")).json["value"], (await call(world, f"/v1.0{path}")).json["value"]
    assert beta[0]["target"]["deviceAndAppManagementAssignmentFilterType"] == "include"
    assert set(v1[0]["target"]) == {"@odata.type", "groupId"}


async def test_profiles_are_told_apart_by_their_type(world: World) -> None:
    path = "/v1.0/deviceManagement/deviceConfigurations"
    everything = (await call(world, path)).json["value"]
    custom = await call(world, f"{path}?$filter=isof('microsoft.graph.windows10CustomConfiguration')")
    assert len(everything) == 2
    assert [row["displayName"] for row in custom.json["value"]] == ["Use PIN Recovery"]


async def test_a_fresh_tenant_has_neither_the_apps_nor_the_profile() -> None:
    from bot.simulation import simulate

    apps = f"/v1.0/servicePrincipals?$filter=appId in ('{PIN_SERVICE}','{PIN_CLIENT}')"
    async with simulate("fresh") as fresh, simulate("rollout") as rollout:
        assert (await call(fresh, apps)).json["value"] == []
        enabled = [row["accountEnabled"] for row in (await call(rollout, apps)).json["value"]]
        assert enabled == [True, True]
        profiles = await call(fresh, "/v1.0/deviceManagement/deviceConfigurations")
        assert [row["displayName"] for row in profiles.json["value"]] == ["Windows baseline"]


async def test_the_client_may_call_the_service_for_everybody(world: World) -> None:
    world.tenant.permissions = {"Directory.Read.All"}
    grants: list[Any] = (await call(world, "/v1.0/oauth2PermissionGrants")).json["value"]
    apps = {app["appId"]: key for key, app in world.tenant.service_principals.items()}
    assert [(grant["clientId"], grant["resourceId"], grant["consentType"]) for grant in grants] == [
        (apps[PIN_CLIENT], apps[PIN_SERVICE], "AllPrincipals")
    ]


def test_every_path_of_the_table_can_be_filled(world: World) -> None:
    assert all("{" not in filled(world, route) for route in ROUTES)


async def test_the_old_template_is_there_in_beta_only(world: World) -> None:
    old = policies.identity_protection("30000000-0000-4000-8000-000000000002", "Old", recovery=True)
    world.tenant.profiles[old["id"]] = old
    wanted = (
        "deviceManagement/deviceConfigurations?$filter=isof('microsoft.graph.windowsIdentityProtectionConfiguration')"
    )
    assert [row["pinRecoveryEnabled"] for row in (await call(world, f"/beta/{wanted}")).json["value"]] == [True]
    assert (await call(world, f"/v1.0/{wanted}")).status == 400
    everything = (await call(world, "/v1.0/deviceManagement/deviceConfigurations")).json["value"]
    assert old["id"] not in {row["id"] for row in everything}


async def test_a_policy_tells_when_it_was_changed_and_not_what_it_sets(world: World) -> None:
    path = "/beta/deviceManagement/configurationPolicies?$select=id,lastModifiedDateTime"
    (before,) = (await call(world, path)).json["value"]
    assert (await call(world, path)).json["value"] == [before]
    world.tenant.catalog[before["id"]]["name"] = "Renamed"
    (after,) = (await call(world, path)).json["value"]
    assert after["lastModifiedDateTime"] > before["lastModifiedDateTime"]
    assert "settings" not in (await call(world, "/beta/deviceManagement/intents")).json["value"][0]


async def test_policies_have_assignments_of_their_own(world: World) -> None:
    for place, found in (("configurationPolicies", world.tenant.catalog), ("intents", world.tenant.intents)):
        policy = next(iter(found))
        world.tenant.assignments[policy] = [intune.assignment(policy, world.company.groups["pilot"].id)]
        answer = await call(world, f"/beta/deviceManagement/{place}/{policy}/assignments")
        assert answer.json["value"] == world.tenant.assignments[policy]
