"""One good call for each row of the simulated Graph's table."""

from typing import Any

from bot.simulation import World
from bot.simulation.routes import Route
from tests.simulation.clients import Reply, call

NEEDS_EVENTUAL = ("$count", "{kind}")


def filled(world: World, route: Route) -> str:
    """The path with objects that are there."""
    user = world.company.people["user"]
    places = {
        "/users": user.object_id,
        "/devices": user.devices[0].object_id,
        "/groups": world.company.groups["pilot"].id,
        "/domains": next(iter(world.tenant.domains)),
        "/servicePrincipals": next(iter(world.tenant.service_principals)),
        "/deviceManagement/managedDevices": user.devices[0].managed_id,
        "/deviceManagement/configurationPolicies": next(iter(world.tenant.catalog)),
        "/deviceManagement/intents": next(iter(world.tenant.intents)),
        "/deviceManagement/deviceConfigurations": next(iter(world.tenant.assignments)),
    }
    found = next((place for start, place in places.items() if route.path.startswith(start)), "")
    app = next(iter(world.tenant.service_principals.values()))
    app_id = world.login.app_id if route.path.startswith("/applications") else app["appId"]
    return route.path.format(id=found, device_id=user.devices[0].device_id, app_id=app_id, kind="device")


def body_of(world: World, route: Route) -> Any:
    """What is posted."""
    return {"groupIds": [world.company.groups["pilot"].id]} if route.path.endswith("checkMemberGroups") else None


def headers_of(route: Route) -> dict[str, str]:
    """What the path wants beside the bearer."""
    return {"ConsistencyLevel": "eventual"} if route.path.endswith(NEEDS_EVENTUAL) else {}


async def good(world: World, route: Route) -> Reply:
    """The call, with the permissions that the tenant grants at this moment."""
    path = f"/{route.versions[-1]}{filled(world, route)}"
    return await call(world, path, method=route.method, body=body_of(world, route), headers=headers_of(route))
