"""The last event of a request is found by an index: it says where the request was left, and its rows are sealed.

Rows of before have no seal of the state in them, and need none: their state stands in the chain (bot.store.seal).
"""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_audit_request", "audit", ["request", "seq"], if_not_exists=True)


def downgrade() -> None:
    """Drop it again."""
    op.drop_index("ix_audit_request", "audit", if_exists=True)
