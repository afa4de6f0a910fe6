"""MATRIX.md is the data: the rules say the same for every combination, and each row and caveat has its source."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import cycle
from typing import NamedTuple

import pytest

from bot.reset_rules.advice import Advice, Caveat, Flow, Need, Next, ResetSteps, Situation, Source
from bot.reset_rules.facts import Consent, Whereabouts
from bot.reset_rules.rule import Rule
from bot.reset_rules.rules import RULES, decide, select
from dialogs.understanding.windows import release_of
from tests.documents import Row, links, references, section, table
from tests.reset_rules.matrix import DOCUMENT, Pcs, every_situation, pcs, words

MATRIX, CARRIED_ON, CAVEATS = (table(DOCUMENT, title) for title in ("The matrix", "Carried on", "Caveats"))
ROWS = MATRIX + CARRIED_ON
KEYS_DELETED = {"yes": True, "no": False, "perhaps": None, "–": None}
SOURCES = {"2019": Source.DOCUMENT_2019, "today": Source.TODAY, "both": Source.BOTH}
MARKS = {"documented", "community", "inferred", "unverified"}
LONG_AFTER = date(2099, 1, 1)

# What "Only where" says of a situation and its advice, beside the six columns.
ONLY_WHERE: Mapping[str, Callable[[Situation, Advice], bool]] = {
    "steps": lambda _, advice: advice.steps is not ResetSteps.NONE,
    "keys may go": lambda _, advice: advice.steps is not ResetSteps.NONE and advice.destructive is not False,
    "decided by PC": lambda _, advice: advice.flow is Flow.DECIDED_BY_PC,
    "domain controller": lambda _, advice: Need.DOMAIN_CONTROLLER in advice.needs,
    "web sign-in": lambda one, advice: (
        advice.steps is not ResetSteps.NONE and (one.state is Whereabouts.LOCKED or advice.destructive is not True)
    ),
    "federated": lambda one, _: one.federated is True,
    "federation unknown": lambda one, _: one.federated is None,
    "release unknown": lambda one, _: release_of(one.device.build) is None,
    "an app disabled": lambda one, _: one.device.consent is Consent.DISABLED,
    "no app disabled": lambda one, _: one.device.consent is not Consent.DISABLED,
    "consent not seen": lambda one, _: one.device.consent in {Consent.MISSING, Consent.NOT_GRANTED, Consent.UNREAD},
    "data not in doubt": lambda _, advice: advice.flow not in {Flow.ASK, Flow.CHECK_DATA},
    "after the last day": lambda one, _: one.today == LONG_AFTER and release_of(one.device.build) is not None,
}


@cache
def by_row() -> dict[int | None, list[Situation]]:
    """The situations that each row is the first to fit, by its place; None: those that no row fits."""
    found: dict[int | None, list[Situation]] = {}
    known = [pcs(row) for row in ROWS]
    for situation in every_situation():
        place = next((at for at, row in enumerate(known) if row.hold(situation)), None)
        found.setdefault(place, []).append(situation)
    return found


def _named(at: int) -> str:
    return f"row {ROWS[at]['#']}, line {at + 1}"


@pytest.mark.parametrize("at", range(len(ROWS)), ids=_named)
def test_the_rules_say_what_the_matrix_says(at: int) -> None:
    row = ROWS[at]
    wanted = (
        int(row["#"]),
        *words(row["Flow"], Flow),
        KEYS_DELETED[row["Keys deleted"]],
        frozenset(words(row["Needs"], Need)),
        *words(row["Next"], Next),
        SOURCES[row["Source"].partition(":")[0]],
    )
    for situation in by_row()[at]:
        said = decide(situation)
        got = (said.row, said.flow, said.destructive, frozenset(said.needs), said.next, said.source)
        assert got == wanted, situation


@pytest.mark.parametrize("at", range(len(ROWS)), ids=_named)
def test_the_steps_and_the_caveats_are_those_of_the_row(at: int) -> None:
    advices = [decide(situation) for situation in by_row()[at]]
    assert {advice.steps for advice in advices} == {*words(ROWS[at]["Steps"], ResetSteps)}
    always = set(Caveat).intersection(*(advice.caveats for advice in advices))
    assert always == {*words(ROWS[at]["Caveats"], Caveat)}


def test_every_combination_fits_a_row() -> None:
    assert None not in by_row()


class Told(NamedTuple):
    """A row of the table of caveats."""

    caveat: Caveat
    where: Pcs
    conditions: tuple[Callable[[Situation, Advice], bool], ...]

    def holds(self, situation: Situation, advice: Advice) -> bool:
        return self.where.hold(situation) and all(holds(situation, advice) for holds in self.conditions)


def _told(row: Row) -> Told:
    conditions = tuple(ONLY_WHERE[condition] for condition in row["Only where"].split(", "))
    (caveat,) = words(row["Caveat"], Caveat)
    return Told(caveat, pcs(row), conditions)


def _varied() -> Iterator[Situation]:
    """Every combination, in turn on a federated domain, on one not known, and on one that is none, long after; and
    with consent in each of its states."""
    states = cycle((None, None, *Consent))  # seven, and so each with each of the three
    for situation, federated, consent in zip(every_situation(), cycle((True, None, False)), states, strict=False):
        today = LONG_AFTER if federated is False else situation.today
        device = replace(situation.device, consent=consent)
        yield replace(situation, device=device, federated=federated, today=today)


def test_a_caveat_is_told_where_its_row_says_and_nowhere_else() -> None:
    rows = [_told(row) for row in CAVEATS]
    for situation in _varied():
        advice = decide(situation)
        assert {row.caveat for row in rows if row.holds(situation, advice)} == set(advice.caveats), situation


def test_every_caveat_has_its_row() -> None:
    assert sorted(words(row["Caveat"], Caveat)[0] for row in CAVEATS) == sorted(Caveat)


@pytest.mark.parametrize("row", ROWS + CAVEATS, ids=lambda row: row.get("Caveat") or f"row {row['#']}")
def test_every_row_has_a_mark_and_sources_that_can_be_followed(row: Row) -> None:
    assert row["Mark"] in MARKS
    assert references(row["Source"])
    assert references(row["Source"]) <= links(DOCUMENT).keys()


def test_every_source_is_an_address_and_is_cited() -> None:
    cited = {label for row in ROWS + CAVEATS for label in references(row["Source"])}
    assert set(links(DOCUMENT)) == cited | references(section(DOCUMENT, "What it rests on"))
    assert [url for url in links(DOCUMENT).values() if not url.startswith("https://")] == []


def test_the_matrix_has_all_26_rows_and_the_rules_too() -> None:
    assert {int(row["#"]) for row in MATRIX} == set(range(1, 27))
    numbers = [rule.row for rule in RULES]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1, 27))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"row {rule.row}")
def test_the_example_of_a_rule_selects_that_very_rule(rule: Rule) -> None:
    assert select(rule.example) is rule


def test_no_need_is_named_twice() -> None:
    assert all(len(rule.needs) == len(set(rule.needs)) for rule in RULES)
