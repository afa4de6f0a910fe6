"""Killed at every named point and at random, also while recovering: nothing is done twice, lost, or done unasked."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.approvals.crashes.mutants import MISTAKES

ROOT = Path(__file__).parents[3]
KILLS, MANY_KILLS = 300, 5_000
ROUNDS, MANY_ROUNDS = 200, 1_000
EXAMPLES, MANY_EXAMPLES = 100, 2_000
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


def _found_by(harness: str) -> list[str]:
    return [name for name, mistake in MISTAKES.items() if mistake.found_by == harness]


def _run(module: str, *arguments: object) -> tuple[int, str]:
    """In a process of its own, which forks: pytest's has threads and loops."""
    command = [sys.executable, "-m", f"tests.approvals.crashes.{module}", *(str(one) for one in arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def _crashes(kills: int, capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = _run("crash_runner", "crashes", "--kills", kills)
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


def test_T16_three_hundred_kills_break_no_promise(capsys: pytest.CaptureFixture[str]) -> None:  # noqa: N802
    _crashes(KILLS, capsys)


@pytest.mark.long
def test_T16_five_thousand_kills_break_no_promise(capsys: pytest.CaptureFixture[str]) -> None:  # noqa: N802
    _crashes(MANY_KILLS, capsys)


@pytest.mark.parametrize("mistake", _found_by("crashes"))
def test_the_harness_finds_the_mistake(mistake: str) -> None:
    code, printed = _run("crash_runner", "crashes", "--mistake", mistake)
    assert code == 1
    assert json.loads(printed)["violations"]


def _races(rounds: int, *mistake: str) -> dict[str, Any]:
    _, printed = _run("crash_runner", "races", "--rounds", rounds, *mistake)
    found: dict[str, Any] = json.loads(printed)
    return found


@pytest.mark.parametrize("rounds", [ROUNDS, pytest.param(MANY_ROUNDS, marks=pytest.mark.long)])
def test_T11_of_eight_processes_that_decide_at_once_exactly_one_wins(  # noqa: N802
    rounds: int, capsys: pytest.CaptureFixture[str]
) -> None:
    found = _races(rounds)
    with capsys.disabled():
        sys.stdout.write(f"\nraces: {json.dumps(found)}\n")
    assert (found["one_winner"], found["one_decision"]) == (rounds, rounds)
    assert found["answers"] == {"won": rounds, "already_decided": rounds * (found["processes"] - 1)}


@pytest.mark.parametrize("mistake", _found_by("races"))
def test_the_races_find_the_mistake(mistake: str) -> None:
    assert _races(30, "--mistake", mistake)["one_winner"] < 30


@pytest.mark.parametrize("examples", [EXAMPLES, pytest.param(MANY_EXAMPLES, marks=pytest.mark.long)])
def test_no_story_of_people_time_and_trouble_breaks_a_promise(examples: int) -> None:
    code, printed = _run("state_machine", "--examples", examples)
    assert code == 0, printed


@pytest.mark.parametrize("mistake", _found_by("life"))
def test_the_stories_find_the_mistake(mistake: str) -> None:
    code, _ = _run("state_machine", "--examples", 400, "--mistake", mistake)
    assert code == 1
