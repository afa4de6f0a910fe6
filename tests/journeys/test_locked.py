"""Another program holds the lock of the database while somebody approves: nothing is lost, and the operator sees it."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import aiohttp
import pytest

from bot.background import supervision
from bot.demo import run
from bot.simulation import World
from tests.journeys.test_rollout import decide, file, newest, shown, until, writes


async def test_an_approval_under_a_foreign_lock_is_refused_in_words_and_carried_out_when_it_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T34 in SECURITY.md."""
    monkeypatch.setattr(supervision, "LOCKED_SECONDS", 3.0)
    database = tmp_path / "bot.sqlite3"
    async with run.running("rollout", PINBOT_PORT="0", PINBOT_DATABASE_URL=f"sqlite+aiosqlite:///{database}") as world:
        for person in ("admin", "approver", "approver2"):
            await world.teams.install(person)
        card = await file(world, "admin", "assign Finance Laptops", 1)
        with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as other:
            while other.execute("SELECT count(*) FROM outbox").fetchone() != (0,):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.05)  # a card that can't be remembered would be sent a second time
            other.execute("BEGIN IMMEDIATE")
            assert "couldn't write that down" in await decide(world, "approver", 1)
            await _told(world, {"database"})
            assert "Waiting for approval" in shown(newest(world, "admin", "Request #1\n"), "admin")
            assert writes(world) == 0
        await decide(world, "approver2", 1)
        await until(world, card, "admin", "Done")
        assert writes(world) == 1
        await _told(world, set())


async def _told(world: World, not_ready: set[str]) -> None:
    """Until /readyz names these and no others; a test that hangs here has failed."""
    url, found = world.teams.bot_url.replace("/api/messages", "/readyz"), None
    async with aiohttp.ClientSession() as session:
        while found != not_ready:
            async with session.get(url) as answer:
                found = set((await answer.json()).get("not_ready", []))
