"""The rollout from nothing to a finished assignment, with an admin and two approvers, over HTTP."""

import asyncio
import uuid
from pathlib import Path

import pytest

from bot.demo import run
from bot.simulation import World, state
from bot.simulation.chats import FILE_CONSENT, Said
from bot.simulation.faults import Fault
from bot.simulation.graph import policies
from bot.simulation.objects import entra, intune
from bot.simulation.teams import actions
from cards.plain import plain
from tests.deadlines import GENEROUS, PATIENCE


def shown(said: Said, person: str) -> str:
    return plain(said.card_of(person) or {"type": "AdaptiveCard"})


def newest(world: World, person: str, title: str = "") -> Said:
    """The newest message whose card begins with this title, or has it as its second line."""
    said = world.chats.personal(person).by_bot()
    return next(one for one in reversed(said) if is_headed(shown(one, person), title))


def is_headed(text: str, title: str) -> bool:
    """A request's card says who asks for what, and below it which number that is."""
    first, _, rest = text.partition("\n")
    return text.startswith(title) or (": " in first and rest.startswith(title))


async def say(world: World, person: str, text: str) -> str:
    await world.teams.say(person, text)
    return shown(world.chats.personal(person).by_bot()[-1], person)


async def press(world: World, person: str, said: Said, title: str, **inputs: str) -> str:
    button = next(one for one in actions(said.card_of(person)) if one.get("title") == title)
    answer = await world.teams.press(person, said.id, button["verb"], {**button.get("data", {}), **inputs})
    assert answer.status == 200
    return shown(said, person)


async def until(world: World, said: Said, person: str, words: str) -> str:
    """Wait until a card says so."""
    async with asyncio.timeout(PATIENCE):
        await world.chats.wait(lambda: words in shown(said, person))
    return shown(said, person)


async def card_of(world: World, person: str, number: int) -> Said:
    """The request's card, once it has been carried to this person."""
    title = f"Request #{number}\n"

    def there() -> bool:
        return any(is_headed(shown(one, person), title) for one in world.chats.personal(person).by_bot())

    async with asyncio.timeout(PATIENCE):
        if not there():
            await world.chats.wait(there)
    return newest(world, person, title)


async def file(world: World, person: str, text: str, number: int, reason: str = "CHG-1") -> Said:
    """Ask, look at the preview, request approval; the requester's card of the request."""
    preview = await say(world, person, text)
    assert "Nothing has changed yet" in preview, preview
    said = world.chats.personal(person).by_bot()[-1]
    await press(world, person, said, "Request approval", reason=reason)
    await until(world, said, person, f"Request #{number} is filed")
    return await card_of(world, person, number)


async def do(world: World, person: str, said: Said, title: str, **inputs: str) -> str:
    """Press what this person may do, after a look at it where the card does not show it yet."""
    if title not in {one.get("title") for one in actions(said.card_of(person))}:
        assert "What it does" in await press(world, person, said, "Show my buttons")
    return await press(world, person, said, title, **inputs)


async def decide(world: World, person: str, number: int, title: str = "Approve", reason: str = "") -> str:
    """What an approver does: open the card, see what it does, press."""
    card = await card_of(world, person, number)
    return await do(world, person, card, title, **({"reason": reason} if reason else {}))


def writes(world: World) -> int:
    """Writes that Graph has seen."""
    reads = ("checkMemberGroups", "getConfigurationPolicyNonComplianceSummaryReport")
    return sum(
        one.method in {"POST", "PATCH", "PUT", "DELETE"} and not one.path.endswith(reads)
        for one in world.faults.seen
        if one.service == "graph"
    )


async def test_from_nothing_to_a_finished_assignment_with_three_people(fresh: World) -> None:
    world = fresh
    assert "Next step: consent" in await say(world, "admin", "status")
    assert "Consent comes first" in await say(world, "admin", "assign Pilot Ring")
    consent = await file(world, "admin", "onboard consent", 1)
    assert "Approved" in await decide(world, "approver", 1)
    given = await until(world, consent, "admin", "give consent with the two links")
    assert f"/{world.tenant.id}/oauth2/authorize" in given
    assert "b8456c59-1230-44c7-a4a2-99b085333e84" in given
    await do(world, "admin", consent, "Verify consent")
    looked = await until(world, consent, "admin", "Looked at")
    assert "missing" in looked.partition("Looked at")[2]
    state.consent(world.tenant)  # what an administrator does in the browser
    await do(world, "admin", consent, "Verify consent")
    await until(world, consent, "admin", "Done")
    assert writes(world) == 0

    profile = await file(world, "admin", "create profile", 2)
    assert "PassportForWork" in shown(profile, "admin")
    await decide(world, "approver2", 2)
    await until(world, profile, "admin", "Done")
    assert writes(world) == 1
    assignment = await file(world, "admin", "assign Pilot Ring exclude Kiosk Devices", 3)
    await decide(world, "approver", 3)
    done = await until(world, assignment, "admin", "Step 1: done")
    assert "Approved by Priya Nair" in done
    assert writes(world) == 2
    status = await say(world, "admin", "status")
    assert "Included group: Pilot Ring" in status
    assert "Excluded group: Kiosk Devices" in status
    await world.teams.say("user", "I forgot my PIN")
    assert "should keep" in shown(world.chats.personal("user").by_bot()[-1], "user")


async def test_where_the_bot_creates_the_apps_the_grant_is_still_given_by_the_links() -> None:
    async with run.running("fresh", deadlines=GENEROUS, PINBOT_PORT="0", PINBOT_CREATE_APPS="1") as world:
        world.tenant.permissions.add("Application.ReadWrite.All")
        for person in ("admin", "approver"):
            await world.teams.install(person)
        consent = await file(world, "admin", "onboard consent", 1)
        await decide(world, "approver", 1)
        given = await until(world, consent, "admin", "give consent with the two links")
        assert "Step 2: done" in given
        assert f"/{world.tenant.id}/oauth2/authorize" in given
        assert writes(world) == 2
        assert "no tenant-wide grant was found" in await say(world, "admin", "status")
        await do(world, "admin", consent, "Verify consent")
        await until(world, consent, "admin", "give consent with the two links")
        state.consent(world.tenant)  # what an administrator does in the browser
        await do(world, "admin", consent, "Verify consent")
        await until(world, consent, "admin", "Done")
        assert "Consent is given already" in await say(world, "admin", "onboard consent")


@pytest.mark.parametrize("create", ["0", "1"])
@pytest.mark.parametrize("status", [0, 403, 503])
async def test_onboard_consent_offers_the_links_unless_the_grant_was_seen(create: str, status: int) -> None:
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0", PINBOT_CREATE_APPS=create) as world:
        _, client = entra.pin_reset_apps()
        if status:
            grants = f"graph/v1.0/servicePrincipals/{client['id']}/oauth2PermissionGrants"
            world.faults.add(Fault(place=grants, status=status))
        else:
            world.tenant.grants.clear()
        for person in ("admin", "approver"):
            await world.teams.install(person)
        consent = await file(world, "admin", "onboard consent", 1)
        await decide(world, "approver", 1)
        assert "/oauth2/authorize" in await until(world, consent, "admin", "give consent with the two links")
        assert writes(world) == 0


async def test_nobody_approves_their_own_request_and_a_rejection_reaches_who_asked(rollout: World) -> None:
    """T8 in SECURITY.md."""
    world = rollout
    world.tenant.members[world.company.groups["approvers"].id].add(world.company.people["admin"].object_id)
    own = await file(world, "admin", "assign Finance Laptops", 1)
    await press(world, "admin", own, "Show my buttons")
    titles = [one.get("title") for one in actions(own.card_of("admin"))]
    assert "Approve" not in titles
    theirs = await card_of(world, "approver", 1)
    await press(world, "approver", theirs, "Show my buttons")
    approve = next(one for one in actions(theirs.card_of("approver")) if one.get("title") == "Approve")
    await world.teams.press("admin", own.id, approve["verb"], approve["data"])
    assert "somebody else has to decide" in shown(own, "admin")
    assert "Say why you reject it" in await decide(world, "approver", 1, "Reject")
    assert "Rejected" in await decide(world, "approver", 1, "Reject", reason="not before Monday")
    await until(world, own, "admin", "not before Monday")
    async with asyncio.timeout(PATIENCE):
        await world.chats.wait(lambda: _told(world, "admin", "was rejected"))
    assert writes(world) == 0


def _told(world: World, person: str, words: str) -> bool:
    return any(words in shown(one, person) for one in world.chats.personal(person).by_bot())


async def test_a_second_approver_an_old_copy_and_a_refresh_decide_nothing_more(rollout: World) -> None:
    """T11, T14 and T15 in SECURITY.md."""
    world = rollout
    own = await file(world, "admin", "assign Finance Laptops", 1)
    second = await card_of(world, "approver2", 1)
    await press(world, "approver2", second, "Show my buttons")
    old = next(one for one in actions(second.card_of("approver2")) if one.get("title") == "Approve")
    await world.teams.press("approver2", second.id, old["verb"], old["data"], trigger="automatic")
    assert "Waiting for approval" in shown(own, "admin")
    await decide(world, "approver", 1)
    await until(world, own, "admin", "Done")
    await world.teams.press("approver2", second.id, old["verb"], old["data"])
    late = shown(second, "approver2")
    assert "decided already" in late
    assert "Approved by Priya Nair" in late
    assert writes(world) == 1


async def test_ten_deliveries_of_one_click_are_one_decision_and_ten_equal_answers(rollout: World) -> None:
    """T6 and T7 in SECURITY.md."""
    world = rollout
    await file(world, "admin", "assign Finance Laptops", 1)
    card = await card_of(world, "approver", 1)
    await press(world, "approver", card, "Show my buttons")
    approve = next(one for one in actions(card.card_of("approver")) if one.get("title") == "Approve")
    first = await world.teams.press("approver", card.id, approve["verb"], approve["data"])
    again = await asyncio.gather(*(world.teams.again(first) for _ in range(9)))
    assert [one.body for one in again] == [first.body] * 9


async def test_others_assignments_stay_and_a_change_since_voids_the_approval(rollout: World) -> None:
    """T20 in SECURITY.md."""
    world = rollout
    own = await file(world, "admin", "assign Finance Laptops", 1)
    profile_id = next(iter(world.tenant.assignments))
    executives = {"id": "x", "target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget"}}
    executives["target"]["groupId"] = world.company.groups["executives"].id  # type: ignore[index]  # JSON
    world.tenant.assignments[profile_id].append(executives)
    await decide(world, "approver", 1)
    await until(world, own, "admin", "no longer as it was")
    assert writes(world) == 0


@pytest.mark.parametrize(
    ("person", "text", "words"),
    [
        ("user", "assign Finance Laptops", "Only members of the admin group"),
        ("user", "status", "admin group or the approver group"),
        ("approver", "create profile", "Only members of the admin group"),
        ("guest", "status", "admin group or the approver group"),
        ("admin", "freeze because", "Only members of the approver group"),
        ("admin", "assign Nowhere Team", "No group is called Nowhere Team"),
        ("admin", "assign Finance Laptops exclude Finance Laptops", "on both sides"),
        ("admin", "assign Finance Laptops exclude Executives", "does not evaluate user groups"),
        ("admin", "assign Pilot Ring", "Nothing to change"),
        ("admin", "create profile", "Nothing to change"),
        ("admin", "onboard consent", "Nothing to change"),
        ("admin", "undo 99", "no request of that number"),
        ("admin", "request 99", "no request of that number"),
        ("admin", "cancel", "Which request?"),
        ("approver", "unfreeze", "Nothing is frozen"),
    ],
)
async def test_each_refusal_says_why_and_what_to_do(rollout: World, person: str, text: str, words: str) -> None:
    assert words in await say(rollout, person, text)


async def test_a_freeze_stops_everything_and_tells_who_waits(rollout: World) -> None:
    world = rollout
    own = await file(world, "admin", "assign Finance Laptops", 1)
    assert "Frozen" in await say(world, "approver2", "freeze something looks wrong")
    status = await say(world, "admin", "status")
    name = world.company.people["approver2"].name
    assert name in status.splitlines()[1]
    assert "something looks wrong" in status.splitlines()[1]
    assert "frozen all changes" in await decide(world, "approver", 1)
    async with asyncio.timeout(PATIENCE):
        await world.chats.wait(lambda: _told(world, "admin", "All changes are frozen"))
    assert "No longer frozen" in await say(world, "approver2", "unfreeze")
    assert "frozen" not in await say(world, "admin", "status")
    await decide(world, "approver", 1)
    await until(world, own, "admin", "Done")


async def test_a_role_that_can_not_be_looked_up_is_no_role(rollout: World) -> None:
    """T10 in SECURITY.md."""
    rollout.faults.fail("graph", 403)
    assert "refuse to be on the safe side" in await say(rollout, "admin", "status")


async def test_undo_takes_back_the_own_change_only(rollout: World) -> None:
    world = rollout
    first = await file(world, "admin", "assign Finance Laptops", 1)
    await decide(world, "approver", 1)
    await until(world, first, "admin", "Done")
    second = await file(world, "admin", "undo 1", 2)
    assert "devices may keep it" in shown(second, "admin")
    await decide(world, "approver", 2)
    await until(world, second, "admin", "Done")
    status = await say(world, "admin", "status")
    assert "Finance Laptops" not in status
    assert "Included group: Pilot Ring" in status


async def test_a_group_that_was_deleted_is_taken_off_by_the_id_that_status_shows(rollout: World) -> None:
    world, pilot = rollout, rollout.company.groups["pilot"].id
    del world.tenant.groups[pilot]
    assert f"no longer exists: {pilot}" in await say(world, "admin", "status")
    assert "No group is called" in await say(world, "admin", f"assign {pilot}")
    own = await file(world, "admin", f"unassign {pilot.upper()}", 1)
    assert f"The group {pilot} was deleted" in shown(own, "admin")
    await decide(world, "approver", 1)
    await until(world, own, "admin", "Done")
    assert pilot not in await say(world, "admin", "status")


async def test_the_audit_goes_to_the_persons_own_drive(rollout: World) -> None:
    world = rollout
    await file(world, "admin", "assign Finance Laptops", 1)
    await say(world, "admin", "export audit")
    offer = world.chats.personal("admin").by_bot()[-1]
    assert offer.activity["attachments"][0]["contentType"] == FILE_CONSENT
    await world.teams.take_file("admin", offer.id)
    content = world.chats.files[offer.id].decode("utf-8-sig")
    assert content.splitlines()[0].startswith("seq,at,event")
    assert "filed" in content
    assert "CHG-1" not in content
    assert "OneDrive" in shown(offer, "admin")


async def test_what_somebody_asked_for_can_be_taken_back_and_is_in_the_history(rollout: World) -> None:
    world = rollout
    own = await file(world, "admin", "assign Finance Laptops", 1)
    assert "Waiting for approval" in await say(world, "approver", "approvals")
    assert "Cancelled" in await say(world, "admin", "cancel 1")
    await until(world, own, "admin", "Cancelled")
    theirs = await card_of(world, "approver", 1)
    await until(world, theirs, "approver", "Cancelled")
    assert "Cancelled" in await say(world, "approver", "history 7 days")


async def test_an_approver_reads_the_name_of_the_tenant_not_that_of_the_client(rollout: World) -> None:
    """T45 in SECURITY.md."""
    world = rollout
    conversation = world.chats.personal("admin")
    forged = world.teams.message("admin", "assign Finance Laptops", conversation, world.chats.new_id())
    forged["from"]["name"] = "Priya Nair (approver@contoso.example)"
    await world.teams.post(forged)
    preview = world.chats.personal("admin").by_bot()[-1]
    await press(world, "admin", preview, "Request approval", reason="CHG-1")
    theirs = shown(await card_of(world, "approver", 1), "approver")
    assert "Asked by: Ada Brandt (admin@contoso.example)" in theirs
    assert "Asked by: Priya" not in theirs


async def test_read_only_is_told_to_who_waits_and_nothing_is_written(tmp_path: Path, unused_tcp_port: int) -> None:
    async with run.showing("rollout", unused_tcp_port, tmp_path, deadlines=GENEROUS, PINBOT_PORT="0") as world:
        await file(world, "admin", "assign Finance Laptops", 1)
    async with run.showing(
        "rollout", unused_tcp_port, tmp_path, deadlines=GENEROUS, PINBOT_PORT="0", PINBOT_READ_ONLY="1"
    ) as world:
        async with asyncio.timeout(PATIENCE):
            await world.chats.wait(lambda: _told(world, "admin", "The bot is read only now"))
        assert "set to read only" in await decide(world, "approver", 1)
        assert writes(world) == 0


def _policy(world: World, name: str = "Hello baseline", *, value: bool = True, group: str = "pilot") -> str:
    """A policy of the settings catalog that sets PIN recovery for a group; its id."""
    policy = policies.recovery_policy("30000000-0000-4000-8000-000000000001", name, value=value)
    world.tenant.catalog[policy["id"]] = policy
    world.tenant.assignments[policy["id"]] = [intune.assignment(policy["id"], world.company.groups[group].id)]
    return str(policy["id"])


def _without_profile(world: World) -> None:
    world.tenant.profiles = {key: one for key, one in world.tenant.profiles.items() if "omaSettings" not in one}


async def test_a_second_source_of_the_same_value_is_told_and_blocks_nothing(rollout: World) -> None:
    _policy(rollout)
    status = await say(rollout, "admin", "status")
    assert "The policy Hello baseline of the settings catalog" in status
    assert "double work and no conflict" in status
    assert "Nothing is missing" in status
    assert "Nothing has changed yet" in await say(rollout, "admin", "assign Finance Laptops")
    assert "may delete" not in await say(rollout, "user", "I forgot my PIN")


async def test_a_second_source_of_another_value_is_a_conflict_where_both_reach(rollout: World) -> None:
    _policy(rollout, value=False)
    status = await say(rollout, "admin", "status")
    assert "switched off by the policy Hello baseline" in status
    assert "Conflict on the devices of the group Pilot Ring" in status
    for text in ("create profile", "assign Finance Laptops"):
        assert "different values on the same devices" in await say(rollout, "admin", text)
    assert "may delete" in await say(rollout, "user", "I forgot my PIN")


async def test_who_is_covered_by_a_policy_of_the_settings_catalog_is_told_so_everywhere(rollout: World) -> None:
    world = rollout
    _without_profile(world)
    _policy(world, group="windows")
    forgotten = await say(world, "user", "I forgot my PIN")
    assert "should keep" in forgotten
    assert "deletes the keys" not in forgotten
    assert "Covered" in await say(world, "user", "is my PC covered?")
    status = await say(world, "admin", "status")
    assert "value on" in status
    assert f"Included group: {world.company.groups['windows'].name}" in status
    assert "Assigned to nobody" not in status
    assert "I add no second source" in await say(world, "admin", "create profile")


async def test_an_old_template_is_no_place_for_a_second_source(rollout: World) -> None:
    _without_profile(rollout)
    old = policies.identity_protection("30000000-0000-4000-8000-000000000002", "Hello of 2020", recovery=True)
    rollout.tenant.profiles[old["id"]] = old
    rollout.tenant.assignments[old["id"]] = [intune.everybody(old["id"])]
    assert "Hello of 2020" in await say(rollout, "admin", "status")
    assert "Hello of 2020" in await say(rollout, "admin", "create profile")
    assert not rollout.tenant.written


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_one_policy_that_can_not_be_read_stops_no_command(rollout: World, status: int) -> None:
    world = rollout
    bad = _policy(world, "Odd one")
    world.faults.fail(f"graph/beta/deviceManagement/configurationPolicies/{bad}", status)
    shown_status = await say(world, "admin", "status")
    assert "The policy Odd one of the settings catalog could not be checked" in shown_status
    assert "Included group: Pilot Ring" in shown_status
    assert "Nothing has changed yet" in await say(world, "admin", "assign Finance Laptops")
    assert "Consent is given already" in await say(world, "admin", "onboard consent")
    assert "CON-LT-0142" in await say(world, "user", "I forgot my PIN")
    _without_profile(world)
    created = await say(world, "admin", "create profile")
    assert "Nothing has changed yet" in created
    assert "could not be checked" in created


def _assigned_already(world: World, count: int) -> None:
    """So many more groups that the profile is assigned to."""
    profile, pattern = next(iter(world.tenant.assignments)), next(iter(world.tenant.groups.values()))
    for number in range(count):
        group = str(uuid.UUID(int=number + 1))
        world.tenant.groups[group] = pattern | {"id": group, "displayName": f"Laptops of site {number}"}
        target = {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group}
        world.tenant.assignments[profile].append({"id": f"{profile}_{group}", "target": target})


@pytest.mark.parametrize(("others", "fits"), [(60, True), (90, False)])
async def test_T22_what_no_card_can_show_is_refused_and_all_else_reaches_who_signs_it(  # noqa: N802
    rollout: World, others: int, *, fits: bool
) -> None:
    world = rollout
    _assigned_already(world, others)
    if fits:
        await file(world, "admin", "assign Finance Laptops", 1, reason="n" * 1000)
        asked = await press(world, "approver", await card_of(world, "approver", 1), "Show my buttons")
        assert asked.count("groupAssignmentTarget") == others + 2
        done = await decide(world, "approver", 1, reason="n" * 1000)
        assert "Approved by" in done
        await until(world, await card_of(world, "admin", 1), "admin", "Done")
    else:
        assert "too large for one card" in await say(world, "admin", "assign Finance Laptops")
