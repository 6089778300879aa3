"""Compares the cost of calls with that of as many days before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from costper.economics.calls import NO_CALLS, Amount, Used
from costper.economics.trend import percent_change
from costper.model.answer import Absent, Cell
from costper.model.outcome import Issue
from costper.pipeline.answer.frame import PREVIOUS_INCOMPLETE, Frame
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.llm.awaited import awaited
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.read import HOURLY, Calls, ask

TREND_NOTE = "trend_percent compares with as many days just before"


@dataclass(frozen=True, slots=True)
class Compared:
    """How days compare with those before: whether calls reach back so far, and by which cost.

    `by_price` where an invoice is awaited for some of all these days: what it says of the others
    is no price that moved.
    """

    whole: bool
    by_price: bool

    @property
    def issues(self) -> tuple[Issue, ...]:
        """Say that they are compared by price."""
        return (BY_PRICE,) if self.by_price and self.whole else ()


BY_PRICE = Issue(
    code="compared_by_price",
    message="trend_percent is by price (call_cost): of these days and those before, some are not "
    "trued up by an invoice yet",
    severity="info",
    where="llm.calls.invoices",
)


def first_day(frame: Frame) -> date | None:
    """Give the first day any call is of; None where there is none."""
    select = Select(columns={"day": "min(day)"}, table=HOURLY)
    (row,) = ask(frame, select, Bound())
    day = row["day"]
    return day if isinstance(day, date) else None


def compared(frame: Frame, chosen: Chosen) -> Compared:
    """Say how the days of some calls compare with as many before."""
    first = first_day(frame)
    whole = first is not None and first <= frame.previous.start
    return Compared(whole, bool(awaited(Calls(frame, chosen, frame.span))))


def trend_cells(now: Used, before: Used, how: Compared) -> dict[str, Cell]:
    """Write the cost of the days before, and how far it moved since.

    What nobody priced and is new has none: a zero would read as a price.
    """
    previous = _previous(now, before, how)
    if not how.by_price:
        return {"previous_cost": previous, "trend_percent": _change(now.cost_of_record, previous)}
    now, before = now.by_price, before.by_price
    moved = _change(now.cost_of_record, _previous(now, before, how))
    return {"previous_cost": previous, "trend_percent": moved}


def _previous(now: Used, before: Used, how: Compared) -> Amount:
    if not how.whole:
        return PREVIOUS_INCOMPLETE
    unknown = isinstance(now.cost_of_record, Absent)
    return NO_CALLS if unknown and not before.calls and not before.cost else before.cost_of_record


def _change(now: Amount, before: Amount) -> Amount:
    if isinstance(now, Absent):
        return now
    return before if isinstance(before, Absent) else percent_change(now, before)
