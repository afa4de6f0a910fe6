"""What is looked for all the time in what grows for good has an index of just that: freezes in the audit, and questions
whose card or answer is behind."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

FREEZES = "event IN ('frozen', 'unfrozen')"
BEHIND = "shown != revision OR stage = 'answered'"


def upgrade() -> None:
    """Add the indexes."""
    for name, table, columns, which in (
        ("ix_audit_freezes", "audit", ["request", "seq"], FREEZES),
        ("ix_questions_behind", "questions", ["number"], BEHIND),
    ):
        only = sa.text(which)
        op.create_index(name, table, columns, sqlite_where=only, postgresql_where=only, if_not_exists=True)


def downgrade() -> None:
    """Drop them again."""
    op.drop_index("ix_questions_behind", "questions", if_exists=True)
    op.drop_index("ix_audit_freezes", "audit", if_exists=True)
