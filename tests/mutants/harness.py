"""Removes the guards of guards.toml one at a time, in a copy of the tree, and runs the tests that must notice.

python -m tests.mutants.harness [--jobs N] [words of a guard's name]

A guard whose removal no test notices has survived: the exit code is 1 then, and 2 where an entry does not fit any more.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).parents[2]
GUARDS = Path(__file__).with_name("guards.toml")
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".cache", "node_modules", "__pycache__", ".data")
MISSED, SURVIVED = "missed", "SURVIVED"
PASSED, FAILED = 0, 1  # as pytest says it
NOT_RUN = {2, 4, 5}  # the code does not even load, no such file, no test of that name
SECONDS = 600.0  # that the tests of one guard may take: a guard may be what keeps something from going on for ever


class Unfit(Exception):
    """The entry does not fit the code or its tests any more."""


@dataclass(frozen=True, slots=True)
class Guard:
    """In `file` the text `code` becomes `without`; one of `tests`, each the arguments of one run of pytest, fails."""

    name: str
    file: str
    code: str
    without: str
    tests: tuple[str, ...]

    def removed(self, source: str) -> str:
        """The source without it. Raises Unfit."""
        if source.count(self.code) != 1:
            raise Unfit(f"{self.name}: its code stands {source.count(self.code)} times in {self.file}")
        return source.replace(self.code, self.without)


def guards() -> list[Guard]:
    """All that are listed."""
    listed = tomllib.loads(GUARDS.read_text("utf-8"))["guard"]
    return [Guard(**{**one, "tests": tuple(one["tests"])}) for one in listed]


def survives(guard: Guard, tree: Path, seconds: float = SECONDS) -> bool:
    """Do its tests pass without it? The tree is as it was afterwards. Raises Unfit."""
    with _without(guard, tree):
        return all(_run(guard, tests, tree, seconds) == PASSED for tests in guard.tests)


def baseline(found: Iterable[Guard], tree: Path) -> None:
    """The tests pass while nothing is removed, or their failing would say nothing. Raises Unfit."""
    for tests in sorted({one for guard in found for one in guard.tests}):
        done = _pytest(tests, tree, SECONDS)
        if done is None or done.returncode != PASSED:
            raise Unfit(f"without any guard removed they don't pass: {tests}\n{done.stdout if done else 'out of time'}")


@contextmanager
def copied(root: Path = ROOT) -> Iterator[Path]:
    """A copy of the tree, which may be changed."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(root, tree, ignore=LEFT_OUT)
        yield tree


@contextmanager
def _without(guard: Guard, tree: Path) -> Iterator[None]:
    file = tree / guard.file
    source = file.read_text("utf-8")
    file.write_text(guard.removed(source), "utf-8")
    try:
        yield
    finally:
        file.write_text(source, "utf-8")


def _run(guard: Guard, tests: str, tree: Path, seconds: float) -> int:
    done = _pytest(tests, tree, seconds)
    if done is None:  # out of time is no pass
        return FAILED
    if done.returncode in NOT_RUN:
        raise Unfit(f"{guard.name}: its tests did not run: {tests}\n{done.stdout}")
    return PASSED if done.returncode == PASSED else FAILED  # ended from outside, as it hung, is no pass either


def _pytest(tests: str, tree: Path, seconds: float) -> subprocess.CompletedProcess[str] | None:
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "--no-header", "--tb=no", *tests.split()]
    try:
        return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False, timeout=seconds)
    except subprocess.TimeoutExpired:
        return None


def tried(found: list[Guard], jobs: int) -> list[str]:
    """What came of each; told as it comes."""
    trees = SimpleQueue[Path]()

    def one(guard: Guard) -> str:
        tree = trees.get()
        try:
            came = SURVIVED if survives(guard, tree) else MISSED
        except Unfit as error:
            came = str(error)
        finally:
            trees.put(tree)
        sys.stdout.write(f"{came}: {guard.name}\n")
        sys.stdout.flush()
        return came

    with ThreadPoolExecutor(jobs) as pool, _copies(jobs) as copies:
        for tree in copies:
            trees.put(tree)
        return [*pool.map(one, found)]


@contextmanager
def _copies(jobs: int) -> Iterator[list[Path]]:
    with copied() as first:
        trees = [first, *(first.with_name(f"tree-{number}") for number in range(1, jobs))]
        for tree in trees[1:]:
            shutil.copytree(first, tree)
        yield trees


def main() -> int:
    """As at the top."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    found = [one for one in guards() if " ".join(options.words) in one.name]
    try:
        with copied() as tree:
            baseline(found, tree)
    except Unfit as error:
        sys.stdout.write(f"{error}\n")
        return 2
    came = Counter(tried(found, options.jobs))
    sys.stdout.write(f"{came[MISSED]} of {len(found)} are missed by a test, {came[SURVIVED]} are not\n")
    return 0 if came[MISSED] == len(found) else 1 if came[SURVIVED] else 2


if __name__ == "__main__":
    sys.exit(main())
