"""Groups as people name them, found in the tenant: one, none, or several to choose from; and the form to pick one."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.approvals.refusals import Reason, Refused
from bot.changes.services import ChangeServices
from bot.chat.command import Answer, Asked, Command, For, RoleLookup, bound
from bot.chat.notices import MOST_LETTERS, shortened
from bot.chat.turn import PlaceKind, Turn
from bot.errors import BotError
from bot.tenant import Group, Groups
from dialogs.understanding.groups.sentences import sentences
from dialogs.words.replies import Button, Choice, Details, Field, Literal, Picker, Text

MOST_NAMES = 40  # of groups in one sentence; a plan takes fewer
MOST_CHANGED = 20  # in one plan: an approver signs what they see, and nobody reads more


GROUPS = "groups"  # the dataset that the form's field searches in
FORM = "assign.form"
MOST_OFFERED = 15  # at once, of those that a search finds


class Counted(Protocol):
    """A group, or several together."""

    @property
    def devices(self) -> int: ...

    @property
    def users(self) -> int: ...


class UnknownGroup(Refused):
    """No group has the name that somebody gave. `alike`: those that may have been meant."""

    def __init__(self, name: str, alike: tuple[Group, ...]) -> None:
        super().__init__(Reason.UNKNOWN_GROUP, group=name)
        self.name = name
        self.alike = alike


class Ambiguous(Exception):
    """Several groups have the name that somebody gave."""

    def __init__(self, name: str, groups: tuple[Group, ...]) -> None:
        super().__init__(name)
        self.name = name
        self.groups = groups


@dataclass(frozen=True, slots=True)
class GroupSearch:
    """Groups by what was typed so far, for admins in their own chat; anybody else finds nothing. Fits
    bot.chat.turn.Search. `allows`: not more often than this; `seconds`: no answer is better than a late one."""

    roles: RoleLookup
    groups: Groups
    allows: Callable[[str], bool]
    seconds: float

    async def __call__(self, turn: Turn) -> tuple[Choice, ...]:
        """The most similar first."""
        person = turn.person.object_id
        if turn.dataset != GROUPS or turn.place.kind is not PlaceKind.PERSONAL or not self.allows(person):
            return ()
        try:
            async with asyncio.timeout(self.seconds):
                if not await self.roles.is_admin(person):
                    return ()
                return offered(await self.groups.like(turn.text[:MOST_LETTERS], MOST_OFFERED))
        except (BotError, TimeoutError):
            return ()


def offered(found: Sequence[Group]) -> tuple[Choice, ...]:
    """By name; those of one name with the end of their ids."""
    same = Counter(shortened(group.name) for group in found)
    return tuple(Choice(Literal(_named(group, alone=same[shortened(group.name)] == 1)), group.id) for group in found)


def _named(group: Group, *, alone: bool) -> str:
    return shortened(group.name) if alone else f"{shortened(group.name)} · …{group.id[-6:]}"


async def form(asked: Asked, services: ChangeServices) -> Answer:
    """A group that is found as one types, of a few where the client can't search, or by its name; then the preview."""
    first = await _first(asked, services.planning.groups)
    picker = (Picker("include", Text("assign.form.group"), GROUPS, first),) if first else ()
    return Answer(
        Details(
            title=Text("assign.form.title"),
            status=Text("change.nothing_yet"),
            fields=(
                *picker,
                Field(
                    "also", Text("assign.form.also" if first else "assign.form.names"), required=not first, long=True
                ),
                Field("exclude", Text("assign.form.exclude"), long=True),
            ),
            buttons=(Button(Text("button.show_change"), "assign", main=True),),
        )
    )


async def _first(asked: Asked, groups: Groups) -> tuple[Choice, ...]:
    """Some to choose from; none where the tenant does not tell them in time."""
    try:
        async with asyncio.timeout_at(asked.until):
            return offered(await groups.like("", MOST_OFFERED))
    except (BotError, TimeoutError):
        return ()


def to_form() -> Button:
    """What is next once the profile is there."""
    return Button(Text("button.assign"), FORM, main=True)


def commands(services: ChangeServices) -> tuple[Command, ...]:
    """The form that asks for groups, for admins."""
    return (Command(bound(form, services), verbs=(FORM,), audience=For.ADMINS, private=True),)


async def one(name: str, groups: Groups) -> Group:
    """By its id or its exact name. Raises UnknownGroup, Ambiguous and the errors of bot.tenant.Groups."""
    matches = await groups.find(name)
    bare = sentences().bare(name)
    if not matches and bare != name:
        matches = await groups.find(bare)
    if not matches:
        raise UnknownGroup(name, await _alike(bare, groups))
    if len(matches) > 1:
        raise Ambiguous(name, matches)
    return matches[0]


async def _alike(name: str, groups: Groups) -> tuple[Group, ...]:
    """What can't be found now is no reason to refuse in other words."""
    try:
        return await groups.like(name)
    except BotError:
        return ()


def names(side: str) -> list[str]:
    """The names on one side, a line each. Raises Refused(TOO_MANY_GROUPS)."""
    found = [name.strip() for name in side.splitlines() if name.strip()]
    if len(found) > MOST_NAMES:  # each is looked up; nothing of what was asked for is left out silently
        raise Refused(Reason.TOO_MANY_GROUPS, count=len(found), most=MOST_CHANGED)
    return found


def members(counted: Counted) -> Text:
    """How many devices and how many users, of which there may be none."""
    said = "both" if counted.devices and counted.users else "users" if counted.users else "devices"
    return Text(f"effect.members.{said}", {"devices": counted.devices, "users": counted.users})
