"""One turn from top to bottom: seen before? too many? whose turn? which command? then say it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Protocol

from bot.chat.access import Access
from bot.chat.afterwards import Afterwards, Given, KeptPromises, is_alone, quiet
from bot.chat.cache import Cache
from bot.chat.command import Answer, Asked
from bot.chat.deadlines import PRESS_UNTIL, STANDARD, Deadlines
from bot.chat.flood import Limit
from bot.chat.near import WishArguments
from bot.chat.notices import GapNotes, again, failed_with, note, typed_again, unreachable, unread
from bot.chat.people import Languages
from bot.chat.router import Router, Wanted
from bot.chat.turn import Channel, KnownChats, Person, Place, PlaceKind, PressAnswer, Sent, Turn, TurnKind
from bot.chat.typed_secrets import Voice, alone, hidden, is_redrawn, warning
from bot.errors import BotError, NotKept, NotSent, where
from bot.observed import TurnEnd, seen
from dialogs.words.replies import Reply, Say

log = logging.getLogger(__name__)

# Teams sends a call again when it thinks that the first was lost: it gets the first one's answer.
ANSWERED_SECONDS = 600.0  # Teams gives up long before
PRESSES, MESSAGES = 1_024, 2_048  # kept at most; the answer to a press is a card of about 14 KB
EVENTS = frozenset({TurnKind.INSTALLED, TurnKind.REMOVED})


class Messages(Protocol):
    """Those that were acted on: see bot.store.turns.heard. Raises errors.StoreUnavailable."""

    async def first(self, conversation_id: str, activity_id: str) -> bool: ...


class _Flood(Exception):
    """One person's turn over the limit; only the first one of a minute is told so."""

    def __init__(self, *, first: bool) -> None:
        super().__init__()
        self.first = first


class Pipeline:
    """Handles turns; one instance a process. `handle` fits bot.chat.turn.Handle."""

    def __init__(
        self,
        router: Router,
        access: Access,
        gaps: GapNotes,
        channel: Channel,
        conversations: KnownChats,
        heard: Messages,
        promises: KeptPromises,
        erase: Callable[[Person], Awaitable[None]],
        limit: Limit,
        languages: Languages,
        clock: Callable[[], float],
        deadlines: Deadlines = STANDARD,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._router = router
        self._access = access
        self._gaps = gaps
        self._channel = channel
        self._conversations = conversations
        self._heard = heard
        self._erase = erase
        self._limit = limit
        self._languages = languages
        self._deadlines = deadlines
        self._presses = Cache[PressAnswer | None](ANSWERED_SECONDS, PRESSES, clock)
        self._messages = Cache[PressAnswer | None](ANSWERED_SECONDS, MESSAGES, clock)
        self._events = Cache[PressAnswer | None](ANSWERED_SECONDS, MESSAGES, clock)  # a roll-out pushes out no answer
        self._afterwards = Afterwards(
            channel,
            lambda turn: self._personal_place(turn.person, turn.place),
            promises,
            deadlines,
            sleep,
            languages.common,
        )

    async def handle(self, turn: Turn) -> PressAnswer | None:
        """The answer to a press, None for everything that was answered by a message of its own."""
        turn = replace(turn, locale=await self._languages.of_turn(turn))
        kept = self._kept(turn.kind)
        try:
            if not turn.activity_id:  # nothing to know a repetition by
                return await self._turn(turn)
            return await kept.get((turn.place.conversation_id, turn.activity_id), lambda: self._turn(turn))
        except _Flood as flood:  # not kept: it must not push out what others were answered
            seen().outcome = TurnEnd.FLOOD
            return await self._guarded(turn, self._too_many) if flood.first and not turn.targeted else None

    async def close(self) -> None:
        """Let late answers come for a moment, drop those that don't, and let what was learnt of people be written."""
        await self._afterwards.close()
        await self._conversations.close()

    def _kept(self, kind: TurnKind) -> Cache[PressAnswer | None]:
        if kind in EVENTS:
            return self._events
        return self._presses if kind is TurnKind.BUTTON else self._messages

    async def _turn(self, turn: Turn) -> PressAnswer | None:
        seen().outcome = TurnEnd.ANSWERED
        if turn.kind in EVENTS:
            await self._happened(turn)
            return None
        return await self._guarded(turn, self._aside if turn.targeted and not turn.button else self._answer)

    async def _aside(self, turn: Turn) -> PressAnswer | None:
        """What others were not shown is answered where they don't read, as if it had been written there, or not at
        all: an apology would tell them too."""
        try:
            place = await self._personal_place(turn.person, turn.place)
        except Exception as error:  # noqa: BLE001 - see above
            log.warning("not answered aside: %s", where(error))
            return None
        return await self._guarded(replace(turn, place=place, activity_id=""), self._answer)

    async def _happened(self, turn: Turn) -> None:
        """The bot was added or removed. Nobody asked for anything, so nobody is told sorry: what was not kept is not
        remembered as heard either, and Teams tells it again."""
        try:
            first = await self._keep(turn)
        except Exception as error:  # noqa: BLE001 - whatever it is, it was not kept
            log.error("%s not kept: %s", turn.kind, where(error))  # noqa: TRY400 - as in _guarded
            raise NotKept(turn.kind) from None
        if first:
            await self._welcome(turn)

    async def _keep(self, turn: Turn) -> bool:
        """True for the one install of a conversation that is to be welcomed."""
        if turn.kind is TurnKind.INSTALLED:
            return await self._conversations.installed(turn.person, turn.place)
        if turn.place.kind is PlaceKind.PERSONAL:  # only who removes their own app is forgotten
            person = turn.person if turn.person.object_id else await self._conversations.owner(turn.place)
            if person.object_id:
                await self._erase(person)
        await self._conversations.left(turn.place)
        return False

    async def _welcome(self, turn: Turn) -> None:
        """A message of its own. One that does not get through is not tried later: two would be worse than none."""
        until = asyncio.get_running_loop().time() + self._deadlines.answer
        wanted = self._router.route(turn)
        try:
            answer = await wanted.command.run(_asked(turn, until, wanted), wanted.values)
            await self._deliver(replace(turn, activity_id=""), answer.reply, wanted.language, answer)
        except Exception as error:  # noqa: BLE001 - see above
            log.warning("no welcome: %s", where(error))

    async def _guarded(self, turn: Turn, work: Callable[[Turn], Awaitable[PressAnswer | None]]) -> PressAnswer | None:
        try:
            return await work(turn)
        except _Flood:
            raise
        except NotSent as error:
            seen().outcome = TurnEnd.FAILED
            log.warning("not sent: %s", error)
        except Exception as error:  # noqa: BLE001 - the last line of defence: say sorry, log no content
            seen().outcome = TurnEnd.FAILED
            log.error("turn failed: %s", where(error))  # noqa: TRY400 - a traceback would carry what people wrote
            return await self._apologise(turn, error)
        return None

    async def _apologise(self, turn: Turn, error: Exception) -> PressAnswer | None:
        try:
            return await self._deliver(turn, _sorry(error, turn), turn.locale)
        except Exception as again:  # noqa: BLE001 - then there is nothing left to say
            log.error("apology failed: %s", where(again))  # noqa: TRY400 - as above
            return None

    async def _answer(self, turn: Turn) -> PressAnswer | None:
        seconds = self._deadlines.press if turn.kind is TurnKind.BUTTON else self._deadlines.answer
        until = asyncio.get_running_loop().time() + seconds
        if not self._limit.allows(turn.person.object_id):
            raise _Flood(first=self._limit.just_reached(turn.person.object_id) and not turn.automatic)
        if turn.place.kind is PlaceKind.PERSONAL:
            self._conversations.meet(turn.person, turn.place)  # Teams may never have told of the install
        # Guarded once more: whatever fails from here on, the apology too comes under the warning.
        return await self._guarded(await hidden(turn), partial(self._carry_out, until=until))

    async def _carry_out(self, turn: Turn, *, until: float) -> PressAnswer | None:
        PRESS_UNTIL.set(until if turn.kind is TurnKind.BUTTON else None)
        if nothing := unread(turn):
            return await self._deliver(turn, nothing, turn.locale, Answer(nothing, passing=True, brief=True))
        turn = typed_again(turn)
        wanted = self._router.route(turn)
        asked = _asked(turn, until, wanted)
        seen().command = wanted.key
        if refusal := await self._access.refusal(asked, wanted.command.audience):
            seen().outcome = TurnEnd.REFUSED
            return await self._deliver(turn, refusal, wanted.language)
        self._gaps.settled(WishArguments.read(wanted.values).gap)  # what was asked back was chosen from
        if wanted.command.private and turn.place.kind is not PlaceKind.PERSONAL:
            return await self._in_private(asked, wanted)
        answer = await self._run(asked, wanted)
        if turn.button and wanted.key == "unknown":  # no button of ours
            answer = replace(answer, passing=True)
        return await self._deliver(turn, answer.reply, wanted.language, answer)

    async def _too_many(self, turn: Turn) -> PressAnswer | None:
        return await self._deliver(await hidden(turn), note("errors.flood"), turn.locale)

    async def _run(self, asked: Asked, wanted: Wanted) -> Answer:
        turn = asked.turn
        try:
            if wanted.command.once and not await self._heard.first(turn.place.conversation_id, turn.activity_id):
                return Answer(note("errors.repeated"), passing=True)
            return await wanted.command.run(asked, wanted.values)
        except BotError as error:
            seen().outcome = TurnEnd.FAILED
            return Answer(_sorry(error, turn), passing=True)

    async def _deliver(
        self, turn: Turn, reply: Reply, language: str, answer: Answer | None = None
    ) -> PressAnswer | None:
        if turn.kind is TurnKind.BUTTON:
            return await self._to_press(turn, reply, language, answer)
        shared = answer.view if answer and not is_alone(turn.place) else None
        voice = self._voice(turn, reply, self._languages.common if shared else language)
        if answer and answer.in_place and turn.card_id and is_alone(turn.place):
            await self._channel.update(Sent(turn.place, turn.card_id), voice.over(reply), voice.language)
            return None
        if shared:
            reply, _ = await shared.base()

        async def say() -> None:
            sent = await self._channel.send(turn.place, voice.over(reply), voice.language, reply_to=turn.activity_id)
            # The person is warned by now: an apology for what is left does not say it again.
            await self._guarded(replace(turn, secret=False), lambda now: self._rest(now, sent, answer, voice))

        await self._afterwards.patiently(say)
        return None

    async def _to_press(self, turn: Turn, reply: Reply, language: str, answer: Answer | None) -> PressAnswer | None:
        """Who pressed sees the reply at once. A refresh of the client's own asks for no refusal and changes nothing."""
        if turn.automatic:
            return PressAnswer(reply, language) if answer and not answer.passing else None
        voice = self._voice(turn, reply, language)
        said = PressAnswer(voice.over(quiet(reply, turn.place)), language)
        if answer and answer.brief and not voice.warning:
            return replace(said, brief=True)
        if answer and not answer.passing:
            if turn.card_id:
                await self._rest(turn, Sent(turn.place, turn.card_id), answer, voice, pressed=True)
            elif answer.work or answer.file:
                self._afterwards.beside(self._apart(turn, answer, voice))
        return said

    async def _apart(self, turn: Turn, answer: Answer, voice: Voice) -> None:
        """Not every client says which message was pressed: what is still to come then has one of its own to stand in,
        where nobody else reads along."""
        try:
            place = await self._personal_place(turn.person, turn.place)
            sent = await self._channel.send(place, voice.over(answer.reply), voice.language)
            await self._rest(turn, sent, answer, voice)
        except Exception as error:  # noqa: BLE001 - as in _warn
            log.warning("nothing came of a press: %s", where(error))

    def _voice(self, turn: Turn, reply: Reply, language: str) -> Voice:
        """The warning stands on the reply, or in a message of its own where the card would be drawn anew without it."""
        said = warning(turn)
        if said and is_redrawn(reply):
            self._afterwards.beside(self._warn(turn, alone(said), language))
            return Voice(language)
        return Voice(language, said)

    async def _warn(self, turn: Turn, said: Reply, language: str) -> None:
        """What was sent with a card only its writer saw: in a channel the others are not told."""
        try:
            place = await self._personal_place(turn.person, turn.place) if turn.button else turn.place
            await self._channel.send(place, said, language)
        except Exception as error:  # noqa: BLE001 - nobody waits for this task: asyncio would log the content
            log.warning("not warned: %s", where(error))

    async def _rest(
        self, turn: Turn, sent: Sent, answer: Answer | None, voice: Voice, *, pressed: bool = False
    ) -> None:
        """What an answer has beside its reply: somebody to tell where it went, a file, what comes of it later."""
        if answer is None:
            return
        if answer.sent:
            await answer.sent(sent)
        if answer.file:
            await self._channel.send(sent.place, answer.reply, voice.language, file=answer.file)
        self._afterwards.follow(Given(turn, sent, answer, voice, again(turn), pressed))

    async def _in_private(self, asked: Asked, wanted: Wanted) -> PressAnswer | None:
        """Nothing about a person's devices is shown where others read along. A warning belongs where it was typed."""
        turn, voice = asked.turn, Voice(wanted.language)
        known = await self._conversations.personal(turn.person)
        try:
            place = known or await self._channel.open_personal(turn.person, turn.place)
            answer = await self._run(asked, wanted)

            async def say() -> None:
                sent = await self._channel.send(place, voice.over(answer.reply), voice.language)
                self._conversations.meet(turn.person, place)
                await self._rest(turn, sent, answer, voice)

            await self._afterwards.patiently(say)
        except NotSent as error:
            if known and error.blocked:
                await self._conversations.lost(turn.person.object_id, known)
            return await self._deliver(turn, unreachable(turn.place.bot_id), wanted.language)
        return await self._deliver(turn, note("errors.private.sent"), wanted.language)

    async def _personal_place(self, person: Person, near: Place) -> Place:
        if is_alone(near):
            return near
        return await self._conversations.personal(person) or await self._channel.open_personal(person, near)


def _asked(turn: Turn, until: float, wanted: Wanted) -> Asked:
    return Asked(turn, until, wanted.key, pressed=wanted.pressed)


def _sorry(error: Exception, turn: Turn) -> Say:
    return failed_with(error if isinstance(error, BotError) else BotError(), again(turn))
