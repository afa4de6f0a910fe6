"""Managed devices, profiles and policies, and whom they are assigned to."""

from bot.simulation.objects import MADE, Json
from bot.simulation.people import Employee, SimulatedDevice, identity

NO_DEVICE_ID = "00000000-0000-0000-0000-000000000000"
_SKU_FAMILIES = {4: "Enterprise", 125: "EnterpriseS", 48: "Pro", 121: "Education", 101: "Core"}  # of people.toml
_JOIN_TYPES = {"AzureAd": "azureADJoined", "ServerAd": "hybridAzureADJoined", "Workplace": "azureADRegistered"}


def intune_licence() -> Json:
    """A licence with Intune in it."""
    plans = {"INTUNE_A": "Success", "EXCHANGE_S_ENTERPRISE": "Success"}
    return {
        "id": identity("sku"),
        "skuPartNumber": "SPE_E3",
        "capabilityStatus": "Enabled",
        "servicePlans": [{"servicePlanName": one, "provisioningStatus": state} for one, state in plans.items()],
    }


def approval_policy() -> Json:
    """Multi Admin Approval of Intune's profiles."""
    return {"id": identity("approval policy"), "displayName": "Profiles", "policyType": "deviceConfigurationPolicy"}


def managed_device(found: SimulatedDevice, person: Employee) -> Json:
    """Intune's object of a device; the last three only in beta."""
    return {
        "id": found.managed_id,
        "userId": person.object_id,
        "deviceName": found.name,
        "managedDeviceOwnerType": "company",
        "enrolledDateTime": MADE,
        "lastSyncDateTime": found.seen,
        "operatingSystem": found.os,
        "osVersion": found.version,
        "complianceState": "compliant",
        "managementAgent": found.agent,
        "configurationManagerClientEnabledFeatures": _workloads(found),
        "azureADRegistered": found.in_entra,
        "azureADDeviceId": found.device_id if found.in_entra else NO_DEVICE_ID,
        "deviceEnrollmentType": "windowsAzureADJoin",
        "deviceRegistrationState": "registered",
        "isEncrypted": True,
        "emailAddress": person.user_principal_name,
        "userDisplayName": person.name,
        "userPrincipalName": person.user_principal_name,
        "model": found.model,
        "manufacturer": "Contoso",
        "serialNumber": identity("serial", found.owner, found.name)[:8],
        "skuFamily": found.family or _SKU_FAMILIES.get(found.sku or 0, ""),
        "skuNumber": found.sku or 0,
        "joinType": _JOIN_TYPES[found.trust] if found.in_entra else "unknown",
    }


def _workloads(found: SimulatedDevice) -> Json | None:
    """What of a co-managed PC is Intune's; None for all others."""
    if not found.agent.startswith("configurationManagerClientMdm"):
        return None
    switched = {"deviceConfiguration": found.configured_by_intune}
    return dict.fromkeys(("inventory", "modernApps", "resourceAccess", "compliancePolicy"), False) | {
        "windowsUpdateForBusiness": False,
        **switched,
    }


def assignment_filter(filter_id: str, name: str) -> Json:
    """A filter that an assignment can be narrowed by (beta)."""
    return {
        "id": filter_id,
        "displayName": name,
        "description": "",
        "platform": "windows10AndLater",
        "rule": '(device.deviceOwnership -eq "Corporate")',
        "createdDateTime": MADE,
        "lastModifiedDateTime": MADE,
        "roleScopeTags": ["0"],
    }


def other_profile(profile_id: str) -> Json:
    """A profile that has nothing to do with PINs."""
    return {
        "@odata.type": "#microsoft.graph.windows10GeneralConfiguration",
        "id": profile_id,
        "displayName": "Windows baseline",
        "description": None,
        "version": 3,
        "createdDateTime": MADE,
        "lastModifiedDateTime": MADE,
        "passwordRequired": True,
    }


def pin_recovery_profile(profile_id: str, tenant_id: str) -> Json:
    """The custom profile as Microsoft's instructions make it."""
    return {
        "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
        "id": profile_id,
        "displayName": "Use PIN Recovery",
        "description": "Windows Hello for Business PIN reset",
        "version": 1,
        "createdDateTime": MADE,
        "lastModifiedDateTime": MADE,
        "omaSettings": [
            {
                "@odata.type": "#microsoft.graph.omaSettingBoolean",
                "displayName": "PIN Reset Settings",
                "description": "Enable PIN recovery",
                "omaUri": f"./Device/Vendor/MSFT/PassportForWork/{tenant_id}/Policies/EnablePinRecovery",
                "value": True,
            }
        ],
    }


def assignment(profile_id: str, group_id: str, *, excluded: bool = False, policy_set: str = "") -> Json:
    """An assignment to a group, as beta shows it; `policy_set`: the id of the set that it comes from."""
    kind = "exclusionGroupAssignmentTarget" if excluded else "groupAssignmentTarget"
    return {
        "id": f"{profile_id}_{group_id}",
        "source": "policySets" if policy_set else "direct",
        "sourceId": policy_set or profile_id,
        "intent": "apply",
        "target": {
            "@odata.type": f"#microsoft.graph.{kind}",
            "deviceAndAppManagementAssignmentFilterId": None,
            "deviceAndAppManagementAssignmentFilterType": "none",
            "groupId": group_id,
        },
    }


def everybody(profile_id: str, *, users: bool = False) -> Json:
    """A profile's or policy's assignment to all devices, or to all users."""
    kind = "allLicensedUsersAssignmentTarget" if users else "allDevicesAssignmentTarget"
    row = assignment(profile_id, "")
    target = {name: value for name, value in row["target"].items() if name != "groupId"}
    return row | {"target": target | {"@odata.type": f"#microsoft.graph.{kind}"}}


def catalog_policy(policy_id: str, name: str, setting: str) -> Json:
    """A policy of the settings catalog that sets one thing to true."""
    return {
        "id": policy_id,
        "name": name,
        "description": "",
        "platforms": "windows10",
        "technologies": "mdm",
        "createdDateTime": MADE,
        "lastModifiedDateTime": MADE,
        "settingCount": 1,
        "templateReference": {"templateId": "", "templateFamily": "none", "templateDisplayName": None},
        "settings": [{"id": "0", "settingInstance": choice(f"device_{setting}", "true")}],
    }


def choice(setting: str, value: str) -> Json:
    """A setting of the settings catalog that is chosen from a list."""
    return {
        "@odata.type": "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance",
        "settingDefinitionId": setting,
        "choiceSettingValue": {"value": f"{setting}_{value}", "children": []},
    }
