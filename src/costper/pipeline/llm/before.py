"""Compares the cost of calls with that of as many days before."""

from __future__ import annotations

from datetime import date

from costper.economics.calls import NO_CALLS, Amount, Used
from costper.economics.trend import percent_change
from costper.model.answer import Absent, Cell
from costper.pipeline.answer.frame import PREVIOUS_INCOMPLETE, Frame
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.llm.read import HOURLY, ask

TREND_NOTE = "trend_percent compares with as many days just before"


def first_day(frame: Frame) -> date | None:
    """Give the first day any call is of; None where there is none."""
    select = Select(columns={"day": "min(day)"}, table=HOURLY)
    (row,) = ask(frame, select, Bound())
    day = row["day"]
    return day if isinstance(day, date) else None


def whole_before(frame: Frame) -> bool:
    """Say whether the calls reach back to the start of the days before."""
    first = first_day(frame)
    return first is not None and first <= frame.previous.start


def trend_cells(now: Used, before: Used, *, whole: bool) -> dict[str, Cell]:
    """Write the cost of the days before, and how far it moved since.

    What nobody priced and is new has none: a zero would read as a price.
    """
    cost = now.cost_of_record
    previous = before.cost_of_record if whole else PREVIOUS_INCOMPLETE
    if whole and isinstance(cost, Absent) and not before.calls and not before.cost:
        previous = NO_CALLS
    return {"previous_cost": previous, "trend_percent": _change(cost, previous)}


def _change(now: Amount, before: Amount) -> Amount:
    if isinstance(now, Absent):
        return now
    return before if isinstance(before, Absent) else percent_change(now, before)
