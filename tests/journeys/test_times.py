"""Whoever looks reads times in their own zone, which is named, and how long it was or still is."""

from datetime import timedelta

import pytest

from bot.chat.notices import ago, left
from bot.demo import run
from bot.demo.gallery.company import NOW
from bot.simulation import World
from dialogs.words import texts as words
from tests.deadlines import GENEROUS
from tests.journeys.test_rollout import card_of, decide, file, press, say, shown, until

ZONE = "Europe/Berlin"
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("span", "was", "is_left"),
    [
        (timedelta(minutes=-5), "less than an hour ago", "within the hour"),
        (timedelta(minutes=59), "less than an hour ago", "within the hour"),
        (timedelta(hours=1), "1 hour ago", "in 1 hour"),
        (DAY, "24 hours ago", "in 24 hours"),
        (30 * DAY, "30 days ago", "in 30 days"),
    ],
)
def test_a_span_is_told_in_hours_and_a_long_one_in_days(span: timedelta, was: str, is_left: str) -> None:
    english = words.words("en")
    assert english.plain(ago(NOW - span, NOW)) == was
    assert english.plain(left(NOW + span, NOW)) == is_left


async def test_no_card_in_a_persons_own_chat_makes_them_reckon(rollout: World) -> None:
    world = rollout
    own = await file(world, "admin", "assign Finance Laptops", 1)
    card = await card_of(world, "approver", 1)
    seen = [await press(world, "approver", card, "Show my buttons"), await say(world, "approver", "approvals")]
    assert all("expires in" in one.casefold() or "expires: in" in one.casefold() for one in seen)
    await decide(world, "approver", 1)
    await until(world, own, "admin", "Done")
    await say(world, "approver", "freeze because of the audit")
    seen += [await say(world, "approver", asked) for asked in ("history", "approvals", "request 1", "status")]
    await say(world, "admin", "unassign Pilot Ring")
    seen.append(shown(world.chats.personal("admin").by_bot()[-1], "admin"))
    for one in seen:
        assert f" {ZONE}" in one
        assert " UTC" not in one


async def test_the_help_desk_reads_its_own_time_too() -> None:
    async with run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0") as world:
        await world.teams.install("helpdesk")
        for asked in (f"user {world.company.people['not-covered'].name}", "why CON-LT-0201"):
            said = await say(world, "helpdesk", asked)
            assert f" {ZONE}" in said
            assert " UTC" not in said
