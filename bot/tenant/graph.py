"""What the bot reads of a tenant, as our models: which call, which fields, which version. Why so: GRAPH.md."""

import asyncio
import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
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
        return await self._one(self._builders.users.by_user_id(guid(object_id)), models.User, Query(select=_USER))

    async def managed_devices(self, object_id: str) -> list[models.ManagedDevice]:
        """Intune's devices of one person.

        Never by `managedDevices?$filter=userId`: Intune ignores a filter that it does not like and answers with
        everybody's devices. The owner of each row is checked all the same.
        """
        owner = guid(object_id)
        builder = self._builders.users.by_user_id(owner).managed_devices
        rows = await self._all(builder, models.ManagedDevice, Query(select=_MANAGED, top=100))
        return [row for row in rows if (row.user_id or "").lower() == owner]

    async def users_named(self, name: str) -> list[models.User]:
        """The people of exactly this display name or, with an @ in it, of this sign-in name or mail address."""
        places = ("userPrincipalName", "mail") if "@" in name else ("displayName",)
        query = (Query(select=_USER, filter=_equals(place, name), top=_MOST_FOUND) for place in places)
        users = await asyncio.gather(*(self._some(self._builders.users, models.User, one, _PLAIN) for one in query))
        return [*{user.id: user for rows in users for user in rows}.values()]

    async def users_like(self, name: str) -> list[models.User]:
        """The people of whose display name each of these words begins one: those in full, then those by three letters
        of each, which finds what was typed wrong after them."""
        words = _WORD.findall(name.partition("@")[0])
        texts = dict.fromkeys((" ".join(words), " ".join(word[:3] for word in words)))
        query = (Query(select=_USER, search=f'"displayName:{text}"', top=_MOST_FOUND) for text in texts if text)
        users = await asyncio.gather(*(self._some(self._builders.users, models.User, one, EVENTUAL) for one in query))
        return [*{user.id: user for rows in users for user in rows}.values()]

    async def managed_devices_named(self, name: str) -> list[models.ManagedDevice]:
        """Intune's devices of exactly this name."""
        return _only(await self._managed(_equals("deviceName", name)), lambda row: row.device_name, name)

    async def managed_devices_of(self, device_id: str) -> list[models.ManagedDevice]:
        """The same by Entra's device id."""
        rows = await self._managed(_equals("azureADDeviceId", guid(device_id)))
        return _only(rows, lambda row: row.azure_ad_device_id, device_id)

    async def _managed(self, chosen: str) -> list[models.ManagedDevice]:
        query = Query(select=f"{_MANAGED},userPrincipalName", filter=chosen, top=_MOST_FOUND)
        return await self._some(self._builders.device_management.managed_devices, models.ManagedDevice, query, _PLAIN)

    async def entra_devices_named(self, name: str) -> list[models.EntraDevice]:
        """Entra's devices of exactly this name."""
        query = Query(select=_ENTRA_DEVICE, filter=_equals("displayName", name), top=_MOST_FOUND)
        return await self._some(self._builders.devices, models.EntraDevice, query, _PLAIN)

    async def entra_devices_like(self, name: str) -> list[models.EntraDevice]:
        """Entra's devices whose name has words that begin with these."""
        words = " ".join(_WORD.findall(name))
        query = Query(select=_ENTRA_DEVICE, search=f'"displayName:{words}"', top=_MOST_FOUND)
        return await self._some(self._builders.devices, models.EntraDevice, query, EVENTUAL) if words else []

    async def group_names(self, ids: Sequence[str]) -> dict[str, str]:
        """The names of groups by their ids, fifteen in one call; deleted ones are missing."""
        parts = [ids[start : start + _IN_ONE_FILTER] for start in range(0, len(ids), _IN_ONE_FILTER)]
        chosen = (", ".join(f"'{guid(one)}'" for one in part) for part in parts)
        query = (Query(select="id,displayName", filter=f"id in ({one})", top=_MOST_FOUND) for one in chosen)
        builder = self._builders.groups
        groups = await asyncio.gather(*(self._some(builder, models.GroupRow, one, _PLAIN) for one in query))
        return {group.id.lower(): group.display_name or "" for rows in groups for group in rows}

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
            members = await self.listed(f"{path}/microsoft.graph.user?{_MEMBER}&$count=true", models.Member, EVENTUAL)
        except (NotFound, TenantRefused):
            members = await self.listed(f"{path}?{_MEMBER}", models.Member)
        return [one for one in members if one.is_user]

    async def devices_of(self, group_id: str) -> list[models.EntraDevice]:
        """The devices in a group, through nested ones too."""
        path = f"/v1.0/groups/{guid(group_id)}/transitiveMembers/microsoft.graph.device"
        select = "$select=id,deviceId,displayName,operatingSystem"
        return await self.listed(f"{path}?{select}&$top=999&$count=true", models.EntraDevice, EVENTUAL)

    async def group(self, group_id: str) -> models.GroupRow:
        """One group by its id."""
        return await self._one(self._builders.groups.by_group_id(guid(group_id)), models.GroupRow, Query(select=_GROUP))

    async def groups_named(self, name: str) -> list[models.GroupRow]:
        """The groups of this name, in whatever case: it need not be only one."""
        query = Query(select=_GROUP, filter=_equals("displayName", name))
        return await self._all(self._builders.groups, models.GroupRow, query)

    async def groups_like(self, beginning: str) -> list[models.GroupRow]:
        """Some of the groups that have a word in their name with this beginning; letters and digits only."""
        path = f'/v1.0/groups?$search="displayName:{beginning}"&$select={_GROUP}&$top={MOST_ALIKE}'
        return (await self.one(path, models.Collection[models.GroupRow], EVENTUAL)).value

    async def groups_first(self) -> list[models.GroupRow]:
        """Some of the security groups, by the alphabet."""
        chosen = f"$filter=securityEnabled eq true&$orderby=displayName&$count=true&$select={_GROUP}&$top={MOST_ALIKE}"
        return (await self.one(f"/v1.0/groups?{chosen}", models.Collection[models.GroupRow], EVENTUAL)).value

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
FILTERS = "/beta/deviceManagement/assignmentFilters?$select=id,displayName"
_USER = "id,displayName,userPrincipalName,userType,accountEnabled,preferredLanguage"
_MANAGED = (
    "id,userId,deviceName,operatingSystem,osVersion,azureADDeviceId,lastSyncDateTime,managementAgent,model,"
    "configurationManagerClientEnabledFeatures"
)
_MOST_FOUND = 25  # of what somebody names: nobody chooses among more
_IN_ONE_FILTER = 15  # values that `in` takes
_PLAIN: Mapping[str, str] = MappingProxyType({})
_WORD = re.compile(r"\w+")
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


def _only(
    rows: list[models.ManagedDevice], told: Callable[[models.ManagedDevice], str | None], wanted: str
) -> list[models.ManagedDevice]:
    """All of them. Raises errors.TenantRefused for others: Intune ignores a filter that it does not like and answers
    with everybody's devices, so that the wanted one may lie on any later page."""
    if any((told(row) or "").casefold() != wanted.casefold() for row in rows):
        raise TenantRefused("devices that were not asked for")
    return rows


def _equals(place: str, text: str) -> str:
    doubled = text.replace("'", "''")
    return f"{place} eq '{doubled}'"


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
