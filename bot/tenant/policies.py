"""What sets EnablePinRecovery beside custom profiles: settings catalog, Account protection and the two old templates.

Only beta has them. Whom they are assigned to is not read here.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, TypeVar

from bot.errors import BotError
from bot.reset_rules.facts import Policy, PolicyKind, Value
from bot.tenant import models
from bot.tenant.graph import Graph

MOST_AT_ONCE = 8

_CATALOG_NODE = re.compile(r".*_passportforwork_.+_policies_enablepinrecovery")  # of a device or a user
_INTENT_NODE = "windowsidentityprotectionconfiguration_pinrecoveryenabled"
_VALUES = {"true": Value.ON, "false": Value.OFF}
_OTHER_SYSTEMS = frozenset({"android", "androidenterprise", "aosp", "ios", "linux", "macos"})
_OTHER_TEMPLATES = frozenset(  # of endpoint security, with settings of their own that do not change
    {
        "endpointsecurityantivirus",
        "endpointsecuritydiskencryption",
        "endpointsecurityfirewall",
        "endpointsecurityendpointdetectionandresponse",
        "endpointsecurityattacksurfacereduction",
    }
)

Found = TypeVar("Found")
Rows = tuple[dict[str, Any], ...]
Judge = Callable[[Rows], Iterator[Value]]


class GraphPolicies:
    """Implements bot.tenant.Policies. Without `remember` each policy is read anew, though it has not changed."""

    def __init__(self, graph: Graph, *, remember: bool = True) -> None:
        self._graph = graph
        self._remember = remember
        self._kept: dict[tuple[str, str], Value | None] = {}  # by id and time of the last change

    async def others(self) -> tuple[Policy, ...]:
        """Those that set it or could not be checked. Never raises: what can't be read is in the answer."""
        graph, until = self._graph, asyncio.get_running_loop().time() + self._graph.deadlines.policies
        reading = _Reading(until, self._kept)
        catalog, templates, intents = await asyncio.gather(
            reading.policies(PolicyKind.CATALOG, graph.catalog_policies, graph.catalog_settings, _in_catalog),
            reading.templates(graph.identity_protection),
            reading.policies(PolicyKind.INTENT, graph.intents, graph.intent_settings, _in_intent),
        )
        self._kept = reading.kept if self._remember else {}
        return (*catalog, *templates, *intents)


class _Reading:
    """One reading of everything, so many calls at once and until a deadline. `kept`: what the next one can use."""

    def __init__(self, until: float, known: dict[tuple[str, str], Value | None]) -> None:
        self._until = until
        self._known = known
        self._gate = asyncio.Semaphore(MOST_AT_ONCE)
        self.kept: dict[tuple[str, str], Value | None] = {}

    async def templates(self, listed: Callable[[], Awaitable[list[models.IdentityProtection]]]) -> list[Policy]:
        """What they set stands in the list itself."""
        found = await self._read(listed)
        if found is None:
            return [Policy(PolicyKind.TEMPLATE, Value.UNREAD)]
        return [
            Policy(PolicyKind.TEMPLATE, Value.ON if one.pin_recovery_enabled else Value.OFF, one.display_name or "–")
            for one in found
            if one.pin_recovery_enabled is not None
        ]

    async def policies(
        self,
        kind: PolicyKind,
        listed: Callable[[], Awaitable[list[models.PolicyRow]]],
        settings: Callable[[str], Awaitable[Rows]],
        judge: Judge,
    ) -> list[Policy]:
        """What they set takes a call for each."""
        listing = await self._read(listed)
        if listing is None:
            return [Policy(kind, Value.UNREAD)]
        found = [one for one in listing if _may_hold_it(one)]
        values = await asyncio.gather(*(self._value(one, settings, judge) for one in found))
        return [
            Policy(kind, value, one.name or one.display_name or "–")
            for one, value in zip(found, values, strict=True)
            if value is not None
        ]

    async def _value(
        self, policy: models.PolicyRow, settings: Callable[[str], Awaitable[Rows]], judge: Judge
    ) -> Value | None:
        """None: it does not set it."""
        key = (policy.id, policy.last_modified_date_time or "")
        if key in self._known:
            value = self._known[key]
        else:
            rows = await self._read(lambda: settings(policy.id))
            value = Value.UNREAD if rows is None else _joined(judge(rows))
        if policy.last_modified_date_time and value is not Value.UNREAD:
            self.kept[key] = value
        return value

    async def _read(self, work: Callable[[], Awaitable[Found]]) -> Found | None:
        """None: it can't be read, or not in time."""
        try:
            async with asyncio.timeout_at(self._until), self._gate:
                return await work()
        except (BotError, TimeoutError):
            return None


def _may_hold_it(policy: models.PolicyRow) -> bool:
    """For Windows or for what is not known, and of no template that can't hold the setting."""
    systems = {one.strip().lower() for one in (policy.platforms or "").split(",")}
    family = (policy.template_reference and policy.template_reference.template_family) or ""
    return not systems <= _OTHER_SYSTEMS and family.lower() not in _OTHER_TEMPLATES


def _joined(found: Iterable[Value]) -> Value | None:
    """What one policy sets, for devices and for users: the two may differ."""
    values = set(found)
    if Value.UNREAD in values:
        return Value.UNREAD
    return Value.MIXED if len(values) > 1 else next(iter(values), None)


def _in_catalog(rows: object) -> Iterator[Value]:
    """Settings hold settings, to any depth. A choice that says neither true nor false can't be judged."""
    if isinstance(rows, list | tuple):
        for row in rows:
            yield from _in_catalog(row)
    elif isinstance(rows, dict):
        if _CATALOG_NODE.fullmatch(str(rows.get("settingDefinitionId")).lower()):
            choice = rows.get("choiceSettingValue")
            chosen = choice.get("value") if isinstance(choice, dict) else None
            yield _VALUES.get(str(chosen).lower().rpartition("_")[2], Value.UNREAD)
        yield from _in_catalog([*rows.values()])


def _in_intent(rows: Rows) -> Iterator[Value]:
    """All that its template knows is there; "null" is what is not set."""
    for row in rows:
        said = str(row.get("valueJson")).lower()
        if str(row.get("definitionId")).lower().endswith(_INTENT_NODE) and said != "null":
            yield _VALUES.get(said, Value.UNREAD)
