"""Routes of Teams behind Graph: has somebody the bot's app, giving it to them, and the chat that comes of it."""

import base64

from bot.simulation.graph.refusals import Area, GraphRefusal, bad_request
from bot.simulation.people import Employee
from bot.simulation.routes import CHAT, INSTALLED_APP, Answer, Received, Route, one
from bot.simulation.state import Written

_READS = "TeamsAppInstallation.ReadForUser.All TeamsAppInstallation.ReadWriteForUser.All"
_SELF = "TeamsAppInstallation.ReadWriteSelfForUser.All TeamsAppInstallation.ReadWriteAndConsentSelfForUser.All"
_BIND = "teamsApp@odata.bind"
_FILTER = "teamsApp/externalId eq '"
_APPS = "/users/{id}/teamwork/installedApps"


def _listed(call: Received) -> Answer:
    """Only what the caller may manage: an app that names another in its manifest is not seen."""
    person, wanted = _person(call), call.options.get("filter")
    if wanted and not (wanted.startswith(_FILTER) and wanted.endswith("'")):
        raise bad_request("Invalid filter clause")
    if not call.apps.own or person.key not in call.apps.chats.installed:
        return []
    apps = (app for app in call.tenant.catalogue if not wanted or app["externalId"] == wanted[len(_FILTER) : -1])
    expanded = call.options.get("expand") == "teamsApp"
    return [{"id": _installation(person)} | ({"teamsApp": app} if expanded else {}) for app in apps]


def _add(call: Received) -> Answer:
    person, catalogue_id = _person(call), _wanted(call.body)
    if catalogue_id not in {app["id"] for app in call.tenant.catalogue}:
        raise GraphRefusal(404, "NotFound", "The requested app is not in the catalogue.")
    if not call.apps.own:
        text = f"AAD App Id of the caller is not allowed to manage the Teams App '{catalogue_id}'."
        raise GraphRefusal(403, "Forbidden", text)
    if person.object_id in call.apps.blocked:
        text = f"App is blocked by app permission policy. UserObjectId: {person.object_id}, AppType: Private"
        raise GraphRefusal(403, "Forbidden", text)
    if person.key in call.apps.chats.installed:
        raise GraphRefusal(409, "Conflict", "The app is already installed for the user.")
    call.apps.add(person.key)
    given = Written(call.method, call.where, call.body, call.headers.get("client-request-id", ""))
    call.tenant.written.append(given)
    return None


def _chat(call: Received) -> Answer:
    """By another id than activities name it by."""
    person = _person(call)
    has = call.apps.own and person.key in call.apps.chats.installed
    if not has or call.path["installation"] != _installation(person) or not call.apps.chat_is_there():
        raise GraphRefusal(404, "NotFound", "No chat was found for the app installation.")
    return {"id": call.apps.chats.unique_id(person), "chatType": "oneOnOne"}


def _person(call: Received) -> Employee:
    object_id = one(call.tenant.users, call.path["id"])["id"]
    person = call.apps.chats.person(object_id)
    if person is None or object_id in call.apps.without_teams:
        raise GraphRefusal(404, "NotFound", "No user with the id was found in Teams.")
    return person


def _wanted(body: object) -> str:
    """The catalogue's id of the app. Raises GraphRefusal."""
    bound = body.get(_BIND) if isinstance(body, dict) and set(body) == {_BIND} else None
    base, _, catalogue_id = str(bound or "").rpartition("/")
    if not base.endswith("/v1.0/appCatalogs/teamsApps"):
        raise bad_request("teamsApp@odata.bind is missing or wrong.")
    return catalogue_id


def _installation(person: Employee) -> str:
    return base64.b64encode(f"installation {person.key}".encode()).decode()


ROUTES = (
    Route(
        "GET",
        _APPS,
        f"{_SELF} {_READS}",
        INSTALLED_APP,
        _listed,
        "filter expand top skiptoken",
        Area.TEAMS,
        filtered=False,
    ),
    Route("POST", _APPS, _SELF, INSTALLED_APP, _add, "", Area.TEAMS, success=201),
    Route("GET", f"{_APPS}/{{installation}}/chat", f"{_SELF} {_READS}", CHAT, _chat, "select", Area.TEAMS),
)
