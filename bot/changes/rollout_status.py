"""Where the rollout stands: read in the tenant, and what is missing next."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.changes import tenant_state
from bot.changes.elsewhere import beside, chosen, clash, right, setting, unclear, values, wrong
from bot.changes.services import ChangeServices
from bot.changes.tenant_state import TenantState
from bot.errors import BotError
from bot.reset_rules import profiles
from bot.reset_rules.facts import Apps, Consent, Grant
from bot.reset_rules.sources import Difference, RecoverySource, Value
from bot.tenant import Group, Overview
from bot.tenant.apps import with_grant
from dialogs.words.replies import Check, Mark, Text, Tone


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
    ELSEWHERE_UNASSIGNED = "elsewhere_unassigned"  # it would, but is assigned to nobody
    USERS_ONLY = "users_only"  # a custom profile sets it for its users only
    CONFLICT = "conflict"  # different values reach the same devices: by hand
    ASSIGNMENT = "assignment"
    DIFFERS = "differs"  # another policy sets another value for somebody; whether a device gets both is not known
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
    def profile(self) -> RecoverySource | None:
        """The custom profile that is assigned and corrected."""
        return chosen(self.tenant_state)

    def differences(self, source: RecoverySource) -> tuple[Difference, ...]:
        """In what a custom profile is wrong."""
        return profiles.differences(source.profile, self.tenant_state.tenant_id)

    @property
    def elsewhere(self) -> bool:
        """Is the value in force not, or not only, that of one custom profile?"""
        return beside(self.tenant_state, self.profile)

    def missing(self) -> Missing:
        """What is to be done next, in the order of Microsoft's instructions: consent, profile, assignment."""
        found, others = right(self.tenant_state), setting(self.tenant_state)
        if first := OF_CONSENT.get(self.apps.consent):
            return first
        checks = (
            (Missing.CONFLICT, clash(self.tenant_state) is not None),
            *(() if found and found.may_reach else _elsewhere(others)),
            *(((Missing.ASSIGNMENT, not found.may_reach),) if found else self._without_a_right_one()),
            (Missing.NOT_PERMITTED, self.apps.grant is Grant.NOT_PERMITTED),
            (Missing.UNKNOWN, self.apps.grant is Grant.UNKNOWN),
            (Missing.DIFFERS, bool(values(others) - {Value.ON})),
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
    set_values = values(others)
    mixed = len(set_values) > 1 or bool(set_values & {Value.MIXED, Value.CONTRADICTION})
    return (
        (Missing.ELSEWHERE_MIXED, mixed),
        (Missing.ELSEWHERE_OFF, Value.OFF in set_values),
        (Missing.ELSEWHERE, bool(others)),
    )


async def rollout_status(services: ChangeServices, now: datetime) -> RolloutStatus:
    """Read it. Raises the errors of bot.tenant."""
    planning = services.planning
    current = await tenant_state.tenant_state(planning.tenant, planning.tenant_id, planning.sources)
    apps, groups, overview = await asyncio.gather(
        with_grant(current.apps, planning.tenant.read),
        planning.groups.sizes(tenant_state.named_groups(current)),
        _figures(services, current),
    )
    return RolloutStatus(current, apps, groups, overview, now)


async def _figures(services: ChangeServices, found: TenantState) -> Overview | None:
    """Of the one custom profile that nothing else sets it beside. They are a bonus: their absence is said."""
    profile = chosen(found)
    if profile is None or beside(found, profile):
        return None
    try:
        return await services.rollout.overview(profile.id)
    except BotError:
        return None


_CONSENT = {
    Consent.GIVEN: Mark.DONE,
    Consent.MISSING: Mark.TO_DO,
    Consent.NOT_GRANTED: Mark.TO_DO,
    Consent.DISABLED: Mark.PROBLEM,
    Consent.UNREAD: Mark.UNKNOWN,
}
TONES = {  # of what is next; what is not here is something to do
    Missing.NOTHING: Tone.GOOD,
    Missing.NOT_PERMITTED: Tone.WARNING,
    Missing.UNKNOWN: Tone.WARNING,
    Missing.DIFFERS: Tone.WARNING,
    Missing.ELSEWHERE_OFF: Tone.ATTENTION,
    Missing.ELSEWHERE_MIXED: Tone.ATTENTION,
    Missing.CONFLICT: Tone.ATTENTION,
    Missing.CORRECTION: Tone.ATTENTION,
    Missing.APP_DISABLED: Tone.ATTENTION,
}


def checklist(found: RolloutStatus) -> tuple[Check, ...]:
    """Consent, profile and assignment, each by itself: one that is done stays so while another is missing."""
    marks = {"consent": _CONSENT[found.apps.consent], "profile": _profile(found), "assignment": _assignment(found)}
    return tuple(Check(Text(f"status.{name}.title"), mark) for name, mark in marks.items())


def _profile(found: RolloutStatus) -> Mark:
    """Does one set it as it should be, with nothing against it? One for users leaves the PCs of all others to do."""
    tenant = found.tenant_state
    others = setting(tenant)
    if clash(tenant) or values(others) - {Value.ON}:
        return Mark.PROBLEM
    if right(tenant) or others:
        return Mark.DONE
    if wrong(tenant):
        return Mark.PROBLEM
    return Mark.UNKNOWN if not tenant.custom and unclear(tenant) else Mark.TO_DO


def _assignment(found: RolloutStatus) -> Mark:
    """Does what switches it on for devices reach anybody? What works for some users leaves the others to do."""
    sure = (one for one in found.tenant_state.sources if one.value is Value.ON and one.is_certain)
    right = [one for one in sure if not one.for_users]
    if any(_is_assigned(one) for one in right):
        return Mark.DONE
    unread = any(one.assignments is None for one in right or found.tenant_state.sources)
    return Mark.UNKNOWN if unread else Mark.TO_DO


def _is_assigned(one: RecoverySource) -> bool:
    return one.assignments is not None and one.may_reach
