"""What a tenant must have before the bot can work in it; read for a check only."""

from collections.abc import Sequence

from bot.errors import NotFound, NotPermitted, TenantRefused
from bot.tenant import models
from bot.tenant.graph import Graph, guid

_NO_INTUNE = "INTUNE_O365"  # what Microsoft 365 has for phones alone, under a name like the others'
_LIVE = frozenset({"Success", "PendingActivation"})
_ROLE_GROUP = "id,displayName,securityEnabled,mailEnabled,groupTypes"
_LICENCES = "/v1.0/subscribedSkus?$select=id,servicePlans"
_SECRETS = "id,passwordCredentials"


def _brings_intune(plan: models.ServicePlan) -> bool:
    name = plan.service_plan_name
    return name.startswith("INTUNE_") and name != _NO_INTUNE and plan.provisioning_status in _LIVE


class _SomeRows(models.Collection[dict[str, object]]):
    """One page, of which only that it came matters."""


class Setup:
    """Reads of one tenant; what they raise stands at bot.tenant.client.Client."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    async def organization(self) -> models.Organization:
        """The tenant itself."""
        organizations: list[models.Organization] = await self._graph.listed(
            "/v1.0/organization?$select=id,mobileDeviceManagementAuthority", models.Organization
        )
        if not organizations:
            raise NotFound("no organization")
        return organizations[0]

    async def has_intune(self) -> bool:
        """Is there a licence, and does Intune answer? Where licences may not be read its answer is all there is."""
        try:
            skus: list[models.SubscribedSku] = await self._graph.listed(_LICENCES, models.SubscribedSku)
        except NotPermitted:
            return await self._intune_answers()
        plans = (plan for sku in skus for plan in sku.service_plans)
        licensed = any(_brings_intune(one) for one in plans)
        return licensed and await self._intune_answers()

    async def _intune_answers(self) -> bool:
        """Where it is not set up it refuses: "Request not applicable to target tenant"."""
        try:
            await self._graph.one("/v1.0/deviceManagement/deviceConfigurations?$top=1&$select=id", _SomeRows)
        except TenantRefused:
            return False
        return True

    async def role_group(self, group_id: str) -> models.RoleGroup | None:
        """A group that says who may do what; None where there is none of that id."""
        try:
            return await self._graph.one(f"/v1.0/groups/{guid(group_id)}?$select={_ROLE_GROUP}", models.RoleGroup)
        except NotFound:
            return None

    async def members(self, group_id: str) -> Sequence[models.User]:
        """The people in it, through nested groups too."""
        return await self._graph.members(group_id)

    async def secrets(self, app_id: str) -> list[models.AppSecret] | None:
        """The secrets of an app and when they end; None where the id is no app registration's but an identity's."""
        try:
            path = f"/v1.0/applications(appId='{guid(app_id)}')?$select={_SECRETS}"
            return (await self._graph.one(path, models.Application)).password_credentials
        except NotFound:
            return None

    async def granted_roles(self, app_id: str) -> frozenset[str]:
        """Ids of the permissions that are granted now, whatever an older token holds."""
        path = f"/v1.0/servicePrincipals(appId='{guid(app_id)}')/appRoleAssignments?$select=appRoleId&$top=999"
        return frozenset(one.app_role_id.lower() for one in await self._graph.listed(path, models.AppRole))

    async def in_catalogue(self, app_id: str) -> models.CatalogueApp | None:
        """The Teams app of that id in the organisation's catalogue, with its versions."""
        path = f"/v1.0/appCatalogs/teamsApps?$filter=externalId eq '{guid(app_id)}'&$expand=appDefinitions"
        return next(iter(await self._graph.listed(path, models.CatalogueApp)), None)

    async def wants_second_approval(self) -> bool:
        """Does Intune ask for an approval of its own (Multi Admin Approval) for anything?"""
        return bool(await self._graph.rows("/beta/deviceManagement/operationApprovalPolicies"))
