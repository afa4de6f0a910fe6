"""Reads what sets EnablePinRecovery, wherever in Intune it stands, with its assignments: the one reader for everybody.

Custom profiles are listed in v1.0; all the rest, and assignments with their filters and origin, only beta has.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from bot.errors import BotError, TenantUnreachable
from bot.reset_rules import profiles
from bot.reset_rules.sources import RecoverySource, Row, Rows, SourceKind
from bot.tenant.graph import CATALOG, CONFIGURATIONS, INTENTS, Graph, assignments_of, settings_of
from bot.tenant.many import Many

_OTHER_SYSTEMS = frozenset({"android", "androidenterprise", "aosp", "ios", "linux", "macos"})
_OTHER_TEMPLATES = frozenset(  # of endpoint security, with settings of their own that do not change
    {
        "endpointsecurityantivirus",
        "endpointsecurityapplicationcontrol",
        "endpointsecurityattacksurfacereduction",
        "endpointsecuritydiskencryption",
        "endpointsecurityendpointdetectionandresponse",
        "endpointsecurityendpointprivilegemanagement",
        "endpointsecurityfirewall",
    }
)

List = Callable[[], Awaitable[Rows]]
Judge = Callable[[Row, Rows | None], RecoverySource | None]


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Where policies of a kind lie, and how what they set is judged."""

    kind: SourceKind
    path: str
    judge: Judge


_CATALOG = _Shelf(SourceKind.CATALOG, CATALOG, profiles.catalog)
_INTENTS = _Shelf(SourceKind.INTENT, INTENTS, profiles.intent)


class GraphSources:
    """Implements bot.tenant.Sources. Without `remember` each policy is read anew, though it has not changed."""

    def __init__(self, graph: Graph, tenant_id: str, *, remember: bool = True) -> None:
        self._graph = graph
        self._tenant_id = tenant_id
        self._remember = remember
        self._kept: dict[tuple[str, str], Rows] = {}  # what a policy sets, by id and time of the last change

    async def read(self) -> tuple[RecoverySource, ...]:
        """Raises what bot.tenant.graph raises where the custom profiles can't be listed; all else that can't be read is
        in the answer."""
        graph, until = self._graph, asyncio.get_running_loop().time() + self._graph.deadlines.policies
        reading = _Reading(Many(graph, until), self._kept)
        found = await asyncio.gather(
            reading.custom(graph.custom_profiles, self._tenant_id),
            reading.policies(_CATALOG, graph.catalog_policies),
            reading.templates(graph.identity_protection),
            reading.policies(_INTENTS, graph.intents),
        )
        self._kept = reading.kept if self._remember else {}
        return tuple(source for kind in found for source in kind)


class _Reading:
    """One reading of everything. `kept`: what the next one can use."""

    def __init__(self, many: Many, known: dict[tuple[str, str], Rows]) -> None:
        self._many = many
        self._known = known
        self.kept: dict[tuple[str, str], Rows] = {}

    async def custom(self, listed: List, tenant_id: str) -> list[RecoverySource]:
        """Those with a row for the node. Raises what the list raises."""
        found = (profiles.custom(one, tenant_id, ()) for one in await listed())
        return await self._assigned(CONFIGURATIONS, [source for source in found if source])

    async def templates(self, listed: List) -> list[RecoverySource]:
        """What they set stands in the list itself."""
        rows = await self._many.read(listed)
        if isinstance(rows, BotError):
            return [_unread(SourceKind.TEMPLATE, rows)]
        return await self._assigned(CONFIGURATIONS, [source for one in rows if (source := profiles.template(one))])

    async def policies(self, shelf: _Shelf, listed: List) -> list[RecoverySource]:
        """What they set takes a read for each, whom those that set it are assigned to another one."""
        rows = await self._many.read(listed)
        if isinstance(rows, BotError):
            return [_unread(shelf.kind, rows)]
        candidates = [one for one in rows if _may_hold_it(one)]
        settings = await self._settings(shelf, candidates)
        return await self._assigned(
            shelf.path,
            [
                source
                for one, said in zip(candidates, settings, strict=True)
                if (source := _judged(shelf.judge, one, said))
            ],
        )

    async def _settings(self, shelf: _Shelf, policies: Sequence[Row]) -> list[Rows | BotError]:
        """Read only where the policy has changed since it was last read."""
        keys = [(str(one.get("id")), str(one.get("lastModifiedDateTime") or "")) for one in policies]
        new = [key for key in keys if key not in self._known]
        read = await self._many.rows([settings_of(shelf.path, policy_id) for policy_id, _ in new])
        found = {**self._known, **dict(zip(new, read, strict=True))}
        for key in keys:
            rows = found[key]
            if key[1] and not isinstance(rows, BotError):
                self.kept[key] = rows
        return [found[key] for key in keys]

    async def _assigned(self, path: str, sources: Sequence[RecoverySource]) -> list[RecoverySource]:
        """With whom they are assigned to; None where that can't be read."""
        read = await self._many.rows([assignments_of(path, one.id) for one in sources])
        return [
            replace(one, assignments=None if isinstance(rows, BotError) else rows)
            for one, rows in zip(sources, read, strict=True)
        ]


def _judged(judge: Judge, policy: Row, settings: Rows | BotError) -> RecoverySource | None:
    if not isinstance(settings, BotError):
        return judge(policy, settings)
    unread = judge(policy, None)
    return unread and replace(unread, unanswered=isinstance(settings, TenantUnreachable))


def _unread(kind: SourceKind, why: BotError) -> RecoverySource:
    """In place of all of a kind, of which not even the list could be read."""
    return RecoverySource(kind, assignments=None, is_read=False, unanswered=isinstance(why, TenantUnreachable))


def _may_hold_it(policy: Row) -> bool:
    """For Windows or for what is not known, and of no template that can't hold the setting."""
    systems = {one.strip().lower() for one in str(policy.get("platforms") or "").split(",")}
    family = str((policy.get("templateReference") or {}).get("templateFamily") or "")
    return not systems <= _OTHER_SYSTEMS and family.lower() not in _OTHER_TEMPLATES
