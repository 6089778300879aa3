"""Makes a large body ready for the spool at once, where every event of it is as nearly all are."""

from __future__ import annotations

from costper.events.batch import Batch
from costper.events.columns import Columns, settled
from costper.events.untold import untold, untold_places
from costper.pipeline.calls.accept import Desk, closed_until
from costper.pipeline.calls.told import written

LARGE = 64 * 2**10
"""Bytes of a body from which on columns take less time than events: some 200."""


def accept_many(body: bytes, desk: Desk, *, now_us: int) -> Batch | None:
    """Give a body's events in columns, as `accept` would have settled them; None to ask that."""
    said = desk.usual.read(body) if len(body) >= LARGE else None
    if said is None:
        return None
    found = _columns(said, desk, now_us)
    desk.usual.heard(good=found is not None)
    return found


def _columns(said: Columns, desk: Desk, now_us: int) -> Batch | None:
    found = settled(said, desk.words, now_us)
    if found is None:
        return None
    closed = desk.closed_months()
    if closed and min(found.columns["timestamp"]) < closed_until(closed):
        return None
    who = desk.admit_columns(found.columns)
    if who is None:
        return None
    columns = {**found.columns, **who}
    for name, values in who.items():
        if not any(values):
            del columns[name]
    table = written(columns, found.kinds, found.words)
    batch = Batch(columns=table, total=len(table))
    for place in untold_places(found.columns, found.kinds, found.words):
        batch.warn(untold(place))
    return batch
