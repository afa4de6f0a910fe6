"""What people, time and trouble do to requests in any order breaks no promise; what would break one is found."""

import pytest

from tests.approvals.crashes.mutants import found_by
from tests.approvals.crashes.preloaded import Run

EXAMPLES, MANY_EXAMPLES = 100, 2_000


@pytest.mark.parametrize("examples", [EXAMPLES, pytest.param(MANY_EXAMPLES, marks=pytest.mark.long)])
def test_no_story_of_people_time_and_trouble_breaks_a_promise(run: Run, examples: int) -> None:
    code, printed = run("state_machine", "--examples", examples)
    assert code == 0, printed


@pytest.mark.parametrize("mutant", found_by("state_machine"))
def test_the_stories_find_the_mutant(run: Run, mutant: str) -> None:
    code, _ = run("state_machine", "--examples", 400, "--mutant", mutant)
    assert code == 1
