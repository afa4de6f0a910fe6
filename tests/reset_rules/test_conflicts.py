"""Where different values reach the same devices is told, the certain first, without trying each policy with each."""

from itertools import islice
from typing import Any

import pytest

from bot.reset_rules import conflicts as module
from bot.reset_rules.conflicts import conflicts
from bot.reset_rules.sources import RecoverySource, Row, Scope, Setting, SourceKind, TargetKind

MANY = 250  # of each value
SHOWN = 6


def _row(kind: str, group: str = "", **more: str) -> Row:
    return {"target": {"@odata.type": f"#microsoft.graph.{kind}AssignmentTarget", "groupId": group, **more}}


def _policy(name: str, *rows: Row, sets: tuple[bool, ...] = (True,)) -> RecoverySource:
    settings = tuple(Setting(scope, value) for scope, value in zip(Scope, sets, strict=False))
    return RecoverySource(SourceKind.CATALOG, name, name, settings, rows)


def _met(*policies: RecoverySource) -> list[tuple[str, str, tuple[TargetKind, ...]]]:
    return [(one.first.id, one.second.id, tuple(met.kind for met in one.where)) for one in conflicts(policies)]


ALL = _row("allDevices")
ONE, TWO = _row("group", "one"), _row("group", "two")
NOT_ONE = _row("exclusionGroup", "one")
NARROWED = _row("group", "one", deviceAndAppManagementAssignmentFilterType="include")


@pytest.mark.parametrize(
    ("on", "off", "where"),
    [
        ((ONE,), (ONE,), [(TargetKind.GROUP,)]),
        ((ONE,), (TWO,), [()]),  # a device may be in both
        ((ALL,), (ONE, TWO), [(TargetKind.GROUP, TargetKind.GROUP)]),
        ((ALL,), (_row("allLicensedUsers"),), [(TargetKind.ALL_USERS,)]),
        ((NARROWED,), (ONE,), [()]),
        ((ALL,), (_row("configurationManagerCollection"),), [()]),
        ((ALL, NOT_ONE), (ONE,), []),
        ((ONE,), (ALL, NOT_ONE), []),
        ((ONE,), (), []),
    ],
)
def test_two_values_meet_where_both_are_assigned(on: Any, off: Any, where: Any) -> None:
    first, second = _policy("on", *on), _policy("off", *off, sets=(False,))
    assert _met(first, second) == [("on", "off", one) for one in where]


def test_one_that_sets_both_meets_each_other_once() -> None:
    mixed = _policy("mixed", ONE, sets=(True, False))
    assert _met(mixed, _policy("second", ONE, sets=(False, True))) == [("mixed", "second", (TargetKind.GROUP,))]


@pytest.mark.parametrize("certain", [False, True], ids=["groups apart", "all devices"])
def test_hundreds_of_policies_are_compared_no_oftener_than_a_card_shows(
    monkeypatch: pytest.MonkeyPatch, *, certain: bool
) -> None:
    compared: list[Any] = []
    between = module._between

    def counted(first: Any, second: Any) -> Any:
        compared.append(first)
        return between(first, second)

    monkeypatch.setattr(module, "_between", counted)
    policies = [
        _policy(f"{number}", ALL if certain else _row("group", f"{number}"), sets=(number < MANY,))
        for number in range(2 * MANY)
    ]
    found = list(islice(conflicts(policies), SHOWN))
    assert [one.is_certain for one in found] == [certain] * SHOWN
    assert len(compared) == SHOWN


def test_the_one_that_is_certain_is_first_among_thousands_that_may_be() -> None:
    apart = [_policy(f"{number}", _row("group", f"{number}"), sets=(number < MANY,)) for number in range(2 * MANY)]
    last = _policy("last", _row("group", "249"), sets=(False,))
    first, second = islice(conflicts((*apart, last)), 2)
    assert (first.first.id, first.second.id, first.is_certain) == ("249", "last", True)
    assert not second.is_certain
