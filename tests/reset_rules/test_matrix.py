"""The decision matrix of the facts, typed in again by hand: the rules must say the same for every combination."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest

from bot.reset_rules.advice import Flow, Need, Next, Situation
from bot.reset_rules.facts import Device, Edition, Join, Recovery, Trust, Whereabouts
from bot.reset_rules.rule import Rule
from bot.reset_rules.rules import RULES, decide, select

TODAY = date(2026, 11, 22)
IN, LOCKED = (Whereabouts.SIGNED_IN,), (Whereabouts.LOCKED,)
BOTH = IN + LOCKED

BEFORE_1703 = (7601, 10240, 10586, 14393)
V1703 = (15063,)
V1709_TO_1809 = (16299, 17134, 17763)
V1903_TO_22H2 = (18362, 18363, 19041, 19042, 19043, 19044, 19045)
WINDOWS_11 = (22000, 22621, 22631, 26100, 26200, 28000, 26300, 27842, 31000)
FROM_1903 = V1903_TO_22H2 + WINDOWS_11
FROM_1709 = V1709_TO_1809 + FROM_1903
FROM_1703 = V1703 + FROM_1709
NO_BUILD = (None,)
ANY_BUILD = BEFORE_1703 + FROM_1703 + NO_BUILD

ANY_JOIN = (Join.ENTRA, Join.HYBRID, Join.REGISTERED, Join.ON_PREMISES, Join.UNKNOWN)
ENTRA, HYBRID, REGISTERED, ON_PREMISES = (Join.ENTRA,), (Join.HYBRID,), (Join.REGISTERED,), (Join.ON_PREMISES,)

ENTERPRISE, PRO, EDUCATION, HOME = (Edition.ENTERPRISE,), (Edition.PRO,), (Edition.EDUCATION,), (Edition.HOME,)
NO_EDITION = (Edition.UNKNOWN,)
ENT_PRO_EDU = ENTERPRISE + PRO + EDUCATION
NOT_HOME = ENT_PRO_EDU + NO_EDITION
ANY_EDITION = NOT_HOME + HOME

CLOUD, KEY, CERTIFICATE, NO_TRUST = (Trust.CLOUD,), (Trust.KEY,), (Trust.CERTIFICATE,), (Trust.UNKNOWN,)
ANY_TRUST = CLOUD + KEY + CERTIFICATE + NO_TRUST

READY, POLICY_ONLY, NONE = (Recovery.READY,), (Recovery.POLICY_ONLY,), (Recovery.NONE,)
NOT_KNOWN = (Recovery.UNKNOWN,)
ANY_RECOVERY = READY + POLICY_ONLY + NONE + NOT_KNOWN

ONLINE = "internet work_sign_in second_factor"
PASSWORD_ONLINE = "internet password second_factor"
NETWORK = "domain_controller second_factor"
PASSWORD_NETWORK = "password domain_controller second_factor"
EITHER = "internet work_sign_in second_factor domain_controller"
PASSWORD_EITHER = "internet password second_factor domain_controller"
FEDERATION = " federation_service"


@dataclass(frozen=True)
class Row:
    """As in the matrix: number, the six columns, flow, destructive, needs, next."""

    number: int
    joins: tuple[Join, ...]
    builds: tuple[int | None, ...]
    editions: tuple[Edition, ...]
    trusts: tuple[Trust, ...]
    recoveries: tuple[Recovery, ...]
    states: tuple[Whereabouts, ...]
    flow: Flow
    destructive: bool | None
    needs: str = ""
    next: Next = Next.NOTHING

    def situations(self) -> Iterator[Situation]:
        return _situations(self.joins, self.builds, self.editions, self.trusts, self.recoveries, self.states)


def _situations(
    joins: tuple[Join, ...],
    builds: tuple[int | None, ...],
    editions: tuple[Edition, ...],
    trusts: tuple[Trust, ...],
    recoveries: tuple[Recovery, ...],
    states: tuple[Whereabouts, ...],
) -> Iterator[Situation]:
    for join, build, edition, trust, recovery, state in itertools.product(
        joins, builds, editions, trusts, recoveries, states
    ):
        device = Device("r", "PC", join=join, build=build, edition=edition, recovery=recovery)
        yield Situation(device, state, TODAY, trust, federated=False)


KEEPS, DELETES, BY_PC = (Flow.KEEPS_KEYS, False), (Flow.DELETES_KEYS, True), (Flow.DECIDED_BY_PC, None)
NOT_FROM_HERE = (Flow.UNSUPPORTED, None)
SETTINGS_INSTEAD = Next.PASSWORD_THEN_SETTINGS
JOINED = ENTRA + HYBRID

# Section 3.2, line by line. "≥1703 (lock ≥1709)" is two lines: 1703 at the lock screen belongs to row 2.
MATRIX = (
    Row(1, ANY_JOIN, BEFORE_1703, ANY_EDITION, ANY_TRUST, ANY_RECOVERY, BOTH, *NOT_FROM_HERE, "", Next.UPGRADE_WINDOWS),
    Row(2, ANY_JOIN, V1703, ANY_EDITION, ANY_TRUST, ANY_RECOVERY, LOCKED, *NOT_FROM_HERE, "", SETTINGS_INSTEAD),
    *(
        row
        for builds, states in ((FROM_1703 + NO_BUILD, IN), (FROM_1709 + NO_BUILD, LOCKED))
        for row in (
            Row(
                3,
                (Join.UNKNOWN,),
                builds,
                ANY_EDITION,
                ANY_TRUST,
                ANY_RECOVERY,
                states,
                Flow.ASK,
                None,
                "",
                Next.ASK_DSREGCMD,
            ),
            Row(
                7,
                JOINED,
                builds,
                HOME,
                ANY_TRUST,
                ANY_RECOVERY,
                states,
                Flow.CHECK_DATA,
                None,
                "",
                Next.REFRESH_INVENTORY,
            ),
        )
    ),
    *(
        Row(
            4,
            ON_PREMISES,
            builds,
            ENT_PRO_EDU,
            ANY_TRUST,
            ANY_RECOVERY,
            states,
            *DELETES,
            PASSWORD_NETWORK + FEDERATION,
        )
        for builds, states in ((FROM_1703, IN), (FROM_1709, LOCKED))
    ),
    Row(5, REGISTERED, FROM_1703, ANY_EDITION, ANY_TRUST, ANY_RECOVERY, IN, *DELETES, "internet second_factor"),
    Row(
        6,
        REGISTERED,
        FROM_1709,
        ANY_EDITION,
        ANY_TRUST,
        ANY_RECOVERY,
        LOCKED,
        Flow.OTHER_SERVICE,
        None,
        "",
        Next.CONSUMER_RESET,
    ),
    *(
        Row(8, JOINED, builds, NOT_HOME, ANY_TRUST, POLICY_ONLY, states, Flow.BLOCKED, None, "", Next.ADMIN_CONSENT)
        for builds, states in ((FROM_1703, IN), (FROM_1709, LOCKED))
    ),
    Row(9, ENTRA, V1709_TO_1809, ENTERPRISE, ANY_TRUST, READY, BOTH, *KEEPS, ONLINE),
    Row(10, ENTRA, V1709_TO_1809, PRO, ANY_TRUST, READY + NONE + NOT_KNOWN, BOTH, *DELETES, ONLINE),
    Row(11, ENTRA, V1709_TO_1809, EDUCATION, ANY_TRUST, READY, BOTH, *BY_PC, ONLINE),
    Row(12, ENTRA, FROM_1903, ENT_PRO_EDU, ANY_TRUST, READY, IN, *KEEPS, ONLINE),
    Row(13, ENTRA, FROM_1903, ENT_PRO_EDU, ANY_TRUST, READY, LOCKED, *KEEPS, ONLINE),
    Row(14, ENTRA, V1703, NOT_HOME, ANY_TRUST, NONE, IN, *DELETES, ONLINE),
    Row(14, ENTRA, V1709_TO_1809, ENTERPRISE + EDUCATION + NO_EDITION, ANY_TRUST, NONE, BOTH, *DELETES, ONLINE),
    Row(14, ENTRA, FROM_1903, NOT_HOME, ANY_TRUST, NONE, BOTH, *DELETES, ONLINE),
    Row(15, ENTRA, V1709_TO_1809, ENTERPRISE + EDUCATION + NO_EDITION, ANY_TRUST, NOT_KNOWN, BOTH, *BY_PC, ONLINE),
    Row(15, ENTRA, FROM_1903, NOT_HOME, ANY_TRUST, NOT_KNOWN, BOTH, *BY_PC, ONLINE),
    Row(16, HYBRID, FROM_1903, ENT_PRO_EDU, ANY_TRUST, READY, IN, *KEEPS, ONLINE),
    Row(16, HYBRID, V1709_TO_1809, ENTERPRISE, ANY_TRUST, READY, IN, *KEEPS, ONLINE),
    Row(17, HYBRID, FROM_1903, ENT_PRO_EDU, ANY_TRUST, READY, LOCKED, *KEEPS, PASSWORD_ONLINE),
    Row(17, HYBRID, V1709_TO_1809, ENTERPRISE, ANY_TRUST, READY, LOCKED, *KEEPS, PASSWORD_ONLINE),
    Row(18, HYBRID, FROM_1703, NOT_HOME, CLOUD, NONE, IN, *DELETES, NETWORK),
    Row(19, HYBRID, FROM_1709, NOT_HOME, CLOUD, NONE, LOCKED, *DELETES, PASSWORD_NETWORK),
    Row(20, HYBRID, FROM_1703, NOT_HOME, CERTIFICATE, NONE, IN, *DELETES, NETWORK + FEDERATION),
    Row(20, HYBRID, FROM_1709, NOT_HOME, CERTIFICATE, NONE, LOCKED, *DELETES, PASSWORD_NETWORK + FEDERATION),
    Row(21, HYBRID, FROM_1703, NOT_HOME, KEY, NONE, IN, *DELETES, NETWORK),
    Row(22, HYBRID, FROM_1709, NOT_HOME, KEY, NONE, LOCKED, *NOT_FROM_HERE, "", SETTINGS_INSTEAD),
    # The matrix: "non-destructive or nothing". Said as undecided, because nothing proves that the keys survive.
    Row(23, HYBRID, FROM_1709, NOT_HOME, KEY, NOT_KNOWN, LOCKED, *BY_PC, PASSWORD_ONLINE, SETTINGS_INSTEAD),
    Row(24, HYBRID, FROM_1709, NOT_HOME, NO_TRUST, NONE, LOCKED, *DELETES, PASSWORD_NETWORK + FEDERATION),
    Row(24, HYBRID, FROM_1709, NOT_HOME, NO_TRUST, NOT_KNOWN, LOCKED, *BY_PC, PASSWORD_EITHER + FEDERATION),
    Row(25, HYBRID, V1709_TO_1809, PRO, CLOUD, READY, IN, *DELETES, NETWORK),
    Row(25, HYBRID, V1709_TO_1809, PRO, CLOUD, READY, LOCKED, *DELETES, PASSWORD_NETWORK),
    Row(25, HYBRID, V1709_TO_1809, PRO, CERTIFICATE, READY, IN, *DELETES, NETWORK + FEDERATION),
    Row(25, HYBRID, V1709_TO_1809, PRO, CERTIFICATE, READY, LOCKED, *DELETES, PASSWORD_NETWORK + FEDERATION),
    Row(25, HYBRID, V1709_TO_1809, PRO, KEY, READY, IN, *DELETES, NETWORK),
    Row(25, HYBRID, V1709_TO_1809, PRO, KEY, READY, LOCKED, *NOT_FROM_HERE, "", SETTINGS_INSTEAD),
    Row(26, ENTRA, NO_BUILD, NOT_HOME, ANY_TRUST, ANY_RECOVERY, BOTH, *BY_PC, ONLINE, Next.ASK_WINVER),
    *(
        Row(26, HYBRID, NO_BUILD, NOT_HOME, trusts, ANY_RECOVERY, states, *BY_PC, needs, Next.ASK_WINVER)
        for trusts, states, needs in (
            (CLOUD + KEY, IN, EITHER),
            (CERTIFICATE + NO_TRUST, IN, EITHER + FEDERATION),
            (CLOUD, LOCKED, PASSWORD_EITHER),
            (KEY, LOCKED, PASSWORD_ONLINE),
            (CERTIFICATE + NO_TRUST, LOCKED, PASSWORD_EITHER + FEDERATION),
        )
    ),
)

UNSURE_1709_TO_1809 = EDUCATION + NO_EDITION
# What the matrix is silent on, decided by its facts. The number is that of the row whose reasoning is carried on.
SILENT = (
    # No edition known: from 1903 on all editions that can be joined agree (rows 12, 13, 16, 17).
    Row(12, ENTRA, FROM_1903, NO_EDITION, ANY_TRUST, READY, IN, *KEEPS, ONLINE),
    Row(13, ENTRA, FROM_1903, NO_EDITION, ANY_TRUST, READY, LOCKED, *KEEPS, ONLINE),
    Row(16, HYBRID, FROM_1903, NO_EDITION, ANY_TRUST, READY, IN, *KEEPS, ONLINE),
    Row(17, HYBRID, FROM_1903, NO_EDITION, ANY_TRUST, READY, LOCKED, *KEEPS, PASSWORD_ONLINE),
    # Before 1903 they do not: the PC decides.
    Row(15, ENTRA, V1709_TO_1809, NO_EDITION, ANY_TRUST, READY, BOTH, *BY_PC, ONLINE),
    # The service begins with 1709: on 1703 the keys go, whatever the recovery state.
    Row(14, ENTRA, V1703, NOT_HOME, ANY_TRUST, READY + NOT_KNOWN, IN, *DELETES, ONLINE),
    *(
        Row(number, HYBRID, V1703, NOT_HOME, trusts, READY + NOT_KNOWN, IN, *DELETES, needs)
        for number, trusts, needs in (
            (18, CLOUD, NETWORK),
            (20, CERTIFICATE, NETWORK + FEDERATION),
            (21, KEY, NETWORK),
            (24, NO_TRUST, NETWORK + FEDERATION),
        )
    ),
    # Trust not known, signed in: every trust is destructive, the longest list of needs is certificate trust's.
    Row(24, HYBRID, FROM_1703, NOT_HOME, NO_TRUST, NONE, IN, *DELETES, NETWORK + FEDERATION),
    Row(25, HYBRID, V1709_TO_1809, PRO, NO_TRUST, READY, IN, *DELETES, NETWORK + FEDERATION),
    Row(25, HYBRID, V1709_TO_1809, PRO, NO_TRUST, READY, LOCKED, *DELETES, PASSWORD_NETWORK + FEDERATION),
    # Hybrid and recovery not known, or Education and unknown editions on 1709 to 1809: the PC decides.
    *(
        Row(number, HYBRID, FROM_1709, NOT_HOME, trusts, NOT_KNOWN, states, *BY_PC, needs)
        for number, trusts, states, needs in (
            (18, CLOUD, IN, EITHER),
            (19, CLOUD, LOCKED, PASSWORD_EITHER),
            (20, CERTIFICATE, IN, EITHER + FEDERATION),
            (20, CERTIFICATE, LOCKED, PASSWORD_EITHER + FEDERATION),
            (21, KEY, IN, EITHER),
            (24, NO_TRUST, IN, EITHER + FEDERATION),
        )
    ),
    *(
        Row(25, HYBRID, V1709_TO_1809, UNSURE_1709_TO_1809, trusts, READY, states, *BY_PC, needs, then)
        for trusts, states, needs, then in (
            (CLOUD + KEY, IN, EITHER, Next.NOTHING),
            (CERTIFICATE + NO_TRUST, IN, EITHER + FEDERATION, Next.NOTHING),
            (CLOUD, LOCKED, PASSWORD_EITHER, Next.NOTHING),
            (KEY, LOCKED, PASSWORD_ONLINE, SETTINGS_INSTEAD),
            (CERTIFICATE + NO_TRUST, LOCKED, PASSWORD_EITHER + FEDERATION, Next.NOTHING),
        )
    ),
    # Nothing on such a PC ever keeps the keys, so an unknown version or edition changes nothing.
    *(
        Row(4, ON_PREMISES, builds, editions, ANY_TRUST, ANY_RECOVERY, states, *DELETES, PASSWORD_NETWORK + FEDERATION)
        for builds, editions, states in (
            (FROM_1703, NO_EDITION, IN),
            (FROM_1709, NO_EDITION, LOCKED),
            (NO_BUILD, NOT_HOME, BOTH),
        )
    ),
    Row(5, REGISTERED, NO_BUILD, ANY_EDITION, ANY_TRUST, ANY_RECOVERY, IN, *DELETES, "internet second_factor"),
    Row(
        6,
        REGISTERED,
        NO_BUILD,
        ANY_EDITION,
        ANY_TRUST,
        ANY_RECOVERY,
        LOCKED,
        Flow.OTHER_SERVICE,
        None,
        "",
        Next.CONSUMER_RESET,
    ),
    # Home cannot join a domain either.
    *(
        Row(
            7,
            ON_PREMISES,
            builds,
            HOME,
            ANY_TRUST,
            ANY_RECOVERY,
            states,
            Flow.CHECK_DATA,
            None,
            "",
            Next.REFRESH_INVENTORY,
        )
        for builds, states in ((FROM_1703 + NO_BUILD, IN), (FROM_1709 + NO_BUILD, LOCKED))
    ),
)

TABLE = MATRIX + SILENT


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"row {row.number} {row.states[0]}")
def test_the_rules_say_what_the_matrix_says(row: Row) -> None:
    wanted = (row.number, row.flow, row.destructive, frozenset(Need(need) for need in row.needs.split()), row.next)
    for situation in row.situations():
        advice = decide(situation)
        got = (advice.row, advice.flow, advice.destructive, frozenset(advice.needs), advice.next)
        assert got == wanted, situation


def test_the_table_typed_in_speaks_of_every_combination_once() -> None:
    told = [situation for row in TABLE for situation in row.situations()]
    every = set(_situations(ANY_JOIN, ANY_BUILD, ANY_EDITION, ANY_TRUST, ANY_RECOVERY, BOTH))
    assert len(told) == len(set(told))
    assert set(told) == every


def test_the_matrix_typed_in_has_all_26_rows() -> None:
    assert {row.number for row in MATRIX} == set(range(1, 27))


def test_the_rules_have_all_26_rows_in_order() -> None:
    numbers = [rule.row for rule in RULES]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1, 27))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"row {rule.row}")
def test_the_example_of_a_rule_selects_that_very_rule(rule: Rule) -> None:
    assert select(rule.example) is rule


def test_no_need_is_named_twice() -> None:
    assert all(len(rule.needs) == len(set(rule.needs)) for rule in RULES)
