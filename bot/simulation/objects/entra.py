"""The tenant, its people, devices, groups and apps."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bot.simulation.objects import MADE, Json
from bot.simulation.people import CompanyGroup, Employee, SimulatedDevice, identity

# Written here again: the tenant must not share a mistake with the bot that it checks.
PIN_SERVICE = "b8456c59-1230-44c7-a4a2-99b085333e84"
PIN_CLIENT = "9115dd05-fad5-4f9c-acc7-305d08b1b04e"
PIN_APPS = {
    PIN_SERVICE: "Microsoft Pin Reset Service Production",
    PIN_CLIENT: "Microsoft Pin Reset Client Production",
}
MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"


def organization(tenant_id: str, domains: Mapping[str, str]) -> Json:
    """The tenant itself."""
    return {
        "id": tenant_id,
        "displayName": "Contoso",
        "countryLetterCode": "DE",
        "createdDateTime": "2019-03-04T08:00:00Z",
        "mobileDeviceManagementAuthority": "intune",
        "tenantType": "AAD",
        "verifiedDomains": [
            {"capabilities": "Email", "isDefault": number == 0, "isInitial": number == 0, "name": name, "type": kind}
            for number, (name, kind) in enumerate(domains.items())
        ],
    }


# Microsoft's ids of Graph's application permissions.
ROLES = {
    "DeviceManagementManagedDevices.Read.All": "2f51be20-0bb4-4fed-bf7b-db946066c75e",
    "Device.Read.All": "7438b122-aefc-4978-80ed-43db9fcc7715",
    "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
    "GroupMember.Read.All": "98830695-27a2-44f7-8c18-0c3ebc9698f6",
    "Application.Read.All": "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
    "DeviceManagementConfiguration.Read.All": "dc377aa6-52d8-4e23-b271-2a7ae04cedf3",
    "Directory.Read.All": "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
    "Domain.Read.All": "dbb9058a-0e50-45d7-ae91-66909b5d4664",
    "UserAuthMethod-WindowsHello.Read.All": "9b8dd4c7-8cca-4ef5-a34a-9c2c75fcc934",
    "DeviceManagementConfiguration.ReadWrite.All": "9241abd9-d0e6-425a-bd4f-47ba86e767a4",
    "AppCatalog.Read.All": "e12dae10-5a57-4817-b79d-dfbec5348930",
    "TeamsAppInstallation.ReadWriteSelfForUser.All": "908de74d-f8b2-4d6b-a9ed-2a17b3b78179",
    "Application.ReadWrite.All": "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9",
}


def app_role(name: str) -> Json:
    """A permission of Graph that was granted to the bot."""
    return {
        "id": identity("granted", name),
        "appRoleId": ROLES.get(name, identity("role", name)),
        "principalType": "ServicePrincipal",
        "resourceDisplayName": "Microsoft Graph",
    }


def application(app_id: str, secret: str) -> Json:
    """The bot's own registration, with a secret that lasts a year."""
    ends = datetime.now(UTC) + timedelta(days=365)
    credential = {"displayName": "bot", "hint": secret[:3], "endDateTime": f"{ends:%Y-%m-%dT%H:%M:%SZ}"}
    return {
        "id": identity("application", app_id),
        "appId": app_id,
        "signInAudience": "AzureADMyOrg",
        "passwordCredentials": [credential],
        "keyCredentials": [],
    }


def teams_app(external_id: str) -> Json:
    """The bot's app in the organisation's catalogue; `externalId` is the one of its manifest."""
    return {
        "id": identity("catalogue", external_id),
        "externalId": external_id,
        "displayName": "PIN reset",
        "distributionMethod": "organization",
        "appDefinitions": [{"id": identity("definition"), "version": "1.0.0", "publishingState": "published"}],
    }


def domain(name: str, authentication: str) -> Json:
    """One domain; `authentication` is Managed or Federated."""
    return {
        "id": name,
        "authenticationType": authentication,
        "isAdminManaged": True,
        "isDefault": authentication == "Managed",
        "isInitial": authentication == "Managed",
        "isRoot": True,
        "isVerified": True,
        "supportedServices": ["Email"],
    }


def user(person: Employee) -> Json:
    """A user, with the properties that only $select brings."""
    given, _, surname = person.name.partition(" ")
    return {
        "id": person.object_id,
        "displayName": person.name,
        "givenName": given,
        "surname": surname,
        "userPrincipalName": person.user_principal_name,
        "mail": person.user_principal_name,
        "jobTitle": None,
        "preferredLanguage": None,
        "accountEnabled": person.enabled,
        "department": None,
        "usageLocation": "DE",
        "userType": ("Guest" if person.guest else "Member") if person.user_type else None,
    }


def hello_key(device: SimulatedDevice) -> Json:
    """A Windows Hello for Business key."""
    return {
        "id": identity("key", device.owner, device.name),
        "displayName": device.name,
        "createdDateTime": MADE,
        "keyStrength": "normal",
    }


def device(found: SimulatedDevice) -> Json:
    """Entra's object of a device."""
    return {
        "id": found.object_id,
        "deviceId": found.device_id,
        "displayName": found.entra_name or found.name,
        "operatingSystem": found.os,
        "operatingSystemVersion": found.entra_version or found.version,
        "trustType": found.trust,
        "accountEnabled": found.enabled,
        "approximateLastSignInDateTime": found.seen,
        "registrationDateTime": MADE,
        "deviceOwnership": "Personal" if found.trust == "Workplace" else "Company",
        "isManaged": found.in_intune,
        "isCompliant": found.in_intune,
        "onPremisesSyncEnabled": True if found.trust == "ServerAd" else None,
        "profileType": "RegisteredDevice",
    }


def twin(found: SimulatedDevice) -> Json:
    """The registered second object that a hybrid PC often has; the newer of the two is not the right one."""
    return device(found) | {
        "id": found.twin_object_id,
        "deviceId": found.twin_device_id,
        "trustType": "Workplace",
        "approximateLastSignInDateTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "onPremisesSyncEnabled": None,
    }


def group(found: CompanyGroup) -> Json:
    """A security group."""
    return {
        "id": found.id,
        "displayName": found.name,
        "description": None,
        "createdDateTime": MADE,
        "groupTypes": [],
        "isAssignableToRole": None,
        "mail": None,
        "mailEnabled": False,
        "mailNickname": found.key,
        "membershipRule": None,
        "membershipRuleProcessingState": None,
        "onPremisesSyncEnabled": None,
        "securityEnabled": True,
        "visibility": None,
    }


def dynamic(found: Json, rule: str, *, paused: bool = False) -> Json:
    """The same group, filled by a rule such as (device.displayName -startsWith "CON")."""
    state = "Paused" if paused else "On"
    return found | {
        "groupTypes": ["DynamicMembership"],
        "membershipRule": rule,
        "membershipRuleProcessingState": state,
    }


def service_principal(app_id: str, scopes: list[Json] | None = None) -> Json:
    """One of the two apps in the tenant."""
    return {
        "id": identity("service principal", app_id),
        "appId": app_id,
        "displayName": PIN_APPS[app_id],
        "appDisplayName": PIN_APPS[app_id],
        "accountEnabled": True,
        "appOwnerOrganizationId": MICROSOFT,
        "disabledByMicrosoftStatus": None,
        "isDisabled": None,
        "servicePrincipalType": "Application",
        "signInAudience": "AzureADMultipleOrgs",
        "oauth2PermissionScopes": scopes or [],
    }


def pin_reset_apps() -> tuple[Json, Json]:
    """Service and client. Microsoft documents no scope value of the service: ours is made up."""
    scope = {"id": identity("scope"), "value": "user_impersonation", "type": "User", "isEnabled": True}
    return service_principal(PIN_SERVICE, [scope]), service_principal(PIN_CLIENT)


def grant(client_id: str, resource_id: str, scope: str = " user_impersonation") -> Json:
    """Tenant-wide consent; both ids are object ids, and the leading space is as Graph gives it back."""
    return {
        "id": identity("grant", client_id, resource_id),
        "clientId": client_id,
        "consentType": "AllPrincipals",
        "principalId": None,
        "resourceId": resource_id,
        "scope": scope,
    }
