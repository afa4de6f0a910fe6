"""A pipeline with commands of its own, before a channel and a directory that fail as told."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from bot.chat.access import Access
from bot.chat.command import Answer, Asked, Command, For, bound
from bot.chat.deadlines import Deadlines
from bot.chat.flood import Limit
from bot.chat.people import Languages
from bot.chat.pipeline import Pipeline
from bot.chat.recent import Recent
from bot.chat.router import Router
from bot.chat.turn import FileOffer, Person, Place, PlaceKind, PressAnswer, Sent, Turn, TurnKind
from bot.demo.gallery.example import Example
from bot.errors import NotSent, TenantUnreachable
from bot.reset_rules.facts import Account, Inventory
from bot.store.conversations import Conversations
from bot.store.turns.heard import HeardMessages
from bot.store.turns.promises import Promises
from bot.teams import drawing
from cards import actions
from cards.plain import plain
from dialogs.understanding.understand import chosen
from dialogs.words.replies import Reply, Say, Text
from tests.conftest import CANARY
from tests.deadlines import GENEROUS
from tests.teams.door.front import Clock

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
        self.said.append((place.conversation_id, shown(reply, language, file), reply_to))
        return Sent(place, f"sent-{len(self.said)}")

    async def update(self, sent: Sent, reply: Reply, language: str) -> None:
        if sent.place.conversation_id in self.deaf:
            raise self.failure
        self.updates.append((sent.activity_id, shown(reply, language)))

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
    odd: Callable[[], Answer] = lambda: Answer(say("help"))
    slept: list[float] = field(default_factory=list)  # until Teams takes something again

    def __post_init__(self) -> None:
        self.build(GENEROUS)

    def build(self, deadlines: Deadlines) -> None:
        """The pipeline; a test about a deadline builds it anew with a short one."""

        async def is_guest(object_id: str) -> bool:
            return (await self.directory.so_far(object_id)).account.guest

        example = Example().services
        self.pipeline = Pipeline(
            router=Router(
                self._commands(),
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
            languages=Languages(self.conversations, example.help.people, "en", 1.0),
            clock=self.clock,
            deadlines=deadlines,
            sleep=self._sleep,
        )

    def _commands(self) -> tuple[Command, ...]:
        async def helped(_asked: Asked, _: None) -> Answer:
            return Answer(say("help"))

        async def forgot(_asked: Asked, _: None) -> Answer:
            return Answer(Say(Text("forgot.no_device")))

        async def odd(_asked: Asked, _: None) -> Answer:
            return self.odd()

        async def act(_asked: Asked, _: None) -> Answer:
            self.acted += 1
            return Answer(say("help"))

        return (
            Command(bound(act, None), intents=("act",), verbs=("act",), once=True),
            Command(
                bound(helped, None), intents=("welcome", "help", "unknown"), verbs=("help",), audience=For.EVERYBODY
            ),
            Command(bound(forgot, None), intents=("forgot",), verbs=("pin.forgot",), private=True),
            Command(bound(odd, None), intents=("odd",), verbs=("odd",)),
        )

    async def _sleep(self, seconds: float) -> None:
        """Teams takes everything once its time is over."""
        self.slept.append(seconds)
        await asyncio.sleep(0)
        self.channel.deaf = set()

    async def hear(self, text: str, activity_id: str = "1", **more: Any) -> PressAnswer | None:
        """A message of Ana in her own chat, unless told otherwise."""
        turn = Turn(TurnKind.MESSAGE, activity_id, ANA, CHAT, text=text, locale="en")
        return await self.pipeline.handle(replace(turn, **more))

    async def press(self, verb: str, activity_id: str = "1", **more: Any) -> str:
        """What a press of Ana is answered with."""
        turn = Turn(TurnKind.BUTTON, activity_id, ANA, CHAT, button={"verb": verb}, card_id="pressed", locale="en")
        answer = await self.pipeline.handle(replace(turn, **more))
        return shown(answer.reply, answer.language) if answer else ""

    @property
    def words(self) -> list[str]:
        """All that was said, in order."""
        return [text for _, text, _ in self.channel.said]


def say(key: str) -> Reply:
    return Say(Text(f"{key}.title"), (Text(f"{key}.text"),))


def shown(reply: Reply, language: str = "en", file: FileOffer | None = None) -> str:
    drawn = drawing.message(reply, language)
    return drawn.summary if file else plain(drawn.card or {})


def now() -> datetime:
    return datetime(2026, 11, 24, tzinfo=UTC)


def raises(error: Exception) -> Callable[[], Answer]:
    def run() -> Answer:
        raise error

    return run


def late_answer(later: Callable[[], Reply], first: Reply | None = None) -> Callable[[], Answer]:
    async def told() -> Reply:
        return later()

    return lambda: Answer(first or say("help"), later=told)


def broken() -> Reply:
    raise RuntimeError(CANARY)


def unreachable() -> Reply:
    raise TenantUnreachable(CANARY)
