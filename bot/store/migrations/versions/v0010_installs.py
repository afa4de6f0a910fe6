"""Whom the bot gave its app, and who removed it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the table; of those who removed the bot before nothing was kept."""
    op.create_table(
        "installs",
        sa.Column("object_id", sa.String(36), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("object_id", name="pk_installs"),
    )


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("installs")
