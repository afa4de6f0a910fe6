"""The tables. Only what the product needs, with how long it is kept in the README."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Date, DateTime, Dialect, ForeignKey, Index, MetaData, String, Text, TypeDecorator, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Only against slips and rash hands: who may write to the file may drop a trigger too, and then the chain tells.
# PostgreSQL spells triggers differently and takes the right away instead (REVOKE UPDATE, DELETE ON audit).
APPEND_ONLY_SQLITE = tuple(
    f"CREATE TRIGGER IF NOT EXISTS audit_no_{what.lower()} BEFORE {what} ON audit "
    "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
    for what in ("UPDATE", "DELETE")
)
NOT_FROZEN = {"id": 1, "frozen": False, "revision": 0, "actor": "", "reason": ""}
# Of rows that are looked for all the time in tables that grow; a query that says just this finds them by an index.
FREEZES = "event IN ('frozen', 'unfrozen')"  # in the audit
BEHIND = "shown != revision OR stage = 'answered'"  # questions whose card or answer is to be carried
LONG_AGO = {"id": 1, "high_water": datetime(2000, 1, 1, tzinfo=UTC)}


class Base(DeclarativeBase):
    """Names of constraints are fixed, so that migrations can name them on any database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


Process = Callable[[Any], Any]


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC, also on a database that forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """On the way in: always UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """On the way out: never naive."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Process | None:
        """See _or_none."""
        return _or_none(super().result_processor(dialect, coltype))


class Day(TypeDecorator[date]):
    """A day, read like a Moment."""

    impl = Date
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Process | None:
        """See _or_none."""
        return _or_none(super().result_processor(dialect, coltype))


def _or_none(process: Process | None) -> Process | None:
    """SQLite keeps any text as a date, and one would fail the whole query: None here, which bot.store.rows sees."""
    if process is None:
        return None

    def read(value: Any) -> Any:
        try:
            return process(value)
        except (ValueError, TypeError):
            return None

    return read


class PersonalChat(Base):
    """Where the bot may write to one person unasked: learnt from an install, a message or a press, gone when removed or
    when Teams takes nothing for it any more."""

    __tablename__ = "personal_chats"

    tenant_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    object_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(512))
    service_url: Mapped[str] = mapped_column(String(512))
    bot_id: Mapped[str] = mapped_column(String(128))
    learnt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    language: Mapped[str] = mapped_column(String(16), server_default="")  # the tag that the client told last


class WelcomeRow(Base):
    """A conversation that was welcomed; gone when the bot is removed there. `object_id`: whose, empty in a group."""

    __tablename__ = "welcomes"

    conversation_id: Mapped[str] = mapped_column(String(512), primary_key=True)
    object_id: Mapped[str] = mapped_column(String(36), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class InstallRow(Base):
    """Somebody whom the bot gave its app, or who removed it; then `at` is empty. See bot.store.turns.installs."""

    __tablename__ = "installs"

    object_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RequestRow(Base):
    """A change that was asked for, from filing to its end.

    `open_key` (the object to be changed) and `seat` (the requester and a number) are set while the request is open and
    unique, so that no race gets around "one open request for an object, three for a person". `erase_reason`: the
    requester removed the bot meanwhile, so the reason goes when the request ends. `remind_at`: when approvers of a
    request that waits are reminded next.
    """

    __tablename__ = "requests"
    __table_args__ = (
        Index("ix_requests_state_expires_at", "state", "expires_at"),
        {"sqlite_autoincrement": True},  # a number is never given twice
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(32))
    object_key: Mapped[str] = mapped_column(String(128))
    state: Mapped[str] = mapped_column(String(16))
    revision: Mapped[int]
    plan: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))
    nonce_hash: Mapped[str] = mapped_column(String(64))
    requester: Mapped[str] = mapped_column(String(36), index=True)
    reason: Mapped[str] = mapped_column(Text)
    needed: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    reminded: Mapped[int]
    retries: Mapped[int]
    note: Mapped[str] = mapped_column(String(32))
    evidence: Mapped[str] = mapped_column(Text)
    open_key: Mapped[str | None] = mapped_column(String(128), unique=True)
    seat: Mapped[str | None] = mapped_column(String(48), unique=True)
    erase_reason: Mapped[bool] = mapped_column(default=False)
    remind_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)


class DecisionRow(Base):
    """One verdict of one approver; the key makes a second one impossible."""

    __tablename__ = "decisions"

    request: Mapped[int] = mapped_column(ForeignKey("requests.number"), primary_key=True)
    approver: Mapped[str] = mapped_column(String(36), primary_key=True, index=True)
    verdict: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text)
    seal: Mapped[str] = mapped_column(String(64))
    head: Mapped[str] = mapped_column(String(64))


class StepRow(Base):
    """One write of an approved plan: intent, outcome, and the ids by which Microsoft finds it."""

    __tablename__ = "steps"

    request: Mapped[int] = mapped_column(ForeignKey("requests.number"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(8))
    tries: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    client_request_id: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    approval_code: Mapped[str] = mapped_column(String(64))


class OutboxRow(Base):
    """What is to be told, and to whom. Written with the change that it tells of; gone once it was told. `told`: JSON,
    who of several has heard it already."""

    __tablename__ = "outbox"

    key: Mapped[str] = mapped_column(String(96), primary_key=True)
    request: Mapped[int | None] = mapped_column(ForeignKey("requests.number"))
    event: Mapped[str] = mapped_column(String(16))
    audience: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    tries: Mapped[int]
    told: Mapped[str] = mapped_column(Text, default="[]")


class HeardRow(Base):
    """A message that was acted on, by a fingerprint of its ids: delivered again, it does nothing again."""

    __tablename__ = "heard"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class PromiseRow(Base):
    """A message that says that more is to come, until that has come. `stays`: what it says is of use without that.
    `request`: whose card it is."""

    __tablename__ = "promises"

    conversation_id: Mapped[str] = mapped_column(String(512), primary_key=True)
    activity_id: Mapped[str] = mapped_column(String(256), primary_key=True)
    object_id: Mapped[str] = mapped_column(String(36), index=True)  # whom it was made to
    kind: Mapped[str] = mapped_column(String(16))
    tenant_id: Mapped[str] = mapped_column(String(36))
    service_url: Mapped[str] = mapped_column(String(512))
    bot_id: Mapped[str] = mapped_column(String(128))
    language: Mapped[str] = mapped_column(String(16))
    stays: Mapped[bool]
    request: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class AwaitedRow(Base):
    """A PC of which its owner wants to hear once when it is ready for a PIN reset. `due_at`: of the next look."""

    __tablename__ = "awaited"

    object_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    device: Mapped[str] = mapped_column(String(16), primary_key=True)  # a reference, as buttons carry it
    language: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class CardRow(Base):
    """A copy of a request's card, so that it can be drawn anew. `asked`: somebody wanted to see it there once more."""

    __tablename__ = "cards"

    request: Mapped[int] = mapped_column(ForeignKey("requests.number"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(512), primary_key=True)
    activity_id: Mapped[str] = mapped_column(String(256), primary_key=True)
    object_id: Mapped[str] = mapped_column(String(36), index=True)  # whose chat it is; empty in a channel
    kind: Mapped[str] = mapped_column(String(16))
    tenant_id: Mapped[str] = mapped_column(String(36))
    service_url: Mapped[str] = mapped_column(String(512))
    bot_id: Mapped[str] = mapped_column(String(128))
    asked: Mapped[bool] = mapped_column(default=False)


class AuditRow(Base):
    """What happened, for good: each row carries a keyed hash over itself and the row before. Object ids, no names."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_request", "request", "seq"),
        Index("ix_audit_freezes", "request", "seq", sqlite_where=text(FREEZES), postgresql_where=text(FREEZES)),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    event: Mapped[str] = mapped_column(String(16))
    request: Mapped[int | None]
    actor: Mapped[str] = mapped_column(String(36))
    detail: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))


class FreezeRow(Base):
    """One row, NOT_FROZEN at first: may anything be written at all?"""

    __tablename__ = "freeze"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    frozen: Mapped[bool]
    revision: Mapped[int]
    actor: Mapped[str] = mapped_column(String(36))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ClockRow(Base):
    """One row, LONG_AGO at first: the latest moment seen, so that a clock set back opens nothing again.

    `told`: the `high_water` that approvers were told of because the wall clock was behind it.
    """

    __tablename__ = "clock"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    high_water: Mapped[datetime] = mapped_column(UtcDateTime)
    told: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TenantRow(Base):
    """One row, from the first start on: the tenant that the database is of."""

    __tablename__ = "tenant"

    one: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    tenant_id: Mapped[str] = mapped_column(String(36))


class QuestionRow(Base):
    """What somebody asked the help desk, from the asking to its erasure; bot.helpdesk.delivery answers and shows it.

    `shown`: the revision that the channel's card was last drawn at.
    """

    __tablename__ = "questions"
    __table_args__ = (
        Index("ix_questions_behind", "number", sqlite_where=text(BEHIND), postgresql_where=text(BEHIND)),
        {"sqlite_autoincrement": True},  # a number is never given twice: old cards carry it
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    asker: Mapped[str] = mapped_column(String(36), index=True)
    text: Mapped[str] = mapped_column(Text)
    device: Mapped[str] = mapped_column(String(32))
    code: Mapped[str] = mapped_column(String(32))
    what: Mapped[str] = mapped_column(String(32))
    stage: Mapped[str] = mapped_column(String(16), index=True)
    revision: Mapped[int]
    taker: Mapped[str] = mapped_column(String(36))
    answer: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    tries: Mapped[int]
    shown: Mapped[int]
    activity_id: Mapped[str] = mapped_column(String(256))


class GapRow(Base):
    """A question that was not answered, or (`answer`) answered in a way that did not help. Nobody's name, no hour."""

    __tablename__ = "gaps"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    day: Mapped[date] = mapped_column(Day, index=True)
    text: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(String(64))


class VoteRow(Base):
    """How many found an answer good or bad on a day."""

    __tablename__ = "votes"

    answer: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(Day, primary_key=True)
    good: Mapped[int]
    bad: Mapped[int]
