"""What was not answered reaches the admins without a name: not understood, asked back in vain, voted down."""

import csv
import io
from collections import Counter
from pathlib import Path

from bot.simulation import World
from bot.simulation.teams import actions
from cards.plain import plain
from tests.journeys.test_ask_a_person import bot, newest, press, say, shown, tenant

__all__ = ["tenant"]
LOST = "how do I frobnicate the gizmo"
BETWEEN = "apps consent"


async def _exported(world: World) -> list[dict[str, str]]:
    await say(world, "admin", "help")
    await world.teams.press("admin", newest(world, "admin").id, "gaps.export")
    offer = newest(world, "admin")
    await world.teams.take_file("admin", offer.id)
    return [*csv.DictReader(io.StringIO(world.chats.files[offer.id].decode("utf-8-sig")))]


async def test_what_was_not_answered_is_counted_and_what_was_chosen_is_not(tenant: World, tmp_path: Path) -> None:
    async with bot(tenant, tmp_path):
        for person in ("user", "hybrid", "several"):
            await say(tenant, person, LOST)
        await say(tenant, "admin", BETWEEN)
        chosen = newest(tenant, "admin")
        title = next(one["title"] for one in actions(chosen.card) if one["verb"] == "wish")
        assert "onboard consent" in await press(tenant, "admin", chosen, title)
        await say(tenant, "approver", BETWEEN)
    async with bot(tenant, tmp_path):
        counts = Counter({row["question"]: int(row["count"]) for row in await _exported(tenant)})
    assert counts == {LOST: 3, BETWEEN: 1}


async def test_a_thumb_down_leaves_the_answer_and_names_it_with_the_question(tenant: World, tmp_path: Path) -> None:
    async with bot(tenant, tmp_path):
        before = await say(tenant, "user", "what is the OMA-URI")
        said = newest(tenant, "user")
        for title in ("👎 Not helpful", "👍 Helpful"):
            button = next(one for one in actions(said.card) if one["title"] == title)
            answer = await tenant.teams.press("user", said.id, button["verb"], button["data"])
            assert "without your name" in answer.body["value"]
        assert shown(said, "user") == before
    async with bot(tenant, tmp_path):
        rows = {row["question"]: row for row in await _exported(tenant)}
    assert rows["what is the OMA-URI"]["voted_down"] == "1"
    assert rows["what is the OMA-URI"]["answers"] == "oma_uri"
    assert plain(newest(tenant, "admin").card or {}).startswith("The file is in your OneDrive")


async def test_nobody_but_admins_gets_the_gaps(tenant: World, tmp_path: Path) -> None:
    async with bot(tenant, tmp_path):
        await say(tenant, "approver", "help")
        said = newest(tenant, "approver")
        for verb in ("gaps.export", "gaps.put"):
            await tenant.teams.press("approver", said.id, verb)
            assert "Only members of the admin group" in shown(said, "approver")
