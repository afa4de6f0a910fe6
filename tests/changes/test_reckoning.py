"""How many PCs a change comes to: inclusion and exclusion together, and what can't be reckoned is said to be so."""

from dataclasses import replace
from typing import Any

import pytest

from bot.approvals.plan import Plan
from bot.changes import assignment
from bot.changes.assign_effect import AssignEffect, Reckoned, brief, lines
from bot.changes.reckoning import MOST_MEMBERS, reckon
from bot.demo.gallery.company import ADMIN, FINANCE, PILOT, policy, profile, target
from bot.demo.gallery.example import Example
from bot.demo.gallery.tenant import ExampleTenant
from bot.simulation import World
from dialogs.words import texts
from tests.approvals.harness import group, ready_tenant, row
from tests.changes.conftest import rolled_out
from tests.chat.asking import ask, shown
from tests.journeys.test_rollout import say

A, B, KIOSKS, EMPTY, USERS = (
    group(1, devices=3, name="A"),
    group(2, devices=2, name="B"),
    group(3, devices=1, name="Kiosks"),
    group(4, devices=0, name="Empty"),
    group(5, users=9, devices=0, name="People"),
)
KNOWN = {one.id: one for one in (A, B, KIOSKS, EMPTY, USERS)}
PCS = {A.id: {"1": "PC-1", "2": "PC-2", "3": "PC-3"}, B.id: {"3": "PC-3", "4": "PC-4"}, KIOSKS.id: {"1": "PC-1"}}
ALL = {"id": "all", "target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}


def _counts(plan: Plan) -> tuple[int | None, int | None, bool]:
    found = reckon(AssignEffect.model_validate(plan.effect), PCS)
    return found.gained, found.lost, found.partly


@pytest.mark.parametrize(
    ("before", "include", "exclude", "counts"),
    [
        ([], [A], [], (3, 0, False)),
        ([], [A], [KIOSKS], (2, 0, False)),  # both sides at once
        ([row(A)], [B], [], (1, 0, False)),  # PC-3 is covered already
        ([row(A)], [], [KIOSKS], (0, 1, False)),
        ([row(A), row(KIOSKS, excluded=True)], [B], [], (1, 0, False)),
        ([ALL], [A], [], (0, 0, False)),
        ([ALL], [], [KIOSKS], (0, 1, False)),
        ([], [EMPTY], [], (0, 0, False)),
        ([row(A)], [USERS], [], (None, None, True)),  # which PCs people have is not known here
        ([row(USERS)], [A], [], (3, 0, True)),
    ],
)
def test_inclusion_and_exclusion_are_reckoned_together(
    before: list[Any], include: list[Any], exclude: list[Any], counts: tuple[int | None, int | None, bool]
) -> None:
    assert _counts(assignment.assign(ready_tenant(*before), include, exclude, KNOWN)) == counts


def test_who_leaves_loses_cover_only_where_nothing_else_gives_it() -> None:
    tenant = ready_tenant(row(A), row(B), row(KIOSKS, excluded=True))
    assert _counts(assignment.unassign(tenant, [A], KNOWN)) == (0, 1, False)  # PC-1 was kept out, PC-3 is in B
    assert _counts(assignment.unassign(tenant, [KIOSKS], KNOWN)) == (1, 0, False)


def test_a_changed_group_that_was_not_read_has_no_number() -> None:
    plan = assignment.assign(ready_tenant(), [group(8)], [], KNOWN)
    assert _counts(plan) == (None, None, True)


def test_a_plan_of_before_says_nothing_of_it_and_keeps_its_digest() -> None:
    plan = assignment.assign(ready_tenant(), [A], [], KNOWN)
    assert "reckoned" not in plan.effect
    assert not [text for text in lines(plan) if text.key.startswith("effect.reckoned")]


def test_the_title_says_how_many_more() -> None:
    plan = assignment.assign(ready_tenant(), [A], [], KNOWN)
    effect = AssignEffect.model_validate(plan.effect)
    for found, said in (
        (Reckoned(gained=1, lost=0), "cover A, 1 more PC"),
        (Reckoned(gained=2, lost=1), "cover A, 2 more PCs, 1 PC less"),
        (Reckoned(gained=0, lost=2), "cover A, 2 PCs less"),
        (Reckoned(partly=True), "cover A"),
    ):
        reckoned_plan = plan.model_copy(
            update={"effect": effect.model_copy(update={"reckoned": found}).model_dump(mode="json")}
        )
        assert texts.words("en").plain(brief(reckoned_plan)) == said


async def test_the_preview_counts_what_the_tenant_shows_nested_groups_included(rollout: World) -> None:
    pcs = rollout.company.groups["finance"].devices
    preview = await say(rollout, "admin", "assign Finance Laptops")
    gained = len(pcs - rollout.company.groups["pilot"].devices)
    assert f"Newly covered: {gained} PC" in preview
    rollout.tenant.members[rollout.company.groups["pilot"].id].add(rollout.company.groups["finance"].id)
    assert "No PC comes or goes" in await say(rollout, "admin", "assign Finance Laptops")


async def test_devices_that_may_not_be_read_are_not_counted_as_none() -> None:
    async with rolled_out(without={"Device.Read.All", "Directory.Read.All"}) as world:
        preview = await say(world, "admin", "assign Finance Laptops")
    assert "Your plan" in preview
    assert "can't reckon" in preview
    assert "No PC comes or goes" not in preview


_NARROWED = {"target": {**target(PILOT)["target"], "deviceAndAppManagementAssignmentFilterId": "f1"}}
_READY = ExampleTenant(profiles=(profile(),), targets=(target(PILOT),))


async def _preview(tenant: ExampleTenant, name: str = FINANCE.name) -> str:
    return shown((await ask("assign", Example(tenant), person=ADMIN, include=name)).reply)


async def test_the_first_names_are_said_and_the_others_are_counted() -> None:
    said = await _preview(_READY)
    assert (
        "Newly covered: 120 PCs: CON-FIN-0001, CON-FIN-0002, CON-FIN-0003, CON-FIN-0004, CON-FIN-0005 and 115" in said
    )
    assert "Your plan: cover Finance Laptops, 120 more PCs" in said
    assert "can't reckon" not in said


async def test_what_else_may_decide_is_said_beside_the_number() -> None:
    for tenant in (
        replace(_READY, targets=(_NARROWED,)),
        replace(_READY, policies=(policy("on", assignments=(target(PILOT),)),)),
        replace(_READY, known=(replace(PILOT, devices=MOST_MEMBERS + 1), FINANCE)),
    ):
        said = await _preview(tenant)
        assert "Newly covered: 120 PCs" in said
        assert "Some I can't reckon" in said


async def test_a_very_large_group_is_not_read() -> None:
    said = await _preview(replace(_READY, known=(PILOT, replace(FINANCE, devices=MOST_MEMBERS + 1))))
    assert "How many PCs come or go I can't reckon" in said
