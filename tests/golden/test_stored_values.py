"""What older rows, cards and notes hold is still known by its name; a new kind of value is recorded on purpose."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.golden import files
from tests.golden.stored_values import stored_values

GOLDEN: dict[str, Any] = files.read("stored_values")


@pytest.fixture(scope="module")
def now() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(stored_values(Path(folder)))


@pytest.mark.parametrize("name", GOLDEN)
def test_values_that_are_stored_are_as_they_always_were(name: str, now: dict[str, Any]) -> None:
    assert now[name] == GOLDEN[name], files.HOW


def test_no_values_are_stored_that_are_not_recorded(now: dict[str, Any]) -> None:
    assert files.text(now) == files.path("stored_values").read_text("ascii"), files.HOW
