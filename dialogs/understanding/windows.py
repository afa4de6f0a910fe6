"""Windows releases by build, the third number of the version: names and last days of servicing, from windows.toml."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dialogs.understanding.files import load


class Release(BaseModel):
    """One release. `ltsc`: the year of the long-term release on the same build."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    build: int
    windows: Literal["10", "11"]
    version: str  # "1809", "22H2"; two Windows share some
    end_pro: date  # last day of servicing, for Home and Pro
    end_enterprise: date  # for Enterprise and Education
    ltsc: str = ""
    end_ltsc: date | None = None
    end_iot: date | None = None  # IoT Enterprise LTSC, where it is serviced longer than the LTSC beside it

    @property
    def name(self) -> str:
        """As people say it: Windows 10 22H2."""
        return f"Windows {self.windows} {self.version}"


class _Releases(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    as_of: date
    release: Annotated[tuple[Release, ...], Field(min_length=1)]


_TABLE = load(Path(__file__).with_suffix(".toml"), _Releases)
AS_OF = _TABLE.as_of
RELEASES = _TABLE.release  # in the order of release
BUILDS = {release.name: release.build for release in RELEASES}
LTSC_BUILDS = {release.ltsc: release.build for release in RELEASES if release.ltsc}
_BY_BUILD = {release.build: release for release in RELEASES}
_FIRST_WINDOWS_11 = BUILDS["Windows 11 21H2"]


def release_of(build: int | None) -> Release | None:
    """The release, or None for a build that the table does not know."""
    return _BY_BUILD.get(build) if build is not None else None


def is_windows_11(build: int | None) -> bool:
    """By the number: the version text says 10.0 for both. A build that the table lacks is a newer Windows 11."""
    return build is not None and build >= _FIRST_WINDOWS_11
