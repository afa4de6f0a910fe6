"""Killed at every named point and at random, also while recovering: nothing is done twice, lost, or done unasked."""

import json
import sys
from typing import Any

import pytest

from tests.approvals.crashes.mutants import found_by
from tests.approvals.crashes.preloaded import Run

KILLS, MANY_KILLS = 300, 5_000
ROUNDS, MANY_ROUNDS = 200, 1_000
# Each of these is passed in every life, so each must have been a place to die at.
POINTS = {
    f"{when} {what}"
    for when in ("before", "after")
    for what in (
        "POST",
        "read",
        *(f"commit {event}" for event in ("filed", "approved", "started", "intent", "step_done", "done")),
        *(f"audit row {event}" for event in ("filed", "approved", "started", "intent", "step_done", "done")),
    )
}


def _crashes(run: Run, kills: int, capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = run("crash_runner", "crashes", "--kills", kills)
    found: dict[str, Any] = json.loads(printed)
    with capsys.disabled():
        shown = {name: found[name] for name in ("runs", "kills", "recoveries_killed", "writes", "ends", "seconds")}
        sys.stdout.write(f"\ncrashes: {json.dumps(shown)}, violations: {len(found['violations'])}\n")
    assert found["violations"] == []
    assert code == 0
    assert found["kills"] >= kills
    assert found["recoveries_killed"] > 0
    assert found["ends"]["done"] > found["runs"] / 2
    assert set(found["points_killed_at"]) >= POINTS


def test_T16_three_hundred_kills_break_no_promise(run: Run, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: N802
    _crashes(run, KILLS, capsys)


@pytest.mark.long
def test_T16_five_thousand_kills_break_no_promise(run: Run, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: N802
    _crashes(run, MANY_KILLS, capsys)


@pytest.mark.parametrize("mutant", found_by("crashes"))
def test_the_harness_finds_the_mutant(run: Run, mutant: str) -> None:
    code, printed = run("crash_runner", "crashes", "--mutant", mutant)
    assert code == 1
    assert json.loads(printed)["violations"]


def _races(run: Run, rounds: int, *mutant: str) -> dict[str, Any]:
    _, printed = run("crash_runner", "races", "--rounds", rounds, *mutant)
    found: dict[str, Any] = json.loads(printed)
    return found


@pytest.mark.parametrize("rounds", [ROUNDS, pytest.param(MANY_ROUNDS, marks=pytest.mark.long)])
def test_T11_of_eight_processes_that_decide_at_once_exactly_one_wins(  # noqa: N802
    run: Run, rounds: int, capsys: pytest.CaptureFixture[str]
) -> None:
    found = _races(run, rounds)
    with capsys.disabled():
        sys.stdout.write(f"\nraces: {json.dumps(found)}\n")
    assert (found["one_winner"], found["one_decision"]) == (rounds, rounds)
    assert found["answers"] == {"won": rounds, "already_decided": rounds * (found["processes"] - 1)}


@pytest.mark.parametrize("mutant", found_by("races"))
def test_the_races_find_the_mutant(run: Run, mutant: str) -> None:
    assert _races(run, 30, "--mutant", mutant)["one_winner"] < 30
