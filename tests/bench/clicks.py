"""How long a click waits while the worker carries out one change after the other."""

import asyncio
import itertools
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.simulation import World, simulate
from bot.simulation.chats import CARD, Said
from bot.simulation.state import CHANGING
from bot.simulation.teams import actions
from cards.plain import plain
from tests.bench.load import OURS, Json, Run, environment, server, told

CLICKS_A_SECOND, CLICKING_SECONDS = 20, 20


async def measure() -> None:
    """Clicks at a steady rate, while one change after the other is filed, approved and carried out."""
    async with _deciding() as world:
        clicks = Clicks(world)
        await clicks.change()
        changing = asyncio.create_task(clicks.change_for_ever())
        clicks.run, clicks.changes = Run(), 0
        world.faults.forget()
        await clicks.at_a_steady_rate()
        calls = world.faults.count("graph") / clicks.run.seconds
        if changing.done():
            changing.result()  # raises what went wrong
        changing.cancel()
    told("clicks answered a second, Graph at 50 ms a call", f"{clicks.run.rate:.1f}", f">= {CLICKS_A_SECOND}")
    told("changes carried out meanwhile", f"{clicks.changes}", "> 0")
    told("calls of Graph a second meanwhile", f"{calls:.0f}", "-")
    told("a click while the worker is busy: p50", f"{clicks.run.percentile(0.5) * 1000:.0f} ms", "-")
    told("a click while the worker is busy: p99", f"{clicks.run.percentile(0.99) * 1000:.0f} ms", "<= 1000 ms")


@asynccontextmanager
async def _deciding() -> AsyncIterator[World]:
    """A bot before a tenant that it may change, and people who ask and decide. The tenant is in this process."""
    async with simulate("rollout") as world:
        world.tenant.permissions |= CHANGING
        with tempfile.TemporaryDirectory() as folder:
            settings = environment(world.settings(), folder, OURS)
            async with server(OURS, "/readyz", "bot", "serve", **settings) as bot:
                world.teams.bot_url = bot.url
                for person in ("admin", "approver", "approver2"):
                    await world.teams.install(person)
                world.faults.slow("graph", 0.05)
                yield world


@dataclass
class Clicks:
    """What people click, and how long each waited for the answer. `approval`: the newest click on Approve."""

    world: World
    run: Run = field(default_factory=Run)
    changes: int = 0
    number: int = 0
    approval: tuple[Said, Json] | None = None

    async def change_for_ever(self) -> None:
        """One change after the other."""
        while True:
            await self.change()

    async def change(self) -> None:
        """Ask, approve, wait until it is done."""
        self.number += 1
        await self.world.teams.say("admin", f"{'assign' if self.number % 2 else 'unassign'} Finance Laptops")
        preview, asking = await self._preview()
        await self.press("admin", preview, "change.file", {**asking, "reason": "CHG-1"})
        waiting = await self._look_until(preview, "Waiting for approval")
        approval = next(button["data"] for button in actions(waiting) if button["verb"] == "request.approve")
        await self.press("approver", preview, "request.approve", approval)
        self.approval = preview, approval
        await self._look_until(preview, "Done")
        self.changes += 1

    async def _look_until(self, said: Said, words: str) -> Json:
        """The newest request's card; faster than the courier, so that the worker has always something to do."""
        async with asyncio.timeout(CLICKING_SECONDS):
            while True:
                answer = await self.world.teams.press(
                    "approver", said.id, "request.view", {"request": str(self.number)}
                )
                card: Json = answer.body["value"]
                if isinstance(card, dict) and words in plain(card):
                    return card
                await asyncio.sleep(0.05)

    async def at_a_steady_rate(self) -> None:
        """Clicks that are counted already, that come too late, and views: whether or not the last one is answered."""
        assert self.approval
        kinds = itertools.cycle(
            (("approver", "request.approve"), ("approver2", "request.approve"), ("admin", "request.view"))
        )
        began, clicking = time.monotonic(), []
        for person, verb in itertools.islice(kinds, CLICKS_A_SECOND * CLICKING_SECONDS):
            clicking.append(asyncio.create_task(self.press(person, self.approval[0], verb, self.approval[1])))
            await asyncio.sleep(began + len(clicking) / CLICKS_A_SECOND - time.monotonic())
        await asyncio.gather(*clicking)
        self.run.seconds = time.monotonic() - began

    async def press(self, person: str, said: Said, verb: str, data: Json) -> None:
        """One click; raises RuntimeError when it is not answered with a card."""
        began = time.monotonic()
        answer = await self.world.teams.press(person, said.id, verb, data)
        self.run.waits.append(time.monotonic() - began)
        if answer.status != 200 or answer.body["type"] != CARD:
            raise RuntimeError(f"no card for {verb}: {answer.status}")

    async def _preview(self) -> tuple[Said, Json]:
        """The newest preview of the admin, and the data of its button."""

        def found() -> list[tuple[Said, Json]]:
            said = reversed(self.world.chats.personal("admin").by_bot())
            pairs = ((one, button) for one in said for button in actions(one.card))
            return [(one, button["data"]) for one, button in pairs if button["verb"] == "change.file"]

        async with asyncio.timeout(CLICKING_SECONDS):
            await self.world.chats.wait(lambda: bool(found()))
        return found()[0]
