"""A tenant that tells what an example says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.changes.tenant_state import FILTERS_PATH, PROFILES_PATH
from bot.demo.gallery.company import (
    ACCOUNTS,
    ADMIN,
    APPROVER,
    BOTH_APPS,
    FINANCE,
    HELPER,
    KIOSKS,
    OTHER,
    PILOT,
    sources,
)
from bot.errors import BotError, NotFound
from bot.reset_rules.facts import PIN_SERVICE, Account, Standing
from bot.reset_rules.sources import RecoverySource
from bot.tenant import (
    GraphCall,
    Group,
    Overview,
    WriteResult,
)
from bot.tenant.apps import APPS_PATH


@dataclass(frozen=True, slots=True)
class ExampleTenant:
    """Fits Writes, Rollout, Groups, People and Roles of bot.tenant; `sources` fits Sources."""

    apps: tuple[dict[str, Any], ...] = BOTH_APPS
    profiles: tuple[dict[str, Any], ...] = ()
    targets: tuple[dict[str, Any], ...] = ()
    policies: tuple[RecoverySource, ...] = ()  # what else sets the value
    grant: bool | BotError = True  # an error: it can't be read
    figures: Overview | None = None
    known: tuple[Group, ...] = (PILOT, FINANCE, KIOSKS)
    filters: tuple[dict[str, Any], ...] = ()  # of assignments

    async def read(self, path: str) -> tuple[Mapping[str, Any], ...]:
        """Rows by their path."""
        if path.endswith("/oauth2PermissionGrants"):
            return self._grants()
        known = {APPS_PATH: self.apps, PROFILES_PATH: self.profiles, FILTERS_PATH: self.filters}
        return known.get(path, self.targets)

    @property
    def sources(self) -> "ExampleSources":
        """As told."""
        return ExampleSources(sources(self.profiles, self.targets, self.policies))

    def _grants(self) -> tuple[Mapping[str, Any], ...]:
        if isinstance(self.grant, BotError):
            raise self.grant
        return ({"consentType": "AllPrincipals", "resourceId": PIN_SERVICE},) if self.grant else ()

    async def send(self, call: GraphCall) -> WriteResult:
        """Examples write nothing."""
        raise AssertionError(call.path)

    async def overview(self, _profile_id: str) -> Overview:
        """The figures."""
        if self.figures is None:
            raise NotFound("gallery")
        return self.figures

    async def find(self, name_or_id: str) -> tuple[Group, ...]:
        """By name or id."""
        return tuple(group for group in self.known if name_or_id in {group.id, group.name})

    async def like(self, name: str, most: int = 3) -> tuple[Group, ...]:  # noqa: ARG002 - as Groups
        """Those of the two that begin with the same letter."""
        return tuple(one for one in (FINANCE, PILOT) if one in self.known and one.name.startswith(name[:1].upper()))

    async def pcs(self, ids: Iterable[str]) -> dict[str, dict[str, str]]:
        """Each has its own, as many as it says."""
        wanted = set(ids)
        return {
            group.id: {f"{group.id}{n}": f"CON-{group.name[:3].upper()}-{n + 1:04}" for n in range(group.devices)}
            for group in self.known
            if group.id in wanted
        }

    async def sizes(self, ids: Iterable[str]) -> dict[str, Group]:
        """By id."""
        return {group.id: group for group in self.known if group.id in set(ids)}

    async def account(self, object_id: str) -> Account:
        """Who it is."""
        return ACCOUNTS.get(object_id, Account(object_id, "Uma Keller", "user@contoso.example"))

    async def is_admin(self, object_id: str, *, fresh: bool = False) -> bool:  # noqa: ARG002 - Roles has it
        """One admin."""
        return object_id == ADMIN

    async def is_approver(self, object_id: str, *, fresh: bool = False) -> bool:  # noqa: ARG002 - Roles has it
        """Two approvers."""
        return object_id in {APPROVER, OTHER}

    async def is_help_desk(self, object_id: str, *, fresh: bool = False) -> bool:  # noqa: ARG002 - Roles has it
        """Somebody else than admins and approvers."""
        return object_id == HELPER

    async def standing(self, object_id: str) -> Standing:  # noqa: ARG002 - Roles has it
        """Members all."""
        return Standing.MEMBER

    async def approvers(self) -> frozenset[str]:
        """The two."""
        return frozenset({APPROVER, OTHER})


@dataclass(frozen=True, slots=True)
class ExampleSources:
    """Fits Sources of bot.tenant."""

    found: tuple[RecoverySource, ...]

    async def read(self) -> tuple[RecoverySource, ...]:
        """As told."""
        return self.found
