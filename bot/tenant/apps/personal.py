"""The bot's own Teams app for one person: is it there, put it there, which chat came of it. Why so: GRAPH.md."""

import re

from bot.errors import TenantRefused, TenantUnreachable
from bot.tenant import InstallOutcome, models
from bot.tenant.graph import Graph, guid

_OUTCOMES = {
    201: InstallOutcome.INSTALLED,
    409: InstallOutcome.INSTALLED,  # already
    403: InstallOutcome.BLOCKED,
    404: InstallOutcome.NO_TEAMS,
}
_INSTALLATION = re.compile(r"[\w=+.-]+")  # what may stand in a path


class GraphPersonalApps:
    """Implements bot.tenant.PersonalApps. `app_id`: the one of the manifest, which the catalogue calls externalId."""

    def __init__(self, graph: Graph, app_id: str) -> None:
        self._graph = graph
        self._app_id = guid(app_id)
        self._catalogue_id = ""

    async def installation(self, object_id: str) -> str:
        """The id of the installation, empty where there is none."""
        path = f"/v1.0/users/{guid(object_id)}/teamwork/installedApps?$expand=teamsApp"
        rows = await self._graph.listed(f"{path}&$filter=teamsApp/externalId eq '{self._app_id}'", models.InstalledApp)
        return rows[0].id if rows else ""

    async def chat(self, object_id: str, installation: str) -> str:
        """The conversation of an installation."""
        if not _INSTALLATION.fullmatch(installation):
            raise TenantRefused("an installation of an odd id")
        path = f"/v1.0/users/{guid(object_id)}/teamwork/installedApps/{installation}/chat"
        return (await self._graph.one(path, models.InstalledAppChat)).id

    async def install(self, object_id: str) -> InstallOutcome:
        """One write, sent once: whether it arrived is seen by looking."""
        if self._graph.is_throttled():
            raise TenantUnreachable("throttled")
        if not await self._in_catalogue():
            return InstallOutcome.NOT_IN_CATALOGUE
        app = f"{self._graph.address}/v1.0/appCatalogs/teamsApps/{self._catalogue_id}"
        path = f"/v1.0/users/{guid(object_id)}/teamwork/installedApps"
        status, _ = await self._graph.send_once("POST", path, {"teamsApp@odata.bind": app}, {})
        if status is None or status == 429 or status >= 500:
            raise TenantUnreachable(str(status))
        if status not in _OUTCOMES:
            raise TenantRefused(str(status))  # 400 is Teams' own hiccup
        if status == 404:
            self._catalogue_id = ""  # perhaps the app was uploaded anew, under another id
        return _OUTCOMES[status]

    async def _in_catalogue(self) -> bool:
        """The catalogue's own id of the app is read once."""
        if not self._catalogue_id:
            path = f"/v1.0/appCatalogs/teamsApps?$filter=externalId eq '{self._app_id}'"
            rows = await self._graph.listed(path, models.CatalogueApp)
            self._catalogue_id = rows[0].id if rows else ""
        return self._catalogue_id != ""
