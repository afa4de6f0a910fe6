"""The rows that a story leaves are as they always were: the audit with its chain, what is to be told, and all else."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.golden import files, story
from tests.golden.product import Audience, Event

GOLDEN: dict[str, Any] = files.read("audit")


@pytest.fixture(scope="module")
def now() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(story.told(Path(folder)))


@pytest.mark.parametrize("table", GOLDEN)
def test_the_rows_of_a_story_are_as_they_always_were(table: str, now: dict[str, Any]) -> None:
    assert now[table] == GOLDEN[table], files.HOW


def test_the_file_has_these_rows_and_no_others(now: dict[str, Any]) -> None:
    assert files.text(now) == files.path("audit").read_text("ascii"), files.HOW


def test_in_the_story_everything_happens_and_everybody_is_told() -> None:
    looks = {Event.LOOKED_UP, Event.STEPS_SENT}  # of the help desk, and about no request: tests/helpdesk/test_lookup.py
    assert {row["event"] for row in GOLDEN["audit"]} == {*Event} - looks
    assert {row["audience"] for row in GOLDEN["outbox"]} == {*Audience}
