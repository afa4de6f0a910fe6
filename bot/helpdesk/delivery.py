"""Carries questions to the help desk's channel and answers back, and writes down what could not be answered."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.chat.turn import Channel, Place, Sent
from bot.errors import NotSent, where
from bot.helpdesk import card
from bot.helpdesk.card import KnownFacts
from bot.helpdesk.commands import known
from bot.helpdesk.services import HelpDeskServices
from bot.store.gaps import Gaps
from bot.store.questions import Question, Stage
from dialogs.words.replies import Reply

log = logging.getLogger(__name__)

MOST_TRIES = 10  # to write to who asked, or to change a card; a new card is tried as long as the question is kept
LONGEST_PAUSE = 600.0  # seconds
GAP_DAYS = 30
SWEEP = timedelta(hours=1)


class Delivery:
    """`round()` tells what is to be told now. Only one process of a database runs one."""

    def __init__(
        self,
        gaps: Gaps,
        channel: Channel,
        services: HelpDeskServices,
        place: Place | None,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._gaps = gaps
        self._channel = channel
        self._services = services
        self._common = services.languages.common  # of the channel
        self._place = place  # the help desk's channel
        self._alive = alive  # told between any two questions
        self._swept: datetime | None = None

    async def round(self) -> None:
        """Gaps first: they are lost in a crash, questions are not."""
        await self._gaps.flush()
        await self._sweep()
        questions, now = self._services.questions, self._services.now()
        for question in await questions.due():
            self._alive()
            try:
                await self._carry(question)
            except Exception as error:  # noqa: BLE001 - one broken question must not stop the others
                log.warning("question %s waits: %s", question.number, where(error))
                pause = timedelta(seconds=min(2.0**question.tries, LONGEST_PAUSE))
                await questions.later(question, now + pause)

    async def _sweep(self) -> None:
        """Erase what has been kept long enough."""
        now = self._services.now()
        if self._swept and self._swept <= now < self._swept + SWEEP:  # a clock that was set back is no reason to wait
            return
        await self._services.questions.expire(now - timedelta(days=self._services.days))
        await self._gaps.expire((now - timedelta(days=GAP_DAYS)).date())
        self._swept = now

    async def _carry(self, question: Question) -> None:
        """The answer first, then the card, which says what came of it, also when that is nothing yet."""
        try:
            if question.stage is Stage.ANSWERED:
                stage = Stage.DELIVERED if await self._deliver(question) else Stage.UNREACHED
                question = await self._services.questions.move(question, stage) or question
        finally:
            if question.shown != question.revision:
                await self._draw(question)

    async def _deliver(self, question: Question) -> bool:
        """False when who asked can't be written to."""
        tenant_id, asker = self._services.tenant_id, question.content.asker
        place = await self._services.conversations.personal_of(tenant_id, asker)
        if place is None:
            return False
        try:
            drawn = card.answered(question, await self._known(question))
            language = await self._services.languages.of(tenant_id, asker)
            return not (await self._channel.send(place, drawn, language)).instead
        except NotSent as error:
            if error.blocked:
                await self._services.conversations.lost(asker, place)
            elif not error.unfit and question.tries < MOST_TRIES:
                raise
            return False

    async def _draw(self, question: Question) -> None:
        """The channel's card as it is now; the first time a new one."""
        services, activity_id = self._services, question.activity_id
        drawn = card.base(question, await self._known(question), services.days)
        if activity_id:
            await self._change(question, drawn)
        elif question.stage is not Stage.ERASED:
            activity_id = (await self._channel.send(self._channel_place(), drawn, self._common)).activity_id
        await services.questions.drawn(question, activity_id)

    async def _change(self, question: Question, drawn: Reply) -> None:
        try:
            await self._channel.update(Sent(self._channel_place(), question.activity_id), drawn, self._common)
        except NotSent as error:  # deleted, or the bot was removed there
            if question.tries < MOST_TRIES and not error.unfit:
                raise
            log.warning("card not redrawn: %s", where(error))

    def _channel_place(self) -> Place:
        if self._place is None:
            raise NotSent("no channel of the help desk is set any more")
        return self._place

    async def _known(self, question: Question) -> KnownFacts:
        seconds = self._services.deadlines.told_name
        return await known(question.content, question.taker, self._services, seconds)
