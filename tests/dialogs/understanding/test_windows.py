"""The one table of Windows releases, and what is told by the build number alone."""

import re
from datetime import date
from pathlib import Path

import pytest

from dialogs.understanding.windows import BUILDS, LTSC_BUILDS, RELEASES, Release, is_windows_11, release_of
from tests.conftest import BESIDE

FACTS = Path(__file__).parents[4] / "shared" / "facts" / "graph-and-reset-rules.md"


def _of_the_facts() -> list[Release]:
    """The rows of the table in section 2: version, build, two ends, the ends of the LTSC and of the IoT LTSC."""
    section = FACTS.read_text(encoding="utf-8").partition("\n## 2. Windows builds")[2].partition("\n## 3.")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return [_release(row) for row in rows if row[1].isdigit()]


def _release(row: list[str]) -> Release:
    version, build, pro, enterprise, ltsc = row[:5]
    windows, number = version.split()
    of_ltsc = _dates(ltsc) if ltsc.startswith("LTS") else []
    end_ltsc, end_iot = [*of_ltsc, None, None][:2]
    return Release(
        build=int(build),
        windows="11" if windows == "11" else "10",
        version=number,
        end_pro=_dates(pro)[0],
        end_enterprise=_dates(enterprise)[0],
        ltsc=ltsc.split()[1] if of_ltsc else "",
        end_ltsc=end_ltsc,
        end_iot=end_iot,
    )


def _dates(cell: str) -> list[date]:
    return [date.fromisoformat(found) for found in re.findall(r"\d{4}-\d\d-\d\d", cell)]


@pytest.mark.skipif(not FACTS.is_file(), reason=f"shared/facts {BESIDE}")
def test_the_table_is_that_of_the_facts() -> None:
    facts = _of_the_facts()
    assert len(facts) == 21
    assert sorted(RELEASES, key=lambda one: one.build) == sorted(facts, key=lambda one: one.build)


def test_the_order_of_release_is_not_the_order_of_the_numbers() -> None:
    builds = [one.build for one in RELEASES]
    assert builds.index(26300) > builds.index(28000)
    assert [one.name for one in RELEASES[-2:]] == ["Windows 11 26H1", "Windows 11 26H2"]


def test_each_name_and_each_build_stands_for_one_release() -> None:
    assert len(BUILDS) == len(RELEASES) == len({one.build for one in RELEASES})
    assert all(release_of(BUILDS[one.name]) is one for one in RELEASES)


def test_the_year_of_a_long_term_release_is_that_of_a_build_with_its_own_last_day() -> None:
    assert LTSC_BUILDS == {"2015": 10240, "2016": 14393, "2019": 17763, "2021": 19044, "2024": 26100}
    assert all(bool(one.ltsc) == bool(one.end_ltsc) for one in RELEASES)


def test_an_unknown_build_from_22000_on_is_windows_11_without_a_name() -> None:
    assert release_of(27842) is None
    assert is_windows_11(27842)
    assert is_windows_11(22000)
    assert not is_windows_11(21999)
    assert not is_windows_11(None)
