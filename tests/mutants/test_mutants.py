"""Each guard that is listed is missed by a test when it is removed; an entry that does not fit fails loudly."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.mutants.harness import ROOT, Guard, Unfit, guards, survives

GUARD = Guard("the sign", "product.py", "if number < 0:", "if False:", ("test_product.py",))
PRODUCT = "def root(number):\n    if number < 0:\n        raise ValueError\n    return number ** 0.5\n"
TEST = """
import pytest
from product import root
def test_nothing_below_zero():
    with pytest.raises(ValueError):
        root(-1)
def test_four():
    assert root(4) == 2
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A product of four lines."""
    for name, source in (("product.py", PRODUCT), ("test_product.py", TEST), ("pytest.ini", "[pytest]\n")):
        (tmp_path / name).write_text(source, "utf-8")
    return tmp_path


@pytest.mark.parametrize("guard", guards(), ids=lambda one: one.name)
def test_each_entry_fits_the_code_and_names_tests_that_are_there(guard: Guard) -> None:
    source = (ROOT / guard.file).read_text("utf-8")
    compile(guard.removed(source), guard.file, "exec")
    assert guard.tests
    assert all((ROOT / tests.split()[0]).exists() for tests in guard.tests)


def test_no_two_entries_have_one_name() -> None:
    names = [one.name for one in guards()]
    assert sorted({*names}) == sorted(names)


@pytest.mark.parametrize(("tests", "lives"), [("-k zero", False), ("-k four", True)])
def test_a_guard_is_missed_or_survives_and_the_tree_is_as_it_was(tree: Path, tests: str, lives: bool) -> None:
    assert survives(replace(GUARD, tests=(f"test_product.py {tests}",)), tree) is lives
    assert (tree / "product.py").read_text("utf-8") == PRODUCT


@pytest.mark.parametrize(
    "changed",
    [
        {"code": "if number <= 0:"},
        {"code": "number"},
        {"tests": ("test_product.py -k nothing_of_that_name",)},
        {"without": "("},
    ],
    ids=["gone", "many times", "no test", "no Python"],
)
def test_an_entry_that_does_not_fit_any_more_fails_loudly(tree: Path, changed: dict[str, object]) -> None:
    with pytest.raises(Unfit):
        survives(replace(GUARD, **changed), tree)  # type: ignore[arg-type]  # each of its own type
    assert (tree / "product.py").read_text("utf-8") == PRODUCT


@pytest.mark.long
def test_no_guard_is_removed_unnoticed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.mutants.harness"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
