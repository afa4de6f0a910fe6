"""Who may ask, who may decide, and how large a group is: from Graph, by object id."""

import asyncio
from collections.abc import Callable, Iterable

from bot.chat.cache import Cache
from bot.errors import NotFound
from bot.tenant import Group
from bot.tenant.graph import Graph
from bot.tenant.models import User

SECONDS = 60.0  # that an answer is kept
MOST_PEOPLE = 5_000


class GraphRoles:
    """Implements bot.tenant.Roles: members of two groups, nested ones included; no guests, no disabled accounts."""

    def __init__(self, graph: Graph, admin_group: str, approver_group: str, clock: Callable[[], float]) -> None:
        self._graph = graph
        self._admin_group = admin_group
        self._approver_group = approver_group
        self._roles = Cache[frozenset[str]](SECONDS, MOST_PEOPLE, clock)
        self._approvers = Cache[frozenset[str]](SECONDS, 1, clock)

    async def is_admin(self, object_id: str) -> bool:
        """May this person ask?"""
        return self._admin_group in await self._of(object_id)

    async def is_approver(self, object_id: str, *, fresh: bool = False) -> bool:
        """May this person decide?"""
        groups = await (self._look_up(object_id.lower()) if fresh else self._of(object_id))
        return self._approver_group in groups

    async def approvers(self) -> frozenset[str]:
        """All who may decide."""
        return await self._approvers.get("", self._read_approvers)

    async def _of(self, object_id: str) -> frozenset[str]:
        return await self._roles.get(object_id.lower(), lambda: self._look_up(object_id.lower()))

    async def _look_up(self, object_id: str) -> frozenset[str]:
        """Both at once: a press waits for this."""
        try:
            user, groups = await asyncio.gather(
                self._graph.user(object_id),
                self._graph.groups_of_user(object_id, {self._admin_group, self._approver_group}),
            )
        except NotFound:  # deleted since
            return frozenset()
        return groups if counts(user) else frozenset()

    async def _read_approvers(self) -> frozenset[str]:
        found = await self._graph.members(self._approver_group)
        return frozenset(user.id.lower() for user in found if counts(user))


def counts(user: User) -> bool:
    """What the tenant does not say counts as no."""
    return user.user_type == "Member" and user.account_enabled is True


class GraphGroups:
    """Implements bot.tenant.Groups."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    async def find(self, name_or_id: str) -> tuple[Group, ...]:
        """By id, or by exactly this name."""
        wanted = name_or_id.strip()
        try:
            return (await self._sized(wanted),)
        except NotFound:  # no id, or the id of nothing
            named = await self._graph.groups_named(wanted)
            return tuple(await asyncio.gather(*(self._sized(group.id) for group in named)))

    async def sizes(self, ids: Iterable[str]) -> dict[str, Group]:
        """Those of the groups that are still there."""
        found = await asyncio.gather(*(self._optional(one) for one in ids))
        return {group.id: group for group in found if group}

    async def _sized(self, group_id: str) -> Group:
        group, users, devices = await asyncio.gather(
            self._graph.group(group_id),
            self._graph.users_in(group_id),
            self._graph.devices_in(group_id),
        )
        security = group.security_enabled is not False
        return Group(group.id.lower(), group.display_name or "", users, devices, security)

    async def _optional(self, group_id: str) -> Group | None:
        try:
            return await self._sized(group_id)
        except NotFound:
            return None
