"""Times on a card for one person are theirs, with the name of the zone; what others read too keeps UTC."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.chat.command import Asked
from bot.chat.notices import at, since
from bot.chat.turn import Person, PlaceKind, Turn, TurnKind
from bot.demo.gallery.company import NOW, TENANT
from bot.demo.gallery.example import Example
from bot.pin_reset.device_facts import facts
from bot.reset_rules.facts import Device, Join
from bot.simulation import World
from dialogs.words import texts as words
from tests.chat.asking import PLACE, Owner, ask, shown
from tests.journeys.test_forgotten_pin import texts

TURN = Turn(TurnKind.MESSAGE, "1", Person(TENANT, "x", "29:x", "X"), PLACE, zone=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize("kind", PlaceKind)
def test_only_a_card_that_one_person_reads_has_their_zone(kind: PlaceKind) -> None:
    asked = Asked(replace(TURN, place=replace(PLACE, kind=kind)), 0.0, "x")
    expected = "24 Nov 2026, 10:00 Europe/Berlin" if kind is PlaceKind.PERSONAL else "24 Nov 2026, 09:00 UTC"
    british = words.words("en-GB")
    assert british.shown(at(NOW, asked.zone)) == expected
    assert british.shown(at(NOW, replace(asked, turn=replace(TURN, zone=None)).zone)) == "24 Nov 2026, 09:00 UTC"


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(hours=-1), "today"),
        (timedelta(hours=1), "today"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=90, hours=3), "90 days ago"),
    ],
)
def test_last_seen_says_how_long_ago_it_was(passed: timedelta, said: str) -> None:
    assert words.words("en").plain(since(NOW - passed, NOW)) == said


async def test_a_card_that_is_read_now_says_how_long_ago_and_one_that_stays_says_the_day() -> None:
    pc = Device("a1", "PC-ONE", join=Join.ENTRA, build=26100, last_seen=NOW - timedelta(days=3))
    assert "Last seen: 3 days ago" in shown((await ask("forgot", Example(devices=Owner((pc,))))).reply)
    assert facts(pc)[-1].value == date(2026, 11, 21)


async def test_the_zone_of_the_call_is_that_of_the_card(world: World) -> None:
    await world.teams.say("user", "is my PC covered?")
    assert " Europe/Berlin." in texts(world, "user")[-1]
    await world.teams.say("admin", "status", where="channel")
    (channel,) = (one for one in world.chats.conversations.values() if one.where == "channel")
    assert "Europe/Berlin" not in shown_in(channel)


def shown_in(channel: object) -> str:
    return str([said.activity for said in channel.by_bot()])  # type: ignore[attr-defined]
