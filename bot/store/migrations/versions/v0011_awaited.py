"""PCs of which somebody wants to hear when they are ready for a PIN reset."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Nobody waits for any yet."""
    op.create_table(
        "awaited",
        sa.Column("object_id", sa.String(36), nullable=False),
        sa.Column("device", sa.String(16), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("object_id", "device", name="pk_awaited"),
    )
    op.create_index("ix_awaited_due_at", "awaited", ["due_at"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_index("ix_awaited_due_at", "awaited")
    op.drop_table("awaited")
