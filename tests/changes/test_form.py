"""The form to assign: a group is found as an admin types, and nobody else finds any."""

import re
from typing import Any

import pytest

from bot.changes.groups import GROUPS
from bot.demo.gallery.company import ADMIN, PILOT, profile
from bot.demo.gallery.example import Example
from bot.demo.gallery.tenant import ExampleTenant
from bot.simulation import World
from bot.simulation.state import CHANGING, PERMISSIONS
from dialogs.understanding.groups.sentences import sentences
from dialogs.words.replies import Details
from tests.changes.conftest import rolled_out
from tests.changes.test_groups import DEVICES_RULE, new_group
from tests.chat.asking import ask, shown
from tests.journeys.test_rollout import press, say, until


async def _titles(world: World, person: str, text: str, dataset: str = GROUPS, **where: Any) -> list[str]:
    answer = await world.teams.search(person, text, dataset, **where)
    assert answer.status == 200
    assert answer.body["type"] == "application/vnd.microsoft.search.searchResponse"
    return [str(one["title"]) for one in answer.body["value"]["results"]]


@pytest.mark.parametrize("typed", ["fin", "Finance", "finance lap", "Finence"])
async def test_an_admin_finds_a_group_by_its_beginning_or_nearly_its_name(rollout: World, typed: str) -> None:
    titles = await _titles(rollout, "admin", typed)
    assert titles[0] == "Finance Laptops"


@pytest.mark.parametrize("person", ["approver", "user"])
async def test_T50_nobody_but_an_admin_finds_a_group(rollout: World, person: str) -> None:  # noqa: N802
    assert await _titles(rollout, person, "Finance") == []


async def test_nothing_is_found_elsewhere_or_where_others_read_along_or_in_what_is_no_name(rollout: World) -> None:
    assert await _titles(rollout, "admin", "Finance", "people") == []
    assert await _titles(rollout, "admin", "Finance", where="channel") == []
    assert await _titles(rollout, "admin", '"x" OR displayName:') == []


@pytest.mark.parametrize("value", [None, "x", {}, {"queryText": 7, "dataset": GROUPS}, {"queryText": ["Finance"]}])
async def test_a_search_that_can_not_be_read_finds_nothing(rollout: World, value: Any) -> None:
    activity = {**(await rollout.teams.search("admin", "Finance", GROUPS)).activity, "value": value}
    answer = await rollout.teams.post(activity)
    assert (answer.status, answer.body["value"]) == (200, {"results": []})


async def test_where_the_bot_may_read_no_groups_nothing_is_found() -> None:
    async with rolled_out(without=PERMISSIONS | CHANGING) as world:
        assert await _titles(world, "admin", "Finance") == []


async def test_what_is_next_on_the_status_opens_the_form_and_the_form_the_preview(rollout: World) -> None:
    await say(rollout, "admin", "status")
    said = rollout.chats.personal("admin").by_bot()[-1]
    form = await press(rollout, "admin", said, "Assign to a group…")
    assert "Group to cover" in form
    picked = rollout.company.groups["finance"].id
    await press(rollout, "admin", said, "Show the change", include=picked, exclude="Kiosk Devices")
    preview = await until(rollout, said, "admin", "Your plan")
    assert "Add group Finance Laptops" in preview


async def test_a_picked_group_and_written_ones_are_both_included() -> None:
    tenant = ExampleTenant(profiles=(profile(),), targets=())
    reply = (await ask("assign", Example(tenant), person=ADMIN, include=PILOT.id, also="Finance Laptops")).reply
    assert isinstance(reply, Details)
    text = shown(reply)
    assert "Add group Pilot Ring" in text
    assert "Add group Finance Laptops" in text


@pytest.mark.parametrize("text", ["assign Sites in May", "assign Finance Laptops, Sites in May"])
async def test_a_group_whose_name_ends_like_a_moment_is_that_group(rollout: World, text: str) -> None:
    new_group(rollout, "Sites in May")
    new_group(rollout, "Sites")
    preview = await say(rollout, "admin", text)
    assert "Add group Sites in May" in preview
    assert "Add group Sites:" not in preview
    assert "I can't schedule" not in preview


async def test_a_moment_after_such_a_name_is_one_and_either_side_may_have_the_name(rollout: World) -> None:
    for name in ("Sites in May", "Sites"):
        new_group(rollout, name, DEVICES_RULE)
    preview = await say(rollout, "admin", "assign Sites in May tomorrow")
    assert "Add group Sites in May" in preview
    assert "I can't schedule (tomorrow)" in preview
    for text in ("don't assign Finance Laptops, assign Sites in May", "assign Finance Laptops exclude Sites in May"):
        preview = await say(rollout, "admin", text)
        assert re.search("(Add|Keep out) group Sites in May: ", preview)
        assert "I can't schedule" not in preview


async def test_which_of_two_groups_of_such_a_name_is_asked(rollout: World) -> None:
    for number in range(2):
        new_group(rollout, "Sites in May", number=number)
    assert "Which group do you mean?" in await say(rollout, "admin", "assign Sites in May")


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("assign Finance Laptops next Monday 9:00", "next Monday 9:00"),
        ("assign Finance Laptops on Friday at 18:00 please", "on Friday at 18:00"),
        ("assign Finance Laptops on 2026-12-01", "on 2026-12-01"),
        ("assign Finance Laptops on 1 December at 8 am reason CHG-7", "on 1 December at 8 am"),
        ("please assign Finance Laptops tomorrow", "tomorrow"),
        ("assign Finance Laptops 07:30", "07:30"),
    ],
)
async def test_a_moment_is_said_not_to_be_kept_and_the_rest_is(rollout: World, text: str, when: str) -> None:
    preview = await say(rollout, "admin", text)
    assert f"I can't schedule ({when})" in preview
    assert "Add group Finance Laptops" in preview
    assert ("CHG-7" in str(rollout.chats.personal("admin").by_bot()[-1].activity)) == ("CHG-7" in text)


@pytest.mark.parametrize(
    "name", ["Monday Ring", "Ring Monday", "Ring 1.5", "Ring 2026", "Night Shift", "Patch Week", "Sites in May"]
)
def test_a_name_with_a_day_in_it_is_a_name(name: str) -> None:
    found = sentences().read(f'assign "{name}"')
    assert found is not None
    assert (found.include, found.when) == ((name,), "")
    bare = sentences().read(f"assign {name}")
    assert bare is not None
    assert (bare.when == "") == (name != "Sites in May")


async def test_two_groups_of_one_name_are_told_apart_and_no_other_has_an_id(rollout: World) -> None:
    twin = new_group(rollout, "Finance Laptops")
    titles = await _titles(rollout, "admin", "finance")
    assert f"Finance Laptops · …{twin[-6:]}" in titles
    assert await _titles(rollout, "admin", "pilot") == ["Pilot Ring"]


async def test_a_client_that_can_not_search_has_some_groups_to_choose_from(rollout: World) -> None:
    await say(rollout, "admin", "status")
    said = rollout.chats.personal("admin").by_bot()[-1]
    await press(rollout, "admin", said, "Assign to a group…")
    picker = next(one for one in (said.card_of("admin") or {})["body"] if one["type"] == "Input.ChoiceSet")
    titles = [choice["title"] for choice in picker["choices"]]
    assert "Finance Laptops" in titles
    assert titles == sorted(titles, key=str.casefold)
    assert await _titles(rollout, "admin", "") == titles


async def test_a_form_whose_groups_can_not_be_read_asks_for_their_names(rollout: World) -> None:
    await say(rollout, "admin", "status")
    said = rollout.chats.personal("admin").by_bot()[-1]
    rollout.faults.fail("graph/v1.0/groups")
    form = await press(rollout, "admin", said, "Assign to a group…")
    assert "Groups to cover: their names as Entra has them" in form
    assert "Type a part of the name" not in form
