"""Which conversations were welcomed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Everybody whose chat is known was welcomed there; teams and groups were not written down."""
    op.create_table(
        "welcomes",
        sa.Column("conversation_id", sa.String(512), nullable=False),
        sa.Column("object_id", sa.String(36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_welcomes"),
        if_not_exists=True,
    )
    op.create_index("ix_welcomes_object_id", "welcomes", ["object_id"], if_not_exists=True)
    op.execute(
        "INSERT INTO welcomes (conversation_id, object_id, at) "
        "SELECT conversation_id, MIN(object_id), MIN(learnt_at) FROM personal_chats "
        "WHERE conversation_id NOT IN (SELECT conversation_id FROM welcomes) GROUP BY conversation_id"
    )


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("welcomes")
