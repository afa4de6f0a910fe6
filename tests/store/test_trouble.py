"""Locked, full, torn, rotten, two workers: never half a state, and nothing done on a file that is not whole."""

import asyncio
import contextlib
import gc
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from subprocess import DEVNULL, PIPE

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot.chat.deadlines import PRESS_UNTIL
from bot.chat.turn import Person, Place, PlaceKind, Sent
from bot.errors import StoreUnavailable
from bot.store import audit
from bot.store.conversations import Conversations
from bot.store.database import AnotherWorker, check_writing, is_sound, only_worker, open_database
from bot.store.gaps import Gaps
from bot.store.outbox import Outbox
from bot.store.questions import NewQuestion, Questions
from bot.store.records import State, Verdict
from bot.store.sessions import reading, writing
from bot.store.turns.heard import HeardMessages
from tests.approvals.harness import ADA, KEY, MONDAY, PRIYA, TENANT, Harness, consent_plan, harness, profile_plan
from tests.deadlines import PATIENCE

TAILS = 60


def _impatient(engine: AsyncEngine) -> None:
    """Wait 50 ms instead of five seconds for somebody else's lock."""
    event.listen(engine.sync_engine, "checkout", lambda connection, *_: connection.execute("PRAGMA busy_timeout=50"))


@contextlib.contextmanager
def _memory_left_alone() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def test_T34_a_locked_database_changes_nothing_and_the_next_try_succeeds(tmp_path: Path) -> None:  # noqa: N802
    async with harness(tmp_path) as table, harness(tmp_path) as other:
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


async def test_T34_a_write_that_is_cut_off_anywhere_keeps_nobody_from_writing(tmp_path: Path) -> None:  # noqa: N802
    """What it had open is somewhere in memory still; nobody looks through memory here."""
    async with harness(tmp_path) as table:
        heard = HeardMessages(table.engine, lambda: MONDAY)
        with _memory_left_alone():
            for steps in range(TAILS):
                turns = [asyncio.create_task(heard.first(f"{steps}-{one}", "a")) for one in range(3)]
                for _ in range(steps):
                    await asyncio.sleep(0.0005)
                for turn in turns:
                    turn.cancel()
                await asyncio.gather(*turns, return_exceptions=True)
                await check_writing(table.engine)


async def test_T34_what_a_connection_that_is_given_up_had_begun_ends_with_it(tmp_path: Path) -> None:  # noqa: N802
    async with harness(tmp_path) as table:
        connection = await table.engine.raw_connection()
        driver = connection.driver_connection
        assert driver
        unread = await driver.execute("UPDATE clock SET id = 1 RETURNING id")
        connection.invalidate()
        await check_writing(table.engine)
        assert unread


async def test_T35_a_full_disk_refuses_the_new_and_recovers(tmp_path: Path) -> None:  # noqa: N802
    async with harness(tmp_path) as table:
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
    async with harness(source) as table:
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
    async with harness(folder) as table:
        assert await is_sound(table.engine)
        report = await audit.check(table.engine, KEY)
        assert report.sound
        last = {one.request: one for one in await audit.entries(table.engine, table.time.now)}
        for request in await table.store.since(table.time.now):
            assert last[request.number].event == ("filed" if request.state is State.WAITING else "rejected")
            assert len(request.decisions) == (request.state is State.REJECTED)
        return report.rows


async def test_T36_rotten_pages_are_noticed_before_work_begins(tmp_path: Path) -> None:  # noqa: N802
    async with harness(tmp_path) as table:
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


PERSON = Person(TENANT, ADA, "29:ada", "Ada")
CHAT = Place(PlaceKind.PERSONAL, "a:1", TENANT, "https://smba.trafficmanager.net/teams", "28:bot")
CALLS: dict[str, Callable[[Harness], Awaitable[object]]] = {
    "a request": lambda table: table.approvals.request(1),
    "all that wait": lambda table: table.approvals.waiting(),
    "the history": lambda table: table.approvals.history(1),
    "filing": lambda table: table.filed(profile_plan()),
    "freezing": lambda table: table.approvals.freeze(table.who(PRIYA), "why"),
    "erasing": lambda table: table.erase(ADA),
    "letters": lambda table: Outbox(table.engine).due(MONDAY),
    "a letter told": lambda table: Outbox(table.engine).told("key"),
    "a letter later": lambda table: Outbox(table.engine).later("key", MONDAY),
    "copies": lambda table: Outbox(table.engine).copies(1),
    "a copy": lambda table: Outbox(table.engine).remember(1, Sent(CHAT, "1"), ADA),
    "a question": lambda table: _questions(table).ask(NewQuestion(ADA, "Where is my PC?")),
    "questions due": lambda table: _questions(table).due(),
    "gaps": lambda table: Gaps(table.engine, lambda words, _most: words, lambda: MONDAY).since(MONDAY.date()),
    "an install": lambda table: Conversations(table.engine, lambda: MONDAY).learn(PERSON, CHAT),
    "a chat": lambda table: Conversations(table.engine, lambda: MONDAY).personal(PERSON),
    "a removal": lambda table: Conversations(table.engine, lambda: MONDAY).forget(PERSON),
    "the audit": lambda table: audit.entries(table.engine, MONDAY),
    "the audit's head": lambda table: audit.head(table.engine),
    "a check of the audit": lambda table: audit.check(table.engine, KEY),
    "a check of writing": lambda table: check_writing(table.engine),
}


def _questions(table: Harness) -> Questions:
    return Questions(table.engine, lambda: MONDAY)


@pytest.mark.parametrize("name", CALLS)
async def test_a_pool_that_has_nothing_left_and_a_replaced_file_are_a_store_that_is_away(
    tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with harness(tmp_path) as table:
        if name != "filing":  # the one request that there may be of its object
            await table.filed(profile_plan())
        table.engine.sync_engine.pool._timeout = 0.01  # type: ignore[attr-defined]  # QueuePool
        async with AsyncExitStack() as others:
            for _ in range(15):
                await others.enter_async_context(table.engine.connect())
            with pytest.raises(StoreUnavailable):
                await CALLS[name](table)
        assert "the database: TimeoutError" in caplog.text
        (tmp_path / "bot.sqlite3").rename(tmp_path / "elsewhere")
        with pytest.raises(StoreUnavailable):
            await CALLS[name](table)
        assert "the database: Replaced" in caplog.text
        (tmp_path / "elsewhere").rename(tmp_path / "bot.sqlite3")
        await CALLS[name](table)


@pytest.mark.parametrize("how", ["deleted", "another file", "a link that leads elsewhere"])
async def test_T35_nothing_is_carried_out_on_a_file_that_is_not_the_database_any_more(  # noqa: N802
    tmp_path: Path, how: str
) -> None:
    file, other = tmp_path / "bot.sqlite3", tmp_path / "other"
    if how == "a link that leads elsewhere":
        file.symlink_to(tmp_path / "first")
    async with harness(tmp_path) as table:  # where no write may be sent
        await table.approved(consent_plan())
        await (await open_database(f"sqlite+aiosqlite:///{other}")).dispose()
        file.unlink()
        if how == "another file":
            other.rename(file)
        elif how == "a link that leads elsewhere":
            file.symlink_to(other)
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                await table.worker.round()
            with pytest.raises(StoreUnavailable):
                await check_writing(table.engine)
        assert file.exists() is (how != "deleted")  # and no empty one is put there


async def test_a_check_of_writing_notices_a_lock_that_reads_do_not(tmp_path: Path) -> None:
    async with harness(tmp_path) as table:
        _impatient(table.engine)
        with contextlib.closing(sqlite3.connect(tmp_path / "bot.sqlite3", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert (await table.approvals.waiting()).requests == ()
            with pytest.raises(StoreUnavailable):
                await check_writing(table.engine)
        await check_writing(table.engine)
        assert (await table.store.snapshot(0)).high_water.year == 2000  # nothing has changed


def test_T35_a_check_of_writing_notices_a_disk_that_takes_nothing(tmp_path: Path) -> None:  # noqa: N802
    script = f"""
import asyncio, resource
from bot.errors import StoreUnavailable
from bot.store.database import check_writing, open_database

async def main():
    engine = await open_database("sqlite+aiosqlite:///{tmp_path}/bot.sqlite3")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        await check_writing(engine)
    except StoreUnavailable:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        await check_writing(engine)
        print("noticed, and well again")
    await engine.dispose()

asyncio.run(main())
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout == "noticed, and well again\n"


@pytest.mark.parametrize("name", ["a symlink", "a hard link", "another way to write it", "the same, cleaned up"])
def test_T38_the_lock_is_on_the_database_whatever_it_is_called(tmp_path: Path, name: str) -> None:  # noqa: N802
    file, link = tmp_path / "bot.sqlite3", tmp_path / "link.sqlite3"
    (tmp_path / "folder").mkdir()
    with only_worker(f"sqlite+aiosqlite:///{file}"):
        if name == "a symlink":
            link.symlink_to(file)
        elif name == "a hard link":
            link.hardlink_to(file)
        elif name == "another way to write it":
            link = tmp_path / "folder" / ".." / "bot.sqlite3"
        else:
            link = file
            for other in set(tmp_path.glob("*.*")) - {file}:
                other.unlink()
        with pytest.raises(AnotherWorker), only_worker(f"sqlite+aiosqlite:///{link}"):
            pass


async def test_T38_sqlite_s_own_locks_hold_beside_it(tmp_path: Path) -> None:  # noqa: N802
    """A write lock of the bot keeps another process out, and the bot's lock keeps no writer out."""
    file = tmp_path / "bot.sqlite3"
    write = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE'); print('wrote')"
    with only_worker(f"sqlite+aiosqlite:///{file}"):
        async with harness(tmp_path) as table:
            for locked in (True, False):
                async with table.engine.connect() as connection:
                    await connection.execute(text("UPDATE clock SET id = 1" if locked else "SELECT 1"))
                    other = await asyncio.create_subprocess_exec(
                        sys.executable, "-c", write, file, stdout=PIPE, stderr=DEVNULL
                    )
                    assert (await other.communicate())[0] == (b"" if locked else b"wrote\n")
                    await connection.rollback()


def test_T38_a_second_worker_is_refused_even_while_the_first_is_stopped(tmp_path: Path) -> None:  # noqa: N802
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.sqlite3"
    holder = f"""
import os, signal
from bot.store.database import only_worker
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


async def test_T34_a_press_waits_for_a_lock_as_long_as_it_has_and_all_else_as_before(tmp_path: Path) -> None:  # noqa: N802
    async with harness(tmp_path) as table:
        sessions, waited = async_sessionmaker(table.engine), []
        now = asyncio.get_running_loop().time()
        for until in (None, now - 1, None, now + PATIENCE):
            token = PRESS_UNTIL.set(until)
            for session in (reading(sessions), writing(sessions)):
                async with session as opened:
                    waited.append(await opened.scalar(text("PRAGMA busy_timeout")))
            PRESS_UNTIL.reset(token)
    assert waited[:6] == [5000, 5000, 250, 250, 5000, 5000]
    assert 5000 < min(waited[6:]) <= max(waited[6:]) <= PATIENCE * 1000


async def test_T34_a_press_gives_up_when_no_connection_is_left(tmp_path: Path) -> None:  # noqa: N802
    async with harness(tmp_path) as table, AsyncExitStack() as others:
        pool = table.engine.sync_engine.pool
        for _ in range(15):
            await others.enter_async_context(table.engine.connect())
        pool._timeout = 1e6  # type: ignore[attr-defined]  # QueuePool; a test that waits so long has failed
        PRESS_UNTIL.set(asyncio.get_running_loop().time())
        with pytest.raises(StoreUnavailable):
            await table.approvals.frozen()
        with pytest.raises(StoreUnavailable):
            await table.approvals.freeze(table.who(PRIYA), "incident")
    PRESS_UNTIL.set(None)
