"""What comes of an answer once it was given: what the tenant told late, and what then stands in the chat.

Where others read along nothing stands that one person's press was answered with. In a personal chat it does: what a
press is answered with lives in the client that pressed, and the person's other device shows the message itself.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import copy_context
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar
from weakref import WeakValueDictionary

from bot.chat.command import Answer
from bot.chat.deadlines import PRESS_UNTIL, Deadlines
from bot.chat.notices import WORKING, failed_with, note, sentences
from bot.chat.turn import Channel, Place, PlaceKind, Sent, Turn
from bot.chat.typed_secrets import Voice
from bot.errors import BotError, NotSent, StoreUnavailable, TenantUnreachable, where
from dialogs.words.replies import Button, Details, Reply, Text
from dialogs.words.texts import FALLBACK

log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[Reply | None]]
Said = TypeVar("Said")
MOST_PATIENCE = 900.0  # seconds after which nobody waits for an answer any more
MOST_TRIES = 3


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """An answer and the message it stands in. `pressed`: it was given to the client that pressed that message."""

    turn: Turn
    sent: Sent
    answer: Answer
    voice: Voice
    again: Button | None = None  # the same press once more
    pressed: bool = False

    @property
    def shared(self) -> bool:
        """Others see the message too."""
        return not is_alone(self.sent.place)

    @property
    def theirs(self) -> bool:
        """It came of one person's press, and others read along."""
        return self.shared and bool(self.turn.button)

    @property
    def at(self) -> tuple[str, str]:
        """The ids of its conversation and of the message itself."""
        return self.sent.place.conversation_id, self.sent.activity_id


@dataclass(frozen=True, slots=True)
class Promise:
    """That more is to come of a message. `stays`: what it says is of use without that; `request`: whose card it is."""

    sent: Sent
    object_id: str  # whom it was made to
    language: str
    stays: bool
    request: int | None = None


class KeptPromises(Protocol):
    """See bot.store.turns.promises. Raises errors.StoreUnavailable."""

    async def made(self, promise: Promise) -> None: ...

    async def kept(self, sent: Sent) -> None: ...

    async def left(self) -> list[Promise]: ...


class Afterwards:
    """`follow` returns at once. `private`: the personal chat of whoever a turn is of."""

    def __init__(
        self,
        channel: Channel,
        private: Callable[[Turn], Awaitable[Place]],
        promises: KeptPromises,
        deadlines: Deadlines,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        common: str = FALLBACK,
    ) -> None:
        self._sleep = sleep
        self._common = common  # the language of cards that several read
        self._channel = channel
        self._private = private
        self._promises = promises
        self._seconds = deadlines.later
        self._finish = deadlines.finish
        self._tasks: set[asyncio.Task[None]] = set()
        self._newest: dict[tuple[str, str], Given] = {}
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def follow(self, given: Given) -> None:
        """Do what is left to be done. Of several answers in one message the newest stays."""
        if not given.answer.work and (given.shared or not given.pressed):
            return
        self._newest[given.at] = given
        self.beside(self._follow(given))

    def beside(self, work: Coroutine[None, None, None]) -> None:
        """Do this beside the turn, with all the time that it needs; it lets no error out."""
        context = copy_context()
        context.run(PRESS_UNTIL.set, None)
        task = asyncio.create_task(work, context=context)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def patiently(self, say: Callable[[], Awaitable[None]]) -> None:
        """Say it now or, where the platform asks for more patience than a call has, beside the turn when that is over.
        A restart forgets what waits. Raises errors.NotSent for what will not be taken later either."""
        try:
            await say()
        except NotSent as error:
            self.beside(self._say_later(_patience(error), say))

    async def _say_later(self, seconds: float, say: Callable[[], Awaitable[None]]) -> None:
        try:
            await self._sleep(seconds)
            await self._as_soon_as_taken(say)
        except Exception as error:  # noqa: BLE001 - as in _follow
            log.warning("not said later either: %s", where(error))

    async def _as_soon_as_taken(self, say: Callable[[], Awaitable[Said]]) -> Said:
        for _ in range(MOST_TRIES - 1):
            try:
                return await say()
            except NotSent as error:
                await self._sleep(_patience(error))
        return await say()

    async def close(self) -> None:
        """Let what is under way end for a moment, then drop it: what was promised is made good after the next start."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._finish)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _follow(self, given: Given) -> None:
        """Nobody waits for this task: an error that it let out would be logged by asyncio, with its content."""
        try:
            await (self._promised(given, given.answer.work) if given.answer.work else self._keep(given))
        except Exception as error:  # noqa: BLE001 - then there is nothing left to say
            log.error("apology failed: %s", where(error))  # noqa: TRY400 - a traceback would carry content
        finally:
            if self._newest.get(given.at) is given:
                del self._newest[given.at]

    async def _promised(self, given: Given, work: Work) -> None:
        """Written down while it is under way: whoever ends the process in between leaves it there."""
        answer = given.answer
        request = answer.view.request if answer.view else None
        stays = answer.reply != WORKING
        person = given.turn.person.object_id
        try:
            await self._promises.made(Promise(given.sent, person, given.voice.language, stays, request))
        except StoreUnavailable as error:
            log.warning("promise not written down: %s", where(error))
        await self._later(given, work)
        if self._newest.get(given.at) is given:
            try:
                await self._promises.kept(given.sent)
            except StoreUnavailable as error:
                log.warning("promise not taken back: %s", where(error))

    async def _keep(self, given: Given) -> None:
        """The answer takes the place of what was pressed."""
        reply, view = given.answer.reply, given.answer.view
        try:
            if view is None:
                await self._put(given, reply)
            else:
                await self._stand(given, partial(view.own, ()), (reply, view.revision))
        except BotError as error:  # who pressed has seen it
            log.warning("not shown on other devices: %s", where(error))

    async def _later(self, given: Given, later: Work) -> None:
        try:
            await self._come(given, await self._in_time(later))
        except Exception as error:  # noqa: BLE001 - whatever it is, the person is told
            log.warning("no later answer: %s", where(error))
            await self._fail(given, error)

    async def _in_time(self, later: Work) -> Reply | None:
        try:
            async with asyncio.timeout(self._seconds):
                return await later()
        except TimeoutError:
            raise TenantUnreachable("later") from None

    async def _come(self, given: Given, reply: Reply | None) -> None:
        if reply is None:
            await self._redraw(given, ())
        elif given.theirs:
            await self._tell(given, reply)
        else:
            await self._put(given, reply)

    async def _fail(self, given: Given, error: Exception) -> None:
        """One moment never stays, help that is there does, and a card of something stored keeps its buttons."""
        answer, known = given.answer, error if isinstance(error, BotError) else BotError()
        if given.theirs:
            await self._tell(given, failed_with(known, given.again))
        if answer.view:
            await self._redraw(given, sentences(known))
        elif answer.reply == WORKING and not given.theirs:
            await self._put(given, failed_with(known, given.again))
        elif given.pressed and not given.shared:
            await self._put(given, answer.reply)

    async def _redraw(self, given: Given, outcome: tuple[Text, ...]) -> None:
        view = given.answer.view
        if view is None:
            return
        draw = view.base if given.shared else partial(view.own, outcome)
        await self._stand(given, draw, await draw())

    async def _stand(
        self, given: Given, draw: Callable[[], Awaitable[tuple[Reply, int]]], drawn: tuple[Reply, int]
    ) -> None:
        """The notifier draws each copy anew when something happens, and may have been faster with what is newer: so
        whoever puts a card looks afterwards whether it still holds."""
        reply, revision = drawn
        while await self._put(given, reply):
            reply, now = await draw()
            if now == revision:
                return
            revision = now

    async def _put(self, given: Given, reply: Reply) -> bool:
        """False when a newer answer has the message's place by now."""
        said = given.voice.over(quiet(reply, given.sent.place))

        async def put() -> bool:
            async with self._locks.setdefault(given.at, asyncio.Lock()):
                if self._newest.get(given.at) is not given:
                    return False
                shared = given.answer.view and not is_alone(given.sent.place)
                await self._channel.update(given.sent, said, self._common if shared else given.voice.language)
            return True

        return await self._as_soon_as_taken(put)

    async def _tell(self, given: Given, reply: Reply) -> None:
        """What is for who pressed alone goes to their own chat."""
        said, language = given.voice.over(reply), given.voice.language
        try:
            place = await self._private(given.turn)
            await self._as_soon_as_taken(lambda: self._channel.send(place, said, language))
        except BotError as error:
            log.warning("not told in private: %s", where(error))


def _patience(refused: NotSent) -> float:
    """Seconds after which it may be taken; what never will, or too late for whoever asked, is raised again."""
    if refused.after is None or refused.after > MOST_PATIENCE:
        raise refused
    return refused.after


class Apologies:
    """What was promised before a restart, and did not come: `load()` before the first turn says to whom, and `round()`
    tells those who were not told yet."""

    def __init__(
        self,
        promises: KeptPromises,
        channel: Channel,
        personal: Callable[[str, str], Awaitable[Place | None]],
        redraw: Callable[[int], Awaitable[None]],
    ) -> None:
        """`personal`: the chat of a person by tenant and object id; `redraw`: all cards of a request."""
        self._promises = promises
        self._channel = channel
        self._personal = personal
        self._redraw = redraw
        self._left: list[Promise] = []

    async def load(self) -> None:
        """What is promised from now on, this process keeps itself."""
        self._left = await self._promises.left()

    async def round(self) -> None:
        """One that Teams does not take now is tried again."""
        for promise in [*self._left]:
            try:
                await self._settle(promise)
            except NotSent as error:
                log.warning("no apology: %s", where(error))
                if not (error.blocked or error.unfit):
                    continue
            await self._promises.kept(promise.sent)
            self._left.remove(promise)

    async def _settle(self, promise: Promise) -> None:
        """A card of something stored is drawn anew, one moment never stays, and help that is there does."""
        place, said = promise.sent.place, note("errors.restarted")
        if promise.request is not None:
            await self._redraw(promise.request)
        elif place.kind is not PlaceKind.PERSONAL:  # only who pressed was promised anything
            if private := await self._personal(place.tenant_id, promise.object_id):
                await self._channel.send(private, said, promise.language)
        elif promise.stays:
            await self._channel.send(place, said, promise.language)
        else:
            await self._channel.update(promise.sent, said, promise.language)


def is_alone(place: Place) -> bool:
    """Nobody else reads along."""
    return place.kind is PlaceKind.PERSONAL


def quiet(reply: Reply, place: Place) -> Reply:
    """Where one person reads, a card that is theirs need not be asked for again, and an answer on it would be lost."""
    return replace(reply, refresh=None) if isinstance(reply, Details) and is_alone(place) else reply
