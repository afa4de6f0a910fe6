"""Conversations in memory, as an ordered history that a page, a terminal or a test can follow live."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.simulation.people import Company, Employee, identity

BOT = "bot"  # the sender that is no person
CARD = "application/vnd.microsoft.card.adaptive"
FILE_CONSENT = "application/vnd.microsoft.teams.card.file.consent"
_UNIQUE = "unq.gbl.spaces"

Where = Literal["personal", "group", "channel"]
Kind = Literal["message", "update", "delete", "typing", "view", "notice", "members"]
Json = dict[str, Any]


@dataclass
class Said:
    """One message that is kept. `views`: by person key, a card that only they see in its place."""

    id: str
    sender: str  # a person's key, or BOT
    activity: Json  # as it was sent, or as it was last updated
    updated: int = 0  # how often
    views: dict[str, Json] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What was written."""
        return str(self.activity.get("text") or "")

    @property
    def card(self) -> Json | None:
        """The Adaptive Card that everybody sees."""
        for attachment in self.activity.get("attachments") or ():
            if attachment.get("contentType") == CARD:
                content: Json = attachment["content"]
                return content
        return None

    @property
    def file(self) -> Json | None:
        """The file that is offered, by name and size."""
        for attachment in self.activity.get("attachments") or ():
            if attachment.get("contentType") == FILE_CONSENT:
                return {"name": attachment.get("name"), "size": attachment["content"].get("sizeInBytes")}
        return None

    def card_of(self, person_key: str) -> Json | None:
        """The card as one person sees it."""
        return self.views.get(person_key, self.card)


@dataclass
class Conversation:
    """A chat or a thread of a channel. `members` are keys of people; the bot is there too."""

    id: str
    where: Where
    members: list[str]
    said: list[Said] = field(default_factory=list)

    def by_bot(self) -> list[Said]:
        """What the bot said, in order."""
        return [one for one in self.said if one.sender == BOT]


@dataclass
class Past:
    """What an earlier start left. `personal`: by person key, the id of their chat with the bot."""

    installed: set[str]
    blocked: set[str]
    conversations: list[Conversation]
    personal: dict[str, str]
    chats_made: int


@dataclass(frozen=True)
class ChatEvent:
    """Something that a client would show. `said` for what is kept, `person` for what one person alone sees."""

    kind: Kind
    conversation: Conversation
    said: Said | None = None
    person: str = ""
    text: str = ""  # of a notice


class Chats:
    """All conversations of the bot."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.installed = {key for key, person in company.people.items() if person.installed}
        self.blocked: set[str] = set()  # muted the bot: Teams refuses what it writes to them
        self.conversations: dict[str, Conversation] = {}
        self.registered = True  # a bot resource with the Teams channel stands for the app
        self.in_team = True  # the bot is in the team of the channel
        self.files: dict[str, bytes] = {}  # what the bot put, by the message that offered it
        self._personal: dict[str, Conversation] = {}
        self._index: dict[str, tuple[Conversation, Said]] = {}
        self._followers: set[asyncio.Queue[ChatEvent]] = set()
        self._last_id = 0
        self._chats_made = 0

    def past(self) -> Past:
        """What a later start goes on from."""
        personal = {key: conversation.id for key, conversation in self._personal.items()}
        return Past(self.installed, self.blocked, [*self.conversations.values()], personal, self._chats_made)

    def go_on(self, past: Past) -> None:
        """Take up what an earlier start left."""
        self.installed, self.blocked, self._chats_made = past.installed, past.blocked, past.chats_made
        self.conversations = {one.id: one for one in past.conversations}
        self._personal = {key: self.conversations[chat_id] for key, chat_id in past.personal.items()}
        self._index = {said.id: (one, said) for one in past.conversations for said in one.said}

    def personal(self, person_key: str) -> Conversation:
        """The one chat of a person with the bot."""
        if person_key not in self._personal:
            self._chats_made += 1
            number = str(self._chats_made)
            self._personal[person_key] = self._add(
                f"a:{identity('personal', person_key, number)}", "personal", [person_key]
            )
        return self._personal[person_key]

    def unique_id(self, person: Employee) -> str:
        """What Graph calls the one chat of a person with the bot."""
        return f"19:{person.object_id}_{identity('bot')}@{_UNIQUE}"

    def named(self, conversation_id: str) -> Conversation | None:
        """By either of the names that a personal chat has."""
        owner, _, rest = conversation_id.removeprefix("19:").partition("_")
        person = self.person(owner) if rest.endswith(_UNIQUE) else None
        return self.personal(person.key) if person else self.conversations.get(conversation_id)

    def fresh(self, person_key: str) -> Conversation:
        """A new personal chat in the old one's place, as if the person met the bot for the first time."""
        self._personal.pop(person_key, None)
        return self.personal(person_key)

    def place(self, where: Where, person_key: str, activity_id: str) -> Conversation:
        """Where a person writes: their own chat, the group chat, or a new thread of the channel."""
        if where == "personal":
            return self.personal(person_key)
        everybody = [*self.company.people]
        if where == "group":
            chat_id = f"19:{identity('group chat').replace('-', '')}@thread.v2"
            return self.conversations.get(chat_id) or self._add(chat_id, where, everybody)
        return self._add(f"{channel_id()};messageid={activity_id}", where, everybody)

    def added_to(self, where: Where, person_key: str) -> Conversation:
        """Where Teams tells of an install: a team by its channel as a whole, in no thread."""
        if where == "channel":
            return Conversation(channel_id(), where, [*self.company.people])
        return self.place(where, person_key, "")

    def find(self, activity_id: str) -> tuple[Conversation, Said]:
        """A kept message with its conversation. Raises KeyError."""
        return self._index[activity_id]

    def person(self, address: str) -> Employee | None:
        """Who has this Teams address or Entra object id."""
        people = (one for one in self.company.people.values() if address in {one.chat_id, one.object_id})
        return next(people, None)

    def new_id(self) -> str:
        """Teams counts milliseconds; never twice the same."""
        self._last_id = max(self._last_id + 1, int(time.time() * 1000))
        return str(self._last_id)

    def keep(self, conversation: Conversation, sender: str, activity: Json, activity_id: str = "") -> Said:
        """Add a message to the history."""
        said = Said(activity_id or self.new_id(), sender, activity)
        conversation.said.append(said)
        self._index[said.id] = (conversation, said)
        self.tell(ChatEvent("message", conversation, said))
        return said

    def update(self, activity_id: str, activity: Json) -> None:
        """A new card in the old one's place, for everybody."""
        conversation, said = self.find(activity_id)
        said.activity = activity
        said.updated += 1
        said.views.clear()
        self.tell(ChatEvent("update", conversation, said))

    def delete(self, activity_id: str) -> None:
        """Take a message away."""
        conversation, said = self._index.pop(activity_id)
        conversation.said.remove(said)
        self.tell(ChatEvent("delete", conversation, said))

    def view(self, activity_id: str, person_key: str, card: Json) -> None:
        """A card that only one person sees, until the message is updated."""
        conversation, said = self.find(activity_id)
        said.views[person_key] = card
        self.tell(ChatEvent("view", conversation, said, person_key))

    def tell(self, event: ChatEvent) -> None:
        """Tell all who follow."""
        for queue in self._followers:
            queue.put_nowait(event)

    @contextmanager
    def follow(self) -> Iterator[asyncio.Queue[ChatEvent]]:
        """All events of all conversations from now on."""
        queue: asyncio.Queue[ChatEvent] = asyncio.Queue()
        self._followers.add(queue)
        try:
            yield queue
        finally:
            self._followers.discard(queue)

    async def wait(self, until: Callable[[], bool]) -> None:
        """Return once something has made it true; time limits are the caller's."""
        with self.follow() as queue:
            while not until():
                await queue.get()

    def _add(self, conversation_id: str, where: Where, members: list[str]) -> Conversation:
        conversation = Conversation(conversation_id, where, members)
        self.conversations[conversation_id] = conversation
        return conversation


def channel_id() -> str:
    """The one channel that the bot is in."""
    return f"19:{identity('channel').replace('-', '')}@thread.tacv2"


def team_id() -> str:
    """The team of that channel."""
    return f"19:{identity('team').replace('-', '')}@thread.tacv2"
