"""Our words for what happens in any chat platform: a person, a place, a turn, a message."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from dialogs.words.replies import Choice, Reply


class PlaceKind(StrEnum):
    """Who reads along: one person, the members of a chat, the members of a team."""

    PERSONAL = "personal"
    GROUP = "group"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes to the bot. Authority rests on the two ids alone, never on the name."""

    tenant_id: str  # Entra tenant, lower-case GUID
    object_id: str  # Entra object id, lower-case GUID
    chat_id: str  # the platform's own address of the person (Teams: "29:…")
    name: str  # as the chat client shows it: foreign text


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation that the bot may answer in."""

    kind: PlaceKind
    conversation_id: str
    tenant_id: str
    service_url: str  # checked against the allow-list before each call, also when it comes from the store
    bot_id: str  # the bot's own address there (Teams: "28:<app id>")
    language: str = ""  # of a personal chat: the tag that the person's client told last; empty where it told none


class TurnKind(StrEnum):
    """What came in."""

    MESSAGE = "message"
    BUTTON = "button"  # a press that expects its answer in the same HTTP response
    SEARCH = "search"  # what was typed so far into a field of a card that looks for something
    INSTALLED = "installed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Turn:
    """One incoming call, verified and read. `button` is what the card carried: client data, never to be trusted."""

    kind: TurnKind
    activity_id: str
    person: Person
    place: Place
    text: str = ""  # without the mention of the bot
    button: Mapping[str, Any] = field(default_factory=dict)  # verb, data and inputs, flattened
    dataset: str = ""  # of a search: in what
    automatic: bool = False  # the client refreshed the card by itself: never a click
    locale: str = ""  # as the client tells it; empty where it tells none: see bot.chat.people
    zone: ZoneInfo | None = None  # the reader's; None where it is not told, or none that is known here
    card_id: str = ""  # the message whose card was pressed, where known
    attached: bool = False  # there is something beside the text that is no words: a file, a picture, another's message
    mentioned: tuple[str, ...] = ()  # other people that the text names, by their address
    on_phone: bool = False
    targeted: bool = False  # written where others read along, and shown to the bot alone
    secret: bool = False  # a PIN or password was typed, and taken out: see bot.chat.typed_secrets


@dataclass(frozen=True, slots=True)
class FileOffer:
    """A file that the person is asked to take. `accept`, `decline`: the verbs that come back, as with a button."""

    name: str
    size: int  # bytes
    accept: str
    decline: str


@dataclass(frozen=True, slots=True)
class PressAnswer:
    """What a press is answered with: a reply in a language, or its title alone, while the card stays as it is."""

    reply: Reply
    language: str
    brief: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that can be updated in place."""

    place: Place
    activity_id: str
    instead: bool = False  # only the plain text that stands for what the platform refused


Handle = Callable[[Turn], Awaitable[PressAnswer | None]]
"""One turn handled. For a BUTTON what is returned is the answer to the press; everything else goes by Channel.
Raises errors.NotKept, and nothing else, for an install or a removal that Teams has to tell again.
"""


Search = Callable[[Turn], Awaitable[tuple[Choice, ...]]]
"""What a SEARCH finds: who asks is verified, and whoever may not have it gets nothing. Never raises."""


class KnownChats(Protocol):
    """Where people and teams can be written to: see bot.store.conversations. Raises errors.StoreUnavailable."""

    async def installed(self, person: Person, place: Place) -> bool: ...

    async def left(self, place: Place) -> None: ...

    async def owner(self, place: Place) -> Person: ...

    def meet(self, person: Person, place: Place) -> None: ...

    async def personal(self, person: Person) -> Place | None: ...

    async def lost(self, object_id: str, place: Place) -> None: ...

    async def close(self) -> None: ...


class Channel(Protocol):
    """The way out: a reply is drawn there, as the platform likes it. Every method raises errors.NotSent when the
    platform refuses or stays away.

    What is refused for its size or its shape would be refused again: plain words go out at once in its place.
    """

    async def send(
        self, place: Place, reply: Reply, language: str, *, reply_to: str = "", file: FileOffer | None = None
    ) -> Sent:
        """A new message; with a `file`, the offer to take it."""
        ...

    async def update(self, sent: Sent, reply: Reply, language: str) -> None: ...

    async def open_personal(self, person: Person, near: Place) -> Place:
        """The personal chat with somebody met in another place (same service URL and tenant)."""
        ...
