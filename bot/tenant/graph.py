"""What the bot reads of a tenant, as our models: which call, which fields, which version. Why so: GRAPH.md."""

import uuid
from collections.abc import Iterable
from typing import Any

from bot.errors import NotFound
from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE
from bot.tenant import models
from bot.tenant.client import Answer, Client, Query

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
        select = "id,userId,deviceName,operatingSystem,osVersion,azureADDeviceId,lastSyncDateTime,managementAgent"
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

    async def pin_reset_apps(self) -> list[models.ServicePrincipal]:
        """The service principals of the two PIN reset apps, by app id: names can be taken by anybody."""
        query = Query(filter=f"appId in ('{PIN_SERVICE}','{PIN_CLIENT}')", select="id,appId,accountEnabled")
        return await self._all(self._builders.service_principals, models.ServicePrincipal, query)

    async def custom_profiles(self) -> list[models.Configuration]:
        """All custom Windows profiles, whole: $select of their settings needs a type cast."""
        query = Query(filter="isof('microsoft.graph.windows10CustomConfiguration')")
        builder = self._builders.device_management.device_configurations
        return await self._all(builder, models.Configuration, query)

    async def assignments(self, profile_id: str) -> list[models.Assignment]:
        """Whom a profile addresses; from beta, because v1.0 hides filters."""
        configurations = self._builders.device_management.device_configurations
        builder = configurations.by_device_configuration_id(guid(profile_id)).assignments
        return await self._all(builder, models.Assignment, Query(), beta=True)

    async def catalog_policies(self) -> list[models.PolicyRow]:
        """The policies of the settings catalog, without their settings."""
        return await self.listed(f"{_CATALOG}?$select={_CATALOG_POLICY}", models.PolicyRow)

    async def catalog_settings(self, policy_id: str) -> tuple[dict[str, Any], ...]:
        """What one of them sets: settings that hold settings."""
        return await self.rows(f"{_CATALOG}/{guid(policy_id)}/settings?$top=999")

    async def intents(self) -> list[models.PolicyRow]:
        """The old policies of endpoint security."""
        return await self.listed(_INTENTS, models.PolicyRow)

    async def intent_settings(self, intent_id: str) -> tuple[dict[str, Any], ...]:
        """What one of them sets; all that its template knows is there, null where nothing is set."""
        return await self.rows(f"{_INTENTS}/{guid(intent_id)}/settings")

    async def identity_protection(self) -> list[models.IdentityProtection]:
        """The profiles of the old template Identity protection."""
        path = f"{_CONFIGURATIONS}?$filter=isof('microsoft.graph.windowsIdentityProtectionConfiguration')"
        return await self.listed(path, models.IdentityProtection)

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

    async def members(self, group_id: str) -> list[models.User]:
        """The people in a group, through nested ones too."""
        builder = self._builders.groups.by_group_id(guid(group_id)).transitive_members
        found = await self._all(builder, models.Member, Query(select="id,displayName,userType,accountEnabled", top=999))
        return [one for one in found if one.type.endswith(".user")]

    async def group(self, group_id: str) -> models.GroupRow:
        """One group by its id."""
        return await self._one(self._builders.groups.by_group_id(guid(group_id)), models.GroupRow, Query(select=_GROUP))

    async def groups_named(self, name: str) -> list[models.GroupRow]:
        """The groups of exactly this name: it need not be only one."""
        wanted = name.replace("'", "''")
        query = Query(select=_GROUP, filter=f"displayName eq '{wanted}'")
        return await self._all(self._builders.groups, models.GroupRow, query)

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


_CATALOG = "/beta/deviceManagement/configurationPolicies"
_CATALOG_POLICY = "id,name,platforms,templateReference,lastModifiedDateTime"
_INTENTS = "/beta/deviceManagement/intents"
_CONFIGURATIONS = "/beta/deviceManagement/deviceConfigurations"
_REPORTED_TYPE = "Microsoft.Management.Services.Api.DeviceConfiguration"
_GROUP = "id,displayName,securityEnabled"
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
