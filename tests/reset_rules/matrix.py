"""For which PCs a row of MATRIX.md holds, read from its cells."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from itertools import product
from pathlib import Path
from typing import TypeVar

from bot.reset_rules.advice import Situation
from bot.reset_rules.facts import Device, Edition, Join, Recovery, Trust, Whereabouts
from dialogs.understanding.windows import BUILDS
from tests.documents import Row

DOCUMENT = (Path(__file__).parents[2] / "bot" / "reset_rules" / "MATRIX.md").read_text(encoding="utf-8")
IN_SERVICING = date(2015, 8, 1)  # before any release's last day

_RANGE = re.compile(r"(?P<sign>[<≥]?)(?P<first>[^<≥–]+)(?:–(?P<last>.+))?")

Value = TypeVar("Value", bound=StrEnum)


def words(cell: str, kind: type[Value]) -> tuple[Value, ...]:
    """The values that a cell names; "any" is each of them, an empty one none."""
    if cell == "any":
        return tuple(kind)
    names = (part.strip().casefold() for part in cell.split(",") if part.strip())
    return tuple(kind(re.sub(r"[ -]", "_", name)) for name in names)


@cache
def _spans() -> dict[str, tuple[int, int]]:
    """By version (of Windows 11: "11 22H2") its build, and the next release's, which begins where it ends."""
    ordered = sorted(BUILDS, key=BUILDS.__getitem__)
    ends = [*(BUILDS[name] for name in ordered[1:]), 10**9]
    names = (name.removeprefix("Windows ").removeprefix("10 ") for name in ordered)
    return {name: (BUILDS[full], end) for name, full, end in zip(names, ordered, ends, strict=True)}


@cache
def is_in(cell: str, build: int | None) -> bool:
    """Whether a cell of the column Windows names the build: any, unknown, Windows 11, <1703, ≥1903, 1709–1809."""
    return any(_is_in(part.strip(), build) for part in cell.split(","))


def _is_in(part: str, build: int | None) -> bool:
    if part in {"any", "unknown"}:
        return part == "any" or build is None
    if build is None:
        return False
    if part == "Windows 11":
        return build >= BUILDS["Windows 11 21H2"]
    found = _RANGE.fullmatch(part)
    assert found, part
    first, end = _spans()[found["first"]][0], _spans()[found["last"] or found["first"]][1]
    if found["sign"]:
        return build < first if found["sign"] == "<" else build >= first
    return first <= build < end


@dataclass(frozen=True)
class Pcs:
    """The PCs and places that a row names in its six columns."""

    joins: tuple[Join, ...]
    windows: str
    editions: tuple[Edition, ...]
    trusts: tuple[Trust, ...]
    recoveries: tuple[Recovery, ...]
    states: tuple[Whereabouts, ...]

    def hold(self, situation: Situation) -> bool:
        """Whether the row is about this one."""
        device = situation.device
        return (
            device.join in self.joins
            and is_in(self.windows, device.build)
            and device.edition in self.editions
            and situation.trust in self.trusts
            and device.recovery in self.recoveries
            and situation.state in self.states
        )


def pcs(row: Row) -> Pcs:
    """The six columns of a row."""
    return Pcs(
        words(row["Join"], Join),
        row["Windows"],
        words(row["Edition"], Edition),
        words(row["Trust"], Trust),
        words(row["Recovery"], Recovery),
        words(row["Person"], Whereabouts),
    )


# Each release, builds between two of them, older ones, newer ones, and none.
_ALL_BUILDS = (None, 7601, 9600, *BUILDS.values(), 15062, 16298, 18361, 21999, 27842, 31_000)


def every_situation() -> Iterator[Situation]:
    """Each combination of the six columns, on a day when everything is serviced."""
    for join, build, edition, recovery in product(Join, _ALL_BUILDS, Edition, Recovery):
        device = Device("r", "PC", join=join, build=build, edition=edition, recovery=recovery)
        for trust, state in product(Trust, Whereabouts):
            yield Situation(device, state, IN_SERVICING, trust, federated=False)
