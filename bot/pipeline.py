"""One turn from top to bottom: seen before? too many? whose turn? which command? then say it."""

import asyncio
import logging
from collections.abc import Callable

import cards
from bot.commands._command import Answer, Asked, Command, Neighbours
from bot.errors import BotError, NotSent, where
from bot.flood import Limit
from bot.places import Places
from bot.recent import Recent
from bot.router import Router, Wanted
from bot.turn import Channel, Message, Person, Place, PlaceKind, Sent, Turn, TurnKind
from dialogs import texts
from dialogs.replies import Reply, Say, Text

log = logging.getLogger(__name__)

ANSWER_SECONDS = 2.0  # Teams' rule for an answer; what the tenant has not told by then comes later
LATER_SECONDS = 30.0  # how long a slow tenant may still replace the first answer


class Pipeline:
    """Handles turns; one instance a process. `handle` fits bot.turn.Handle and raises nothing but cancellation."""

    def __init__(
        self,
        router: Router,
        neighbours: Neighbours,
        channel: Channel,
        places: Places,
        limit: Limit,
        clock: Callable[[], float],
    ) -> None:
        self._router = router
        self._neighbours = neighbours
        self._channel = channel
        self._places = places
        self._limit = limit
        self._recent = Recent[Message | None](clock)
        self._later: set[asyncio.Task[None]] = set()

    async def handle(self, turn: Turn) -> Message | None:
        """The answer to a press, None for everything that was answered by a message of its own."""
        if not turn.activity_id:  # nothing to know a repetition by
            return await self._turn(turn)
        return await self._recent.once((turn.place.conversation_id, turn.activity_id), lambda: self._turn(turn))

    async def close(self) -> None:
        """Drop the late answers that nobody waits for any more."""
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)

    async def _turn(self, turn: Turn) -> Message | None:
        try:
            return await self._answer(turn)
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
        until = asyncio.get_running_loop().time() + ANSWER_SECONDS
        if turn.kind is TurnKind.REMOVED:
            await self._places.forget(turn.person)
            return None
        if turn.kind is TurnKind.INSTALLED and not await self._first_install(turn):
            return None
        if not self._limit.allows(turn.person.object_id):
            return await self._too_many(turn)
        wanted = self._router.route(turn)
        asked = Asked(turn, until, wanted.values)
        if await self._refused_as_guest(asked, wanted.command):
            return await self._deliver(turn, note("errors.guest"), turn.locale)
        if wanted.command.private and turn.place.kind is not PlaceKind.PERSONAL:
            return await self._in_private(asked, wanted)
        answer = await self._run(asked, wanted.command)
        return await self._deliver(turn, answer.reply, wanted.language, answer)

    async def _first_install(self, turn: Turn) -> bool:
        """A team or group gets its welcome each time it adds the bot; a person once, however often Teams says so."""
        return turn.place.kind is not PlaceKind.PERSONAL or await self._places.learn(turn.person, turn.place)

    async def _too_many(self, turn: Turn) -> Message | None:
        if not self._limit.just_reached(turn.person.object_id):
            return None
        return await self._deliver(turn, note("errors.flood"), turn.locale)

    async def _refused_as_guest(self, asked: Asked, command: Command) -> bool:
        """Help fails open: when the tenant does not say in time, the person counts as a member."""
        if command.open_to_guests:
            return False
        try:
            async with asyncio.timeout_at(asked.until):
                return (await self._neighbours.devices.belongings(asked.turn.person.object_id)).account.guest
        except (BotError, TimeoutError):
            return False

    async def _run(self, asked: Asked, command: Command) -> Answer:
        try:
            return await command.run(asked, self._neighbours)
        except BotError as error:
            return Answer(_sorry(error))

    async def _deliver(self, turn: Turn, reply: Reply, language: str, answer: Answer | None = None) -> Message | None:
        message = _message(reply, language)
        if turn.kind is TurnKind.BUTTON:
            if answer and answer.later and turn.card_id:
                self._follow_up(Sent(turn.place, turn.card_id), answer, language)
            return message
        sent = await self._channel.send(turn.place, message, reply_to=turn.activity_id)
        if answer and answer.later:
            self._follow_up(sent, answer, language)
        return None

    async def _in_private(self, asked: Asked, wanted: Wanted) -> Message | None:
        """Nothing about a person's devices is shown where others read along."""
        turn = asked.turn
        try:
            place = await self._personal_place(turn.person, turn.place)
            answer = await self._run(asked, wanted.command)
            sent = await self._channel.send(place, _message(answer.reply, wanted.language))
        except NotSent:
            return await self._deliver(turn, note("errors.private.unreachable"), wanted.language)
        if answer.later:
            self._follow_up(sent, answer, wanted.language)
        return await self._deliver(turn, note("errors.private.sent"), wanted.language)

    async def _personal_place(self, person: Person, near: Place) -> Place:
        return await self._places.personal(person) or await self._channel.open_personal(person, near)

    def _follow_up(self, sent: Sent, answer: Answer, language: str) -> None:
        task = asyncio.create_task(self._replace(sent, answer, language))
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _replace(self, sent: Sent, answer: Answer, language: str) -> None:
        assert answer.later is not None
        try:
            async with asyncio.timeout(LATER_SECONDS):
                reply = await answer.later()
            await self._channel.update(sent, _message(reply, language))
        except Exception as error:  # noqa: BLE001 - nobody waits for this task: asyncio would log it with its content
            log.warning("no later answer: %s", where(error))


def _message(reply: Reply, language: str) -> Message:
    words = texts.words(language)
    return Message(summary=cards.summary(reply, words), card=cards.render(reply, words))


def _sorry(error: Exception) -> Say:
    return note(error.key if isinstance(error, BotError) else BotError.key)


def note(key: str) -> Say:
    """A refusal or a failure in words, by the key of its sentences."""
    return Say(Text(f"{key}.title"), (Text(f"{key}.text"),))
