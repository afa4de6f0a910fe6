"""What we read of Graph's answers: only these fields, whatever else is there is ignored."""

from datetime import datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Row = TypeVar("Row")


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_camel)


class Collection(BaseModel, Generic[Row]):
    """One page of a collection."""

    model_config = ConfigDict(extra="ignore")

    value: list[Row]
    next_link: str | None = Field(None, alias="@odata.nextLink")


class User(_Model):
    """GET /users/{id}."""

    id: str
    display_name: str | None = None
    user_principal_name: str | None = None
    user_type: str | None = None
    account_enabled: bool | None = None
    preferred_language: str | None = None


class Member(User):
    """GET /groups/{id}/transitiveMembers: users, devices and groups."""

    type: str = Field("", alias="@odata.type")

    @property
    def is_user(self) -> bool:
        """Asked for users alone, Graph may leave the type out; only users have a sign-in name."""
        return self.type.endswith(".user") or (not self.type and self.user_principal_name is not None)


class GroupRow(_Model):
    """GET /groups."""

    id: str
    display_name: str | None = None
    security_enabled: bool | None = None
    group_types: list[str] = []
    membership_rule: str | None = None
    membership_rule_processing_state: str | None = None  # On or Paused


class RoleGroup(_Model):
    """GET /groups/{id}: what tells whether a group can say who may do what."""

    display_name: str | None = None
    security_enabled: bool | None = None
    mail_enabled: bool | None = None
    group_types: list[str] = []


class Organization(_Model):
    """GET /organization."""

    id: str
    mobile_device_management_authority: str | None = None


class ServicePlan(_Model):
    """A part of a licence."""

    service_plan_name: str = ""
    provisioning_status: str = ""


class SubscribedSku(_Model):
    """GET /subscribedSkus: a licence that the tenant has."""

    service_plans: list[ServicePlan] = []


class AppSecret(_Model):
    """A secret of an app. `hint`: how it begins."""

    hint: str | None = None
    end_date_time: datetime | None = None


class Application(_Model):
    """GET /applications(appId='…')."""

    password_credentials: list[AppSecret] = []


class AppRole(_Model):
    """GET /servicePrincipals(appId='…')/appRoleAssignments: one permission that was granted."""

    app_role_id: str


class AppDefinition(_Model):
    """A version of an app in the catalogue."""

    version: str | None = None
    publishing_state: str | None = None


class CatalogueApp(_Model):
    """GET /appCatalogs/teamsApps."""

    id: str
    app_definitions: list[AppDefinition] = []


class InstalledApp(_Model):
    """GET /users/{id}/teamwork/installedApps."""

    id: str


class InstalledAppChat(_Model):
    """GET /users/{id}/teamwork/installedApps/{id}/chat."""

    id: str


class Domain(_Model):
    """GET /domains/{id}; `authenticationType` is Managed or Federated."""

    authentication_type: str | None = None


class Workloads(_Model):
    """What of a co-managed device is Intune's, not Configuration Manager's."""

    device_configuration: bool | None = None


class ManagedDevice(_Model):
    """GET /users/{id}/managedDevices: Intune's view."""

    id: str
    user_id: str | None = None
    user_principal_name: str | None = None  # read only where a PC is looked up by its name
    device_name: str | None = None
    operating_system: str | None = None
    os_version: str | None = None
    azure_ad_device_id: str | None = Field(None, alias="azureADDeviceId")
    last_sync_date_time: datetime | None = None
    management_agent: str | None = None
    model: str | None = None
    workloads: Workloads | None = Field(None, alias="configurationManagerClientEnabledFeatures")


class EntraDevice(_Model):
    """GET /devices and /users/{id}/registeredDevices: Entra's view. `id` is the object, `deviceId` the device."""

    id: str
    device_id: str | None = None
    display_name: str | None = None
    operating_system: str | None = None
    operating_system_version: str | None = None
    trust_type: str | None = None
    approximate_last_sign_in_date_time: datetime | None = None
    account_enabled: bool | None = None


class Hardware(_Model):
    """GET /beta/deviceManagement/managedDevices/{id}: what only beta tells."""

    sku_family: str | None = None
    sku_number: int | None = None
    join_type: str | None = None


class HelloMethod(_Model):
    """One Windows Hello for Business key of a person."""

    id: str


class Ids(_Model):
    """What checkMemberGroups answers: those of the given groups that the object is in."""

    value: list[str]
