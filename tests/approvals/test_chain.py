"""After the start the whole audit is checked: where a hand was in it, nothing that was approved is carried out."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import text

from bot.approvals.chain import WholeChain
from bot.approvals.refusals import Reason
from bot.errors import StoreUnavailable
from bot.store import audit
from bot.store.records import Event, Note, Request, State, Verdict
from tests.approvals.harness import KEY, TenantHarness

DROPPED = tuple(f"DROP TRIGGER IF EXISTS audit_no_{what}" for what in ("update", "delete"))
HANDS = {
    "edited": "UPDATE audit SET actor = 'x' WHERE seq = 1",
    "removed": "DELETE FROM audit WHERE seq = 1",
    "no moment": "UPDATE audit SET at = 'once' WHERE seq = 1",
    "no number": "UPDATE audit SET request = 'x' WHERE seq = 1",
    "no text": "UPDATE audit SET detail = x'ff' WHERE seq = 1",
    "bytes for a moment": "UPDATE audit SET at = x'ff' WHERE seq = 1",
    "a number for a moment": "UPDATE audit SET at = 5 WHERE seq = 1",
    "bytes for a hash": "UPDATE audit SET hash = x'ff' WHERE seq = 1",
    "bytes for who": "UPDATE audit SET actor = x'ff' WHERE seq = 1",
}


async def _by_hand(at: TenantHarness, *statements: str) -> None:
    async with at.harness.engine.begin() as connection:
        for statement in (*DROPPED, *statements):
            await connection.execute(text(statement))


async def _older_rows(at: TenantHarness) -> None:
    """What no request of today rests on."""
    for number in (1, 2):
        await at.harness.store.note(Event.REFUSED, at.person("user"), at.harness.time.now, None, {"count": number})


def _chain(at: TenantHarness) -> WholeChain:
    return WholeChain(at.harness.engine, KEY, at.harness.store)


@pytest.mark.parametrize("how", HANDS)
async def test_T39_an_old_row_that_a_hand_was_in_stops_what_is_approved(  # noqa: N802
    at_work: TenantHarness, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    await _older_rows(at_work)
    approved = await at_work.approved(await at_work.assign("finance"))
    await _by_hand(at_work, HANDS[how])
    await _chain(at_work).round()
    assert "row 1 of the audit is not what the bot wrote" in caplog.text
    await at_work.harness.worker.round()
    ended = await at_work.harness.now(approved)
    assert (ended.state, ended.note) == (State.VOID, Note.TAMPERED)
    assert not at_work.world.tenant.written


async def test_T39_with_a_broken_audit_nobody_approves_and_whoever_wants_rejects(  # noqa: N802
    at_work: TenantHarness,
) -> None:
    await _older_rows(at_work)
    first = await at_work.filed(await at_work.assign("finance"))
    await _by_hand(at_work, HANDS["edited"])
    await _chain(at_work).round()
    rejected = await at_work.harness.press(first, at_work.person("approver"), Verdict.REJECT)
    assert rejected.request
    assert rejected.request.state is State.REJECTED
    second = await at_work.filed(await at_work.assign("finance"))
    assert (await at_work.harness.press(second, at_work.person("approver"))).refused is Reason.TAMPERED


async def test_a_sound_audit_is_checked_once_and_stops_nothing(
    at_work: TenantHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _older_rows(at_work)
    request: Request = await at_work.approved(await at_work.assign("finance"))
    chain, checked, check = _chain(at_work), 0, audit.check

    async def counted(*given: Any) -> audit.Report:
        nonlocal checked
        checked += 1
        return await check(*given)

    monkeypatch.setattr(audit, "check", counted)
    await chain.round()
    await chain.round()
    assert checked == 1
    await at_work.harness.worker.round()
    assert await at_work.harness.state(request) is State.DONE


async def test_what_can_not_be_read_now_is_checked_by_the_next_round(
    at_work: TenantHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _older_rows(at_work)
    request = await at_work.approved(await at_work.assign("finance"))
    await _by_hand(at_work, HANDS["edited"])
    chain = _chain(at_work)
    with monkeypatch.context() as patch:

        async def away(*_given: Any) -> Sequence[object]:
            raise StoreUnavailable("locked")

        patch.setattr(audit, "_slice", away)
        with pytest.raises(StoreUnavailable):
            await chain.round()
    assert await at_work.harness.store.as_stored(request)  # not read is not broken
    await chain.round()
    assert not await at_work.harness.store.as_stored(request)
