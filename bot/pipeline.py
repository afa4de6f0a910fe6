"""One turn from top to bottom: seen before? too many? whose turn? which command? then say it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from functools import partial

from bot.cache import Cache
from bot.commands._command import Answer, Asked, Command, For, Neighbours
from bot.commands._words import WORKING, failed_with, no_role, note
from bot.deadlines import STANDARD, Deadlines
from bot.errors import BotError, NotSent, TenantUnreachable, where
from bot.flood import Limit
from bot.places import Places
from bot.router import Router, Wanted
from bot.turn import Channel, Message, Person, Place, PlaceKind, Sent, Turn, TurnKind
from bot.typed_secrets import Voice, alone, hidden, is_redrawn, warning
from dialogs.replies import Reply, Say

log = logging.getLogger(__name__)

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
        deadlines: Deadlines = STANDARD,
    ) -> None:
        self._router = router
        self._neighbours = neighbours
        self._channel = channel
        self._places = places
        self._erase = erase
        self._limit = limit
        self._deadlines = deadlines
        self._presses = Cache[Message | None](ANSWERED_SECONDS, PRESSES, clock)
        self._messages = Cache[Message | None](ANSWERED_SECONDS, MESSAGES, clock)
        self._later: set[asyncio.Task[None]] = set()

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
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)

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
            return await self._deliver(turn, _sorry(error), turn.locale)
        except Exception as again:  # noqa: BLE001 - then there is nothing left to say
            log.error("apology failed: %s", where(again))  # noqa: TRY400 - as above
            return None

    async def _answer(self, turn: Turn) -> Message | None:
        seconds = self._deadlines.press if turn.kind is TurnKind.BUTTON else self._deadlines.answer
        until = asyncio.get_running_loop().time() + seconds
        if turn.kind is TurnKind.REMOVED:
            await self._erase(turn.person)
            return None
        if turn.kind is TurnKind.INSTALLED and not await self._first_install(turn):
            return None
        if not self._limit.allows(turn.person.object_id):
            raise _Flood(first=self._limit.just_reached(turn.person.object_id))
        # Guarded once more: whatever fails from here on, the apology too comes under the warning.
        return await self._guarded(await hidden(turn), partial(self._carry_out, until=until))

    async def _carry_out(self, turn: Turn, *, until: float) -> Message | None:
        wanted = self._router.route(turn)
        asked = Asked(turn, until, wanted.values)
        if refusal := await self._refusal(asked, wanted.command.audience):
            return await self._deliver(turn, refusal, wanted.language)
        if wanted.command.private and turn.place.kind is not PlaceKind.PERSONAL:
            return await self._in_private(asked, wanted)
        answer = await self._run(asked, wanted.command)
        return await self._deliver(turn, answer.reply, wanted.language, answer)

    async def _first_install(self, turn: Turn) -> bool:
        """A team or group gets its welcome each time it adds the bot; a person once, however often Teams says so."""
        return turn.place.kind is not PlaceKind.PERSONAL or await self._places.learn(turn.person, turn.place)

    async def _too_many(self, turn: Turn) -> Message | None:
        return await self._deliver(await hidden(turn), note("errors.flood"), turn.locale)

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
            return None if audience is For.MEMBERS else note("errors.role_unknown")

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
            return Answer(_sorry(error))

    async def _deliver(self, turn: Turn, reply: Reply, language: str, answer: Answer | None = None) -> Message | None:
        voice = self._voice(turn, reply, language)
        message = voice.message(reply)
        if turn.kind is TurnKind.BUTTON:
            if turn.card_id:
                await self._rest(Sent(turn.place, turn.card_id), answer, voice)
            brief = answer and answer.brief and not voice.warning
            return Message(message.summary, text=message.summary) if brief else message
        if answer and answer.in_place and turn.card_id:
            await self._channel.update(Sent(turn.place, turn.card_id), message)
            return None
        sent = await self._channel.send(turn.place, message, reply_to=turn.activity_id)
        # The person is warned by now: an apology for what is left does not say it again.
        return await self._guarded(replace(turn, secret=False), lambda _: self._rest(sent, answer, voice))

    def _voice(self, turn: Turn, reply: Reply, language: str) -> Voice:
        """The warning stands on the reply, or in a message of its own where the card would be drawn anew without it."""
        said = warning(turn)
        if said and is_redrawn(reply):
            self._beside(self._warn(turn, Voice(language).message(alone(said))))
            return Voice(language)
        return Voice(language, said)

    async def _warn(self, turn: Turn, said: Message) -> None:
        """What was sent with a card only its writer saw: in a channel the others are not told."""
        try:
            place = await self._personal_place(turn.person, turn.place) if turn.button else turn.place
            await self._channel.send(place, said)
        except Exception as error:  # noqa: BLE001 - nobody waits for this task: asyncio would log the content
            log.warning("not warned: %s", where(error))

    async def _rest(self, sent: Sent, answer: Answer | None, voice: Voice) -> None:
        """What an answer has beside its reply: somebody to tell where it went, a file, a reply that comes later."""
        if answer and answer.sent:
            await answer.sent(sent)
        if answer and answer.file:
            summary = voice.message(answer.reply).summary
            await self._channel.send(sent.place, Message(summary, file=answer.file))
        if answer and answer.later:
            self._beside(self._replace(sent, answer, voice))

    async def _in_private(self, asked: Asked, wanted: Wanted) -> Message | None:
        """Nothing about a person's devices is shown where others read along. A warning belongs where it was typed."""
        turn, voice = asked.turn, Voice(wanted.language)
        try:
            place = await self._personal_place(turn.person, turn.place)
            answer = await self._run(asked, wanted.command)
            sent = await self._channel.send(place, voice.message(answer.reply))
        except NotSent:
            return await self._deliver(turn, note("errors.private.unreachable"), wanted.language)
        await self._rest(sent, answer, voice)
        return await self._deliver(turn, note("errors.private.sent"), wanted.language)

    async def _personal_place(self, person: Person, near: Place) -> Place:
        return await self._places.personal(person) or await self._channel.open_personal(person, near)

    def _beside(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _replace(self, sent: Sent, answer: Answer, voice: Voice) -> None:
        """Nobody waits for this task: an error that it let out would be logged by asyncio, with its content."""
        try:
            await self._put_later(sent, answer, voice)
        except Exception as error:  # noqa: BLE001 - see above
            log.warning("no later answer: %s", where(error))
            if answer.reply == WORKING:  # help that is there already stays
                await self._put_sorry(sent, error, voice)

    async def _put_later(self, sent: Sent, answer: Answer, voice: Voice) -> None:
        assert answer.later is not None
        try:
            async with asyncio.timeout(self._deadlines.later):
                reply = await answer.later()
        except TimeoutError:
            raise TenantUnreachable("later") from None
        await self._channel.update(sent, voice.message(reply))

    async def _put_sorry(self, sent: Sent, error: Exception, voice: Voice) -> None:
        try:
            await self._channel.update(sent, voice.message(_sorry(error)))
        except Exception as again:  # noqa: BLE001 - then there is nothing left to say
            log.error("apology failed: %s", where(again))  # noqa: TRY400 - a traceback would carry content


def _sorry(error: Exception) -> Say:
    return failed_with(error if isinstance(error, BotError) else BotError())
