"""What a command is: what it answers to, and what it does with its neighbours."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.rollout.facts import Trust
from bot.tenant import Devices
from bot.turn import Turn
from dialogs.replies import Reply


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The rooms a command may use; built once by bot.app."""

    devices: Devices
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
class Answer:
    """What to say now, and, where the tenant was too slow, what to put in its place when it comes."""

    reply: Reply
    later: Callable[[], Awaitable[Reply]] | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """`intents`: names that dialogs.understand gives; `verbs`: names that buttons carry."""

    run: Callable[[Asked, Neighbours], Awaitable[Answer]]
    intents: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    open_to_guests: bool = False
    private: bool = False  # its answer belongs in the personal chat only
