"""The bot in front of the simulated tenant, both in this process: for a newcomer, for training and for questions."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bot import app
from bot.config import simulated
from bot.simulation.state import Scenario
from bot.simulation.world import World, simulate


@asynccontextmanager
async def running(scenario: Scenario, **more: str) -> AsyncIterator[World]:
    """Both, listening on loopback. `more`: settings by their names, over those of the simulated tenant.

    Raises what bot.app.running raises.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pin-reset-bot-")))
        world = await stack.enter_async_context(simulate(scenario))
        database = {"PINBOT_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bot.sqlite3'}"}
        settings = simulated({**database, **world.settings(), **more})
        address = await stack.enter_async_context(app.running(settings))
        world.teams.bot_url = f"{address}/api/messages"
        yield world
