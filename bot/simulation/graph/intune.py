"""Routes of Intune: managed devices, profiles and their assignments."""

from collections.abc import Callable, Mapping
from functools import partial

from bot.simulation.graph.odata import filter_tests
from bot.simulation.graph.policies import TEMPLATE
from bot.simulation.graph.refusals import Area, GraphRefusal, bad_request
from bot.simulation.objects import intune
from bot.simulation.routes import (
    APPROVAL_POLICY,
    ASSIGNMENT,
    BETA_MANAGED_DEVICE,
    FILTER,
    INTENT,
    INTENT_SETTING,
    INTUNE_COLLECTION,
    MANAGED_DEVICE,
    POLICY,
    PROFILE,
    SETTING,
    TEXTS,
    Answer,
    Json,
    Received,
    Route,
    one,
)

FILTERED = {"operatingSystem", "deviceName", "azureADDeviceId"}  # the filters that Intune heeds
FILTER_IDS = ("deviceAndAppManagementAssignmentFilterId", "deviceAndAppManagementAssignmentFilterType")


def _devices_of_user(call: Received) -> Answer:
    user = one(call.tenant.users, call.path["id"])
    everybody = call.tenant.managed_devices.values()
    return [device for device in everybody if call.tenant.ignore_owner or device["userId"] == user["id"]]


def _managed_devices(call: Received) -> Answer:
    """A filter that Intune does not like is ignored: everybody's devices come back, as in a real tenant."""
    text = call.options.get("filter")
    rows = list(call.tenant.managed_devices.values())
    try:
        tests = filter_tests(text) if text.split(" ")[0] in FILTERED and not call.tenant.ignore_filters else []
    except GraphRefusal:
        tests = []
    return [row for row in rows if all(test(row) for test in tests)]


def _managed_device(call: Received) -> Answer:
    return one(call.tenant.managed_devices, call.path["id"], Area.INTUNE)


def _profiles(call: Received) -> Answer:
    """The old template is a type of beta only."""
    rows = list(call.tenant.seen("profiles").values())
    if call.version == "beta":
        return rows
    if TEMPLATE[1:] in call.options.get("filter"):
        raise bad_request(f"The type '{TEMPLATE[1:]}' is not defined in the model.")
    return [row for row in rows if row["@odata.type"] != TEMPLATE]


def _profile(call: Received) -> Answer:
    return one(call.tenant.profiles, call.path["id"], Area.INTUNE)


def _assignments(call: Received) -> Answer:
    profile = one(call.tenant.profiles, call.path["id"], Area.INTUNE)
    assignments = call.tenant.seen("assignments").get(profile["id"], [])
    return assignments if call.version == "beta" else [_without_filters(assignment) for assignment in assignments]


def _without_filters(assignment: Json) -> Json:
    """v1.0 hides assignment filters."""
    target = {name: value for name, value in assignment["target"].items() if name not in FILTER_IDS}
    return {"id": assignment["id"], "target": target}


def _policies(call: Received, kept: Mapping[str, Json]) -> Answer:
    return [call.tenant.listed(policy) for policy in kept.values()]


def _settings(call: Received, kept: Mapping[str, Json]) -> Answer:
    settings: list[Json] = one(kept, call.path["id"], Area.INTUNE)["settings"]
    return settings


def _policy_assignments(call: Received, kept: Mapping[str, Json]) -> Answer:
    return call.tenant.assignments.get(one(kept, call.path["id"], Area.INTUNE)["id"], [])


def _catalog(answer: Callable[[Received, Mapping[str, Json]], Answer]) -> Callable[[Received], Answer]:
    return lambda call: answer(call, call.tenant.catalog)


def _intents(answer: Callable[[Received, Mapping[str, Json]], Answer]) -> Callable[[Received], Answer]:
    return lambda call: answer(call, call.tenant.intents)


def _filters(call: Received) -> Answer:
    return list(call.tenant.filters.values())


def _approval_policies(call: Received) -> Answer:
    return [intune.approval_policy()] if call.tenant.multi_admin else []


_CONFIGURATION = "DeviceManagementConfiguration.Read.All DeviceManagementConfiguration.ReadWrite.All"
_OF_USER = "DeviceManagementManagedDevices.Read.All DeviceManagementManagedDevices.ReadWrite.All"
_DEVICES = f"{_OF_USER} {_CONFIGURATION}"
_ROOT = "/deviceManagement"

_get = partial(Route, "GET", area=Area.INTUNE)

ROUTES = (
    _get("/users/{id}/managedDevices", _OF_USER, MANAGED_DEVICE, _devices_of_user, "select top skiptoken"),
    _get(f"{_ROOT}/managedDevices", _DEVICES, MANAGED_DEVICE, _managed_devices, INTUNE_COLLECTION, filtered=False),
    _get(f"{_ROOT}/managedDevices/{{id}}", _DEVICES, MANAGED_DEVICE, _managed_device, versions=("v1.0",)),
    _get(f"{_ROOT}/managedDevices/{{id}}", _DEVICES, BETA_MANAGED_DEVICE, _managed_device, versions=("beta",)),
    _get(f"{_ROOT}/deviceConfigurations", _CONFIGURATION, PROFILE, _profiles, f"{INTUNE_COLLECTION} expand"),
    *(
        _get(f"{_ROOT}/{path}", _CONFIGURATION, shape, answer, options, versions=("beta",))
        for path, shape, answer, options in (
            ("configurationPolicies", POLICY, _catalog(_policies), "select top skiptoken"),
            ("configurationPolicies/{id}/settings", SETTING, _catalog(_settings), "top skiptoken"),
            ("configurationPolicies/{id}/assignments", ASSIGNMENT, _catalog(_policy_assignments), "top skiptoken"),
            ("assignmentFilters", FILTER, _filters, "select top skiptoken"),
            ("operationApprovalPolicies", APPROVAL_POLICY, _approval_policies, "top skiptoken"),
            ("intents", INTENT, _intents(_policies), "select top skiptoken"),
            ("intents/{id}/settings", INTENT_SETTING, _intents(_settings), "top skiptoken"),
            ("intents/{id}/assignments", ASSIGNMENT, _intents(_policy_assignments), "top skiptoken"),
        )
    ),
    _get(f"{_ROOT}/deviceConfigurations/{{id}}", _CONFIGURATION, PROFILE, _profile),
    _get(f"{_ROOT}/deviceConfigurations/{{id}}/assignments", _CONFIGURATION, ASSIGNMENT, _assignments, "top skiptoken"),
)


def _nested(_call: Received) -> Answer:
    raise bad_request("Nested batch is not supported.")


# What is in it needs its own permissions; the service takes it apart.
BATCH = Route("POST", "/$batch", _CONFIGURATION, TEXTS, _nested, versions=("beta",))
