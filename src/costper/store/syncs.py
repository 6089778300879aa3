"""What came of the last syncs of every source: when, how much, and what was wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Literal

import sqlalchemy as sa

from costper.model.outcome import Issue
from costper.store.control import Control
from costper.store.deliveries import read_totals, written
from costper.store.schema import source_syncs

Outcome = Literal["ok", "failed"]
SYNCS_KEPT = 50
"""So many syncs of a source are remembered, and the last good one whatever its age."""

ISSUES_KEPT = 2_000
"""So many issues of a source's newest sync are remembered; the others are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSync:
    """What came of one source in one sync. It `failed` when any of its issues is an error.

    `rows` is what its files hold, `totals` what the books hold of them, by currency and cost
    column. `errors` and `warnings` count rows, as an issue may stand for many. `files` are the
    marks of the local files it found; None where nobody remembers.
    """

    source: str
    at: str
    actor: str
    outcome: Outcome
    changed: bool
    rows: int
    errors: int = 0
    warnings: int = 0
    totals: Mapping[str, Mapping[str, Decimal]] = field(
        default_factory=dict[str, dict[str, Decimal]]
    )
    issues: tuple[Issue, ...] = ()
    files: frozenset[str] | None = None


def remember_syncs(control: Control, syncs: Sequence[SourceSync]) -> None:
    """Write down what came of a sync, source by source, in one transaction."""
    if not syncs:
        return
    with control.begin() as connection:
        for one in syncs:
            mine = source_syncs.c.source == one.source
            connection.execute(source_syncs.update().where(mine).values(issues=[], files=None))
            connection.execute(source_syncs.insert().values(**_values(one)))
            _prune(connection, mine)


def latest_syncs(control: Control) -> dict[str, SourceSync]:
    """Give the newest sync of every source, without its issues."""
    with control.read() as connection:
        return {sync.source: sync for sync in _found(connection, _newest())}


def last_syncs(control: Control) -> tuple[SourceSync, ...]:
    """Give what came of the newest sync, source by source, without issues."""
    last = (
        sa.select(source_syncs.c.at)
        .order_by(source_syncs.c.sync_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    with control.read() as connection:
        return tuple(_found(connection, source_syncs.c.at == last))


def good_syncs(control: Control) -> dict[str, str]:
    """Give the instant each source was last synced without an error."""
    query = (
        sa.select(source_syncs.c.source, sa.func.max(source_syncs.c.at))
        .where(source_syncs.c.outcome == "ok")
        .group_by(source_syncs.c.source)
    )
    with control.read() as connection:
        return {str(source): str(at) for source, at in connection.execute(query)}


def syncs_of(control: Control, source: str) -> tuple[SourceSync, ...]:
    """Give the syncs of a source, the newest first, without their issues."""
    with control.read() as connection:
        return tuple(reversed(_found(connection, source_syncs.c.source == source)))


def sync_issues(control: Control, source: str) -> tuple[Issue, ...]:
    """Give the issues of a source's newest sync, in the order they were met."""
    newest = (
        sa.select(sa.func.max(source_syncs.c.sync_id))
        .where(source_syncs.c.source == source)
        .scalar_subquery()
    )
    with control.read() as connection:
        found = connection.execute(
            sa.select(source_syncs.c.issues).where(source_syncs.c.sync_id == newest)
        )
        return tuple(Issue(**issue) for issue in found.scalar() or ())


def syncs_mark(control: Control) -> str:
    """Name the state of all that is remembered: it changes with every sync."""
    with control.read() as connection:
        return str(
            connection.execute(sa.select(sa.func.max(source_syncs.c.sync_id))).scalar() or ""
        )


def _newest() -> sa.ColumnElement[bool]:
    return source_syncs.c.sync_id.in_(
        sa.select(sa.func.max(source_syncs.c.sync_id)).group_by(source_syncs.c.source)
    )


def _found(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[SourceSync]:
    columns = [column for column in source_syncs.c if column.name not in {"sync_id", "issues"}]
    rows = connection.execute(
        sa.select(*columns).where(where).order_by(source_syncs.c.sync_id)
    ).mappings()
    return [_sync(dict(row)) for row in rows]


def _sync(row: dict[str, Any]) -> SourceSync:
    totals, files = read_totals(row.pop("totals")), row.pop("files")
    return SourceSync(totals=totals, files=None if files is None else frozenset(files), **row)


def _values(sync: SourceSync) -> dict[str, object]:
    values = {name: getattr(sync, name) for name in SourceSync.__dataclass_fields__}
    issues = [asdict(issue) for issue in sync.issues[:ISSUES_KEPT]]
    files = None if sync.files is None else sorted(sync.files)
    return {**values, "totals": written(sync.totals), "issues": issues, "files": files}


def _prune(connection: sa.Connection, mine: sa.ColumnElement[bool]) -> None:
    numbers = sa.select(source_syncs.c.sync_id).where(mine).order_by(source_syncs.c.sync_id.desc())
    good = connection.execute(numbers.where(source_syncs.c.outcome == "ok").limit(1)).scalar()
    oldest = connection.execute(numbers.offset(SYNCS_KEPT - 1).limit(1)).scalar()
    if oldest is not None:
        spared = source_syncs.c.sync_id != (good or oldest)
        connection.execute(
            source_syncs.delete().where(mine, oldest > source_syncs.c.sync_id, spared)
        )
