"""Is my PC covered? Only one's own, nothing promised, in time and in private."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.commands import commands
from bot.demo.gallery.company import NOW
from bot.demo.gallery.example import Example
from bot.errors import TenantUnreachable
from bot.reset_rules.facts import Device, DeviceKind, Join, Platform, Recovery
from tests.chat.asking import NOBODY, Owner, ask, shown

PC = Device("r1", "PC-ONE", join=Join.ENTRA, build=26100, recovery=Recovery.READY)


@pytest.mark.parametrize(
    ("device", "words"),
    [
        (PC, "should keep"),
        (replace(PC, recovery=Recovery.POLICY_ONLY), "not finished"),
        (replace(PC, recovery=Recovery.NONE), "Not covered"),
        (replace(PC, recovery=Recovery.UNKNOWN), "I can't tell"),
        (replace(PC, join=Join.REGISTERED), "only registered"),
        (replace(PC, platform=Platform.PHONE), "no Windows PIN"),
    ],
)
async def test_each_state_of_a_device_is_said_with_the_time(device: Device, words: str) -> None:
    text = shown((await ask("covered", Example(devices=Owner((device,))))).reply)
    assert words in text
    assert "Nov 24, 2026, 9:00\N{NARROW NO-BREAK SPACE}AM UTC" in text
    assert "will keep" not in text


@pytest.mark.parametrize(
    ("device", "words"),
    [
        (replace(PC, deleted=True), "no longer in your organisation's directory"),
        (replace(PC, kind=DeviceKind.CLOUD_PC), "a Cloud PC"),
        (replace(PC, kind=DeviceKind.SESSION_HOST, recovery=Recovery.UNKNOWN), "a shared virtual PC"),
        (replace(PC, last_seen=NOW - timedelta(days=31)), "may be out of date"),
    ],
)
async def test_what_a_pc_is_stands_beside_its_name(device: Device, words: str) -> None:
    text = shown((await ask("covered", Example(devices=Owner((device,))))).reply)
    assert words in text
    assert ("should keep" in text) is (device.recovery is Recovery.READY and not device.deleted)


async def test_who_has_no_device_is_told_so() -> None:
    assert "no Windows device" in shown((await ask("covered", Example(devices=Owner()))).reply)


async def test_only_the_askers_own_devices_are_looked_at() -> None:
    owner = Owner((PC,))
    await ask("covered", Example(devices=owner), device="r2", person=NOBODY)
    assert owner.asked == [NOBODY]


async def test_a_slow_tenant_answers_later() -> None:
    owner = Owner((PC,), late=True)
    answer = await ask("covered", Example(devices=owner), seconds=0.0)
    assert "PC-ONE" not in shown(answer.reply)
    assert answer.later
    owner.tells.set()
    assert "PC-ONE" in shown(await answer.later())


async def test_what_is_known_in_time_is_shown_as_unknown_and_the_rest_comes_later() -> None:
    owner = Owner((replace(PC, recovery=Recovery.NONE),), late=True, early=(replace(PC, recovery=Recovery.UNKNOWN),))
    answer = await ask("covered", Example(devices=owner), seconds=0.0)
    first = shown(answer.reply)
    assert "PC-ONE" in first
    assert "I can't tell" in first
    assert "still reading" in first
    owner.tells.set()
    assert answer.later
    whole = shown(await answer.later())
    assert "Not covered" in whole
    assert "still reading" not in whole


async def test_a_tenant_that_fails_later_is_said_plainly() -> None:
    owner = Owner(late=True, failure=TenantUnreachable("canary"))
    answer = await ask("covered", Example(devices=owner), seconds=0.0)
    owner.tells.set()
    assert answer.later
    assert "canary" not in shown(await answer.later())


async def test_a_guest_is_refused_even_late() -> None:
    assert "guest" in shown((await ask("covered", Example(devices=Owner((PC,), guest=True)))).reply).lower()


def test_it_belongs_in_the_personal_chat() -> None:
    assert [command.private for command in commands(Example().services) if "covered" in command.intents] == [True]
