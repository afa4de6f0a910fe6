"""A row that a hand or another version made unreadable is told by its number and stops neither others nor a loop."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.changes import assignment
from bot.chat.turn import Person, Place, PlaceKind, Sent
from bot.errors import StoreUnavailable, Unreadable
from bot.store import audit
from bot.store.conversations import Conversations
from bot.store.gaps import Gaps
from bot.store.outbox import Outbox
from bot.store.questions import MOST_CARRIED, NewQuestion, Questions
from bot.store.records import OPEN, State
from tests.approvals.harness import (
    ADA,
    ARNE,
    MONDAY,
    TENANT,
    Harness,
    consent_plan,
    group,
    harness,
    profile_plan,
    ready_tenant,
)
from tests.store.conftest import NOW, Time

CANARY = "canary-of-a-hand"
FIELDS = [
    ("requests", "note", CANARY),
    ("requests", "created_at", CANARY),
    ("requests", "expires_at", 5),
    ("requests", "reminded", CANARY),
    ("requests", "plan", b"\xff"),
    ("requests", "evidence", CANARY),
    ("requests", "evidence", "7"),
    ("decisions", "verdict", CANARY),
    ("decisions", "at", CANARY),
]


@pytest.fixture
async def table(tmp_path: Path) -> AsyncIterator[Harness]:
    """Request 1 of Ada and request 2 of Arne, both approved."""
    async with harness(tmp_path) as made:
        await made.approved(profile_plan())
        await made.approved(consent_plan(), ARNE)
        yield made


async def _change(engine: AsyncEngine, statement: str, **values: object) -> None:
    async with engine.begin() as connection:
        await connection.execute(text(statement), values)


@pytest.mark.parametrize(("name", "field", "value"), FIELDS)
async def test_one_unreadable_request_is_left_out_of_lists_and_told_by_its_number(
    table: Harness, caplog: pytest.LogCaptureFixture, name: str, field: str, value: object
) -> None:
    key = "number" if name == "requests" else "request"
    await _change(table.engine, f"UPDATE {name} SET {field} = :value WHERE {key} = 1", value=value)
    waiting = (await table.approvals.waiting()).requests
    for found in (waiting, await table.store.since(MONDAY), await table.store.in_states(*OPEN)):
        assert [request.number for request in found] == [2]
    with pytest.raises(Unreadable) as caught:
        await table.approvals.request(1)
    assert caught.value.key == "errors.unreadable"
    assert "requests that can't be read, left out: 1, 1" in caplog.text
    assert CANARY not in caplog.text


@pytest.mark.parametrize(("name", "field", "value"), FIELDS)
async def test_one_unreadable_request_does_not_stop_the_worker_or_the_upkeep(
    table: Harness, name: str, field: str, value: object
) -> None:
    key = "number" if name == "requests" else "request"
    await _change(table.engine, f"UPDATE {name} SET {field} = :value WHERE {key} = 1", value=value)
    third = await table.filed(assignment.assign(ready_tenant(), (group(1),), (), {}))
    table.time.pass_by(days=3)
    await table.sweep()
    await table.worker.round()  # what was approved three days ago is over
    assert await table.state(third) is State.EXPIRED
    second = await table.approvals.request(2)
    assert second is not None
    assert second.state is State.VOID


async def test_a_state_that_no_version_knows_is_told_by_the_command_and_by_history(
    table: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    await _change(table.engine, "UPDATE requests SET state = :value WHERE number = 1", value=CANARY)
    assert [request.number for request in await table.store.since(MONDAY)] == [2]
    assert "requests that can't be read, left out: 1, 1" in caplog.text
    with pytest.raises(Unreadable):
        await table.approvals.request(1)


@pytest.mark.parametrize("name", ["freeze", "clock"])
async def test_nothing_is_carried_out_while_the_row_of_the_freeze_or_of_the_clock_is_gone(
    table: Harness, name: str
) -> None:
    async with table.engine.begin() as connection:
        row = (await connection.execute(text(f"SELECT * FROM {name}"))).mappings().one()
        await connection.execute(text(f"DELETE FROM {name}"))
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            await table.worker.round()
        with pytest.raises(StoreUnavailable):
            await table.sweep()
    values = ", ".join(f":{column}" for column in row.keys())  # noqa: SIM118 - a row goes through its values
    await _change(table.engine, f"INSERT INTO {name} VALUES ({values})", **row)
    await table.worker.round()
    assert {request.state for request in await table.store.since(MONDAY)} == {State.ATTENTION}


@pytest.mark.parametrize(
    "statement", ["UPDATE freeze SET revision = :value", "UPDATE freeze SET at = :value, actor = 5", CANARY]
)
async def test_nothing_is_carried_out_while_nobody_can_tell_whether_all_is_frozen(
    table: Harness, statement: str
) -> None:
    if statement == CANARY:
        statement = "UPDATE clock SET high_water = :value"
    await _change(table.engine, statement.replace("actor = 5", "actor = x'ff'"), value=CANARY)
    with pytest.raises(Unreadable):
        await table.worker.round()
    states = text("SELECT DISTINCT state FROM requests")
    async with table.engine.connect() as connection:
        assert (await connection.execute(states)).scalars().all() == ["approved"]


@pytest.mark.parametrize("field", ["event", "audience", "created_at", "tries"])
async def test_letters_that_can_not_be_read_take_nobody_s_place(
    table: Harness, caplog: pytest.LogCaptureFixture, field: str
) -> None:
    outbox, now = Outbox(table.engine), table.time.now
    notifications = await outbox.due(now)
    await _change(table.engine, f"UPDATE outbox SET {field} = :value WHERE request = 1", value=CANARY)
    unreadable = sum(notification.request == 1 for notification in notifications)
    for most in (unreadable, len(notifications)):
        await outbox.due(now, most=most)
    assert {notification.request for notification in await outbox.due(now, most=len(notifications) - unreadable)} == {2}
    assert "letters that can't be read, left out" in caplog.text
    assert "of request 1" in caplog.text
    assert CANARY not in caplog.text


async def test_a_copy_of_a_card_that_can_not_be_read_leaves_the_others(table: Harness) -> None:
    outbox = Outbox(table.engine)
    place = Place(PlaceKind.PERSONAL, "a:1", TENANT, "https://smba.trafficmanager.net/teams", "28:bot")
    for activity in ("one", "two"):
        await outbox.remember(1, Sent(place, activity), ADA)
    await _change(table.engine, "UPDATE cards SET kind = :value WHERE activity_id = 'one'", value=CANARY)
    assert [copy.sent.activity_id for copy in await outbox.copies(1)] == ["two"]


@pytest.mark.parametrize("field", ["stage", "created_at", "tries"])
async def test_questions_that_can_not_be_read_take_nobody_s_place(engine: AsyncEngine, time: Time, field: str) -> None:
    questions = Questions(engine, time)
    for number in range(MOST_CARRIED + 1):
        assert await questions.ask(NewQuestion(f"asker {number}", "Where is my PC?"))
    last = MOST_CARRIED + 1
    await _change(engine, f"UPDATE questions SET {field} = :value WHERE number < :last", value=CANARY, last=last)
    await questions.due()
    assert [question.number for question in await questions.due()] == [last]
    assert [question.number for question in await questions.unanswered(last)] == [last]
    with pytest.raises(Unreadable):
        await questions.find(1)


async def test_gaps_and_votes_that_can_not_be_read_leave_the_others(engine: AsyncEngine, time: Time) -> None:
    gaps = Gaps(engine, lambda words, _most: words, time)
    for words in ("one", "two"):
        gaps.note(words)
        gaps.vote(words, good=False)
    await gaps.flush()
    await _change(engine, "UPDATE gaps SET day = '2999 or so' WHERE text = 'one'")
    await _change(engine, "UPDATE votes SET bad = 'many' WHERE answer = 'one'")
    noted, votes = await gaps.since(NOW.date())
    assert ([gap.text for gap in noted], [vote.answer for vote in votes]) == (["two"], ["two"])


async def test_a_person_s_chat_is_known_whatever_stands_for_the_day_it_was_learnt(engine: AsyncEngine) -> None:
    conversations, person = Conversations(engine, lambda: NOW), Person("t", "ana", "29:ana", "Ana")
    chat = Place(PlaceKind.PERSONAL, "a:1", "t", "https://smba.trafficmanager.net/teams", "28:bot")
    await conversations.learn(person, chat)
    await _change(engine, "UPDATE personal_chats SET learnt_at = :value", value=CANARY)
    assert await conversations.personal(person) == chat
    assert await conversations.installed(person, chat)
    assert not await conversations.installed(person, chat)


@pytest.mark.parametrize(("field", "value"), [("detail", CANARY), ("detail", "7"), ("at", CANARY)])
async def test_a_row_of_the_audit_that_can_not_be_read_is_exported_and_is_not_what_the_bot_wrote(
    table: Harness, field: str, value: str
) -> None:
    before = await audit.entries(table.engine, MONDAY - timedelta(days=1))
    await _change(table.engine, "DROP TRIGGER audit_no_update")
    await _change(table.engine, f"UPDATE audit SET {field} = :value WHERE seq = 2", value=value)
    entries = await audit.entries(table.engine, MONDAY - timedelta(days=1))
    assert [entry.seq for entry in entries] == [entry.seq for entry in before]
    assert value == entries[1].detail.get("unreadable") or entries[1].at is None
    assert (await audit.check(table.engine, table.store._key)).broken == 2


async def test_removing_the_bot_erases_what_a_person_wrote_beside_a_row_that_can_not_be_read(table: Harness) -> None:
    for number, evidence in ((1, CANARY), (2, f'{{"closed_by": "{ADA}", "closed_reason": "hers"}}')):
        values = {"number": number, "evidence": evidence}
        await _change(
            table.engine, "UPDATE requests SET state = 'closed', evidence = :evidence WHERE number = :number", **values
        )
    await table.erase(ADA)
    second = await table.approvals.request(2)
    assert second is not None
    assert "hers" not in second.evidence
