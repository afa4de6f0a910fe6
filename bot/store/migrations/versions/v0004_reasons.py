"""Whose reason is to be erased once the request has ended."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Nobody's yet."""
    op.add_column("requests", sa.Column("erase_reason", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Drop it again."""
    op.drop_column("requests", "erase_reason")
