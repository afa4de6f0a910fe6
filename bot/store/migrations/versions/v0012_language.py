"""The language of each person, as their client told it last: what is said unasked comes in it."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """It is told with the next message."""
    op.add_column("personal_chats", sa.Column("language", sa.String(16), nullable=False, server_default=""))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("personal_chats", "language")
