"""Is it flat in size? The same words to a bot with few requests and audit rows and to one with many, and both at rest.

The rows are copies of a request that was really filed; the audit is one whole chain, sealed as the bot seals it.
"""

import asyncio
import random
import statistics
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from sqlalchemy import insert, text

from bot.store.audit import START, _hash
from bot.store.records import Verdict
from bot.store.seal import SealKey
from bot.store.tables import AuditRow
from tests.approvals.harness import ADA, MONDAY, Harness, harness
from tests.bench.load import OURS, Server, environment, post_all, server, told
from tests.bench.tenants import Tenant
from tests.store.test_lists import many as copies

SIZES = {"few": (10, 10, 100), "many": (1_000, 100_000, 200_000)}  # waiting, ended, audit rows
WORDS = ("approvals", "request 5", "history 90", "hello")
ROUNDS, MESSAGES, REST_SECONDS = 5, 10, 20.0


async def measure(world: Tenant) -> None:
    """Both side by side."""
    async with AsyncExitStack() as stack:
        bots = {}
        for number, (name, sizes) in enumerate(SIZES.items()):
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            await _fill(Path(folder), world, *sizes)
            port = OURS + 30 + number
            settings = environment(world.settings, folder, port)
            bots[name] = await stack.enter_async_context(server(port, "/readyz", "bot", "serve", **settings))
            told(f"ready after, {name} rows", f"{bots[name].ready_seconds:.2f} s", "<= 1.5 × few")
        costs = await _spoken(bots, world)
        await _rest(bots)
    for words in WORDS:
        few, many = (statistics.median(costs[name, words]) for name in SIZES)
        told(f"{words}: {few:.1f} ms of CPU with few, {many:.1f} with many", f"{many / few:.2f} ×", "<= 1.5 ×")


async def _fill(folder: Path, world: Tenant, waiting: int, ended: int, rows: int) -> None:
    key = SealKey(world.settings["PINBOT_AUDIT_KEY"].encode())
    async with harness(folder, tenant=world.settings["MICROSOFT_APP_TENANT_ID"], key=key, most_open=100) as table:
        await _chain(table, key, rows)
        other = await table.filed()
        await table.press(other, verdict=Verdict.REJECT)
        open_one = await table.filed()
        await copies(table, open_one, waiting)
        await copies(table, other, ended)
        async with table.engine.begin() as connection:  # neither is over its time while this is measured
            await connection.execute(text("UPDATE requests SET expires_at = '2099-01-01 00:00:00', remind_at = NULL"))


async def _chain(table: Harness, key: SealKey, count: int) -> None:
    """Look-ups of somebody, which are about no request."""
    before, rows = START, list[dict[str, object]]()
    for number in range(1, count + 1):
        values = {"seq": number, "at": MONDAY, "event": "looked_up", "request": None, "actor": ADA, "detail": "{}"}
        before = _hash(key, before, AuditRow(**values))
        rows.append(values | {"hash": before})
    async with table.engine.begin() as connection:
        for start in range(0, count, 5_000):
            await connection.execute(insert(AuditRow), rows[start : start + 5_000])


async def _spoken(bots: dict[str, Server], world: Tenant) -> dict[tuple[str, str], list[float]]:
    costs: dict[tuple[str, str], list[float]] = {(name, words): [] for name in SIZES for words in WORDS}
    for number in range(ROUNDS + 1):
        for name, words in random.sample([*costs], len(costs)):
            before = bots[name].cpu()
            activities = [world.message("approver", words) for _ in range(MESSAGES)]
            await post_all(bots[name].url, world.token, activities, at_once=1)
            if number:  # the first round warms up
                costs[name, words].append((bots[name].cpu() - before) / MESSAGES * 1000)
    return costs


async def _rest(bots: dict[str, Server]) -> None:
    before = {name: bot.cpu() for name, bot in bots.items()}
    await asyncio.sleep(REST_SECONDS)
    for name, bot in bots.items():
        told(f"at rest, {name} rows: of a core", f"{(bot.cpu() - before[name]) / REST_SECONDS:.1%}", "<= 1 %")
