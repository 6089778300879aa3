"""Which files a sync of a source found."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add what 0007 lacked; syncs from before know nothing of files."""
    op.add_column("source_syncs", sa.Column("files", sa.JSON, nullable=True))
