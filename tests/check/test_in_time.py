"""A check ends in time: what did not answer until then is unknown, and everything else is told."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.check.finding import Finding, Level
from bot.check.run import LOOKS
from bot.operator.check import status
from tests.check.harness import keys, ready, to_do
from tests.deadlines import PATIENCE

SLOW = {"admins", "rollout"}  # what asks for groups


async def test_what_is_slow_is_unknown_and_the_rest_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once all others are done, time is over for those that hang."""
    loop, names = asyncio.get_running_loop(), set[str]()
    time = loop.time

    def progress(found: Sequence[Finding]) -> None:
        names.update(one.area for one in found)
        if {one.area for one in LOOKS} - names <= SLOW:
            monkeypatch.setattr(loop, "time", lambda: time() + PATIENCE)

    async with ready(tmp_path) as it:
        it.world.faults.hang("graph/v1.0/groups")
        found = await it.look(progress=progress)
        monkeypatch.undo()
        it.world.faults.clear()
    assert {one.partition(".")[0] for one in keys(found, Level.UNKNOWN)} == SLOW
    assert to_do(found) == []


async def test_who_has_no_time_has_seen_nothing_and_says_so(tmp_path: Path) -> None:
    async with ready(tmp_path) as it:
        found = await it.look(seconds=0.0)
    assert {one.state for one in found if one.area != "settings"} == {Level.UNKNOWN}
    assert status(found) == 2
