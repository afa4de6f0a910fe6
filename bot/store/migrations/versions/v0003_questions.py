"""Questions to people, and what could not be answered."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TABLES = ("votes", "gaps", "questions")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the three tables."""
    _questions()
    op.create_table(
        "gaps",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gaps"),
    )
    op.create_index("ix_gaps_day", "gaps", ["day"])
    op.create_table(
        "votes",
        sa.Column("answer", sa.String(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("answer", "day", name="pk_votes"),
    )


def downgrade() -> None:
    """Drop them again."""
    for table in TABLES:
        op.drop_table(table)


def _questions() -> None:
    op.create_table(
        "questions",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("asker", sa.String(36), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("device", sa.String(32), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("taker", sa.String(36), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.String(256), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_questions"),
        sqlite_autoincrement=True,
    )
    for column in ("asker", "stage", "created_at", "due_at"):
        op.create_index(f"ix_questions_{column}", "questions", [column])
