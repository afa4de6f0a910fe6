"""`python -m bot serve` as an operator starts it, one process after the other on one database, to be killed.

Only its reads after a lost answer are not 20 seconds apart: a minute for each unlucky kill would be most of the test.
"""

import asyncio
import os
import random
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from bot.simulation import World
from bot.store.seal import SealKey

ROOT = Path(__file__).parents[2]
HASTE = """
from bot.approvals.worker import ReadBack, Worker
Worker.__init__.__kwdefaults__["read_back"] = ReadBack(seconds=0.2)
"""


def prepared(folder: Path) -> Path:
    """A new folder that processes are started in."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(HASTE)
    return folder


@dataclass
class Bot:
    """One process after the other on the same database."""

    world: World
    folder: Path
    chance: random.Random
    process: asyncio.subprocess.Process | None = None
    kills: int = 0
    by: signal.Signals = signal.SIGKILL

    @property
    def settings(self) -> dict[str, str]:
        """Of each process."""
        database = f"sqlite+aiosqlite:///{self.folder}/bot.sqlite3"
        own = {"PINBOT_PORT": "0", "PINBOT_DATABASE_URL": database, "PINBOT_TURNS_PER_MINUTE": "1000"}
        return {**self.world.settings(), **own}

    async def spawn(self) -> None:
        """Start a process; it does not listen yet."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("MICRO", "PINBOT_"))}
        environment["PYTHONPATH"] = f"{self.folder}:{ROOT}"
        with (self.folder / "bot.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "bot", "serve"),
                cwd=self.folder,
                env={**environment, **self.settings},
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )

    async def start(self) -> None:
        """Start a process and wait until it listens."""
        await self.spawn()
        assert self.process
        assert self.process.stdout
        line = (await self.process.stdout.readline()).decode()
        assert line.startswith("Listening on "), self.log
        self.world.teams.bot_url = line.split()[-1]

    async def kill_within(self, seconds: float) -> None:
        """SIGKILL, or what it is told by, at a random moment of that time."""
        await asyncio.sleep(self.chance.uniform(0, seconds))
        await self.end(self.by)
        self.kills += 1

    async def end(self, by: signal.Signals) -> None:
        """End the process, which must have lived until now."""
        assert self.process
        assert self.process.returncode is None, self.log
        self.process.send_signal(by)
        await self.process.communicate()

    @property
    def key(self) -> SealKey:
        """Of the audit."""
        return SealKey(self.settings["PINBOT_AUDIT_KEY"].encode())

    @property
    def log(self) -> str:
        """The end of what all processes logged."""
        return (self.folder / "bot.log").read_text()[-3_000:]
