"""The Graph permissions that the bot uses: what stops without each, and what of them is granted.

The table lies beside this file; the script that grants them reads the same.
"""

import csv
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

READ, WRITE, CREATE_APPS, INSTALL = "read", "write", "create-apps", "install"
EXTRAS = frozenset({"exact", INSTALL})  # sets that no setting asks for, and that are good to have


class Granted(StrEnum):
    """How it is with one permission."""

    YES = "yes"
    COVERED = "covered"  # by a larger one
    MISSING = "missing"
    OPTIONAL = "optional"  # missing, and only something extra stops
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Permission:
    """One row. `stops`: what, in English, for the script; the chat has words of its own."""

    set: str
    role_id: str
    name: str
    stops: str
    covered_by: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judged:
    """A permission's name and how it is; `role_id` is empty for one that is not in the table."""

    name: str
    granted: Granted
    role_id: str = ""
    by: str = ""  # what covers it


@cache
def permissions() -> tuple[Permission, ...]:
    """All of them, in the order of the table."""
    lines = files("bot.check").joinpath("permissions.tsv").read_text("utf-8").splitlines()
    return tuple(
        Permission(one[0], one[1], one[2], one[3], frozenset(one[4].split()) - {"-"})
        for one in csv.reader(lines[1:], delimiter="\t")
    )


def wanted_sets(*, writes: bool, creates_apps: bool) -> frozenset[str]:
    """Those that the settings ask for."""
    return frozenset({READ} | ({WRITE} if writes else set()) | ({CREATE_APPS} if creates_apps else set()))


def can_install(granted: Collection[str]) -> bool:
    """May the bot give people its app?"""
    return {one.name for one in permissions() if one.set == INSTALL} <= {*granted}


def judged(granted: Collection[str], wanted: Collection[str]) -> Iterator[Judged]:
    """Each of the table, then what is granted and stands in none of its rows. `wanted`: names of sets."""
    meant = (one for one in permissions() if one.name in granted or one.set in {*wanted, *EXTRAS})
    findings = [_judged(one, granted, wanted) for one in meant]
    yield from findings
    known = {one.name for one in findings} | {one.by for one in findings}
    yield from (Judged(name, Granted.NOT_NEEDED) for name in sorted({*granted} - known))


def _judged(one: Permission, granted: Collection[str], wanted: Collection[str]) -> Judged:
    if one.name in granted:
        too_much = one.set not in {*wanted, *EXTRAS}
        return Judged(one.name, Granted.NOT_NEEDED if too_much else Granted.YES, one.role_id)
    if by := _first(one.covered_by, granted):
        return Judged(one.name, Granted.COVERED, one.role_id, by)
    return Judged(one.name, Granted.MISSING if one.set in wanted else Granted.OPTIONAL, one.role_id)


def _first(names: Iterable[str], granted: Collection[str]) -> str:
    return next((name for name in sorted(names) if name in granted), "")
