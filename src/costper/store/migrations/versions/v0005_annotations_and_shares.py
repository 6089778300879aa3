"""Events people told of, links that expire, and the day a key was last used."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create what 0004 lacked."""
    op.create_table(
        "annotations",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("until", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("scope", sa.JSON, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("made_at", sa.Text, nullable=False),
    )
    op.create_index("annotations_by_time", "annotations", ["at", "id"])
    op.create_table(
        "shares",
        sa.Column("token", sa.Text, primary_key=True),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("expires", sa.Date, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("made_at", sa.Text, nullable=False),
    )
    op.add_column(
        "api_keys", sa.Column("last_used", sa.Text, nullable=False, server_default=sa.text("''"))
    )
