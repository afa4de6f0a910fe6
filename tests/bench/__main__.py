"""make bench: what a turn costs beside the SDK's own echo bot, on the same machine, under the same load, in one run."""

import asyncio
import json
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.bench import clicks, finding
from tests.bench.load import OURS, Json, Run, Server, environment, longest_wait, post_all, server, told

PEOPLE = 10_000
WARM, COUNTED = 300, 3_000
BURST = 1_000
STOCK = 3992


@dataclass
class Tenant:
    """The tenant's process."""

    process: asyncio.subprocess.Process
    settings: dict[str, str]
    service_url: str
    token: str
    object_ids: dict[str, str]

    async def order(self, **orders: str) -> dict[str, int]:
        """Set the faults; what the bot has sent since the last order."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(orders).encode() + b"\n")
        answer: dict[str, int] = json.loads(await self.process.stdout.readline())
        return answer

    def message(self, person: str, text: str = "I forgot my PIN") -> Json:
        """What Teams posts when somebody writes."""
        object_id, app_id = self.object_ids[person], self.settings["MICROSOFT_APP_ID"]
        tenant_id = self.settings["MICROSOFT_APP_TENANT_ID"]
        return {
            "type": "message",
            "id": uuid.uuid4().hex,
            "timestamp": "2026-11-24T08:00:00.000Z",
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": {"id": f"29:{object_id}", "name": person, "aadObjectId": object_id},
            "conversation": {"id": f"a:{object_id}", "conversationType": "personal", "tenantId": tenant_id},
            "recipient": {"id": f"28:{app_id}", "name": "bot"},
            "channelData": {"tenant": {"id": tenant_id}},
            "locale": "en-US",
            "text": text,
        }


@asynccontextmanager
async def tenant(people: int) -> AsyncIterator[Tenant]:
    """Start it and read what it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.tenant", str(people), limit=64 * 1024 * 1024,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    told_: dict[str, Any] = json.loads(await process.stdout.readline())
    try:
        yield Tenant(process, told_["settings"], told_["service_url"], told_["token"], told_["object_ids"])
    finally:
        process.stdin.close()
        await process.wait()


@asynccontextmanager
async def ours(world: Tenant) -> AsyncIterator[Server]:
    """A fresh `python -m bot serve`."""
    with tempfile.TemporaryDirectory() as folder:
        settings = environment(world.settings, folder, OURS)
        async with server(OURS, "/readyz", "bot", "serve", **settings) as bot:
            yield bot


async def main() -> None:
    """All figures, the goals beside them."""
    async with tenant(PEOPLE) as world:
        stock = await _stock(world)
        await _warm(world, stock)
        await _listing(world)
        await _troubles(world)
        await _cold(world)
        await _throttled(world)
        await _many(world)
    await clicks.measure()
    await _questions()
    finding.measure()


async def _cost(bot: Server, world: Tenant, text: str = "I forgot my PIN") -> tuple[float, Run]:
    """Milliseconds of the server's CPU for one message of somebody it knows already."""
    await post_all(bot.url, world.token, [world.message("load-0", text) for _ in range(WARM)])
    before = bot.cpu()
    run = await post_all(bot.url, world.token, [world.message("load-0", text) for _ in range(COUNTED)])
    if set(run.statuses) - {200, 201}:
        raise RuntimeError(f"refused: {run.statuses}")
    return (bot.cpu() - before) / COUNTED * 1000, run


async def _stock(world: Tenant) -> float:
    names = ("PINBOT_OPENID_URL", "MICROSOFT_APP_ID", "MICROSOFT_APP_TENANT_ID")
    arguments = (str(STOCK), *(world.settings[name] for name in names))
    async with server(STOCK, "/", "tests.bench.stock_echo", *arguments) as bot:
        cost, run = await _cost(bot, world)
    told("stock echo: CPU a message", f"{cost:.2f} ms", "-")
    told("stock echo: turns a second", f"{run.rate:.0f}", "-")
    return cost


async def _warm(world: Tenant, stock: float) -> None:
    async with ours(world) as bot:
        told("ready after", f"{bot.ready_seconds:.2f} s", "<= 3 s")
        await world.order(clear="")
        cost, run = await _cost(bot, world)
        counted = await world.order(clear="")
        if counted["sent"] != WARM + COUNTED or counted["general"]:
            raise RuntimeError(f"not every message was answered with the device's card: {counted}")
        answer, _ = await _cost(bot, world, "what is the minimum Windows version?")
    told("an answer about the rollout: CPU a message", f"{answer:.2f} ms", "<= 3.3 ms")
    told("I forgot my PIN, warm: CPU a message", f"{cost:.2f} ms", "<= 3.3 ms")
    told("I forgot my PIN, warm: share of the stock echo", f"{cost / stock:.3f}", "<= 0.2")
    told("I forgot my PIN, warm: turns a second", f"{run.rate:.0f}", ">= 300")


async def _listing(world: Tenant) -> None:
    names = ("PINBOT_GRAPH_URL", "PINBOT_LOGIN_URL", "PINBOT_LOGIN_CA", "MICROSOFT_APP_ID", "MICROSOFT_APP_PASSWORD")
    arguments = [*(world.settings[name] for name in names), world.settings["MICROSOFT_APP_TENANT_ID"]]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.listing", *arguments, world.object_ids["many"],
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    costs = json.loads(out)
    told(f"listing {costs['devices']} devices: CPU, first call", f"{costs['first'] * 1000:.1f} ms", "not slow")
    told(f"listing {costs['devices']} devices: CPU, mean of ten", f"{costs['next'] * 1000:.1f} ms", "<= 10 ms")


async def _troubles(world: Tenant) -> None:
    """The loop's longest gap while each neighbour hangs, under load."""
    for name, place in (("key endpoint", "keys"), ("connector", "sink"), ("Graph", "graph")):
        async with ours(world) as bot:
            health = bot.url.replace("/api/messages", "/healthz")
            await world.order(hang=place)
            wait = await longest_wait(health, lambda bot=bot: _for_seconds(bot, world, 4.0))  # type: ignore[misc]
            await world.order(clear="")
        told(f"longest /healthz while the {name} hangs", f"{wait * 1000:.0f} ms", "<= 250 ms")


async def _for_seconds(bot: Server, world: Tenant, seconds: float) -> None:
    """Different people write, 20 a second, whatever becomes of it."""
    timeout = aiohttp.ClientTimeout(total=seconds)
    headers = {"Authorization": f"Bearer {world.token}"}
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as session:

        async def one(number: int) -> None:
            try:
                async with session.post(bot.url, json=world.message(f"load-{number}"), headers=headers) as response:
                    await response.read()
            except (aiohttp.ClientError, TimeoutError):
                return

        sending = []
        for number in range(round(seconds * 20)):
            sending.append(asyncio.create_task(one(number)))
            await asyncio.sleep(0.05)
        await asyncio.gather(*sending)


async def _cold(world: Tenant) -> None:
    async with ours(world) as bot:
        await world.order(slow="graph")
        run = await post_all(bot.url, world.token, [world.message(f"load-{n}") for n in range(200)], at_once=4)
        counted = await world.order(clear="")
    told("cold answer, Graph at 50 ms a call: p50", f"{run.percentile(0.5) * 1000:.0f} ms", "-")
    told("cold answer, Graph at 50 ms a call: p99", f"{run.percentile(0.99) * 1000:.0f} ms", "-")
    told("of 200, with general instructions", str(counted["general"]), "-")


async def _throttled(world: Tenant) -> None:
    """A thousand different people within ten seconds, every Graph call refused with 429 and Retry-After 5."""
    async with ours(world) as bot:
        await world.order(throttle="graph")
        headers = {"Authorization": f"Bearer {world.token}"}
        answered = 0

        async def one(session: aiohttp.ClientSession, number: int) -> None:
            nonlocal answered
            await asyncio.sleep(number / BURST * 10)
            async with session.post(bot.url, json=world.message(f"load-{number}"), headers=headers) as response:
                answered += response.status == 200

        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            await asyncio.gather(*(one(session, number) for number in range(BURST)))
        counted = await world.order(clear="")
    told(f"{BURST} people in 10 s, Graph throttling: answered", f"{counted['sent']}", f"{BURST}")
    told("of these, with general instructions", f"{counted['general']}", "-")


async def _many(world: Tenant) -> None:
    async with ours(world) as bot:
        run = await post_all(bot.url, world.token, [world.message(f"load-{number}") for number in range(PEOPLE)])
        told(f"resident after {PEOPLE} different people", f"{bot.resident():.0f} MB", "<= 150 MB")
        told("cold turns a second", f"{run.rate:.0f}", "-")


async def _questions() -> None:
    """A hundred questions through `python -m bot ask --questions`."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        for number in range(100):
            file.write(
                json.dumps({"id": str(number), "persona": "user", "text": f"I forgot my PIN {'please' * (number % 2)}"})
            )
            file.write("\n")
        file.flush()
        loop = asyncio.get_running_loop()
        began = loop.time()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "ask", "--questions", file.name, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
    if len(out.splitlines()) != 100:
        raise RuntimeError("not every question was answered")
    told("python -m bot ask, 100 questions", f"{loop.time() - began:.1f} s", "<= 20 s")


if __name__ == "__main__":
    asyncio.run(main())
