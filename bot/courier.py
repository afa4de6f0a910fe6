"""Carries what the outbox holds to Teams: cards to approvers, news to requesters, and every copy drawn anew.

A letter is forgotten only when it was carried; one that was carried in part is carried again, to those who lack it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from typing import assert_never

import cards
from bot.commands import _request_card, requests
from bot.commands._command import Changing, Neighbours
from bot.commands._request_card import Shown
from bot.errors import BotError, NotSent, where
from bot.places import Places
from bot.store.outbox import Letter, Outbox
from bot.store.records import Audience, Event, Request
from bot.turn import Channel, Message, Place
from dialogs import texts
from dialogs.replies import Reply, Say, Text

log = logging.getLogger(__name__)

READ_ONLY = "read_only"  # told like an event, but no change of state
ROUND_SECONDS = 1.0
MOST_TRIES = 10  # then a letter is given up: the request itself is not touched by that
NAME_SECONDS = 5.0
LANGUAGE = "en"  # of what is said unasked; the language of each person is not kept


class Courier:
    """`round()` carries what is due now. Only one process of a database runs one."""

    def __init__(
        self, outbox: Outbox, places: Places, channel: Channel, neighbours: Neighbours, channel_place: Place | None
    ) -> None:
        self._outbox = outbox
        self._places = places
        self._channel = channel
        self._neighbours = neighbours
        self._channel_place = channel_place  # where approvers are asked, instead of in their own chats

    async def round(self) -> None:
        """All letters that are due, oldest first."""
        for letter in await self._outbox.due(self._neighbours.now()):
            try:
                await self._carry(letter)
            except (BotError, NotSent) as error:
                await self._later(letter, error)
            else:
                await self._outbox.told(letter.key)

    async def _later(self, letter: Letter, error: Exception) -> None:
        log.warning("letter waits: %s", where(error))
        if letter.tries + 1 >= MOST_TRIES:
            await self._outbox.told(letter.key)
            return
        pause = timedelta(seconds=min(2.0**letter.tries, 300.0))
        await self._outbox.later(letter.key, self._neighbours.now() + pause)

    async def _carry(self, letter: Letter) -> None:
        if letter.audience is Audience.WAITING:
            await self._tell_all_waiting(news(letter.event, None))
            return
        assert letter.request is not None  # only a freeze is about no request
        request = await self._changing.approvals.request(letter.request)
        if request is None:
            return
        match letter.audience:
            case Audience.CARDS:
                await self._redraw(request)
            case Audience.REQUESTER:
                await self._to_requester(letter, request)
            case Audience.APPROVERS:
                await self._to_approvers(letter, request)
            case _ as never:
                assert_never(never)

    async def _to_requester(self, letter: Letter, request: Request) -> None:
        if letter.event is Event.FILED:
            await self._deal(request, [request.requester])
        else:
            await self._say(request.requester, news(letter.event, request))

    async def _to_approvers(self, letter: Letter, request: Request) -> None:
        approvers = await self._approvers(request)
        if letter.event is not Event.FILED:
            for person in approvers:
                await self._say(person, news(letter.event, request))
        elif self._channel_place:
            await self._deal_in_channel(request, self._channel_place)
        else:
            await self._deal(request, approvers)
        if letter.event is Event.FILED:
            await self._redraw(request)  # the requester's card names those who were not reached

    async def _approvers(self, request: Request) -> list[str]:
        return sorted(await self._neighbours.roles.approvers() - {request.requester})

    async def _deal(self, request: Request, people: Iterable[str]) -> None:
        """A copy to each who has none yet and can be written to."""
        copies = {copy.object_id for copy in await self._outbox.copies(request.number)}
        drawn = message(_request_card.base(await self._shown(request)))
        for person in people:
            place = await self._places.personal_of(self._changing.tenant_id, person)
            if person in copies or place is None:
                continue
            try:
                sent = await self._channel.send(place, drawn)
            except NotSent as error:
                if not error.blocked:
                    raise
                continue
            await self._outbox.remember(request.number, sent, person)

    async def _deal_in_channel(self, request: Request, place: Place) -> None:
        if any(not copy.object_id for copy in await self._outbox.copies(request.number)):
            return
        sent = await self._channel.send(place, message(_request_card.base(await self._shown(request))))
        await self._outbox.remember(request.number, sent)

    async def _redraw(self, request: Request) -> None:
        drawn = message(_request_card.base(await self._shown(request)))
        for copy in await self._outbox.copies(request.number):
            try:
                await self._channel.update(copy.sent, drawn)
            except NotSent as error:  # deleted, or the bot was removed there
                log.warning("card not redrawn: %s", where(error))

    async def _shown(self, request: Request) -> Shown:
        return await requests.drawable(request, self._changing, NAME_SECONDS)

    async def tell_read_only(self) -> None:
        """The operator started the bot read only: everybody who waits is told, once a start."""
        await self._tell_all_waiting(news(READ_ONLY, None))

    async def _tell_all_waiting(self, said: Reply) -> None:
        """Everybody who asked for or may decide something that is open."""
        waiting = await self._changing.approvals.waiting()
        people = {request.requester for request in waiting}
        if waiting:
            people |= await self._neighbours.roles.approvers()
        for person in sorted(people):
            await self._say(person, said)

    async def _say(self, person: str, reply: Reply) -> None:
        place = await self._places.personal_of(self._changing.tenant_id, person)
        if place is None:
            return
        try:
            await self._channel.send(place, message(reply))
        except NotSent as error:
            if not error.blocked:
                raise

    @property
    def _changing(self) -> Changing:
        return self._neighbours.changing


async def forever(work: Callable[[], Awaitable[None]]) -> None:
    """A round a second, whatever fails in it."""
    while True:
        try:
            await work()
        except BotError as error:
            log.warning("nothing carried: %s", where(error))
        except Exception as error:  # noqa: BLE001 - one broken letter must not stop the others for good
            log.error("nothing carried: %s", where(error))  # noqa: TRY400
        await asyncio.sleep(ROUND_SECONDS)


def news(event: str, request: Request | None) -> Say:
    """What is told in a message of its own (an Event, or READ_ONLY); without a request: a freeze, or its end."""
    values: Mapping[str, str] = {"number": str(request.number)} if request else {}
    reasons = [decision.reason for decision in request.decisions if decision.reason] if request else []
    said = (Text("news.reason", {"reason": reasons[-1]}),) if event is Event.REJECTED and reasons else ()
    return Say(Text(f"news.{event}.title", values), (Text(f"news.{event}.text", values), *said))


def message(reply: Reply) -> Message:
    """What is said unasked."""
    words = texts.words(LANGUAGE)
    return Message(summary=cards.summary(reply, words), card=cards.render(reply, words))
