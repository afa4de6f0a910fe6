"""The two PIN reset apps and the grant of one for the other: the one reading of consent, whoever asks."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.errors import BotError, NotPermitted
from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE, Apps, AppState, Grant

APPS_PATH = f"/v1.0/servicePrincipals?$filter=appId in ('{PIN_SERVICE}','{PIN_CLIENT}')&$select=id,appId,accountEnabled"

Rows = tuple[Mapping[str, Any], ...]
Read = Callable[[str], Awaitable[Rows]]
"""All rows of a collection by its path, as bot.tenant.Writes.read has it."""


async def read_apps(read: Read) -> Apps:
    """Both apps and the grant. Raises what `read` raises for the apps; a grant that can't be read is in the answer."""
    return await with_grant(await read(APPS_PATH), read)


async def with_grant(rows: Rows, read: Read) -> Apps:
    """The same from the rows of the apps."""
    service, client = (app_state(rows, app_id) for app_id in (PIN_SERVICE, PIN_CLIENT))
    return Apps(service, client, await _grant(rows, read))


def app_state(rows: Rows, app_id: str) -> AppState:
    """By app id, never by name: anybody can register an app of that name."""
    matching = [row for row in rows if row.get("appId") == app_id]
    if not matching:
        return AppState.MISSING
    return AppState.DISABLED if matching[0].get("accountEnabled") is False else AppState.ENABLED


async def _grant(rows: Rows, read: Read) -> Grant:
    """Has the client app its tenant-wide grant for the service app?"""
    ids = {row.get("appId"): str(row.get("id")) for row in rows}
    if not {PIN_SERVICE, PIN_CLIENT} <= ids.keys():
        return Grant.NOT_CONFIRMED
    try:
        client = uuid.UUID(ids[PIN_CLIENT])  # only a GUID becomes part of an address
        grants = await read(f"/v1.0/servicePrincipals/{client}/oauth2PermissionGrants")
    except NotPermitted:
        return Grant.NOT_PERMITTED
    except (BotError, ValueError):
        return Grant.UNKNOWN
    given = {row.get("resourceId") for row in grants if row.get("consentType") == "AllPrincipals"}
    return Grant.CONFIRMED if ids[PIN_SERVICE] in given else Grant.NOT_CONFIRMED
