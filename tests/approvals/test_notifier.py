"""What the outbox holds reaches everybody it is for, once, whoever else can't be reached just now."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.approvals import card
from bot.approvals.card import Shown, Viewer
from bot.approvals.notifier import MOST_TRIES, Notifier, unreached
from bot.approvals.policy import with_audiences
from bot.approvals.services import ApprovalServices
from bot.chat.people import Languages
from bot.chat.turn import FileOffer, Person, Place, PlaceKind, Sent
from bot.errors import NotSent
from bot.store.conversations import Conversations
from bot.store.outbox import Outbox
from bot.store.records import BOT, Change, Event, Note, Request, State, Verdict
from bot.store.tables import RequestRow
from bot.teams import drawing
from cards.plain import plain
from dialogs.words.replies import Reply
from tests.approvals.harness import ADA, ARNE, DANA, PRIYA, TENANT, TOM, Harness, harness, profile_plan
from tests.chat.asking import ask, at_table, shown
from tests.conftest import CANARY
from tests.deadlines import GENEROUS

pytestmark = pytest.mark.usefixtures("quiet_log")

CHANNEL = Place(PlaceKind.CHANNEL, "19:x@thread.tacv2", TENANT, "https://smba.trafficmanager.net/teams", "28:bot")
AWAY, BLOCKED = NotSent("500"), NotSent("403", blocked=True)


@dataclass
class Heard:
    """A Channel: what stands in each conversation now. `deaf`: conversations that take nothing, and how they say so."""

    cards: dict[str, str] = field(default_factory=dict)  # by activity
    languages: dict[str, str] = field(default_factory=dict)  # of the newest in each conversation
    deaf: dict[str, NotSent] = field(default_factory=dict)
    gone: bool = False  # messages with news can't be changed any more
    silent: set[str] = field(default_factory=set)  # those that do not answer yet
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(
        self, place: Place, reply: Reply, language: str, *, reply_to: str = "", file: FileOffer | None = None
    ) -> Sent:
        await self._listen(place)
        sent = Sent(place, f"{place.conversation_id}/{len(self.cards)}")
        self.languages[place.conversation_id] = language
        self.cards[sent.activity_id] = plain(drawing.message(reply, language).card or {})
        return sent

    async def update(self, sent: Sent, reply: Reply, language: str) -> None:
        if self.gone and self.cards[sent.activity_id].startswith("Request #1 was"):
            raise NotSent("404", blocked=True)
        await self._listen(sent.place)
        self.languages[sent.place.conversation_id] = language
        self.cards[sent.activity_id] = plain(drawing.message(reply, language).card or {})

    async def open_personal(self, person: Person, near: Place) -> Place:
        raise AssertionError("the notifier opens no chats")

    def at(self, conversation: str, words: str = "") -> list[str]:
        """The cards in one conversation that say so."""
        found = [text for activity, text in self.cards.items() if activity.rpartition("/")[0] == conversation]
        return [text for text in found if words in text]

    async def _listen(self, place: Place) -> None:
        if place.conversation_id in self.silent:
            await self.answers.wait()
        if place.conversation_id in self.deaf:
            raise self.deaf[place.conversation_id]


@dataclass
class Office:
    """The notifier with the real store, and a chat with the bot for the admins, Priya and Dana, but not for Tom."""

    table: Harness
    outbox: Outbox
    notifier: Notifier
    channel: Heard
    conversations: Conversations
    services: ApprovalServices

    def restarted(self, *, read_only: bool = False, **deadlines: float) -> Notifier:
        """Another notifier, with nothing in memory."""
        services = replace(self.services, deadlines=replace(GENEROUS, **deadlines))
        return Notifier(self.outbox, self.conversations, self.channel, services, None, read_only=read_only)

    async def rounds(self, count: int = 1) -> None:
        """With a pause after each that is longer than any letter's."""
        for _ in range(count):
            await self.notifier.round()
            self.table.time.pass_by(minutes=6)

    async def asked(self, by: str = ADA) -> Request:
        """A request whose cards are out."""
        request = await self.table.filed(profile_plan(), by)
        await self.notifier.round()
        return request

    async def happened(self, request: Request, event: Event, state: State, note: Note = Note.NONE) -> None:
        """What the worker would write."""
        reminded = 1 if event is Event.REMINDED else None
        of, at = await self.table.now(request), self.table.time.now
        change = Change(of, event, BOT, at, state, note=note, reminded=reminded)
        await self.table.store.commit(with_audiences(change))

    async def changed_by_hand(self, request: Request, plan: str) -> None:
        """Somebody writes into the database."""
        async with self.table.engine.begin() as connection:
            await connection.execute(update(RequestRow).where(RequestRow.number == request.number).values(plan=plan))

    async def left(self) -> int:
        """Letters that are still to be carried."""
        return len(await self.outbox.due(self.table.time.now + timedelta(days=1)))


@asynccontextmanager
async def _office(folder: Path, place: Place | None = None) -> AsyncIterator[Office]:
    async with harness(folder) as table:
        conversations, outbox, channel = (
            Conversations(table.engine, lambda: table.time.now),
            Outbox(table.engine),
            Heard(),
        )
        for person in (ADA, ARNE, PRIYA, DANA):
            chat = replace(CHANNEL, kind=PlaceKind.PERSONAL, conversation_id=person)
            await conversations.learn(Person(TENANT, person, f"29:{person}", ""), chat)
        missed = partial(unreached, TENANT, outbox, conversations, table.roles, in_channel=place is not None)
        services = at_table(table, tenant_id=TENANT, unreached=missed, deadlines=GENEROUS).changes.requests
        services = replace(services, languages=Languages(conversations, services.people, "en-GB", 1.0))
        notifier = Notifier(outbox, conversations, channel, services, place)
        yield Office(table, outbox, notifier, channel, conversations, services)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with _office(tmp_path) as made:
        yield made


@pytest.fixture
async def with_channel(tmp_path: Path) -> AsyncIterator[Office]:
    """Approvers are asked in a channel, and none of them has a chat with the bot."""
    async with _office(tmp_path, CHANNEL) as made:
        made.table.roles.deciders = {TOM}  # type: ignore[attr-defined]  # TableRoles
        yield made


async def test_a_request_goes_to_who_asked_and_to_all_approvers_and_names_who_was_not_reached(office: Office) -> None:
    await office.asked()
    for person in (ADA, PRIYA, DANA):
        (card,) = office.channel.at(person)
        assert "Waiting for approval" in card
    assert f"…{TOM[-6:]}" in office.channel.at(ADA)[0]
    assert await office.left() == 0


async def test_each_is_told_in_their_own_language_and_so_is_every_copy_drawn_anew(office: Office) -> None:
    for person, language in ((ADA, "de-DE"), (PRIYA, "ja-JP")):
        chat = replace(CHANNEL, kind=PlaceKind.PERSONAL, conversation_id=person, language=language)
        await office.conversations.learn(Person(TENANT, person, f"29:{person}", ""), chat)
    request = await office.asked()
    asked_in = {ADA: "de-DE", PRIYA: "ja-JP", DANA: "en-GB"}
    assert {person: office.channel.languages[person] for person in asked_in} == asked_in
    office.channel.languages.clear()
    await office.happened(request, Event.APPROVED, State.APPROVED)
    await office.notifier.round()
    assert {person: office.channel.languages[person] for person in asked_in} == asked_in


async def test_a_channel_is_told_in_the_language_of_the_setting(with_channel: Office) -> None:
    await with_channel.asked()
    assert with_channel.channel.languages[CHANNEL.conversation_id] == "en-GB"


@pytest.mark.parametrize("plan", ["", CANARY, f'{{"kind": "{CANARY}"}}', "{}"])
async def test_t40_a_plan_changed_by_hand_is_shown_as_such_and_decided_by_nobody(office: Office, plan: str) -> None:
    request = await office.asked()
    await office.changed_by_hand(request, plan)
    await office.table.press(request)
    await office.table.worker.round()
    assert await office.table.state(request) is State.VOID
    await office.notifier.round()
    for person in (ADA, PRIYA, DANA):
        card = office.channel.at(person, "Request #1\n")[0]
        assert "Approval void, nothing was done" in card
        assert "not the one that was filed" in card
    assert await office.left() == 0


async def test_t40_a_plan_changed_into_another_good_one_is_not_shown_as_what_was_filed(office: Office) -> None:
    request = await office.asked()
    await office.changed_by_hand(request, profile_plan().canonical().replace("PassportForWork", CANARY))
    await office.table.press(request)
    await office.notifier.round()
    assert "not the one that was filed" in office.channel.at(ADA)[0]
    assert CANARY not in office.channel.at(ADA)[0]


async def test_a_letter_that_can_not_be_carried_holds_up_no_other_and_has_an_end(office: Office) -> None:
    broken = await office.asked()
    await office.table.press(broken, verdict=Verdict.REJECT)
    async with office.table.engine.begin() as connection:
        await connection.execute(update(RequestRow).values(evidence=CANARY))
    later = await office.table.filed(profile_plan(), ARNE)
    await office.notifier.round()
    assert office.channel.at(ARNE, f"Request #{later.number}\n")
    waiting = await office.outbox.due(office.table.time.now + timedelta(days=1))
    assert {(notification.request, notification.tries) for notification in waiting} == {(broken.number, 1)}
    await office.rounds(MOST_TRIES)
    assert await office.left() == 0


async def test_a_card_that_teams_does_not_take_now_is_drawn_anew_later(office: Office) -> None:
    request = await office.asked()
    office.channel.deaf = dict.fromkeys((ADA, PRIYA), AWAY)
    await office.table.press(request, by=DANA)
    await office.rounds(3)
    assert "Waiting for approval" in office.channel.at(PRIYA)[0]
    assert "Approved, about to start" in office.channel.at(DANA)[0]  # whoever can be reached is not kept waiting
    office.channel.deaf = {}
    await office.rounds()
    assert "Approved, about to start" in office.channel.at(PRIYA)[0]
    assert "Approved, about to start" in office.channel.at(ADA)[0]
    assert await office.left() == 0


async def test_who_removed_the_bot_keeps_no_card_waiting(office: Office) -> None:
    request = await office.asked()
    office.channel.deaf = {PRIYA: BLOCKED}
    await office.table.press(request, by=DANA)
    await office.notifier.round()
    assert await office.left() == 0


def _unreached(office: Office) -> set[str]:
    """The ends of the ids that the requester's card names as not reached."""
    (card,) = office.channel.at(ADA, "Request #1\n")
    (line,) = (one for one in card.splitlines() if "Can't be reached" in one)
    return set(re.findall(r"…(\w+)", line))


@pytest.mark.parametrize("refusal", [BLOCKED, AWAY], ids=["for good", "just now"])
async def test_an_approver_whose_chat_takes_no_card_is_named_within_the_round(office: Office, refusal: NotSent) -> None:
    office.channel.deaf = {PRIYA: refusal}
    await office.asked()
    assert _unreached(office) == {PRIYA[-6:], TOM[-6:]}
    office.channel.deaf = {}
    await office.rounds(2)
    assert bool(office.channel.at(PRIYA)) == (refusal is AWAY)
    assert _unreached(office) == ({TOM[-6:]} if refusal is AWAY else {PRIYA[-6:], TOM[-6:]})
    assert await office.left() == 0


async def test_a_chat_that_refuses_for_good_is_forgotten_and_used_again_once_it_is_learnt_anew(office: Office) -> None:
    office.channel.deaf = {PRIYA: BLOCKED}
    await office.asked()
    office.channel.deaf = {}
    await office.conversations.learn(Person(TENANT, PRIYA, "29:p", ""), replace(CHANNEL, kind=PlaceKind.PERSONAL))
    await office.table.filed(by=ARNE)
    await office.rounds()
    assert office.channel.at(CHANNEL.conversation_id, "Request #2\n")


async def test_an_approver_who_blocks_the_bot_after_the_card_came_is_named_from_the_next_drawing_on(
    office: Office,
) -> None:
    request = await office.asked()
    office.channel.deaf = {PRIYA: BLOCKED}
    await office.happened(request, Event.REMINDED, State.WAITING)
    await office.rounds()
    await office.table.press(request, by=DANA)
    await office.rounds()
    assert _unreached(office) == {PRIYA[-6:], TOM[-6:]}


@pytest.mark.parametrize("deciders", [{PRIYA}, {TOM}, {PRIYA, DANA, TOM}], ids=["refuses", "has no chat", "all"])
async def test_who_asks_is_told_outright_when_no_approver_can_be_reached(office: Office, deciders: set[str]) -> None:
    office.table.roles.deciders = deciders  # type: ignore[attr-defined]  # TableRoles
    office.channel.deaf = {PRIYA: BLOCKED, DANA: BLOCKED}
    await office.asked()
    await office.rounds(2)
    (with_audiences,) = office.channel.at(ADA, "Nobody can approve request #1 yet")
    assert "Please tell one of them yourself" in with_audiences


async def test_while_one_approver_has_the_card_nobody_says_that_none_has(office: Office) -> None:
    office.channel.deaf = {PRIYA: BLOCKED}
    await office.asked()
    await office.rounds(2)
    assert office.channel.at(ADA, "Nobody can approve") == []


async def test_after_an_outage_of_a_day_everybody_is_told_what_happened_and_nobody_what_is_over(office: Office) -> None:
    request = await office.asked()
    office.channel.deaf = dict.fromkeys((ADA, PRIYA, DANA), AWAY)
    await office.happened(request, Event.REMINDED, State.WAITING)
    await office.happened(request, Event.APPROVED, State.APPROVED)
    await office.happened(request, Event.DONE, State.DONE)
    await office.rounds(20)
    office.table.time.pass_by(days=1)
    await office.rounds(2)
    office.channel.deaf = {}
    await office.rounds()
    assert office.channel.at(ADA, "was approved") == []  # the news after it says all
    assert office.channel.at(ADA, "is done")
    assert "Done" in office.channel.at(PRIYA)[0]
    assert office.channel.at(PRIYA, "still waits") == []
    assert await office.left() == 0


async def test_what_nobody_takes_for_a_week_is_given_up_and_the_log_says_so(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    request = await office.asked()
    office.channel.deaf = {PRIYA: AWAY}
    await office.happened(request, Event.STARTED, State.RUNNING)
    await office.rounds(MOST_TRIES + 2)
    office.table.time.pass_by(days=6)
    await office.rounds()
    assert await office.left() == 1
    office.table.time.pass_by(days=1)
    await office.rounds()
    assert await office.left() == 0
    assert "notification given up: started of request 1" in [record.getMessage() for record in caplog.records]


async def test_what_teams_does_not_take_is_shown_until_it_is_told(office: Office) -> None:
    request = await office.asked()
    office.channel.deaf = {ADA: AWAY}
    await office.happened(request, Event.VOID, State.VOID)
    near = at_table(office.table, undelivered=office.outbox.undelivered)
    assert "Not delivered" not in shown((await ask("approvals", near, person=PRIYA)).reply)
    await office.rounds()
    said = shown((await ask("approvals", near, person=PRIYA)).reply)
    assert "#1: news for who asked, since Nov 23, 2026, 9:00\N{NARROW NO-BREAK SPACE}AM UTC" in said
    assert "#1: cards that show an older state" in said
    assert "news for its approvers" not in said
    office.channel.deaf = {}
    await office.rounds()
    assert "Not delivered" not in shown((await ask("approvals", near, person=PRIYA)).reply)


async def test_who_was_told_is_not_told_again_after_a_restart(office: Office) -> None:
    request = await office.asked()
    office.channel.deaf = {DANA: AWAY}
    await office.happened(request, Event.EXPIRED, State.EXPIRED)
    await office.rounds()
    office.channel.deaf = {}
    await office.restarted().round()
    assert len(office.channel.at(DANA, "has expired")) == len(office.channel.at(PRIYA, "has expired")) == 1


async def test_a_chat_that_does_not_answer_holds_up_nobody_but_its_own_request(office: Office) -> None:
    request = await office.asked()
    await office.table.filed(profile_plan().model_copy(update={"object_key": "another"}), ARNE)
    office.channel.silent = {ADA}
    await office.happened(request, Event.STARTED, State.RUNNING)
    notifier = office.restarted(notifications=0.01)
    while not office.channel.at(ARNE, "Request #2\n"):
        await notifier.round()
        await asyncio.sleep(0.01)
    assert "Waiting for approval" in office.channel.at(ADA)[0]  # that call is still under way
    office.channel.silent.clear()
    office.channel.answers.set()
    await notifier.round()
    await notifier.close()
    await office.rounds()
    assert "Waiting for approval" not in office.channel.at(ADA)[0]
    assert await office.left() == 0


async def test_who_was_told_is_not_told_again_while_another_can_not_be_reached(office: Office) -> None:
    request = await office.asked()
    office.channel.deaf = {DANA: AWAY}
    await office.happened(request, Event.EXPIRED, State.EXPIRED)
    await office.rounds(3)
    assert len(office.channel.at(PRIYA, "has expired")) == 1
    office.channel.deaf = {}
    await office.rounds(2)
    assert len(office.channel.at(DANA, "has expired")) == len(office.channel.at(PRIYA, "has expired")) == 1


@pytest.mark.parametrize(
    ("event", "state", "words"),
    [
        (Event.REMINDED, State.WAITING, "still waits"),
        (Event.EXPIRED, State.EXPIRED, "has expired"),
        (Event.ATTENTION, State.ATTENTION, "needs attention"),
    ],
)
async def test_who_has_only_the_channel_hears_the_news_there_once(
    with_channel: Office, event: Event, state: State, words: str
) -> None:
    office = with_channel
    request = await office.asked()
    assert len(office.channel.at(CHANNEL.conversation_id, "Request #1\n")) == 1
    await office.happened(request, event, state)
    await office.rounds(2)
    assert len(office.channel.at(CHANNEL.conversation_id, words)) == 1
    assert await office.left() == 0


async def test_the_card_in_the_channel_follows_and_names_nobody_as_not_reached(with_channel: Office) -> None:
    office = with_channel
    request = await office.asked()
    assert "Can't be reached" not in office.channel.at(ADA)[0]
    await office.table.press(request, by=TOM)
    await office.rounds()
    assert "Approved, about to start" in office.channel.at(CHANNEL.conversation_id)[0]


async def test_a_channel_that_the_bot_is_added_to_late_still_gets_its_card(with_channel: Office) -> None:
    office = with_channel
    office.channel.deaf = {CHANNEL.conversation_id: BLOCKED}
    await office.table.filed(profile_plan())
    await office.rounds(2)
    office.channel.deaf = {}
    await office.rounds()
    assert len(office.channel.at(CHANNEL.conversation_id, "Waiting for approval")) == 1


async def test_a_freeze_is_told_in_the_channel_too_with_who_and_why(with_channel: Office) -> None:
    office = with_channel
    await office.asked()
    await office.table.approvals.freeze(office.table.who(TOM), "an incident in Intune")
    await office.notifier.round()
    for conversation in (ADA, CHANNEL.conversation_id):
        (with_audiences,) = office.channel.at(conversation, "All changes are frozen")
        assert "an incident in Intune" in with_audiences
        assert "It was Uma Keller." in with_audiences
    await office.table.approvals.unfreeze(office.table.who(TOM))
    await office.notifier.round()
    (with_audiences,) = office.channel.at(ADA, "Changes go on")
    assert "It was Uma Keller." in with_audiences
    assert "reason" not in with_audiences


async def test_who_freezes_is_not_told_so_a_second_time(office: Office) -> None:
    await office.asked()
    await office.table.approvals.freeze(office.table.who(PRIYA), "an incident in Intune")
    await office.notifier.round()
    assert office.channel.at(PRIYA, "All changes are frozen") == []
    assert office.channel.at(DANA, "All changes are frozen")
    await office.table.approvals.unfreeze(office.table.who(PRIYA))
    await office.notifier.round()
    assert office.channel.at(PRIYA, "Changes go on") == []
    assert office.channel.at(ADA, "Changes go on")


@pytest.mark.parametrize(("minutes", "messages"), [(0, 1), (2, 2)])
async def test_news_close_together_are_one_message_that_changes(office: Office, minutes: int, messages: int) -> None:
    request = await office.asked()
    await office.happened(request, Event.APPROVED, State.APPROVED)
    await office.notifier.round()
    assert len(office.channel.at(ADA, "was approved")) == 1
    office.table.time.pass_by(minutes=minutes)
    await office.happened(request, Event.DONE, State.DONE)
    await office.notifier.round()
    assert len([text for text in office.channel.at(ADA) if "was approved" in text or "is done" in text]) == messages
    assert len(office.channel.at(ADA, "is done")) == 1


async def test_what_the_person_must_do_is_a_message_of_its_own(office: Office) -> None:
    request = await office.asked()
    await office.happened(request, Event.APPROVED, State.APPROVED)
    await office.notifier.round()
    await office.happened(request, Event.ATTENTION, State.ATTENTION)
    await office.notifier.round()
    assert office.channel.at(ADA, "was approved")
    assert office.channel.at(ADA, "needs attention")


async def test_news_that_can_not_be_changed_in_place_are_told_anew(office: Office) -> None:
    request = await office.asked()
    await office.happened(request, Event.APPROVED, State.APPROVED)
    await office.notifier.round()
    office.channel.gone = True
    await office.happened(request, Event.DONE, State.DONE)
    await office.rounds(2)
    assert len(office.channel.at(ADA, "is done")) == 1


async def test_a_clear_no_of_the_tenant_is_told_as_one(office: Office) -> None:
    request = await office.asked()
    await office.happened(request, Event.ATTENTION, State.ATTENTION, Note.TENANT_REFUSED)
    await office.notifier.round()
    (with_audiences,) = office.channel.at(ADA, "needs attention: ")
    assert "Microsoft Graph refused the request" in with_audiences
    assert "can't tell" not in with_audiences


async def test_who_closed_a_request_by_hand_and_why_reaches_who_asked(office: Office) -> None:
    request = await office.asked()
    await office.happened(request, Event.ATTENTION, State.ATTENTION, Note.OUTCOME_UNKNOWN)
    await office.table.approvals.close(request.number, office.table.who(DANA), "done in the portal")
    await office.notifier.round()
    (with_audiences,) = office.channel.at(ADA, "was closed by hand")
    assert "It was Uma Keller." in with_audiences
    assert "done in the portal" in with_audiences


async def test_read_only_reaches_everybody_once_and_who_could_not_be_reached_later(office: Office) -> None:
    await office.asked()
    office.channel.deaf = {ADA: AWAY}
    notifier = office.restarted(read_only=True)
    await notifier.round()
    assert office.channel.at(PRIYA, "read only")
    office.channel.deaf = {}
    for _ in range(3):
        await notifier.round()
    assert len(office.channel.at(ADA, "read only")) == len(office.channel.at(PRIYA, "read only")) == 1


async def test_t40_whoever_looks_at_a_plan_changed_by_hand_gets_no_button_to_approve_it(office: Office) -> None:
    request = await office.asked()
    priya = Viewer(PRIYA, approver=True, admin=False, nonce="n")
    assert "request.approve" in {button.verb for button in card.view(Shown(request, office.table.kinds), priya).buttons}
    await office.changed_by_hand(request, CANARY)
    looked = card.view(Shown(await office.table.now(request), office.table.kinds), priya)
    assert "request.approve" not in {button.verb for button in looked.buttons}


@pytest.mark.parametrize("open_one", [True, False])
async def test_approvers_hear_of_a_clock_that_is_behind_and_of_who_is_believed_also_when_nothing_is_open(
    with_channel: Office, open_one: bool
) -> None:
    office, table = with_channel, with_channel.table
    table.roles.deciders = {PRIYA, TOM}  # type: ignore[attr-defined]  # TableRoles
    table.time.now += timedelta(days=1)
    request = await table.filed(profile_plan())
    table.time.now -= timedelta(days=1)
    if not open_one:
        await table.press(request, verdict=Verdict.REJECT)
    for _ in range(2):
        await table.worker.round()
        await office.notifier.round()
    for conversation in (PRIYA, CHANNEL.conversation_id):
        (with_audiences,) = office.channel.at(conversation, "The clock of my machine is behind")
        assert "clock is right" in with_audiences
    assert not office.channel.at(ADA, "The clock of my machine is behind")
    await table.approvals.set_clock_right(table.who(PRIYA))
    await office.notifier.round()
    for conversation in (PRIYA, CHANNEL.conversation_id):
        assert len(office.channel.at(conversation, "The clock counts again")) == 1
    assert (
        bool(office.channel.at(ADA, "Expires: 24 Nov 2026, 09:00 UTC")) is open_one
    )  # expires then, and no longer a day later
    assert not office.channel.at(ADA, "25 Nov 2026")
    assert await office.left() == 0


async def test_a_card_that_teams_refuses_for_its_size_is_final_and_named_and_holds_up_nobody(
    office: Office, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = office.channel.send

    async def too_large(place: Place, reply: Reply, language: str, **more: Any) -> Sent:
        sent = await send(place, reply, language, **more)
        return replace(sent, instead=place.conversation_id == PRIYA)  # as the way out tells it

    monkeypatch.setattr(office.channel, "send", too_large)
    request = await office.asked()
    assert await office.left() == 0
    assert "card of request 1: refused for its size or shape" in caplog.text
    assert PRIYA not in {copy.object_id for copy in await office.outbox.copies(request.number)}
    assert DANA in {copy.object_id for copy in await office.outbox.copies(request.number)}


@pytest.mark.parametrize("person", [PRIYA, ADA])
@pytest.mark.parametrize("there", [True, False], ids=["its copy is there", "no copy yet"])
async def test_what_is_refused_for_its_size_even_as_words_is_not_tried_for_an_hour(
    office: Office, person: str, *, there: bool
) -> None:
    request = await office.asked() if there else await office.table.filed(profile_plan())
    office.channel.deaf[person] = NotSent("413", unfit=True)
    await office.notifier.round()
    await office.table.press(request, by=DANA, verdict=Verdict.REJECT)
    await office.notifier.round()
    assert await office.left() == 0
    assert office.channel.at(DANA, "Rejected")
