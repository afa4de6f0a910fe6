"""Locked, full, torn, rotten, two workers: never half a state, and nothing done on a file that is not whole."""

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store import audit
from bot.store.database import is_sound, open_database
from bot.store.lock import AnotherWorker, only_worker
from bot.store.records import State, Verdict
from bot.store.requests import StoreUnavailable
from tests.approvals.desk import ADA, KEY, desk, profile_plan

TAILS = 60


def _impatient(engine: AsyncEngine) -> None:
    """Wait 50 ms instead of five seconds for somebody else's lock."""
    event.listen(engine.sync_engine, "checkout", lambda connection, *_: connection.execute("PRAGMA busy_timeout=50"))


async def test_T34_a_locked_database_changes_nothing_and_the_next_try_succeeds(tmp_path: Path) -> None:  # noqa: N802
    async with desk(tmp_path) as table, desk(tmp_path) as other:
        request = await table.filed()
        _impatient(table.engine)
        async with other.engine.connect() as connection:
            await connection.execute(text("UPDATE clock SET id = 1"))
            with pytest.raises(StoreUnavailable) as caught:
                await table.press(request)
            assert caught.value.key == "errors.store_unavailable"
            with pytest.raises(StoreUnavailable):
                await table.filed(profile_plan())
            await connection.rollback()
        assert await table.now(request) == request
        assert (await table.press(request)).refused is None


async def test_T35_a_full_disk_refuses_the_new_and_recovers(tmp_path: Path) -> None:  # noqa: N802
    async with desk(tmp_path) as table:
        request = await table.filed()
        full = True

        def limit(connection: object, *_: object) -> None:
            pages = "1" if full else "1000000"
            connection.execute(f"PRAGMA max_page_count={pages}")  # type: ignore[attr-defined]  # the driver's own

        event.listen(table.engine.sync_engine, "checkout", limit)
        with pytest.raises(StoreUnavailable):
            await table.approvals.file(table.who(ADA), profile_plan(), "x" * 900)
        full = False
        await table.filed(profile_plan())
        assert (await table.press(request)).refused is None
        assert (await audit.check(table.engine, KEY)).sound


async def test_T36_a_torn_write_ahead_log_loses_whole_changes_and_never_halves(tmp_path: Path) -> None:  # noqa: N802
    source = tmp_path / "source"
    async with desk(source) as table:
        for _ in range(8):
            request = await table.filed()
            await table.press(request, verdict=Verdict.REJECT)
        for part in ("", "-wal"):
            shutil.copy(source / f"bot.sqlite3{part}", tmp_path / f"whole{part}")
    log = (tmp_path / "whole-wal").read_bytes()
    chance = random.Random(36)
    kept = set()
    for _ in range(TAILS):
        folder = tmp_path / "torn"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copy(tmp_path / "whole", folder / "bot.sqlite3")
        (folder / "bot.sqlite3-wal").write_bytes(log[: chance.randint(len(log) // 2, len(log))])
        kept.add(await _consistent(folder))
    assert len(kept) > 5  # torn at different places indeed


async def _consistent(folder: Path) -> int:
    """How many audit rows are left; each request stands where its newest row says."""
    async with desk(folder) as table:
        assert await is_sound(table.engine)
        report = await audit.check(table.engine, KEY)
        assert report.sound
        last = {one.request: one for one in await audit.entries(table.engine, table.time.now)}
        for request in await table.store.since(table.time.now):
            assert last[request.number].event == ("filed" if request.state is State.WAITING else "rejected")
            assert len(request.decisions) == (request.state is State.REJECTED)
        return report.rows


async def test_T36_rotten_pages_are_noticed_before_work_begins(tmp_path: Path) -> None:  # noqa: N802
    async with desk(tmp_path) as table:
        for _ in range(5):
            await table.press(await table.filed(), verdict=Verdict.REJECT)
        assert await is_sound(table.engine)
    file = tmp_path / "bot.sqlite3"
    content = bytearray(file.read_bytes())
    content[4096 * 2 : 4096 * 3] = bytes(random.Random(1).randbytes(4096))
    file.write_bytes(content)
    engine = await open_database(f"sqlite+aiosqlite:///{file}")
    assert not await is_sound(engine)
    await engine.dispose()


def test_T38_a_second_worker_is_refused_even_while_the_first_is_stopped(tmp_path: Path) -> None:  # noqa: N802
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.sqlite3"
    holder = f"""
import os, signal
from bot.store.lock import only_worker
with only_worker({url!r}):
    print("held", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
"""
    process = subprocess.Popen([sys.executable, "-c", holder], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(AnotherWorker), only_worker(url):
            pass
    finally:
        process.kill()
        process.communicate()
    with only_worker(url):
        pass
