"""Somebody whose phone tells no language is answered in theirs all the same."""

import pytest

from bot.demo.ask import language_of
from bot.simulation.world import World
from cards.plain import plain

SAYS_NOTHING = "0x80090011"  # a code is the same in every language


async def _answered_in(world: World, *, told: bool) -> str:
    chat = world.chats.personal("user")
    activity = world.teams.message("user", SAYS_NOTHING, chat, world.chats.new_id(), mention=False)
    if not told:
        del activity["locale"], activity["entities"]
    await world.teams.post(activity)
    return language_of(plain(chat.by_bot()[-1].card or {}))


@pytest.mark.parametrize(("chosen", "language"), [("de-DE", "de"), ("xx", "en"), (None, "en")])
async def test_without_a_language_of_the_client_that_of_the_directory_counts(
    world: World, chosen: str | None, language: str
) -> None:
    world.tenant.users[world.company.people["user"].object_id]["preferredLanguage"] = chosen
    assert await _answered_in(world, told=False) == language


async def test_the_language_that_the_client_told_last_counts_more(world: World) -> None:
    world.tenant.users[world.company.people["user"].object_id]["preferredLanguage"] = "de-DE"
    world.teams.locale = "ja-JP"
    assert await _answered_in(world, told=True) == "ja"
    assert await _answered_in(world, told=False) == "ja"
