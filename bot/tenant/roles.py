"""Who may ask, who may decide, and how large a group is: from Graph, by object id."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from bot.chat.cache import Cache
from bot.errors import NotFound
from bot.reset_rules.facts import Standing
from bot.tenant import MOST_COUNTED, MOST_MEANT, Filling, Group
from bot.tenant.graph import Graph
from bot.tenant.models import EntraDevice, GroupRow, User
from bot.tenant.people import is_guest

SECONDS = 60.0  # that an answer is kept
MOST_PEOPLE = 5_000
BEGINNING = 3  # letters of a word: what comes after them may be spelled wrong
MOST_WORDS = 4  # a call each
ALIKE = 70.0  # of 100

Found = TypeVar("Found")

_TEXTS = re.compile(r"\"[^\"]*\"|'[^']*'")
_OF_DEVICES = re.compile(r"\bdevice\.")


class GraphRoles:
    """Implements bot.tenant.Roles: members of three groups, nested ones included; no guests, no disabled accounts."""

    def __init__(
        self,
        graph: Graph,
        admin_group: str,
        approver_group: str,
        clock: Callable[[], float],
        *,
        help_desk_group: str = "",
    ) -> None:
        """`help_desk_group`: empty where nobody is of the help desk."""
        self._graph = graph
        self._admin_group = admin_group
        self._approver_group = approver_group
        self._help_desk_group = help_desk_group
        self._groups = frozenset({admin_group, approver_group, help_desk_group} - {""})
        self._roles = Cache[tuple[Standing, frozenset[str]]](SECONDS, MOST_PEOPLE, clock)
        self._approvers = Cache[frozenset[str]](SECONDS, 1, clock)

    async def is_admin(self, object_id: str, *, fresh: bool = False) -> bool:
        """May this person ask?"""
        return self._admin_group in await self._of(object_id, fresh=fresh)

    async def is_approver(self, object_id: str, *, fresh: bool = False) -> bool:
        """May this person decide?"""
        return self._approver_group in await self._of(object_id, fresh=fresh)

    async def is_help_desk(self, object_id: str, *, fresh: bool = False) -> bool:
        """May this person look up others?"""
        return self._help_desk_group in await self._of(object_id, fresh=fresh)

    async def approvers(self) -> frozenset[str]:
        """All who may decide."""
        return await self._approvers.get("", self._read_approvers)

    async def standing(self, object_id: str) -> Standing:
        """Why somebody in the right group has no role all the same."""
        standing, _ = await self._known(object_id)
        return standing

    async def _of(self, object_id: str, *, fresh: bool) -> frozenset[str]:
        return _roles(await (self._look_up(object_id.lower()) if fresh else self._known(object_id)))

    async def _known(self, object_id: str) -> tuple[Standing, frozenset[str]]:
        return await self._roles.get(object_id.lower(), lambda: self._look_up(object_id.lower()))

    async def _look_up(self, object_id: str) -> tuple[Standing, frozenset[str]]:
        """Account and groups at once: a press waits for this."""
        try:
            user, groups = await asyncio.gather(
                self._graph.user(object_id),
                self._graph.groups_of_user(object_id, self._groups),
            )
        except NotFound:  # deleted since
            return Standing.ABSENT, frozenset()
        return _standing(user), groups

    async def _read_approvers(self) -> frozenset[str]:
        members = await self._graph.members(self._approver_group)
        return frozenset(user.id.lower() for user in members if counts(user))


def counts(user: User) -> bool:
    """Can this account have a role?"""
    return _standing(user) is Standing.MEMBER


def _standing(user: User) -> Standing:
    """That an account is enabled has to be said: what the tenant does not say counts as no."""
    if is_guest(user):
        return Standing.GUEST
    return Standing.MEMBER if user.account_enabled is True else Standing.DISABLED


def _roles(found: tuple[Standing, frozenset[str]]) -> frozenset[str]:
    standing, groups = found
    return groups if standing is Standing.MEMBER else frozenset()


class GraphGroups:
    """Implements bot.tenant.Groups."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    async def find(self, name_or_id: str) -> tuple[Group, ...]:
        """By id, or by this name: Graph compares without case, and who wrote it exactly means the one spelled so."""
        wanted = name_or_id.strip()
        try:
            return (await self._by_id(wanted),)
        except NotFound:  # no id, or the id of nothing
            named = _as_spelled(wanted, await self._graph.groups_named(wanted))
        counted = await asyncio.gather(*(self._unless_gone(self._counted(group)) for group in named[:MOST_COUNTED]))
        return (*(group for group in counted if group), *(_group(group) for group in named[MOST_COUNTED:]))

    async def like(self, name: str, most: int = MOST_MEANT) -> tuple[Group, ...]:
        """By how each word begins, since Graph finds no word that is spelled wrong; then by likeness of the whole."""
        if not name:
            return tuple(map(_group, (await self._graph.groups_first())[:most]))
        beginnings = {word[:BEGINNING] for word in re.findall(r"[^\W_]+", name.casefold()) if len(word) >= BEGINNING}
        found = await asyncio.gather(*map(self._graph.groups_like, sorted(beginnings)[:MOST_WORDS]))
        groups = {row.id: _group(row) for rows in found for row in rows if row.security_enabled is not False}
        names = {group_id: group.name for group_id, group in groups.items()}
        alike = process.extract(
            name, names, scorer=fuzz.WRatio, processor=default_process, limit=most, score_cutoff=ALIKE
        )
        return tuple(groups[group_id] for _, _, group_id in alike)

    async def sizes(self, ids: Iterable[str]) -> dict[str, Group]:
        """Those of the groups that are still there."""
        groups = await asyncio.gather(*(self._unless_gone(self._by_id(one)) for one in ids))
        return {group.id: group for group in groups if group}

    async def pcs(self, ids: Iterable[str]) -> dict[str, dict[str, str]]:
        """By device id, of which a hybrid PC with two objects has one. Who may not read devices gets rows without it:
        that says nothing of the group."""
        wanted = tuple(ids)
        found = await asyncio.gather(*(self._unless_gone(self._graph.devices_of(one)) for one in wanted))
        read = ((one, rows) for one, rows in zip(wanted, found, strict=True) if rows is not None)
        return {one.lower(): _pcs(rows) for one, rows in read if all(row.device_id for row in rows)}

    async def _by_id(self, group_id: str) -> Group:
        return await self._counted(await self._graph.group(group_id))

    async def _counted(self, group: GroupRow) -> Group:
        users, devices = await asyncio.gather(self._graph.users_in(group.id), self._graph.devices_in(group.id))
        return _group(group, users, devices, counted=True)

    async def _unless_gone(self, look: Awaitable[Found]) -> Found | None:
        try:
            return await look
        except NotFound:
            return None


def _pcs(rows: Iterable[EntraDevice]) -> dict[str, str]:
    windows = (row for row in rows if (row.operating_system or "").casefold().startswith("windows"))
    return {(row.device_id or "").lower(): row.display_name or row.id for row in windows}


def _as_spelled(name: str, found: list[GroupRow]) -> list[GroupRow]:
    return [group for group in found if (group.display_name or "").strip() == name] or found


def _group(row: GroupRow, users: int = 0, devices: int = 0, *, counted: bool = False) -> Group:
    name, security = row.display_name or "", row.security_enabled is not False
    return Group(row.id.lower(), name, users, devices, security, filling(row), counted)


def filling(group: GroupRow) -> Filling | None:
    """What the rule of a dynamic group is about, by its properties (device.… or user.…); texts in it say nothing."""
    rule = _TEXTS.sub("", group.membership_rule or "").lower()
    if "DynamicMembership" not in group.group_types or not rule:
        return None
    about = "devices" if _OF_DEVICES.search(rule) else "users"
    paused = (group.membership_rule_processing_state or "").lower() == "paused"
    return Filling(f"paused_{about}" if paused else about)
