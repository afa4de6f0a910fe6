"""What a row of the decision matrix is: for which situations it holds, and what it says."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeVar

from bot.reset_rules.advice import Caveat, Flow, Need, Next, Situation, Source
from bot.reset_rules.builds import Band, band
from bot.reset_rules.facts import Device, Edition, Join, Recovery, Trust, Whereabouts

Value = TypeVar("Value")
Columns = tuple[Join, Band, Edition, Trust, Recovery, Whereabouts]


def of(*values: Value) -> frozenset[Value]:
    """The set of just these."""
    return frozenset(values)


class When(NamedTuple):
    """In the order of the matrix's columns; None is any."""

    joins: frozenset[Join] | None = None
    bands: frozenset[Band] | None = None
    editions: frozenset[Edition] | None = None
    trusts: frozenset[Trust] | None = None
    recoveries: frozenset[Recovery] | None = None
    states: frozenset[Whereabouts] | None = None

    def holds(self, columns: Columns) -> bool:
        return all(allowed is None or value in allowed for allowed, value in zip(self, columns, strict=True))


ANYWHERE = When()
OLD = of(Band.V1709_TO_1809)
FROM_1903 = of(Band.V1903_TO_22H2, Band.WINDOWS_11)
FROM_1709 = OLD | FROM_1903
FROM_1703 = of(Band.V1703) | FROM_1709
ONLINE = (Need.INTERNET, Need.WORK_SIGN_IN, Need.SECOND_FACTOR)


def columns(situation: Situation) -> Columns:
    """What the matrix looks at."""
    device = situation.device
    return device.join, band(device.build), device.edition, situation.trust, device.recovery, situation.state


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the matrix, or a part of it. The example must select this very rule."""

    row: int
    when: When
    flow: Flow
    example: Situation
    needs: tuple[Need, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    next: Next = Next.NOTHING
    source: Source = Source.TODAY


def pc(
    join: Join,
    build: int | None,
    edition: Edition,
    recovery: Recovery,
    state: Whereabouts,
    trust: Trust = Trust.UNKNOWN,
) -> Situation:
    """An example, on a day when the table of releases is up to date."""
    device = Device("example", "EXAMPLE", join=join, build=build, edition=edition, recovery=recovery)
    return Situation(device, state, date(2026, 11, 22), trust, federated=False)
