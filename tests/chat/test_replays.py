"""What was typed once and is delivered again by whoever caught it does nothing again, also after a restart."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from bot.commands import commands
from bot.demo import run
from bot.demo.gallery.example import Example
from bot.simulation import World
from tests.deadlines import GENEROUS
from tests.journeys.test_rollout import say

# Typed or pressed, each decides or changes something. Whatever else does is a button that is good for one revision.
ONCE = {
    *("freeze", "unfreeze", "clock_right", "cancel", "request.cancel", "retry", "close"),
    *("change.file", "question.send", "desk.send"),
}


def test_all_that_changes_something_by_a_typed_word_does_it_once() -> None:
    listed = commands(Example().services)
    assert {name for one in listed if one.once for name in (*one.intents, *one.verbs)} == ONCE


@pytest.mark.parametrize(
    ("before", "caught", "after"),
    [
        (["freeze incident one"], "unfreeze", ["freeze incident two"]),
        ([], "freeze incident", ["unfreeze"]),
    ],
)
async def test_a_typed_word_that_is_delivered_again_after_a_restart_does_nothing(
    tmp_path: Path, before: list[str], caught: str, after: list[str]
) -> None:
    """T6 in SECURITY.md."""
    database = f"sqlite+aiosqlite:///{tmp_path}/bot.sqlite3"
    async with _bot(database) as world:
        for text in before:
            await say(world, "approver", text)
        call = (await world.teams.say("approver", caught)).activity
        for text in after:
            await say(world, "approver", text)
        frozen = await _frozen(world)
    async with _bot(database) as world:
        await world.teams.post(call | {"serviceUrl": world.teams.service_url})  # Teams' own address is another one here
        assert await _frozen(world) == frozen == (caught == "unfreeze")


def _bot(database: str) -> AbstractAsyncContextManager[World]:
    return run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0", PINBOT_DATABASE_URL=database)


async def _frozen(world: World) -> bool:
    return "All changes are frozen" in await say(world, "approver", "approvals")
