"""The help desk looks up people and PCs: nobody else does, it is written down, and nothing of it is for other eyes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.demo import run
from bot.demo.gallery.company import HELPER
from bot.demo.gallery.example import Example
from bot.demo.gallery.fakes import ExampleLookup
from bot.demo.gallery.helpdesk import Theirs
from bot.errors import StoreUnavailable
from bot.reset_rules.facts import Account, Device
from bot.simulation import World
from bot.simulation.chats import Where
from bot.simulation.objects import intune
from bot.simulation.people import identity
from bot.simulation.teams import actions
from bot.store.audit import AuditEntry, entries
from bot.store.database import open_to_read
from bot.tenant import PersonsPcs
from cards.plain import plain
from tests.chat.asking import ask, shown
from tests.deadlines import GENEROUS, PATIENCE
from tests.journeys.test_forgotten_pin import press, texts

NORAS = "CON-LT-0201"
MORE = {"PINBOT_PORT": "0", "PINBOT_TURNS_PER_MINUTE": "1000"}
FILE = "bot.sqlite3"
STRANGERS = ("user", "approver", "guest")


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[World]:
    url = f"sqlite+aiosqlite:///{tmp_path / FILE}"
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_DATABASE_URL=url, **MORE) as world:
        for person in ("helpdesk", "admin", "approver", "user", "not-covered"):
            await world.teams.install(person)
        yield world


async def said(world: World, person: str, text: str, where: Where = "personal") -> str:
    """The newest card in the person's own chat, where all of these answers belong."""
    await world.teams.say(person, text, where=where)
    return texts(world, person)[-1]


async def pressed(world: World, person: str, verb: str, **data: str) -> str:
    """A button that the person was never shown, with whatever data."""
    newest = world.chats.personal(person).by_bot()[-1]
    await world.teams.press(person, newest.id, verb, data)
    return plain(newest.card_of(person) or {})


def _ids(world: World, person: str) -> str:
    return world.company.people[person].object_id


def _all_said(world: World) -> str:
    """Everything that the bot has put anywhere, but into the help desk's own chat."""
    own = world.chats.personal("helpdesk")
    places = [one for one in world.chats.conversations.values() if one is not own]
    return "".join(str(said.activity) + str(said.views) for place in places for said in place.by_bot())


async def test_what_somebody_would_see_and_why_they_are_not_covered(office: World) -> None:
    card = await said(office, "helpdesk", "user Nora Castillo")
    assert f"{NORAS}" in card
    assert "Not covered: a reset deletes" in card
    assert "Put the PC or its user into an included group" in card
    steps = await press(office, "helpdesk", f"Steps for {NORAS}")
    assert "This is what Nora Castillo would see. Nothing has been sent." in steps
    assert "Sign-in options" in steps
    why = await press(office, "helpdesk", "Why?")
    assert "Included: Pilot Ring. Neither this PC nor its user is in it." in why
    assert _all_said(office).count(NORAS) == 0


@pytest.mark.parametrize("name", ["nora castillo", "not-covered@contoso.example", "NORA CASTILLO", '"Nora  Castillo"'])
async def test_a_name_a_sign_in_name_or_a_mail_address_finds_somebody(office: World, name: str) -> None:
    assert NORAS in await said(office, "helpdesk", f"user {name}")


async def test_a_mail_address_need_not_be_the_sign_in_name(office: World) -> None:
    office.tenant.users[_ids(office, "not-covered")]["mail"] = "n.castillo@contoso.example"
    assert NORAS in await said(office, "helpdesk", "user n.castillo@contoso.example")


@pytest.mark.parametrize("name", ["Nora", "Castillo", "Nora Castilo", "nora.castillo@contoso.example", "Castillo Nora"])
async def test_what_is_only_like_a_name_is_offered_and_not_shown(office: World, name: str) -> None:
    card = await said(office, "helpdesk", f"user {name}")
    assert "Nora Castillo (not-covered@contoso.example)" in card
    assert NORAS not in card
    assert NORAS in await press(office, "helpdesk", "Show their PCs", choice=_ids(office, "not-covered"))


async def test_of_many_people_of_one_name_five_are_offered(office: World) -> None:
    nora = office.tenant.users[_ids(office, "not-covered")]
    for number in range(7):
        key = identity("twin", str(number))
        office.tenant.users[key] = nora | {"id": key, "userPrincipalName": f"nora{number}@contoso.example"}
    card = await said(office, "helpdesk", "user Nora Castillo")
    assert card.count("Nora Castillo (") == 5
    assert "There are more" in card


async def test_nobody_of_that_name_is_said_plainly(office: World) -> None:
    assert "Nobody in your organisation's directory is called Zebulon Quartz" in await said(
        office, "helpdesk", "user Zebulon Quartz"
    )


@pytest.mark.parametrize("person", STRANGERS)
async def test_T27_without_the_role_nobody_is_told_of_somebody_elses_pc(office: World, person: str) -> None:  # noqa: N802
    await office.teams.install(person)
    nora = _ids(office, "not-covered")
    await said(office, "helpdesk", f"why {NORAS}")
    for text in ("user Nora Castillo", "user not-covered@contoso.example", f"why {NORAS}"):
        await said(office, person, text)
    reference = office.chats.personal("helpdesk").by_bot()[-1]
    data = next(one["data"] for one in actions(reference.card_of("helpdesk")) if one["title"] == "Refresh")
    await pressed(office, person, "desk.why", **{name: value for name, value in data.items() if isinstance(value, str)})
    for verb in ("desk.person", "desk.steps", "desk.send"):
        await pressed(office, person, verb, choice=nora, who=nora)
    assert NORAS not in _all_said(office)
    assert "Nora" not in _all_said(office).replace("user Nora Castillo", "")


async def test_who_lacks_the_role_and_may_be_locked_out_has_the_way_to_the_own_pin(office: World) -> None:
    card = await said(office, "user", "user Nora Castillo")
    assert "Only members of the help desk group" in card
    assert "CON-LT-0142" in await press(office, "user", "I forgot my PIN")


async def test_an_admin_asks_why_and_does_not_look_up_people(office: World) -> None:
    assert f"Why {NORAS} is not covered" in await said(office, "admin", f"why {NORAS}")
    assert NORAS not in await said(office, "admin", "user Nora Castillo")


@pytest.mark.parametrize("changed", [{"userType": "Guest"}, {"accountEnabled": False}, {"accountEnabled": None}])
async def test_T27_a_guest_or_a_disabled_account_in_the_group_is_not_of_the_help_desk(  # noqa: N802
    office: World, changed: dict[str, Any]
) -> None:
    office.tenant.users[_ids(office, "helpdesk")] |= changed
    assert NORAS not in await said(office, "helpdesk", "user Nora Castillo")
    assert NORAS not in await said(office, "helpdesk", f"why {NORAS}")


async def test_a_role_that_can_not_be_looked_up_shows_nothing(office: World) -> None:
    office.faults.fail("graph/v1.0/users", 503)
    assert NORAS not in await said(office, "helpdesk", "user Nora Castillo")
    assert NORAS not in await said(office, "helpdesk", f"why {NORAS}")


@pytest.mark.parametrize("where", ["group", "channel"])
async def test_T26_where_others_read_along_the_look_up_comes_in_private(office: World, where: Where) -> None:  # noqa: N802
    for text in ("user Nora Castillo", f"why {NORAS}"):
        assert NORAS in await said(office, "helpdesk", text, where)
    assert NORAS not in _all_said(office)


async def test_T26_a_button_that_is_pressed_where_others_read_along_shows_nothing_there(office: World) -> None:  # noqa: N802
    await office.teams.say("helpdesk", "user Nora Castillo", where="group")
    group = office.chats.place("group", "helpdesk", "")
    newest = group.by_bot()[-1]
    await office.teams.press("helpdesk", newest.id, "desk.person", {"choice": _ids(office, "not-covered")})
    assert NORAS not in _all_said(office)
    assert NORAS in texts(office, "helpdesk")[-1]


async def test_the_steps_come_into_the_persons_own_chat(office: World) -> None:
    await said(office, "helpdesk", "user Nora Castillo")
    await press(office, "helpdesk", f"Steps for {NORAS}")
    await press(office, "helpdesk", "Send these steps")
    await _until(office, "helpdesk", "Nora Castillo has them")
    card = texts(office, "not-covered")[-1]
    assert "Your help desk sent you these steps." in card
    assert NORAS in card
    assert "What happened?" in await press(office, "not-covered", "It didn't work")


async def test_who_can_not_be_written_to_is_named_and_nothing_is_called_sent(office: World, tmp_path: Path) -> None:
    await office.teams.remove("not-covered")
    nora = _ids(office, "not-covered")
    await said(office, "helpdesk", "user Nora Castillo")
    await pressed(office, "helpdesk", "desk.send", who=nora)
    await _until(office, "helpdesk", "I can't write to Nora Castillo: I know no chat with them")
    assert [one.detail["outcome"] for one in await _audit(tmp_path, "steps_sent")] == ["unknown_chat"]


async def test_who_lost_the_role_a_moment_ago_sends_nothing(office: World) -> None:
    await said(office, "helpdesk", "user Nora Castillo")
    before = len(texts(office, "not-covered"))
    group = office.company.groups["helpdesk"].id
    office.tenant.members[group].discard(_ids(office, "helpdesk"))
    await pressed(office, "helpdesk", "desk.send", who=_ids(office, "not-covered"))
    await _until(office, "helpdesk", "Only members of the help desk group")
    assert len(texts(office, "not-covered")) == before


async def test_each_look_is_one_row_of_the_audit_with_ids_and_no_name(office: World, tmp_path: Path) -> None:
    nora = _ids(office, "not-covered")
    await said(office, "helpdesk", "user Nora Castillo")
    (row,) = await _audit(tmp_path, "looked_up")
    assert (row.actor, dict(row.detail)) == (_ids(office, "helpdesk"), {"person": nora})
    await said(office, "helpdesk", f"why {NORAS}")
    _, row = await _audit(tmp_path, "looked_up")
    assert row.detail["person"] == nora
    assert set(row.detail) == {"person", "device"}
    assert NORAS not in str(await _audit(tmp_path, "looked_up"))


async def test_who_was_only_offered_was_not_looked_at(office: World, tmp_path: Path) -> None:
    await said(office, "helpdesk", "user Nora")
    assert await _audit(tmp_path, "looked_up") == []


async def test_what_can_not_be_written_down_is_not_shown() -> None:
    async def broken(*_: object) -> None:
        raise StoreUnavailable("full")

    person = Account(HELPER[:-1] + "8", "Nora Castillo", "nora@contoso.example")
    pc = Device("00000000000000b1", NORAS)
    example = Example(devices=Theirs(person, (pc,)))
    owned = replace(example.services.lookup, audit=broken, lookup=ExampleLookup(owned=PersonsPcs(person, (), 0)))
    services = replace(example.services, lookup=owned)
    for key in ("desk.person", "desk.steps"):
        text = shown((await ask(key, services, person=HELPER, who=person.object_id, choice=person.object_id)).reply)
        assert "Nora" not in text
        assert NORAS not in text


async def test_without_the_group_the_look_up_of_people_does_not_exist_and_admins_still_ask_why() -> None:
    async with run.running("rollout", deadlines=GENEROUS, **MORE, PINBOT_HELP_DESK_GROUP_ID="") as world:
        for person in ("helpdesk", "admin"):
            await world.teams.install(person)
        for person in ("helpdesk", "admin"):
            card = await said(world, person, "user Nora Castillo")
            assert "role" not in card
            assert NORAS not in card
            assert NORAS not in await pressed(world, person, "desk.person", choice=_ids(world, "not-covered"))
        assert "As the help desk" not in await said(world, "helpdesk", "help")
        assert NORAS not in (await said(world, "helpdesk", f"why {NORAS}")).replace(f"why {NORAS}", "")
        assert "Put the PC or its user" in await said(world, "admin", f"why {NORAS}")


@pytest.mark.parametrize(
    ("pc", "words"),
    [
        ("CON-LT-0142", "Included: Pilot Ring. This PC is in it."),
        ("con-ks-0001", "Take the PC or its user out of the excluded group."),
        ("CON-LT-0302", "no group policy sets it otherwise"),
        ("CON-LT-0614", "It is only attached to Intune"),
        ("CON-LT-0611", "It is not in Intune"),
        ("CON-LT-0618", "It was deleted in Entra"),
        ("CON-LT-0615", "That is long ago"),
        ("AVD-HP1-03", "on shared virtual PCs such profiles are not applicable"),
        ("DESKTOP-0A1B2C", "CON-LT-0621"),
    ],
)
async def test_why_tells_what_decides(office: World, pc: str, words: str) -> None:
    assert words in await said(office, "helpdesk", f"why {pc}")


async def test_why_names_the_filter_and_the_policy_of_the_other_value(office: World) -> None:
    (rows,) = [rows for rows in office.tenant.assignments.values() if rows]
    office.tenant.filters["f1"] = intune.assignment_filter("f1", "Corporate laptops")
    rows[0]["target"] |= {
        "deviceAndAppManagementAssignmentFilterId": "f1",
        "deviceAndAppManagementAssignmentFilterType": "include",
    }
    card = await said(office, "helpdesk", "why CON-LT-0142")
    assert "An assignment filter narrows that (Corporate laptops)" in card


async def test_why_tells_groups_of_one_name_apart(office: World) -> None:
    (rows,) = [rows for rows in office.tenant.assignments.values() if rows]
    group = office.tenant.groups[rows[0]["target"]["groupId"]]
    twin = group | {"id": identity("group", "twin")}
    office.tenant.groups[twin["id"]] = twin
    office.tenant.members[twin["id"]] = set()
    rows.append(intune.assignment(next(iter(office.tenant.assignments)), twin["id"]))
    card = await said(office, "helpdesk", "why CON-LT-0142")
    for one in (group, twin):
        assert f"Included: {one['displayName']} (…{one['id'][-12:]})." in card


async def test_several_pcs_of_one_name_are_told_apart_by_user_and_last_contact(office: World) -> None:
    tenant = office.tenant
    found = next(one for one in tenant.managed_devices.values() if one["deviceName"] == NORAS)
    twin = found | {"id": identity("another"), "userId": "", "userPrincipalName": "", "azureADDeviceId": ""}
    tenant.managed_devices[twin["id"]] = twin
    card = await said(office, "helpdesk", f"why {NORAS}")
    assert f"{NORAS} of not-covered@contoso.example, last seen" in card
    assert f"{NORAS}, no user named, last seen" in card
    newest = office.chats.personal("helpdesk").by_bot()[-1].card_of("helpdesk") or {}
    values = [one["value"] for element in newest["body"] for one in element.get("choices", ())]
    cards = [await press(office, "helpdesk", "Why?", choice=values[0])]
    await said(office, "helpdesk", f"why {NORAS}")
    cards.append(await press(office, "helpdesk", "Why?", choice=values[1]))
    assert sum("No user is named for it" in one for one in cards) == 1


async def test_a_pc_whose_name_is_only_like_it_is_offered(office: World) -> None:
    assert "CON-LT-0401, last seen" in await said(office, "helpdesk", "why CON-LT-04")
    assert "I found no such PC" in await said(office, "helpdesk", "why ZZZ-9999")


async def test_a_filter_that_intune_ignores_tells_of_no_other_pc(office: World) -> None:
    """It answers with everybody's devices then."""
    office.tenant.ignore_filters = True
    card = await said(office, "helpdesk", f"why {NORAS}")
    assert "gave no usable answer" in card
    assert "CON-LT-0142" not in card


async def _calls(world: World, pc: str) -> int:
    before = world.faults.count("graph")
    assert "What would change it" in await said(world, "helpdesk", f"why {pc}")
    return world.faults.count("graph") - before


async def test_why_costs_the_same_number_of_calls_whatever_there_is(office: World) -> None:
    """One PC of its user or fifty."""
    await said(office, "helpdesk", "why CON-LT-0401")  # what is kept for everybody is read now
    few = await _calls(office, NORAS)
    assert await _calls(office, "CON-LAB-07") == few
    assert await _calls(office, "CON-LT-0142") == few


async def _until(world: World, person: str, words: str) -> None:
    async with asyncio.timeout(PATIENCE):
        await world.chats.wait(lambda: any(words in one for one in texts(world, person)))


async def _audit(folder: Path, event: str) -> list[AuditEntry]:
    engine = open_to_read(f"sqlite+aiosqlite:///{folder / FILE}")
    try:
        return [one for one in await entries(engine, datetime.min.replace(tzinfo=UTC)) if one.event == event]
    finally:
        await engine.dispose()
