"""One compare-and-swap moves a request: whoever looked at something else, in whatever respect, moves nothing."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.store import audit
from bot.store.records import Change, Event, Filing, Freeze, Request, State
from bot.store.requests import Frozen, Lost, ObjectBusy
from tests.approvals.harness import ADA, ARNE, DANA, KEY, MONDAY, PRIYA, Harness, consent_plan, harness


@pytest.fixture
async def table(tmp_path: Path) -> AsyncIterator[Harness]:
    async with harness(tmp_path) as made:
        yield made


def _taken_back(of: Request, **seen: Any) -> Change:
    return Change(replace(of, **seen), Event.CANCELLED, ADA, MONDAY, State.CANCELLED)


@pytest.mark.parametrize("seen", [{"state": State.APPROVED}, {"revision": 2}, {"reminded": 1}, {"number": 77}], ids=str)
async def test_who_saw_another_state_revision_reminder_or_request_changes_nothing(
    table: Harness, seen: dict[str, Any]
) -> None:
    request = await table.filed()
    with pytest.raises(Lost):
        await table.store.commit(_taken_back(request, **seen))
    assert await table.now(request) == request
    assert (await audit.check(table.engine, KEY)).rows == 1
    await table.store.commit(_taken_back(request))
    assert await table.state(request) is State.CANCELLED


async def test_who_saw_another_freeze_changes_nothing(table: Harness) -> None:
    before: Freeze = await table.approvals.frozen()
    await table.approvals.freeze(table.who(PRIYA), "an incident")
    with pytest.raises(Lost):
        await table.store.set_freeze(before, frozen=False, actor=DANA, reason="", at=MONDAY)
    assert (await table.approvals.frozen()).frozen


def _filing(by: str = ADA) -> Filing:
    plan = consent_plan()
    expires = MONDAY + timedelta(days=1)
    return Filing(plan.kind, plan.object_key, plan.canonical(), plan.digest(), by, "why", 1, MONDAY, expires, 3)


async def test_what_was_frozen_between_the_look_and_the_filing_is_not_filed(table: Harness) -> None:
    await table.approvals.freeze(table.who(PRIYA), "an incident")
    with pytest.raises(Frozen):
        await table.store.file(_filing())
    assert (await table.approvals.waiting()).total == 0
    await table.approvals.unfreeze(table.who(PRIYA))
    assert (await table.store.file(_filing())).state is State.WAITING
    with pytest.raises(ObjectBusy):
        await table.store.file(_filing(ARNE))
