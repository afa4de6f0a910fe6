"""What the bot reads of a tenant, as our models: which call, which fields, which version. Why so: GRAPH.md."""

import uuid
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from bot.errors import NotFound, TenantRefused
from bot.reset_rules.sources import Rows
from bot.tenant import models
from bot.tenant.client import EVENTUAL, Answer, Client, Query

GRAPH_URLS = {
    "public": "https://graph.microsoft.com",
    "usgov": "https://graph.microsoft.us",
    "usgovdod": "https://dod-graph.microsoft.us",
}


class Graph(Client):
    """Reads of one tenant; what they raise stands at Client."""

    async def user(self, object_id: str) -> models.User:
        """The person; `userType` tells a guest."""
        select = "id,displayName,userPrincipalName,userType,accountEnabled"
        return await self._one(self._builders.users.by_user_id(guid(object_id)), models.User, Query(select=select))

    async def managed_devices(self, object_id: str) -> list[models.ManagedDevice]:
        """Intune's devices of one person.

        Never by `managedDevices?$filter=userId`: Intune ignores a filter that it does not like and answers with
        everybody's devices. The owner of each row is checked all the same.
        """
        owner = guid(object_id)
        builder = self._builders.users.by_user_id(owner).managed_devices
        select = f"id,userId,deviceName,operatingSystem,osVersion,azureADDeviceId,lastSyncDateTime,{_MANAGEMENT}"
        rows = await self._all(builder, models.ManagedDevice, Query(select=select, top=100))
        return [row for row in rows if (row.user_id or "").lower() == owner]

    async def registered_devices(self, object_id: str) -> list[models.EntraDevice]:
        """Entra's devices that the person registered."""
        builder = self._builders.users.by_user_id(guid(object_id)).registered_devices
        return await self._all(builder, models.EntraDevice, Query(select=_ENTRA_DEVICE))

    async def entra_devices(self, device_id: str) -> list[models.EntraDevice]:
        """Entra's objects of one device id: a hybrid PC may have two."""
        query = Query(select=_ENTRA_DEVICE, filter=f"deviceId eq '{guid(device_id)}'")
        return await self._all(self._builders.devices, models.EntraDevice, query)

    async def hardware(self, managed_device_id: str) -> models.Hardware:
        """Edition and join type, which only beta tells."""
        builder = self._builders.device_management.managed_devices.by_managed_device_id(guid(managed_device_id))
        return await self._one(builder, models.Hardware, Query(select="id,skuFamily,skuNumber,joinType"), beta=True)

    async def custom_profiles(self) -> Rows:
        """All custom Windows profiles, whole: $select of their settings needs a type cast."""
        return await self.rows(f"{_PROFILES}?$filter=isof('microsoft.graph.windows10CustomConfiguration')")

    async def catalog_policies(self) -> Rows:
        """The policies of the settings catalog, without their settings."""
        return await self.rows(f"{CATALOG}?$select={_CATALOG_POLICY}&$top={_MOST_ROWS}")

    async def intents(self) -> Rows:
        """The old policies of endpoint security."""
        return await self.rows(INTENTS)

    async def identity_protection(self) -> Rows:
        """The profiles of the old template Identity protection."""
        kind = "microsoft.graph.windowsIdentityProtectionConfiguration"
        return await self.rows(f"{CONFIGURATIONS}?$filter=isof('{kind}')")

    async def groups_of_user(self, object_id: str, groups: Iterable[str]) -> frozenset[str]:
        """Those of the groups that the person is in, nested ones included."""
        return await self._member(self._builders.users.by_user_id(guid(object_id)).check_member_groups, groups)

    async def groups_of_device(self, entra_object_id: str, groups: Iterable[str]) -> frozenset[str]:
        """Those of the groups that the device object is in."""
        builder = self._builders.devices.by_device_id(guid(entra_object_id)).check_member_groups
        return await self._member(builder, groups)

    async def is_federated(self, domain: str) -> bool:
        """Is the domain's sign-in federated?"""
        found = await self._one(
            self._builders.domains.by_domain_id(domain), models.Domain, Query(select="id,authenticationType")
        )
        return found.authentication_type == "Federated"

    async def hello_methods(self, object_id: str) -> list[models.HelloMethod]:
        """The Windows Hello for Business keys of a person."""
        authentication = self._builders.users.by_user_id(guid(object_id)).authentication
        return await self._all(authentication.windows_hello_for_business_methods, models.HelloMethod, Query())

    async def members(self, group_id: str) -> Sequence[models.User]:
        """The people in a group, through nested ones too. Where the cast to users is refused, all members are read."""
        path = f"/v1.0/groups/{guid(group_id)}/transitiveMembers"
        try:
            found = await self.listed(f"{path}/microsoft.graph.user?{_MEMBER}&$count=true", models.Member, EVENTUAL)
        except (NotFound, TenantRefused):
            found = await self.listed(f"{path}?{_MEMBER}", models.Member)
        return [one for one in found if one.is_user]

    async def group(self, group_id: str) -> models.GroupRow:
        """One group by its id."""
        return await self._one(self._builders.groups.by_group_id(guid(group_id)), models.GroupRow, Query(select=_GROUP))

    async def groups_named(self, name: str) -> list[models.GroupRow]:
        """The groups of this name, in whatever case: it need not be only one."""
        wanted = name.replace("'", "''")
        query = Query(select=_GROUP, filter=f"displayName eq '{wanted}'")
        return await self._all(self._builders.groups, models.GroupRow, query)

    async def groups_like(self, beginning: str) -> list[models.GroupRow]:
        """Some of the groups that have a word in their name with this beginning; letters and digits only."""
        path = f'/v1.0/groups?$search="displayName:{beginning}"&$select={_GROUP}&$top={MOST_ALIKE}'
        return (await self.one(path, models.Collection[models.GroupRow], EVENTUAL)).value

    async def users_in(self, group_id: str) -> int:
        """How many users are in a group, through nested ones too."""
        return await self._count(self._builders.groups.by_group_id(guid(group_id)).transitive_members.graph_user)

    async def devices_in(self, group_id: str) -> int:
        """How many devices are in a group, through nested ones too."""
        return await self._count(self._builders.groups.by_group_id(guid(group_id)).transitive_members.graph_device)

    async def report(self, name: str, profile_id: str, model: type[Answer]) -> Answer:
        """One of Intune's reports, for one custom profile."""
        chosen = f"(PolicyBaseTypeName eq '{_REPORTED_TYPE}') and (PolicyId eq '{guid(profile_id)}')"
        body = {"filter": chosen, "skip": 0, "top": 50}
        return await self.post(f"/v1.0/deviceManagement/reports/{name}", body, model)


CATALOG = "/beta/deviceManagement/configurationPolicies"
INTENTS = "/beta/deviceManagement/intents"
CONFIGURATIONS = "/beta/deviceManagement/deviceConfigurations"
_PROFILES = "/v1.0/deviceManagement/deviceConfigurations"
_MANAGEMENT = "managementAgent,model,configurationManagerClientEnabledFeatures"
_CATALOG_POLICY = "id,name,platforms,templateReference,lastModifiedDateTime"
_MOST_ROWS = 999
_REPORTED_TYPE = "Microsoft.Management.Services.Api.DeviceConfiguration"
_MEMBER = "$select=id,displayName,userPrincipalName,userType,accountEnabled&$top=999"
MOST_ALIKE = 100  # groups with one beginning: one page
_GROUP = "id,displayName,securityEnabled,groupTypes,membershipRule,membershipRuleProcessingState"
_ENTRA_DEVICE = (
    "id,deviceId,displayName,operatingSystem,operatingSystemVersion,trustType,approximateLastSignInDateTime,"
    "accountEnabled"
)


def guid(text: str) -> str:
    """Only a GUID becomes part of an address. Raises errors.NotFound, since nothing can have another id."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise NotFound("not a GUID") from None


def settings_of(place: str, policy_id: str) -> str:
    """The path of what a policy of CATALOG or INTENTS sets."""
    return f"{place}/{quote(policy_id, safe='')}/settings?$top={_MOST_ROWS}"


def assignments_of(place: str, policy_id: str) -> str:
    """The path of whom it is assigned to; of beta, because v1.0 hides filters and origin."""
    return f"{place}/{quote(policy_id, safe='')}/assignments"
