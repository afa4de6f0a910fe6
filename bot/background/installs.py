"""People who never installed the bot are given its app when they are to be told something, where the operator granted
that; what came of it is kept, so that nobody is given it twice and nobody who removed it again."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import assert_never

from bot.background.environment import Environment
from bot.background.outside import service_url
from bot.chat.turn import Person, Place, PlaceKind
from bot.errors import NotFound, NotPermitted, TenantRefused, TenantUnreachable
from bot.store.conversations import Conversations
from bot.store.turns.installs import FRESH, Install, Installs, InstallState
from bot.tenant import InstallOutcome, PersonalApps
from bot.tenant.apps.personal import GraphPersonalApps

log = logging.getLogger(__name__)

HEARD_WITHIN = timedelta(minutes=1)  # Teams tells of an install by itself, and then the chat is known
PERSON_PAUSE = 24 * 3600.0  # seconds until somebody whom Teams refused is tried again
ALL_PAUSE = 3600.0  # the same for everybody, where the operator has to do something first
SPACING = 0.8  # seconds from one person to the next, each of whom costs four calls at most
MOST_FAILURES = 4
SOON, SOON_TRIES = 1.0, 5  # how long somebody who waits is kept waiting for a chat to be known

_MISSING = (
    "nobody is given the app: TeamsAppInstallation.ReadWriteSelfForUser.All or AppCatalog.Read.All is not granted"
)
_NOT_UPLOADED = "nobody is given the app: it is not in the organisation's catalogue"
_BLOCKED = "a policy of Teams leaves this person out, or the app's manifest names another bot"
_NO_TEAMS = "this person has no Teams"
_FAILED = f"Teams failed {MOST_FAILURES} times"


class ProactiveInstalls:
    """`chat` and `chat_soon` are ways to find the chat of somebody. One person at a time: approvers are few, and Teams
    takes no hurry."""

    def __init__(
        self,
        tenant_id: str,
        apps: PersonalApps,
        conversations: Conversations,
        installs: Installs,
        service_url: Callable[[], Awaitable[str]],
        bot_id: str,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        allowed: bool = True,
    ) -> None:
        """`service_url`, `bot_id`: as Teams would name them in a chat that Graph tells of. Without `allowed` nobody is
        given anything."""
        self._tenant_id = tenant_id
        self._apps = apps
        self._conversations = conversations
        self._installs = installs
        self._service_url = service_url
        self._bot_id = bot_id
        self._now = now
        self._clock = clock
        self._sleep = sleep
        self._one = asyncio.Lock()
        self._next = float("-inf")
        self._none_until = float("-inf" if allowed else "inf")
        self._not_before: dict[str, float] = {}  # by person, in memory only: a start is a new chance
        self._failures: dict[str, int] = {}
        self._said: set[str] = set()

    async def chat(self, object_id: str) -> Place | None:
        """Their chat with the bot; None where there is none and none is to be had.

        Raises TenantUnreachable where there will be one in a while, StoreUnavailable.
        """
        known = await self._conversations.personal_of(self._tenant_id, object_id)
        if known or not self._may(object_id):
            return known
        async with self._one:
            known = await self._conversations.personal_of(self._tenant_id, object_id)
            return known if known or not self._may(object_id) else await self._looked(object_id)

    async def chat_soon(self, object_id: str) -> Place | None:
        """The same for somebody who waits for it, and not for long."""
        for _ in range(SOON_TRIES):
            with suppress(TenantUnreachable):
                return await self.chat(object_id)
            await self._sleep(SOON)
        return await self.chat(object_id)

    def _may(self, object_id: str) -> bool:
        now = self._clock()
        return now >= self._none_until and now >= self._not_before.get(object_id, now)

    async def _looked(self, object_id: str) -> Place | None:
        """Look before each step: the last one may have been taken just before the bot ended."""
        kept = await self._installs.of(object_id)
        if kept and kept.state is InstallState.REMOVED:
            return None
        if kept and kept.state is InstallState.INSTALLED and self._is_within(HEARD_WITHIN, kept):
            raise TenantUnreachable("installed, and not heard of")
        await self._pace()
        try:
            return await self._given(object_id, kept)
        except NotPermitted:
            self._wait_all(_MISSING)
        except NotFound:
            self._wait(object_id, _NO_TEAMS)
        except TenantRefused as error:
            if self._fails_on(object_id):
                raise TenantUnreachable(str(error)) from None
            self._wait(object_id, _FAILED)
        await self._installs.refused(object_id)
        return None

    async def _given(self, object_id: str, kept: Install | None) -> Place | None:
        if installation := await self._apps.installation(object_id):
            await self._installs.note(object_id, InstallState.INSTALLED)
            return await self._learnt(object_id, installation)
        if kept and kept.state is InstallState.INSTALLED:
            if self._is_within(FRESH, kept):
                raise TenantUnreachable("installed, and not listed")
            await self._installs.removed(object_id)  # while the bot was not there to hear of it
            return None
        await self._installs.note(object_id, InstallState.ASKED)
        await self._install(object_id)
        return None

    async def _install(self, object_id: str) -> None:
        outcome = await self._apps.install(object_id)
        match outcome:
            case InstallOutcome.INSTALLED:
                await self._installs.note(object_id, InstallState.INSTALLED)
                raise TenantUnreachable("installed; Teams tells of the chat in a moment")
            case InstallOutcome.NOT_IN_CATALOGUE:
                self._wait_all(_NOT_UPLOADED)
            case InstallOutcome.BLOCKED:
                self._wait(object_id, _BLOCKED)
            case InstallOutcome.NO_TEAMS:
                self._wait(object_id, _NO_TEAMS)
            case _ as never:
                assert_never(never)
        await self._installs.refused(object_id)

    async def _learnt(self, object_id: str, installation: str) -> Place:
        """Unless Teams has told of it meanwhile, which names it better."""
        try:
            chat = await self._apps.chat(object_id, installation)
        except NotFound:
            raise TenantUnreachable("installed, and without a chat") from None
        known = await self._conversations.personal_of(self._tenant_id, object_id)
        if known:
            return known
        place = Place(PlaceKind.PERSONAL, chat, self._tenant_id, await self._service_url(), self._bot_id)
        await self._conversations.learn(Person(self._tenant_id, object_id, "", ""), place)
        return place

    def _is_within(self, span: timedelta, kept: Install) -> bool:
        return kept.at is not None and self._now() - kept.at < span

    async def _pace(self) -> None:
        now = self._clock()
        if now < self._next:
            await self._sleep(self._next - now)
        self._next = self._clock() + SPACING

    def _fails_on(self, object_id: str) -> bool:
        """Is it worth another try? Teams does not always manage."""
        self._failures[object_id] = self._failures.get(object_id, 0) + 1
        if self._failures[object_id] < MOST_FAILURES:
            return True
        del self._failures[object_id]
        return False

    def _wait(self, object_id: str, why: str) -> None:
        """Who it is stands on the request's card, which names all who can't be reached."""
        log.warning("somebody is not given the app: %s", why)
        self._not_before[object_id] = self._clock() + PERSON_PAUSE

    def _wait_all(self, why: str) -> None:
        self._none_until = self._clock() + ALL_PAUSE
        if why not in self._said:
            self._said.add(why)
            log.warning(why)


def installs(env: Environment, conversations: Conversations) -> ProactiveInstalls:
    """As the settings say: who only reads gives nobody anything either."""
    settings = env.settings

    async def heard_or_standard() -> str:
        return await conversations.heard_from(settings.tenant_id) or service_url(settings)

    return ProactiveInstalls(
        settings.tenant_id,
        GraphPersonalApps(env.outside.graph, settings.catalogue_id),
        conversations,
        Installs(env.engine, env.now),
        heard_or_standard,
        f"28:{settings.app_id}",
        env.now,
        allowed=not settings.read_only,
    )
