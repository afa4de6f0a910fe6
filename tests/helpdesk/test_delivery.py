"""The help desk tells what is to be told, tries again when Teams does not take it, and erases in time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.chat.people import Languages
from bot.chat.turn import FileOffer, Person, Place, PlaceKind, Sent
from bot.demo.gallery.company import APPROVER, TENANT
from bot.demo.gallery.example import Example
from bot.errors import NotSent
from bot.helpdesk.delivery import MOST_TRIES, Delivery
from bot.store.conversations import Conversations
from bot.store.database import open_database
from bot.store.erasure import erase
from bot.store.gaps import Gaps
from bot.store.questions import NewQuestion, Questions, Stage
from bot.teams import drawing
from cards.plain import plain
from dialogs.understanding.redact import anonymous
from dialogs.words.replies import Reply
from tests.store.conftest import NOW, Time

ASKER = Person(TENANT, "00000000-0000-4000-8000-000000000007", "29:uma", "Uma")
CHANNEL = Place(PlaceKind.CHANNEL, "19:x@thread.tacv2", TENANT, "https://smba.trafficmanager.net/teams", "28:bot")
CHAT = replace(CHANNEL, kind=PlaceKind.PERSONAL, conversation_id="a:uma")
AWAY, BLOCKED = NotSent("503"), NotSent("403", blocked=True)


@dataclass
class Heard:
    """A Channel that writes down what it is given; `deaf`: conversations that take nothing, and how they say so."""

    cards: dict[str, str] = field(default_factory=dict)  # by activity
    told: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    deaf: dict[str, NotSent] = field(default_factory=dict)

    async def send(
        self, place: Place, reply: Reply, language: str, *, reply_to: str = "", file: FileOffer | None = None
    ) -> Sent:
        self._listen(place)
        self.languages.append(language)
        sent = Sent(place, f"{place.conversation_id}/{len(self.cards) + len(self.told)}")
        if place == CHANNEL:
            self.cards[sent.activity_id] = plain(drawing.message(reply, language).card or {})
        else:
            self.told.append(plain(drawing.message(reply, language).card or {}))
        return sent

    async def update(self, sent: Sent, reply: Reply, language: str) -> None:
        self._listen(sent.place)
        self.cards[sent.activity_id] = plain(drawing.message(reply, language).card or {})

    async def open_personal(self, person: Person, near: Place) -> Place:
        raise NotSent("not asked for")

    def _listen(self, place: Place) -> None:
        if place.conversation_id in self.deaf:
            raise self.deaf[place.conversation_id]


@dataclass
class Office:
    """The help desk with everything around it, and time that a test moves."""

    delivery: Delivery
    questions: Questions
    conversations: Conversations
    channel: Heard
    time: Time

    async def rounds(self, count: int = 1) -> None:
        """With a long pause after each."""
        for _ in range(count):
            await self.delivery.round()
            self.time.now += timedelta(minutes=11)

    async def answered(self) -> None:
        """A question that somebody answered, its card drawn before."""
        question = await self.questions.ask(NewQuestion(ASKER.object_id, "why?"))
        await self.delivery.round()
        for stage, values in ((Stage.TAKEN, {"taker": APPROVER}), (Stage.ANSWERED, {"answer": "so"})):
            assert question
            question = await self.questions.move(question, stage, **values)

    @property
    def card(self) -> str:
        """The one card in the channel."""
        (card,) = self.channel.cards.values()
        return card


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    engine = await open_database(f"sqlite+aiosqlite:///{tmp_path / 'bot.sqlite3'}")
    time, channel = Time(), Heard()
    questions, conversations, gaps = Questions(engine, time), Conversations(engine, time), Gaps(engine, anonymous, time)
    await conversations.learn(ASKER, CHAT)
    services = replace(
        Example().services.helpdesk,
        channel=CHANNEL.conversation_id,
        questions=questions,
        conversations=conversations,
        languages=Languages(conversations, Example().services.help.people, "en-GB", 1.0),
        now=time,
    )
    yield Office(Delivery(gaps, channel, services, CHANNEL), questions, conversations, channel, time)
    await engine.dispose()


async def test_an_answer_reaches_who_asked_and_the_card_says_so(office: Office) -> None:
    await office.answered()
    await office.rounds()
    assert "so" in office.channel.told[0]
    assert "Priya Nair" in office.channel.told[0]
    assert "was delivered" in office.card
    await office.rounds(3)
    assert len(office.channel.told) == 1


async def test_who_removed_or_blocked_the_bot_is_not_tried_again(office: Office) -> None:
    await office.answered()
    office.channel.deaf["a:uma"] = BLOCKED
    await office.rounds()
    assert "reach them another way" in office.card
    office.channel.deaf.clear()
    await office.rounds(2)
    assert office.channel.told == []


async def test_who_has_no_chat_with_the_bot_can_not_be_reached(office: Office) -> None:
    await office.answered()
    await office.conversations.forget(ASKER)
    await office.rounds()
    assert "reach them another way" in office.card


async def test_teams_is_tried_again_and_the_answer_comes_late(office: Office) -> None:
    await office.answered()
    office.channel.deaf["a:uma"] = AWAY
    await office.rounds(MOST_TRIES)
    assert "on its way" in office.card
    office.channel.deaf.clear()
    await office.rounds()
    assert len(office.channel.told) == 1
    assert "was delivered" in office.card


async def test_after_many_tries_the_help_desk_is_told(office: Office) -> None:
    await office.answered()
    office.channel.deaf["a:uma"] = AWAY
    await office.rounds(MOST_TRIES + 1)
    assert "reach them another way" in office.card


async def test_the_channel_is_tried_as_long_as_the_question_is_kept(office: Office) -> None:
    office.channel.deaf[CHANNEL.conversation_id] = AWAY
    await office.questions.ask(NewQuestion(ASKER.object_id, "why?"))
    await office.rounds(3 * MOST_TRIES)
    office.channel.deaf.clear()
    await office.rounds()
    assert "Nobody has taken it yet" in office.card


async def test_a_question_that_fails_does_not_hold_up_the_next(office: Office) -> None:
    await office.answered()
    office.channel.deaf["a:uma"] = AWAY
    await office.questions.ask(NewQuestion(APPROVER, "and mine?"))
    await office.rounds()
    assert any("and mine?" in card for card in office.channel.cards.values())


async def test_after_the_days_that_it_is_kept_a_question_is_erased_everywhere(office: Office) -> None:
    await office.answered()
    await office.rounds()
    office.time.now = NOW + timedelta(days=30)
    await office.rounds()
    assert "why?" in office.card
    office.time.now = NOW + timedelta(days=30, hours=2)
    await office.rounds(2)
    assert office.card.splitlines() == ["Question #1", "It is erased."]
    assert await office.questions.due() == []


async def test_a_card_that_was_deleted_holds_up_no_erasure(office: Office) -> None:
    await office.answered()
    await office.rounds()
    office.channel.deaf[CHANNEL.conversation_id] = NotSent("404")
    async with office.conversations.forgetting(ASKER) as session:
        await erase(session, ASKER.object_id, NOW)
    await office.rounds(MOST_TRIES)
    assert len(await office.questions.due()) == 1
    await office.rounds()
    assert await office.questions.due() == []


async def test_a_clock_that_was_ahead_neither_holds_up_a_question_nor_its_erasure(office: Office) -> None:
    office.time.now = NOW + timedelta(days=365)
    await office.delivery.round()
    await office.questions.ask(NewQuestion(ASKER.object_id, "why?"))
    office.time.now = NOW
    await office.delivery.round()
    assert "why?" in office.card
    await office.questions.ask(NewQuestion(APPROVER, "and mine?"))
    await office.delivery.round()
    office.time.now = NOW + timedelta(days=30, hours=2)
    await office.rounds(2)
    assert not any("and mine?" in card for card in office.channel.cards.values())


async def test_an_answer_that_teams_refuses_for_its_shape_is_not_called_delivered(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.answered()
    send = office.channel.send

    async def refused(place: Place, reply: Reply, language: str, **more: Any) -> Sent:
        return replace(await send(place, reply, language, **more), instead=True)  # only plain words arrived

    monkeypatch.setattr(office.channel, "send", refused)
    await office.rounds()
    assert "reach them another way" in office.card


async def test_an_answer_comes_in_the_language_of_who_asked_and_the_channel_has_its_own(office: Office) -> None:
    await office.conversations.learn(ASKER, replace(CHAT, language="ja-JP"))
    await office.answered()
    await office.delivery.round()
    assert office.channel.languages == ["en-GB", "ja-JP"]
