"""The composition root: builds every room and hands each its neighbours. The only file that knows them all."""

import asyncio
import errno
import logging
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import aiohttp
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.approvals import upkeep
from bot.approvals.upkeep import Behind, Clock
from bot.background.build import background
from bot.background.environment import Environment
from bot.background.outside import Outside, connector_scope, credential, graph_scope, keys_url, outside
from bot.background.readiness import InReach, Readiness
from bot.background.run import Background
from bot.background.watching import Watching
from bot.changes.groups import GroupSearch
from bot.chat.access import Access
from bot.chat.deadlines import STANDARD, Deadlines
from bot.chat.flood import Limit
from bot.chat.pipeline import Pipeline
from bot.chat.recent import Recent
from bot.chat.router import Router
from bot.chat.turn import PressAnswer, Turn
from bot.check.services import CheckServices
from bot.commands import commands
from bot.config import OVERRIDES, Cloud, Settings, SettingsError
from bot.errors import where
from bot.observed import UNOBSERVED, Observer, observed
from bot.reset_rules.facts import GroupPolicy
from bot.store.database import Unfit, only_worker, open_database, open_to_read
from bot.store.records import OPERATOR
from bot.store.requests import Requests
from bot.store.seal import SealKey
from bot.store.sessions import name_of
from bot.store.turns.heard import HeardMessages
from bot.store.turns.promises import Promises
from bot.teams.botbuilder import Connector, Verifier
from bot.teams.channel import TeamsChannel
from bot.teams.door import Door
from bot.teams.keys import SigningKeys
from bot.teams.listen import listening
from bot.teams.outbound import Outbound, ServiceUrls
from bot.teams.transport import TeamsTransport
from bot.teams.uploads import Uploads
from bot.tenant.devices import GraphDevices
from bot.tenant.graph import GRAPH_URLS, Graph
from bot.tenant.login import Login, sign_in
from cards import actions
from dialogs.understanding import typed
from dialogs.understanding.understand import chosen, prepare, understand
from dialogs.words import faults

log = logging.getLogger(__name__)

# What is wrong and what to do, by the name that the system, SQLite or Python gives it; other names are shown as such.
REMEDIES = {
    "EADDRINUSE": "another program listens there; choose another port",
    "EADDRNOTAVAIL": "this machine has no such address; name one of its own, or 0.0.0.0 for all",
    "EACCES": "this user may not; grant it or name another",
    "ENOENT": "there is no such file or folder; name one that is there",
    "gaierror": "this machine has no such address; name one of its own, or 0.0.0.0 for all",
    "SSLError": "the file is no certificate in PEM format; name another",
    "ValueError": "the file must hold a key and its certificate in PEM format; name such a file",
    "UnicodeDecodeError": "the file must hold a key and its certificate in PEM format; name such a file",
    "SQLITE_BUSY": "another program has locked the database; end that program, then start again",
    "SQLITE_CANTOPEN": "the file can't be opened; name a file in a folder that this user may write to",
    "SQLITE_CORRUPT": "the file is damaged; restore a backup, then check the audit",
    "SQLITE_FULL": "the disk is full; make room",
    "SQLITE_NOTADB": "the file is no SQLite database; name another, or restore a backup",
    "SQLITE_READONLY": "the file can't be written to; let this user write to it and to its folder",
}

LETTERS = 10  # typed into a field that searches, for each turn


@asynccontextmanager
async def running(
    settings: Settings, *, remember: bool = True, deadlines: Deadlines = STANDARD, observer: Observer = UNOBSERVED
) -> AsyncIterator[str]:
    """The bot, listening; yields its address, e.g. http://127.0.0.1:3978. `remember`: see bot.tenant.devices.

    Raises config.SettingsError for what the operator has to mend: a port taken, a file that can't be used.
    """
    prepare()  # words and phrasings are read now: what is wrong with them stops the start, not a turn
    faults.prepare()
    login = _login(settings, deadlines)
    async with AsyncExitStack() as stack:
        stack.callback(login.close)
        asyncio.get_running_loop().set_exception_handler(_tell_where)
        with _blaming("PINBOT_DATABASE_URL"):
            stack.enter_context(only_worker(settings.database_url))
            engine = await open_database(settings.database_url)
        stack.push_async_callback(engine.dispose)
        ways = await _ways_out(settings, login, stack, deadlines, observer)
        beside = background(_environment(settings, engine, ways, deadlines, observer, remember=remember))
        pipeline = _pipeline(beside)
        stack.push_async_callback(pipeline.close)
        keys = SigningKeys(
            keys_url(settings), ways.session, time.monotonic, fetch=deadlines.keys, known=deadlines.known_key
        )
        watching = Watching(observer, beside.store, beside.outbox, _now)
        watching.ages(beside.heartbeats, lambda: keys.age)
        await stack.enter_async_context(beside.run(watching))
        door = _door(beside, keys, observed(pipeline.handle, observer, lambda turn: turn.kind))
        with _blaming("PINBOT_HOST", "PINBOT_PORT"):
            served = listening(door.app(), settings.host, settings.port, deadlines.idle, stop_seconds=deadlines.stop)
            address = await stack.enter_async_context(served)
        try:
            yield address
        finally:
            beside.worker.halt()  # at once, not only when the last turn has ended


def _environment(
    settings: Settings,
    engine: AsyncEngine,
    ways: Outside,
    deadlines: Deadlines,
    observer: Observer = UNOBSERVED,
    *,
    remember: bool,
) -> Environment:
    unseen = settings.group_policy is GroupPolicy.POSSIBLE
    scope = connector_scope(settings)
    connector = Connector(ways.session, lambda: ways.login.token(scope), observer)
    return Environment(
        settings,
        engine,
        ways,
        GraphDevices(ways.graph, settings.tenant_id, time.monotonic, remember=remember, group_policy=unseen),
        TeamsChannel(Outbound(connector, ServiceUrls(settings.connector_url))),
        Uploads(ways.session, settings.connector_url).put,
        _now,
        deadlines,
    )


def _door(beside: Background, keys: SigningKeys, handle: Callable[[Turn], Awaitable[PressAnswer | None]]) -> Door:
    env = beside.env
    settings, deadlines = env.settings, env.deadlines
    verifier = Verifier(settings.app_id, keys, government=settings.cloud is not Cloud.PUBLIC, now=_now)
    readiness = Readiness(beside.silent, InReach(env.outside), beside.oldest_news, keys.age_at_best)
    return Door(
        transport=TeamsTransport(verifier, ServiceUrls(settings.connector_url)),
        handle=handle,
        not_ready=lambda: readiness.missing(deadlines.ready),
        tenant_id=settings.tenant_id,
        body_seconds=deadlines.body,
        search=_search(beside),
    )


def _tell_where(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """asyncio's own report of a lost error shows its text, which may be what people wrote."""
    error = context.get("exception")
    log.error("%s: %s", context["message"], where(error) if error else "no error")


@contextmanager
def _blaming(*names: str) -> Iterator[None]:
    """What fails here is the operator's to mend: said by the names of the settings, never by their values."""
    try:
        yield
    except (OSError, SQLAlchemyError, ValueError) as error:
        raise SettingsError(f"{' and '.join(names)} can't be used: {_why(error)}") from error


def _why(error: Exception) -> str:
    """Never the error's own text: it may hold the value."""
    if isinstance(error, Unfit):
        return str(error)
    name = type(error).__name__
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
        name = errno.errorcode.get(error.errno or 0, name)
    elif isinstance(error, SQLAlchemyError):
        name = name_of(error)
    return REMEDIES.get(name, name)


def _pipeline(beside: Background) -> Pipeline:
    env, services = beside.env, beside.services

    async def is_guest(object_id: str) -> bool:
        return (await env.devices.so_far(object_id)).account.guest

    listed = commands(services)
    absent = typed.intents() - {intent for command in listed for intent in command.intents}
    return Pipeline(
        router=Router(listed, partial(understand, without=absent), actions.read, chosen, Recent(time.monotonic)),
        access=Access(services.help.roles, is_guest, services.help.help_desk),
        gaps=beside.gaps,
        channel=env.channel,
        conversations=beside.conversations,
        heard=HeardMessages(env.engine, env.now),
        promises=Promises(env.engine, env.now),
        erase=beside.erase,
        limit=Limit(env.settings.turns_per_minute, time.monotonic),
        languages=beside.languages,
        clock=time.monotonic,
        deadlines=env.deadlines,
    )


def _search(beside: Background) -> GroupSearch:
    """A limit of its own: each letter is a call, and who looks for a group may still be answered."""
    env, services = beside.env, beside.services
    often = Limit(LETTERS * env.settings.turns_per_minute, time.monotonic)
    return GroupSearch(services.help.roles, services.changes.planning.groups, often.allows, env.deadlines.press)


def _login(settings: Settings, deadlines: Deadlines) -> Login:
    if settings.login_ca:
        with _blaming("PINBOT_LOGIN_CA"):
            ssl.create_default_context(cafile=settings.login_ca)
    with _blaming(settings.credential):
        return sign_in(
            settings.app_id,
            settings.tenant_id,
            credential(settings),
            cloud=settings.cloud,
            login_url=settings.login_url,
            login_ca=settings.login_ca,
            deadlines=deadlines,
        )


async def _ways_out(
    settings: Settings,
    login: Login,
    stack: AsyncExitStack,
    deadlines: Deadlines,
    observer: Observer = UNOBSERVED,
) -> Outside:
    """Closed with the stack. All of them use a proxy that the environment names, as MSAL does by itself; what is
    simulated on this machine is not behind one."""
    simulated = any(getattr(settings, name) for name in OVERRIDES)
    session = await stack.enter_async_context(
        aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=deadlines.outbound),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=not simulated,
        )
    )
    scope, url = graph_scope(settings), settings.graph_url or GRAPH_URLS[settings.cloud]
    graph = Graph(lambda: login.token(scope), url, deadlines=deadlines, trust_env=not simulated, observer=observer)
    stack.push_async_callback(graph.close)
    return outside(settings, login, graph, session)


@asynccontextmanager
async def checking(settings: Settings, deadlines: Deadlines = STANDARD) -> AsyncIterator[CheckServices]:
    """What an operator's check needs, beside a bot that may serve meanwhile: nothing is opened to be written to."""
    prepare()
    login = _login(settings, deadlines)
    async with AsyncExitStack() as stack:
        stack.callback(login.close)
        try:
            engine, started = open_to_read(settings.database_url), True
        except FileNotFoundError:
            engine, started = create_async_engine("sqlite+aiosqlite://"), False  # an empty one, in memory
        stack.push_async_callback(engine.dispose)
        ways = await _ways_out(settings, login, stack, deadlines)
        services = background(_environment(settings, engine, ways, deadlines, remember=False)).services.check
        host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not listened on
        url = f"http://{host}:{settings.port}"
        yield replace(services, silent=lambda: ways.reach.silent_parts(url), started=started)


async def clock_behind(settings: Settings, *, set_right: bool) -> Behind | None:
    """How far the clock of this machine is behind the database; `set_right`: the operator says that it is right.

    Raises FileNotFoundError when there is no database, SettingsError when it can't be used.
    """
    await open_to_read(settings.database_url).dispose()  # a file that is not there must not be made
    with _blaming("PINBOT_DATABASE_URL"):
        engine = await open_database(settings.database_url)
    store, clock = Requests(engine, SealKey(*settings.audit_keys)), Clock(_now, time.monotonic)
    try:
        behind = clock.behind((await store.snapshot(0)).high_water)
        return await upkeep.set_right(store, clock, OPERATOR) if behind and set_right else behind
    finally:
        await engine.dispose()


def _now() -> datetime:
    return datetime.now(UTC)
