"""How the door that LLM calls come in by stands; nobody declares it, and no sync reads it."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from costper.config.settings import Declared
from costper.model.call import CALLS
from costper.pipeline.data_sources.cadence import expected, lag_days
from costper.pipeline.data_sources.standing import SourceStanding, Verdict, lateness
from costper.store.books import Books
from costper.store.syncs import good_syncs, latest_syncs


class NoSettings(BaseModel):
    """What the door is set to: nothing."""


def calls_standing(books: Books, now: datetime) -> tuple[SourceStanding, ...]:
    """Give how calls stand; nothing where none was ever told."""
    ((first, newest),) = (
        tuple(row.values())
        for row in books.marts.query(
            "SELECT MIN(day) AS first, MAX(day) AS newest FROM call_hourly WHERE data_mode = 'real'"
        ).to_pylist()
    )
    if newest is None:
        return ()
    due = expected(now.date(), lag_days(books.settings), "day")
    late = lateness(newest, due, now.date())
    last = latest_syncs(books.control).get(CALLS)
    failed = last is not None and last.outcome == "failed"
    return (
        SourceStanding(
            declared=Declared(
                name=CALLS, type="events", kind="bill", settings=NoSettings(), where=""
            ),
            verdict=Verdict(
                status="failing" if failed else "late" if late else "active",
                reason="its last charges were refused" if failed else late,
                next_step="see `costper check`" if failed else HOW if late else "",
            ),
            first_day=first,
            newest_day=newest,
            expected_day=due,
            synced_at=good_syncs(books.control).get(CALLS, ""),
            last=last,
        ),
    )


HOW = "see whether programs still send: POST /api/v1/events, or `costper events send FILE`"
