"""The three parts of the rollout as a checklist: consent, profile, assignment, each done, to do, wrong or not known."""

from bot.changes import elsewhere
from bot.changes.rollout_status import Missing, RolloutStatus
from bot.reset_rules.facts import Consent
from bot.reset_rules.sources import RecoverySource, Value
from dialogs.words.replies import Check, Mark, Text, Tone

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
    Missing.ELSEWHERE_OFF: Tone.ATTENTION,
    Missing.ELSEWHERE_MIXED: Tone.ATTENTION,
    Missing.CONFLICT: Tone.ATTENTION,
    Missing.CORRECTION: Tone.ATTENTION,
    Missing.APP_DISABLED: Tone.ATTENTION,
}


def checklist(found: RolloutStatus) -> tuple[Check, ...]:
    """Each part by itself: one that is done stays so while another is missing."""
    marks = {"consent": _CONSENT[found.apps.consent], "profile": _profile(found), "assignment": _assignment(found)}
    return tuple(Check(Text(f"status.{name}.title"), mark) for name, mark in marks.items())


def _profile(found: RolloutStatus) -> Mark:
    """Does one set it as it should be, with nothing against it? One for users leaves the PCs of all others to do."""
    tenant = found.tenant_state
    others = elsewhere.setting(tenant)
    if elsewhere.clashes(tenant) or elsewhere.values(others) - {Value.ON}:
        return Mark.PROBLEM
    if elsewhere.right(tenant) or others:
        return Mark.DONE
    if elsewhere.wrong(tenant):
        return Mark.PROBLEM
    return Mark.UNKNOWN if not tenant.custom and elsewhere.unclear(tenant) else Mark.TO_DO


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
