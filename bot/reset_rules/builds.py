"""Windows releases by build, the third number of the version. Source: Microsoft's lifecycle data."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.reset_rules.facts import Edition

AS_OF = date(2026, 11, 27)  # when the table was last compared with Microsoft's lifecycle data
GOOD_FOR = timedelta(days=400)  # a release a year: after that one is surely missing
UNNAMED_WINDOWS_11 = 22000  # a build from here on that the table lacks is a newer Windows 11, never "unsupported"


class Band(StrEnum):
    """Releases that the decision matrix treats alike."""

    BEFORE_1703 = "before_1703"
    V1703 = "1703"
    V1709_TO_1809 = "1709_to_1809"
    V1903_TO_22H2 = "1903_to_22h2"
    WINDOWS_11 = "windows_11"
    UNKNOWN = "unknown"


_FIRST_BUILDS = (
    (UNNAMED_WINDOWS_11, Band.WINDOWS_11),
    (18362, Band.V1903_TO_22H2),
    (16299, Band.V1709_TO_1809),
    (15063, Band.V1703),
)


@dataclass(frozen=True, slots=True)
class Release:
    """One release: its name, and the last day of servicing for Home/Pro, Enterprise/Education and the LTSCs on it."""

    build: int
    name: str
    end_pro: date
    end_enterprise: date
    end_ltsc: date | None = None
    end_iot: date | None = None  # IoT Enterprise LTSC, where it is serviced longer than the LTSC beside it


def _day(text: str) -> date:
    return date.fromisoformat(text)


# In the order of release, which is not the order of the numbers: 26300 (26H2) is newer than 28000 (26H1).
RELEASES = tuple(
    Release(build, name, _day(pro), _day(enterprise), *(_day(end) if end else None for end in longer))
    for build, name, pro, enterprise, *longer in (
        (10240, "Windows 10 1507", "2017-05-09", "2017-05-09", "2025-10-14"),
        (10586, "Windows 10 1511", "2017-10-10", "2017-10-10", ""),
        (14393, "Windows 10 1607", "2018-04-10", "2019-04-09", "2026-10-13"),
        (15063, "Windows 10 1703", "2018-10-09", "2019-10-08", ""),
        (16299, "Windows 10 1709", "2019-04-09", "2020-10-13", ""),
        (17134, "Windows 10 1803", "2019-11-12", "2021-05-11", ""),
        (17763, "Windows 10 1809", "2020-11-10", "2021-05-11", "2029-01-09"),
        (18362, "Windows 10 1903", "2020-12-08", "2020-12-08", ""),
        (18363, "Windows 10 1909", "2021-05-11", "2022-05-10", ""),
        (19041, "Windows 10 2004", "2021-12-14", "2021-12-14", ""),
        (19042, "Windows 10 20H2", "2022-05-10", "2023-05-09", ""),
        (19043, "Windows 10 21H1", "2022-12-13", "2022-12-13", ""),
        (19044, "Windows 10 21H2", "2023-06-13", "2024-06-11", "2027-01-12", "2032-01-13"),
        (19045, "Windows 10 22H2", "2025-10-14", "2025-10-14", ""),
        (22000, "Windows 11 21H2", "2023-10-10", "2024-10-08", ""),
        (22621, "Windows 11 22H2", "2024-10-08", "2025-10-14", ""),
        (22631, "Windows 11 23H2", "2025-11-11", "2026-11-10", ""),
        (26100, "Windows 11 24H2", "2026-10-13", "2027-10-12", "2029-10-09", "2034-10-10"),
        (26200, "Windows 11 25H2", "2027-10-12", "2028-10-10", ""),
        (28000, "Windows 11 26H1", "2028-03-14", "2029-03-13", ""),
        (
            26300,
            "Windows 11 26H2",
            "2028-10-10",
            "2029-10-09",
            "",
        ),  # Enterprise's date of 26H2 is from one public source
    )
)
_BY_BUILD = {release.build: release for release in RELEASES}


def release(build: int | None) -> Release | None:
    """The release, or None for a build that the table does not know."""
    return _BY_BUILD.get(build) if build is not None else None


def is_windows_11(build: int | None) -> bool:
    """By the number: the version text says 10.0 for both."""
    return build is not None and build >= UNNAMED_WINDOWS_11


def band(build: int | None) -> Band:
    """By the number alone, so that builds between the releases (Insider) count as the release before them."""
    if build is None:
        return Band.UNKNOWN
    return next((found for first, found in _FIRST_BUILDS if build >= first), Band.BEFORE_1703)


def is_outdated(today: date) -> bool:
    """Is the table itself too old to be relied on?"""
    return today > AS_OF + GOOD_FOR


def last_day(found: Release, edition: Edition, *, ltsc: bool, iot: bool = False) -> date:
    """The last day of servicing; for an unknown edition the last day that any edition has.

    Paid extensions do not count. `iot`: the LTSC is the one for IoT.
    """
    longest = found.end_iot or found.end_ltsc or found.end_enterprise
    if edition is Edition.UNKNOWN:
        return max(found.end_pro, found.end_enterprise, longest)
    if ltsc and found.end_ltsc:
        return longest if iot else found.end_ltsc
    return found.end_pro if edition in {Edition.HOME, Edition.PRO} else found.end_enterprise
