"""Situations for the tests: one ordinary PC to start from, and random ones."""

from dataclasses import replace
from datetime import date

from hypothesis import strategies as st

from bot.reset_rules.advice import Situation
from bot.reset_rules.facts import Consent, Device, Edition, Join, Management, Platform, Recovery, Trust, Whereabouts
from dialogs.understanding.windows import BUILDS

TODAY = date(2026, 11, 22)
PC = Device("r", "PC", join=Join.ENTRA, build=26100, edition=Edition.ENTERPRISE, recovery=Recovery.READY)


def situation(
    state: Whereabouts,
    join: Join = Join.ENTRA,
    build: int | None = 26100,
    edition: Edition = Edition.ENTERPRISE,
    trust: Trust = Trust.CLOUD,
    recovery: Recovery = Recovery.READY,
    *,
    federated: bool | None = False,
    ltsc: bool = False,
    iot: bool = False,
    today: date = TODAY,
) -> Situation:
    """Covered, in servicing and managed unless said otherwise."""
    device = replace(PC, join=join, build=build, edition=edition, recovery=recovery, ltsc=ltsc, iot=iot)
    return Situation(device, state, today, trust, federated)


_BUILDS = st.one_of(st.none(), st.sampled_from([*BUILDS.values()]), st.integers())
SITUATIONS = st.builds(
    Situation,
    device=st.builds(
        Device,
        reference=st.just("r"),
        name=st.just("PC"),
        platform=st.sampled_from([*[Platform.WINDOWS] * 9, *Platform]),
        join=st.sampled_from(Join),
        build=_BUILDS,
        edition=st.sampled_from(Edition),
        ltsc=st.booleans(),
        iot=st.booleans(),
        management=st.sampled_from(Management),
        recovery=st.sampled_from(Recovery),
        consent=st.sampled_from([None, *Consent]),
    ),
    state=st.sampled_from(Whereabouts),
    today=st.dates(),
    trust=st.sampled_from(Trust),
    federated=st.sampled_from([True, False, None]),
)
