"""make bench: figures of this machine, in one run, beside the goals; ARGS: words of the parts that are wanted."""

import asyncio
import json
import sys
import tempfile

import aiohttp

from tests.bench import clicks, finding, flat, warm
from tests.bench.load import Server, longest_wait, post_all, told
from tests.bench.tenants import Tenant, ours, tenant

PEOPLE = 10_000
BURST = 1_000


async def main() -> None:
    """The wanted parts, or all of them."""
    wanted = set(sys.argv[1:])
    in_the_tenant = {
        "warm": warm.measure, "flat": flat.measure, "listing": _listing, "troubles": _troubles, "cold": _cold,
        "throttled": _throttled, "many": _many,
    }  # fmt: skip
    alone = {"clicks": clicks.measure, "questions": _questions, "finding": finding.measure}
    if unknown := wanted - {*in_the_tenant, *alone}:
        raise SystemExit(f"no such part: {', '.join(unknown)}. There are: {', '.join((*in_the_tenant, *alone))}")
    if not wanted or wanted & set(in_the_tenant):
        async with tenant(PEOPLE) as world:
            for name, part in in_the_tenant.items():
                if not wanted or name in wanted:
                    await part(world)
    for name, measure in alone.items():
        if not wanted or name in wanted:
            await measure()


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
