"""What the commands of this room are given by bot.app."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.chat.deadlines import STANDARD, Deadlines
from bot.chat.notices import HelpDesk
from bot.chat.people import Languages
from bot.chat.turn import Channel, Place
from bot.reset_rules.facts import Trust
from bot.store.conversations import Conversations
from bot.store.questions import Questions
from bot.store.records import Event
from bot.tenant import Devices, Lookup, People, Roles

Audited = Callable[[Event, str, Mapping[str, str]], Awaitable[None]]
"""Writes down what somebody (by object id) did, with ids and states alone. Raises errors.StoreUnavailable."""


@dataclass(frozen=True, slots=True)
class LookupServices:
    """What looking up others needs. `has_group`: is there a group of the help desk? Else nobody looks up people.
    `chats`: the way into their own chat; `chat_of`: finds it by object id."""

    lookup: Lookup
    devices: Devices
    roles: Roles
    trust: Trust
    help_desk: HelpDesk
    languages: Languages
    conversations: Conversations
    chats: Channel
    audit: Audited
    chat_of: Callable[[str], Awaitable[Place | None]]
    now: Callable[[], datetime]
    has_group: bool = False


@dataclass(frozen=True, slots=True)
class HelpDeskServices:
    """`channel`: its id; empty where nobody takes questions. `days`: how long a question is kept."""

    tenant_id: str
    channel: str
    days: int
    questions: Questions
    conversations: Conversations
    devices: Devices
    people: People
    help_desk: HelpDesk
    languages: Languages
    now: Callable[[], datetime]
    deadlines: Deadlines = STANDARD
