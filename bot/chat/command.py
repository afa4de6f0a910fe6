"""What a command is: what it answers to, whom it is for, and what it says."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Protocol, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from bot.chat.turn import FileOffer, PlaceKind, Sent, Turn
from bot.reset_rules.facts import Standing
from dialogs.words.replies import Button, Reply, Text

MOST_DIGITS = 9  # of a number


class For(StrEnum):
    """Whom a command is for: looked up in the tenant by object id. The sentence is `role.<value>`."""

    EVERYBODY = "everybody"  # guests too
    MEMBERS = "members"  # who can't be looked up in time is helped like one
    ADMINS = "admins"
    APPROVERS = "approvers"
    STAFF = "staff"  # admins and approvers
    HELP_DESK = "help_desk"
    HELPERS = "helpers"  # the help desk and admins


class RoleLookup(Protocol):
    """Who may ask, decide or look up others, by object id: see bot.tenant.Roles."""

    async def is_admin(self, object_id: str) -> bool: ...

    async def is_approver(self, object_id: str) -> bool: ...

    async def is_help_desk(self, object_id: str) -> bool: ...

    async def standing(self, object_id: str) -> Standing: ...


def _number(said: object) -> int | None:
    """Nothing where nothing was said; 0, which nothing is numbered, for what is no number."""
    digits = str(said or "").removeprefix("#")
    if not digits:
        return None
    return int(digits) if digits.isdecimal() and len(digits) <= MOST_DIGITS else 0


Number = Annotated[int | None, BeforeValidator(_number)]
"""Of a request or a question, typed with or without its #; they count from 1."""


class Arguments(BaseModel):
    """What a command is told beside who asks. The class that reads a press or a text draws the button too.

    Whatever comes from a client is never trusted: what can't be read is as if it had not been said.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Self:
        """What was pressed or understood."""
        return cls.model_validate(dict(values))

    @field_validator("*", mode="wrap")
    @classmethod
    def _as_if_not_said(cls, value: object, read: ValidatorFunctionWrapHandler, field: ValidationInfo) -> object:
        try:
            return read(value)
        except ValidationError:
            return cls.model_fields[str(field.field_name)].default

    def data(self) -> dict[str, str]:
        """For a button to carry: what says something."""
        return {name: str(value) for name, value in self.model_dump(exclude_defaults=True).items()}

    def button(self, title: Text, verb: str, *, main: bool = False) -> Button:
        """Pressed, it comes back with these."""
        return Button(title, verb, self.data(), main=main)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question put to one command.

    `until`: the time of the event loop at which an answer has to go out, with what is known by then. `key`: which of
    the command's intents was understood or, if `pressed`, which of its verbs a button carried.
    """

    turn: Turn
    until: float
    key: str
    pressed: bool = False

    @property
    def zone(self) -> ZoneInfo | None:
        """In which times are shown: that of whoever asks, where nobody else reads along; else UTC."""
        return self.turn.zone if self.turn.place.kind is PlaceKind.PERSONAL else None


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
    request: int | None = None  # whose card it is, where every copy can be drawn anew without the person


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


Services = TypeVar("Services")
ArgumentsT = TypeVar("ArgumentsT", bound=Arguments)


@dataclass(frozen=True, slots=True)
class Bound:
    """What a command does, with the services of its room. `arguments`: reads what was pressed or understood."""

    arguments: type[Arguments]
    act: Callable[[Asked, Mapping[str, str]], Awaitable[Answer]]

    async def __call__(self, asked: Asked, values: Mapping[str, str]) -> Answer:
        """`values`: strings only, never trusted."""
        return await self.act(asked, values)


def bound(run: Callable[[Asked, Services], Awaitable[Answer]], services: Services) -> Bound:
    """Of a command that needs to know only who asks."""
    return Bound(Arguments, lambda asked, _values: run(asked, services))


def reading(
    arguments: type[ArgumentsT], run: Callable[[Asked, ArgumentsT, Services], Awaitable[Answer]], services: Services
) -> Bound:
    """Of a command with arguments."""
    return Bound(arguments, lambda asked, values: run(asked, arguments.read(values), services))


@dataclass(frozen=True, slots=True)
class Command:
    """`intents`: names that dialogs.understanding.understand gives; `verbs`: names that buttons carry. `once`: it
    changes something and could do so again by the very same words: the same message never does."""

    run: Bound
    intents: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    audience: For = For.MEMBERS
    private: bool = False  # its answer belongs in the personal chat only
    own: bool = False  # about the PIN and the PC of whoever asks, and no help to anybody else
    once: bool = False
