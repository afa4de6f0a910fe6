"""What is said of groups before anybody approves: what fills them, what narrows them, who else assigns them."""

from collections.abc import Iterable
from typing import Any

import pytest

from bot.approvals.refusals import Reason
from bot.changes.groups import UnknownGroup, one
from bot.errors import TenantUnreachable
from bot.simulation import World
from bot.simulation.objects import entra, intune
from bot.simulation.people import identity
from bot.tenant import MOST_COUNTED, Filling, Group
from bot.tenant.models import GroupRow
from bot.tenant.roles import filling
from tests.journeys.test_rollout import decide, file, newest, press, say, shown, until

FILTER = "eeeeeeee-0000-4000-8000-000000000001"
DEVICES_RULE, USERS_RULE = '(device.displayName -startsWith "user.CON")', '(user.department -eq "device.Finance")'
EVERYBODY = "#microsoft.graph.{}AssignmentTarget"


def _targets(world: World) -> list[Any]:
    return next(iter(world.tenant.assignments.values()))


def _target(world: World, key: str) -> dict[str, Any]:
    group = world.company.groups[key].id
    return next(row for row in _targets(world) if row["target"].get("groupId") == group)


def _narrow(world: World, key: str, mode: str = "include", name: str = "Corporate laptops") -> None:
    if name:
        world.tenant.filters[FILTER] = intune.assignment_filter(FILTER, name)
    _target(world, key)["target"] |= {
        "deviceAndAppManagementAssignmentFilterId": FILTER,
        "deviceAndAppManagementAssignmentFilterType": mode,
    }


def new_group(world: World, name: str, rule: str = "", *, paused: bool = False, number: int = 0) -> str:
    """Make one; its id."""
    group = {
        **next(iter(world.tenant.groups.values())),
        "id": identity("group", name, str(number)),
        "displayName": name,
    }
    world.tenant.groups[group["id"]] = entra.dynamic(group, rule, paused=paused) if rule else group
    world.tenant.members[group["id"]] = set()
    return str(group["id"])


def _everybody(world: World, kind: str, **target: str) -> None:
    _targets(world).append({"id": kind, "target": {"@odata.type": EVERYBODY.format(kind), **target}})


def _by_policy_set(world: World, key: str, *, excluded: bool = False) -> dict[str, Any]:
    profile = next(iter(world.tenant.assignments))
    group = world.company.groups[key].id
    row = intune.assignment(profile, group, excluded=excluded) | {"source": "policySets", "sourceId": "ps1"}
    _targets(world).append(row)
    return row


@pytest.mark.parametrize("mode", ["include", "exclude"])
async def test_a_filter_on_an_assigned_group_is_named_wherever_the_group_is(rollout: World, mode: str) -> None:
    _narrow(rollout, "pilot", mode)
    for text in ("assign Pilot Ring", "assign Finance Laptops", "status"):
        card = await say(rollout, "admin", text)
        assert "Corporate laptops" in card
        assert f"({mode})" in card
        assert "I don't change filters" in card
    assert "Already so" in await say(rollout, "admin", "assign Pilot Ring")


@pytest.mark.parametrize("unread", [True, False])
async def test_a_filter_whose_name_can_not_be_read_is_no_reason_to_say_nothing(rollout: World, *, unread: bool) -> None:
    _narrow(rollout, "pilot", name="" if not unread else "Corporate laptops")
    if unread:
        rollout.faults.fail("graph/beta/deviceManagement/assignmentFilters", 403)
    assert FILTER[-12:] in await say(rollout, "admin", "assign Pilot Ring")
    assert FILTER[-12:] in await say(rollout, "admin", "status")
    assert "Filters that stay as they are: 1" in await say(rollout, "admin", "assign Finance Laptops")


async def test_a_filter_is_kept_when_a_group_is_added_beside_it(rollout: World) -> None:
    _narrow(rollout, "pilot")
    own = await file(rollout, "admin", "assign Finance Laptops", 1)
    assert "Corporate laptops" in shown(own, "admin")
    await decide(rollout, "approver", 1)
    await until(rollout, own, "admin", "Done")
    assert _target(rollout, "pilot")["target"]["deviceAndAppManagementAssignmentFilterId"] == FILTER


@pytest.mark.parametrize(
    ("rule", "paused", "words"),
    [
        (DEVICES_RULE, False, "is empty now; dynamic, fills by its rule, with devices"),
        (USERS_RULE, False, "is empty now; dynamic, fills by its rule, with users"),
        (DEVICES_RULE, True, "its rule is paused"),
        ("", False, "is empty now; nobody gets the profile by it until members are added"),
    ],
)
async def test_an_empty_group_is_said_to_be_so_with_what_fills_it(
    rollout: World, rule: str, words: str, *, paused: bool
) -> None:
    new_group(rollout, "New Laptops", rule, paused=paused)
    card = await say(rollout, "admin", "assign New Laptops")
    assert ("Nothing has changed yet" in card) is (rule != USERS_RULE)  # Kiosk Devices are excluded: another kind
    if rule != USERS_RULE:
        assert words in card
    _targets(rollout).pop()  # the exclusion
    assert words in await say(rollout, "admin", "assign New Laptops")


async def test_empty_groups_that_stay_are_named_together_by_what_fills_them(rollout: World) -> None:
    for number in range(3):
        for rule in ("", DEVICES_RULE):
            group = new_group(rollout, f"New {'dynamic ' * bool(rule)}{number}", rule)
            _targets(rollout).append(intune.assignment(next(iter(rollout.tenant.assignments)), group))
    card = await say(rollout, "admin", "assign Finance Laptops")
    assert "Empty now, and nobody is in them until members are added: New 0, New 1, and New 2." in card
    assert "each fills by its rule, with devices: New dynamic 0, New dynamic 1, and New dynamic 2." in card
    assert "is empty now" not in card
    assert card.count("stays included: 0 devices.") == 6


@pytest.mark.parametrize(
    "text",
    [
        "assign group finance laptops",
        "Assign To FINANCE LAPTOPS",
        "ASSIGN FINANCE LAPTOPS",
        "please assign the profile to the group finance laptops",
        "can you add fInAnCe LaPtOpS to the rollout?",
    ],
)
async def test_a_group_is_found_in_whatever_case_its_name_is_written(rollout: World, text: str) -> None:
    said = await say(rollout, "admin", text)
    assert "Add group Finance Laptops: " in said
    assert "01a4cef6f793" in said


async def test_of_groups_that_differ_by_case_alone_the_one_spelled_so_is_taken_else_there_is_a_choice(
    rollout: World,
) -> None:
    twin = new_group(rollout, "FINANCE laptops")
    for name, tail in (("Finance Laptops", "01a4cef6f793"), ("FINANCE laptops", twin[-12:])):
        said = await say(rollout, "admin", f"assign {name}")
        assert f"Add group {name}: " in said
        assert tail in said
    choice = await say(rollout, "admin", "assign finance laptops")
    assert "Finance Laptops: 2 devices (…01a4cef6f793)" in choice
    assert f"FINANCE laptops: 0 devices (…{twin[-12:]})" in choice
    picked = await press(rollout, "admin", newest(rollout, "admin"), "Show the change", choice=twin)
    assert "Nothing has changed yet" in await until(rollout, newest(rollout, "admin"), "admin", "FINANCE"), picked


async def test_a_group_that_differs_by_case_from_an_assigned_one_is_not_said_to_be_assigned(rollout: World) -> None:
    new_group(rollout, "PILOT ring")
    assert "PILOT ring is not assigned" in await say(rollout, "admin", 'is "PILOT ring" assigned?')
    assert "is not assigned" not in await say(rollout, "admin", 'is "Pilot Ring" assigned?')
    assert "is not assigned" not in await say(rollout, "admin", 'is "pilot ring" assigned?')


@pytest.mark.parametrize("text", ["is finance laptops covered?", "is the group finance laptops assigned yet?"])
async def test_a_group_is_found_in_a_question_without_marks_or_capitals(rollout: World, text: str) -> None:
    assert "Finance Laptops is not assigned" in await say(rollout, "admin", text)


async def test_groups_of_one_name_are_told_apart_wherever_a_preview_names_them(rollout: World) -> None:
    first, second = new_group(rollout, "Warehouse", number=1), new_group(rollout, "Warehouse", number=2)
    (profile,) = rollout.tenant.assignments
    _targets(rollout).append(intune.assignment(profile, first))
    _everybody(rollout, "allDevices")
    said = await say(rollout, "admin", f"assign {second}, Finance Laptops")
    assert f"cover Warehouse (…{second[-12:]}) and Finance Laptops" in said
    assert f"Add group Warehouse (…{second[-12:]}): " in said
    assert f"Group Warehouse (…{first[-12:]}) stays included: " in said
    for note in ("is empty now", "adds nobody"):
        assert f"Warehouse (…{second[-12:]}) {note}" in said
    assert "Finance Laptops adds nobody" in said
    _targets(rollout).append(intune.assignment(profile, second))
    already = await say(rollout, "admin", f"assign {second}")
    assert f"Warehouse (…{second[-12:]}) adds nobody" in already


async def test_groups_of_one_name_are_told_apart_on_the_buttons_of_what_may_be_meant(rollout: World) -> None:
    twins = [new_group(rollout, "Warehouse", number=number) for number in (1, 2)]
    said = await say(rollout, "admin", "assign Warehose")
    assert all(f"Did you mean Warehouse (…{twin[-12:]})?" in said for twin in twins)


async def test_an_empty_group_is_of_the_kind_that_its_rule_says(rollout: World) -> None:
    new_group(rollout, "All in Finance", USERS_RULE)
    assert "does not evaluate user groups" in await say(
        rollout, "admin", "assign Finance Laptops exclude All in Finance"
    )
    new_group(rollout, "Old Laptops", DEVICES_RULE)
    assert "Nothing has changed yet" in await say(rollout, "admin", "assign Finance Laptops exclude Old Laptops")


@pytest.mark.parametrize(
    ("types", "rule", "state", "expected"),
    [
        (["DynamicMembership"], DEVICES_RULE, "On", Filling.DEVICES),
        (["DynamicMembership"], USERS_RULE, "On", Filling.USERS),
        (["Unified", "DynamicMembership"], "user.userType -eq 'device.'", "On", Filling.USERS),
        (["DynamicMembership"], "(DEVICE.deviceOwnership -eq 'Company')", "Paused", Filling.PAUSED_DEVICES),
        (["DynamicMembership"], 'Direct Reports for "62e19b97"', "On", Filling.USERS),
        ([], DEVICES_RULE, "On", None),
        (["DynamicMembership"], None, None, None),
    ],
)
def test_what_fills_a_group_is_what_its_rule_is_about(
    types: list[str], rule: str | None, state: str | None, expected: Filling | None
) -> None:
    group = {"id": "g", "groupTypes": types, "membershipRule": rule, "membershipRuleProcessingState": state}
    assert filling(GroupRow.model_validate(group)) is expected


@pytest.mark.parametrize(
    ("kind", "group", "narrowed", "idle"),
    [
        ("allDevices", "Finance Laptops", False, True),
        ("allDevices", "Executives", False, True),
        ("allLicensedUsers", "Executives", False, True),
        ("allLicensedUsers", "Finance Laptops", False, False),  # a PC at which no licensed user signs in
        ("allDevices", "Finance Laptops", True, False),
    ],
)
async def test_a_group_beside_everybody_is_said_to_add_nobody(
    rollout: World, kind: str, group: str, *, narrowed: bool, idle: bool
) -> None:
    _targets(rollout).clear()
    _everybody(rollout, kind)
    if narrowed:
        _targets(rollout)[0]["target"] |= {
            "deviceAndAppManagementAssignmentFilterId": FILTER,
            "deviceAndAppManagementAssignmentFilterType": "include",
        }
    card = await say(rollout, "admin", f"assign {group}")
    assert "Nothing has changed yet" in card
    assert ("adds nobody: the profile is assigned to all devices or all users already" in card) is idle


@pytest.mark.parametrize("text", ["assign all devices", "assign to all users", "assign the profile to all devices"])
async def test_all_devices_and_all_users_are_no_group_and_the_bot_says_who_does_that(rollout: World, text: str) -> None:
    card = await say(rollout, "admin", text)
    assert "No group is called" not in card
    assert "Intune" in card


@pytest.mark.parametrize("name", ["Group Finance", "The Berlin Office", "Security Group Berlin"])
async def test_a_name_that_begins_with_a_small_word_is_tried_as_it_is_written(rollout: World, name: str) -> None:
    group = new_group(rollout, name)
    card = await say(rollout, "admin", f"assign {name}")
    assert "Nothing has changed yet" in card
    assert group[-12:] in card


async def test_of_sixty_groups_of_one_name_twenty_are_shown_and_few_calls_are_made(rollout: World) -> None:
    for number in range(60):
        new_group(rollout, "Laptops", number=number)
    rollout.faults.forget()
    card = await say(rollout, "admin", "assign Laptops")
    assert card.count("Laptops: ") == MOST_COUNTED == 20
    assert "And 40 more of that name" in card
    assert rollout.faults.count("graph") <= 70


@pytest.mark.parametrize("count", [2, 20, 21])
async def test_groups_of_one_name_are_all_offered_up_to_twenty(rollout: World, count: int) -> None:
    for number in range(count):
        new_group(rollout, "Laptops", number=number)
    card = await say(rollout, "admin", "assign Laptops")
    assert card.count("Laptops: ") == min(count, 20)
    assert ("more of that name" in card) is (count > 20)


async def test_what_a_policy_set_assigns_is_shown_and_neither_sent_nor_removed(rollout: World) -> None:
    theirs = _by_policy_set(rollout, "windows")
    for text in ("status", "assign All Windows Devices"):
        assert "by a policy set" in await say(rollout, "admin", text)
    assert "I can't take that off" in await say(rollout, "admin", "unassign All Windows Devices")
    own = await file(rollout, "admin", "assign Finance Laptops", 1)
    assert "by a policy set" in shown(own, "admin")
    await decide(rollout, "approver", 1)
    await until(rollout, own, "admin", "Done")
    (written,) = rollout.tenant.written
    assert theirs["target"]["groupId"] not in str(written.body)
    assert "policySets" not in str(written.body)
    assert theirs in _targets(rollout)
    undone = await file(rollout, "admin", "undo 1", 2)
    await decide(rollout, "approver", 2)
    await until(rollout, undone, "admin", "Done")
    assert theirs in _targets(rollout)


async def test_a_group_assigned_directly_and_by_a_policy_set_loses_the_direct_one_only(rollout: World) -> None:
    theirs = _by_policy_set(rollout, "pilot")
    own = await file(rollout, "admin", "unassign Pilot Ring", 1)
    assert "that stays as it is" in shown(own, "admin")
    await decide(rollout, "approver", 1)
    await until(rollout, own, "admin", "Done")
    pilot = rollout.company.groups["pilot"].id
    assert [row for row in _targets(rollout) if row["target"].get("groupId") == pilot] == [theirs]


async def test_a_deleted_group_offers_to_take_it_off(rollout: World) -> None:
    pilot = rollout.company.groups["pilot"].id
    del rollout.tenant.groups[pilot]
    status = await say(rollout, "admin", "status")
    assert f"unassign {pilot}" in status
    said = newest(rollout, "admin", "PIN reset rollout")
    await press(rollout, "admin", said, "Take off deleted groups")
    assert pilot in await until(rollout, said, "admin", "Nothing has changed yet")
    assert f"unassign {pilot}" in await say(rollout, "admin", "assign Finance Laptops")


async def test_who_has_no_deleted_group_is_offered_nothing(rollout: World) -> None:
    assert "Take off deleted groups" not in await say(rollout, "admin", "status")


@pytest.mark.parametrize(
    "typed", ["assign Finence Laptops", "assign finance", "assign finnance laptop exclude Kiosk Devices"]
)
async def test_a_name_that_none_has_is_answered_with_the_group_that_may_be_meant(rollout: World, typed: str) -> None:
    assert "No group is called" in await say(rollout, "admin", typed)
    said = rollout.chats.personal("admin").by_bot()[-1]
    await press(rollout, "admin", said, "Did you mean Finance Laptops?")
    card = await until(rollout, said, "admin", "Nothing has changed yet")
    assert "Add group Finance Laptops" in card


@pytest.mark.parametrize("typed", ["assign Zebras", "assign Q", "assign !!"])
async def test_a_name_that_is_like_none_is_answered_without_a_guess(rollout: World, typed: str) -> None:
    assert "Did you mean" not in await say(rollout, "admin", typed)


class _Unsearchable:
    """Finds nothing, and can't look for what is alike."""

    async def find(self, _name_or_id: str) -> tuple[Group, ...]:
        return ()

    async def like(self, _name: str, most: int = 3) -> tuple[Group, ...]:
        raise TenantUnreachable("a test")

    async def pcs(self, _ids: Iterable[str]) -> dict[str, dict[str, str]]:
        return {}

    async def sizes(self, _ids: Iterable[str]) -> dict[str, Group]:
        return {}


async def test_a_search_that_fails_changes_nothing_but_the_guess() -> None:
    with pytest.raises(UnknownGroup) as refused:
        await one("Finence Laptops", _Unsearchable())
    assert (refused.value.reason, refused.value.alike) == (Reason.UNKNOWN_GROUP, ())
