"""A tenant that is ready for the bot, and the check of it as an operator runs it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, fields
from pathlib import Path

import pytest

from bot import app
from bot.check.finding import Finding, Level
from bot.check.run import Progress, check
from bot.config import simulated
from bot.simulation import World, simulate
from bot.simulation.state import CHANGING, Scenario
from tests.deadlines import GENEROUS, PATIENCE

APPROVERS = ("approver", "approver2", "approver3")
CATALOGUE = "AppCatalog.Read.All"


@dataclass
class Ready:
    """A world, and what an operator has set for it; both may be changed before they are looked at."""

    world: World
    settings: dict[str, str]
    patch: pytest.MonkeyPatch = field(default_factory=pytest.MonkeyPatch)

    @property
    def file(self) -> Path:
        """The database."""
        return Path(self.settings["PINBOT_DATABASE_URL"].removeprefix("sqlite+aiosqlite:///"))

    async def look(self, seconds: float = PATIENCE, progress: Progress = lambda _: None) -> tuple[Finding, ...]:
        """All lines."""
        async with app.checking(simulated(self.settings), GENEROUS) as services:
            return await check(services, seconds, progress)

    @contextmanager
    def put_back(self) -> Iterator[None]:
        """Whatever an operator changes meanwhile is as it was afterwards, so that one tenant does for many mistakes."""
        world = self.world
        parts: dict[str, object] = {
            " ".join(one.name for one in fields(world.tenant)): world.tenant,
            "secret expired disabled certificates ahead": world.login,
            "registered in_team": world.chats,
            "assigned": world.identity,
            "settings": self,
        }
        kept = [(part, name, deepcopy(getattr(part, name))) for names, part in parts.items() for name in names.split()]
        try:
            yield
        finally:
            self.patch.undo()
            world.faults.clear()
            world.certify("127.0.0.1")
            for part, name, value in kept:
                setattr(part, name, value)


@asynccontextmanager
async def ready(folder: Path, scenario: Scenario = "rollout", *, serves: bool = True) -> AsyncIterator[Ready]:
    """Granted, licensed, with people who installed the bot; and the bot serves it."""
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(simulate(scenario))
        world.tenant.permissions |= CHANGING | {CATALOGUE}
        settings = world.settings() | {
            "PINBOT_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bot.sqlite3'}",
            "PINBOT_PUBLIC_URL": world.public_url,
            "PINBOT_PORT": "0",
        }
        if serves:
            address = await stack.enter_async_context(app.running(simulated(settings), deadlines=GENEROUS))
            world.teams.bot_url = f"{address}/api/messages"
            settings["PINBOT_PORT"] = address.rpartition(":")[2]
            for person in APPROVERS:
                await world.teams.install(person)
        yield Ready(world, settings)


def keys(findings: tuple[Finding, ...], *states: Level) -> list[str]:
    """Of the lines in these states; of all without any."""
    return [one.key for one in findings if one.state in states or not states]


def to_do(findings: tuple[Finding, ...]) -> list[str]:
    """What must be done."""
    return keys(findings, Level.DO)
