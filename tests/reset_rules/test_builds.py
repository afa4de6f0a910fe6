"""Bands and last days of servicing, by the build number without its traps."""

from datetime import date, timedelta

import pytest

from bot.reset_rules.builds import GOOD_FOR, Band, band, is_outdated, last_day
from bot.reset_rules.facts import Edition
from dialogs.understanding.windows import AS_OF, RELEASES, is_windows_11, release_of


def test_later_releases_of_windows_11_are_serviced_longer() -> None:
    ends = [one.end_pro for one in RELEASES if is_windows_11(one.build)]
    assert ends == sorted(ends)


@pytest.mark.parametrize(
    ("build", "wanted"),
    [
        (None, Band.UNKNOWN),
        (-1, Band.UNKNOWN),  # an inventory that was never read, not an old Windows
        (0, Band.UNKNOWN),
        (1, Band.UNKNOWN),
        (9599, Band.UNKNOWN),
        (10239, Band.UNKNOWN),
        (7601, Band.BEFORE_1703),
        (9600, Band.BEFORE_1703),
        (10240, Band.BEFORE_1703),
        (14393, Band.BEFORE_1703),
        (15062, Band.BEFORE_1703),
        (15063, Band.V1703),
        (16298, Band.V1703),
        (16299, Band.V1709_TO_1809),
        (17763, Band.V1709_TO_1809),
        (18361, Band.V1709_TO_1809),
        (18362, Band.V1903_TO_22H2),
        (19045, Band.V1903_TO_22H2),
        (21999, Band.V1903_TO_22H2),
        (22000, Band.WINDOWS_11),
        (26300, Band.WINDOWS_11),
        (10**9, Band.WINDOWS_11),
    ],
)
def test_the_band_goes_by_the_number(build: int | None, wanted: Band) -> None:
    assert band(build) is wanted


def test_each_release_lies_in_the_band_that_its_name_says() -> None:
    for one in RELEASES:
        assert (band(one.build) is Band.WINDOWS_11) == one.name.startswith("Windows 11")


def test_long_term_releases_have_their_own_last_day() -> None:
    with_ltsc = [one for one in RELEASES if one.end_ltsc]
    assert [one.build for one in with_ltsc] == [10240, 14393, 17763, 19044, 26100]
    for one in with_ltsc:
        assert last_day(one, Edition.ENTERPRISE, ltsc=True) == one.end_ltsc
        assert last_day(one, Edition.ENTERPRISE, ltsc=False) == one.end_enterprise


def test_the_ltsc_for_iot_is_serviced_as_long_as_microsoft_says() -> None:
    ends = {one.build: last_day(one, Edition.ENTERPRISE, ltsc=True, iot=True) for one in RELEASES if one.end_ltsc}
    assert {19044: date(2032, 1, 13), 26100: date(2034, 10, 10)}.items() <= ends.items()
    for build, end in ends.items():
        found = release_of(build)
        assert found
        assert end == (found.end_iot or found.end_ltsc)
        assert last_day(found, Edition.ENTERPRISE, ltsc=False, iot=True) == found.end_enterprise


def test_for_an_unknown_edition_the_longest_servicing_counts() -> None:
    for one in RELEASES:
        days = [last_day(one, edition, ltsc=ltsc, iot=True) for edition in Edition for ltsc in (True, False)]
        assert last_day(one, Edition.UNKNOWN, ltsc=False) == max(days)


def test_the_table_knows_how_old_it_is() -> None:
    assert not is_outdated(AS_OF + GOOD_FOR)
    assert is_outdated(AS_OF + GOOD_FOR + timedelta(days=1))
    assert max(one.end_pro for one in RELEASES) > AS_OF


def test_an_ltsc_mark_on_a_release_without_one_changes_nothing() -> None:
    found = release_of(19045)
    assert found
    assert last_day(found, Edition.ENTERPRISE, ltsc=True) == found.end_enterprise


def test_home_and_pro_end_before_enterprise_and_education() -> None:
    found = release_of(22631)
    assert found
    days = {edition: last_day(found, edition, ltsc=False) for edition in Edition}
    assert days[Edition.HOME] == days[Edition.PRO] == date(2025, 11, 11)
    assert days[Edition.ENTERPRISE] == days[Edition.EDUCATION] == date(2026, 11, 10)
    assert days[Edition.UNKNOWN] == date(2026, 11, 10)
