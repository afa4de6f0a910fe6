"""A new audit key: what the one before has sealed stays valid, and goes on under the new one."""

from pathlib import Path

import pytest

from bot.simulation import World
from bot.store import audit
from bot.store.records import Note, State
from bot.store.seal import SealKey
from tests.approvals.harness import KEY, TenantHarness, tenant_harness

SECRET = b"the key of after, of thirty-two b"
ROTATED = SealKey(SECRET, (KEY.secret,))
OTHER = SealKey(SECRET)


async def _done(at: TenantHarness, number: int) -> State:
    await at.harness.worker.round()
    request = await at.harness.approvals.request(number)
    assert request
    return request.state


async def test_a_request_that_waits_is_approved_by_its_old_card_and_by_a_new_one(world: World, tmp_path: Path) -> None:
    async with tenant_harness(world, tmp_path) as at:
        request = await at.filed(await at.assign("finance"))
        old_card = at.harness.approvals.nonce(request)
    async with tenant_harness(world, tmp_path, key=ROTATED) as at:
        assert at.harness.approvals.nonce(request) == old_card
        ruling = await at.harness.press(request, at.person("approver"))
        assert ruling.refused is None
        assert await _done(at, request.number) is State.DONE
        assert (await audit.check(at.harness.engine, ROTATED)).sound


async def test_an_approved_request_is_carried_out_under_the_new_key(world: World, tmp_path: Path) -> None:
    async with tenant_harness(world, tmp_path) as at:
        request = await at.approved(await at.assign("finance"))
    async with tenant_harness(world, tmp_path, key=ROTATED) as at:
        assert await _done(at, request.number) is State.DONE
        assert at.group_id("finance") in at.targets()


async def test_a_request_of_today_has_buttons_of_todays_key(world: World, tmp_path: Path) -> None:
    async with tenant_harness(world, tmp_path, key=ROTATED) as at:
        request = await at.filed(await at.assign("finance"))
    async with tenant_harness(world, tmp_path, key=OTHER) as at:
        assert (await at.harness.press(request, at.person("approver"))).refused is None


async def test_a_request_of_a_key_that_nobody_names_is_void(world: World, tmp_path: Path) -> None:
    async with tenant_harness(world, tmp_path) as at:
        request = await at.approved(await at.assign("finance"))
    async with tenant_harness(world, tmp_path, key=OTHER) as at:
        assert await _done(at, request.number) is State.VOID
        ended = await at.harness.approvals.request(request.number)
        assert ended
        assert (ended.note, at.world.tenant.written) == (Note.TAMPERED, [])


@pytest.mark.parametrize(("key", "frozen"), [(ROTATED, False), (OTHER, True)], ids=["named", "not named"])
async def test_who_has_unfrozen_under_a_key_that_is_named_has_unfrozen(
    world: World, tmp_path: Path, key: SealKey, *, frozen: bool
) -> None:
    async with tenant_harness(world, tmp_path) as at:
        who = at.harness.who(at.person("approver"))
        await at.harness.approvals.freeze(who, "an incident")
        await at.harness.approvals.unfreeze(who)
    async with tenant_harness(world, tmp_path, key=key) as at:
        assert (await at.harness.approvals.frozen()).frozen is frozen


async def test_a_clock_that_is_set_right_dates_back_what_the_key_before_sealed(world: World, tmp_path: Path) -> None:
    async with tenant_harness(world, tmp_path) as at:
        request = await at.approved(await at.assign("finance"))
        seen, now = at.harness.time.now, at.harness.time.now.replace(year=2025)
    async with tenant_harness(world, tmp_path, key=ROTATED) as at:
        await at.harness.store.set_clock(seen, now, "operator")
        dated = await at.harness.now(request)
        assert (dated.expires_at < request.expires_at, await at.harness.store.as_stored(dated)) == (True, True)
    async with tenant_harness(world, tmp_path, key=OTHER) as at:  # the seals are those of the new key now
        assert at.harness.worker._sealed_plan(dated)


def test_a_key_does_not_show_in_what_is_printed_of_it() -> None:
    assert "key" not in repr(ROTATED).replace("SealKey", "")
