"""Caveats that hold for many rows of the decision matrix at once: the table of caveats of MATRIX.md."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from bot.reset_rules.advice import Advice, Caveat, Flow, Need, ResetSteps, Situation
from bot.reset_rules.builds import Band, last_day
from bot.reset_rules.facts import Consent, Device, Edition, Join, Recovery, Trust, Whereabouts
from bot.reset_rules.rule import ANYWHERE, When, columns, of
from dialogs.understanding.windows import BUILDS, Release, release_of

FIRST_ALLOWED_URLS = BUILDS["Windows 10 1803"]  # which brought ConfigureWebSignInAllowedUrls
FIRST_WEB_SIGN_IN = BUILDS["Windows 11 22H2"]  # with KB5030310: the Web sign-in credential provider
FIRST_CLOUD_TRUST = BUILDS["Windows 10 21H2"]  # that cloud Kerberos trust works on


def _has_steps(_: Situation, advice: Advice) -> bool:
    return advice.steps is not ResetSteps.NONE


def _may_delete(situation: Situation, advice: Advice) -> bool:
    return _has_steps(situation, advice) and advice.destructive is not False


def _undecided(_: Situation, advice: Advice) -> bool:
    return advice.flow is Flow.DECIDED_BY_PC


def _needs_network(_: Situation, advice: Advice) -> bool:
    return Need.DOMAIN_CONTROLLER in advice.needs


def _before_cloud_trust(situation: Situation, advice: Advice) -> bool:
    build = situation.device.build
    return _may_delete(situation, advice) and build is not None and build < FIRST_CLOUD_TRUST


def _unnamed(situation: Situation, advice: Advice) -> bool:
    return _has_steps(situation, advice) and release_of(situation.device.build) is None


def _web_sign_in(situation: Situation, advice: Advice) -> bool:
    """A destructive reset of somebody signed in does without web sign-in (matrix, rows 12 to 14)."""
    build = situation.device.build
    allowed = build is None or build >= FIRST_ALLOWED_URLS
    used = situation.state is Whereabouts.LOCKED or advice.destructive is not True
    return _has_steps(situation, advice) and allowed and used


def _may_have_web_sign_in(situation: Situation, advice: Advice) -> bool:
    build = situation.device.build
    return _has_steps(situation, advice) and build is not None and build >= FIRST_WEB_SIGN_IN


def _federated(situation: Situation, advice: Advice) -> bool:
    return situation.federated is True and _web_sign_in(situation, advice)


def _perhaps_federated(situation: Situation, advice: Advice) -> bool:
    return situation.federated is None and _web_sign_in(situation, advice)


def _last_day(found: Release, device: Device) -> date:
    return last_day(found, device.edition, ltsc=device.ltsc, iot=device.iot)


def _out_of_servicing(situation: Situation, advice: Advice) -> bool:
    device, release = situation.device, release_of(situation.device.build)
    is_decided = advice.flow not in {Flow.ASK, Flow.CHECK_DATA}
    return is_decided and release is not None and situation.today > _last_day(release, device)


def _app_disabled(situation: Situation, advice: Advice) -> bool:
    return _has_steps(situation, advice) and situation.device.consent is Consent.DISABLED


def _apps_missing(situation: Situation, advice: Advice) -> bool:
    return _has_steps(situation, advice) and situation.device.consent is not Consent.DISABLED


def _consent_unsure(situation: Situation, advice: Advice) -> bool:
    open_ones = {Consent.MISSING, Consent.NOT_GRANTED, Consent.UNREAD}
    return _has_steps(situation, advice) and situation.device.consent in open_ones


@dataclass(frozen=True, slots=True)
class Added:
    """One caveat: the situations, as in the matrix, and what the advice must be like."""

    caveat: Caveat
    when: When = ANYWHERE
    only: Callable[[Situation, Advice], bool] = _has_steps


_JOINED = of(Join.ENTRA, Join.HYBRID)
_WITH_PASSWORD = of(Join.HYBRID, Join.ON_PREMISES)
_LOCKED = of(Whereabouts.LOCKED)
_OLD = of(Band.V1709_TO_1809)

# In the order in which they are told.
ADDED = (
    Added(
        Caveat.WORST_CASE_TRUST,
        When(joins=of(Join.HYBRID), trusts=of(Trust.UNKNOWN), states=_LOCKED),
        _may_delete,
    ),
    Added(
        Caveat.UNKNOWN_TRUST,
        When(joins=of(Join.HYBRID), trusts=of(Trust.UNKNOWN), states=of(Whereabouts.SIGNED_IN)),
        _may_delete,
    ),
    Added(Caveat.APPS_MISSING, When(joins=_JOINED, recoveries=of(Recovery.POLICY_ONLY)), _apps_missing),
    Added(
        Caveat.APP_DISABLED,
        When(joins=_JOINED, recoveries=of(Recovery.POLICY_ONLY, Recovery.UNKNOWN)),
        _app_disabled,
    ),
    Added(Caveat.CONSENT_UNSURE, When(joins=_JOINED, recoveries=of(Recovery.READY, Recovery.UNKNOWN)), _consent_unsure),
    Added(Caveat.RESTART_FIRST, When(bands=of(Band.WINDOWS_11, Band.UNKNOWN), states=_LOCKED)),
    Added(Caveat.NEEDS_USABLE_PASSWORD, When(joins=_WITH_PASSWORD, states=_LOCKED)),
    Added(Caveat.TEMPORARY_ACCESS_PASS, When(joins=of(Join.ENTRA), states=_LOCKED), _may_have_web_sign_in),
    Added(Caveat.VPN_AT_LOCK_SCREEN, When(states=_LOCKED), _needs_network),
    Added(Caveat.LOCK_SCREEN_LIMITS, When(states=_LOCKED)),
    Added(Caveat.FEDERATED_ALLOWED_URLS, When(joins=of(Join.ENTRA)), _federated),
    Added(Caveat.PERHAPS_FEDERATED, When(joins=of(Join.ENTRA)), _perhaps_federated),
    Added(
        Caveat.SYNC_WAIT,
        When(joins=of(Join.HYBRID), trusts=of(Trust.KEY, Trust.UNKNOWN), states=of(Whereabouts.SIGNED_IN)),
        _may_delete,
    ),
    Added(Caveat.NEW_CERTIFICATE, When(joins=_WITH_PASSWORD, trusts=of(Trust.CERTIFICATE)), _may_delete),
    Added(Caveat.TRUST_DATA_ODD, When(joins=of(Join.HYBRID), trusts=of(Trust.CLOUD)), _before_cloud_trust),
    Added(Caveat.EDUCATION_UNCLEAR, When(joins=_JOINED, bands=_OLD, editions=of(Edition.EDUCATION)), _undecided),
    Added(Caveat.UNKNOWN_EDITION, When(joins=_JOINED, bands=_OLD, editions=of(Edition.UNKNOWN)), _undecided),
    Added(Caveat.UNKNOWN_BUILD, only=_unnamed),
    Added(Caveat.OUT_OF_SERVICING, only=_out_of_servicing),
)


def added(situation: Situation, advice: Advice) -> tuple[Caveat, ...]:
    """The caveats beside those of the row itself."""
    known = columns(situation)
    return tuple(row.caveat for row in ADDED if row.when.holds(known) and row.only(situation, advice))
