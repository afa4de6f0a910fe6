"""Puts together what a check needs: the same for who serves and for an operator who only looks."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import aiohttp
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.chat.cache import Cache
from bot.chat.deadlines import Deadlines
from bot.check.condition import condition
from bot.check.kept import Kept
from bot.check.run import SECONDS, check
from bot.check.services import CheckServices, Expected, Identity
from bot.check.setup import Setup
from bot.check.signing_in import HINT
from bot.config import AppType, Cloud, Settings
from bot.errors import BotError, TenantUnreachable
from bot.teams.botbuilder import CONNECTOR_SCOPE, GOVERNMENT_CONNECTOR_SCOPE, GOVERNMENT_KEYS, PUBLIC_KEYS
from bot.teams.reach import Reach
from bot.tenant.graph import GRAPH_URLS, Graph
from bot.tenant.login import Login, roles

SERVICE_URLS = {
    Cloud.PUBLIC: "https://smba.trafficmanager.net/teams/",
    Cloud.US_GOV: "https://smba.infra.gov.teams.microsoft.us/teams/",
    Cloud.US_GOV_DOD: "https://smba.infra.dod.teams.microsoft.us/teams/",
}
REACH_SECONDS = 30.0  # that an answer to "is it in reach?" is kept: probes come every few seconds


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


def check_services(
    settings: Settings,
    engine: AsyncEngine,
    ways: Outside,
    next_step: Callable[[], Awaitable[str]],
    reachable: Callable[[frozenset[str]], Awaitable[frozenset[str]]],
    silent: Callable[[], Iterable[str]],
    now: Callable[[], datetime],
    deadlines: Deadlines,
) -> CheckServices:
    """Built with the services of the other rooms."""

    async def silent_here() -> list[str]:
        return [*silent()]

    file = Path(make_url(settings.database_url).database or "").absolute()
    return CheckServices(
        identity=_identity(settings),
        wanted=_wanted(settings),
        token=ways.graph_token,
        their_time=ways.login.their_time,
        tenant=Setup(ways.graph),
        teams=ways.reach,
        next_step=next_step,
        reachable=reachable,
        condition=partial(condition, engine, settings.audit_key.get_secret_value().encode(), file),
        silent=silent_here,
        kept=Kept(),
        now=now,
        deadlines=deadlines,
    )


def _identity(settings: Settings) -> Identity:
    managed = settings.app_type is AppType.MANAGED_IDENTITY
    secret = settings.app_password.get_secret_value() if settings.app_password else ""
    return Identity(settings.app_id, managed, settings.app_certificate, secret[:HINT])


def _wanted(settings: Settings) -> Expected:
    counts = [int(pair.partition("=")[2]) for pair in settings.approvals_needed.split(",") if pair]
    return Expected(
        admin_group=settings.admin_group_id,
        approver_group=settings.approver_group_id,
        approvals=max(counts, default=1),
        writes=not settings.read_only,
        creates_apps=settings.create_apps,
        channels={
            "PINBOT_APPROVALS_CHANNEL": settings.approvals_channel,
            "PINBOT_HELP_DESK_CHANNEL": settings.help_desk_channel,
        },
        asks_in_channel=bool(settings.approvals_channel),
        public_url=settings.public_url,
        teams_app_id=settings.catalogue_id,
    )


class _OutOfReach(Exception):
    """Names of what is, so that only the good answer is kept."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


class InReach:
    """Which of those that the bot can't do without are out of reach, by class; asked seldom, however often probed."""

    def __init__(self, ways: Outside, clock: Callable[[], float] = time.monotonic) -> None:
        self._ways = ways
        self._kept = Cache[None](REACH_SECONDS, 1, clock)

    async def missing(self, seconds: float) -> list[str]:
        """`login` alone where no token for Graph is to be had in time; `permissions` for one that holds none."""
        try:
            async with asyncio.timeout(seconds):
                token = await self._ways.graph_token()
        except (OSError, BotError):  # the first is also what is out of time
            return ["login"]
        without = ["permissions"] if roles(token) == frozenset() else []
        try:
            await self._kept.get("", lambda: self._look(seconds))
        except _OutOfReach as out:
            return [*without, *out.names]
        return without

    async def _look(self, seconds: float) -> None:
        looks = {
            "graph": self._graph,
            "connector": self._ways.reach.connector_answers,
            "keys": self._ways.reach.keys_answer,
        }
        answers = await asyncio.gather(*(_in_time(look(), seconds) for look in looks.values()))
        if names := [name for name, answered in zip(looks, answers, strict=True) if not answered]:
            raise _OutOfReach(names)

    async def _graph(self) -> bool:
        """A refusal is an answer."""
        try:
            await Setup(self._ways.graph).organization()
        except TenantUnreachable:
            return False
        except BotError:
            return True
        return True


async def _in_time(look: Awaitable[bool], seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await look
    except TimeoutError:
        return False


PAUSE_FIRST, PAUSE = 300.0, 6 * 3600.0  # before the first check of a bot that has just started, and between two


async def checked_now_and_then(services: CheckServices, sleep: Callable[[float], Awaitable[None]]) -> None:
    """One round: wait a little, since a start has better things to do, then check; what is found is kept."""
    await sleep(PAUSE_FIRST)
    await check(services, SECONDS)
