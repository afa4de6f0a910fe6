"""Which PCs may keep their keys: apps, sources and groups as Graph tells them, and what follows for each PC."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from bot.chat.cache import Cache
from bot.errors import BotError, NotFound, NotPermitted, TenantRefused, TenantUnreachable
from bot.reset_rules.coverage import Membership, groups_to_check, recovery
from bot.reset_rules.facts import Apps, Device, Recovery
from bot.reset_rules.sources import RecoverySource
from bot.tenant.apps import read_apps
from bot.tenant.graph import Graph
from bot.tenant.sources import GraphSources

TENANT_SECONDS = 120.0  # that apps and sources are kept
MEMBER_SECONDS = 300.0  # that somebody's groups are
MOST_PEOPLE = 1_000

Rollout = tuple[Apps | None, tuple[RecoverySource, ...] | None]
"""What decides for every PC of the tenant; None: not read."""
Found = TypeVar("Found")


class GraphCoverage:
    """What of the tenant decides is read once for everybody, groups once for each person."""

    def __init__(
        self,
        graph: Graph,
        sources: GraphSources,
        clock: Callable[[], float],
        *,
        remember: bool,
        group_policy: bool,
    ) -> None:
        self._graph = graph
        self._sources = sources
        self.group_policy = group_policy
        self._apps = Cache[Apps](TENANT_SECONDS * remember, 1, clock)
        self._found = Cache[tuple[RecoverySource, ...]](TENANT_SECONDS * remember, 1, clock)
        self._members = Cache[dict[str, Membership]](MEMBER_SECONDS * remember, MOST_PEOPLE, clock)

    async def rollout(self) -> Rollout:
        """Never raises: what Graph does not tell is not read."""
        sources = self._kept(self._found, self._sources.read)
        return await asyncio.gather(self.apps(), sources)

    async def apps(self) -> Apps | None:
        """The same for the apps and their grant alone."""
        return await self._kept(self._apps, lambda: read_apps(self._graph.rows))

    async def of(
        self, object_id: str, devices: Mapping[str, Device], objects: Mapping[str, str | None], rollout: Rollout
    ) -> dict[str, Recovery]:
        """By the keys of the person's devices; `objects`: Entra's object of each, None where there is none."""
        apps, sources = rollout
        members = await self.members(object_id, objects, rollout)
        return {
            key: recovery(device, apps, sources, members[key], group_policy=self.group_policy)
            for key, device in devices.items()
        }

    async def members(
        self, object_id: str, objects: Mapping[str, str | None], rollout: Rollout
    ) -> dict[str, Membership]:
        """Of the groups that decide, those that the person and each device are in."""
        return await self._members_of(object_id, objects, groups_to_check(rollout[1] or ()))

    async def _kept(self, cache: Cache[Found], read: Callable[[], Awaitable[Found]]) -> Found | None:
        async def work() -> Found:
            if self._graph.is_throttled():
                raise TenantUnreachable("throttled")
            return await read()

        try:
            return await cache.get("", work)
        except BotError:
            return None

    async def _members_of(
        self, object_id: str, objects: Mapping[str, str | None], wanted: frozenset[str]
    ) -> dict[str, Membership]:
        if not wanted:
            return dict.fromkeys(objects, Membership(frozenset(), frozenset()))
        return await self._members.get(
            (object_id, wanted, *objects), lambda: self._read_members(object_id, objects, wanted)
        )

    async def _read_members(
        self, object_id: str, objects: Mapping[str, str | None], wanted: frozenset[str]
    ) -> dict[str, Membership]:
        """Of the groups that decide, those that the person and each device are in."""
        mine, *theirs = await asyncio.gather(
            optional(self._graph.groups_of_user(object_id, wanted)),
            *(optional(self._groups_of_device(one, wanted)) for one in objects.values()),
        )
        return {key: Membership(mine, groups) for key, groups in zip(objects, theirs, strict=True)}

    async def _groups_of_device(self, entra_id: str | None, wanted: frozenset[str]) -> frozenset[str] | None:
        return await self._graph.groups_of_device(entra_id, wanted) if entra_id else None


async def optional(read: Awaitable[Found]) -> Found | None:
    """What the answer can do without: not permitted, not there, or not understood means not known."""
    try:
        return await read
    except (NotPermitted, NotFound, TenantRefused):
        return None
