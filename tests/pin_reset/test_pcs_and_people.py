"""Tenants as they are, over HTTP: PCs that are elsewhere, deleted or many, and accounts that are no members."""

import re

import pytest

from bot.simulation import World
from tests.journeys.test_forgotten_pin import press, texts


async def _said(world: World, person: str, text: str) -> str:
    await world.teams.say(person, text)
    return texts(world, person)[-1]


@pytest.mark.parametrize(
    ("person", "there", "not_there"),
    [
        ("deleted-pc", ["no longer in your organisation's directory", "register it again"], ["should keep", "A1B2C3"]),
        ("cloud-pc", ["PC: CON-LT-0619"], ["CPC-claud"]),
        ("session-host", ["run in a data centre", "Another device", "Sign-in options"], ["AVD-HP1", "should keep"]),
        ("first-inventory", ["Windows 10 22H2", "Sign-in options"], ["too old", "build 0"]),
        ("renamed-pc", ["PC: CON-LT-0621"], ["DESKTOP-0A1B2C"]),
        ("old-account", ["PC: CON-LT-0622", "Sign-in options"], ["guest"]),
    ],
)
async def test_each_trap_of_a_real_tenant_is_told_as_it_is(
    world: World, person: str, there: list[str], not_there: list[str]
) -> None:
    text = await _said(world, person, "I forgot my PIN")
    assert [words for words in there if words not in text] == []
    assert [words for words in not_there if words in text] == []


async def test_the_pc_that_a_message_names_is_taken_wherever_it_stands_in_the_list(world: World) -> None:
    assert "PC: CON-LAB-01" in await _said(world, "many-pcs", "I forgot my PIN")
    text = await _said(world, "many-pcs", "I forgot my PIN on CON-LAB-47")
    assert "PC: CON-LAB-47" in text
    assert "should keep" in text
    assert "PC: CPC-claud-0A1B2" in await _said(world, "cloud-pc", "I forgot my PIN on CPC-claud-0A1B2")


NOT_THEIRS = (
    "I find no {pc} that is registered to you. These steps are for CON-LT-0142.",
    "Ich finde kein Gerät {pc}, das auf Sie registriert ist. Diese Schritte sind für CON-LT-0142.",
)


@pytest.mark.parametrize(
    ("person", "text", "named"),
    [
        ("user", "I forgot my PIN on CON-LT-0201", "CON-LT-0201"),  # which is somebody else's
        ("user", "I forgot my PIN on CON-LT-9999", "CON-LT-9999"),  # which nobody has
        ("user", "forgot pin, pc is con-lt-0201.", "con-lt-0201"),
        (
            "user",
            "PIN vergessen auf dem Laptop CON\N{NON-BREAKING HYPHEN}LT\N{NON-BREAKING HYPHEN}0201!",
            "CON-LT-0201",
        ),
        ("user", "I forgot the PIN of DESKTOP-0A1B2CD", "DESKTOP-0A1B2CD"),
        ("user", "forgot my pin (FIN-PC07)", "FIN-PC07"),
        ("user", "forgot my pin on con0201", "con0201"),
        ("user", "forgot my pin on CON-4711", "CON-4711"),  # as a ticket, but named as theirs
        ("user", "forgot my pin on LAPTOP-4711, ticket CHG-2291", "LAPTOP-4711"),
    ],
)
async def test_a_pc_that_is_not_theirs_is_said_to_be_and_whose_steps_these_are(
    world: World, person: str, text: str, named: str
) -> None:
    said = await _said(world, person, text)
    assert any(one.format(pc=named) in said for one in NOT_THEIRS)
    assert "PC: CON-LT-0142" in said


async def test_whether_a_pc_is_anybody_elses_shows_in_no_answer(world: World) -> None:
    theirs = await _said(world, "user", "I forgot my PIN on CON-LT-0201")
    nobodys = await _said(world, "user", "I forgot my PIN on CON-LT-9999")
    assert theirs.replace("CON-LT-0201", "CON-LT-9999") == nobodys
    assert "Nora" not in theirs


async def test_who_has_several_pcs_picks_the_right_one_by_a_button(world: World) -> None:
    said = await _said(world, "several", "I forgot my PIN on CON-LT-0201")
    assert "I find no CON-LT-0201 that is registered to you. These steps are for CON-LT-0401." in said
    assert "PC: CON-DT-0402" in await press(world, "several", "Steps for CON-DT-0402")
    many = await _said(world, "many-pcs", "I forgot my PIN on CON-LAB-77")
    assert many.count("Steps for CON-LAB") == 2
    assert "Another device" in many


async def test_who_has_no_pc_hears_that_the_named_one_is_not_theirs_and_gets_steps(world: World) -> None:
    said = await _said(world, "nothing", "I forgot my PIN on CON-LT-0201")
    assert "I find no CON-LT-0201 that is registered to you." in said
    assert "Sign-in options" in said


async def test_whether_a_pc_of_others_is_covered_is_not_told(world: World) -> None:
    said = await _said(world, "user", "is CON-LT-0201 covered?")
    assert "I find no CON-LT-0201 that is registered to you. I can only tell of PCs that are." in said
    assert "CON-LT-0142" in said


async def test_a_ticket_beside_a_question_about_ones_pc_is_no_pc(world: World) -> None:
    for text in ("is my PC covered? CHG-2291", "is my PC covered yet, ticket CON-2291"):
        assert "registered to you" not in await _said(world, "user", text)


async def test_all_fifty_pcs_are_reached_eight_at_a_time(world: World) -> None:
    await _said(world, "many-pcs", "I forgot my PIN")
    page, seen = await press(world, "many-pcs", "Another device"), set[str]()
    for first in range(9, 50, 8):
        seen |= set(re.findall(r"CON-LAB-\d\d", page))
        page = await press(world, "many-pcs", f"{first} to {min(first + 7, 49)} of 49")
    seen |= set(re.findall(r"CON-LAB-\d\d", page))
    assert len(seen) == 49
    covered = await _said(world, "many-pcs", "is my PC covered?")
    assert "And 42 more PCs" in covered
    assert "CON-LAB-09" in await press(world, "many-pcs", "More PCs")


_REASONS = (
    ({"userType": "Guest"}, "Guests have no role"),
    ({"userPrincipalName": "a_b.example#EXT#@contoso.example"}, "Guests have no role"),
    ({"accountEnabled": False}, "is disabled"),
)


@pytest.mark.parametrize(("changed", "reason"), _REASONS)
async def test_a_refusal_says_what_about_the_account_it_was(
    world: World, changed: dict[str, object], reason: str
) -> None:
    world.tenant.users[world.company.people["admin"].object_id] |= changed
    text = await _said(world, "admin", "status")
    assert reason in text
    assert "can add you" not in text


async def test_who_is_not_in_the_group_is_told_who_can_add_them(world: World) -> None:
    text = await _said(world, "user", "status")
    assert "Only members of the admin group" in text
    assert "I can still help with your own PIN" in text
    assert "disabled" not in text


async def test_an_admin_of_before_2014_is_an_admin(world: World) -> None:
    world.tenant.users[world.company.people["admin"].object_id]["userType"] = None
    assert "PIN reset rollout" in await _said(world, "admin", "status")
