"""What came of the syncs of every source."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create what 0005 lacked."""
    op.create_table(
        "source_syncs",
        sa.Column("sync_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("changed", sa.Boolean, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("totals", sa.JSON, nullable=False),
        sa.Column("issues", sa.JSON, nullable=False),
        sa.Column("errors", sa.BigInteger, nullable=False),
        sa.Column("warnings", sa.BigInteger, nullable=False),
    )
    op.create_index("source_syncs_by_source", "source_syncs", ["source", "sync_id"])
