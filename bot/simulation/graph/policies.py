"""Intune's policies beside custom profiles, as Graph writes them: settings catalog, old template, old intents.

What switches PIN recovery on or off here is what Intune's own pages make.
"""

from typing import Any, Literal

from bot.simulation.objects import MADE
from bot.simulation.objects.intune import catalog_policy, choice
from bot.simulation.people import identity

TEMPLATE = "#microsoft.graph.windowsIdentityProtectionConfiguration"  # beta only
_NODE = "vendor_msft_passportforwork_{tenantid}"  # literally: Intune puts the tenant's id in on its way to the device
_INTENT = "deviceConfiguration--windowsIdentityProtectionConfiguration"

Json = dict[str, Any]


def recovery_policy(
    policy_id: str, name: str, *, family: str = "none", scope: Literal["device", "user"] = "device", value: bool = True
) -> Json:
    """One that sets Enable Pin Recovery, among other settings; `family`: the template that it was made from."""
    node = f"{scope}_{_NODE}"
    children = [
        choice(f"{node}_policies_usepassportforwork", "true"),
        choice(f"{node}_policies_enablepinrecovery", str(value).lower()),
    ]
    group = {
        "@odata.type": "#microsoft.graph.deviceManagementConfigurationGroupSettingCollectionInstance",
        "settingDefinitionId": node,
        "groupSettingCollectionValue": [{"children": children}],
    }
    reference = {"templateId": "", "templateFamily": family, "templateDisplayName": None}
    own = {"templateReference": reference, "settings": [{"id": "0", "settingInstance": group}]}
    return catalog_policy(policy_id, name, "") | own


def identity_protection(profile_id: str, name: str, *, recovery: bool) -> Json:
    """A profile of the old template; false is what the portal calls Not configured."""
    return {
        "@odata.type": TEMPLATE,
        "id": profile_id,
        "displayName": name,
        "description": None,
        "version": 1,
        "createdDateTime": MADE,
        "lastModifiedDateTime": MADE,
        "pinMinimumLength": 6,
        "pinRecoveryEnabled": recovery,
        "windowsHelloForBusinessBlocked": False,
    }


def intent(intent_id: str, name: str, *, recovery: bool | None = None) -> Json:
    """A policy of Account protection (Preview): every setting of its template is there, null where nothing is set."""
    return {
        "id": intent_id,
        "displayName": name,
        "description": "",
        "isAssigned": False,
        "lastModifiedDateTime": MADE,
        "roleScopeTagIds": ["0"],
        "templateId": identity("template", "account protection"),
        "settings": [
            _setting("Integer", "pinMinimumLength", 6),
            _setting("Boolean", "pinRecoveryEnabled", recovery),
        ],
    }


def crowd(count: int, *, family: str = "none") -> dict[str, Json]:
    """So many policies of the settings catalog that have nothing to do with PINs, by their ids."""
    names = ((identity("catalog", f"policy {number}"), f"Policy {number:03}") for number in range(count))
    made = (
        catalog_policy(policy_id, name, f"vendor_msft_policy_config_update_{name[-3:]}") for policy_id, name in names
    )
    reference = {"templateId": "", "templateFamily": family, "templateDisplayName": None}
    return {policy["id"]: policy | {"templateReference": reference} for policy in made}


def _setting(kind: str, name: str, value: bool | int | None) -> Json:
    return {
        "@odata.type": f"#microsoft.graph.deviceManagement{kind}SettingInstance",
        "id": identity("setting", name),
        "definitionId": f"{_INTENT}_{name}",
        "valueJson": "null" if value is None else str(value).lower(),
        "value": value,
    }
