"""Says whether anything ever came into the books."""

from __future__ import annotations

from costper.pipeline.calls.road import Calls
from costper.store.books import Books

TABLES = {
    "landed": "bills or measurements",
    "customer_daily": "allocated cost",
    "customers": "customers",
    "rates": "rates",
    "folded": "LLM calls",
}


def what_fills(books: Books, calls: Calls) -> str:
    """Name something that the books hold, or that is on its way into them; '' for nothing."""
    for table, what in TABLES.items():
        if books.marts.query(f"SELECT 1 AS one FROM {table} LIMIT 1").num_rows:
            return what
    on_the_road = calls.intake.standing()
    return TABLES["folded"] if on_the_road.queued or on_the_road.spooled else ""
