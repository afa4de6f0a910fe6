"""The pipeline of these tests; whatever they do, the log stays without content."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.conversations import Conversations
from bot.store.database import open_database
from bot.store.turns.heard import HeardMessages
from bot.store.turns.promises import Promises
from tests.chat.pipeline.harness import Bot, Directory, Heard, now
from tests.teams.door.front import Clock


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    engine = await open_database(f"sqlite+aiosqlite:///{tmp_path}/bot.sqlite3")
    clock = Clock()
    conversations, heard = Conversations(engine, now), HeardMessages(engine, now)
    bot = Bot(Heard(), Directory(), conversations, clock, heard, Promises(engine, now))
    yield bot
    await bot.pipeline.close()
    await engine.dispose()


@pytest.fixture(autouse=True)
def _quiet(quiet_log: None) -> None:
    """The log of every test here is looked at."""
