"""Routes of Entra: people, devices, groups, apps and grants."""

from collections.abc import Iterable

from bot.simulation.graph.odata import select
from bot.simulation.graph.refusals import Area, GraphRefusal, bad_request
from bot.simulation.objects import entra
from bot.simulation.routes import (
    APP_ROLE,
    APPLICATION,
    COLLECTION,
    COUNT,
    DEVICE,
    DIRECTORY_OBJECT,
    DOMAIN,
    GRANT,
    GROUP,
    HELLO_KEY,
    LICENCE,
    ORGANIZATION,
    SERVICE_PRINCIPAL,
    TEAMS_APP,
    TEXTS,
    USER,
    Answer,
    Json,
    Received,
    Route,
    need_eventual,
    one,
)

MOST_GROUPS = 20  # of one checkMemberGroups
READS_TYPE = {
    "user": {"User.ReadBasic.All", "User.Read.All", "Directory.Read.All"},
    "device": {"Device.Read.All", "Directory.Read.All"},
    "group": {"Group.ReadBasic.All", "GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"},
}
BASIC = frozenset({"id", "displayName", "givenName", "surname", "mail", "userPrincipalName"})


def _organization(call: Received) -> Answer:
    return [call.tenant.organization]


def _domain(call: Received) -> Answer:
    return one(call.tenant.domains, call.path["id"])


def _users(call: Received) -> Answer:
    return list(call.tenant.users.values())


def _user(call: Received) -> Answer:
    """By object id or sign-in name; the smaller permission shows the name only."""
    wanted = call.path["id"].lower()
    if "@" in wanted:
        users = call.tenant.users.items()
        wanted = next((key for key, user in users if user["userPrincipalName"].lower() == wanted), wanted)
    user = one(call.tenant.users, wanted)
    if call.roles & {"User.Read.All", "Directory.Read.All"}:
        return user
    if set(select(call.options, "user", USER.properties)) - BASIC:
        raise GraphRefusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    return {name: value for name, value in user.items() if name in BASIC}


def _registered_devices(call: Received) -> Answer:
    user = one(call.tenant.users, call.path["id"])
    return _readable(call, call.tenant.registered.get(user["id"], ()))


def _hello_keys(call: Received) -> Answer:
    user = one(call.tenant.users, call.path["id"])
    return call.tenant.hello_keys.get(str(user["id"]), [])


def _groups_of_user(call: Received) -> Answer:
    return _memberships(call, one(call.tenant.users, call.path["id"])["id"])


def _groups_of_device(call: Received) -> Answer:
    return _memberships(call, one(call.tenant.devices, call.path["id"])["id"])


def _memberships(call: Received, object_id: str) -> list[str]:
    """Those of the given groups that the object is in, nested ones included."""
    wanted = call.body.get("groupIds") if isinstance(call.body, dict) and set(call.body) == {"groupIds"} else None
    if not isinstance(wanted, list) or not wanted or not all(isinstance(group, str) for group in wanted):
        raise bad_request("The action parameter 'groupIds' is missing or wrong.", "Request_BadRequest")
    if len(wanted) > MOST_GROUPS:
        raise bad_request(f"Only {MOST_GROUPS} ids can be checked at once.", "Request_BadRequest")
    return [group for group in wanted if object_id in call.tenant.transitive_members(group)]


def _devices(call: Received) -> Answer:
    return list(call.tenant.devices.values())


def _device(call: Received) -> Answer:
    return one(call.tenant.devices, call.path["id"])


def _device_by_device_id(call: Received) -> Answer:
    return one({device["deviceId"]: device for device in call.tenant.devices.values()}, call.path["device_id"])


def _groups(call: Received) -> Answer:
    return list(call.tenant.groups.values())


def _group(call: Received) -> Answer:
    return one(call.tenant.groups, call.path["id"])


def _members(call: Received) -> Answer:
    group = one(call.tenant.groups, call.path["id"])
    return _readable(call, sorted(call.tenant.transitive_members(group["id"])))


def _members_of_kind(call: Received) -> Answer:
    """A cast is an advanced query too; it tells no types, as all are of one."""
    if not call.tenant.casts:
        raise bad_request("The query specified in the URI is not valid.", "Request_UnsupportedQuery")
    need_eventual(call)
    group = one(call.tenant.groups, call.path["id"])
    rows = _readable(call, sorted(call.tenant.transitive_members(group["id"])))
    wanted = f"#microsoft.graph.{call.path['kind']}"
    of_kind = (row for row in rows if row["@odata.type"] == wanted)
    return [{name: value for name, value in row.items() if name != "@odata.type"} for row in of_kind]


def _count_members(call: Received) -> Answer:
    need_eventual(call)
    kind = call.path.get("kind")
    group = one(call.tenant.groups, call.path["id"])
    members = map(call.tenant.directory_object, call.tenant.transitive_members(group["id"]))
    return sum(kind in {None, str(member["@odata.type"]).rpartition(".")[2]} for member in members if member)


def _readable(call: Received, object_ids: Iterable[str]) -> list[Json]:
    """Objects of which the app may not read the type show their type and id only."""
    shown = []
    for found in map(call.tenant.directory_object, object_ids):
        if found is None:
            continue
        kind = found["@odata.type"].rpartition(".")[2]
        shown.append(found if call.roles & READS_TYPE[kind] else {name: found[name] for name in ("@odata.type", "id")})
    return shown


def _service_principals(call: Received) -> Answer:
    return list(call.tenant.seen("service_principals").values())


def _service_principal(call: Received) -> Answer:
    return one(call.tenant.service_principals, call.path["id"])


def _service_principal_by_app_id(call: Received) -> Answer:
    apps = {app["appId"]: app for app in call.tenant.service_principals.values()}
    return one(apps, call.path["app_id"])


def _grants(call: Received) -> Answer:
    return list(call.tenant.grants.values())


def _grants_of_client(call: Received) -> Answer:
    client = one(call.tenant.service_principals, call.path["id"])
    return [grant for grant in call.tenant.grants.values() if grant["clientId"] == client["id"]]


def _licences(call: Received) -> Answer:
    return call.tenant.licences


def _application(call: Received) -> Answer:
    return one(call.tenant.applications, call.path["app_id"])


def _app_roles(call: Received) -> Answer:
    """What is granted now; a token may be older."""
    return [entra.app_role(name) for name in sorted(call.tenant.permissions | call.tenant.granted_since)]


def _teams_apps(call: Received) -> Answer:
    return call.tenant.catalogue


_DIRECTORY = "Directory.Read.All"
_APPS = f"Application.Read.All Application.ReadWrite.All {_DIRECTORY}"
_ORGANIZATION = f"Organization.Read.All {_DIRECTORY} DeviceManagementConfiguration.Read.All"
_USERS = f"User.ReadBasic.All User.Read.All {_DIRECTORY}"
_GROUPS = f"Group.ReadBasic.All GroupMember.Read.All Group.Read.All {_DIRECTORY}"
_MEMBERS = f"GroupMember.ReadBasic.All {_GROUPS}"
_DEVICES = f"Device.Read.All {_DIRECTORY}"
_HELLO = "UserAuthMethod-WindowsHello.Read.All UserAuthenticationMethod.Read.All"
_COUNT = "/groups/{id}/transitiveMembers/$count"
_KIND = "/groups/{id}/transitiveMembers/microsoft.graph.{kind}"
_COUNT_KIND = "/groups/{id}/transitiveMembers/microsoft.graph.{kind}/$count"

ROUTES = (
    Route("GET", "/organization", _ORGANIZATION, ORGANIZATION, _organization),
    Route("GET", "/subscribedSkus", f"Organization.Read.All {_DIRECTORY}", LICENCE, _licences),
    Route("GET", "/applications(appId='{app_id}')", _APPS, APPLICATION, _application),
    Route(
        "GET",
        "/servicePrincipals(appId='{app_id}')/appRoleAssignments",
        _APPS,
        APP_ROLE,
        _app_roles,
        "select top skiptoken",
    ),
    Route(
        "GET",
        "/appCatalogs/teamsApps",
        "AppCatalog.Read.All AppCatalog.ReadWrite.All",
        TEAMS_APP,
        _teams_apps,
        "select filter expand top skiptoken",
    ),
    Route("GET", "/domains/{id}", f"Domain.Read.All {_DIRECTORY}", DOMAIN, _domain),
    Route("GET", "/users", _USERS, USER, _users, COLLECTION),
    Route("GET", "/users/{id}", _USERS, USER, _user),
    Route(
        "GET",
        "/users/{id}/registeredDevices",
        f"User.Read.All {_DIRECTORY}",
        DIRECTORY_OBJECT,
        _registered_devices,
        "select top skiptoken",
    ),
    Route(
        "POST",
        "/users/{id}/checkMemberGroups",
        f"User.Read.All+GroupMember.Read.All {_DIRECTORY}",
        TEXTS,
        _groups_of_user,
        "",
    ),
    Route(
        "GET",
        "/users/{id}/authentication/windowsHelloForBusinessMethods",
        _HELLO,
        HELLO_KEY,
        _hello_keys,
        "select top skiptoken",
        Area.SIGN_IN_METHODS,
    ),
    Route("GET", "/devices", _DEVICES, DEVICE, _devices, COLLECTION),
    Route("GET", "/devices/{id}", _DEVICES, DEVICE, _device),
    Route("GET", "/devices(deviceId='{device_id}')", _DEVICES, DEVICE, _device_by_device_id),
    Route("POST", "/devices/{id}/checkMemberGroups", _DEVICES, TEXTS, _groups_of_device, ""),
    Route("GET", "/groups", _GROUPS, GROUP, _groups, COLLECTION),
    Route("GET", "/groups/{id}", _GROUPS, GROUP, _group),
    Route("GET", "/groups/{id}/transitiveMembers", _MEMBERS, DIRECTORY_OBJECT, _members, COLLECTION),
    Route("GET", _KIND, _MEMBERS, DIRECTORY_OBJECT, _members_of_kind, COLLECTION),
    Route("GET", _COUNT, _MEMBERS, COUNT, _count_members, ""),
    Route("GET", _COUNT_KIND, _MEMBERS, COUNT, _count_members, ""),
    Route("GET", "/servicePrincipals", _APPS, SERVICE_PRINCIPAL, _service_principals, COLLECTION),
    Route("GET", "/servicePrincipals/{id}", _APPS, SERVICE_PRINCIPAL, _service_principal),
    Route("GET", "/servicePrincipals(appId='{app_id}')", _APPS, SERVICE_PRINCIPAL, _service_principal_by_app_id),
    Route(
        "GET",
        "/servicePrincipals/{id}/oauth2PermissionGrants",
        _DIRECTORY,
        GRANT,
        _grants_of_client,
        "select top skiptoken",
    ),
    Route("GET", "/oauth2PermissionGrants", _DIRECTORY, GRANT, _grants, "select filter top skiptoken"),
)
