"""Carries what the outbox holds to Teams: cards to approvers, news to requesters, and every copy drawn anew.

A notification is forgotten only when it was carried; one that was carried in part is carried again, to those who lack
it. Requests wait for one another no longer than for a moment: those of each are carried beside those of others.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import TypeVar, assert_never

from bot.approvals import card, commands
from bot.approvals.card import Shown
from bot.approvals.notifier.news import NOBODY, READ_ONLY, Actor, news, who_and_why
from bot.approvals.services import ApprovalServices
from bot.chat.people import called, people
from bot.chat.turn import Channel, Place, Sent
from bot.errors import BotError, NotSent, StoreUnavailable, TenantUnreachable, where
from bot.store.conversations import Conversations
from bot.store.outbox import Copy, Notification, Outbox
from bot.store.records import Audience, Event, Request, State
from bot.tenant import Roles
from dialogs.words.replies import Reply

log = logging.getLogger(__name__)

# What Teams or the tenant does not take now is tried for a week, and `approvals` shows it meanwhile; what fails by
# itself, such as a row that can't be read, for about 50 minutes. Then the log tells what was given up.
PASSING = (NotSent, TenantUnreachable, StoreUnavailable)
LONGEST_KEPT = timedelta(days=7)
MOST_TRIES = 18
LONGEST_PAUSE = 300.0  # seconds
AT_ONCE = 8  # requests whose notifications are under way
# These ask for something: too late they would ask for what is done.
ASKING = {Event.REMINDED: State.WAITING, Event.HELD: State.HELD, Event.ATTENTION: State.ATTENTION}
# What was approved, once it is told of further: the news after it says all.
GONE_ON = frozenset({State.DONE, State.CONSENTING, State.HELD, State.ATTENTION, State.VOID})
SOON = timedelta(minutes=1)  # news of one request so close together are one message that changes
FOR_THEM = frozenset({Event.HELD, Event.ATTENTION, Event.CONSENTING, Event.REMINDED, Event.VOID})  # and a toast again
IN_CHANNEL = ""  # in a person's place: the approvers' channel

Item = TypeVar("Item")


class Notifier:
    """`round()` carries what is due now. Only one process of a database runs one."""

    def __init__(
        self,
        outbox: Outbox,
        conversations: Conversations,
        channel: Channel,
        services: ApprovalServices,
        channel_place: Place | None,
        alive: Callable[[], None] = lambda: None,
        *,
        read_only: bool = False,
        chat_of: Callable[[str], Awaitable[Place | None]] | None = None,
    ) -> None:
        """`chat_of`: finds the chat of somebody by object id, as bot.background.installs does; without it only those
        that are known."""
        self._outbox = outbox
        self._conversations = conversations
        self._channel = channel
        self._services = services
        self._channel_place = channel_place  # where approvers are asked, instead of in their own chats
        self._chat_of = chat_of or partial(conversations.personal_of, services.tenant_id)
        self._alive = alive  # told between any two people that are written to
        self._notified: dict[str, set[str]] = {}  # by notification: who has it, while others still lack it
        self._news: dict[tuple[int, str], tuple[Sent, datetime]] = {}  # the newest of each request, by person
        self._read_only: set[str] | None = set() if read_only else None  # who was told so; None: nobody is to be
        self._carrying: dict[int | None, asyncio.Task[None]] = {}  # by request

    async def round(self) -> None:
        """All that are due, oldest first. One that can't be carried does not hold up the others, and neither does one
        that takes long: the next round looks for others beside it."""
        if self._read_only is not None and None not in self._carrying:
            self._carrying[None] = asyncio.create_task(self._tell_read_only(self._read_only))
        now, free = self._services.now(), AT_ONCE - len(self._carrying)
        due = await self._outbox.due(now, besides=self._carrying) if free > 0 else []
        by_request = groupby(sorted(due, key=lambda one: one.request or 0), key=lambda one: one.request)
        oldest = sorted(
            ([*notifications] for _, notifications in by_request), key=lambda notifications: notifications[0].created_at
        )
        for notifications in oldest[:free]:
            self._carrying[notifications[0].request] = asyncio.create_task(self._carry_all(notifications))
        if self._carrying:
            await asyncio.wait(self._carrying.values(), timeout=self._services.deadlines.notifications)
        ended = [request for request, task in self._carrying.items() if task.done()]
        for task in [self._carrying.pop(request) for request in ended]:
            task.result()

    async def close(self) -> None:
        """Drop what is under way: what was not carried is carried after the next start."""
        for task in self._carrying.values():
            task.cancel()
        await asyncio.gather(*self._carrying.values(), return_exceptions=True)

    async def _carry_all(self, notifications: Iterable[Notification]) -> None:
        for notification in notifications:
            self._alive()
            try:
                await self._carry(notification)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this notification's own
                await self._later(notification, error)
            else:
                await self._forget(notification)

    async def _later(self, notification: Notification, error: Exception) -> None:
        log.warning(
            "notification of request %s waits, try %s: %s", notification.request, notification.tries, where(error)
        )
        now = self._services.now()
        too_old = now - notification.created_at >= LONGEST_KEPT
        if too_old if isinstance(error, PASSING) else notification.tries + 1 >= MOST_TRIES:
            log.error("notification given up: %s of request %s", notification.event, notification.request)
            await self._forget(notification)
            return
        pause = timedelta(seconds=min(2.0 ** min(notification.tries, MOST_TRIES), LONGEST_PAUSE))
        await self._outbox.later(notification.key, now + pause, self._told_by(notification))

    async def _forget(self, notification: Notification) -> None:
        await self._outbox.told(notification.key)
        self._notified.pop(notification.key, None)

    async def _carry(self, notification: Notification) -> None:
        if notification.request is None:  # a freeze, or the clock
            actor = who_and_why(notification.event, None, await self._services.approvals.frozen()).who
            people = await (self._all_waiting() if notification.audience is Audience.WAITING else self._all_approvers())
            others = [one for one in people if one != actor or one == IN_CHANNEL]  # who did it has read so in answer
            said = news(notification.event, None, await self._by(notification.event, None))
            await self._tell(others, said, self._told_by(notification))
            return
        request = await self._services.approvals.request(notification.request)
        if request is None or ASKING.get(notification.event, request.state) is not request.state:
            return
        match notification.audience:
            case Audience.CARDS:
                await self._redraw(request)
            case Audience.REQUESTER:
                await self._to([request.requester], notification, request)
            case Audience.APPROVERS:
                await self._to_approvers(notification, request)
            case Audience.WAITING:
                raise AssertionError(notification.key)  # not about one request
            case _ as never:
                assert_never(never)

    async def _to(self, people: Iterable[str], notification: Notification, request: Request) -> None:
        if notification.event is Event.FILED:
            await self._send_copies(request, people)
        elif notification.event is not Event.APPROVED or request.state not in GONE_ON:
            said = news(notification.event, request, await self._by(notification.event, request), self._services.kinds)
            await self._tell(people, said, self._told_by(notification), notification)

    async def _to_approvers(self, notification: Notification, request: Request) -> None:
        in_channel = [IN_CHANNEL] if self._channel_place else []
        if notification.event is Event.FILED:
            await self._ask(in_channel or await self._approvers(request), notification, request)
        else:
            await self._to([*in_channel, *await self._approvers(request)], notification, request)

    async def _ask(self, approvers: list[str], notification: Notification, request: Request) -> None:
        """A card to each. At once, not when all of them have theirs, the requester's card names who was not reached;
        when that is everybody, the requester is told outright."""
        try:
            await self._send_copies(request, approvers)
        finally:
            await self._redraw(request)
        if not (self._channel_place or await self._conversations.reachable(self._services.tenant_id, approvers)):
            await self._tell(
                [request.requester], news(NOBODY, request, kinds=self._services.kinds), self._told_by(notification)
            )

    async def _approvers(self, request: Request) -> list[str]:
        return sorted(await self._services.roles.approvers() - {request.requester})

    async def _send_copies(self, request: Request, people: Iterable[str]) -> None:
        """A copy to each who has none yet and can be written to."""
        have = {copy.object_id for copy in await self._outbox.copies(request.number)}
        drawn = card.base(await self._shown(request))

        async def send_copy(person: str) -> None:
            sent = await self._send(person, drawn)
            if sent and sent.instead:  # final: a second try would be refused as well
                log.warning("card of request %s: refused for its size or shape, said so in words", request.number)
            elif sent:
                await self._outbox.remember(request.number, sent, person)

        await self._each([person for person in people if person not in have], send_copy)

    async def _redraw(self, request: Request) -> None:
        drawn = card.base(await self._shown(request))

        async def redraw(copy: Copy) -> None:
            try:
                await self._channel.update(copy.sent, drawn, await self._language(copy.object_id))
            except NotSent as error:
                if not (error.blocked or error.unfit):
                    raise
                log.warning("card not redrawn: %s", where(error))  # deleted, or the bot was removed there

        await self._each(await self._outbox.copies(request.number), redraw)

    async def _shown(self, request: Request) -> Shown:
        return await commands.drawable(request, self._services, self._services.deadlines.told_name)

    async def _tell_read_only(self, told: set[str]) -> None:
        """The operator started the bot read only: everybody who waits is told, once a start, and tried until then."""
        try:
            await self._tell(await self._all_waiting(), news(READ_ONLY, None), told)
        except BotError as error:
            log.warning("not everybody was told of read only: %s", where(error))
        else:
            self._read_only = None

    async def _all_waiting(self) -> list[str]:
        """Everybody who asked for or may decide something that is open."""
        requesters = await self._services.approvals.requesters()
        return sorted(requesters.union(await self._all_approvers())) if requesters else []

    async def _all_approvers(self) -> list[str]:
        people = await self._services.roles.approvers()
        return sorted(people | {IN_CHANNEL} if self._channel_place else people)

    async def _tell(
        self, people: Iterable[str], said: Reply, told: set[str], about: Notification | None = None
    ) -> None:
        """A message to each who is not among `told`; who was told is put there. `about` a request: in place of the
        one before, if that is fresh and this one asks for nothing."""

        async def tell(person: str) -> None:
            if about is None or not await self._replaced(person, said, about):
                sent = await self._send(person, said)
                if about and about.request and sent:
                    self._news[about.request, person] = sent, self._services.now()
            told.add(person)

        await self._each([person for person in people if person not in told], tell)

    async def _replaced(self, person: str, said: Reply, about: Notification) -> bool:
        """Whether the message before it could be changed. Teams shows no toast for that."""
        now = self._services.now()
        self._news = {key: known for key, known in self._news.items() if now - known[1] <= SOON}
        before = self._news.get((about.request or 0, person))
        if before is None or about.event in FOR_THEM:
            return False
        try:
            await self._channel.update(before[0], said, await self._language(person))
        except NotSent as error:
            log.info("news not changed: %s", where(error))  # then it is a message of its own
            return False
        return True

    def _told_by(self, notification: Notification) -> set[str]:
        return self._notified.setdefault(notification.key, set(notification.told))

    async def _send(self, person: str, said: Reply) -> Sent | None:
        """None: this person has no chat with the bot, or one that refuses for good. A channel it can be added to."""
        place = await self._place_of(person)
        if place is None:
            return None
        try:
            return await self._channel.send(place, said, await self._language(person))
        except NotSent as error:
            if error.unfit:
                log.warning("refused for its size or shape: %s", where(error))
            elif not error.blocked or person == IN_CHANNEL:
                raise
            await self._conversations.lost(person, place)
            return None

    async def _language(self, person: str) -> str:
        """Each in their own; a channel has one."""
        languages = self._services.languages
        return languages.common if person == IN_CHANNEL else await languages.of(self._services.tenant_id, person)

    async def _place_of(self, person: str) -> Place | None:
        if person == IN_CHANNEL:
            return self._channel_place
        return await self._chat_of(person)

    async def _by(self, event: Event, request: Request | None) -> Actor:
        """Who did what is told, by name, and why."""
        by = who_and_why(event, request, await self._services.approvals.frozen())
        known = await people({by.who} - {""}, self._services.people, self._services.deadlines.told_name)
        return replace(by, who=called(by.who, known) if by.who else "")

    async def _each(self, items: Iterable[Item], act: Callable[[Item], Awaitable[None]]) -> None:
        """Every one has its turn, whoever else could not be reached; then the first failure is raised."""
        failed: NotSent | TenantUnreachable | None = None
        for item in items:
            self._alive()
            try:
                await act(item)
            except (NotSent, TenantUnreachable) as error:
                failed = failed or error
        if failed:
            raise failed


async def unreached(
    tenant_id: str, outbox: Outbox, conversations: Conversations, roles: Roles, request: Request, *, in_channel: bool
) -> frozenset[str]:
    """Approvers to whom the bot can't write, and those who have no copy of the card once all were written to; in a
    channel none."""
    if in_channel:
        return frozenset()
    approvers = await roles.approvers() - {request.requester}
    missed = approvers - await conversations.reachable(tenant_id, approvers)
    if await outbox.dealt(request.number):
        missed |= approvers - {copy.object_id for copy in await outbox.copies(request.number)}
    return missed
