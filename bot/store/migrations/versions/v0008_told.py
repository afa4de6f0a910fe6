"""Which messages were acted on, who was told of a letter already, and what was promised in a chat."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add two tables and a column; of the letters that wait nobody is known to have been told."""
    op.create_table(
        "heard",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_heard"),
    )
    op.create_index("ix_heard_at", "heard", ["at"])
    op.create_table(
        "promises",
        sa.Column("conversation_id", sa.String(512), nullable=False),
        sa.Column("activity_id", sa.String(256), nullable=False),
        sa.Column("object_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("service_url", sa.String(512), nullable=False),
        sa.Column("bot_id", sa.String(128), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("stays", sa.Boolean(), nullable=False),
        sa.Column("request", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "activity_id", name="pk_promises"),
    )
    op.create_index("ix_promises_object_id", "promises", ["object_id"])
    op.add_column("outbox", sa.Column("told", sa.Text(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Drop them again."""
    op.drop_column("outbox", "told")
    op.drop_index("ix_promises_object_id", "promises")
    op.drop_table("promises")
    op.drop_index("ix_heard_at", "heard")
    op.drop_table("heard")
