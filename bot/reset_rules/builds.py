"""Which releases of Windows the decision matrix treats alike, and until when one is serviced."""

from datetime import date, timedelta
from enum import StrEnum

from bot.reset_rules.facts import Edition
from dialogs.understanding.windows import AS_OF, BUILDS, Release

GOOD_FOR = timedelta(days=400)  # a release a year: after that one is surely missing from the table

_OLDER = frozenset({7600, 7601, 9200, 9600})  # Windows 7 to 8.1, which have no PIN of Windows Hello for Business


class Band(StrEnum):
    """Releases that the decision matrix treats alike."""

    BEFORE_1703 = "before_1703"
    V1703 = "1703"
    V1709_TO_1809 = "1709_to_1809"
    V1903_TO_22H2 = "1903_to_22h2"
    WINDOWS_11 = "windows_11"
    UNKNOWN = "unknown"


_FIRST_BUILDS = (
    (BUILDS["Windows 11 21H2"], Band.WINDOWS_11),
    (BUILDS["Windows 10 1903"], Band.V1903_TO_22H2),
    (BUILDS["Windows 10 1709"], Band.V1709_TO_1809),
    (BUILDS["Windows 10 1703"], Band.V1703),
)


def is_told(build: int | None) -> bool:
    """Is it the number of some Windows? An inventory that was never read says 0."""
    return build is not None and (build >= BUILDS["Windows 10 1507"] or build in _OLDER)


def band(build: int | None) -> Band:
    """By the number alone, so that builds between the releases (Insider) count as the release before them."""
    if build is None or not is_told(build):
        return Band.UNKNOWN
    return next((found for first, found in _FIRST_BUILDS if build >= first), Band.BEFORE_1703)


def is_outdated(today: date) -> bool:
    """Is the table of releases itself too old to be relied on?"""
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
