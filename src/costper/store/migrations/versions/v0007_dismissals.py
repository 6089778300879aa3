"""Savings that people dismissed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create what 0006 lacked."""
    op.create_table(
        "dismissals",
        sa.Column("finding", sa.Text, primary_key=True),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
    )
