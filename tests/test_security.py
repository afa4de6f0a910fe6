"""SECURITY.md: each threat is held by tests that exist, and each that is cited anywhere stands there."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| (T\d+) \| [A-Z][^|]+\. \| (`tests/[^|]+`) \|$")
CITED = re.compile(r"(?<![A-Za-z0-9])T\d{1,2}(?![A-Za-z0-9])")  # in a text, and in a name between underscores
LOWER = re.compile(r"^test_t(\d{1,2})_")


def _table() -> list[str]:
    lines = (ROOT / "SECURITY.md").read_text(encoding="utf-8").partition("## Threats")[2].splitlines()
    return [line for line in lines if line.startswith("|")][2:]


def _threats() -> dict[str, list[str]]:
    """The tests that hold it, as they are written, by id."""
    rows = [row for line in _table() if (row := ROW.match(line))]
    return {row[1]: [test.strip("`") for test in row[2].split("<br>")] for row in rows}


@cache
def _tests(file: Path) -> frozenset[str]:
    """The names that pytest collects from a file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


def _sources(*rooms: str) -> Iterator[Path]:
    return (file for room in rooms for file in (ROOT / room).rglob("*.py") if "node_modules" not in file.parts)


def _cited(file: Path) -> set[str]:
    named = {f"T{found[1]}" for name in _tests(file) if (found := LOWER.match(name))}
    return named | set(CITED.findall(file.read_text(encoding="utf-8")))


def test_every_row_is_a_threat_with_an_id_of_its_own_a_sentence_and_tests() -> None:
    assert len(_threats()) == len(_table()) > 0, "a row is malformed, or an id stands there twice"


def test_every_test_that_is_named_exists() -> None:
    named = {test for tests in _threats().values() for test in tests}
    there = {f"{file.relative_to(ROOT).as_posix()}::{name}" for file in _sources("tests") for name in _tests(file)}
    assert named - there == set()


def test_every_threat_that_code_or_a_test_cites_stands_in_the_table() -> None:
    cited = {file: _cited(file) - _threats().keys() for file in _sources("bot", "cards", "dialogs", "tests")}
    assert {file: unknown for file, unknown in cited.items() if unknown} == {}


def test_a_citation_is_found_in_words_and_in_names(tmp_path: Path) -> None:
    file = tmp_path / "test_example.py"
    threats = [f"T{number}" for number in (97, 98, 99)]
    words, upper, lower = threats[0], threats[1], threats[2].lower()
    file.write_text(f'"""As in {words}, at 2026-01-01T09."""\ndef test_{upper}_x(): ...\ndef test_{lower}_y(): ...\n')
    assert _cited(file) == {*threats}
