"""What is read costs the same however much is kept: statements are counted, and nothing is loaded that is not shown."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text

from bot.approvals.service import MOST_LISTED
from bot.demo.gallery.example import Example
from bot.helpdesk.commands import MOST_LISTED as MOST_QUESTIONS
from bot.reset_rules.facts import Account
from bot.store.questions import NewQuestion, Questions
from bot.store.records import Request, State, Verdict
from bot.store.tables import QuestionRow, RequestRow
from dialogs.words import texts
from tests.approvals.harness import ADA, ARNE, MONDAY, PRIYA, Harness, consent_plan, harness, profile_plan
from tests.chat.asking import ask, at_table, shown


@pytest.fixture
async def table(tmp_path: Path) -> AsyncIterator[Harness]:
    async with harness(tmp_path, most_open=100) as made:
        yield made


async def many(table: Harness, like: Request, count: int) -> None:
    """Copies of a request, each with a verdict and a step; open ones are of as many people."""
    async with table.engine.begin() as connection:
        names = [row[1] for row in await connection.execute(text("PRAGMA table_info(requests)"))]
        own = {"number": "NULL", "requester": "'person ' || n.i"}
        key = f"'{like.number} {count} ' || n.i"  # unique while it is open
        own |= {name: f"CASE WHEN {name} IS NULL THEN NULL ELSE {key} END" for name in ("open_key", "seat")}
        values = ", ".join(own.get(name, name) for name in names)
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
        chosen = f"SELECT {values} FROM requests, n WHERE number = {like.number}"
        await connection.execute(text(f"{numbers} INSERT INTO requests ({', '.join(names)}) {chosen}"))
        for statement in (
            "INSERT OR IGNORE INTO decisions SELECT number, :who, 'approve', created_at, 'r', 's', 'h' FROM requests",
            "INSERT OR IGNORE INTO steps SELECT number, 0, 'done', 1, created_at, 'c', 'g', 200, '' FROM requests",
        ):
            await connection.execute(text(statement), {"who": PRIYA} if ":who" in statement else {})


@contextmanager
def _watched(table: Harness) -> Iterator[tuple[list[str], list[int]]]:
    """The statements, and the numbers of the requests that were loaded with their plans."""
    statements, loaded = list[str](), list[int]()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    def load(row: RequestRow, _context: object) -> None:
        loaded.append(row.number)

    event.listen(table.engine.sync_engine, "before_cursor_execute", note)
    event.listen(RequestRow, "load", load)
    try:
        yield statements, loaded
    finally:
        event.remove(table.engine.sync_engine, "before_cursor_execute", note)
        event.remove(RequestRow, "load", load)


async def _sweep(table: Harness) -> None:
    await table.sweep()


async def _round(table: Harness) -> None:
    await table.worker.round()


async def _press(table: Harness) -> None:
    await table.press(await table.now(replace(_any, number=1)), by=ADA)  # their own: refused, and written down


def _asked(key: str, **values: str) -> Callable[[Harness], Awaitable[None]]:
    async def asked(table: Harness) -> None:
        await ask(key, at_table(table), values, person=ADA)

    return asked


async def _tell_all(table: Harness) -> None:
    await table.approvals.requesters()


async def _erase(table: Harness) -> None:
    await table.erase(PRIYA)


WORK: dict[str, Callable[[Harness], Awaitable[None]]] = {
    "sweep": _sweep,
    "round": _round,
    "press": _press,
    "approvals": _asked("approvals"),
    "approvals, second page": _asked("approvals", after="5"),
    "history": _asked("history"),
    "history, second page": _asked("history", days="30", before="8"),
    "one's own": _asked("own_requests"),
    "everybody waiting": _tell_all,
    "erase": _erase,
}
_any = Request(0, "", "", State.WAITING, 0, "", "", "", "", "", "", 0, MONDAY, MONDAY, MONDAY)


@pytest.mark.parametrize("work", sorted(WORK))
async def test_a_thousand_that_wait_cost_as_many_statements_as_ten(table: Harness, work: str) -> None:
    waiting, ended = await table.filed(), await table.filed(profile_plan(), ARNE)
    await table.press(ended, verdict=Verdict.REJECT)
    counts = []
    for count in (10, 990):
        for like in (waiting, ended):
            await many(table, like, count)
        with _watched(table) as (statements, loaded):
            await WORK[work](table)
        counts.append(len(statements))
        assert len(loaded) <= MOST_LISTED + 1
    assert counts[0] == counts[1] > 0


@pytest.mark.parametrize("hours", [5, 12, 20])
async def test_the_sweep_loads_only_what_is_due(table: Harness, hours: int) -> None:
    waiting = await table.filed()  # at nine: the first reminder is due at three, the second at three in the night
    await many(table, waiting, 50)
    table.time.pass_by(hours=6)
    for _ in range(2):
        await table.sweep()
    assert (await table.now(waiting)).reminded == 1
    late = await table.filed(profile_plan(), ARNE)
    async with table.engine.begin() as connection:
        soon = {"at": (table.time.now + timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S.000000"), "n": late.number}
        await connection.execute(text("UPDATE requests SET expires_at = :at WHERE number = :n"), soon)
    table.time.pass_by(hours=hours - 4)  # 16:00, 23:00 and, when nobody works yet, 7:00
    with _watched(table) as (_, loaded):
        await table.sweep()
    assert set(loaded) == {late.number}
    assert await table.state(late) is State.EXPIRED


async def test_what_is_due_at_once_is_dealt_with_some_at_a_time(table: Harness) -> None:
    await many(table, await table.filed(), 150)
    table.time.pass_by(hours=24)
    left = []
    for _ in range(3):
        left.append(await table.store.count_open())
        await table.sweep()
    assert left == [151, 51, 0]


async def test_a_record_read_among_many_is_the_one_read_alone(table: Harness) -> None:
    first = await table.filed()
    await table.press(first)
    await many(table, await table.now(first), 1_200)
    found = await table.store.in_states(State.APPROVED)
    assert len(found) == 1_201
    for one in (found[0], found[600], found[-1]):
        assert one == await table.now(one)
        assert one.decisions
        assert one.steps


async def test_all_that_is_open_is_read_page_by_page_the_oldest_first(table: Harness) -> None:
    await many(table, await table.filed(), 2 * MOST_LISTED + 4)
    seen, after, more = list[int](), 0, True
    while more:
        page = await table.approvals.waiting(after)
        seen += [one.number for one in page.requests]
        after, more = seen[-1], page.more
        assert (len(page.requests) <= MOST_LISTED, page.total) == (True, 2 * MOST_LISTED + 5)
    assert seen == list(range(1, 2 * MOST_LISTED + 6))


async def test_the_history_is_read_page_by_page_the_newest_change_first(table: Harness) -> None:
    await many(table, await table.filed(), 2 * MOST_LISTED)
    table.time.pass_by(hours=1)
    await table.approvals.cancel(1, table.who(ADA))
    seen, before, more = list[int](), 0, True
    while more:
        page = await table.approvals.history(30, before)
        seen += [one.number for one in page.requests]
        before, more = seen[-1], page.more
        assert page.total == 2 * MOST_LISTED + 1
    assert seen == [1, *range(2 * MOST_LISTED + 1, 1, -1)]
    assert [one.number for one in (await table.approvals.history(0)).requests] == [1]  # changed just now


@pytest.mark.parametrize(("key", "title"), [("approvals", "Newer ones"), ("history", "Older ones")])
async def test_a_list_says_how_many_there_are_and_its_button_brings_the_next_page(
    table: Harness, key: str, title: str
) -> None:
    await many(table, await table.filed(), MOST_LISTED + 5)
    near = at_table(table)
    reply = (await ask(key, near, person=ADA)).reply
    assert f"{MOST_LISTED + 6} " in shown(reply)
    button = next(one for one in reply.buttons if texts.words("en").plain(one.title) == title)
    command = await ask(button.verb, near, dict(button.data), person=ADA)
    assert shown(command.reply).count("Request #") == 6
    assert title not in shown(command.reply)
    for given in ("x", "-1", "9" * 30, "²"):
        again = (await ask(key, near, person=ADA, after=given, before=given, days=given)).reply
        assert shown(again).count("Request #") == MOST_LISTED


@dataclass
class Everybody:
    """Fits bot.tenant.People; notes who was looked up."""

    looked_up: list[str] = field(default_factory=list)

    async def account(self, object_id: str) -> Account:
        self.looked_up.append(object_id)
        return Account(object_id, f"Person {object_id}", "x@contoso.example")


async def test_of_many_questions_only_those_are_loaded_and_looked_up_that_are_listed(table: Harness) -> None:
    questions, everybody, loaded = Questions(table.engine, lambda: MONDAY), Everybody(), list[int]()
    for asker in range(MOST_QUESTIONS + 5):
        assert await questions.ask(NewQuestion(str(asker), "Where is my PC?"))
    services = Example().services
    near = replace(services, helpdesk=replace(services.helpdesk, questions=questions, people=everybody))

    def load(row: QuestionRow, _context: object) -> None:
        loaded.append(row.number)

    event.listen(QuestionRow, "load", load)
    try:
        card = shown((await ask("questions", near, person=ADA)).reply)
    finally:
        event.remove(QuestionRow, "load", load)
    assert loaded == [*range(1, MOST_QUESTIONS + 1)]
    assert sorted(everybody.looked_up, key=int) == [str(asker) for asker in range(MOST_QUESTIONS)]
    assert card.count("Where is my PC?") == MOST_QUESTIONS
    assert "There are 5 more." in card


async def test_erasing_a_person_loads_only_what_that_person_closed(table: Harness) -> None:
    plans = [consent_plan().model_copy(update={"object_key": f"thing {n}"}) for n in range(2)]
    for plan, closer in zip(plans, (PRIYA, ARNE), strict=True):
        request = await table.filed(plan)
        async with table.engine.begin() as connection:
            values = {"n": request.number, "known": f'{{"closed_by":"{closer}","closed_reason":"by hand"}}'}
            statement = "UPDATE requests SET state = 'closed', evidence = :known WHERE number = :n"
            await connection.execute(text(statement), values)
    with _watched(table) as (_, loaded):
        await table.erase(PRIYA)
    assert loaded == [1]
    theirs, other = await table.approvals.request(1), await table.approvals.request(2)
    assert theirs
    assert other
    assert "by hand" not in theirs.evidence
    assert "by hand" in other.evidence
