"""The ways out of this machine: to the login service, Graph and Teams, as the settings say."""

import ssl
from dataclasses import dataclass

import aiohttp

from bot.config import Cloud, Settings
from bot.teams.botbuilder import CONNECTOR_SCOPE, GOVERNMENT_CONNECTOR_SCOPE, GOVERNMENT_KEYS, PUBLIC_KEYS
from bot.teams.reach import Reach
from bot.tenant.credentials import Credential
from bot.tenant.graph import GRAPH_URLS, Graph
from bot.tenant.login import Login

SERVICE_URLS = {
    Cloud.PUBLIC: "https://smba.trafficmanager.net/teams/",
    Cloud.US_GOV: "https://smba.infra.gov.teams.microsoft.us/teams/",
    Cloud.US_GOV_DOD: "https://smba.infra.dod.teams.microsoft.us/teams/",
}


@dataclass(frozen=True, slots=True)
class Outside:
    """The ways out of this machine. `graph_scope`: of the token for Graph."""

    login: Login
    graph: Graph
    graph_scope: str
    session: aiohttp.ClientSession
    reach: Reach

    async def graph_token(self) -> str:
        """Raises errors.TenantUnreachable."""
        return await self.login.token(self.graph_scope)


def outside(settings: Settings, login: Login, graph: Graph, session: aiohttp.ClientSession) -> Outside:
    """As the settings say."""
    tls = ssl.create_default_context(cafile=settings.login_ca) if settings.login_ca else None
    reach = Reach(
        session, lambda: login.token(connector_scope(settings)), service_url(settings), keys_url(settings), tls
    )
    return Outside(login, graph, graph_scope(settings), session, reach)


def credential(settings: Settings) -> Credential:
    """What the bot signs in with."""
    secret = settings.app_password.get_secret_value() if settings.app_password else ""
    return Credential(secret, settings.app_certificate, settings.app_password_file, settings.federated)


def graph_scope(settings: Settings) -> str:
    """Of its cloud, also for a simulated Graph."""
    return f"{GRAPH_URLS[settings.cloud]}/.default"


def connector_scope(settings: Settings) -> str:
    """Of a token for Teams' connector."""
    return CONNECTOR_SCOPE if settings.cloud is Cloud.PUBLIC else GOVERNMENT_CONNECTOR_SCOPE


def service_url(settings: Settings) -> str:
    """Where the bot speaks unasked before Teams has told it a better address."""
    return settings.connector_url or SERVICE_URLS[settings.cloud]


def keys_url(settings: Settings) -> str:
    """Metadata of the keys that sign Teams' calls."""
    return settings.openid_url or (PUBLIC_KEYS if settings.cloud is Cloud.PUBLIC else GOVERNMENT_KEYS)
