"""The chat in the terminal, in a process of its own: it answers, and it ends when told to."""

import asyncio
import os
import pty
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GUARD_SECONDS = 30.0  # a chat that does not end would hold up all tests; no measure


@dataclass(frozen=True)
class Chat:
    """A process, and what is typed into it."""

    process: asyncio.subprocess.Process
    keyboard: int

    def type(self, keys: str) -> None:
        os.write(self.keyboard, keys.encode())

    async def until(self, shown: str) -> str:
        assert self.process.stdout
        async with asyncio.timeout(GUARD_SECONDS):
            return (await self.process.stdout.readuntil(shown.encode())).decode()

    async def end(self) -> tuple[int | None, str]:
        """The exit code and what it complained of."""
        async with asyncio.timeout(GUARD_SECONDS):
            _, errors = await self.process.communicate()
        return self.process.returncode, errors.decode()


@asynccontextmanager
async def _chatting(folder: Path) -> AsyncIterator[Chat]:
    keyboard, terminal = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "simulate", "--port", "0", "--terminal"),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PINBOT_PORT": "0"},
        stdin=terminal,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    os.close(terminal)
    try:
        yield Chat(process, keyboard)
    finally:
        os.close(keyboard)
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_ctrl_c_ends_the_chat_without_another_key(tmp_path: Path) -> None:
    async with _chatting(tmp_path) as chat:
        await chat.until("user> ")
        chat.process.send_signal(signal.SIGINT)
        assert await chat.end() == (0, "")


@pytest.mark.parametrize("keys", ["/quit\n", "\x04"], ids=["quit", "ctrl-d"])
async def test_a_line_is_answered_and_the_chat_ends_when_told(tmp_path: Path, keys: str) -> None:
    async with _chatting(tmp_path) as chat:
        await chat.until("user> ")
        chat.type("I forgot my PIN\n")
        assert "CON-LT-0142" in await chat.until("user> ")
        chat.type(keys)
        assert await chat.end() == (0, "")
