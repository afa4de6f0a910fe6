"""Requests that wait for somebody else, what became of them, and the audit of it all."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = ("audit", "cards", "outbox", "steps", "decisions", "requests", "freeze", "clock")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables of the approvals; the freeze and the clock have one row each."""
    _requests()
    _decisions()
    _steps()
    _outbox()
    _cards()
    _audit()
    _single_rows()


def downgrade() -> None:
    """Drop them again."""
    for table in TABLES:
        op.drop_table(table)


def _requests() -> None:
    op.create_table(
        "requests",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("object_key", sa.String(128), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.Column("nonce_hash", sa.String(64), nullable=False),
        sa.Column("requester", sa.String(36), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(32), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("open_key", sa.String(128)),
        sa.Column("seat", sa.String(48)),
        sa.PrimaryKeyConstraint("number", name="pk_requests"),
        sa.UniqueConstraint("open_key", name="uq_requests_open_key"),
        sa.UniqueConstraint("seat", name="uq_requests_seat"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_requests_state", "requests", ["state"])
    op.create_index("ix_requests_changed_at", "requests", ["changed_at"])


def _of_request(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["request"], ["requests.number"], name=f"fk_{table}_request_requests")


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("request", sa.Integer(), nullable=False),
        sa.Column("approver", sa.String(36), nullable=False),
        sa.Column("verdict", sa.String(8), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.Column("head", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("request", "approver", name="pk_decisions"),
        _of_request("decisions"),
    )


def _steps() -> None:
    op.create_table(
        "steps",
        sa.Column("request", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("client_request_id", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("approval_code", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("request", "position", name="pk_steps"),
        _of_request("steps"),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("key", sa.String(96), nullable=False),
        sa.Column("request", sa.Integer()),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("audience", sa.String(16), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_outbox"),
        _of_request("outbox"),
    )
    op.create_index("ix_outbox_due_at", "outbox", ["due_at"])


def _cards() -> None:
    op.create_table(
        "cards",
        sa.Column("request", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(512), nullable=False),
        sa.Column("activity_id", sa.String(256), nullable=False),
        sa.Column("object_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("service_url", sa.String(512), nullable=False),
        sa.Column("bot_id", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("request", "conversation_id", "activity_id", name="pk_cards"),
        _of_request("cards"),
    )
    op.create_index("ix_cards_object_id", "cards", ["object_id"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("request", sa.Integer()),
        sa.Column("actor", sa.String(36), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER IF NOT EXISTS audit_no_{what.lower()} BEFORE {what} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
            )


def _single_rows() -> None:
    freeze = op.create_table(
        "freeze",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(36), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_freeze"),
    )
    clock = op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("high_water", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_clock"),
    )
    op.bulk_insert(freeze, [{"id": 1, "frozen": False, "revision": 0, "actor": "", "reason": ""}])
    op.bulk_insert(clock, [{"id": 1, "high_water": datetime(2000, 1, 1, tzinfo=UTC)}])
