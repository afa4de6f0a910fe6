"""What recovery is, for 4,800 situations against the table of MATRIX.md, which is typed and not worked out: nobody is
told that keys stay or go where nothing proves it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import NamedTuple

import pytest

from bot.reset_rules.advice import Flow, Situation
from bot.reset_rules.coverage import Membership, recovery
from bot.reset_rules.facts import (
    Apps,
    AppState,
    Device,
    DeviceKind,
    Edition,
    Grant,
    Join,
    Management,
    Recovery,
    Trust,
    Whereabouts,
)
from bot.reset_rules.rules import decide
from bot.reset_rules.sources import RecoverySource, Row, Scope, Setting, SourceKind
from tests.documents import Row as Line
from tests.documents import section
from tests.reset_rules.matrix import DOCUMENT, IN_SERVICING, words

ENABLED, MISSING, DISABLED = AppState.ENABLED, AppState.MISSING, AppState.DISABLED
HERE, ELSEWHERE, ALL = "here", "elsewhere", {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}
MEMBER = Membership(frozenset({HERE}), frozenset({HERE}))
SITUATIONS = 4_800


def to(group: str, *, filtered: bool = False) -> Row:
    narrowed = {"deviceAndAppManagementAssignmentFilterType": "include"} if filtered else {}
    return {"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group, **narrowed}}


def source(
    *targets: Row, scope: Scope = Scope.DEVICE, value: bool | None = True, certain: bool = True
) -> RecoverySource:
    return RecoverySource(SourceKind.CATALOG, "s", "Hello", (Setting(scope, value, certain=certain),), targets)


def unread(*targets: Row) -> RecoverySource:
    return RecoverySource(SourceKind.CATALOG, "u", "Unread", (), targets, is_read=False)


RIGHT, OFF = source(to(HERE)), source(to(HERE), value=False)
# By the words of the table; those that it does not name are "anything else".
SOURCES: Mapping[str, tuple[RecoverySource, ...] | None] = {
    "right": (RIGHT,),
    "right twice": (RIGHT, replace(source({"target": ALL}), kind=SourceKind.CUSTOM)),
    "right beside broken": (RIGHT, source(to(HERE), value=None)),
    "off elsewhere": (RIGHT, source(to(ELSEWHERE), value=False)),
    "unread elsewhere": (RIGHT, unread(to(ELSEWHERE))),
    "none": (),
    "off": (OFF,),
    "broken": (source({"target": ALL}, value=None),),
    "lying": (source(to(ELSEWHERE)), source()),
    "not read at all": None,
    "different values": (RIGHT, replace(OFF, kind=SourceKind.INTENT)),
    "one not read": (RIGHT, unread(to(HERE))),
    "a list not read": (RecoverySource(SourceKind.INTENT, assignments=None, is_read=False),),
    "filtered": (source(to(HERE, filtered=True)),),
    "assignments not read": (replace(RIGHT, assignments=None),),
    "users only": (source(to(HERE), scope=Scope.USER),),
}
APPS: Mapping[str, tuple[Apps | None, ...]] = {
    "enabled": (Apps(ENABLED, ENABLED), Apps(ENABLED, ENABLED, Grant.CONFIRMED)),
    "missing": (Apps(ENABLED, MISSING), Apps(DISABLED, ENABLED, Grant.CONFIRMED)),
    "no grant": (Apps(ENABLED, ENABLED, Grant.NOT_CONFIRMED),),
    "unread": (None,),
}
# A spelling that Windows may understand stands for "anything else" too, in place of nothing there.
ODD = (source(to(HERE), certain=False),)


class Case(NamedTuple):
    """One situation by the words of the table."""

    sources: str
    by: Management
    join: Join
    group_policy: str
    apps: str
    read: Apps | None

    def found(self) -> Recovery:
        device = Device("r", "PC", join=self.join, management=self.by)
        possible = self.group_policy == "possible"
        return recovery(device, self.read, SOURCES[self.sources], MEMBER, group_policy=possible)


def cases() -> Iterator[Case]:
    kinds = [(name, read) for name, several in APPS.items() for read in several]
    for sources, by, join, policy in product(SOURCES, Management, Join, ("none", "possible")):
        for name, read in kinds[:-1] if sources == "not read at all" else kinds:
            yield Case(sources, by, join, policy, name, read)


def lines() -> list[Line]:
    """The table that says it; the one below it explains the words."""
    text = section(DOCUMENT, "What recovery is")
    rows = [re.split(r" *\| *", line.strip("| ")) for line in text.splitlines() if line.startswith("|")]
    names = rows[0]
    return [dict(zip(names, row, strict=True)) for row in rows[2:] if len(row) == len(names)]


def named(cell: str, value: str) -> bool:
    return cell == "any" or value in {part.strip() for part in cell.split(",")}


def wanted(case: Case) -> Recovery:
    for line in TABLE:
        fits = (
            named(line["Sources"], case.sources)
            and case.by in words(line["Managed by"], Management)
            and case.join in words(line["Join"], Join)
            and named(line["Group policy"], case.group_policy)
            and named(line["Apps"], case.apps)
        )
        if fits:
            return Recovery(line["Recovery"].replace(" ", "_"))
    raise AssertionError(case)


TABLE = lines()


def test_every_situation_is_as_the_table_says() -> None:
    every = list(cases())
    assert len(every) >= SITUATIONS
    assert [case for case in every if case.found() is not wanted(case)] == []
    assert {wanted(case) for case in every} == set(Recovery)


def test_every_word_of_the_table_is_tried() -> None:
    assert {part.strip() for line in TABLE for part in line["Sources"].split(",")} - {"any"} <= SOURCES.keys()
    assert {part.strip() for line in TABLE for part in line["Apps"].split(",")} - {"any"} == APPS.keys()


@pytest.mark.parametrize("state", Whereabouts)
@pytest.mark.parametrize("trust", Trust)
@pytest.mark.parametrize("edition", [Edition.ENTERPRISE, Edition.PRO, Edition.EDUCATION, Edition.UNKNOWN])
def test_nobody_is_told_that_keys_stay_or_go_where_nothing_proves_it(
    state: Whereabouts, trust: Trust, edition: Edition
) -> None:
    """On a serviced Windows; what a PC without the service does is in the matrix."""
    for case in cases():
        if case.join not in {Join.ENTRA, Join.HYBRID}:
            continue
        device = Device("r", "PC", join=case.join, build=26100, edition=edition, recovery=case.found())
        flow = decide(Situation(device, state, IN_SERVICING, trust, federated=False)).flow
        assert flow is not Flow.KEEPS_KEYS or wanted(case) is Recovery.READY, case
        assert flow is not Flow.DELETES_KEYS or wanted(case) is Recovery.NONE, case


def test_an_odd_spelling_and_a_shared_host_are_unknown_whatever_else_is_so() -> None:
    for case in cases():
        device = Device("r", "PC", join=case.join, management=case.by)
        possible = case.group_policy == "possible"
        assert recovery(device, case.read, ODD, MEMBER, group_policy=possible) is Recovery.UNKNOWN
        host = replace(device, kind=DeviceKind.SESSION_HOST)
        assert recovery(host, case.read, SOURCES[case.sources], MEMBER, group_policy=possible) is Recovery.UNKNOWN
