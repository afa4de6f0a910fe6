"""The way out to Teams: allowed hosts only, patient where Teams asks for patience, never twice where it does not."""

import asyncio
import contextlib
import logging
import random
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol, TypeVar

from bot.chat.turn import Person, Place, PlaceKind, Sent
from bot.errors import NotSent, short_code
from bot.teams import wire
from bot.teams.drawing import Message

log = logging.getLogger(__name__)

# Microsoft's list (Agents SDK, TeamsServiceEndpoints): the bearer token goes to these hosts and to no other.
TEAMS_HOSTS = frozenset(
    {
        "smba.trafficmanager.net",
        "smba.infra.gcc.teams.microsoft.com",
        "smba.infra.gov.teams.microsoft.us",
        "smba.infra.dod.teams.microsoft.us",
    }
)
# No user, other port, query, blank or escape: nothing that two readers of an address could read differently.
_PLAIN_URL = re.compile(r"https://([a-z.]+)(?::443)?(?:/[\w./-]*)?", re.IGNORECASE | re.ASCII)
RETRIED = frozenset({412, 429, 502, 503, 504})  # Microsoft's list for bots; anything else is final
TRIES = 4
BUDGET_SECONDS = 20.0  # of waiting, over all tries of one call
UNFIT = frozenset({400, 413})  # refused for its shape or its size
# Teams' list of codes with "Retry: no" that are about this one conversation, or the address it is called by.
BLOCKED_CODES = frozenset(
    {
        "MessageWritesBlocked", "ConversationBlockedByUser", "ForbiddenOperationException", "BotDisabledByAdmin",
        "InvalidBotApiHost",
    }
)  # fmt: skip
GONE_CODES = frozenset({"ActivityNotFoundInConversation", "ConversationNotFound"})

Answer = TypeVar("Answer")


class Failed(Exception):
    """One call that Teams did not take. `status` 0: no answer came."""

    def __init__(self, status: int, retry_after: str | None, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.retry_after = retry_after
        self.code = code


class Carrier(Protocol):
    """What carries the JSON; raises Failed."""

    async def send(self, service_url: str, conversation_id: str, reply_to: str, activity: dict[str, Any]) -> str: ...

    async def update(
        self, service_url: str, conversation_id: str, activity_id: str, activity: dict[str, Any]
    ) -> None: ...

    async def create(self, service_url: str, bot_id: str, chat_id: str, tenant_id: str) -> str: ...


class ServiceUrls:
    """Which service URLs may be called: Teams' hosts over https, and the simulated connector where one is set."""

    def __init__(self, extra: str | None = None) -> None:
        self._extra = extra

    def allows(self, url: str) -> bool:
        """True for an address that the bot's token may be sent to."""
        if self._extra and (url == self._extra or url.startswith(f"{self._extra}/")):
            return True
        plain = _PLAIN_URL.fullmatch(url)
        return plain is not None and plain[1].lower() in TEAMS_HOSTS


class Outbound:
    """Messages as they are drawn; see bot.teams.channel."""

    def __init__(
        self,
        connector: Carrier,
        urls: ServiceUrls,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._connector = connector
        self._urls = urls
        self._sleep = sleep

    async def send(self, place: Place, message: Message, *, reply_to: str = "") -> Sent:
        """A new message; in a channel as a reply in the thread."""

        async def send(said: Message) -> str:
            activity = wire.write(said, place)
            return await self._patiently(
                place.service_url,
                lambda: self._connector.send(place.service_url, place.conversation_id, reply_to, activity),
            )

        try:
            return Sent(place, await send(message))
        except NotSent as error:
            return Sent(place, await send(_instead(message, error)), instead=True)

    async def update(self, sent: Sent, message: Message) -> None:
        """A new card in the old one's place."""
        place = sent.place

        async def update(said: Message) -> None:
            activity = wire.write(said, place)
            await self._patiently(
                place.service_url,
                lambda: self._connector.update(place.service_url, place.conversation_id, sent.activity_id, activity),
            )

        try:
            await update(message)
        except NotSent as error:
            await update(_instead(message, error))

    async def open_personal(self, person: Person, near: Place) -> Place:
        """The personal chat with somebody met elsewhere; Teams refuses it for who never installed the bot."""
        conversation_id = await self._patiently(
            near.service_url,
            lambda: self._connector.create(near.service_url, near.bot_id, person.chat_id, near.tenant_id),
        )
        return Place(PlaceKind.PERSONAL, conversation_id, near.tenant_id, near.service_url, near.bot_id)

    async def _patiently(self, service_url: str, call: Callable[[], Awaitable[Answer]]) -> Answer:
        if not self._urls.allows(service_url):
            raise NotSent("service URL is not on the allow-list")
        left = BUDGET_SECONDS
        for attempt in range(TRIES):
            try:
                return await call()
            except Failed as failure:
                pause = _pause(failure, attempt)
                if failure.status not in RETRIED or attempt == TRIES - 1 or pause > left:
                    log.warning("teams refused: %s %s", failure.status, short_code(failure.code))
                    unfit, after = failure.status in UNFIT, pause if failure.status in RETRIED else None
                    blocked = _is_blocked(failure)
                    raise NotSent(str(failure.status), blocked=blocked, unfit=unfit, after=after) from None
                left -= pause
                await self._sleep(pause)
        raise AssertionError("the last try returns or raises")


def _instead(message: Message, error: NotSent) -> Message:
    """The plain words that stand for what was refused for its size or shape; every other refusal is raised again."""
    if not (error.unfit and message.instead):
        raise error
    log.warning("plain words go out in place of what teams refused")
    return Message(message.summary, text=message.instead)


def _pause(failure: Failed, attempt: int) -> float:
    """Seconds to wait: what Teams asks for, as a number or as a date, else 1, 2, 4 with some chance in it."""
    retry_after = failure.retry_after or ""
    if retry_after.isdecimal():
        return float(retry_after)
    with contextlib.suppress(ValueError, OverflowError):
        date = parsedate_to_datetime(retry_after).replace(tzinfo=UTC)  # in HTTP always GMT
        return max(0.0, (date - datetime.now(UTC)).total_seconds())  # noqa: TID251 - another clock's date
    return float(2**attempt) * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, protects nothing


def _is_blocked(failure: Failed) -> bool:
    if failure.status == 404:
        return failure.code in GONE_CODES
    return failure.status == 403 and (failure.code in BLOCKED_CODES or failure.code.startswith("BotNotIn"))
