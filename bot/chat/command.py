"""What a command is: what it answers to, whom it is for, and what it does with its neighbours."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from bot.approvals.service import Approvals
from bot.chat.turn import FileOffer, Sent, Turn
from bot.deadlines import STANDARD, Deadlines
from bot.reset_rules.facts import Trust
from bot.store.audit import AuditEntry
from bot.store.conversations import Conversations
from bot.store.gaps import Gap, Votes
from bot.store.questions import Questions
from bot.store.records import Request
from bot.tenant import Devices, Groups, People, Policies, Roles, Rollout, Writes
from dialogs.words.replies import Reply, Text


class For(StrEnum):
    """Whom a command is for: looked up in the tenant by object id. The sentence is `role.<value>`."""

    EVERYBODY = "everybody"  # guests too
    MEMBERS = "members"  # who can't be looked up in time is helped like one
    ADMINS = "admins"
    APPROVERS = "approvers"
    STAFF = "staff"  # admins and approvers


@dataclass(frozen=True, slots=True)
class Changing:
    """What commands need that look at the rollout or ask for a change to it."""

    tenant_id: str
    login_url: str  # where consent is given, e.g. https://login.microsoftonline.com
    creates_apps: bool  # the operator allowed the bot to create the two service principals itself
    tenant: Writes
    policies: Policies
    rollout: Rollout
    groups: Groups
    people: People
    approvals: Approvals
    audit: Callable[[datetime], Awaitable[list[AuditEntry]]]  # the rows since a moment, oldest first
    upload: Callable[[str, bytes], Awaitable[None]]  # a file that a person agreed to take; raises errors.NotSent
    files: bool  # has Teams files in this cloud?
    remember: Callable[[int, Sent, str], Awaitable[None]]  # where a copy of a request's card is, and whose chat
    shows: Callable[[int, Sent], Awaitable[bool]]  # is this message a copy of that request's card?
    unreached: Callable[[Request], Awaitable[frozenset[str]]]  # approvers without a copy, to whom the bot can't write
    deadlines: Deadlines = STANDARD


class Gaps(Protocol):
    """What could not be answered and how answers were liked, without names. Noting costs a turn nothing."""

    def note(self, text: str, answer: str = "") -> str:
        """A question that was not answered, or that `answer` did not help with. Its id, for `settled`."""
        ...

    def settled(self, gap: str) -> None:
        """The person chose one of the answers that were offered instead."""
        ...

    def vote(self, answer: str, *, good: bool) -> None: ...

    async def since(self, day: date) -> tuple[list[Gap], list[Votes]]:
        """The newest first, and the answers that somebody voted down, the worst first."""
        ...


@dataclass(frozen=True, slots=True)
class Asking:
    """What commands need that hand a question to people. `channel`: its id; empty where there are no such people."""

    channel: str
    days: int  # that a question is kept
    questions: Questions
    places: Conversations
    gaps: Gaps


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The rooms a command may use; built once by bot.app."""

    devices: Devices
    roles: Roles
    changing: Changing
    asking: Asking
    trust: Trust
    help_desk: str  # the way to a human, as the operator wrote it: foreign text
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question put to one command. `values`: what was pressed or understood, strings only, never trusted.

    `until`: the time of the event loop at which an answer has to go out, with what is known by then.
    """

    turn: Turn
    until: float
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """That a reply is one person's view of something stored, of which others see a card too.

    `base` and `own` draw it anew from what is stored now, and give the revision of that: what everybody may see, and
    what this person sees with an outcome above the buttons.
    """

    revision: int  # of what the reply was drawn from
    base: Callable[[], Awaitable[tuple[Reply, int]]]
    own: Callable[[tuple[Text, ...]], Awaitable[tuple[Reply, int]]]
    act: Callable[[], Awaitable[None]] | None = None  # done after the answer; what came of it is then drawn


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say now, and, where the tenant was too slow, what to put in its place when it comes.

    What is said where others read along, and stands there, is never one person's: a `view` shows them its base, and
    the rest is for who pressed alone.
    """

    reply: Reply
    later: Callable[[], Awaitable[Reply]] | None = None
    view: View | None = None
    passing: bool = False  # a no, or a failure: what was pressed stays as it is
    file: FileOffer | None = None  # asked for after the reply
    in_place: bool = False  # the reply takes the place of what was pressed, in a personal chat
    sent: Callable[[Sent], Awaitable[None]] | None = None  # is told where the reply went
    brief: bool = False  # a press is answered with the title alone, and the card stays as it is

    @property
    def work(self) -> Callable[[], Awaitable[Reply | None]] | None:
        """What is still to be done; without a reply of its own what came of it is drawn."""
        return self.later or (self.view.act if self.view else None)


@dataclass(frozen=True, slots=True)
class Command:
    """`intents`: names that dialogs.understanding.understand gives; `verbs`: names that buttons carry."""

    run: Callable[[Asked, Neighbours], Awaitable[Answer]]
    intents: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    audience: For = For.MEMBERS
    private: bool = False  # its answer belongs in the personal chat only
