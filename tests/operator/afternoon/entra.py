"""What an administrator changes in Entra, as rows of the simulated Graph: groups, the app, its secrets and rights."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from bot.simulation import World
from bot.simulation.graph.refusals import bad_request
from bot.simulation.people import identity
from bot.simulation.routes import GROUP, SERVICE_PRINCIPAL, Answer, Json, Received, Route, Shape, one

GRAPH = "00000003-0000-0000-c000-000000000000"
ADMINISTRATOR = (
    "Application.Read.All",
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "Group.ReadWrite.All",
    "User.Read.All",
    "GroupMember.Read.All",
)
# Microsoft's permissions reference; the same in every tenant of the public cloud.
APP_ROLES = {
    "2f51be20-0bb4-4fed-bf7b-db946066c75e": "DeviceManagementManagedDevices.Read.All",
    "7438b122-aefc-4978-80ed-43db9fcc7715": "Device.Read.All",
    "df021288-bdef-4463-88db-98f22de89214": "User.Read.All",
    "98830695-27a2-44f7-8c18-0c3ebc9698f6": "GroupMember.Read.All",
    "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30": "Application.Read.All",
    "dc377aa6-52d8-4e23-b271-2a7ae04cedf3": "DeviceManagementConfiguration.Read.All",
    "dbb9058a-0e50-45d7-ae91-66909b5d4664": "Domain.Read.All",
    "9b8dd4c7-8cca-4ef5-a34a-9c2c75fcc934": "UserAuthMethod-WindowsHello.Read.All",
    "7ab1d382-f21e-4acd-a863-ba3e13f7da61": "Directory.Read.All",
    "9241abd9-d0e6-425a-bd4f-47ba86e767a4": "DeviceManagementConfiguration.ReadWrite.All",
    "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9": "Application.ReadWrite.All",
    "908de74d-f8b2-4d6b-a9ed-2a17b3b78179": "TeamsAppInstallation.ReadWriteSelfForUser.All",
    "e12dae10-5a57-4817-b79d-dfbec5348930": "AppCatalog.Read.All",
}


@dataclass
class Entra:
    """The tenant before the bot: nothing is registered, nothing granted."""

    world: World
    secrets: dict[str, Json] = field(default_factory=dict)  # of the app, by key id
    registered: bool = False

    def __post_init__(self) -> None:
        self.world.tenant.permissions.clear()
        graph = _principal(GRAPH, "Microsoft Graph")
        self.world.tenant.service_principals[graph["id"]] = graph

    def token(self) -> str:
        """What `az login` has."""
        return self.world.login.issue("https://graph.microsoft.com", roles=list(ADMINISTRATOR))

    def routes(self) -> tuple[Route, ...]:
        """To stand before those of the simulated Graph."""
        app, grants = "/applications(appId='{app_id}')", "/servicePrincipals/{id}/appRoleAssignments"
        manage, grant, shape = "Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", Shape("application")
        return (
            Route("POST", "/groups", "Group.ReadWrite.All", GROUP, self._group, "", success=201),
            Route("POST", "/groups/{id}/members/$ref", "Group.ReadWrite.All", GROUP, self._member, ""),
            Route("POST", "/applications", manage, shape, self._register, "", success=201),
            Route("GET", app, "Application.Read.All", shape, self._app),
            Route("POST", f"{app}/addPassword", manage, shape, self._add_secret, ""),
            Route("POST", f"{app}/removePassword", manage, shape, self._remove_secret, ""),
            Route("POST", "/servicePrincipals", manage, SERVICE_PRINCIPAL, self._principal, "", success=201),
            Route("GET", grants, manage, Shape("appRoleAssignment"), self._grants, "select top skiptoken"),
            Route("POST", grants, grant, Shape("appRoleAssignment"), self._grant, "", success=201),
        )

    def _group(self, call: Received) -> Answer:
        _needs(call, "displayName", "mailEnabled", "mailNickname", "securityEnabled")
        made: Json = next(iter(self.world.tenant.groups.values())) | call.body | {"id": str(uuid.uuid4())}
        self.world.tenant.groups[made["id"]] = made
        self.world.tenant.members[made["id"]] = set()
        return made

    def _member(self, call: Received) -> Answer:
        _needs(call, "@odata.id")
        group = one(self.world.tenant.groups, call.path["id"])
        person = one(self.world.tenant.users, call.body["@odata.id"].rpartition("/")[2])
        self.world.tenant.members[group["id"]].add(person["id"])
        return None

    def _register(self, call: Received) -> Answer:
        _needs(call, "displayName", "signInAudience")
        if self.registered or call.body["signInAudience"] != "AzureADMyOrg":
            raise bad_request("One app of this tenant alone is asked for here.", "Request_BadRequest")
        self.registered = True
        return {"id": identity("application"), "appId": self.world.login.app_id}

    def _app(self, call: Received) -> Answer:
        self._own(call)
        return {"appId": self.world.login.app_id, "passwordCredentials": list(self.secrets.values())}

    def _add_secret(self, call: Received) -> Answer:
        self._own(call)
        _needs(call, "passwordCredential")
        key, secret = str(uuid.uuid4()), f"Q~{uuid.uuid4()}"
        self.secrets[key] = {**call.body["passwordCredential"], "keyId": key, "hint": secret[:3]}
        self.world.login.secret = secret
        return {**self.secrets[key], "secretText": secret}

    def _remove_secret(self, call: Received) -> Answer:
        self._own(call)
        _needs(call, "keyId")
        self.secrets.pop(one(self.secrets, call.body["keyId"])["keyId"])
        return None

    def _own(self, call: Received) -> None:
        one({self.world.login.app_id: {}} if self.registered else {}, call.path["app_id"])

    def _principal(self, call: Received) -> Answer:
        _needs(call, "appId")
        if not self.registered or call.body["appId"] != self.world.login.app_id:
            raise bad_request("The appId does not reference a valid application object.", "Request_BadRequest")
        made = _principal(call.body["appId"], "PIN reset bot")
        self.world.tenant.service_principals[made["id"]] = made
        return made

    def _grants(self, call: Received) -> Answer:
        principal = one(self.world.tenant.service_principals, call.path["id"])
        if principal["appId"] != self.world.login.app_id:
            return []
        return [{"appRoleId": key} for key, name in APP_ROLES.items() if name in self.world.tenant.permissions]

    def _grant(self, call: Received) -> Answer:
        _needs(call, "principalId", "resourceId", "appRoleId")
        principal = one(self.world.tenant.service_principals, call.path["id"])
        graph = one(self.world.tenant.service_principals, call.body["resourceId"])
        if (call.body["principalId"], graph["appId"]) != (principal["id"], GRAPH):
            raise bad_request("Not a valid reference update.", "Request_BadRequest")
        name = APP_ROLES.get(call.body["appRoleId"])
        if name is None or name in self.world.tenant.permissions:
            raise bad_request("Permission being assigned was not found or is assigned already.", "Request_BadRequest")
        self.world.tenant.permissions.add(name)
        return {**call.body, "id": str(uuid.uuid4())}


def _needs(call: Received, *names: str) -> None:
    if not isinstance(call.body, dict) or set(call.body) != set(names):
        raise bad_request(f"Expected {', '.join(names)}.", "Request_BadRequest")


def _principal(app_id: str, name: str) -> dict[str, Any]:
    made = dict.fromkeys(SERVICE_PRINCIPAL.properties)
    known = {"id": identity("service principal", app_id), "appId": app_id, "displayName": name, "accountEnabled": True}
    return {**made, **known, "oauth2PermissionScopes": []}
