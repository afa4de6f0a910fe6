"""Where the rollout stands: nothing is said to be in place that was not seen, and what stops everything comes first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.demo.gallery.company import (
    ADMIN,
    APPROVER,
    EVERYBODY,
    FINANCE,
    NOW,
    PILOT,
    TENANT,
    UNREAD,
    policy,
    profile,
    sources,
    target,
)
from bot.demo.gallery.example import Example
from bot.demo.gallery.fakes import Filed
from bot.demo.gallery.tenant import ExampleTenant
from bot.errors import BotError, NotPermitted, StoreUnavailable, TenantUnreachable
from bot.reset_rules.facts import Grant
from bot.reset_rules.sources import SourceKind
from bot.store.records import Freeze
from bot.tenant import Overview
from dialogs.understanding.windows import AS_OF
from dialogs.words.replies import Details, Mark
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
    example = Example(READY)
    text = shown((await ask("live", example, person=ADMIN, topic="assignment", names=f"{FINANCE.name}\nNobody")).reply)
    assert f"{FINANCE.name} is not assigned" in text
    assert "Nobody" not in text
    assert "is not assigned" not in shown(
        (await ask("live", example, person=ADMIN, topic="assignment", names=PILOT.name)).reply
    )


TWIN = replace(PILOT, id="10000000-0000-4000-8000-0000000000aa", devices=0)
NAMESAKE = replace(PILOT, id="10000000-0000-4000-8000-0000000000bb")


async def test_groups_of_one_name_are_told_apart_wherever_the_status_names_them_and_no_others_are() -> None:
    rows = (target(PILOT), target(TWIN), target(FINANCE))
    tenant = ExampleTenant(
        profiles=(profile(),),
        targets=rows,
        known=(PILOT, TWIN, FINANCE, NAMESAKE),
        policies=(policy("off", assignments=rows),),
    )
    first, second = (f"Pilot Ring (…{one.id[-12:]})" for one in (PILOT, TWIN))
    text = shown((await ask("status", Example(tenant), person=ADMIN)).reply)
    for said in ("Included group: {} (", "Conflict on the devices of the group {}: "):
        assert said.format(first) in text
        assert said.format(second) in text
        assert said.format("Finance Laptops") in text
    assert f"{second} is empty now" in text
    alone = ExampleTenant(profiles=(profile(),), targets=(target(PILOT),), known=(PILOT,))
    assert "Included group: Pilot Ring (480" in shown((await ask("status", Example(alone), person=ADMIN)).reply)


async def test_a_group_that_is_not_assigned_is_told_from_an_assigned_one_of_its_name() -> None:
    example = Example(replace(READY, known=(PILOT, NAMESAKE)))
    text = shown((await ask("live", example, person=ADMIN, topic="assignment", names=NAMESAKE.id)).reply)
    assert f"Pilot Ring (…{NAMESAKE.id[-12:]}) is not assigned" in text
    assert f"Included group: Pilot Ring (…{PILOT.id[-12:]})" in text


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
    assert "frozen since Nov 24, 2026, 9:00\N{NARROW NO-BREAK SPACE}AM UTC, by Priya Nair" in first
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
OTHERS = [kind for kind in SourceKind if kind is not SourceKind.CUSTOM]
USER = f"./User/Vendor/MSFT/PassportForWork/{TENANT}/Policies/EnablePinRecovery"
BLANK = f"./Device/Vendor/MSFT/PassportForWork/{TENANT}/Policies/\u00a0EnablePinRecovery"


def _next(details: Details) -> str:
    assert details.status
    return details.status.key.removeprefix("status.next.")


_STEPS = {
    "on": ("elsewhere", "value on"),
    "off": ("elsewhere_off", "switched off by the"),
    "mixed": ("elsewhere_mixed", "value mixed"),
    "contradiction": ("elsewhere_mixed", "contradicts itself"),
}
_SAID = [
    *((kind, value) for kind in (SourceKind.CATALOG, SourceKind.ACCOUNT_PROTECTION) for value in _STEPS),
    *((SourceKind.INTENT, value) for value in ("on", "off", "contradiction")),
    (SourceKind.TEMPLATE, "on"),
]


@pytest.mark.parametrize(("kind", "value"), _SAID)
async def test_what_another_policy_sets_is_said_with_its_own_assignments(kind: SourceKind, value: str) -> None:
    step, words = _STEPS[value]
    found = policy(value, kind, (target(PILOT), target(FINANCE, excluded=True)), "Hello baseline")
    details = await _asked("status", ExampleTenant(policies=(found,)))
    text = shown(details)
    assert words in text
    assert f"Assignments of Hello baseline (…{found.id[-12:]}):" in text
    assert _next(details) == step
    assert "profile.preview" not in _verbs(details)
    assert "Included group: Pilot Ring (480 devices)." in text
    assert "Excluded group: Finance Laptops" in text
    assert not [claim for claim in NO_CLAIM if claim in text]


async def test_nothing_is_said_to_be_assigned_to_nobody_that_was_not_read() -> None:
    details = await _asked("status", ExampleTenant(policies=(policy(assignments=None),)))
    assert "Assigned to nobody" not in shown(details)
    assert "I can't tell whom it reaches" in shown(details)
    assert _next(details) == "elsewhere"


async def test_a_policy_that_is_assigned_to_nobody_may_be_assigned_or_a_profile_made() -> None:
    details = await _asked("status", ExampleTenant(policies=(policy(assignments=()),)))
    assert _next(details) == "elsewhere_unassigned"
    assert "profile.preview" in _verbs(details)
    assert "Assigned to nobody" in shown(details)
    lying = await _asked("status", ExampleTenant(policies=(policy("off", assignments=()),)))
    assert _next(lying) == "profile"


async def test_an_old_template_that_may_set_nothing_is_named_and_stops_nothing() -> None:
    details = await _asked("status", ExampleTenant(policies=(policy("off", SourceKind.TEMPLATE),)))
    text = shown(details)
    assert "switched off by the old Identity protection profile Windows Hello baseline, or not set by it" in text
    assert "Assigned to nobody" not in text
    assert _next(details) == "profile"


@pytest.mark.parametrize(
    "unread",
    [
        *(replace(UNREAD, kind=kind) for kind in OTHERS if kind is not SourceKind.ACCOUNT_PROTECTION),
        *(policy("unread", kind, None) for kind in OTHERS if kind is not SourceKind.TEMPLATE),
    ],
)
async def test_what_could_not_be_checked_is_named_and_stops_nothing(unread: Any) -> None:
    details = await _asked("status", ExampleTenant(policies=(unread,)))
    text = shown(details)
    assert "could not be checked" in text
    assert unread.name in text
    assert "Assigned to nobody" not in text
    assert "No profile sets EnablePinRecovery" not in text
    assert _next(details) == "profile"
    assert _next(await _asked("status", replace(READY, policies=(unread,)))) == "nothing"


@pytest.mark.parametrize(
    ("tenant", "step"),
    [
        (replace(READY, policies=(policy("on"),)), "nothing"),
        (replace(READY, policies=(policy("off"),)), "conflict"),
        (replace(READY, policies=(policy("mixed"),)), "conflict"),
        (replace(READY, policies=(policy("off", assignments=(target(FINANCE),)),)), "differs"),
        (replace(READY, policies=(policy("off", assignments=()),)), "nothing"),
        (replace(READY, profiles=(profile(), profile(number=2))), "nothing"),
        (replace(READY, profiles=(profile(), profile(False, number=2))), "conflict"),
        (ExampleTenant(profiles=(profile(),), policies=(policy("on"),)), "elsewhere"),
        (ExampleTenant(policies=(policy("on"), policy("on", SourceKind.INTENT))), "elsewhere"),
        (ExampleTenant(policies=(policy("on"), policy("off"))), "conflict"),
        (
            ExampleTenant(policies=(policy("on", assignments=(target(PILOT),)), policy("off", assignments=()))),
            "elsewhere",
        ),
    ],
)
async def test_different_values_are_a_conflict_on_the_same_devices_and_said_on_others(
    tenant: ExampleTenant, step: str
) -> None:
    details = await _asked("status", replace(tenant, figures=FIGURES))
    assert _next(details) == step
    assert ("Conflict on" in shown(details)) == (step == "conflict")


async def test_a_conflict_says_which_devices_and_which_two_though_they_have_one_name() -> None:
    second = policy("off", assignments=(target(PILOT), target(FINANCE, excluded=True)), name="Use PIN Recovery")
    text = shown(await _asked("status", replace(READY, policies=(second,))))
    (first,) = sources(READY.profiles)
    assert (
        f"Conflict on the devices of the group Pilot Ring: Use PIN Recovery (…{first.id[-12:]}) and "
        f"Use PIN Recovery (…{second.id[-12:]}) set different values there." in text
    )
    everywhere = replace(READY, targets=(EVERYBODY,), policies=(policy("off"),))
    assert "Conflict on all devices:" in shown(await _asked("status", everywhere))


async def test_where_the_assignments_do_not_tell_a_conflict_is_only_possible() -> None:
    other = replace(READY, policies=(policy("off", assignments=(target(FINANCE),)),))
    for tenant in (other, replace(READY, policies=(policy("off", assignments=None),))):
        text = shown(await _asked("status", tenant))
        assert "A device that both reach would have a conflict" in text
        assert "Conflict on" not in text


@pytest.mark.parametrize(("count", "more"), [(5, False), (6, True), (40, True)])
async def test_of_many_conflicts_the_first_are_shown_and_that_there_are_more(count: int, *, more: bool) -> None:
    off = (replace(policy("off"), id=f"40000000-0000-4000-8000-{number:012}") for number in range(count))
    text = shown(await _asked("status", ExampleTenant(policies=(policy("on"), *off))))
    assert text.count("Conflict on all devices") == 5
    assert ("There are more like these. Settle these first" in text) is more


async def test_a_right_copy_that_is_assigned_to_nobody_is_listed_and_blocks_nothing() -> None:
    (copy,) = sources((profile(number=7),))
    details = await _asked("status", replace(READY, policies=(copy,), figures=FIGURES))
    text = shown(details)
    assert "Use PIN Recovery (…000000000001) exists and its setting is right" in text
    assert "Use PIN Recovery (…000000000007) exists and its setting is right" in text
    assert "Included group: Pilot Ring" in text
    assert "Succeeded: 354" in text
    assert "conflict on" not in text.lower()
    assert _next(details) == "nothing"


async def test_the_same_value_twice_is_said_to_be_double_work() -> None:
    text = shown(await _asked("status", replace(READY, policies=(policy("on"),))))
    assert "double work and no conflict" in text


async def test_a_profile_for_users_works_for_these_only_and_is_left() -> None:
    details = await _asked("status", ExampleTenant(profiles=(profile(True, USER),), targets=(target(PILOT),)))
    assert "works for these users only" in shown(details)
    assert "wrong" not in shown(details)
    assert _next(details) == "users_only"


async def test_a_blank_in_a_path_is_found_and_shown() -> None:
    details = await _asked("status", ExampleTenant(profiles=(profile(True, BLANK),), targets=(target(PILOT),)))
    text = shown(details)
    assert _next(details) == "correction"
    assert "Policies/[U+00A0]EnablePinRecovery" in text
    assert "Included group: Pilot Ring" in text
    assert "No profile sets EnablePinRecovery" not in text


async def test_a_profile_that_contradicts_itself_is_said_to() -> None:
    found = profile()
    found["omaSettings"].append({**found["omaSettings"][0], "value": False})
    details = await _asked("status", ExampleTenant(profiles=(found,), targets=(target(PILOT),)))
    assert "contradicts itself" in shown(details)
    assert "a conflict on every device that it reaches" in shown(details)
    assert _next(details) == "correction"


async def test_what_comes_from_a_policy_set_is_said_to() -> None:
    made = {"source": "policySets", "sourceId": "s"}
    text = shown(await _asked("status", replace(READY, targets=(target(PILOT) | made,))))
    assert "Pilot Ring is assigned by a policy set" in text
    assert "comes from a policy set" not in text
    text = shown(await _asked("status", replace(READY, targets=(EVERYBODY | made,))))
    assert "The assignment to everybody comes from a policy set" in text


@pytest.mark.parametrize(("days", "said"), [(400, False), (401, True)])
async def test_a_table_of_windows_that_grew_old_is_said_with_its_date(days: int, said: bool) -> None:
    services = Example(tenant=READY).services
    requests = replace(services.changes.requests, now=lambda: datetime(*AS_OF.timetuple()[:3], tzinfo=UTC) + days * DAY)
    changed = replace(services, changes=replace(services.changes, requests=requests))
    text = shown((await ask("status", changed, person=ADMIN)).reply)
    assert (f"My table of Windows releases is of {AS_OF:%b} {AS_OF.day}, {AS_OF.year}" in text) is said


_DONE, _TO_DO, _PROBLEM, _UNKNOWN = Mark.DONE, Mark.TO_DO, Mark.PROBLEM, Mark.UNKNOWN


@pytest.mark.parametrize(
    ("tenant", "marks"),
    [
        (ExampleTenant(apps=(), grant=False), (_TO_DO, _TO_DO, _TO_DO)),
        (replace(READY, apps=(), grant=False), (_TO_DO, _DONE, _DONE)),
        (READY, (_DONE, _DONE, _DONE)),
        (replace(READY, grant=NotPermitted("403")), (_UNKNOWN, _DONE, _DONE)),
        (replace(READY, targets=()), (_DONE, _DONE, _TO_DO)),
        (replace(READY, policies=(policy("off"),)), (_DONE, _PROBLEM, _DONE)),
        (ExampleTenant(policies=(policy("off"),)), (_DONE, _PROBLEM, _TO_DO)),
        (ExampleTenant(policies=(policy("on"),)), (_DONE, _DONE, _DONE)),
        (ExampleTenant(policies=(policy("on", assignments=None),)), (_DONE, _DONE, _UNKNOWN)),
        (ExampleTenant(policies=(UNREAD,)), (_DONE, _UNKNOWN, _UNKNOWN)),
        (ExampleTenant(profiles=(profile(False),), targets=(target(PILOT),)), (_DONE, _PROBLEM, _TO_DO)),
        (ExampleTenant(profiles=(profile(True, USER),), targets=(target(PILOT),)), (_DONE, _TO_DO, _TO_DO)),
    ],
)
async def test_each_part_is_marked_by_itself_and_what_was_not_read_is_not_known(
    tenant: ExampleTenant, marks: tuple[Mark, ...]
) -> None:
    details = await _asked("status", tenant)
    assert tuple(check.mark for check in details.checks) == marks
    assert shown(details).count(": done") == marks.count(_DONE)


async def test_the_rest_is_one_tap_away_and_what_was_asked_for_or_is_to_be_mended_by_hand_is_open() -> None:
    def opened(details: Details) -> list[str]:
        return [one.title.key.split(".")[1] for one in details.sections if not one.folded]

    assert opened(await _asked("status")) == []
    asked = (await ask("live", Example(READY), person=ADMIN, topic="devices")).reply
    assert isinstance(asked, Details)
    assert opened(asked) == ["devices"]
    assert opened(await _asked("status", replace(READY, policies=(policy("off"),)))) == ["profile"]


async def test_a_bar_has_its_numbers_in_words_beside_it() -> None:
    assert "Succeeded 354 · Error 9 · Conflict 2 · Pending 83" in shown(
        await _asked("status", replace(READY, figures=FIGURES))
    )
