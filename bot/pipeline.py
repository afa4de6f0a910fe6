"""One turn from top to bottom: seen before? too many? whose turn? which command? then say it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from bot.afterwards import Afterwards, Given, is_alone, quiet
from bot.cache import Cache
from bot.commands._command import Answer, Asked, Command, For, Neighbours
from bot.commands._words import again, failed_with, no_role, note
from bot.drawing import fitting, message
from bot.errors import BotError, NotSent, where
from bot.flood import Limit
from bot.places import Places
from bot.router import Router, Wanted
from bot.turn import Channel, Message, Person, Place, PlaceKind, Sent, Turn, TurnKind
from dialogs.replies import Reply, Say

log = logging.getLogger(__name__)

ANSWER_SECONDS = 2.0  # Teams' rule for an answer; what the tenant has not told by then comes later
PRESS_SECONDS = 0.7  # a press is answered within a second
# Teams sends a call again when it thinks that the first was lost: it gets the first one's answer.
ANSWERED_SECONDS = 600.0  # Teams gives up long before
PRESSES, MESSAGES = 1_024, 2_048  # kept at most; the answer to a press is a card of about 14 KB


class _Flood(Exception):
    """One person's turn over the limit; only the first one of a minute is told so."""

    def __init__(self, *, first: bool) -> None:
        super().__init__()
        self.first = first


class Pipeline:
    """Handles turns; one instance a process. `handle` fits bot.turn.Handle and raises nothing but cancellation."""

    def __init__(
        self,
        router: Router,
        neighbours: Neighbours,
        channel: Channel,
        places: Places,
        erase: Callable[[Person], Awaitable[None]],
        limit: Limit,
        clock: Callable[[], float],
    ) -> None:
        self._router = router
        self._neighbours = neighbours
        self._channel = channel
        self._places = places
        self._erase = erase
        self._limit = limit
        self._presses = Cache[Message | None](ANSWERED_SECONDS, PRESSES, clock)
        self._messages = Cache[Message | None](ANSWERED_SECONDS, MESSAGES, clock)
        self._afterwards = Afterwards(channel, lambda turn: self._personal_place(turn.person, turn.place))

    async def handle(self, turn: Turn) -> Message | None:
        """The answer to a press, None for everything that was answered by a message of its own."""
        kept = self._presses if turn.kind is TurnKind.BUTTON else self._messages
        try:
            if not turn.activity_id:  # nothing to know a repetition by
                return await self._turn(turn)
            return await kept.get((turn.place.conversation_id, turn.activity_id), lambda: self._turn(turn))
        except _Flood as flood:  # not kept: it must not push out what others were answered
            return await self._guarded(turn, self._too_many) if flood.first else None

    async def close(self) -> None:
        """Drop the late answers that nobody waits for any more."""
        await self._afterwards.close()

    async def _turn(self, turn: Turn) -> Message | None:
        return await self._guarded(turn, self._answer)

    async def _guarded(self, turn: Turn, work: Callable[[Turn], Awaitable[Message | None]]) -> Message | None:
        try:
            return await work(turn)
        except _Flood:
            raise
        except NotSent as error:
            log.warning("not sent: %s", error)
        except Exception as error:  # noqa: BLE001 - the last line of defence: say sorry, log no content
            log.error("turn failed: %s", where(error))  # noqa: TRY400 - a traceback would carry what people wrote
            return await self._apologise(turn, error)
        return None

    async def _apologise(self, turn: Turn, error: Exception) -> Message | None:
        try:
            return await self._deliver(turn, _sorry(error, turn), turn.locale)
        except Exception as again:  # noqa: BLE001 - then there is nothing left to say
            log.error("apology failed: %s", where(again))  # noqa: TRY400 - as above
            return None

    async def _answer(self, turn: Turn) -> Message | None:
        seconds = PRESS_SECONDS if turn.kind is TurnKind.BUTTON else ANSWER_SECONDS
        until = asyncio.get_running_loop().time() + seconds
        if turn.kind is TurnKind.REMOVED:
            await self._erase(turn.person)
            return None
        if turn.kind is TurnKind.INSTALLED and not await self._first_install(turn):
            return None
        if not self._limit.allows(turn.person.object_id):
            raise _Flood(first=self._limit.just_reached(turn.person.object_id) and not turn.automatic)
        wanted = self._router.route(turn)
        asked = Asked(turn, until, wanted.values)
        if refusal := await self._refusal(asked, wanted.command.audience):
            return await self._deliver(turn, refusal, wanted.language)
        if wanted.command.private and turn.place.kind is not PlaceKind.PERSONAL:
            return await self._in_private(asked, wanted)
        answer = await self._run(asked, wanted.command)
        if turn.button and wanted.values.get("intent") == "unknown":  # no button of ours
            answer = replace(answer, passing=True)
        return await self._deliver(turn, answer.reply, wanted.language, answer)

    async def _first_install(self, turn: Turn) -> bool:
        """A team or group gets its welcome each time it adds the bot; a person once, however often Teams says so."""
        return turn.place.kind is not PlaceKind.PERSONAL or await self._places.learn(turn.person, turn.place)

    async def _too_many(self, turn: Turn) -> Message | None:
        return await self._deliver(turn, note("errors.flood"), turn.locale)

    async def _refusal(self, asked: Asked, audience: For) -> Reply | None:
        """Why this person may not. Authority fails closed, help fails open: who can't be looked up in time may ask for
        help like a member and for nothing else. What reaches others looks again itself."""
        person = asked.turn.person.object_id
        try:
            async with asyncio.timeout_at(asked.until):
                match audience:
                    case For.EVERYBODY:
                        return None
                    case For.MEMBERS:
                        guest = (await self._neighbours.devices.belongings(person)).account.guest
                        return note("errors.guest") if guest else None
                    case _:
                        return (
                            None
                            if await self._has_role(person, audience)
                            else no_role(audience, self._neighbours.help_desk)
                        )
        except (BotError, TimeoutError):
            if audience is For.MEMBERS:
                return None
            press = again(asked.turn)
            return note("errors.role_unknown", *((press,) if press else ()))

    async def _has_role(self, person: str, audience: For) -> bool:
        roles = self._neighbours.roles
        if audience is For.ADMINS:
            return await roles.is_admin(person)
        if audience is For.APPROVERS:
            return await roles.is_approver(person)
        return await roles.is_admin(person) or await roles.is_approver(person)

    async def _run(self, asked: Asked, command: Command) -> Answer:
        try:
            return await command.run(asked, self._neighbours)
        except BotError as error:
            return Answer(_sorry(error, asked.turn), passing=True)

    async def _deliver(self, turn: Turn, reply: Reply, language: str, answer: Answer | None = None) -> Message | None:
        if turn.kind is TurnKind.BUTTON:
            return await self._to_press(turn, reply, language, answer)
        if answer and answer.in_place and turn.card_id and is_alone(turn.place):
            await self._channel.update(Sent(turn.place, turn.card_id), message(reply, language))
            return None
        if answer and answer.view and not is_alone(turn.place):
            reply, _ = await answer.view.base()
        sent = await self._channel.send(turn.place, message(reply, language), reply_to=turn.activity_id)
        await self._rest(turn, sent, answer, language)
        return None

    async def _to_press(self, turn: Turn, reply: Reply, language: str, answer: Answer | None) -> Message | None:
        """Who pressed sees the reply at once. A refresh of the client's own asks for no refusal and changes nothing."""
        if turn.automatic:
            return fitting(message(reply, language)) if answer and not answer.passing else None
        said = fitting(message(quiet(reply, turn.place), language))
        if answer and answer.brief:
            return Message(said.summary, text=said.summary)
        if answer and turn.card_id and not answer.passing and said.card:
            await self._rest(turn, Sent(turn.place, turn.card_id), answer, language, pressed=True)
        return said

    async def _rest(
        self, turn: Turn, sent: Sent, answer: Answer | None, language: str, *, pressed: bool = False
    ) -> None:
        """What an answer has beside its reply: somebody to tell where it went, a file, what comes of it later."""
        if answer is None:
            return
        if answer.sent:
            await answer.sent(sent)
        if answer.file:
            offer = message(answer.reply, language)
            await self._channel.send(sent.place, replace(offer, card=None, file=answer.file))
        draw = partial(message, language=language)
        self._afterwards.follow(Given(turn, sent, answer, draw, again(turn), pressed))

    async def _in_private(self, asked: Asked, wanted: Wanted) -> Message | None:
        """Nothing about a person's devices is shown where others read along."""
        turn = asked.turn
        try:
            place = await self._personal_place(turn.person, turn.place)
            answer = await self._run(asked, wanted.command)
            sent = await self._channel.send(place, message(answer.reply, wanted.language))
        except NotSent:
            return await self._deliver(turn, note("errors.private.unreachable"), wanted.language)
        await self._rest(turn, sent, answer, wanted.language)
        return await self._deliver(turn, note("errors.private.sent"), wanted.language)

    async def _personal_place(self, person: Person, near: Place) -> Place:
        return await self._places.personal(person) or await self._channel.open_personal(person, near)


def _sorry(error: Exception, turn: Turn) -> Say:
    return failed_with(error if isinstance(error, BotError) else BotError(), again(turn))
