"""Where the rollout stands: read in the tenant, and what is missing next."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.changes import tenant_state
from bot.changes.elsewhere import clashes, right, setting, values, wrong
from bot.changes.services import ChangeServices
from bot.changes.tenant_state import Grant, TenantState
from bot.errors import BotError
from bot.reset_rules import profiles
from bot.reset_rules.facts import PIN_CLIENT, PIN_SERVICE, AppState
from bot.reset_rules.sources import Difference, RecoverySource, Value
from bot.tenant import Group, Overview


class Missing(StrEnum):
    """The next step. The sentence is `status.next.<value>`."""

    CONSENT = "consent"
    CONFIRMATION = "confirmation"  # both apps are there, the grant is not
    # The grant can't be read, and nothing else is missing.
    NOT_PERMITTED = "not_permitted"
    UNKNOWN = "unknown"
    PROFILE = "profile"
    # Something beside custom profiles sets the value: that is managed in Intune.
    ELSEWHERE = "elsewhere"
    ELSEWHERE_OFF = "elsewhere_off"
    ELSEWHERE_MIXED = "elsewhere_mixed"
    CORRECTION = "correction"
    ELSEWHERE_UNASSIGNED = "elsewhere_unassigned"  # it would, but is assigned to nobody
    USERS_ONLY = "users_only"  # a custom profile sets it for its users only
    CONFLICT = "conflict"  # different values reach the same devices: by hand
    ASSIGNMENT = "assignment"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class RolloutStatus:
    """All that is known at this moment."""

    tenant_state: TenantState
    grant: Grant
    groups: Mapping[str, Group]
    overview: Overview | None
    at: datetime

    @property
    def apps(self) -> dict[str, AppState]:
        """By app id, service first."""
        return {app_id: tenant_state.app_state(self.tenant_state.apps, app_id) for app_id in (PIN_SERVICE, PIN_CLIENT)}

    @property
    def profile(self) -> RecoverySource | None:
        """The custom profile that is assigned and corrected: one that is right before one that is wrong."""
        return right(self.tenant_state) or wrong(self.tenant_state)

    def differences(self, source: RecoverySource) -> tuple[Difference, ...]:
        """In what a custom profile is wrong."""
        return profiles.differences(source.profile, self.tenant_state.tenant_id)

    @property
    def elsewhere(self) -> bool:
        """Is the value in force not, or not only, that of one custom profile?"""
        acting = (one for one in self.tenant_state.sources if one.is_certain and one.may_reach)
        return any(one is not self.profile for one in acting)

    def missing(self) -> Missing:
        """What is to be done next, in the order of Microsoft's instructions: consent, profile, assignment."""
        found, others = right(self.tenant_state), setting(self.tenant_state)
        checks = (
            (Missing.CONSENT, set(self.apps.values()) != {AppState.ENABLED}),
            (Missing.CONFIRMATION, self.grant is Grant.NOT_CONFIRMED),
            (Missing.CONFLICT, bool(clashes(self.tenant_state))),
            *(() if found and found.may_reach else _elsewhere(others)),
            *(((Missing.ASSIGNMENT, not found.may_reach),) if found else self._without_a_right_one()),
            (Missing.NOT_PERMITTED, self.grant is Grant.NOT_PERMITTED),
            (Missing.UNKNOWN, self.grant is Grant.UNKNOWN),
        )
        return next((missing for missing, holds in checks if holds), Missing.NOTHING)

    def _without_a_right_one(self) -> tuple[tuple[Missing, bool], ...]:
        lying = any(one.is_certain and Value.ON is one.value for one in self.tenant_state.others)
        return (
            (Missing.CORRECTION, wrong(self.tenant_state) is not None),
            (Missing.USERS_ONLY, bool(self.tenant_state.custom)),
            (Missing.ELSEWHERE_UNASSIGNED, lying),
            (Missing.PROFILE, True),
        )


def _elsewhere(others: tuple[RecoverySource, ...]) -> tuple[tuple[Missing, bool], ...]:
    """Something beside custom profiles is in force."""
    found = values(others)
    mixed = len(found) > 1 or bool(found & {Value.MIXED, Value.CONTRADICTION})
    return (
        (Missing.ELSEWHERE_MIXED, mixed),
        (Missing.ELSEWHERE_OFF, Value.OFF in found),
        (Missing.ELSEWHERE, bool(others)),
    )


async def rollout_status(services: ChangeServices, now: datetime) -> RolloutStatus:
    """Read it. Raises the errors of bot.tenant."""
    planning = services.planning
    found = await tenant_state.tenant_state(planning.tenant, planning.tenant_id, planning.sources)
    shown = RolloutStatus(found, Grant.UNKNOWN, {}, None, now)
    grant, groups, overview = await asyncio.gather(
        tenant_state.grant(planning.tenant, found.apps),
        planning.groups.sizes(tenant_state.named_groups(found)),
        _nothing() if shown.profile is None or shown.elsewhere else _figures(services, shown.profile.id),
    )
    return replace(shown, grant=grant, groups=groups, overview=overview)


async def _figures(services: ChangeServices, profile_id: str) -> Overview | None:
    """The figures are a bonus: their absence is said."""
    try:
        return await services.rollout.overview(profile_id)
    except BotError:
        return None


async def _nothing() -> None:
    return None
