"""What is due is found by an index; which copies of a card were asked for; whether approvers know of a clock behind."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

MOMENT = sa.DateTime(timezone=True)
REMINDERS = (0.25, 0.75)  # parts of a request's life, as they were when this was written


def upgrade() -> None:
    """Add the columns and indexes; what waits gets the moment of its next reminder."""
    op.add_column("requests", sa.Column("remind_at", MOMENT, nullable=True))
    op.add_column("cards", sa.Column("asked", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("clock", sa.Column("told", MOMENT, nullable=True))
    op.drop_index("ix_requests_state", "requests")
    op.create_index("ix_requests_state_expires_at", "requests", ["state", "expires_at"])
    op.create_index("ix_requests_requester", "requests", ["requester"])
    op.create_index("ix_requests_remind_at", "requests", ["remind_at"])
    op.create_index("ix_decisions_approver", "decisions", ["approver"])
    _remind()


def downgrade() -> None:
    """Drop them again."""
    op.drop_index("ix_decisions_approver", "decisions")
    for name in ("remind_at", "requester", "state_expires_at"):
        op.drop_index(f"ix_requests_{name}", "requests")
    op.create_index("ix_requests_state", "requests", ["state"])
    for table, column in (("clock", "told"), ("cards", "asked"), ("requests", "remind_at")):
        op.drop_column(table, column)


def _remind() -> None:
    columns = (sa.Column("number", sa.Integer()), sa.Column("state", sa.String()), sa.Column("reminded", sa.Integer()))
    moments = (sa.Column(name, MOMENT) for name in ("created_at", "expires_at", "remind_at"))
    requests = sa.table("requests", *columns, *moments)
    due = (requests.c.state == "waiting", requests.c.reminded < len(REMINDERS))
    for row in op.get_bind().execute(sa.select(requests).where(*due)).all():
        next_one = row.created_at + (row.expires_at - row.created_at) * REMINDERS[row.reminded]
        op.execute(sa.update(requests).where(requests.c.number == row.number).values(remind_at=next_one))
