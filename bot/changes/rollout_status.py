"""Where the rollout stands: read in the tenant, and what is missing next."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.changes import tenant_state
from bot.changes.elsewhere import setting, values
from bot.changes.services import ChangeServices
from bot.changes.tenant_state import Difference, Row, TenantState
from bot.errors import BotError
from bot.reset_rules.facts import Apps, Consent, Grant, Value
from bot.tenant import Group, Overview
from bot.tenant.apps import with_grant


class Missing(StrEnum):
    """The next step. The sentence is `status.next.<value>`."""

    APP_DISABLED = "app_disabled"  # no link helps: to be enabled in Entra
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
    CONFLICT = "conflict"  # several sources set different values: by hand
    ONE_SOURCE = "one_source"  # several set the same: by hand
    ASSIGNMENT = "assignment"
    NOTHING = "nothing"


OF_CONSENT = {  # before all else
    Consent.DISABLED: Missing.APP_DISABLED,
    Consent.MISSING: Missing.CONSENT,
    Consent.NOT_GRANTED: Missing.CONFIRMATION,
}


@dataclass(frozen=True, slots=True)
class RolloutStatus:
    """All that is known at this moment."""

    tenant_state: TenantState
    apps: Apps
    groups: Mapping[str, Group]
    overview: Overview | None
    at: datetime

    @property
    def profile(self) -> Row | None:
        """The one profile that sets the value, right or wrong."""
        return self.tenant_state.sources[0] if len(self.tenant_state.sources) == 1 else None

    @property
    def differences(self) -> tuple[Difference, ...]:
        """In what that profile is wrong."""
        return tenant_state.differences(self.profile, self.tenant_state.tenant_id) if self.profile else ()

    @property
    def elsewhere(self) -> bool:
        """Is the value in force not, or not only, that of one custom profile?"""
        return len(self.tenant_state.sources) > 1 or bool(setting(self.tenant_state))

    def missing(self) -> Missing:
        """What is to be done next, in the order of Microsoft's instructions: consent, profile, assignment."""
        custom, others = self.tenant_state.sources, setting(self.tenant_state)
        found = values(self.tenant_state)
        several = len(custom) + len(others) > 1
        if first := OF_CONSENT.get(self.apps.consent):
            return first
        checks = (
            (Missing.CONFLICT, several and len(found) > 1),
            (Missing.ONE_SOURCE, several and bool(custom)),
            (Missing.ELSEWHERE_MIXED, bool(others) and len(found) > 1),
            (Missing.ELSEWHERE_OFF, bool(others) and Value.OFF in found),
            (Missing.ELSEWHERE, bool(others)),
            (Missing.PROFILE, not custom),
            (Missing.CORRECTION, bool(self.differences)),
            (
                Missing.ASSIGNMENT,
                not any(tenant_state.type_of(row) != tenant_state.EXCLUDED for row in self.tenant_state.targets),
            ),
            (Missing.NOT_PERMITTED, self.apps.grant is Grant.NOT_PERMITTED),
            (Missing.UNKNOWN, self.apps.grant is Grant.UNKNOWN),
        )
        return next((missing for missing, holds in checks if holds), Missing.NOTHING)


async def rollout_status(services: ChangeServices, now: datetime) -> RolloutStatus:
    """Read it. Raises the errors of bot.tenant."""
    found = await tenant_state.tenant_state(
        services.planning.tenant, services.planning.tenant_id, services.planning.policies
    )
    profiles = found.sources
    alone = len(profiles) == 1 and not setting(found)
    apps, groups, overview = await asyncio.gather(
        with_grant(found.apps, services.planning.tenant.read),
        services.planning.groups.sizes(tenant_state.named_groups(found)),
        _figures(services, tenant_state.text(profiles[0], "id")) if alone else _nothing(),
    )
    return RolloutStatus(found, apps, groups, overview, now)


async def _figures(services: ChangeServices, profile_id: str) -> Overview | None:
    """The figures are a bonus: their absence is said."""
    try:
        return await services.rollout.overview(profile_id)
    except BotError:
        return None


async def _nothing() -> None:
    return None
