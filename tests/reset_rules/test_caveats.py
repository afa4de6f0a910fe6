"""The caveats that hold for many rows at once, each where it belongs and nowhere else."""

from datetime import date

import pytest

from bot.reset_rules.advice import Caveat, Flow, ResetSteps, Situation
from bot.reset_rules.caveats import ADDED
from bot.reset_rules.facts import Edition, Join, Recovery, Trust, Whereabouts
from bot.reset_rules.rules import RULES, decide
from tests.reset_rules.situations import TODAY, situation

IN, LOCKED = Whereabouts.SIGNED_IN, Whereabouts.LOCKED
CERTIFICATE, KEY, CLOUD, NO_TRUST = Trust.CERTIFICATE, Trust.KEY, Trust.CLOUD, Trust.UNKNOWN
HYBRID, ON_PREMISES = Join.HYBRID, Join.ON_PREMISES
NONE, NOT_KNOWN, POLICY_ONLY = Recovery.NONE, Recovery.UNKNOWN, Recovery.POLICY_ONLY
EDUCATION = Edition.EDUCATION


def hybrid(state: Whereabouts, trust: Trust, recovery: Recovery = NONE, build: int | None = 26100) -> Situation:
    return situation(state, HYBRID, build, trust=trust, recovery=recovery)


@pytest.mark.parametrize(
    ("caveat", "told", "not_told"),
    [
        (
            Caveat.LOCK_SCREEN_LIMITS,
            [situation(LOCKED), hybrid(LOCKED, CLOUD), situation(LOCKED, ON_PREMISES, 19045)],
            [situation(IN), hybrid(LOCKED, KEY), situation(LOCKED, Join.REGISTERED)],
        ),
        (
            Caveat.RESTART_FIRST,
            [situation(LOCKED), situation(LOCKED, build=22000), situation(LOCKED, build=None)],
            [situation(IN), situation(LOCKED, build=19045), hybrid(LOCKED, KEY)],
        ),
        (
            Caveat.NEEDS_USABLE_PASSWORD,
            [hybrid(LOCKED, CLOUD), hybrid(LOCKED, KEY, Recovery.READY), situation(LOCKED, ON_PREMISES)],
            [hybrid(IN, CLOUD), situation(LOCKED), hybrid(LOCKED, KEY)],
        ),
        (
            Caveat.TEMPORARY_ACCESS_PASS,
            [situation(LOCKED), situation(LOCKED, build=22621, recovery=NONE), situation(LOCKED, build=26300)],
            [
                *(situation(IN), situation(LOCKED, build=22000), situation(LOCKED, build=19045)),
                *(situation(LOCKED, build=None), hybrid(LOCKED, CLOUD), situation(LOCKED, ON_PREMISES)),
                situation(LOCKED, Join.REGISTERED),
            ],
        ),
        (
            Caveat.VPN_AT_LOCK_SCREEN,
            [hybrid(LOCKED, CLOUD), hybrid(LOCKED, CERTIFICATE, NOT_KNOWN), situation(LOCKED, ON_PREMISES)],
            [hybrid(IN, CLOUD), hybrid(LOCKED, CLOUD, Recovery.READY), situation(LOCKED, recovery=NONE)],
        ),
        (
            Caveat.SYNC_WAIT,
            [hybrid(IN, KEY), hybrid(IN, KEY, NOT_KNOWN), hybrid(IN, NO_TRUST)],
            [hybrid(IN, KEY, Recovery.READY), hybrid(IN, CLOUD), hybrid(LOCKED, KEY, NOT_KNOWN), situation(IN)],
        ),
        (
            Caveat.NEW_CERTIFICATE,
            [hybrid(IN, CERTIFICATE), hybrid(LOCKED, CERTIFICATE, NOT_KNOWN)],
            [hybrid(IN, CERTIFICATE, Recovery.READY), hybrid(IN, KEY), situation(IN, trust=CERTIFICATE, recovery=NONE)],
        ),
        (
            Caveat.WORST_CASE_TRUST,
            [hybrid(LOCKED, NO_TRUST), hybrid(LOCKED, NO_TRUST, NOT_KNOWN), hybrid(LOCKED, NO_TRUST, build=None)],
            [hybrid(IN, NO_TRUST), hybrid(LOCKED, NO_TRUST, Recovery.READY), hybrid(LOCKED, CLOUD)],
        ),
        (
            Caveat.UNKNOWN_TRUST,
            [hybrid(IN, NO_TRUST), hybrid(IN, NO_TRUST, NOT_KNOWN)],
            [hybrid(LOCKED, NO_TRUST), hybrid(IN, NO_TRUST, Recovery.READY), situation(IN, trust=NO_TRUST)],
        ),
        (
            Caveat.TRUST_DATA_ODD,
            [hybrid(IN, CLOUD, build=19043), hybrid(LOCKED, CLOUD, build=17763)],
            [hybrid(IN, CLOUD, build=19044), hybrid(IN, CLOUD, build=None), hybrid(IN, KEY, build=19043)],
        ),
        (
            Caveat.KEY_TRUST_MAY_REFUSE,
            [hybrid(LOCKED, KEY, NOT_KNOWN), hybrid(LOCKED, KEY, build=None)],
            [hybrid(IN, KEY, NOT_KNOWN), hybrid(LOCKED, KEY, Recovery.READY)],
        ),
        (
            Caveat.APPS_MISSING,
            [situation(IN, build=None, recovery=POLICY_ONLY), hybrid(LOCKED, CLOUD, POLICY_ONLY, None)],
            [situation(IN, recovery=POLICY_ONLY), situation(IN, ON_PREMISES, recovery=POLICY_ONLY)],
        ),
        (
            Caveat.EDUCATION_UNCLEAR,
            [situation(IN, build=17763, edition=EDUCATION), situation(LOCKED, HYBRID, 17763, EDUCATION)],
            [situation(IN, edition=EDUCATION), situation(IN, build=17763, edition=EDUCATION, recovery=NONE)],
        ),
        (
            Caveat.UNKNOWN_EDITION,
            [situation(IN, build=17763, edition=Edition.UNKNOWN)],
            [
                situation(IN, edition=Edition.UNKNOWN),
                situation(IN, build=17763, edition=Edition.UNKNOWN, recovery=NONE),
            ],
        ),
        (
            Caveat.UNKNOWN_BUILD,
            [situation(IN, build=None), situation(IN, build=27842), situation(IN, build=18000)],
            [situation(IN), situation(IN, Join.UNKNOWN, None), situation(IN, build=9600)],
        ),
        (Caveat.SERVICE_NEVER_APPLIES, [situation(IN, ON_PREMISES), situation(LOCKED, ON_PREMISES)], [situation(IN)]),
        (Caveat.DOCUMENTS_DISAGREE, [situation(IN, Join.REGISTERED)], [situation(LOCKED, Join.REGISTERED)]),
    ],
)
def test_a_caveat_is_told_where_it_belongs(caveat: Caveat, told: list[Situation], not_told: list[Situation]) -> None:
    assert [one for one in told if caveat not in decide(one).caveats] == []
    assert [one for one in not_told if caveat in decide(one).caveats] == []


@pytest.mark.parametrize(
    ("federated", "caveat"), [(True, Caveat.FEDERATED_ALLOWED_URLS), (None, Caveat.PERHAPS_FEDERATED), (False, None)]
)
def test_web_sign_in_needs_the_allowed_urls_of_a_federated_domain(
    federated: bool | None, caveat: Caveat | None
) -> None:
    def told(
        state: Whereabouts, join: Join = Join.ENTRA, build: int | None = 26100, recovery: Recovery = Recovery.READY
    ) -> bool:
        caveats = decide(situation(state, join, build, recovery=recovery, federated=federated)).caveats
        other = {Caveat.FEDERATED_ALLOWED_URLS, Caveat.PERHAPS_FEDERATED} - {caveat}
        assert not other & set(caveats)
        return caveat in caveats

    wanted = caveat is not None
    assert told(IN) is wanted
    assert told(LOCKED) is wanted
    assert told(LOCKED, recovery=NONE) is wanted
    assert told(IN, build=None) is wanted
    assert told(LOCKED, build=17134) is wanted
    assert not told(IN, recovery=NONE)  # row 14: destructive in Settings goes without web sign-in
    assert not told(LOCKED, build=16299)  # the policy exists from 1803 on
    assert not told(LOCKED, HYBRID)
    assert not told(LOCKED, ON_PREMISES)


@pytest.mark.parametrize(
    ("build", "edition", "ltsc", "last_day"),
    [
        (19045, Edition.PRO, False, date(2025, 10, 14)),
        (22631, Edition.PRO, False, date(2025, 11, 11)),
        (22631, Edition.ENTERPRISE, False, date(2026, 11, 10)),
        (22631, Edition.EDUCATION, False, date(2026, 11, 10)),
        (26100, Edition.PRO, False, date(2026, 10, 13)),
        (26100, Edition.ENTERPRISE, False, date(2027, 10, 12)),
        (26100, Edition.ENTERPRISE, True, date(2029, 10, 9)),
        (17763, Edition.ENTERPRISE, False, date(2021, 5, 11)),
        (17763, Edition.ENTERPRISE, True, date(2029, 1, 9)),
        (22631, Edition.UNKNOWN, False, date(2026, 11, 10)),  # the last day that any edition has
        (26100, Edition.UNKNOWN, False, date(2034, 10, 10)),
    ],
)
def test_out_of_servicing_begins_the_day_after_the_last_day(
    build: int, edition: Edition, ltsc: bool, last_day: date
) -> None:
    def told(today: date) -> bool:
        advice = decide(situation(IN, build=build, edition=edition, ltsc=ltsc, today=today))
        return Caveat.OUT_OF_SERVICING in advice.caveats

    assert not told(last_day)
    assert told(date.fromordinal(last_day.toordinal() + 1))


@pytest.mark.parametrize(("build", "last_day"), [(19044, date(2032, 1, 13)), (26100, date(2034, 10, 10))])
def test_the_ltsc_for_iot_is_not_called_out_of_servicing_too_early(build: int, last_day: date) -> None:
    def told(today: date, *, iot: bool) -> bool:
        return Caveat.OUT_OF_SERVICING in decide(situation(IN, build=build, ltsc=True, iot=iot, today=today)).caveats

    assert not told(last_day, iot=True)
    assert told(last_day, iot=False)
    assert told(date.fromordinal(last_day.toordinal() + 1), iot=True)


def test_a_release_too_old_for_a_reset_is_out_of_servicing_too() -> None:
    assert decide(situation(IN, build=14393, today=TODAY)).caveats == (Caveat.OUT_OF_SERVICING,)


def test_servicing_is_no_topic_where_the_data_is_in_doubt() -> None:
    for doubtful in (situation(IN, Join.UNKNOWN, 19045), situation(IN, build=19045, edition=Edition.HOME)):
        assert decide(doubtful).caveats == ()


def test_an_unknown_build_from_22000_on_is_windows_11_and_never_unsupported() -> None:
    for build in (22001, 25398, 27842, 30000, 10**9):
        advice = decide(situation(LOCKED, build=build))
        assert advice.flow is Flow.KEEPS_KEYS
        assert advice.steps is ResetSteps.LOCK_SCREEN_WEB
        assert {Caveat.UNKNOWN_BUILD, Caveat.RESTART_FIRST} <= set(advice.caveats)
        assert Caveat.OUT_OF_SERVICING not in advice.caveats


def test_every_caveat_has_a_place_where_it_comes_from() -> None:
    from_rows = {caveat for rule in RULES for caveat in rule.caveats}
    assert from_rows | {row.caveat for row in ADDED} == set(Caveat)
