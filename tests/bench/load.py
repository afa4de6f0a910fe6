"""Processes under load: starts them, sends signed messages, reads what they cost from /proc (Linux)."""

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 120.0  # on a busy machine
OURS = 3991  # the port of our bot
Json = dict[str, Any]


@dataclass
class Server:
    """A process that serves POST /api/messages."""

    process: asyncio.subprocess.Process
    url: str
    ready_seconds: float

    def cpu(self) -> float:
        """Seconds of CPU so far, user and system."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident(self) -> float:
        """Megabytes resident."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@asynccontextmanager
async def server(
    port: int, ready: str, *arguments: str, interpreter: str = sys.executable, **environment: str
) -> AsyncIterator[Server]:
    """Start `python -m ARGUMENTS` and wait until the path `ready` answers below 500."""
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        interpreter, "-m", *arguments, env={**os.environ, **environment},
        stderr=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await _answering(process, f"http://127.0.0.1:{port}{ready}")
        yield Server(process, f"http://127.0.0.1:{port}/api/messages", time.monotonic() - began)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _answering(process: asyncio.subprocess.Process, url: str) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(START_SECONDS):
        while process.returncode is None:
            try:
                async with session.get(url) as response:
                    if response.status < 500:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.02)
    raise RuntimeError(f"the server ended with {process.returncode}")


@dataclass
class Run:
    """What one load did."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)  # of each call
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Answered turns a second."""
        return len(self.waits) / self.seconds

    def percentile(self, share: float) -> float:
        """Seconds that this share of the calls was answered in."""
        return statistics.quantiles(self.waits, n=1000, method="inclusive")[round(share * 1000) - 1]


async def post_all(url: str, token: str, activities: list[Json], at_once: int = 16) -> Run:
    """Send them all, so many at a time."""
    run, queue = Run(), list(reversed(activities))
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connector = aiohttp.TCPConnector(limit=0)
    began = time.monotonic()

    async def one(session: aiohttp.ClientSession) -> None:
        while queue:
            body = json.dumps(queue.pop())
            start = time.monotonic()
            async with session.post(url, data=body, headers=headers) as response:
                await response.read()
            run.waits.append(time.monotonic() - start)
            run.statuses[response.status] = run.statuses.get(response.status, 0) + 1

    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(one(session) for _ in range(at_once)))
    run.seconds = time.monotonic() - began
    return run


async def longest_wait(health_url: str, during: Callable[[], Awaitable[object]]) -> float:
    """The longest time that /healthz took, asked every 10 ms: how long the loop was not free at most."""
    longest, stop = 0.0, asyncio.Event()

    async def probe() -> None:
        nonlocal longest
        async with aiohttp.ClientSession() as session:
            while not stop.is_set():
                start = time.monotonic()
                async with session.get(health_url) as response:
                    await response.read()
                longest = max(longest, time.monotonic() - start)
                await asyncio.sleep(0.01)

    probing = asyncio.create_task(probe())
    try:
        await during()
    finally:
        stop.set()
        await probing
    return longest


def told(name: str, value: str, goal: str) -> None:
    """One line of figures."""
    print(f"{name:<58} {value:>12}   goal {goal}", flush=True)


def environment(world_settings: Mapping[str, str], folder: str, port: int, **more: str) -> dict[str, str]:
    """The settings of a bot process before a simulated tenant."""
    return {
        **world_settings,
        "PINBOT_PORT": str(port),
        "PINBOT_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bot.sqlite3",
        "PINBOT_TURNS_PER_MINUTE": "100000",
        **more,
    }
