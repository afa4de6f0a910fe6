"""Groups as people name them, found in the tenant: one, none, or several to choose from."""

from typing import Protocol

from bot.approvals.refusals import Reason, Refused
from bot.errors import BotError
from bot.tenant import Group, Groups
from dialogs.understanding.groups.sentences import sentences
from dialogs.words.replies import Text

MOST_NAMES = 40  # of groups in one sentence; a plan takes fewer
MOST_CHANGED = 20  # in one plan: an approver signs what they see, and nobody reads more


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


async def one(name: str, groups: Groups) -> Group:
    """By its id or its exact name. Raises UnknownGroup, Ambiguous and the errors of bot.tenant.Groups."""
    found = await groups.find(name)
    bare = sentences().bare(name)
    if not found and bare != name:
        found = await groups.find(bare)
    if not found:
        raise UnknownGroup(name, await _alike(bare, groups))
    if len(found) > 1:
        raise Ambiguous(name, found)
    return found[0]


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
        raise Refused(Reason.TOO_MANY_GROUPS, count=str(len(found)), most=str(MOST_CHANGED))
    return found


def members(counted: Counted) -> Text:
    """How many devices and how many users, of which there may be none."""
    said = "both" if counted.devices and counted.users else "users" if counted.users else "devices"
    return Text(f"effect.members.{said}", {"devices": str(counted.devices), "users": str(counted.users)})
