"""The bot in front of the simulated tenant, both in this process: for a newcomer, for training and for questions."""

import asyncio
import errno
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from bot import app
from bot.chat.deadlines import STANDARD, Deadlines
from bot.config import SettingsError, simulated
from bot.demo import gallery
from bot.simulation.state import CHANGING, Scenario
from bot.simulation.world import World, simulate
from bot.store.database import AnotherWorker

HELP_DESK = "extension 4357"  # of the simulated company
DATABASE = "bot.sqlite3"
HISTORY = "tenant.json"
LAST_PORT = 65_535


@asynccontextmanager
async def running(scenario: Scenario, *, deadlines: Deadlines = STANDARD, **more: str) -> AsyncIterator[World]:
    """Both, listening on loopback. `more`: settings by their names, over those of the simulated tenant.

    Raises what bot.app.running and bot.simulation.simulate raise, SettingsError for a port that is taken.
    """
    async with _both(scenario, more, deadlines=deadlines) as world:
        yield world


@asynccontextmanager
async def showing(
    scenario: Scenario,
    port: int,
    folder: Path | None,
    *,
    language: str = "",
    deadlines: Deadlines = STANDARD,
    **more: str,
) -> AsyncIterator[World]:
    """As running, for people who look: the page on this port, every card in the gallery, everybody greeted.

    What `folder` holds is gone on with, but for the scenarios `fresh` and `crowded`. The bot looks everything up anew
    each time, so that a change of the tenant shows in the next answer. `language`: of everybody's Teams; empty for
    English.
    """
    if folder and scenario != "rollout":
        await asyncio.to_thread(_empty, folder)
    settings = {"PINBOT_HELP_DESK": HELP_DESK, **more}
    async with _both(scenario, settings, port=port, folder=folder, remember=False, deadlines=deadlines) as world:
        world.teams.locale = language or world.teams.locale
        world.gallery.update(await gallery.drawn(world.teams.locale))
        if not world.chats.conversations:
            for person in sorted(world.chats.installed):
                await world.teams.install(person)
        yield world


@asynccontextmanager
async def _both(
    scenario: Scenario,
    more: Mapping[str, str],
    *,
    port: int = 0,
    folder: Path | None = None,
    remember: bool = True,
    deadlines: Deadlines = STANDARD,
) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        home = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pin-reset-bot-")))
        with _page_port(port):
            world = await stack.enter_async_context(simulate(scenario, port=port, file=folder and folder / HISTORY))
        world.tenant.permissions |= CHANGING  # the operator of this tenant granted all that the product can use
        database = {"PINBOT_DATABASE_URL": f"sqlite+aiosqlite:///{home / DATABASE}"}
        here = {"PINBOT_HOST": "127.0.0.1"}  # whatever an image says: nobody from elsewhere talks to it
        settings = simulated({**database, **here, **world.settings(), **more})
        with _one_demo(folder):
            address = await stack.enter_async_context(app.running(settings, remember=remember, deadlines=deadlines))
        world.teams.bot_url = f"{address}/api/messages"
        yield world


@contextmanager
def _page_port(port: int) -> Iterator[None]:
    """The page has no setting whose name could be told."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise SettingsError(
            f"Port {port}, where the chat page would be, is taken: perhaps a demo is running already. End that one "
            f"with Ctrl-C in its window, or choose another port: make demo PAGE_PORT={_next(port)} (or --port)"
        ) from None


def _next(port: int) -> int:
    return port + 1 if port < LAST_PORT else port - 1


@contextmanager
def _one_demo(folder: Path | None) -> Iterator[None]:
    """Two demos would write into each other's conversations."""
    try:
        yield
    except SettingsError as error:
        if folder is None or not isinstance(error.__cause__, AnotherWorker):
            raise
        raise SettingsError(
            f"Another demo works with {folder}/. End that one with Ctrl-C in its window, or give this one a folder of "
            "its own: python -m bot simulate --data FOLDER"
        ) from None


def _empty(folder: Path) -> None:
    for file in (HISTORY, DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"):
        (folder / file).unlink(missing_ok=True)
