"""Tells of calls that did not get into the books as they were sent."""

from __future__ import annotations

from collections.abc import Iterator

from costper.model.outcome import Issue
from costper.pipeline.calls.intake import GONE, SPOOL, is_gone
from costper.store.books import Books
from costper.store.spool import aside_in

SHOWN = 3


def lost_or_doubted(books: Books) -> Iterator[Issue]:
    """Give the ids that were told twice with other content, and batches that were set aside."""
    rows = books.marts.query(
        "SELECT call_id, COUNT(*) AS times FROM call_conflicts GROUP BY call_id ORDER BY call_id"
    ).to_pylist()
    if rows:
        named = ", ".join(repr(row["call_id"]) for row in rows[:SHOWN])
        more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
        yield Issue(
            "call_conflicts",
            f"told again with other content, the first stands: {named}{more}",
            "calls",
            "warning",
            hint="give every attempt of a call an externalRequestId of its own",
            count=len(rows),
        )
    if is_gone(books):
        hint = "restore spool.sqlite from a backup, or send again what was sent last"
        yield Issue("spool_gone", GONE, "spool", "warning", hint=hint)
    for seq, events, reason in aside_in(books.settings.store_path / SPOOL):
        yield Issue(
            "calls_set_aside",
            f"batch {seq} could not be read: {reason}",
            "spool",
            hint="its calls are in no cost; please report it",
            count=events,
        )
