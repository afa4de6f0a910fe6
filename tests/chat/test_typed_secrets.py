"""Whatever a typed PIN or password leads to, its writer is warned once, where it was typed, and it is nowhere else."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from bot.chat.access import Access
from bot.chat.afterwards import Promise
from bot.chat.command import Answer, Asked, Command, For, bound
from bot.chat.deadlines import Deadlines
from bot.chat.flood import Limit
from bot.chat.people import Languages
from bot.chat.pipeline import Pipeline
from bot.chat.recent import Recent
from bot.chat.router import Router
from bot.chat.turn import Place, PlaceKind, PressAnswer, Sent, Turn, TurnKind
from bot.chat.typed_secrets import LONG, WRITTEN, hidden
from bot.commands import commands
from bot.demo.gallery import drawn
from bot.demo.gallery.example import Example
from bot.errors import BotError, TenantUnreachable
from bot.reset_rules.facts import Standing
from bot.store.conversations import Conversations
from bot.store.database import open_database
from bot.teams import drawing
from bot.tenant import Roles
from cards import actions
from cards.plain import plain
from dialogs.understanding.understand import Understood, chosen, prepare, understand
from dialogs.words.answers import answers
from dialogs.words.replies import Say, Text
from tests.chat.pipeline.harness import ANA, CHAT, GROUP, Directory, Heard, Read
from tests.deadlines import GENEROUS
from tests.teams.door.front import Clock, until

COMMANDS = commands(Example().services)


PIN = "583920"
PLACES = (CHAT, GROUP, replace(GROUP, kind=PlaceKind.CHANNEL, conversation_id="19:channel"))
WARNED = "It looks as if you typed a PIN or a password"
MOST = 3


@dataclass
class Allowed:
    """Everybody has every role, nobody has one, or nobody can tell."""

    role: bool = True
    failure: Exception | None = None

    async def is_admin(self, object_id: str) -> bool:
        return self._told(object_id)

    async def is_approver(self, object_id: str, *, fresh: bool = False) -> bool:
        return self._told(object_id)

    async def is_help_desk(self, object_id: str, *, fresh: bool = False) -> bool:
        return self._told(object_id)

    async def standing(self, object_id: str) -> Standing:
        return Standing.MEMBER

    def _told(self, _object_id: str) -> bool:
        if self.failure:
            raise self.failure
        return self.role


@dataclass
class Bot:
    """All commands of the product behind the real pipeline; what a text means is the test's to say."""

    conversations: Conversations
    engine: Any
    channel: Heard = field(default_factory=Heard)
    directory: Directory = field(default_factory=Directory)
    roles: Allowed = field(default_factory=Allowed)
    meant: Read | None = None
    broken: tuple[Command, ...] | None = None  # commands in place of ours
    noted: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.build()

    def _understand(self, text: str, locale: str, before: Sequence[str]) -> "Read | Understood":
        return self.meant or understand(text, locale, before)

    def build(self, deadlines: Deadlines = GENEROUS) -> None:
        roles, example = cast("Roles", self.roles), Example(devices=self.directory).services
        services = replace(
            example,
            help=replace(example.help, roles=roles, gaps=self),
            answers=replace(example.answers, gaps=cast("Any", self)),
        )
        listed = self.broken if self.broken is not None else commands(services)
        self.pipeline = Pipeline(
            router=Router(listed, self._understand, actions.read, chosen, Recent(lambda: 0.0)),
            access=Access(roles, self._is_guest, example.help.help_desk),
            gaps=self,
            channel=self.channel,
            conversations=self.conversations,
            heard=self,
            promises=self,
            erase=self.conversations.forget,
            limit=Limit(MOST, Clock()),
            languages=Languages(self.conversations, example.help.people, "en", 1.0),
            clock=Clock(),
            deadlines=deadlines,
        )

    async def _is_guest(self, object_id: str) -> bool:
        return (await self.directory.so_far(object_id)).account.guest

    def note(self, text: str, _answer: str = "") -> str:
        self.noted.append(text)
        return "0"

    def settled(self, _gap: str) -> None: ...

    async def made(self, _promise: object) -> None: ...

    async def kept(self, _sent: object) -> None: ...

    async def left(self) -> list[Promise]:
        return []

    async def first(self, _conversation_id: str, _activity_id: str) -> bool:
        return True  # all turns here have one id

    async def hear(self, text: str, place: Place = CHAT, activity_id: str = "1") -> None:
        await self.pipeline.handle(Turn(TurnKind.MESSAGE, activity_id, ANA, place, text=text))
        await self.settle()

    async def press(self, verb: str, **inputs: str) -> str:
        turn = Turn(TurnKind.BUTTON, "1", ANA, CHAT, button={"verb": verb, **inputs}, card_id="pressed")
        said = await self.pipeline.handle(turn)
        await self.settle()
        return _text(said)

    async def settle(self) -> None:
        """Until nothing is under way beside the turn."""
        await until(lambda: not self.pipeline._afterwards._tasks)

    @property
    def all_said(self) -> str:
        return repr(self.channel.said) + repr(self.channel.updates)

    def warnings(self, place: Place) -> list[int]:
        """How often the warning stands in this place, and in all others; a card updated in place counts as one."""
        updated = dict(self.channel.updates)
        here = there = 0
        for number, (conversation, text, _) in enumerate(self.channel.said, 1):
            times = updated.get(f"sent-{number}", text).count(WARNED)
            assert text.count(WARNED) == times  # what comes later neither adds nor takes away a warning
            if conversation == place.conversation_id:
                here += times
            else:
                there += times
        return [here, there]


def _text(said: PressAnswer | None) -> str:
    return plain(drawing.message(said.reply, said.language).card or {}) if said else ""


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    prepare()
    engine = await open_database(f"sqlite+aiosqlite:///{tmp_path}/bot.sqlite3")
    bot = Bot(Conversations(engine, lambda: datetime(2026, 11, 24, tzinfo=UTC)), engine)
    yield bot
    await bot.pipeline.close()
    await engine.dispose()


@pytest.fixture(autouse=True)
def _not_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG, logger="bot")
    yield
    assert PIN not in " ".join(str(vars(record)) for record in caplog.get_records("call"))


# What each typed command takes beside its name; `text` of the turn holds the secret in any case.
VALUES: dict[str, dict[str, str]] = {
    "near_miss": {"topic": "password"},
    "answer": {"answer": "oma_uri"},
    "nearest": {"first": "answer.oma_uri", "second": "answer.csp"},
    "usage": {"command": "assign"},
    "close": {"number": "1", "reason": "done"},
    "assign": {"include": "Pilot Ring"},
    "unassign": {"include": "Pilot Ring"},
    "freeze": {"reason": "too many errors"},
    **{key: {"number": "1"} for key in ("undo", "request", "retry", "cancel")},
}
INTENTS = [intent for command in COMMANDS for intent in command.intents]
VERBS = [verb for command in COMMANDS for verb in command.verbs]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.kind)
@pytest.mark.parametrize("intent", INTENTS)
async def test_every_command_that_takes_a_text_with_a_pin_warns_once_where_it_was_typed(
    bot: Bot, intent: str, place: Place
) -> None:
    bot.meant = Read(intent, VALUES.get(intent, {}))
    await bot.hear(f"{intent}, my PIN is {PIN}", place, "1")
    assert bot.warnings(place) == [1, 0]
    assert PIN not in bot.all_said + repr(bot.noted)


@pytest.mark.parametrize("intent", INTENTS)
async def test_no_command_warns_of_a_text_without_a_pin(bot: Bot, intent: str) -> None:
    bot.meant = Read(intent, VALUES.get(intent, {}))
    await bot.hear(f"{intent} please")
    assert bot.channel.said
    assert WARNED not in bot.all_said


@pytest.mark.parametrize("name", sorted(WRITTEN))
@pytest.mark.parametrize("verb", VERBS)
async def test_every_press_whose_form_holds_a_pin_warns_once_and_keeps_nothing_of_it(
    bot: Bot, verb: str, name: str
) -> None:
    said = await bot.press(verb, **{name: f"because my PIN is {PIN}"})
    alone = sum(text.count(WARNED) for _, text, _ in bot.channel.said)
    for card in (said, *(text for _, text in bot.channel.updates)):  # each takes the place of the one before
        assert card.count(WARNED) + alone == 1
    assert PIN not in said + bot.all_said + repr(bot.noted)


@pytest.mark.parametrize("verb", VERBS)
async def test_no_press_warns_of_a_form_without_a_pin(bot: Bot, verb: str) -> None:
    said = await bot.press(verb, reason="CHG-1, first ring", detail="0x80090033", question="where do I click?")
    assert said
    assert WARNED not in said + bot.all_said


def _no_role(bot: Bot) -> None:
    bot.roles.role = False


def _role_unknown(bot: Bot) -> None:
    bot.roles.failure = TenantUnreachable("roles")


def _guest(bot: Bot) -> None:
    bot.directory.guest = True


def _not_reached(bot: Bot) -> None:
    bot.channel.deaf = {ANA.chat_id}


def _defect(bot: Bot) -> None:
    async def broken(_asked: Any, _: None) -> Any:
        raise RuntimeError(PIN)

    bot.broken = tuple(replace(command, run=bound(broken, None)) for command in commands(Example().services))
    bot.build()


def _known_error(bot: Bot) -> None:
    bot.directory.failure = BotError()


def _unreadable(bot: Bot) -> None:
    bot.pipeline._router.route = _broken  # type: ignore[assignment]  # the reading itself fails


def _broken(_turn: Turn) -> Any:
    raise RuntimeError(PIN)


REFUSALS: dict[str, tuple[Callable[[Bot], None], str, Place]] = {
    "no role": (_no_role, "status", CHAT),
    "no role, in a group": (_no_role, "status", GROUP),
    "role unknown": (_role_unknown, "approvals", CHAT),
    "guest": (_guest, "forgot", CHAT),
    "guest, in a group": (_guest, "forgot", GROUP),
    "not reached in private": (_not_reached, "forgot", GROUP),
    "a defect": (_defect, "forgot", CHAT),
    "a defect, in a group": (_defect, "answer", GROUP),
    "a known error": (_known_error, "forgot", CHAT),
    "a text that can't be read": (_unreadable, "forgot", CHAT),
}


@pytest.mark.parametrize("secret", [True, False])
@pytest.mark.parametrize("case", REFUSALS)
async def test_every_refusal_and_every_apology_warns_too(bot: Bot, case: str, secret: bool) -> None:
    prepared, intent, place = REFUSALS[case]
    bot.meant = Read(intent)
    prepared(bot)
    await bot.hear(f"my PIN is {PIN}" if secret else "please help me", place)
    assert bot.warnings(place) == [int(secret), 0]
    assert PIN not in bot.all_said


async def test_too_many_messages_are_told_so_under_the_warning(bot: Bot) -> None:
    for number in range(MOST):
        await bot.hear("help", activity_id=str(number))
    await bot.hear(f"my PIN is {PIN}", activity_id="one too many")
    assert "That was a lot at once" in bot.channel.said[-1][1]
    assert bot.warnings(CHAT) == [1, 0]


async def test_the_same_message_delivered_twice_warns_once(bot: Bot) -> None:
    await bot.hear(f"my PIN is {PIN}")
    await bot.hear(f"my PIN is {PIN}")
    assert bot.warnings(CHAT) == [1, 0]


async def test_an_answer_that_comes_later_keeps_the_warning(bot: Bot) -> None:
    bot.meant = Read("forgot")
    bot.directory.hangs = True
    bot.build(replace(GENEROUS, answer=0.05))
    heard = asyncio.create_task(bot.hear(f"my PIN is {PIN}"))
    await until(lambda: bool(bot.channel.said))
    bot.directory.tells.set()
    await heard
    assert bot.channel.updates
    assert bot.warnings(CHAT) == [1, 0]


async def test_what_fails_after_the_answer_went_out_does_not_warn_again(bot: Bot) -> None:
    bot.meant = Read("help")

    async def lost(_sent: Sent) -> None:
        raise RuntimeError(PIN)

    async def helped(_asked: Asked, _: None) -> Answer:
        return Answer(Say(Text("help.title")), sent=lost)

    bot.broken = (Command(bound(helped, None), intents=("help", "unknown"), audience=For.EVERYBODY),)
    bot.build()
    await bot.hear(f"help, my PIN is {PIN}")
    assert "Something went wrong on my side" in bot.channel.said[-1][1]
    assert bot.warnings(CHAT) == [1, 0]


async def test_a_secret_is_found_behind_a_long_text_and_behind_marks_that_nobody_sees() -> None:
    for text in (f"{'it is slow today. ' * LONG}my PIN is {PIN}"[-15_000:], f"my PIN is {PIN[:3]}\u200b{PIN[3:]}"):
        heard = await hidden(Turn(TurnKind.MESSAGE, "1", ANA, CHAT, text=text))
        assert heard.secret
        assert PIN not in heard.text.replace("\u200b", "")


async def test_our_own_mark_for_what_was_hidden_is_no_secret() -> None:
    turn = Turn(TurnKind.MESSAGE, "1", ANA, CHAT, text="what does ••• on the card mean?")
    assert await hidden(turn) is turn


async def test_what_buttons_carry_is_never_taken_for_a_secret() -> None:
    for name in answers():
        turn = Turn(TurnKind.BUTTON, "1", ANA, CHAT, button={"verb": "answer.good", "answer": name})
        assert await hidden(turn) is turn
    for card in (await drawn()).values():
        for button in _buttons(card):
            turn = Turn(TurnKind.BUTTON, "1", ANA, CHAT, button=button)
            assert await hidden(turn) is turn


async def test_every_text_field_of_every_card_is_looked_at() -> None:
    fields = {str(found["id"]) for card in (await drawn()).values() for found in _parts(card, "Input.Text")}
    assert fields == WRITTEN


def _buttons(card: object) -> Iterator[dict[str, Any]]:
    for found in _parts(card, "Action.Execute"):
        yield {"verb": found["verb"], **found.get("data", {})}


def _parts(part: object, kind: str) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if part.get("type") == kind:
            yield part
        for inner in part.values():
            yield from _parts(inner, kind)
    elif isinstance(part, list):
        for inner in part:
            yield from _parts(inner, kind)
