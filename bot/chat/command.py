"""What a command is: what it answers to, whom it is for, and what it says."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

from bot.chat.turn import FileOffer, Sent, Turn
from dialogs.words.replies import Reply, Text

Services = TypeVar("Services")


class For(StrEnum):
    """Whom a command is for: looked up in the tenant by object id. The sentence is `role.<value>`."""

    EVERYBODY = "everybody"  # guests too
    MEMBERS = "members"  # who can't be looked up in time is helped like one
    ADMINS = "admins"
    APPROVERS = "approvers"
    STAFF = "staff"  # admins and approvers


class RoleLookup(Protocol):
    """Who may ask and who may decide, by object id: see bot.tenant.Roles."""

    async def is_admin(self, object_id: str) -> bool: ...

    async def is_approver(self, object_id: str) -> bool: ...


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

    run: Callable[[Asked], Awaitable[Answer]]
    intents: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    audience: For = For.MEMBERS
    private: bool = False  # its answer belongs in the personal chat only


def bound(
    run: Callable[[Asked, Services], Awaitable[Answer]], services: Services
) -> Callable[[Asked], Awaitable[Answer]]:
    """A command of a room, with the services of that room."""
    return lambda asked: run(asked, services)
