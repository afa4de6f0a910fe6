"""The decision matrix: join x Windows x edition x trust x recovery x state, first match wins.

Rows carry the numbers of MATRIX.md, which the tests compare with these rules; its part "Carried on" is what Microsoft's
pages are silent on.
"""

from dataclasses import replace
from datetime import date
from functools import cache

from bot.reset_rules.advice import Advice, Caveat, Flow, Need, Next, ResetSteps, Situation, Source
from bot.reset_rules.builds import Band
from bot.reset_rules.caveats import added
from bot.reset_rules.facts import Consent, Device, Edition, Join, Platform, Recovery, Trust, Whereabouts
from bot.reset_rules.hybrid import HYBRID_RULES
from bot.reset_rules.rule import FROM_1703, FROM_1709, FROM_1903, OLD, ONLINE, Columns, Rule, When, columns, of, pc

_JOINED = of(Join.ENTRA, Join.HYBRID)

_ANY_JOIN = (
    Rule(
        1,
        When(bands=of(Band.BEFORE_1703)),
        Flow.UNSUPPORTED,
        pc(Join.HYBRID, 14393, Edition.ENTERPRISE, Recovery.NONE, Whereabouts.SIGNED_IN),
        next=Next.UPGRADE_WINDOWS,
        source=Source.DOCUMENT_2019,
    ),
    Rule(
        2,
        When(bands=of(Band.V1703), states=of(Whereabouts.LOCKED)),
        Flow.UNSUPPORTED,
        pc(Join.ENTRA, 15063, Edition.PRO, Recovery.NONE, Whereabouts.LOCKED),
        next=Next.PASSWORD_THEN_SETTINGS,
        source=Source.DOCUMENT_2019,
    ),
    Rule(
        3,
        When(joins=of(Join.UNKNOWN)),
        Flow.ASK,
        pc(Join.UNKNOWN, 26100, Edition.ENTERPRISE, Recovery.UNKNOWN, Whereabouts.LOCKED),
        next=Next.ASK_DSREGCMD,
        source=Source.BOTH,
    ),
)

# Rows 4 to 6 hold for an unknown build too: nothing there ever keeps the keys, whatever the version.
# A Home edition cannot join a domain either (row 7).
_NOT_THE_SERVICE = (
    Rule(
        4,
        When(joins=of(Join.ON_PREMISES), editions=of(*Edition) - of(Edition.HOME)),
        Flow.DELETES_KEYS,
        pc(Join.ON_PREMISES, 19045, Edition.PRO, Recovery.READY, Whereabouts.LOCKED),
        needs=(Need.SECOND_FACTOR, Need.PASSWORD, Need.DOMAIN_CONTROLLER, Need.FEDERATION_SERVICE),
        caveats=(Caveat.SERVICE_NEVER_APPLIES,),
        source=Source.BOTH,
    ),
    Rule(
        5,
        When(joins=of(Join.REGISTERED), states=of(Whereabouts.SIGNED_IN)),
        Flow.DELETES_KEYS,
        pc(Join.REGISTERED, 26100, Edition.HOME, Recovery.READY, Whereabouts.SIGNED_IN),
        needs=(Need.INTERNET, Need.SECOND_FACTOR),
        caveats=(Caveat.DOCUMENTS_DISAGREE,),
    ),
    Rule(
        6,
        When(joins=of(Join.REGISTERED)),
        Flow.OTHER_SERVICE,
        pc(Join.REGISTERED, 26100, Edition.PRO, Recovery.READY, Whereabouts.LOCKED),
        next=Next.CONSUMER_RESET,
    ),
    Rule(
        7,
        When(joins=_JOINED | of(Join.ON_PREMISES), editions=of(Edition.HOME)),
        Flow.CHECK_DATA,
        pc(Join.ENTRA, 26100, Edition.HOME, Recovery.READY, Whereabouts.LOCKED),
        next=Next.REFRESH_INVENTORY,
        source=Source.BOTH,
    ),
    Rule(
        8,
        When(joins=_JOINED, bands=FROM_1703, recoveries=of(Recovery.POLICY_ONLY)),
        Flow.BLOCKED,
        pc(Join.ENTRA, 26100, Edition.ENTERPRISE, Recovery.POLICY_ONLY, Whereabouts.LOCKED),
        next=Next.ADMIN_CONSENT,
        source=Source.BOTH,
    ),
)

# Home has gone with row 7. Trust plays no part for Entra joined.
_ENTRA = (
    Rule(
        9,
        When(joins=of(Join.ENTRA), bands=OLD, editions=of(Edition.ENTERPRISE), recoveries=of(Recovery.READY)),
        Flow.KEEPS_KEYS,
        pc(Join.ENTRA, 17763, Edition.ENTERPRISE, Recovery.READY, Whereabouts.LOCKED),
        needs=ONLINE,
        source=Source.BOTH,
    ),
    Rule(
        10,
        When(joins=of(Join.ENTRA), bands=OLD, editions=of(Edition.PRO)),
        Flow.DELETES_KEYS,
        pc(Join.ENTRA, 17763, Edition.PRO, Recovery.READY, Whereabouts.SIGNED_IN),
        needs=ONLINE,
        source=Source.DOCUMENT_2019,
    ),
    Rule(
        11,
        When(joins=of(Join.ENTRA), bands=OLD, editions=of(Edition.EDUCATION), recoveries=of(Recovery.READY)),
        Flow.DECIDED_BY_PC,
        pc(Join.ENTRA, 17763, Edition.EDUCATION, Recovery.READY, Whereabouts.LOCKED),
        needs=ONLINE,
        source=Source.BOTH,
    ),
    Rule(
        12,
        When(joins=of(Join.ENTRA), bands=FROM_1903, recoveries=of(Recovery.READY), states=of(Whereabouts.SIGNED_IN)),
        Flow.KEEPS_KEYS,
        pc(Join.ENTRA, 26100, Edition.ENTERPRISE, Recovery.READY, Whereabouts.SIGNED_IN),
        needs=ONLINE,
        source=Source.BOTH,
    ),
    Rule(
        13,
        When(joins=of(Join.ENTRA), bands=FROM_1903, recoveries=of(Recovery.READY), states=of(Whereabouts.LOCKED)),
        Flow.KEEPS_KEYS,
        pc(Join.ENTRA, 26100, Edition.PRO, Recovery.READY, Whereabouts.LOCKED),
        needs=ONLINE,
        source=Source.BOTH,
    ),
    Rule(
        14,
        When(joins=of(Join.ENTRA), bands=FROM_1703, recoveries=of(Recovery.NONE)),
        Flow.DELETES_KEYS,
        pc(Join.ENTRA, 26100, Edition.ENTERPRISE, Recovery.NONE, Whereabouts.LOCKED),
        needs=ONLINE,
    ),
    Rule(  # the service begins with 1709, so on 1703 no recovery state saves the keys
        14,
        When(joins=of(Join.ENTRA), bands=of(Band.V1703)),
        Flow.DELETES_KEYS,
        pc(Join.ENTRA, 15063, Edition.ENTERPRISE, Recovery.READY, Whereabouts.SIGNED_IN),
        needs=ONLINE,
        source=Source.DOCUMENT_2019,
    ),
    Rule(
        15,
        When(joins=of(Join.ENTRA), bands=FROM_1709, recoveries=of(Recovery.UNKNOWN)),
        Flow.DECIDED_BY_PC,
        pc(Join.ENTRA, 26100, Edition.UNKNOWN, Recovery.UNKNOWN, Whereabouts.LOCKED),
        needs=ONLINE,
    ),
    Rule(  # Enterprise would keep them (row 9), Pro would not (row 10)
        15,
        When(joins=of(Join.ENTRA), bands=OLD, recoveries=of(Recovery.READY)),
        Flow.DECIDED_BY_PC,
        pc(Join.ENTRA, 17763, Edition.UNKNOWN, Recovery.READY, Whereabouts.LOCKED),
        needs=ONLINE,
        source=Source.DOCUMENT_2019,
    ),
)

_UNKNOWN_BUILD = Rule(
    26,
    When(joins=of(Join.ENTRA), bands=of(Band.UNKNOWN)),
    Flow.DECIDED_BY_PC,
    pc(Join.ENTRA, None, Edition.PRO, Recovery.READY, Whereabouts.LOCKED),
    needs=ONLINE,
    next=Next.ASK_WINVER,
)

_ALL = (*_ANY_JOIN, *_NOT_THE_SERVICE, *_ENTRA, *HYBRID_RULES, _UNKNOWN_BUILD)
RULES = tuple(sorted(_ALL, key=lambda rule: rule.row))  # a stable sort: parts of one row keep their order

# Only Windows has a Hello PIN: the command says so before it asks; an unreadable system is a matter of the inventory.
NOT_WINDOWS = Advice(0, Flow.CHECK_DATA, ResetSteps.NONE, destructive=None, next=Next.REFRESH_INVENTORY)
# The PC has to prove itself to Entra, which no longer knows it, whatever recovery is.
GONE = Advice(0, Flow.GONE, ResetSteps.NONE, destructive=None, next=Next.REGISTER_AGAIN)

_DESTRUCTIVE = {Flow.KEEPS_KEYS: False, Flow.DELETES_KEYS: True}
_WITH_STEPS = of(Flow.KEEPS_KEYS, Flow.DELETES_KEYS, Flow.DECIDED_BY_PC)


def select(situation: Situation) -> Rule:
    """The first rule that holds. One always does: the tests go through every combination."""
    return _selected(columns(situation))


@cache  # some thousand combinations in all; a rollout has a handful
def _selected(known: Columns) -> Rule:
    return next(rule for rule in RULES if rule.when.holds(known))


def decide(situation: Situation) -> Advice:
    """The advice for one situation; never raises."""
    if situation.device.platform is not Platform.WINDOWS:
        return NOT_WINDOWS
    if situation.device.deleted:
        return GONE
    rule = select(situation)
    advice = Advice(
        row=rule.row,
        flow=rule.flow,
        steps=_steps(rule.flow, situation),
        destructive=_DESTRUCTIVE.get(rule.flow),
        needs=rule.needs,
        caveats=rule.caveats,
        next=_next(rule, situation.device),
        source=rule.source,
    )
    return replace(advice, caveats=advice.caveats + added(situation, advice))


def decide_both(device: Device, trust: Trust, federated: bool | None, today: date) -> tuple[Advice, Advice]:
    """The advice for somebody locked out, and for somebody signed in."""
    locked, signed_in = (
        decide(Situation(device, state, today, trust, federated))
        for state in (Whereabouts.LOCKED, Whereabouts.SIGNED_IN)
    )
    return locked, signed_in


def _next(rule: Rule, device: Device) -> Next:
    """For an app that is switched off no consent helps."""
    disabled = rule.next is Next.ADMIN_CONSENT and device.consent is Consent.DISABLED
    return Next.ADMIN_ENABLE if disabled else rule.next


def _steps(flow: Flow, situation: Situation) -> ResetSteps:
    if flow not in _WITH_STEPS:
        return ResetSteps.NONE
    if situation.state is Whereabouts.SIGNED_IN:
        return ResetSteps.SETTINGS
    return ResetSteps.LOCK_SCREEN_WEB if situation.device.join is Join.ENTRA else ResetSteps.LOCK_SCREEN_PASSWORD
