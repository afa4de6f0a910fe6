"""Where the rollout stands: nothing is said to be in place that was not seen, and what stops everything comes first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.demo.gallery.fakes import ADMIN, APPROVER, FINANCE, NOW, PILOT, Example, ExampleTenant, Filed, profile, target
from bot.errors import BotError, NotPermitted, StoreUnavailable, TenantUnreachable
from bot.reset_rules.facts import Grant, Policy, PolicyKind, Value
from bot.store.records import Freeze
from bot.tenant import Overview
from dialogs.understanding.windows import AS_OF
from dialogs.words.replies import Details
from tests.chat.asking import ask, shown

READY = ExampleTenant(profiles=(profile(),), targets=(target(PILOT),))
FROZEN = Freeze(frozen=True, revision=1, actor=APPROVER, reason="INC-77", at=NOW)

DAY = timedelta(days=1)


async def _asked(key: str, tenant: ExampleTenant = READY, **filed: Any) -> Details:
    reply = (await ask(key, Example(tenant, Filed(**filed)), person=ADMIN)).reply
    assert isinstance(reply, Details)
    return reply


def _verbs(details: Details) -> list[str]:
    return [button.verb for button in details.buttons]


async def test_a_group_that_was_asked_about_and_is_not_assigned_is_said_to_be_so() -> None:
    told = Example(READY)
    text = shown((await ask("live", told, person=ADMIN, topic="assignment", names=f"{FINANCE.name}\nNobody")).reply)
    assert f"{FINANCE.name} is not assigned" in text
    assert "Nobody" not in text
    assert "is not assigned" not in shown(
        (await ask("live", told, person=ADMIN, topic="assignment", names=PILOT.name)).reply
    )


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
    details = await _asked("status", replace(READY, grant=error))
    assert "Nothing is missing" not in shown(details)
    assert words in shown(details)
    assert not_words not in shown(details)
    assert details.status
    assert details.status.key == f"status.next.{grant}"
    assert "consent.verify" in _verbs(details)


async def test_what_else_is_missing_is_told_before_a_grant_that_can_not_be_read() -> None:
    details = await _asked("status", replace(READY, targets=(), grant=NotPermitted("403")))
    assert details.status
    assert details.status.key == "status.next.assignment"


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


FIGURES = Overview(succeeded=354, error=9, conflict=2, pending=83, not_applicable=32, at=NOW)
NO_CLAIM = ("Assigned to nobody", "No figures about devices yet", "Succeeded:", "Nothing is missing")


def _policy(value: Value, kind: PolicyKind = PolicyKind.CATALOG, name: str = "Hello baseline") -> Policy:
    return Policy(kind, value, name)


def _next(details: Details) -> str:
    assert details.status
    return details.status.key.removeprefix("status.next.")


@pytest.mark.parametrize(
    ("kind", "value", "step", "words"),
    [
        (PolicyKind.TEMPLATE, Value.ON, "elsewhere", "value on"),
        *(
            (kind, value, step, words)
            for kind in (PolicyKind.CATALOG, PolicyKind.INTENT)
            for value, step, words in (
                (Value.ON, "elsewhere", "value on"),
                (Value.OFF, "elsewhere_off", "switched off by the"),
                (Value.MIXED, "elsewhere_mixed", "value mixed"),
            )
        ),
    ],
)
async def test_what_another_policy_sets_is_said_and_nothing_of_its_assignments(
    kind: PolicyKind, value: Value, step: str, words: str
) -> None:
    details = await _asked("status", ExampleTenant(policies=(_policy(value, kind),)))
    text = shown(details)
    assert words in text
    assert "Hello baseline" in text
    assert _next(details) == step
    assert "profile.preview" not in _verbs(details)
    assert not [claim for claim in NO_CLAIM if claim in text]
    assert "are shown in Intune" in text


async def test_an_old_template_that_may_set_nothing_is_named_and_stops_nothing() -> None:
    details = await _asked("status", ExampleTenant(policies=(_policy(Value.OFF, PolicyKind.TEMPLATE),)))
    text = shown(details)
    assert "switched off by the old Identity protection profile Hello baseline, or not set by it" in text
    assert "Assigned to nobody" not in text
    assert _next(details) == "profile"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *((kind, "") for kind in PolicyKind),
        *((kind, "Hello baseline") for kind in (PolicyKind.CATALOG, PolicyKind.INTENT)),
    ],
)
async def test_what_could_not_be_checked_is_named_and_stops_nothing(kind: PolicyKind, name: str) -> None:
    unread = (_policy(Value.UNREAD, kind, name),)
    details = await _asked("status", ExampleTenant(policies=unread))
    text = shown(details)
    assert "could not be checked" in text
    assert name in text
    assert "Assigned to nobody" not in text
    assert "No profile sets EnablePinRecovery" not in text
    assert _next(details) == "profile"
    assert _next(await _asked("status", replace(READY, policies=unread))) == "nothing"


@pytest.mark.parametrize(
    ("tenant", "step"),
    [
        (replace(READY, policies=(_policy(Value.ON),)), "one_source"),
        (replace(READY, policies=(_policy(Value.OFF),)), "conflict"),
        (replace(READY, policies=(_policy(Value.MIXED),)), "conflict"),
        (replace(READY, profiles=(profile(), profile())), "one_source"),
        (replace(READY, profiles=(profile(), profile(False))), "conflict"),
        (replace(READY, profiles=(profile(), profile(False, "./Vendor/MSFT/x/EnablePinRecovery"))), "one_source"),
        (ExampleTenant(policies=(_policy(Value.ON), _policy(Value.ON, PolicyKind.INTENT))), "elsewhere"),
        (ExampleTenant(policies=(_policy(Value.ON), _policy(Value.OFF))), "conflict"),
    ],
)
async def test_only_different_values_are_a_conflict(tenant: ExampleTenant, step: str) -> None:
    details = await _asked("status", replace(tenant, figures=FIGURES))
    assert _next(details) == step
    text = shown(details)
    assert not [claim for claim in NO_CLAIM if claim in text]
    assert ("is a conflict on" in text) == (step == "conflict")


@pytest.mark.parametrize(("days", "said"), [(400, False), (401, True)])
async def test_a_table_of_windows_that_grew_old_is_said_with_its_date(days: int, said: bool) -> None:
    services = Example(tenant=READY).services
    requests = replace(services.changes.requests, now=lambda: datetime(*AS_OF.timetuple()[:3], tzinfo=UTC) + days * DAY)
    told = replace(services, changes=replace(services.changes, requests=requests))
    text = shown((await ask("status", told, person=ADMIN)).reply)
    assert (f"My table of Windows releases is of {AS_OF}" in text) is said
