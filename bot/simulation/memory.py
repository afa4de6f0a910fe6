"""What outlives a restart of the simulated tenant: its objects and its conversations, in one file."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bot.simulation.chats import ChatEvent, Chats, Past
from bot.simulation.state import SimulatedTenant

PAUSE_SECONDS = 0.2  # several changes at once are written once


@dataclass
class Memory:
    """All that is kept."""

    tenant: SimulatedTenant
    past: Past


_FORMAT = TypeAdapter(Memory)


def read(file: Path | None) -> Memory | None:
    """What an earlier start left; None if nothing. Raises ValueError for a file that is not ours."""
    if file is None or not file.exists():
        return None
    try:
        return _FORMAT.validate_json(file.read_bytes())
    except ValidationError:
        raise ValueError(f"{file} cannot be read; remove it to start anew") from None


@asynccontextmanager
async def keeping(file: Path | None, tenant: SimulatedTenant, chats: Chats) -> AsyncIterator[None]:
    """Write soon after every change of a conversation and once more when the block ends."""
    if file is None:
        yield
        return
    await asyncio.to_thread(file.parent.mkdir, mode=0o700, parents=True, exist_ok=True)
    over = asyncio.Event()
    with chats.follow() as events:
        task = asyncio.create_task(_follow(events, over, lambda: _keep(file, Memory(tenant, chats.past()))))
        try:
            yield
        finally:
            over.set()
            await task


async def _follow(events: asyncio.Queue[ChatEvent], over: asyncio.Event, keep: Callable[[], Awaitable[None]]) -> None:
    while not over.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), PAUSE_SECONDS)
        if not events.empty():
            while not events.empty():
                events.get_nowait()
            await keep()
    await keep()


async def _keep(file: Path, memory: Memory) -> None:
    await asyncio.to_thread(_write, file, _FORMAT.dump_json(memory))


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all, and for the owner only: people write here what they like."""
    new = file.with_suffix(".new")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as written:  # noqa: PTH123 - with a mode
        written.write(content)
    new.replace(file)
