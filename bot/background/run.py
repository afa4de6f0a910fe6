"""What runs beside the chat: worker, notifier, help desk, upkeep, and now and then a check."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.approvals.chain import WholeChain
from bot.approvals.notifier import Notifier
from bot.approvals.policy import Rules
from bot.approvals.upkeep import Clock, sweep
from bot.approvals.worker import Worker
from bot.background.checks import checking_work
from bot.background.database import check_file
from bot.background.environment import Environment
from bot.background.outside import service_url
from bot.background.supervision import SILENT_SECONDS, Heartbeat, Work, beside, silent, woken
from bot.background.watching import Watching
from bot.chat.afterwards import Apologies
from bot.chat.people import Languages
from bot.chat.turn import Person, Place, PlaceKind
from bot.commands import Services
from bot.config import Settings
from bot.errors import BotError
from bot.helpdesk.delivery import Delivery
from bot.observed import UNOBSERVED
from bot.pin_reset.awaited import ReadyNews
from bot.store.conversations import Conversations
from bot.store.database import check_writing
from bot.store.erasure import erase
from bot.store.gaps import Gaps
from bot.store.outbox import Outbox
from bot.store.requests import Requests
from bot.store.seal import SealKey
from bot.store.turns.awaited import Awaited
from bot.store.turns.promises import Promises

WORK_SECONDS = 5.0  # between two rounds of who looks at requests, unless called
CHAT_SECONDS = 1.0  # between two rounds of who writes to people
CHECK_SECONDS = 2.0  # between two checks of the database
WATCH_SECONDS = 15.0  # between two counts of what waits, for who looks on


@dataclass(frozen=True, slots=True)
class Background:
    """Built once with the services that it shares with the commands; `run` works until it is left."""

    env: Environment
    store: Requests
    outbox: Outbox
    conversations: Conversations
    gaps: Gaps
    chat_of: Callable[[str], Awaitable[Place | None]]  # by object id; who has none is given the app
    services: Services
    worker: Worker
    clock: Clock
    wake: asyncio.Event
    heartbeats: Mapping[str, Heartbeat]
    rules: Rules
    languages: Languages

    def silent(self) -> list[str]:
        """Who of those beside the chat has not moved on for too long; `database` when nothing could be written."""
        return silent(self.heartbeats)

    async def oldest_news(self) -> float:
        """Seconds since the oldest of what nobody has taken yet; 0 without any. Raises StoreUnavailable."""
        _, oldest = await self.outbox.size()
        return (self.env.now() - oldest).total_seconds() if oldest else 0.0

    async def erase(self, person: Person) -> None:
        """A person removed the bot: their chat, their copies of cards and what they wrote, in one transaction. The
        audit keeps ids."""
        async with self.conversations.forgetting(person) as session:
            await erase(session, person.object_id, self.env.now())

    def _notifier(self) -> Notifier:
        settings = self.env.settings
        return Notifier(
            self.outbox,
            self.conversations,
            self.env.channel,
            self.services.changes.requests,
            _channel(settings.approvals_channel, settings),
            self.heartbeats["notifier"].alive,
            read_only=settings.read_only,
            chat_of=self.chat_of,
        )

    def _ready_news(self) -> ReadyNews:
        env, chats, alive = self.env, self.conversations, self.heartbeats["awaited"].alive
        awaited = Awaited(env.engine, env.now)
        return ReadyNews(awaited, env.devices, chats, env.channel, env.settings.tenant_id, env.now, alive)

    @asynccontextmanager
    async def run(self, watching: Watching) -> AsyncIterator[None]:
        """All who work beside the chat; in the end a write that has begun still has the deadline `stop`. Raises
        SettingsError for a damaged file, one of another tenant, or one that another key sealed."""
        env, beat, services = self.env, self.heartbeats, self.services
        key = SealKey(*env.settings.audit_keys)
        await check_file(env.engine, key, env.settings.tenant_id)
        help_desk = _channel(env.settings.help_desk_channel, env.settings)
        requests, notifier = services.changes.requests, self._notifier()
        delivery = Delivery(self.gaps, env.channel, services.helpdesk, help_desk, beat["delivery"].alive)

        async def upkeep() -> None:
            await sweep(self.store, self.rules, self.clock)
            await requests.approvals.audit_counted()

        promises, redraw = Promises(env.engine, env.now), lambda number: self.outbox.redraw(number, env.now())
        apologies = Apologies(promises, env.channel, self.conversations.personal_of, redraw)
        with suppress(BotError):  # a notice, and no reason not to start
            await apologies.load()
        works = (
            Work(beat["worker"], self.worker.start, partial(woken, self.wake, WORK_SECONDS)),
            Work(beat["upkeep"], upkeep, partial(asyncio.sleep, WORK_SECONDS)),
            Work(beat["notifier"], notifier.round, partial(asyncio.sleep, CHAT_SECONDS)),
            Work(beat["delivery"], delivery.round, partial(asyncio.sleep, CHAT_SECONDS)),
            Work(beat["awaited"], self._ready_news().round, partial(asyncio.sleep, WORK_SECONDS)),
            Work(beat["apologies"], apologies.round, partial(asyncio.sleep, WORK_SECONDS)),
            Work(beat["database"], partial(check_writing, env.engine), partial(asyncio.sleep, CHECK_SECONDS)),
            _once_whole(env.engine, key, self.store),
            checking_work(services.check),
            *_watching_work(watching),
        )
        try:
            async with beside(works):
                yield
        finally:
            await self.worker.stop(env.deadlines.stop)
            await notifier.close()
            with suppress(BotError):  # a store that is away now is no reason not to stop
                await self.gaps.flush()


def _once_whole(engine: AsyncEngine, key: SealKey, store: Requests) -> Work:
    """A check as long as the audit; the bot is no less ready while it is under way."""
    heartbeat = Heartbeat("audit", SILENT_SECONDS, time.monotonic)
    return Work(heartbeat, WholeChain(engine, key, store).round, partial(asyncio.sleep, WORK_SECONDS))


def _watching_work(watching: Watching) -> tuple[Work, ...]:
    """Only where somebody looks on; its heartbeat is nobody's."""
    if watching.observer is UNOBSERVED:
        return ()
    heartbeat = Heartbeat("watching", SILENT_SECONDS, time.monotonic)
    return (Work(heartbeat, watching.round, partial(asyncio.sleep, WATCH_SECONDS)),)


def _channel(channel_id: str, settings: Settings) -> Place | None:
    """The channel that the operator named; the bot must have been added to its team."""
    if not channel_id:
        return None
    return Place(PlaceKind.CHANNEL, channel_id, settings.tenant_id, service_url(settings), f"28:{settings.app_id}")
