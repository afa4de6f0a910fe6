"""What a check is given, the same for who serves and for an operator who only looks; and a check now and then."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.background.environment import Environment
from bot.background.outside import credential
from bot.background.supervision import Heartbeat, Work
from bot.changes.rollout_status import Missing
from bot.check.condition import condition
from bot.check.kept import Kept
from bot.check.run import SECONDS, check
from bot.check.services import CheckServices, Expected, Identity
from bot.check.setup import Setup
from bot.config import Settings
from bot.store.conversations import Conversations
from bot.store.seal import SealKey

PAUSE_FIRST, PAUSE = 300.0, 6 * 3600.0  # before the first check of a bot that has just started, and between two


def check_services(
    env: Environment,
    next_step: Callable[[], Awaitable[Missing]],
    conversations: Conversations,
    silent: Callable[[], Iterable[str]],
) -> CheckServices:
    """Built with the services of the other rooms."""

    async def silent_here() -> list[str]:
        return [*silent()]

    settings, outside = env.settings, env.outside
    file = Path(make_url(settings.database_url).database or "").absolute()
    return CheckServices(
        identity=Identity(settings.app_id, credential(settings)),
        wanted=_wanted(settings),
        token=outside.graph_token,
        their_time=outside.login.their_time,
        tenant=Setup(outside.graph),
        teams=outside.reach,
        next_step=next_step,
        reachable=partial(conversations.reachable, settings.tenant_id),
        heard_from=partial(conversations.heard_from, settings.tenant_id),
        condition=partial(condition, env.engine, SealKey(*settings.audit_keys), file, settings.tenant_id),
        silent=silent_here,
        kept=Kept(),
        now=env.now,
        deadlines=env.deadlines,
    )


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


async def checked_now_and_then(services: CheckServices, sleep: Callable[[float], Awaitable[None]]) -> None:
    """One round: wait a little, since a start has better things to do, then check; what is found is kept."""
    await sleep(PAUSE_FIRST)
    await check(services, SECONDS)


def checking_work(services: CheckServices) -> Work:
    """A check now and then. Nobody waits for it, so that its heartbeat is nobody's."""
    beat = Heartbeat("check", PAUSE, time.monotonic)
    return Work(beat, partial(checked_now_and_then, services, asyncio.sleep), partial(asyncio.sleep, PAUSE))
