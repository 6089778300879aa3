"""The control tables: small state that must survive anything, on SQLite or PostgreSQL.

Instants are ISO text in UTC and amounts decimal text inside JSON, so both databases keep the
same bytes. A change here needs a new file in migrations/versions.
"""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()

deliveries = sa.Table(
    "deliveries",
    METADATA,
    sa.Column("delivery_id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("billing_period", sa.Date, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("bad_rows", sa.BigInteger, nullable=False),
    sa.Column("set_aside", sa.BigInteger, nullable=False),
    sa.Column("totals", sa.JSON, nullable=False),
    sa.Column("first_day", sa.Date),
    sa.Column("last_day", sa.Date),
    sa.Column("covered_days", sa.Integer, nullable=False),
    sa.Column("landed_at", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("replaces", sa.Integer),
    sa.Index("deliveries_by_scope", "source", "account", "billing_period", "status"),
)

delivery_files = sa.Table(
    "delivery_files",
    METADATA,
    sa.Column("delivery_id", sa.Integer, sa.ForeignKey("deliveries.delivery_id"), primary_key=True),
    sa.Column("file_no", sa.Integer, primary_key=True),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
)

bills = sa.Table(
    "bills",
    METADATA,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.Text, primary_key=True),
    sa.Column("deliveries", sa.JSON, nullable=False),
    sa.Column("result", sa.JSON, nullable=False),
    sa.Column("seen_at", sa.Text, nullable=False),
)

measurement_deliveries = sa.Table(
    "measurement_deliveries",
    METADATA,
    sa.Column("delivery_id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("metric", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("bad_rows", sa.BigInteger, nullable=False),
    sa.Column("first_day", sa.Date),
    sa.Column("last_day", sa.Date),
    sa.Column("landed_at", sa.Text, nullable=False),
)

closed_periods = sa.Table(
    "closed_periods",
    METADATA,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("billing_period", sa.Date, primary_key=True),
    sa.Column("closed_at", sa.Text, nullable=False),
)

rule_versions = sa.Table(
    "rule_versions",
    METADATA,
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("first_seen", sa.Text, nullable=False),
)

runs = sa.Table(
    "runs",
    METADATA,
    sa.Column("run_id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("month", sa.Date, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("rules", sa.JSON, nullable=False),
    sa.Column("deliveries", sa.JSON, nullable=False),
    sa.Column("legs", sa.BigInteger, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Index("runs_by_month", "month", "status"),
)

audit = sa.Table(
    "audit",
    METADATA,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("previous", sa.Text, nullable=False, unique=True),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
)

api_keys = sa.Table(
    "api_keys",
    METADATA,
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("revoked_at", sa.Text, nullable=False),
    sa.Column("last_used", sa.Text, nullable=False, server_default=sa.text("''")),
)

incident_feedback = sa.Table(
    "incident_feedback",
    METADATA,
    sa.Column("incident_id", sa.Text, primary_key=True),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("last_day", sa.Date, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
)

dismissals = sa.Table(
    "dismissals",
    METADATA,
    sa.Column("finding", sa.Text, primary_key=True),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
)

view_versions = sa.Table(
    "view_versions",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
)
"""Nothing is changed or removed here: a view is its newest version, and '' is one deleted."""

notes = sa.Table(
    "annotations",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("until", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("scope", sa.JSON, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("made_at", sa.Text, nullable=False),
    sa.Index("annotations_by_time", "at", "id"),
)
"""What happened and when; `at` and `until` are written alike, so that text sorts as time does."""

shares = sa.Table(
    "shares",
    METADATA,
    sa.Column("token", sa.Text, primary_key=True),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("expires", sa.Date, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("made_at", sa.Text, nullable=False),
)

source_syncs = sa.Table(
    "source_syncs",
    METADATA,
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
    sa.Column("files", sa.JSON, nullable=True),
    sa.Index("source_syncs_by_source", "source", "sync_id"),
)
"""What came of each source's last syncs; issues and files are kept of the newest only."""

meta = sa.Table(
    "meta",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
