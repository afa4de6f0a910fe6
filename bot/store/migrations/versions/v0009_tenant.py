"""Of which tenant the database is: kept from the next start on."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the table; the start fills it."""
    op.create_table(
        "tenant",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_tenant"),
    )


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("tenant")
