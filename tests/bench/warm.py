"""What a message of somebody it knows costs the server's process, beside other bots, in one run.

All processes stand side by side and take turns in shuffled rounds, so that a busy machine is busy for all of them. What
is printed is the median of the rounds and their range; a ratio is one of medians. Like with like is: each message a
POST with a signed token, one call out to the same connector. What differs is said in the line.
"""

import random
import statistics
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from tests.bench.load import OURS, Server, post_all, server, told
from tests.bench.peers import environment
from tests.bench.tenants import Tenant, ours

FIRST_PORT = OURS + 10
ROUNDS, WARM = 5, 60
FORGOT, HELLO, FACT, STATUS = "I forgot my PIN", "hello", "what is the minimum Windows version?", "status"
FLOOR, AGENTS = "floor", "Agents SDK, echo"


@dataclass
class Subject:
    """One kind of message to one process; `goals`: at most so many times what another one costs."""

    name: str
    bot: Server
    text: str = FORGOT
    person: str = "load-0"
    messages: int = 300
    goals: dict[str, float] = field(default_factory=dict)
    costs: list[float] = field(default_factory=list)  # milliseconds of CPU a message, by round

    @property
    def cost(self) -> float:
        """The median."""
        return statistics.median(self.costs)

    async def work(self, world: Tenant, messages: int) -> float:
        """Milliseconds of CPU a message."""
        before = self.bot.cpu()
        activities = [world.message(self.person, self.text) for _ in range(messages)]
        run = await post_all(self.bot.url, world.token, activities)
        if set(run.statuses) - {200, 201, 202}:
            raise RuntimeError(f"{self.name} refused: {run.statuses}")
        return (self.bot.cpu() - before) / messages * 1000


async def measure(world: Tenant) -> None:
    """All of them in shuffled rounds."""
    async with AsyncExitStack() as stack:
        bot = await stack.enter_async_context(ours(world))
        told("ready after", f"{bot.ready_seconds:.2f} s", "<= 2 s")
        subjects = [*await _peers(world, stack), *_of(bot)]
        for subject in subjects:
            await subject.work(world, min(WARM, subject.messages))
        await _cards(world, bot)
        for _ in range(ROUNDS):
            for subject in random.sample(subjects, len(subjects)):
                subject.costs.append(await subject.work(world, subject.messages))
    _tell(subjects)


def _of(bot: Server) -> list[Subject]:
    return [
        Subject("I forgot my PIN: card of a PC", bot, goals={FLOOR: 2.2, AGENTS: 1.0}),
        Subject("a fact: card with source and votes", bot, FACT, goals={FLOOR: 2.5}),
        Subject("hello: card with what it can do", bot, HELLO, goals={FLOOR: 2.0}),
        Subject("status, of an admin: reads the tenant", bot, STATUS, "admin", messages=10),
    ]


async def _peers(world: Tenant, stack: AsyncExitStack) -> list[Subject]:
    names = ("PINBOT_OPENID_URL", "MICROSOFT_APP_ID", "MICROSOFT_APP_TENANT_ID")
    openid_url, app_id, tenant_id = (world.settings[name] for name in names)
    table = [
        ("bare aiohttp: no token check, an echo", "floor", "bare", 300),
        (FLOOR, "floor", "floor", 300),
        ("botbuilder, echo", "stock", tenant_id, 30),
    ]
    sdks = [(AGENTS, "agents_sdk", tenant_id, 300), ("Teams SDK, echo", "teams_sdk", tenant_id, 60)]
    others = await environment.python()
    subjects = []
    for number, (name, module, last, messages) in enumerate(table + (sdks if others else [])):
        port = FIRST_PORT + number
        arguments = (f"tests.bench.peers.{module}", str(port), openid_url, app_id, last)
        interpreter = str(others) if others and module.endswith("_sdk") else sys.executable
        bot = await stack.enter_async_context(server(port, "/", *arguments, interpreter=interpreter))
        subjects.append(Subject(name, bot, messages=messages))
    return subjects


async def _cards(world: Tenant, bot: Server) -> None:
    """Somebody who forgot a PIN gets the device's card each time: a message that failed fast would cost little."""
    await world.order(clear="")
    await post_all(bot.url, world.token, [world.message("load-0", FORGOT) for _ in range(WARM)])
    counted = await world.order(clear="")
    if counted["sent"] != WARM or counted["general"]:
        raise RuntimeError(f"not every message was answered with the device's card: {counted}")


def _tell(subjects: list[Subject]) -> None:
    by_name = {subject.name: subject for subject in subjects}
    print(
        f"CPU of the server a message, {ROUNDS} shuffled rounds: median (range), × floor = token, JSON, 4 KB card out"
    )
    for subject in subjects:
        shares = {
            name: (subject.cost / by_name[name].cost, goal) for name, goal in subject.goals.items() if name in by_name
        }
        cost = f"{subject.cost:.2f} ms ({min(subject.costs):.2f}–{max(subject.costs):.2f})"
        floor = f"{subject.cost / by_name[FLOOR].cost:.2f} ×"
        goals = ", ".join(f"<= {goal} × {name} (is {share:.2f})" for name, (share, goal) in shares.items())
        told(f"{subject.name}: {cost}", floor, goals or "-")
