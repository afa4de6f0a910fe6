"""The chat in the terminal: it answers, shows every role its buttons, survives, and ends when told to."""

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

from bot.demo import gallery, run, terminal
from bot.simulation import World
from bot.simulation.chats import BOT, CARD, Said
from cards.plain import plain
from tests.deadlines import GENEROUS

ROOT = Path(__file__).parents[2]
GUARD_SECONDS = 180.0  # a chat that does not end would hold up all tests; no measure


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


def _hear_ctrl_c() -> None:
    """As at a terminal: whoever was started in the background ignores it, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


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
        preexec_fn=_hear_ctrl_c,
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


@dataclass
class Screen:
    """A terminal in this process: what is typed, and what was printed since the last look."""

    keyboard: int
    capsys: pytest.CaptureFixture[str]
    printed: str = ""

    async def type(self, line: str, until: str) -> str:
        """Type a line and wait until the screen says so; what was printed up to there and a little more."""
        os.write(self.keyboard, f"{line}\n".encode())
        return await self.until(until)

    async def until(self, words: str) -> str:
        async with asyncio.timeout(GUARD_SECONDS):
            while words not in self.printed:
                await asyncio.sleep(0.01)
                self.printed += self.capsys.readouterr().out
        seen, self.printed = self.printed, self.printed.partition(words)[2]
        return seen


@asynccontextmanager
async def _seated(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Screen]:
    keyboard, tty = pty.openpty()
    with os.fdopen(tty) as typed:
        monkeypatch.setattr(sys, "stdin", typed)
        chat = asyncio.create_task(terminal.chat(world))
        yield Screen(keyboard, capsys)
        os.write(keyboard, b"/quit\n")
        async with asyncio.timeout(GUARD_SECONDS):
            await chat
    os.close(keyboard)


async def test_a_whole_story_in_the_terminal_with_every_role_to_its_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0", PINBOT_TURNS_PER_MINUTE="1000") as world,
        _seated(world, capsys, monkeypatch) as screen,
    ):
        for person in ("admin", "approver", "approver2"):  # as everybody is in the demo
            await world.teams.install(person)
        assert "[1] I forgot my PIN" in await screen.until("user> ")
        steps = await screen.type("I forgot my PIN", "[3] Another device")
        assert "CON-LT-0142" in steps
        assert steps.count("It didn't work") == 1
        assert steps.count("I'm locked out") == 1
        await screen.type("/as admin", "admin> ")
        await screen.type("assign Finance Laptops exclude Kiosk Devices", "[1] Request approval")
        await screen.type("1", "Reason, for example a ticket number: ")
        await screen.type("CHG-1", "Request #1 is filed")
        await screen.until("[1] Cancel the request")  # its card came by itself, with the view of who asked
        card = await screen.type("/as approver", "[1] Approve  [2] Reject")
        assert (card.count("[2] Reject"), card.count("Approve\n")) == (1, 0)
        assert "Finance Laptops" in card
        await screen.type("2", "Why not? It reaches who asked.: ")
        await screen.type("", "Say why you reject")
        await screen.type("1", "Step 1: done")
        done = await screen.type("/as admin", "Request #1 is done")
        assert "Step 1: done" in done
        await screen.type("/as approver2", "approver2> ")
        await screen.type("/as admin", "admin> ")
        await screen.type("undo 1", "[1] Request approval")
        await screen.type("1", "Reason, for example a ticket number: ")
        await screen.type("CHG-2, wrong wave", "Request #2 is filed")
        await screen.type("/as approver", "[1] Approve  [2] Reject")
        await screen.type("1", "Step 1: done")
        await screen.type("/as admin", "Request #2 is done")
        groups = world.company.groups
        (rows,) = [rows for rows in world.tenant.assignments.values() if rows]
        assert {row["target"]["groupId"] for row in rows} == {groups["pilot"].id, groups["kiosks"].id}


async def test_a_card_that_can_not_be_drawn_and_a_press_that_fails_do_not_end_the_chat(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        run.running("rollout", deadlines=GENEROUS, PINBOT_PORT="0") as world,
        _seated(world, capsys, monkeypatch) as screen,
    ):
        await screen.until("user> ")
        broken = {"type": "AdaptiveCard", "body": [{"type": "RichTextBlock"}]}
        nameless = {"type": "AdaptiveCard", "actions": [{"type": "Action.Execute"}]}
        for card in (broken, nameless):
            world.chats.keep(
                world.chats.personal("user"), BOT, {"attachments": [{"contentType": CARD, "content": card}]}
            )
        await screen.until("can't be shown or done in the terminal: KeyError")
        await screen.until("[1] –")
        await screen.type("1", "can't be shown or done in the terminal: KeyError")
        assert "CON-LT-0142" in await screen.type("I forgot my PIN", "[1] It worked")


async def test_every_card_of_the_product_can_be_drawn_and_each_button_stands_there_once() -> None:
    for name, card in (await gallery.drawn()).items():
        said = Said("1", BOT, {"attachments": [{"contentType": CARD, "content": card}]})
        titles = [button["title"] for button in terminal.buttons(said, "user")]
        text = terminal.written(said, "user").splitlines()
        whole = plain(card).replace("**", "").splitlines()
        assert text, name
        assert [text.count(title) + titles.count(title) for title in titles] == [
            whole.count(title) for title in titles
        ], name
