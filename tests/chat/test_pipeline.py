"""One turn from top to bottom: answered once, in the right place, and whatever fails, no content in the log."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.chat.access import Access
from bot.chat.afterwards import MOST_PATIENCE, MOST_TRIES, Apologies, Promise
from bot.chat.command import Answer, Asked, Command, For, View, bound
from bot.chat.deadlines import PRESS_UNTIL, Deadlines
from bot.chat.flood import Limit
from bot.chat.notices import WORKING, note
from bot.chat.pipeline import MESSAGES, Pipeline
from bot.chat.recent import Recent
from bot.chat.router import Router
from bot.chat.turn import FileOffer, Person, Place, PlaceKind, PressAnswer, Sent, Turn, TurnKind
from bot.demo.gallery.fakes import Example
from bot.errors import BotError, NotKept, NotSent, StoreUnavailable, TenantUnreachable
from bot.reset_rules.facts import Account, Inventory
from bot.store.conversations import Conversations
from bot.store.database import open_database
from bot.store.turns.heard import HeardMessages
from bot.store.turns.promises import Promises
from bot.teams import drawing
from cards import actions
from cards.plain import plain
from dialogs.understanding.understand import chosen
from dialogs.words.replies import Button, Details, Reply, Say, Text
from tests.deadlines import GENEROUS, PATIENCE
from tests.teams.door.front import Clock, until

CANARY = "canary-what-people-wrote"
ANA = Person("t", "ana", "29:ana", "Ana")
BEN = Person("t", "ben", "29:ben", "Ben")
CHAT = Place(PlaceKind.PERSONAL, "a:ana", "t", "https://smba.trafficmanager.net/teams/", "28:bot")
GROUP = replace(CHAT, kind=PlaceKind.GROUP, conversation_id="19:group")
SORRY = "Something went wrong on my side"
MOST = 3

NOBODY = Recent(lambda: 0.0)  # was shown anything before


@dataclass
class Heard:
    """A Channel that writes down what it is given, and fails as told."""

    said: list[tuple[str, str, str]] = field(default_factory=list)  # conversation, text, what it replies to
    updates: list[tuple[str, str]] = field(default_factory=list)  # activity, text
    opened: list[str] = field(default_factory=list)
    deaf: set[str] = field(default_factory=set)  # conversations that take nothing
    failure: Exception = field(default_factory=lambda: NotSent("403", blocked=True))

    async def send(
        self, place: Place, reply: Reply, language: str, *, reply_to: str = "", file: FileOffer | None = None
    ) -> Sent:
        await asyncio.sleep(0)
        if place.conversation_id in self.deaf:
            raise self.failure
        self.said.append((place.conversation_id, _shown(reply, language, file), reply_to))
        return Sent(place, f"sent-{len(self.said)}")

    async def update(self, sent: Sent, reply: Reply, language: str) -> None:
        if sent.place.conversation_id in self.deaf:
            raise self.failure
        self.updates.append((sent.activity_id, _shown(reply, language)))

    async def open_personal(self, person: Person, near: Place) -> Place:
        if person.chat_id in self.deaf:
            raise self.failure
        self.opened.append(person.chat_id)
        return replace(CHAT, conversation_id="a:opened")


@dataclass
class Directory:
    """Who is a guest; fails as told, or hangs until it tells."""

    guest: bool = False
    failure: Exception | None = None
    hangs: bool = False
    tells: asyncio.Event = field(default_factory=asyncio.Event)

    async def inventory(self, object_id: str, references: Iterable[str] = ()) -> Inventory:
        if self.hangs:
            await self.tells.wait()
        if self.failure:
            raise self.failure
        return Inventory(Account(object_id, "", "", guest=self.guest), ())

    async def so_far(self, object_id: str, references: Iterable[str] = ()) -> Inventory:
        return await self.inventory(object_id)


@dataclass(frozen=True)
class Read:
    """What a text is understood as: its first word is the intent."""

    intent: str
    values: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"
    labels: tuple[str, ...] = ()


@dataclass
class Bot:
    """A pipeline with four commands: `help` for all, `forgot` in private, `odd` as the test wants it, and `act`, which
    changes something."""

    channel: Heard
    directory: Directory
    conversations: Conversations
    clock: Clock
    heard: HeardMessages
    promises: Promises
    acted: int = 0  # how often something was changed
    odd: Callable[[], Answer] = lambda: Answer(_say("help"))
    slept: list[float] = field(default_factory=list)  # until Teams takes something again

    def __post_init__(self) -> None:
        self.build(GENEROUS)

    def build(self, deadlines: Deadlines) -> None:
        """The pipeline; a test about a deadline builds it anew with a short one."""

        async def helped(_asked: Asked, _: None) -> Answer:
            return Answer(_say("help"))

        async def forgot(_asked: Asked, _: None) -> Answer:
            return Answer(Say(Text("forgot.no_device")))

        async def odd(_asked: Asked, _: None) -> Answer:
            return self.odd()

        async def act(_asked: Asked, _: None) -> Answer:
            self.acted += 1
            return Answer(_say("help"))

        commands = (
            Command(bound(act, None), intents=("act",), verbs=("act",), once=True),
            Command(
                bound(helped, None), intents=("welcome", "help", "unknown"), verbs=("help",), audience=For.EVERYBODY
            ),
            Command(bound(forgot, None), intents=("forgot",), verbs=("pin.forgot",), private=True),
            Command(bound(odd, None), intents=("odd",), verbs=("odd",)),
        )

        async def is_guest(object_id: str) -> bool:
            return (await self.directory.so_far(object_id)).account.guest

        example = Example().services
        self.pipeline = Pipeline(
            router=Router(
                commands,
                lambda text, _locale, _before: Read(text.split()[0]),
                actions.read,
                chosen,
                NOBODY,
            ),
            access=Access(example.help.roles, is_guest, example.help.help_desk),
            gaps=example.help.gaps,
            channel=self.channel,
            conversations=self.conversations,
            heard=self.heard,
            promises=self.promises,
            erase=self.conversations.forget,
            limit=Limit(MOST, self.clock),
            clock=self.clock,
            deadlines=deadlines,
            sleep=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        """Teams takes everything once its time is over."""
        self.slept.append(seconds)
        await asyncio.sleep(0)
        self.channel.deaf = set()

    async def hear(self, text: str, activity_id: str = "1", **more: Any) -> PressAnswer | None:
        """A message of Ana in her own chat, unless told otherwise."""
        turn = Turn(TurnKind.MESSAGE, activity_id, ANA, CHAT, text=text)
        return await self.pipeline.handle(replace(turn, **more))

    async def press(self, verb: str, activity_id: str = "1", **more: Any) -> str:
        """What a press of Ana is answered with."""
        turn = Turn(TurnKind.BUTTON, activity_id, ANA, CHAT, button={"verb": verb}, card_id="pressed")
        answer = await self.pipeline.handle(replace(turn, **more))
        return _shown(answer.reply, answer.language) if answer else ""

    @property
    def words(self) -> list[str]:
        """All that was said, in order."""
        return [text for _, text, _ in self.channel.said]


def _say(key: str) -> Reply:
    return Say(Text(f"{key}.title"), (Text(f"{key}.text"),))


def _shown(reply: Reply, language: str = "en", file: FileOffer | None = None) -> str:
    drawn = drawing.message(reply, language)
    return drawn.summary if file else plain(drawn.card or {})


def _now() -> datetime:
    return datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    engine = await open_database(f"sqlite+aiosqlite:///{tmp_path}/bot.sqlite3")
    clock = Clock()
    conversations, heard = Conversations(engine, _now), HeardMessages(engine, _now)
    bot = Bot(Heard(), Directory(), conversations, clock, heard, Promises(engine, _now))
    yield bot
    await bot.pipeline.close()
    await engine.dispose()


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test does, no line of the log carries content or a traceback."""
    caplog.set_level(logging.DEBUG, logger="bot")
    yield
    records = caplog.get_records("call")
    assert not any(record.exc_info for record in records)
    assert CANARY not in " ".join(str(vars(record)) for record in records)


async def test_a_message_is_answered_by_a_reply_and_a_press_in_the_same_call(bot: Bot) -> None:
    assert await bot.hear("help", "7") is None
    [(conversation, text, reply_to)] = bot.channel.said
    assert (conversation, reply_to) == ("a:ana", "7")
    assert await bot.press("help", "8") == text
    assert len(bot.channel.said) == 1


async def test_ten_deliveries_of_one_message_are_one_answer_and_so_is_a_late_one(bot: Bot) -> None:
    await asyncio.gather(*(bot.hear("help") for _ in range(10)))
    bot.clock.now += 300
    await bot.hear("help")
    assert len(bot.channel.said) == 1


async def test_ten_deliveries_of_one_press_get_the_same_card(bot: Bot) -> None:
    assert len(set(await asyncio.gather(*(bot.press("help") for _ in range(10))))) == 1


async def test_the_same_id_in_another_chat_is_another_message(bot: Bot) -> None:
    await bot.hear("help")
    await bot.hear("help", person=BEN, place=replace(CHAT, conversation_id="a:ben"))
    assert [conversation for conversation, _, _ in bot.channel.said] == ["a:ana", "a:ben"]


async def test_what_has_no_id_is_never_taken_for_a_repetition(bot: Bot) -> None:
    for kind in (TurnKind.INSTALLED, TurnKind.REMOVED, TurnKind.INSTALLED):
        await bot.hear("", "", kind=kind)
    assert len(bot.channel.said) == 2
    assert await bot.conversations.personal(ANA) == CHAT


async def test_each_conversation_is_welcomed_once_by_a_message_that_replies_to_nothing(bot: Bot) -> None:
    for number in range(3):
        await bot.hear("", f"p{number}", kind=TurnKind.INSTALLED)
        await bot.hear("", f"g{number}", kind=TurnKind.INSTALLED, place=GROUP)
    assert [(conversation, reply_to) for conversation, _, reply_to in bot.channel.said] == [
        ("a:ana", ""),
        ("19:group", ""),
    ]


@pytest.mark.parametrize("place", [CHAT, GROUP], ids=["personal", "group"])
@pytest.mark.parametrize("count", [2, 3, 10])
async def test_events_of_one_install_that_come_at_once_are_one_welcome(bot: Bot, place: Place, count: int) -> None:
    hearing = (bot.hear("", f"f:{number}", kind=TurnKind.INSTALLED, place=place) for number in range(count))
    await asyncio.gather(*hearing)
    assert [text for text in bot.words if SORRY in text] == []
    assert len(bot.words) == 1


async def test_who_wrote_first_is_welcomed_once_when_teams_tells_of_the_install_later(bot: Bot) -> None:
    await bot.hear("help", "1")
    await bot.conversations.close()
    for number in range(2):
        await bot.hear("", f"f:{number}", kind=TurnKind.INSTALLED)
    assert len(bot.words) == 2


async def test_who_removes_the_bot_is_forgotten_without_a_word_and_welcomed_again_later(bot: Bot) -> None:
    await bot.hear("", "1", kind=TurnKind.INSTALLED)
    bot.channel.said.clear()
    await bot.hear("", "2", kind=TurnKind.REMOVED)
    assert await bot.conversations.personal(ANA) is None
    assert bot.channel.said == []
    await bot.hear("", "3", kind=TurnKind.INSTALLED)
    assert len(bot.words) == 1


async def test_who_takes_the_bot_out_of_a_group_is_not_forgotten_and_the_group_is_welcomed_again(bot: Bot) -> None:
    for kind, place in ((TurnKind.INSTALLED, CHAT), (TurnKind.INSTALLED, GROUP), (TurnKind.REMOVED, GROUP)):
        await bot.hear("", f"{kind} {place.kind}", kind=kind, place=place)
    assert await bot.conversations.personal(ANA) == CHAT
    await bot.hear("", "again", kind=TurnKind.INSTALLED, place=GROUP)
    assert [conversation for conversation, _, _ in bot.channel.said] == ["a:ana", "19:group", "19:group"]


@pytest.mark.parametrize("kind", [TurnKind.INSTALLED, TurnKind.REMOVED])
async def test_an_event_that_was_not_kept_is_told_again_and_nobody_is_told_sorry(
    bot: Bot, kind: TurnKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        for name in ("installed", "forget"):
            patch.setattr(bot.conversations, name, _fails)
        patch.setattr(bot.pipeline, "_erase", _fails)
        for _ in range(2):
            with pytest.raises(NotKept):
                await bot.hear("", "f:1", kind=kind)
    assert bot.words == []
    await bot.hear("", "f:1", kind=kind)
    assert len(bot.words) == (kind is TurnKind.INSTALLED)


async def _fails(*_: object) -> bool:
    raise RuntimeError(CANARY)


@pytest.mark.parametrize("failure", [NotSent("503"), NotSent("403", blocked=True), RuntimeError(CANARY)])
async def test_a_welcome_that_does_not_get_through_is_no_reason_to_tell_the_install_again(
    bot: Bot, failure: Exception
) -> None:
    bot.channel.deaf, bot.channel.failure = {"a:ana"}, failure
    assert await bot.hear("", "f:1", kind=TurnKind.INSTALLED) is None
    assert await bot.conversations.personal(ANA) == CHAT


async def test_three_thousand_installs_at_once_are_one_welcome_each_and_push_out_no_answer(bot: Bot) -> None:
    await bot.hear("help", "first")
    turns = [
        Turn(
            TurnKind.INSTALLED,
            f"f:{number}-{again}",
            replace(ANA, object_id=f"{number}"),
            replace(CHAT, conversation_id=f"a:{number}"),
        )
        for number in range(3_000)
        for again in range(2)
    ]
    await asyncio.gather(*(bot.pipeline.handle(turn) for turn in turns))
    await bot.hear("help", "first")
    welcomed = [conversation for conversation, _, _ in bot.channel.said[1:]]
    assert sorted(welcomed) == sorted(f"a:{number}" for number in range(3_000))
    assert len(await bot.conversations.reachable("t", [turn.person.object_id for turn in turns])) == 3_000


async def test_whatever_is_written_or_pressed_in_a_personal_chat_teaches_it_and_elsewhere_nothing(bot: Bot) -> None:
    await bot.hear("help", "1")
    await bot.press("help", "2", person=BEN, place=replace(CHAT, conversation_id="a:ben"))
    await bot.hear("help", "3", person=replace(ANA, object_id="cleo"), place=GROUP)
    await bot.conversations.close()
    assert await bot.conversations.reachable("t", ["ana", "ben", "cleo"]) == {"ana", "ben"}


async def test_an_answer_neither_waits_for_what_is_learnt_nor_fails_by_it(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hanging = asyncio.Event()

    async def hangs(_batch: object) -> None:
        await hanging.wait()
        raise RuntimeError(CANARY)

    monkeypatch.setattr(bot.conversations, "_store", hangs)
    await bot.hear("help", "1")
    assert "What I can do" in bot.words[0]
    hanging.set()
    await bot.conversations.close()
    assert "chat not learnt" in caplog.text


async def test_a_flood_is_answered_once_then_ignored_and_others_are_heard(bot: Bot) -> None:
    for number in range(MOST + 20):
        await bot.hear("help", str(number))
    assert len(bot.words) == MOST + 1
    assert "That was a lot at once" in bot.words[-1]
    assert await bot.press("help", "pressed") == ""
    await bot.hear("help", "ben", person=BEN)
    assert bot.words[-1] == bot.words[0]


async def test_a_flood_pushes_out_nothing_of_what_others_were_answered(bot: Bot) -> None:
    await bot.hear("help", "first")
    said = len(bot.words)
    for number in range(MESSAGES + 1):
        await bot.hear("help", str(number), person=BEN)
    told = len(bot.words)
    assert told < said + MOST + 2
    await bot.hear("help", "first")
    assert len(bot.words) == told


async def test_repetitions_do_not_count_as_a_flood(bot: Bot) -> None:
    for _ in range(MOST + 20):
        await bot.hear("help")
    await bot.hear("help", "2")
    assert len(bot.words) == 2


async def test_an_installation_in_a_flood_is_not_lost(bot: Bot) -> None:
    for number in range(MOST + 2):
        await bot.hear("help", str(number))
    await bot.hear("", "installed", kind=TurnKind.INSTALLED)
    assert await bot.conversations.personal(ANA) == CHAT


async def test_a_guest_gets_help_and_nothing_else(bot: Bot) -> None:
    bot.directory.guest = True
    await bot.hear("help", "1")
    await bot.hear("forgot", "2")
    assert "guest" not in bot.words[0]
    assert "You are a guest here" in bot.words[1]
    assert "You are a guest here" in await bot.press("pin.forgot", "3")


async def test_when_the_tenant_does_not_say_who_is_a_guest_everybody_gets_help(bot: Bot) -> None:
    bot.directory.failure = TenantUnreachable("graph")
    await bot.hear("odd", "1")
    assert "guest" not in bot.words[0]


async def test_when_the_tenant_hangs_the_answer_still_goes_out(bot: Bot) -> None:
    bot.build(replace(GENEROUS, answer=0.05))
    bot.directory.hangs = True
    await bot.hear("odd", "1")
    assert len(bot.words) == 1


async def test_in_a_group_the_answer_goes_to_the_persons_own_chat(bot: Bot) -> None:
    await bot.conversations.learn(ANA, CHAT)
    await bot.hear("forgot", "1", place=GROUP)
    [(first, answer, _), (second, note, reply_to)] = bot.channel.said
    assert (first, second, reply_to) == ("a:ana", "19:group", "1")
    assert "I answer in private" in note
    assert answer not in note
    assert bot.channel.opened == []


async def test_who_has_no_chat_with_the_bot_yet_gets_one(bot: Bot) -> None:
    await bot.hear("forgot", "1", place=GROUP)
    assert bot.channel.opened == ["29:ana"]
    assert [conversation for conversation, _, _ in bot.channel.said] == ["a:opened", "19:group"]
    await bot.conversations.close()
    assert await bot.conversations.reachable("t", ["ana"])


async def test_a_stored_chat_that_refuses_is_forgotten_and_opened_anew_the_next_time(bot: Bot) -> None:
    await bot.conversations.learn(ANA, CHAT)
    bot.channel.deaf = {"a:ana"}
    await bot.hear("forgot", "1", place=GROUP)
    assert "Please write to me in private" in bot.words[0]
    await bot.hear("forgot", "2", place=GROUP)
    assert bot.channel.opened == ["29:ana"]
    assert [conversation for conversation, _, _ in bot.channel.said][1:] == ["a:opened", "19:group"]


async def test_a_stored_chat_that_does_not_answer_just_now_is_kept(bot: Bot) -> None:
    await bot.conversations.learn(ANA, CHAT)
    bot.channel.deaf, bot.channel.failure = {"a:ana"}, NotSent("503")
    await bot.hear("forgot", "1", place=GROUP)
    assert await bot.conversations.personal(ANA) == CHAT


@pytest.mark.parametrize("deaf", ["29:ana", "a:opened"])
async def test_who_can_not_be_reached_in_private_is_told_so_and_no_more(bot: Bot, deaf: str) -> None:
    bot.channel.deaf = {deaf}
    await bot.hear("forgot", "1", place=GROUP)
    assert [conversation for conversation, _, _ in bot.channel.said] == ["19:group"]
    assert "Please write to me in private" in bot.words[0]


def _raises(error: Exception) -> Callable[[], Answer]:
    def run() -> Answer:
        raise error

    return run


async def test_a_known_failure_is_told_in_its_own_words(bot: Bot) -> None:
    bot.odd = _raises(TenantUnreachable(CANARY))
    await bot.hear("odd")
    assert "directory does not answer" in bot.words[0]
    assert CANARY not in bot.words[0]


async def test_a_defect_is_told_as_one_without_its_text(bot: Bot) -> None:
    bot.odd = _raises(RuntimeError(CANARY))
    await bot.hear(f"odd {CANARY}", "1")
    assert [SORRY in bot.words[0], CANARY in bot.words[0]] == [True, False]
    assert SORRY in await bot.press("odd", "2")


async def test_a_defect_in_a_group_tells_the_group_nothing(bot: Bot) -> None:
    bot.odd = _raises(RuntimeError(CANARY))
    await bot.hear("odd", place=GROUP)
    assert CANARY not in bot.words[0]


@pytest.mark.parametrize("failure", [NotSent("403"), RuntimeError(CANARY), TenantUnreachable(CANARY)])
async def test_when_nothing_can_be_said_nothing_is_raised(bot: Bot, failure: Exception) -> None:
    bot.channel.deaf, bot.channel.failure = {"a:ana"}, failure
    assert await bot.hear("help") is None
    assert bot.channel.said == []


async def test_a_text_that_breaks_the_reading_is_answered_all_the_same(bot: Bot) -> None:
    await bot.hear("")  # nothing to split: the reader of this test breaks on it
    assert SORRY in bot.words[0]


def _later(later: Callable[[], Reply], first: Reply | None = None) -> Callable[[], Answer]:
    async def told() -> Reply:
        return later()

    return lambda: Answer(first or _say("help"), later=told)


async def test_what_comes_late_takes_the_place_of_the_first_answer(bot: Bot) -> None:
    bot.odd = _later(lambda: _say("errors.flood"))
    await bot.hear("odd", "1")
    await until(lambda: bool(bot.channel.updates))
    assert bot.channel.updates[0][0] == "sent-1"
    assert "That was a lot at once" in bot.channel.updates[0][1]


async def test_what_comes_late_after_a_press_takes_the_place_of_the_pressed_card(bot: Bot) -> None:
    bot.odd = _later(lambda: _say("errors.flood"))
    assert await bot.press("odd")
    await until(lambda: bool(bot.channel.updates))
    assert bot.channel.updates[0][0] == "pressed"


def _broken() -> Reply:
    raise RuntimeError(CANARY)


def _unreachable() -> Reply:
    raise TenantUnreachable(CANARY)


@pytest.mark.parametrize("later", [_broken, _unreachable, lambda: Say(Text("no.such.words"))])
async def test_a_late_answer_that_fails_leaves_help_that_is_there(
    bot: Bot, caplog: pytest.LogCaptureFixture, later: Callable[[], Reply]
) -> None:
    bot.odd = _later(later)
    await bot.hear("odd")
    await until(lambda: "no later answer" in caplog.text)
    assert (len(bot.words), bot.channel.updates) == (1, [])


@pytest.mark.parametrize(
    ("later", "said"),
    [(_broken, SORRY), (_unreachable, "directory does not answer"), (lambda: Say(Text("no.such.words")), SORRY)],
)
async def test_one_moment_never_stays_when_what_was_to_come_fails(
    bot: Bot, later: Callable[[], Reply], said: str
) -> None:
    bot.odd = _later(later, WORKING)
    await bot.press("odd")
    await until(lambda: bool(bot.channel.updates))
    [(card, text)] = bot.channel.updates
    assert card == "pressed"
    assert said in text


async def test_one_moment_does_not_stay_when_the_tenant_hangs(bot: Bot) -> None:
    bot.build(replace(GENEROUS, later=0.05))
    bot.odd = lambda: Answer(WORKING, later=_hang)
    await bot.press("odd")
    await until(lambda: bool(bot.channel.updates))
    assert "directory does not answer" in bot.channel.updates[0][1]


async def test_when_not_even_sorry_can_take_the_place_of_one_moment_it_is_logged(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    bot.odd = _later(lambda: _say("help"), WORKING)
    bot.channel.deaf = {"a:ana"}
    await bot.press("odd")
    await until(lambda: "apology failed: NotSent" in caplog.text)


async def test_a_late_answer_that_hangs_is_given_up(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    bot.build(replace(GENEROUS, later=0.05))
    bot.odd = lambda: Answer(_say("help"), later=_hang)
    await bot.hear("odd")
    await until(lambda: "no later answer: TenantUnreachable" in caplog.text)
    assert bot.channel.updates == []


async def test_closing_does_not_wait_for_late_answers(bot: Bot) -> None:
    bot.odd = lambda: Answer(_say("help"), later=_hang)
    await bot.hear("odd")
    await bot.pipeline.close()
    assert bot.channel.updates == []


async def _hang() -> Reply:
    await asyncio.Event().wait()
    raise AssertionError("never")


async def test_a_button_that_nobody_knows_is_answered(bot: Bot) -> None:
    assert await bot.press("no.such.verb") == await bot.press("help", "2")


def test_every_error_has_words() -> None:
    keys = {kind.key for kind in BotError.__subclasses__()} | {BotError.key, "errors.flood", "errors.guest"}
    for key in keys:
        assert _shown(note(key))


async def test_a_brief_answer_to_a_press_leaves_the_card_as_it_is(bot: Bot) -> None:
    bot.odd = lambda: Answer(_say("help"), brief=True)
    turn = Turn(TurnKind.BUTTON, "1", ANA, CHAT, button={"verb": "odd"}, card_id="pressed")
    answer = await bot.pipeline.handle(turn)
    assert answer == PressAnswer(_say("help"), "en", brief=True)
    assert bot.channel.updates == []


@pytest.mark.parametrize("card_id", ["pressed", ""])
async def test_a_file_is_offered_after_a_press_too(bot: Bot, monkeypatch: pytest.MonkeyPatch, card_id: str) -> None:
    files: list[FileOffer | None] = []

    async def send(
        place: Place, _reply: Reply, _language: str, *, reply_to: str = "", file: FileOffer | None = None
    ) -> Sent:
        files.append(file)
        return Sent(place, "1")

    monkeypatch.setattr(bot.channel, "send", send)
    offer = FileOffer("gaps.csv", 10, accept="yes", decline="no")
    bot.odd = lambda: Answer(_say("help"), file=offer)
    assert "What I can do" in await bot.press("odd", card_id=card_id)
    await until(lambda: offer in files)
    assert [file for file in files if file] == [offer]


async def test_what_a_press_is_answered_with_stands_in_the_persons_own_chat_for_all_their_devices(bot: Bot) -> None:
    answer = await bot.press("help")
    await until(lambda: bool(bot.channel.updates))
    assert bot.channel.updates == [("pressed", answer)]


@pytest.mark.parametrize("place", [GROUP, replace(GROUP, kind=PlaceKind.CHANNEL)])
async def test_where_others_read_along_a_press_changes_nothing_for_them(bot: Bot, place: Place) -> None:
    assert await bot.press("help", place=place)
    bot.odd = _later(lambda: _say("errors.flood"), WORKING)
    assert await bot.press("odd", "2", place=place)
    await until(lambda: bool(bot.words))
    assert bot.channel.opened == ["29:ana"]  # what came late was for who pressed
    assert "That was a lot at once" in bot.words[0]
    assert bot.channel.updates == []


@pytest.mark.parametrize("later", [_broken, _unreachable])
async def test_what_fails_late_after_a_press_where_others_read_along_is_told_in_private(
    bot: Bot, later: Callable[[], Reply]
) -> None:
    bot.odd = _later(later, WORKING)
    await bot.press("odd", place=GROUP)
    await until(lambda: bool(bot.words))
    [(conversation, _, _)] = bot.channel.said
    assert (conversation, bot.channel.updates) == ("a:opened", [])


async def test_a_clients_own_refresh_changes_no_message_and_asks_for_no_refusal(bot: Bot) -> None:
    assert await bot.press("help", automatic=True)
    bot.odd = _later(lambda: _say("errors.flood"), WORKING)
    await bot.press("odd", "2", automatic=True)
    bot.odd = _raises(TenantUnreachable(CANARY))
    assert await bot.press("odd", "3", automatic=True) == ""
    assert await bot.press("help", "4", automatic=True) == ""  # the flood
    await bot.press("help", "5", automatic=True, person=BEN, place=GROUP)
    bot.directory.guest = True
    assert await bot.press("pin.forgot", "6", automatic=True, person=BEN) == ""
    assert (bot.channel.updates, bot.words) == ([], [])


async def test_a_refusal_and_a_button_of_nobody_leave_the_pressed_card_as_it_is(bot: Bot) -> None:
    bot.odd = _raises(TenantUnreachable(CANARY))
    assert "Try again" in await bot.press("odd")
    assert await bot.press("no.such.verb", "2")
    bot.directory.guest = True
    assert "Try again" not in await bot.press("pin.forgot", "3")
    await bot.pipeline.close()
    assert bot.channel.updates == []


@pytest.mark.parametrize(("place", "chat"), [(CHAT, CHAT.conversation_id), (GROUP, "a:opened")])
async def test_what_comes_late_of_a_press_is_done_and_said_though_the_client_does_not_name_the_pressed_message(
    bot: Bot, place: Place, chat: str
) -> None:
    bot.odd = _later(lambda: _say("errors.flood"), WORKING)
    assert "One moment" in await bot.press("odd", card_id="", place=place)
    await until(lambda: bool(bot.channel.updates))
    [(conversation, first, _)] = bot.channel.said
    assert (conversation, "One moment" in first) == (chat, True)
    assert [words for _, words in bot.channel.updates] == [_shown(_say("errors.flood"))]


async def test_what_fails_late_offers_the_same_press_again(bot: Bot) -> None:
    bot.odd = _later(_unreachable, WORKING)
    await bot.press("odd")
    await until(lambda: bool(bot.channel.updates))
    assert "Try again" in bot.channel.updates[0][1]


async def test_help_that_was_there_already_stays_on_the_other_devices_too(bot: Bot) -> None:
    bot.odd = _later(_unreachable)
    answer = await bot.press("odd")
    await until(lambda: bool(bot.channel.updates))
    assert bot.channel.updates == [("pressed", answer)]


async def test_of_two_presses_on_one_card_the_newer_one_stays_whatever_comes_late(bot: Bot) -> None:
    told = asyncio.Event()

    async def late() -> Reply:
        await told.wait()
        return _say("errors.flood")

    bot.odd = lambda: Answer(_say("help"), later=late)
    await bot.press("odd")
    newer = await bot.press("help", "2")
    await until(lambda: bool(bot.channel.updates))
    told.set()
    await asyncio.sleep(0.05)  # the older one has nothing to wait for any more
    assert bot.channel.updates == [("pressed", newer)]


@dataclass
class Stored:
    """Something stored of which everybody has a card; `moves`: how it goes on while a card is being put."""

    revision: int = 1
    moves: int = 0

    def answer(self, act: Callable[[], Awaitable[None]] | None = None) -> Answer:
        async def base() -> tuple[Reply, int]:
            return self._drawn("base"), self.revision

        async def own(outcome: tuple[Text, ...]) -> tuple[Reply, int]:
            self.revision, self.moves = self.revision + bool(self.moves), max(0, self.moves - 1)
            return self._drawn("own", *outcome), self.revision

        return Answer(self._drawn("own"), view=View(self.revision, base, own, act))

    def _drawn(self, whose: str, *outcome: Text) -> Reply:
        look = Button(Text("button.view_request"), whose)
        number = Text("request.title", {"number": f"{self.revision}, {whose}"})
        return Details(number, outcome=outcome, buttons=(look,), refresh=look)


async def test_a_view_that_is_no_longer_true_when_it_stands_there_is_drawn_again(bot: Bot) -> None:
    bot.odd = Stored(moves=2).answer
    await bot.press("odd")
    await until(lambda: len(bot.channel.updates) == 3)
    assert [text.partition("\n")[0] for _, text in bot.channel.updates] == [
        "Request #1, own",
        "Request #2, own",
        "Request #3, own",
    ]


async def test_a_view_is_put_once_while_nothing_happens_and_never_where_others_read_along(bot: Bot) -> None:
    bot.odd = Stored().answer
    await bot.press("odd", place=GROUP)
    answer = await bot.press("odd", "2")
    await until(lambda: bool(bot.channel.updates))
    await bot.pipeline.close()
    assert bot.channel.updates == [("pressed", answer)]


async def test_a_view_is_not_sent_where_others_read_along(bot: Bot) -> None:
    bot.odd = Stored().answer
    await bot.hear("odd", place=GROUP)
    assert ["base" in bot.words[0], "own" in bot.words[0]] == [True, False]


@pytest.mark.parametrize("place", [CHAT, GROUP])
async def test_a_stored_card_keeps_its_buttons_when_what_a_press_began_fails(bot: Bot, place: Place) -> None:
    async def act() -> None:
        raise TenantUnreachable(CANARY)

    bot.odd = lambda: Stored().answer(act)
    await bot.press("odd", place=place)
    await until(lambda: bool(bot.channel.updates))
    [(card, text)] = bot.channel.updates
    assert (card, "Show my buttons" in text) == ("pressed", True)
    failed = "directory does not answer"
    assert [failed in text, any(failed in said for said in bot.words)] == [place is CHAT, place is not CHAT]


async def test_a_file_that_was_taken_in_a_group_replaces_nothing_there(bot: Bot) -> None:
    bot.odd = lambda: Answer(_say("help"), in_place=True)
    for number, place in enumerate((CHAT, GROUP)):
        turn = Turn(TurnKind.MESSAGE, str(number), ANA, place, button={"verb": "odd"}, card_id="offer")
        await bot.pipeline.handle(turn)
    assert [card for card, _ in bot.channel.updates] == ["offer"]
    assert [conversation for conversation, _, _ in bot.channel.said] == ["19:group"]


THROTTLED = NotSent("429", after=60.0)


@pytest.mark.parametrize(
    ("text", "place", "deaf", "said"),
    [
        ("help", CHAT, "a:ana", ["a:ana"]),
        ("forgot", CHAT, "a:ana", ["a:ana"]),
        ("odd", GROUP, "19:group", ["19:group"]),
        ("forgot", GROUP, "a:opened", ["19:group", "a:opened"]),
    ],
)
async def test_an_answer_that_is_throttled_for_long_is_said_when_teams_takes_it_again(
    bot: Bot, text: str, place: Place, deaf: str, said: list[str]
) -> None:
    runs: list[str] = []

    def odd() -> Answer:
        runs.append("odd")
        return Answer(_say("help"))

    bot.odd = odd
    bot.channel.deaf, bot.channel.failure = {deaf}, THROTTLED
    await bot.hear(text, place=place)
    await until(lambda: len(bot.channel.said) == len(said))
    assert sorted(conversation for conversation, _, _ in bot.channel.said) == sorted(said)
    assert bot.slept == [60.0]
    assert len(runs) <= 1  # said later, not done again


async def test_one_moment_is_followed_by_its_answer_though_teams_throttles_that_for_long(bot: Bot) -> None:
    bot.odd = _later(lambda: _say("errors.flood"), WORKING)
    bot.channel.deaf, bot.channel.failure = {"a:ana"}, THROTTLED
    await bot.press("odd")
    await until(lambda: bool(bot.channel.updates))
    assert "That was a lot at once" in bot.channel.updates[0][1]
    assert bot.slept == [60.0]


@pytest.mark.parametrize("after", [None, MOST_PATIENCE + 1])
async def test_what_is_final_or_too_late_is_not_said_later(bot: Bot, after: float | None) -> None:
    bot.channel.deaf, bot.channel.failure = {"a:ana"}, NotSent("500", after=after)
    await bot.hear("help")
    await bot.pipeline.close()
    assert (bot.slept, bot.channel.said) == ([], [])


async def test_three_refusals_end_it(
    bot: Bot, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object, **__: object) -> Sent:
        raise THROTTLED

    monkeypatch.setattr(bot.channel, "send", never)
    await bot.hear("help")
    await until(lambda: "not said later either: NotSent" in caplog.text)
    assert bot.slept == [60.0] * MOST_TRIES


@pytest.mark.parametrize("text", ["help", "forgot", "odd"])
async def test_what_others_were_not_shown_is_answered_in_the_personal_chat_or_nowhere(bot: Bot, text: str) -> None:
    bot.odd = _raises(RuntimeError(CANARY))
    await bot.hear(text, "1", place=GROUP, targeted=True)
    assert [conversation for conversation, _, _ in bot.channel.said] == ["a:opened"]
    bot.channel.deaf = {"29:ben"}
    for number in range(2 * MOST):  # neither an apology nor the flood's notice is for others
        await bot.hear(text, f"ben-{number}", person=BEN, place=GROUP, targeted=True)
    assert len(bot.channel.said) == 1


@pytest.mark.parametrize("button", [{"verb": "help", "reason": "x" * 2_001}, {"verb": "help", "reason": ["a"]}])
async def test_a_form_that_can_not_be_read_is_told_so_in_a_line_and_the_card_stays(
    bot: Bot, button: dict[str, Any]
) -> None:
    answer = await bot.pipeline.handle(Turn(TurnKind.BUTTON, "1", ANA, CHAT, button=button, card_id="pressed"))
    assert answer is not None
    assert answer.brief
    assert "I couldn't read what was filled in" in _shown(answer.reply)
    assert await bot.press("help", "2", button=button, automatic=True) == ""
    assert (bot.channel.said, bot.channel.updates) == ([], [])


async def test_what_changes_something_is_not_done_again_by_the_same_message_after_a_restart(bot: Bot) -> None:
    await bot.hear("act", "7")
    bot.build(GENEROUS)  # nothing is left in memory
    await bot.hear("act", "7")
    assert (bot.acted, "a second time, so I did nothing" in bot.words[-1]) == (1, True)
    assert "a second time" in await bot.press("act", "7")
    bot.build(GENEROUS)
    await bot.hear("act", "8")
    await bot.hear("act", "7", place=replace(CHAT, conversation_id="a:another"))
    assert bot.acted == 3


async def test_what_changes_nothing_is_said_again_after_a_restart(bot: Bot) -> None:
    await bot.hear("help", "7")
    bot.build(GENEROUS)
    await bot.hear("help", "7")
    assert bot.words[0] == bot.words[1]


async def test_nothing_is_changed_while_nobody_can_tell_whether_it_was_done_already(bot: Bot) -> None:
    @dataclass
    class Away:
        async def first(self, _conversation_id: str, _activity_id: str) -> bool:
            raise StoreUnavailable("locked")

    bot.heard = Away()  # type: ignore[assignment]
    bot.build(GENEROUS)
    await bot.hear("act")
    assert (bot.acted, "Nothing has changed" in bot.words[-1]) == (0, True)


async def test_what_waits_on_behalf_of_a_press_knows_until_when_and_nothing_else_is_hurried(bot: Bot) -> None:
    seen: list[float | None] = []

    async def later() -> Reply:
        seen.append(PRESS_UNTIL.get())
        return _say("help")

    def odd() -> Answer:
        seen.append(PRESS_UNTIL.get())
        return Answer(WORKING, later=later)

    bot.odd = odd
    before = asyncio.get_running_loop().time()
    await bot.press("odd", "1")
    await until(lambda: len(seen) == 2)
    await bot.hear("odd", "2")
    await until(lambda: len(seen) == 4)
    assert seen[0] is not None
    assert seen[0] >= before
    assert seen[1:] == [None, None, None]


async def _no_redraw(number: int) -> None:
    raise AssertionError(number)


async def _restart(bot: Bot) -> None:
    """What SIGTERM does, and the next start."""
    await bot.pipeline.close()
    apologies = Apologies(bot.promises, bot.channel, bot.conversations.personal_of, _no_redraw)
    await apologies.load()
    await apologies.round()


async def test_one_moment_does_not_stay_for_ever_when_the_bot_is_restarted(bot: Bot) -> None:
    hangs = asyncio.Event()

    async def later() -> Reply:
        hangs.set()
        await asyncio.Event().wait()
        raise AssertionError

    bot.odd = lambda: Answer(WORKING, later=later)
    await bot.hear("odd")
    await hangs.wait()
    await _restart(bot)
    ((changed, said),) = bot.channel.updates
    assert (changed, "I was restarted" in said) == ("sent-1", True)
    assert await bot.promises.left() == []


async def test_help_that_was_to_be_completed_stays_and_the_rest_is_apologised_for(bot: Bot) -> None:
    hangs = asyncio.Event()

    async def later() -> Reply:
        hangs.set()
        await asyncio.Event().wait()
        raise AssertionError

    bot.odd = lambda: Answer(_say("help"), later=later)
    await bot.hear("odd")
    await hangs.wait()
    await _restart(bot)
    assert bot.channel.updates == []
    assert "I was restarted" in bot.words[-1]


async def test_what_was_kept_is_not_apologised_for(bot: Bot) -> None:
    async def later() -> Reply:
        return _say("help")

    bot.build(replace(GENEROUS, finish=PATIENCE))
    bot.odd = lambda: Answer(WORKING, later=later)
    await bot.hear("odd")
    await until(lambda: bool(bot.channel.updates))
    await _restart(bot)
    assert len(bot.channel.updates) == len(bot.channel.said) == 1


async def test_what_is_under_way_may_end_when_the_bot_is_stopped(bot: Bot) -> None:
    bot.build(replace(GENEROUS, finish=PATIENCE))
    goes_on, began = asyncio.Event(), asyncio.Event()

    async def later() -> Reply:
        began.set()
        await goes_on.wait()
        return _say("help")

    bot.odd = lambda: Answer(WORKING, later=later)
    await bot.hear("odd")
    await began.wait()
    stopping = asyncio.create_task(bot.pipeline.close())
    await asyncio.sleep(0)
    goes_on.set()
    await stopping
    ((_, said),) = bot.channel.updates
    assert "What I can do" in said


async def test_an_apology_that_teams_does_not_take_is_made_later(bot: Bot) -> None:
    promise = Promise(Sent(CHAT, "old"), "ana", "en", stays=False)
    await bot.promises.made(promise)
    apologies = Apologies(bot.promises, bot.channel, bot.conversations.personal_of, _no_redraw)
    await apologies.load()
    bot.channel.deaf, bot.channel.failure = {CHAT.conversation_id}, NotSent("503")
    await apologies.round()
    assert await bot.promises.left() == [promise]
    bot.channel.deaf = set()
    await apologies.round()
    assert (await bot.promises.left(), len(bot.channel.updates)) == ([], 1)


async def test_what_others_read_along_is_apologised_for_in_private_and_a_requests_card_is_drawn_anew(bot: Bot) -> None:
    drawn: list[int] = []

    async def redraw(number: int) -> None:
        drawn.append(number)

    await bot.conversations.learn(ANA, CHAT)
    await bot.promises.made(Promise(Sent(GROUP, "1"), ANA.object_id, "en", stays=False))
    await bot.promises.made(Promise(Sent(CHAT, "2"), ANA.object_id, "en", stays=True, request=7))
    apologies = Apologies(bot.promises, bot.channel, bot.conversations.personal_of, redraw)
    await apologies.load()
    await apologies.round()
    assert (drawn, [place for place, _, _ in bot.channel.said], bot.channel.updates) == (
        [7],
        [CHAT.conversation_id],
        [],
    )
