"""The whole simulated tenant as one block: `async with simulate() as world`, on loopback only."""

import asyncio
import secrets
import ssl
import tempfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import aiohttp
import trustme
from aiohttp import web

from bot.simulation import memory, people, state
from bot.simulation.chats import Chats, Json, channel_id
from bot.simulation.connector import ConnectorService
from bot.simulation.crowd import crowd
from bot.simulation.faults import Faults
from bot.simulation.graph.installed import InstalledApps
from bot.simulation.graph.service import GraphService
from bot.simulation.hosting import HEADER, PATH, Front, IdentityEndpoint
from bot.simulation.login import LoginService
from bot.simulation.objects import entra
from bot.simulation.pages import ChatPage
from bot.simulation.people import APP_ID, Company
from bot.simulation.signing import ChannelService, Key
from bot.simulation.state import Scenario, SimulatedTenant
from bot.simulation.teams import TeamsService

HOST = "127.0.0.1"
KEYS = "/v1/.well-known"  # where the documents of the channel's keys lie
CONNECTOR = "/teams"
CLOSE_SECONDS = 0.5
MOST_BYTES = 4 * 1024 * 1024


@dataclass
class World:
    """Everything that a test, a demo or a chat page touches.

    `url`: the chat page, and below it Graph, connector and keys; `public_url`: where the world
    finds the bot; `certify`: its certificate, anew for these names. `gallery`: cards by name, for the page to show.
    """

    company: Company
    tenant: SimulatedTenant
    faults: Faults
    login: LoginService
    channel: ChannelService
    chats: Chats
    teams: TeamsService
    apps: InstalledApps
    gallery: dict[str, Json]
    identity: IdentityEndpoint
    url: str
    public_url: str
    certify: Callable[..., object]
    ca: Path
    close: Callable[[], Awaitable[None]]  # before the block ends, where somebody wants that

    def settings(self) -> dict[str, str]:
        """The environment of a bot that serves this tenant."""
        return {
            "MICROSOFT_APP_ID": self.login.app_id,
            "MICROSOFT_APP_TYPE": "SingleTenant",
            "MICROSOFT_APP_PASSWORD": self.login.secret,
            "MICROSOFT_APP_TENANT_ID": self.tenant.id,
            "PINBOT_ADMIN_GROUP_ID": self.company.groups["admins"].id,
            "PINBOT_APPROVER_GROUP_ID": self.company.groups["approvers"].id,
            "PINBOT_HELP_DESK_GROUP_ID": self.company.groups["helpdesk"].id,
            "PINBOT_AUDIT_KEY": people.identity("audit key"),  # the same at every start, as a demo keeps its data
            "PINBOT_HELP_DESK_CHANNEL": channel_id(),
            "PINBOT_GRAPH_URL": self.url,
            "PINBOT_LOGIN_URL": self.login.url,
            "PINBOT_LOGIN_CA": str(self.ca),
            "PINBOT_OPENID_URL": f"{self.url}{KEYS}/openidconfiguration",
            "PINBOT_CONNECTOR_URL": f"{self.url}{CONNECTOR}",
        }

    def host(self) -> dict[str, str]:
        """The environment that a host of Azure makes for an app with a managed identity."""
        return {"IDENTITY_ENDPOINT": f"{self.url}{PATH}", "IDENTITY_HEADER": HEADER}


@asynccontextmanager
async def simulate(
    scenario: Scenario = "rollout",
    *,
    company: Company | None = None,
    login_port: int = 0,
    port: int = 0,
    file: Path | None = None,
) -> AsyncIterator[World]:
    """Start it; ports that are 0 are chosen. `company` is people.toml's unless another is given.

    What `file` kept comes before the scenario. Raises OSError (port taken), ValueError (file not readable).
    """
    company = company or people.load()
    tenant, chats = _begun(company, scenario, file)
    async with AsyncExitStack() as stack:
        world = await _started(stack, company, tenant, chats, login_port, port)
        await stack.enter_async_context(memory.keeping(file, tenant, chats))
        stack.callback(world.faults.clear)
        yield world


async def _started(
    stack: AsyncExitStack, company: Company, tenant: SimulatedTenant, chats: Chats, login_port: int, port: int
) -> World:
    """Each server on its port, in the order in which they need each other; closed with the stack."""
    faults, key, channel = Faults(), Key(), ChannelService()
    login = LoginService(tenant, APP_ID, secrets.token_urlsafe(24), key)
    tenant.applications[APP_ID] = entra.application(APP_ID, login.secret)
    ca, front = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="simulated-tenant-"))) / "ca.pem", _tls()
    authority = _authority(ca)
    certify = partial(_certify, authority, front)
    certify(HOST, "localhost")
    stack.callback(faults.clear)  # whatever hangs is let go before the servers close
    login.url = await _listen(stack, login.app(faults), login_port, _certify(authority, _tls(), HOST))
    session = await stack.enter_async_context(_session())
    identity = IdentityEndpoint(login, {APP_ID})
    teams = TeamsService(chats, channel, APP_ID, tenant.id, "", session)
    apps = InstalledApps(chats, teams.install)
    services, gallery = _services(tenant, key, channel, apps, faults), dict[str, Json]()
    identity.add_to(services, faults)
    public_url = await _listen(stack, Front(session, lambda: teams.bot_url).app(faults), 0, front)
    ChatPage(tenant, faults, teams, gallery).add_to(services)
    url = await _listen(stack, services, port)
    teams.service_url = f"{url}{CONNECTOR}/"
    return World(
        company,
        tenant,
        faults,
        login,
        channel,
        chats,
        teams,
        apps,
        gallery,
        identity,
        url,
        public_url,
        certify,
        ca,
        stack.aclose,
    )


def _begun(company: Company, scenario: Scenario, file: Path | None) -> tuple[SimulatedTenant, Chats]:
    """As an earlier start left them, else new; the bot's app is in the catalogue by the id that the bot names it by."""
    tenant, chats = _kept(company, scenario, file)
    if not tenant.catalogue:  # also one that was kept before there was a catalogue
        tenant.catalogue.append(entra.teams_app(str(uuid.uuid5(uuid.UUID(APP_ID), "teams app"))))
    return tenant, chats


def _kept(company: Company, scenario: Scenario, file: Path | None) -> tuple[SimulatedTenant, Chats]:
    chats = Chats(company)
    kept = memory.read(file)
    if kept is None:
        tenant = state.build(company, scenario)
        if scenario == "crowded":
            crowd(tenant, company)
        return tenant, chats
    if kept.tenant.users.keys() != {person.object_id for person in company.people.values()}:
        raise ValueError(f"{file} is of other people than people.toml's; remove it to start anew")
    chats.go_on(kept.past)
    return kept.tenant, chats


def _services(
    tenant: SimulatedTenant, key: Key, channel: ChannelService, apps: InstalledApps, faults: Faults
) -> web.Application:
    app = web.Application(client_max_size=MOST_BYTES)
    GraphService(tenant, apps, key).add_to(app, faults)
    ConnectorService(apps.chats, tenant.id, APP_ID, key).add_to(app, faults, CONNECTOR)

    async def metadata(request: web.Request) -> web.Response:
        return web.json_response(channel.metadata(f"{request.url.origin()}{KEYS}"))

    async def keys(_request: web.Request) -> web.Response:
        return web.json_response(channel.keys())

    app.router.add_get(f"{KEYS}/openidconfiguration", faults.over("keys", metadata, _unwell))
    app.router.add_get(f"{KEYS}/keys", faults.over("keys", keys, _unwell))
    return app


def _unwell(_request: web.Request, status: int) -> web.Response:
    return web.Response(status=status)


def _authority(file: Path) -> trustme.CA:
    """It signs for this machine; what a client needs to trust it is written down."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(file))
    return authority


def _tls() -> ssl.SSLContext:
    return ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)


def _certify(
    authority: trustme.CA, context: ssl.SSLContext, *names: str, ends: datetime | None = None
) -> ssl.SSLContext:
    """From the next connection on it shows a certificate of these names."""
    authority.issue_cert(*names, not_after=ends).configure_cert(context)
    return context


async def _listen(stack: AsyncExitStack, app: web.Application, port: int, tls: ssl.SSLContext | None = None) -> str:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSE_SECONDS)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    stack.push_async_callback(_hang_up, runner)
    await web.TCPSite(runner, HOST, port, ssl_context=tls).start()
    return f"{'https' if tls else 'http'}://{HOST}:{runner.addresses[0][1]}"


async def _hang_up(runner: web.AppRunner) -> None:
    """A polite goodbye over TLS waits for the other end, which may keep its connection for ever."""
    for connection in runner.server.connections if runner.server else ():
        if connection.transport:
            connection.transport.abort()
    await asyncio.sleep(0)


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), trust_env=False)
