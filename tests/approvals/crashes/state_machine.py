"""The life of requests as a state machine: everything that people, time and the tenant can do, in any order.

`python -m tests.approvals.crashes.state_machine --mutant "forget expiry"` looks for a counter-example; exit 1 when
there is one.
"""

import argparse
import asyncio
import logging
import shutil
import sys
import tempfile
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as some
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.approvals.refusals import Reason, Refused
from bot.reset_rules.facts import PIN_SERVICE
from bot.store import audit
from bot.store.database import open_database
from bot.store.records import OPEN, Request, State, Verdict
from bot.tenant import GraphCall, WriteResult
from tests.approvals.crashes import mutants
from tests.approvals.harness import ADA, ARNE, DANA, KEY, PRIYA, Harness, TableRoles, Time, consent_plan, harness

PEOPLE = (ADA, ARNE, PRIYA, DANA)
REQUESTERS = some.sampled_from((ADA, ARNE))
ANYBODY = some.sampled_from(PEOPLE)
VERDICTS = some.sampled_from((Verdict.APPROVE, Verdict.APPROVE, Verdict.REJECT))
SELDOM = some.sampled_from((False, False, False, True))
LIFE = timedelta(hours=24)
NEEDED = {"consent": 2}

Answer = TypeVar("Answer")
_template: list[Path] = []


class Apps:
    """bot.tenant.Writes for plans without a write: `there` says whether the tenant has changed since."""

    def __init__(self) -> None:
        self.changed = False

    async def read(self, path: str) -> tuple[Mapping[str, Any], ...]:
        """No apps, or a disabled one."""
        return ({"appId": PIN_SERVICE, "accountEnabled": False},) if self.changed else ()

    async def send(self, call: GraphCall) -> WriteResult:
        """Never asked for."""
        raise AssertionError(call)


@dataclass
class Known:
    """What the model knows of a request."""

    requester: str
    thing: str
    expires: datetime
    state: State = State.WAITING
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    steps: int = 1  # what a revision should be: one more for each change


class Child(RuleBasedStateMachine):
    """People file, press and take back; time passes or is set back; the worker works; processes are restarted."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="life-"))
        if not _template:
            _template.append(Path(tempfile.mkdtemp(prefix="template-")) / "bot.sqlite3")
            self._do(_migrated(_template[0]))
        shutil.copy(_template[0], self.folder / "bot.sqlite3")
        self.time = Time()
        self.roles = TableRoles(admins={ADA, ARNE, PRIYA}, deciders={PRIYA, DANA, ARNE})
        self.apps = Apps()
        self.known: dict[int, Known] = {}
        self.frozen = False
        self.jumped = False  # since the last round that was not frozen
        self.stack = AsyncExitStack()
        self.harness: Harness

    def _do(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return self.loop.run_until_complete(work)

    @initialize()
    def begin(self) -> None:
        """The first process, and two requests to begin with."""
        self._open_harness()
        self._file(ADA, "a")
        self._file(ARNE, "b")

    def _open_harness(self) -> None:
        made = harness(self.folder, roles=self.roles, writes=self.apps, time=self.time, needed=NEEDED)
        self.harness = self._do(self.stack.enter_async_context(made))

    def teardown(self) -> None:
        """The chain must be whole, whatever happened."""
        if hasattr(self, "harness"):
            report = self._do(audit.check(self.harness.engine, KEY))
            assert report.sound
            self._do(self.stack.aclose())
        self.loop.close()
        shutil.rmtree(self.folder)

    def _moment(self) -> datetime:
        """The later of the wall clock and of what the store has seen."""
        return max(self.time.now, self._do(self.harness.store.snapshot(0)).high_water)

    def _waiting(self) -> dict[int, Known]:
        return {number: one for number, one in self.known.items() if one.state is State.WAITING}

    def _open(self) -> dict[int, Known]:
        return {number: one for number, one in self.known.items() if one.state in OPEN}

    def _request(self, number: int) -> Request:
        found = self._do(self.harness.approvals.request(number))
        assert found is not None
        return found

    @rule(who=ANYBODY, thing=some.sampled_from(("a", "b", "c", "d", "e")))
    def file(self, who: str, thing: str) -> None:
        """Ask for something."""
        self._file(who, thing)

    def _file(self, who: str, thing: str) -> None:
        mine = [one for one in self._open().values() if one.requester == who]
        busy = thing in {one.thing for one in self._open().values()}
        others = self.roles.deciders - {who}
        allowed = who in self.roles.admins and not self.roles.away and not self.frozen
        allowed = allowed and len(mine) < 3 and not busy and len(others) >= 2
        moment = self._moment()
        plan = consent_plan().model_copy(update={"object_key": thing})
        try:
            request = self._do(self.harness.approvals.file(self.harness.who(who), plan, "why"))
        except Refused:
            assert not allowed
        else:
            assert allowed
            assert request.expires_at == moment + LIFE
            self.known[request.number] = Known(who, thing, request.expires_at)

    @precondition(lambda self: self._waiting())
    @rule(data=some.data(), who=some.sampled_from((PRIYA, DANA, ARNE)), verdict=VERDICTS)
    def press(self, data: some.DataObject, who: str, verdict: Verdict) -> None:
        """Press a button of the newest card of something that waits."""
        self._press(data.draw(some.sampled_from(sorted(self._waiting()))), who, verdict)

    @precondition(lambda self: any(one.verdicts for one in self._waiting().values()))
    @rule(data=some.data(), verdict=VERDICTS)
    def press_again(self, data: some.DataObject, verdict: Verdict) -> None:
        """The same, by somebody who has said something already."""
        number = data.draw(some.sampled_from([key for key, one in self._waiting().items() if one.verdicts]))
        self._press(number, data.draw(some.sampled_from(sorted(self.known[number].verdicts))), verdict)

    @precondition(lambda self: self._waiting())
    @rule(data=some.data(), who=some.sampled_from((PRIYA, DANA)))
    def press_an_old_card(self, data: some.DataObject, who: str) -> None:
        """The same, on a card that was drawn before the last change."""
        self._press(data.draw(some.sampled_from(sorted(self._waiting()))), who, Verdict.APPROVE, old=True)

    @precondition(lambda self: self.known)
    @rule(data=some.data(), who=ANYBODY, verdict=VERDICTS, old=SELDOM, forged=SELDOM)
    def press_anything(self, data: some.DataObject, who: str, verdict: Verdict, old: bool, forged: bool) -> None:
        """Press a button of whatever there ever was, on an older card, perhaps with another request's nonce."""
        self._press(data.draw(some.sampled_from(sorted(self.known))), who, verdict, old=old, forged=forged)

    def _press(self, number: int, who: str, verdict: Verdict, *, old: bool = False, forged: bool = False) -> None:
        known, request, moment = self.known[number], self._request(number), self._moment()
        revision = request.revision - (1 if old else 0)
        nonce = "0" * 32 if forged else self.harness.approvals.nonce(request)
        repeated = known.verdicts.get(who) is verdict and not forged
        allowed = (
            known.state is State.WAITING
            and moment < known.expires
            and who != known.requester
            and who in self.roles.deciders
            and not self.roles.away
            and who not in known.verdicts
            and not old
            and not forged
            and not (self.frozen and verdict is Verdict.APPROVE)
        )
        ruling = self._do(self.harness.press(request, who, verdict, nonce=nonce, revision=revision))
        assert (ruling.refused is None) == (allowed or repeated)
        if allowed:
            known.verdicts[who] = verdict
            known.steps += 1
            approvals = sum(one is Verdict.APPROVE for one in known.verdicts.values())
            if verdict is Verdict.REJECT:
                known.state = State.REJECTED
            elif approvals == 2:
                known.state = State.APPROVED
        elif ruling.refused is Reason.EXPIRED and known.state is State.WAITING:
            known.state = State.EXPIRED
            known.steps += 1

    @precondition(lambda self: self.known)
    @rule(data=some.data(), who=ANYBODY)
    def cancel(self, data: some.DataObject, who: str) -> None:
        """Take a request back."""
        number = data.draw(some.sampled_from(sorted(self.known)))
        known = self.known[number]
        allowed = who == known.requester and known.state in {State.WAITING, State.APPROVED, State.CONSENTING}
        try:
            self._do(self.harness.approvals.cancel(number, self.harness.who(who)))
        except Refused:
            assert not allowed
        else:
            assert allowed
            known.state = State.CANCELLED
            known.steps += 1

    @rule(hours=some.sampled_from((0.1, 0.1, 5, 23.9, 24)))
    def time_passes(self, hours: float) -> None:
        """Both clocks go on."""
        self.time.pass_by(hours=hours)

    @rule()
    def sweep(self) -> None:
        """What time alone does."""
        moment = self._moment()
        self._do(self.harness.sweep())
        for known in self._waiting().values():
            if moment >= known.expires:
                known.state = State.EXPIRED
                known.steps += 1

    @rule()
    def work(self) -> None:
        """One round of the worker. A jump of the clock gives everything to humans; else what was approved is done."""
        behind = self._moment() - self.time.now > timedelta(minutes=5)
        clock = self.harness.worker._clock
        passed = self.time.now - clock._seen[0], timedelta(seconds=self.time.steady - clock._seen[1])
        self.jumped = self.jumped or behind or abs(passed[0] - passed[1]) > timedelta(minutes=5)
        self._do(self.harness.worker.round())
        if self.frozen:
            return
        jumped, self.jumped = self.jumped, False
        for known in self.known.values():
            if known.state not in {State.APPROVED, State.RUNNING}:
                continue
            if jumped:
                known.state = State.ATTENTION
                known.steps += 1
            elif self.roles.away:
                continue
            elif not set(known.verdicts) <= self.roles.deciders or self.apps.changed:
                known.state = State.VOID
                known.steps += 1
            else:
                known.steps += 2 if known.state is State.APPROVED else 1
                known.state = State.CONSENTING

    @precondition(lambda self: any(one.state is State.ATTENTION for one in self.known.values()))
    @rule(data=some.data(), who=ANYBODY, close=some.booleans())
    def step_in(self, data: some.DataObject, who: str, close: bool) -> None:
        """Retry or close what needs attention."""
        wanting = sorted(number for number, one in self.known.items() if one.state is State.ATTENTION)
        number = data.draw(some.sampled_from(wanting))
        known = self.known[number]
        allowed = who != known.requester and who in self.roles.deciders and not self.roles.away
        service, person = self.harness.approvals, self.harness.who(who)
        try:
            self._do(service.close(number, person, "by hand") if close else service.retry(number, person))
        except Refused:
            assert not allowed
        else:
            assert allowed
            known.state = State.CLOSED if close else State.RUNNING
            known.steps += 1

    @rule(who=ANYBODY, trouble=some.sampled_from(("freeze", "group", "away", "change", "clock", "restart")))
    def trouble(self, who: str, trouble: str) -> None:
        """One rule for all that disturbs, so that requests live long enough to be disturbed."""
        if trouble == "freeze":
            self._freeze_or_unfreeze(who)
        elif trouble == "group":
            self.roles.deciders ^= {who} - {ADA}
        elif trouble == "away":
            self.roles.away = not self.roles.away
        elif trouble == "change":
            self.apps.changed = not self.apps.changed
        elif trouble == "clock":
            self.time.now -= timedelta(hours=24)
        else:
            self._do(self.stack.aclose())
            self.stack = AsyncExitStack()
            self.jumped = False  # a new process has its own monotonic clock
            self._open_harness()

    @precondition(lambda self: self.roles.away or self.apps.changed or self.frozen)
    @rule()
    def all_is_well_again(self) -> None:
        """Trouble does not last."""
        self.roles.away = self.apps.changed = False
        self.roles.deciders |= {PRIYA, DANA, ARNE}
        if self.frozen:
            self._freeze_or_unfreeze(DANA)

    def _freeze_or_unfreeze(self, who: str) -> None:
        service, person = self.harness.approvals, self.harness.who(who)
        allowed = who in self.roles.deciders and not self.roles.away
        try:
            self._do(service.unfreeze(person) if self.frozen else service.freeze(person, "incident"))
        except Refused:
            assert not allowed
        else:
            assert allowed
            self.frozen = not self.frozen

    @invariant()
    def store_and_model_agree(self) -> None:
        """Each request stands where it should, after as many changes as there were."""
        if not self.known:
            return
        found = {one.number: one for one in self._do(self.harness.store.in_states(*State))}
        for number, known in self.known.items():
            request = found[number]
            assert (request.state, request.revision) == (known.state, known.steps)
            assert {one.approver: one.verdict for one in request.decisions} == known.verdicts
            assert known.requester not in known.verdicts
            assert all(one.at < request.expires_at for one in request.decisions)
        mine = [one.requester for one in self._open().values()]
        assert max((mine.count(who) for who in PEOPLE), default=0) <= 3
        assert len({one.thing for one in self._open().values()}) == len(mine)


async def _migrated(path: Path) -> None:
    engine = await open_database(f"sqlite+aiosqlite:///{path}")
    await engine.dispose()


def look_for_a_counterexample(examples: int, steps: int, *, shrink: bool = True) -> None:
    """Raises AssertionError with the shortest story that breaks a promise."""
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Child, settings=chosen)


def main() -> int:
    """0: no counter-example, 1: one was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mutant", choices=sorted(mutants.MUTANTS), default=None)
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--steps", type=int, default=30)
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "hypothesis")
    if given.mutant:
        mutants.make(given.mutant)
    try:
        look_for_a_counterexample(given.examples, given.steps, shrink=not given.mutant)
    except AssertionError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
