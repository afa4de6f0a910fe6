"""What an earlier version left in its database is read, shown, told and gone on with as if nothing had changed."""

import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from tests.golden import before, files
from tests.golden.before import (
    APPROVED,
    ATTENTION,
    CONSENTING,
    ENDORSED,
    HELD,
    LAST,
    NUMBERS,
    RUNNING,
    WAITING,
    chat_of,
    prepare,
    simulated,
)
from tests.golden.product import (
    KEY,
    OPEN,
    Audience,
    Conversations,
    Event,
    Gap,
    Gaps,
    GraphWrites,
    Harness,
    Held,
    Outbox,
    Plan,
    Questions,
    Request,
    Stage,
    State,
    TenantHarness,
    Time,
    Verdict,
    Votes,
    anonymous,
    audit,
    consent,
    harness,
    people,
    state,
    tenant_harness,
    tenant_state,
)

CARDS: dict[str, Any] = files.read("before_cards")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a copy, which may be written to."""
    shutil.copy(files.BEFORE, tmp_path / "bot.sqlite3")
    return tmp_path


@pytest.fixture
async def table(folder: Path) -> AsyncIterator[Harness]:
    """A harness on it, without a tenant."""
    async with harness(folder, time=Time(LAST), tenant=people.TENANT_ID) as made:
        yield made


def _count(name: str) -> int:
    """How many rows the file itself has."""
    with closing(sqlite3.connect(f"{files.BEFORE.as_uri()}?mode=ro", uri=True)) as connection:
        (rows,) = connection.execute(f"SELECT count(*) FROM {name}").fetchone()
        return int(rows)


async def _request(table: Harness, number: int) -> Request:
    request = await table.approvals.request(number)
    assert request is not None
    return request


async def _requests(table: Harness) -> list[Request]:
    return [await _request(table, number) for number in NUMBERS]


async def test_it_holds_a_request_in_each_state(table: Harness) -> None:
    assert {one.state for one in await _requests(table)} == {*State}


async def test_its_audit_is_whole_and_has_every_head_that_a_card_shows(table: Harness) -> None:
    heads = [decision.head for one in await _requests(table) for decision in one.decisions]
    assert len(heads) == _count("decisions")
    for head in heads:
        report = await audit.check(table.engine, KEY, head)
        assert report.sound
        assert report.rows == _count("audit")


async def test_each_request_is_shown_as_it_was_before(tmp_path: Path) -> None:
    now = await before.cards(tmp_path)
    for number, golden in CARDS.items():
        assert now[number] == golden, files.HOW
    assert files.text(now) == files.path("before_cards").read_text("ascii")


async def _press(at: TenantHarness, number: int) -> None:
    ruling = await at.harness.press(await _request(at.harness, number), at.person("approver2"))
    assert ruling.refused is None
    assert ruling.request is not None
    assert ruling.request.state is State.APPROVED


async def _nothing(_at: TenantHarness, _number: int) -> None:
    """The worker goes on by itself."""


async def _retry(at: TenantHarness, number: int) -> None:
    await at.harness.approvals.retry(number, at.harness.who(at.person("approver2")))


async def _approve_in_intune(at: TenantHarness, number: int) -> None:
    """The tenant's own approver has agreed to the write that is held there."""
    request = await _request(at.harness, number)
    write = Plan.read(request.plan).steps[0].write
    code = request.steps[0].approval_code
    at.world.tenant.held[code] = Held(write.method, write.path, write.body, "approved")
    await at.harness.approvals.retry(number, at.harness.who(request.requester))


@pytest.mark.parametrize(
    ("number", "go_on"),
    [
        pytest.param(WAITING, _press, id="waiting: approved"),
        pytest.param(ENDORSED, _press, id="waiting: approved by the second of two"),
        pytest.param(APPROVED, _nothing, id="approved"),
        pytest.param(RUNNING, _nothing, id="running when its process died"),
        pytest.param(HELD, _approve_in_intune, id="held: gone on with"),
        pytest.param(ATTENTION, _retry, id="attention: gone on with"),
    ],
)
async def test_what_is_not_done_yet_is_done_once_and_as_planned(
    folder: Path, number: int, go_on: Callable[[TenantHarness, int], Awaitable[None]]
) -> None:
    async with _at_work(folder, number) as at:
        await go_on(at, number)
        await at.harness.worker.round()
        request = await _request(at.harness, number)
        (step,) = Plan.read(request.plan).steps
        assert request.state is State.DONE
        assert tenant_state.state_of(step.look, await GraphWrites(at.graph).read(step.look.path)) == step.after
        assert [(one.method, one.where) for one in at.world.tenant.written] == [(step.write.method, step.write.path)]
        assert (await audit.check(at.harness.engine, KEY)).sound


async def test_consent_that_is_given_by_now_is_verified(folder: Path) -> None:
    async with _at_work(folder, CONSENTING) as at:
        state.consent(at.world.tenant)
        request = await _request(at.harness, CONSENTING)
        found = await consent.ending(GraphWrites(at.graph))
        who = at.harness.who(request.requester)
        assert (await at.harness.approvals.verify(CONSENTING, who, found)).state is State.DONE


@asynccontextmanager
async def _at_work(folder: Path, number: int) -> AsyncIterator[TenantHarness]:
    """The tenant of this one request; what the others were planned for is not there."""
    async with simulated() as world, tenant_harness(world, folder, time=Time(LAST)) as at:
        prepare(world, number)
        yield at


async def test_who_asked_may_take_back_and_who_decides_may_reject_or_close(folder: Path) -> None:
    async with _at_work(folder, WAITING) as at:
        for number in (APPROVED, CONSENTING):
            who = at.harness.who((await _request(at.harness, number)).requester)
            assert (await at.harness.approvals.cancel(number, who)).state is State.CANCELLED
        ruling = await at.harness.press(await _request(at.harness, WAITING), at.person("approver3"), Verdict.REJECT)
        assert ruling.request is not None
        assert ruling.request.state is State.REJECTED
        approver = at.harness.who(at.person("approver"))
        assert (await at.harness.approvals.close(ATTENTION, approver, "by hand")).state is State.CLOSED


async def test_what_nobody_goes_on_with_ends_in_its_time(table: Harness) -> None:
    ends = {WAITING: State.EXPIRED, ENDORSED: State.EXPIRED, CONSENTING: State.UNCONFIRMED}
    table.time.pass_by(days=7)
    await table.sweep()
    assert {number: (await _request(table, number)).state for number in ends} == ends


async def test_what_is_over_stays_as_it_is(table: Harness) -> None:
    over = [one for one in await _requests(table) if one.state not in OPEN]
    table.time.pass_by(days=30)
    await table.sweep()
    assert [await _request(table, one.number) for one in over] == over


async def test_what_is_to_be_told_and_where_cards_and_chats_are_is_known(folder: Path) -> None:
    async with _at_work(folder, WAITING) as at:
        outbox, places = Outbox(at.harness.engine), Conversations(at.harness.engine, lambda: LAST)
        notifications = await outbox.due(LAST, most=1_000)
        assert len(notifications) == _count("outbox")
        last = [(one.event, one.audience) for one in notifications if one.request == WAITING]
        assert last == [(Event.FILED, Audience.APPROVERS), (Event.FILED, Audience.REQUESTER)]
        copies = {one.object_id: one.sent for one in await outbox.copies(WAITING)}
        for key in ("admin", "approver"):
            person, chat = at.person(key), chat_of(at.world, key)
            assert (copies[person].place, copies[person].activity_id) == (chat, f"card for {key}")
            assert await places.personal_of(at.world.tenant.id, person) == chat


async def test_questions_gaps_and_votes_are_known_and_gone_on_with(table: Harness) -> None:
    questions = Questions(table.engine, lambda: LAST)
    found = [await questions.find(number) for number in range(1, 7)]
    stages = [one.stage if one else None for one in found]
    assert stages == [None, Stage.OPEN, Stage.TAKEN, Stage.ANSWERED, Stage.DELIVERED, Stage.UNREACHED]
    assert [one.number for one in await questions.due()] == [*range(1, 7)]
    taken = found[2]
    assert taken is not None
    assert taken.content.text == "Why taken?"
    answered = await questions.move(taken, Stage.ANSWERED, answer="Please try again.")
    assert answered is not None
    assert (answered.stage, answered.revision, answered.taker) == (Stage.ANSWERED, 3, taken.taker)
    gaps, day = Gaps(table.engine, anonymous, lambda: LAST), LAST.date()
    noted, votes = await gaps.since(day)
    assert {*noted} == {Gap("can I use it with a smart card?", day), Gap("who pays for this?", day, "licence")}
    assert votes == [Votes("licence", 1, 1)]
