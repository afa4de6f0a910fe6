"""MATRIX.md's rows for hybrid joined PCs, where trust and place decide what a destructive reset needs."""

from dataclasses import dataclass, replace

from bot.reset_rules.advice import Caveat, Flow, Need, Next, Situation, Source
from bot.reset_rules.builds import Band
from bot.reset_rules.facts import Edition, Join, Recovery, Trust, Whereabouts
from bot.reset_rules.rule import FROM_1703, FROM_1903, OLD, ONLINE, Rule, When, of, pc

_PASSWORD_ONLINE = (Need.INTERNET, Need.SECOND_FACTOR, Need.PASSWORD)
_NETWORK = (Need.SECOND_FACTOR, Need.DOMAIN_CONTROLLER)
_PASSWORD_NETWORK = (Need.SECOND_FACTOR, Need.PASSWORD, Need.DOMAIN_CONTROLLER)
_FEDERATION = (Need.FEDERATION_SERVICE,)
# Where the PC decides: what both ways need together.
_EITHER = (*ONLINE, Need.DOMAIN_CONTROLLER)
_PASSWORD_EITHER = (*_PASSWORD_ONLINE, Need.DOMAIN_CONTROLLER)


def _pc(build: int | None, edition: Edition, recovery: Recovery) -> Situation:
    return pc(Join.HYBRID, build, edition, recovery, Whereabouts.SIGNED_IN)


@dataclass(frozen=True, slots=True)
class _Way:
    """What happens with one trust in one place."""

    row: int
    trust: Trust
    state: Whereabouts
    flow: Flow
    needs: tuple[Need, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    next: Next = Next.NOTHING


# Without the service. An unknown trust needs at worst what certificate trust needs (row 24; carried on for signed in).
_LOST = (
    _Way(18, Trust.CLOUD, Whereabouts.SIGNED_IN, Flow.DELETES_KEYS, _NETWORK),
    _Way(19, Trust.CLOUD, Whereabouts.LOCKED, Flow.DELETES_KEYS, _PASSWORD_NETWORK),
    _Way(20, Trust.CERTIFICATE, Whereabouts.SIGNED_IN, Flow.DELETES_KEYS, _NETWORK + _FEDERATION),
    _Way(20, Trust.CERTIFICATE, Whereabouts.LOCKED, Flow.DELETES_KEYS, _PASSWORD_NETWORK + _FEDERATION),
    _Way(21, Trust.KEY, Whereabouts.SIGNED_IN, Flow.DELETES_KEYS, _NETWORK),
    _Way(22, Trust.KEY, Whereabouts.LOCKED, Flow.UNSUPPORTED, next=Next.PASSWORD_THEN_SETTINGS),
    _Way(24, Trust.UNKNOWN, Whereabouts.SIGNED_IN, Flow.DELETES_KEYS, _NETWORK + _FEDERATION),
    _Way(24, Trust.UNKNOWN, Whereabouts.LOCKED, Flow.DELETES_KEYS, _PASSWORD_NETWORK + _FEDERATION),
)
# Perhaps with the service: rows 23 and 24; the others are carried on under the number of their worst case. With key
# trust keys survive or nothing happens (row 23), but that is no promise to make while nothing proves it: undecided like
# the others, and a refusal is announced.
_UNDECIDED = (
    _Way(18, Trust.CLOUD, Whereabouts.SIGNED_IN, Flow.DECIDED_BY_PC, _EITHER),
    _Way(19, Trust.CLOUD, Whereabouts.LOCKED, Flow.DECIDED_BY_PC, _PASSWORD_EITHER),
    _Way(20, Trust.CERTIFICATE, Whereabouts.SIGNED_IN, Flow.DECIDED_BY_PC, _EITHER + _FEDERATION),
    _Way(20, Trust.CERTIFICATE, Whereabouts.LOCKED, Flow.DECIDED_BY_PC, _PASSWORD_EITHER + _FEDERATION),
    _Way(21, Trust.KEY, Whereabouts.SIGNED_IN, Flow.DECIDED_BY_PC, _EITHER),
    _Way(
        23,
        Trust.KEY,
        Whereabouts.LOCKED,
        Flow.DECIDED_BY_PC,
        _PASSWORD_ONLINE,
        (Caveat.KEY_TRUST_MAY_REFUSE,),
        Next.PASSWORD_THEN_SETTINGS,
    ),
    _Way(24, Trust.UNKNOWN, Whereabouts.SIGNED_IN, Flow.DECIDED_BY_PC, _EITHER + _FEDERATION),
    _Way(24, Trust.UNKNOWN, Whereabouts.LOCKED, Flow.DECIDED_BY_PC, _PASSWORD_EITHER + _FEDERATION),
)


@dataclass(frozen=True, slots=True)
class _Pcs:
    """The PCs that ways are for. `like` is one of them; its trust and state are the way's."""

    bands: frozenset[Band]
    editions: frozenset[Edition] | None
    recoveries: frozenset[Recovery] | None
    like: Situation
    row: int | None = None  # None: that of the way
    next: Next | None = None  # None: that of the way
    source: Source = Source.TODAY


_NOT_PRO = of(*Edition) - of(Edition.PRO)  # Pro is row 25: before 1903 it has no service, whatever recovery is
_PCS = (
    (_LOST, _Pcs(FROM_1703, None, of(Recovery.NONE), _pc(26100, Edition.PRO, Recovery.NONE))),
    (_UNDECIDED, _Pcs(FROM_1903, None, of(Recovery.UNKNOWN), _pc(26100, Edition.UNKNOWN, Recovery.UNKNOWN))),
    (_UNDECIDED, _Pcs(OLD, _NOT_PRO, of(Recovery.UNKNOWN), _pc(17763, Edition.UNKNOWN, Recovery.UNKNOWN))),
    # Carried on: the service begins with 1709, so on 1703 no recovery state saves the keys (row 2: locked).
    (
        tuple(way for way in _LOST if way.state is Whereabouts.SIGNED_IN),
        _Pcs(of(Band.V1703), None, None, _pc(15063, Edition.ENTERPRISE, Recovery.READY), source=Source.DOCUMENT_2019),
    ),
    (
        _LOST,
        _Pcs(
            OLD,
            of(Edition.PRO),
            of(Recovery.READY, Recovery.UNKNOWN),
            _pc(17763, Edition.PRO, Recovery.READY),
            row=25,
            source=Source.DOCUMENT_2019,
        ),
    ),
    # Carried on: Education is as unclear as in row 11, and an unknown edition may be Pro or Enterprise.
    (
        _UNDECIDED,
        _Pcs(
            OLD,
            of(Edition.EDUCATION, Edition.UNKNOWN),
            of(Recovery.READY),
            _pc(17763, Edition.EDUCATION, Recovery.READY),
            row=25,
            source=Source.BOTH,
        ),
    ),
    (
        _UNDECIDED,
        _Pcs(of(Band.UNKNOWN), None, None, _pc(None, Edition.PRO, Recovery.NONE), row=26, next=Next.ASK_WINVER),
    ),
)


def _ready(row: int, bands: frozenset[Band], state: Whereabouts, needs: tuple[Need, ...], build: int) -> Rule:
    editions = of(Edition.ENTERPRISE) if bands == OLD else None
    return Rule(
        row,
        When(of(Join.HYBRID), bands, editions, recoveries=of(Recovery.READY), states=of(state)),
        Flow.KEEPS_KEYS,
        pc(Join.HYBRID, build, Edition.ENTERPRISE, Recovery.READY, state, Trust.KEY),
        needs,
    )


def _rule(way: _Way, pcs: _Pcs) -> Rule:
    return Rule(
        pcs.row or way.row,
        When(of(Join.HYBRID), pcs.bands, pcs.editions, of(way.trust), pcs.recoveries, of(way.state)),
        way.flow,
        replace(pcs.like, state=way.state, trust=way.trust),
        way.needs,
        way.caveats,
        pcs.next or way.next,
        pcs.source,
    )


HYBRID_RULES = (
    _ready(16, FROM_1903, Whereabouts.SIGNED_IN, ONLINE, 26100),
    _ready(16, OLD, Whereabouts.SIGNED_IN, ONLINE, 17763),
    _ready(17, FROM_1903, Whereabouts.LOCKED, _PASSWORD_ONLINE, 26100),
    _ready(17, OLD, Whereabouts.LOCKED, _PASSWORD_ONLINE, 17763),
    *(_rule(way, pcs) for ways, pcs in _PCS for way in ways),
)
