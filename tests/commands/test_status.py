"""Where the rollout stands: nothing is said to be in place that was not seen, and what stops everything comes first."""

from dataclasses import replace

import pytest

from bot.approvals.looks import Grant
from bot.errors import BotError, NotPermitted, StoreUnavailable, TenantUnreachable
from bot.gallery.neighbours import ADMIN, APPROVER, NOW, PILOT, Tenant, neighbours, profile, target
from bot.store.records import Freeze
from dialogs.replies import Sheet
from tests.commands.asking import ask, shown

READY = Tenant(profiles=(profile(),), targets=(target(PILOT),))
FROZEN = Freeze(frozen=True, revision=1, actor=APPROVER, reason="INC-77", at=NOW)


async def _asked(key: str, tenant: Tenant = READY, **more: Freeze | BotError | bool) -> Sheet:
    reply = (await ask(key, neighbours(tenant, **more), person=ADMIN)).reply  # type: ignore[arg-type]  # by name
    assert isinstance(reply, Sheet)
    return reply


def _verbs(sheet: Sheet) -> list[str]:
    return [button.verb for button in sheet.buttons]


@pytest.mark.parametrize(
    ("error", "grant", "words", "not_words"),
    [
        (NotPermitted("403"), Grant.NOT_PERMITTED, "Directory.Read.All", "a few minutes"),
        (TenantUnreachable("503"), Grant.UNKNOWN, "a few minutes", "Directory.Read.All"),
    ],
)
async def test_a_grant_that_was_not_seen_is_not_in_place(
    error: BotError, grant: Grant, words: str, not_words: str
) -> None:
    sheet = await _asked("status", replace(READY, grant=error))
    assert "Nothing is missing" not in shown(sheet)
    assert words in shown(sheet)
    assert not_words not in shown(sheet)
    assert sheet.status
    assert sheet.status.key == f"status.next.{grant}"
    assert "consent.verify" in _verbs(sheet)


async def test_what_else_is_missing_is_told_before_a_grant_that_can_not_be_read() -> None:
    sheet = await _asked("status", replace(READY, targets=(), grant=NotPermitted("403")))
    assert sheet.status
    assert sheet.status.key == "status.next.assignment"


@pytest.mark.parametrize("key", ["status", "verify_consent"])
async def test_a_missing_grant_offers_the_links_and_the_check(key: str) -> None:
    verbs = _verbs(await _asked(key, replace(READY, grant=False)))
    assert verbs[:2] == ["consent.preview", "consent.verify"]


async def test_a_consent_that_is_there_needs_no_links() -> None:
    assert "consent.preview" not in _verbs(await _asked("verify_consent"))


async def test_a_freeze_is_said_first_with_who_since_when_and_why() -> None:
    first = shown(await _asked("status", freeze=FROZEN)).splitlines()[1]
    assert "frozen since 2026-11-24 09:00 UTC, by Priya Nair" in first
    assert "INC-77" in first


async def test_a_freeze_whose_reason_was_erased_is_said_all_the_same() -> None:
    assert "who said: –" in shown(await _asked("status", freeze=replace(FROZEN, reason="")))


async def test_read_only_is_said_first() -> None:
    assert "read only" in shown(await _asked("status", read_only=True)).splitlines()[1]


async def test_a_store_that_is_away_does_not_hide_the_rollout() -> None:
    said = shown(await _asked("status", freeze=StoreUnavailable("locked")))
    assert "can't tell right now whether changes are frozen" in said
    assert "Included group: Pilot Ring" in said


async def test_nothing_is_said_of_a_freeze_when_there_is_none() -> None:
    assert (await _asked("status")).notices == ()
