"""A request from all sides: what its card says of what happened, what a button may do, and every no on the way."""

import asyncio
import json
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from bot.approvals.worker import ReadBack, Worker
from bot.background import build
from bot.demo import run
from bot.simulation import World
from bot.simulation.chats import Said
from bot.simulation.faults import Fault
from bot.simulation.objects import entra
from bot.simulation.teams import actions
from tests.deadlines import GENEROUS, PATIENCE
from tests.journeys.test_rollout import card_of, decide, do, file, press, say, shown, until, writes

GROUP = "#microsoft.graph.groupAssignmentTarget"


def _profile(world: World) -> str:
    return next(iter(world.tenant.assignments))


def _titles(said: Said, person: str) -> set[str]:
    return {str(one.get("title")) for one in actions(said.card_of(person))}


def _new_group(world: World, name: str, **changed: Any) -> str:
    group = str(uuid.uuid4())
    pattern = next(iter(world.tenant.groups.values()))
    world.tenant.groups[group] = pattern | {"id": group, "displayName": name} | changed
    return group


async def test_a_void_request_says_what_has_changed_and_asks_again_with_a_fresh_plan(rollout: World) -> None:
    world = rollout
    own = await file(world, "admin", "assign Finance Laptops exclude Kiosk Devices", 1)
    executives = world.company.groups["executives"].id
    kept = world.tenant.assignments[_profile(world)]
    kept[:] = [one for one in kept if one["target"]["groupId"] != world.company.groups["pilot"].id]
    kept.append({"id": "x", "target": {"@odata.type": GROUP, "groupId": executives}})
    await decide(world, "approver", 1)
    void = await until(world, own, "admin", "no longer as it was")
    assert f"New since the plan was made: (…{executives[-12:]}), included" in void
    assert "Gone since the plan was made: Pilot Ring (…" in void
    assert writes(world) == 0
    await do(world, "admin", own, "Ask with a fresh plan")
    again = await until(world, own, "admin", "Nothing has changed yet")
    assert "Add group Finance Laptops" in again
    assert "CHG-1" in json.dumps(own.card_of("admin"))


async def test_a_look_at_the_consent_says_what_is_there_and_what_is_missing(fresh: World) -> None:
    world = fresh
    own = await file(world, "admin", "onboard consent", 1)
    await decide(world, "approver", 1)
    await until(world, own, "admin", "give consent with the two links")
    service, client = entra.pin_reset_apps()
    world.tenant.service_principals[service["id"]] = service
    await do(world, "admin", own, "Verify consent")
    half = await until(world, own, "admin", "Service Production: present and enabled")
    assert "Consent not confirmed" in half
    assert "Client Production: missing" in half.partition("Looked at")[2]
    world.tenant.service_principals[client["id"]] = client
    grant = entra.grant(client["id"], service["id"])
    world.tenant.grants[grant["id"]] = grant
    await do(world, "admin", own, "Verify consent")
    assert "Consent confirmed" in await until(world, own, "admin", "Done")


async def test_a_copy_that_somebody_asked_for_is_drawn_anew_too(rollout: World) -> None:
    world = rollout
    await file(world, "admin", "assign Finance Laptops", 1)
    await card_of(world, "approver2", 1)
    assert "Waiting for approval" in await say(world, "approver2", "request 1")
    typed = world.chats.personal("approver2").by_bot()[-1]
    await decide(world, "approver", 1)
    await until(world, typed, "approver2", "Done")
    assert _titles(typed, "approver2") == set()


async def test_who_asked_sees_also_in_the_own_view_which_approver_was_not_reached() -> None:
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0", PINBOT_TURNS_PER_MINUTE="1000") as world:
        for person in ("admin", "approver"):
            await world.teams.install(person)
        own = await file(world, "admin", "assign Finance Laptops", 1)
        await until(world, own, "admin", "Can't be reached (no chat with the bot, or it refuses): Dana Ortiz")
        assert "Dana Ortiz" in await press(world, "admin", own, "Show my buttons")


@pytest.mark.parametrize(
    "tamper",
    [
        lambda data: data | {"nonce": "0" * 32},
        lambda data: data | {"revision": "99"},
        lambda data: data | {"revision": "first"},
        lambda data: {"request": data["request"]},
    ],
)
async def test_T13_a_tampered_button_takes_nothing_back(  # noqa: N802
    rollout: World, tamper: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    world = rollout
    own = await file(world, "admin", "assign Finance Laptops", 1)
    await press(world, "admin", own, "Show my buttons")
    button = next(one for one in actions(own.card_of("admin")) if one["verb"] == "request.cancel")
    await world.teams.press("admin", own.id, button["verb"], tamper(button["data"]))
    assert "Waiting for approval" in shown(own, "admin")
    await world.teams.press("admin", own.id, button["verb"], button["data"], trigger="automatic")
    refused = shown(own, "admin")
    assert "refreshed by itself" in refused
    assert "Waiting for approval" in refused
    assert "Cancelled" in await do(world, "admin", own, "Cancel the request")


async def test_a_double_press_on_request_approval_is_one_request_and_no_complaint(rollout: World) -> None:
    world = rollout
    await say(world, "admin", "assign Finance Laptops")
    preview = world.chats.personal("admin").by_bot()[-1]
    button = next(one for one in actions(preview.card) if one["verb"] == "change.file")
    data = {**button["data"], "reason": "CHG-1"}
    await asyncio.gather(*(world.teams.press("admin", preview.id, button["verb"], data) for _ in range(2)))
    await card_of(world, "admin", 1)
    await until(world, preview, "admin", "Request #1 is filed")
    assert "Request #2" not in await say(world, "admin", "approvals")


async def test_a_stranger_learns_nothing_of_a_request(rollout: World) -> None:
    world = rollout
    own = await file(world, "admin", "assign Finance Laptops", 1)
    await press(world, "admin", own, "Show my buttons")
    view = {"request": "1", "nonce": "0" * 32, "revision": "1"}
    for person in ("user", "guest"):
        for text in ("request 1", "retry 1", "close 1 because"):
            said = await say(world, person, text)
            assert "Only members of the admin group or the approver group" in said
            assert "Finance Laptops" not in said
        for verb in ("request.view", "request.retry", "request.verify", "request.cancel", "request.approve"):
            await world.teams.press(person, world.chats.personal(person).by_bot()[-1].id, verb, view)
            seen = shown(world.chats.personal(person).by_bot()[-1], person)
            assert "Finance Laptops" not in seen
            assert "Waiting" not in seen


async def test_what_multi_admin_approval_held_is_gone_on_with(rollout: World) -> None:
    world = rollout
    world.tenant.multi_admin = True
    own = await file(world, "admin", "assign Finance Laptops", 1)
    await decide(world, "approver", 1)
    await until(world, own, "admin", "Held by your tenant's own Multi Admin Approval")
    for held in world.tenant.held.values():
        held.status = "approved"
    await say(world, "admin", "retry 1")
    done = await until(world, own, "admin", "Done")
    assert "Step 1: done" in done
    assert "Multi Admin Approval" not in done  # nothing is left of what held it
    assert "412" not in done
    assert "status 200" in done


async def _hears(world: World, person: str, words: str) -> None:
    async with asyncio.timeout(PATIENCE):
        said = world.chats.personal(person)
        await world.chats.wait(lambda: any(words in shown(one, person) for one in said.by_bot()))


async def test_what_graph_refused_is_closed_by_a_second_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "Worker", partial(Worker, read_back=ReadBack(seconds=0.01)))
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0", PINBOT_TURNS_PER_MINUTE="1000") as world:
        for person in ("admin", "approver", "approver2"):
            await world.teams.install(person)
        configurations = "graph/v1.0/deviceManagement/deviceConfigurations"
        world.faults.add(Fault(f"{configurations}/{_profile(world)}/assign", status=403))
        own = await file(world, "admin", "assign Finance Laptops", 1)
        await decide(world, "approver", 1)
        await until(world, own, "admin", "Needs attention")
        for person in ("admin", "approver2"):  # the news of it comes by itself, and before what is said next
            await _hears(world, person, "Request #1 needs attention")
        assert "Somebody else has to do that" in await say(world, "admin", "retry 1")
        await press(world, "admin", own, "Show my buttons")
        assert "Retry" not in _titles(own, "admin")
        assert "Closed by hand" in await say(world, "approver2", "close 1 done by hand in the portal")
        assert "done by hand in the portal" in await until(world, own, "admin", "Closed by hand")
        assert "No request is pending" in await say(world, "approver", "approvals")


async def test_every_no_of_a_plan_says_why(rollout: World) -> None:
    world = rollout
    _new_group(world, "Finance Laptops")
    _new_group(world, "Newsletter", securityEnabled=False)
    picked = await say(world, "admin", "assign Finance Laptops")
    assert "Several groups are called Finance Laptops" in picked
    assert "not a security group" in await say(world, "admin", "assign Newsletter")
    names = [f"Ring {number}" for number in range(21)]
    for name in names:
        _new_group(world, name)
    many = ", ".join(names)
    assert "21 groups would change" in await say(world, "admin", f"assign {many}")
    assert "41 groups would change" in await say(world, "admin", f"assign {', '.join(f'R{n}' for n in range(41))}")
    profile = world.tenant.profiles[_profile(world)]
    profile["omaSettings"][0]["value"] = "true"
    profile["omaSettings"][0]["@odata.type"] = "#microsoft.graph.omaSettingString"
    assert "has a wrong setting" in await say(world, "admin", "assign Executives")
    world.tenant.profiles.clear()
    assert "The recovery profile comes first" in await say(world, "admin", "assign Executives")


async def test_two_requests_for_the_same_object_are_one_too_many(rollout: World) -> None:
    world = rollout
    await file(world, "admin", "assign Finance Laptops", 1)
    await say(world, "admin2", "assign All Windows Devices")
    preview = world.chats.personal("admin2").by_bot()[-1]
    await press(world, "admin2", preview, "Request approval", reason="CHG-2")
    assert "Request #1" in await until(world, preview, "admin2", "still open")


async def test_where_nobody_else_could_approve_nothing_is_filed() -> None:
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0") as world:
        approvers = world.company.groups["approvers"].id
        world.tenant.members[approvers] = {world.company.people["admin"].object_id}
        await world.teams.install("admin")
        await say(world, "admin", "assign Finance Laptops")
        preview = world.chats.personal("admin").by_bot()[-1]
        await press(world, "admin", preview, "Request approval", reason="CHG-1")
        await until(world, preview, "admin", "Nobody else could approve it")
        assert "No request is pending" in await say(world, "admin", "approvals")


async def test_a_reason_must_look_as_the_operator_wants_it() -> None:
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0", PINBOT_REASON_PATTERN=r"CHG-\d+") as world:
        for person in ("admin", "approver"):
            await world.teams.install(person)
        await say(world, "admin", "assign Finance Laptops")
        preview = world.chats.personal("admin").by_bot()[-1]
        await press(world, "admin", preview, "Request approval", reason="because")
        await until(world, preview, "admin", "does not have the form that your organisation asks for")


async def test_what_wrote_nothing_can_not_be_undone(rollout: World) -> None:
    await file(rollout, "admin", "assign Finance Laptops", 1)
    assert "can't be undone" in await say(rollout, "admin", "undo 1")


async def test_every_no_to_those_who_come_at_the_wrong_moment_says_why(rollout: World) -> None:
    world = rollout
    await say(world, "admin", "assign Finance Laptops")
    preview = world.chats.personal("admin").by_bot()[-1]
    button = next(one for one in actions(preview.card) if one["verb"] == "change.file")
    for reason, words in ((" ", "Give a reason"), ("n" * 1_001, "The reason is too long")):
        await world.teams.press("admin", preview.id, button["verb"], {**button["data"], "reason": reason})
        await until(world, preview, "admin", words)
    own = await file(world, "admin", "assign Finance Laptops", 1)
    assert "Only who asked for it" in await say(world, "admin2", "cancel 1")
    assert "State of the request: Waiting for approval" in await say(world, "approver", "retry 1")
    assert "State of the request: Waiting for approval" in await say(world, "approver", "close 1 because")
    assert "Frozen" in await say(world, "approver", "freeze an incident")
    assert "frozen already" in await say(world, "approver2", "freeze another incident")
    assert "an incident" in await say(world, "admin", "status")
    await until(world, own, "admin", "Waiting for approval")
