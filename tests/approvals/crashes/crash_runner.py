"""Children that are killed: `python -m tests.approvals.crashes.crash_runner crashes|races`, then a JSON summary.

Children are forked from this preloaded process and run the product's own worker and decisions on a real SQLite file,
against the simulated Graph over HTTP in a process of its own.
"""

import argparse
import asyncio
import gc
import json
import logging
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, fields
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.approvals.plan import Plan
from bot.store import audit
from bot.store.database import open_database
from bot.store.records import OPEN, State, Verdict
from bot.store.rows import request_of
from bot.store.tables import RequestRow
from bot.tenant.graph import Graph
from tests import once
from tests.approvals.crashes import child, mutants, points
from tests.approvals.crashes.tenant_process import Setting, TenantProcess, open_tenant
from tests.approvals.harness import KEY

CHILD_SECONDS = 30.0
MOST_KILLS_OF_A_RUN = 4
MOST_KILLS_FOR_A_MISTAKE = 60
LAGS = (0, 0, 1, 2, 3)  # fewer reads than must agree: more would be a tenant in which nobody could tell


@dataclass
class Summary:
    """What a session of killing came to."""

    runs: int = 0
    kills: int = 0
    recoveries_killed: int = 0
    writes: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    points_killed_at: set[str] = field(default_factory=set)
    points_seen: set[str] = field(default_factory=set)
    violations: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def as_json(self) -> str:
        """One line."""
        shown = {one.name: getattr(self, one.name) for one in fields(self)} | {
            "points_killed_at": sorted(self.points_killed_at),
            "points_seen": sorted(self.points_seen),
            "seconds": round(self.seconds, 1),
        }
        return json.dumps(shown)


@dataclass
class Outcome:
    """What a child said before it ended or was killed."""

    lines: list[str]
    killed: bool
    code: int

    def of(self, word: str) -> list[str]:
        """The rest of the lines that start so."""
        return [line.partition(" ")[2] for line in self.lines if line.partition(" ")[0] == word]


@dataclass
class Run:
    """One request from filing to its end, however many processes that takes."""

    number: int
    seed: int
    kind: str
    folder: Path
    chance: random.Random
    acknowledged: list[str] = field(default_factory=list)  # audit heads that decisions were answered with
    foreign: list[str] = field(default_factory=list)  # groups that another admin added meanwhile
    tampered: bool = False

    def __str__(self) -> str:
        return f"run {self.number} (seed {self.seed}, {self.kind})"


def fork(work: Callable[[Callable[[str], None]], Awaitable[None]], kill_at: int, kill_after: float) -> Outcome:
    """Run in a child; SIGKILL at its n-th failpoint (0: at none) or after some seconds (0: never)."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _be_born(work, writing, kill_at)
    os.close(writing)
    if kill_after:
        _wait(child, kill_after)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading) as pipe:
        lines = pipe.read().splitlines()
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return Outcome(lines, killed, 0 if killed else os.waitstatus_to_exitcode(status))


def _be_born(work: Callable[[Callable[[str], None]], Awaitable[None]], writing: int, kill_at: int) -> None:
    """Never returns."""

    def tell(line: str) -> None:
        os.write(writing, f"{line}\n".encode())

    code = 3
    try:
        signal.alarm(int(CHILD_SECONDS))
        points.watch(tell, kill_at)
        asyncio.run(work(tell))  # type: ignore[arg-type]  # a coroutine it is
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it was, the parent counts it
        traceback.print_exc()
    finally:
        os._exit(code)


def _wait(child: int, seconds: float) -> None:
    """Until then, or until the child has ended (it stays a zombie, so that its id can't be somebody else's)."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return
        time.sleep(0.001)


class CrashRunner:
    """One simulated tenant, one run after another."""

    def __init__(self, tenant_process: TenantProcess, seed: int, folder: Path) -> None:
        self._tenant = tenant_process
        self._seed = seed
        self._folder = folder
        self.summary = Summary()
        self._template = folder / "template.sqlite3"
        outcome = fork(lambda tell: _migrate(self._template), 0, 0)
        assert outcome.code == 0

    def rehearse(self) -> None:
        """A life of each kind in this process: what is loaded or reckoned at its first use, all children have then."""
        for kind in child.KINDS:
            folder = self._folder / f"rehearsal-{kind}"
            folder.mkdir()
            shutil.copy(self._template, folder / "bot.sqlite3")
            setting = self._tenant.reset(_faults(random.Random(), kind, quiet=True))
            asyncio.run(child.live(folder, kind, setting, lambda _line: None))
        gc.collect()
        gc.freeze()

    def sweep(self) -> None:
        """Kill at every failpoint of every kind of life, once each."""
        for kind in child.KINDS:
            hits = self._run(kind, kills=[], quiet=True)
            for hit in range(1, hits + 1):
                self._run(kind, kills=[hit], quiet=True)
                if self.summary.violations and mutants.made():
                    return

    def randomly(self, kills: int) -> None:
        """Kill at random until so many were killed, recoveries too."""
        while self.summary.kills < kills and not (self.summary.violations and mutants.made()):
            chance = random.Random(f"{self._seed} {self.summary.runs}")
            kind = chance.choices(list(child.KINDS), (6, 3, 2))[0]
            self._run(kind, kills=None, quiet=False)

    def _run(self, kind: str, kills: list[int] | None, *, quiet: bool) -> int:
        """One run; returns how many failpoints its first process passed. `kills`: at which; None: at random."""
        number = self.summary.runs
        self.summary.runs += 1
        chance = random.Random(f"{self._seed} {number}")
        folder = self._folder / f"run-{number}"
        folder.mkdir()
        shutil.copy(self._template, folder / "bot.sqlite3")
        run = Run(number, self._seed, kind, folder, chance)
        setting = self._tenant.reset(_faults(chance, kind, quiet=quiet))
        first = self._one_after_another(run, setting, kills)
        shutil.rmtree(folder)
        return first

    def _one_after_another(self, run: Run, setting: Setting, kills: list[int] | None) -> int:
        passed = 0
        planned = len(kills) if kills is not None else run.chance.randint(1, MOST_KILLS_OF_A_RUN)
        for number in range(planned + 1):
            at, after = 0, 0.0
            if number < planned:
                at = kills[number] if kills is not None else run.chance.randint(1, 60) * (run.chance.random() < 0.7)
                after = 0.0 if at else run.chance.uniform(0.005, 0.25)
            last = number == planned
            outcome = fork(lambda tell: self._live(run, setting, tell, last=last), at, after)  # noqa: B023 - forked now
            passed = passed or len(outcome.of("point"))
            self._note(run, outcome, recovery=number > 0)
            if outcome.code:
                self.summary.violations.append(f"{run}: a child failed or hung, exit {outcome.code}")
            if outcome.killed:
                self._meanwhile(run, random_changes=kills is None)
            if last:
                self._check(run, outcome)
        return passed

    async def _live(self, run: Run, setting: Setting, tell: Callable[[str], None], *, last: bool) -> None:
        await child.live(run.folder, run.kind, setting, tell)
        if last:
            await _read(run, tell)

    def _note(self, run: Run, outcome: Outcome, *, recovery: bool) -> None:
        seen = outcome.of("point")
        self.summary.points_seen |= set(seen)
        run.acknowledged += outcome.of("acknowledged")
        if outcome.killed:
            self.summary.kills += 1
            self.summary.recoveries_killed += recovery
            self.summary.points_killed_at |= set(outcome.of("killed"))

    def _meanwhile(self, run: Run, *, random_changes: bool) -> None:
        """Nobody is at work: other admins and hands in the database may be."""
        facts = self._tenant.facts()
        if run.acknowledged and not _approved(run.folder):
            self.summary.violations.append(f"{run}: an acknowledged decision is lost")
        if facts["written"] and not _approved(run.folder):
            self.summary.violations.append(f"{run}: written without an approval in the store")
        if not random_changes or run.kind != "assign":
            return
        what = run.chance.random()
        if what < 0.3:
            group = run.chance.choice(facts["free_groups"])
            self._tenant.foreign(group)
            run.foreign.append(group)
        elif what < 0.7 and not run.tampered and not facts["written"]:
            run.tampered = _tamper(run.folder, facts["asked_group"], run.chance.choice(facts["free_groups"]))

    def _check(self, run: Run, outcome: Outcome) -> None:
        facts = self._tenant.facts()
        if not outcome.of("kept"):
            return  # counted as a violation already
        kept = json.loads(outcome.of("kept")[0])
        self.summary.writes += len(facts["written"])
        self.summary.ends[kept["state"]] += 1
        found = _violations(run, kept, facts)
        self.summary.violations += [f"{run}: {one}" for one in found]


def _faults(chance: random.Random, kind: str, *, quiet: bool) -> dict[str, Any]:
    """What the tenant does to its callers in this run."""
    if quiet:
        return {"kind": kind, "lag": 0, "spells": [], "multi_admin": False}
    active = []
    for _ in range(chance.choice((0, 1, 1, 2))):
        status = chance.choice((0, 429, 503, 504))
        active.append(
            {
                "place": "graph",
                "method": chance.choice(("POST", "PATCH")),
                "reset": not status,
                "status": status,
                "carried_out": status != 429 and chance.random() < 0.6,
                "calls": 1,
            }
        )
    if chance.random() < 0.2:
        active.append({"place": "graph", "method": "GET", "reset": True, "calls": chance.randint(1, 2)})
    held = kind == "assign" and chance.random() < 0.1
    return {"kind": kind, "lag": chance.choice(LAGS), "spells": active, "multi_admin": held}


def _violations(run: Run, kept: dict[str, Any], facts: dict[str, Any]) -> list[str]:
    """Each promise that was broken."""
    state, written = kept["state"], facts["written"]
    checks = {
        "stuck": state in {one.value for one in OPEN},
        "an acknowledged decision is lost": bool(run.acknowledged) and not kept["approved"],
        "an acknowledged audit head is gone": not kept["heads_known"],
        "the audit is broken": kept["broken"] is not None,
        "the audit does not say where the request stands": not kept["audit_agrees"],
        "written without an approval": bool(written) and not kept["approved"],
        "written without an intent": not {one["request_id"] for one in written} <= set(kept["intents"]),
        "sent twice": len({one["request_id"] for one in written}) != len(written),
        "a double effect": len({json.dumps(one["what"]) for one in written}) != len(written),
        "more than one profile": facts["sources"] > 1,
        "a foreign assignment is gone": not set(facts["foreign"]) <= set(facts["assigned"]),
        "a foreign filter is gone": facts["filters"] != facts["filters_before"],
        "tampered with and carried out": run.tampered and bool(written),
        "done, but not in the tenant": state == State.DONE and not facts["effect"],
        "in the tenant, but never written by the bot": state == State.DONE and len(written) != kept["steps"],
        "written, and nobody was told": state == State.VOID and bool(written),
    }
    return [name for name, broken in checks.items() if broken]


async def _migrate(path: Path) -> None:
    engine = await open_database(f"sqlite+aiosqlite:///{path}")
    await engine.dispose()


def _approved(folder: Path) -> bool:
    with sqlite3.connect(folder / "bot.sqlite3") as connection:
        return bool(connection.execute("SELECT 1 FROM decisions WHERE verdict = 'approve'").fetchone())


def _tamper(folder: Path, asked: str, other: str) -> bool:
    """Another group in the stored plan, as somebody with the file could write it."""
    with sqlite3.connect(folder / "bot.sqlite3") as connection:
        changed = connection.execute(
            "UPDATE requests SET plan = replace(plan, ?, ?) WHERE state IN ('waiting', 'approved')", (asked, other)
        )
        return changed.rowcount > 0


async def _read(run: Run, tell: Callable[[str], None]) -> None:
    """What the store says at the end."""
    engine = await open_database(f"sqlite+aiosqlite:///{run.folder}/bot.sqlite3")
    tell(f"kept {json.dumps(await _kept(engine, run))}")
    await engine.dispose()


async def _kept(engine: AsyncEngine, run: Run) -> dict[str, Any]:
    from sqlalchemy.ext.asyncio import AsyncSession

    async with AsyncSession(engine) as session:
        row = await session.get_one(RequestRow, 1)
        request = await request_of(session, row)
    entries = await audit.entries(engine, request.created_at)
    mine = [one for one in entries if one.request == 1 and one.event != "refused"]
    reports = [await audit.check(engine, KEY, head) for head in run.acknowledged or [""]]
    return {
        "state": request.state.value,
        "note": request.note.value,
        "approved": any(one.verdict is Verdict.APPROVE for one in request.decisions),
        "heads_known": not any(report.cut for report in reports),
        "broken": reports[0].broken,
        "intents": [one.detail["client_request_id"] for one in entries if one.event == "intent"],
        "audit_agrees": bool(mine)
        and mine[-1].detail.get("state", "waiting") == request.state.value
        and mine[-1].detail.get("revision", 1) == request.revision,
        "steps": len(Plan.read(request.plan).steps),
    }


def crashes(kills: int, seed: int) -> Summary:
    """The sweep over every failpoint, then random kills."""
    started = time.monotonic()
    _preload()
    with tempfile.TemporaryDirectory(prefix="runner-") as folder, open_tenant() as tenant_process:
        runner = CrashRunner(tenant_process, seed, Path(folder))
        if mutants.made():  # most show at random sooner than one after another
            runner.randomly(MOST_KILLS_FOR_A_MISTAKE)
        else:
            runner.rehearse()
        if not runner.summary.violations:
            runner.sweep()
            runner.randomly(kills)
        runner.summary.seconds = time.monotonic() - started
        return runner.summary


def _preload() -> None:
    """What each child would do again: imports, the certificates of a TLS that loopback does not need, a collection."""
    once.share(pytest.MonkeyPatch())
    Graph(_nobody, "http://127.0.0.1:9")
    gc.collect()
    gc.freeze()


async def _nobody() -> str:
    return ""


def races(rounds: int, processes: int) -> dict[str, Any]:
    """All decide the same request at the same moment, again and again."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="runner-") as folder:
        path = Path(folder)
        assert fork(lambda tell: _migrate(path / "bot.sqlite3"), 0, 0).code == 0
        context = multiprocessing.get_context("fork")
        barrier = context.Barrier(processes)
        pipes: list[tuple[Connection, Connection]] = [context.Pipe(duplex=False) for _ in range(processes)]
        racers = [
            context.Process(target=child.race, args=(path, number, rounds, barrier, pipes[number][1]))
            for number in range(processes)
        ]
        for racer in racers:
            racer.start()
        results = [pipe.recv() for pipe, _ in pipes]
        for racer in racers:
            racer.join()
        if failed := [result for result in results if len(result) != rounds]:
            raise RuntimeError(f"of {processes} processes {len(failed)} failed: {failed}")
        decided = _decisions_by_request(path)
    winners = [sum(result[number] == "won" for result in results) for number in range(rounds)]
    return {
        "rounds": rounds,
        "processes": processes,
        "one_winner": sum(count == 1 for count in winners),
        "one_decision": sum(count == 1 for count in decided),
        "answers": dict(Counter(answer for result in results for answer in result)),
        "seconds": round(time.monotonic() - started, 1),
    }


def _decisions_by_request(folder: Path) -> list[int]:
    with sqlite3.connect(folder / "bot.sqlite3") as connection:
        query = "SELECT count(approver) FROM requests LEFT JOIN decisions ON number = request GROUP BY number"
        return [count for (count,) in connection.execute(query)]


def main() -> int:
    """Print the summary; 1 when a promise was broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["crashes", "races"])
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mutant", choices=sorted(mutants.MUTANTS), default=None)
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)  # trouble is what it is about
    if given.mutant:
        mutants.make(given.mutant)
    if given.what == "races":
        found = races(given.rounds, given.processes)
        print(json.dumps(found))
        return int(found["one_winner"] != given.rounds or found["one_decision"] != given.rounds)
    summary = crashes(given.kills, given.seed)
    print(summary.as_json())
    return int(bool(summary.violations))


if __name__ == "__main__":
    sys.exit(main())
