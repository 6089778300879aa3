"""How did cost move, day by day, in all or by one dimension?"""

from __future__ import annotations

from costper.errors import UnknownNameError
from costper.model.answer import Answer, Cell, Row
from costper.pipeline.answer.costs import Amount, Costs, added, costs_by, daily_by, series
from costper.pipeline.answer.customers import daily_average
from costper.pipeline.answer.depth import change
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.select import Bound
from costper.pipeline.answer.values import MART, mart_column


def trend(frame: Frame, by: str = "") -> Answer:
    """Give day totals: 0 on a day that cost nothing, null on a day without data.

    With `by`, one row a day and value; the values of a day add up to the day.
    """
    table, keys = _mart(frame, by)
    daily = daily_by(frame, table, keys, (), Bound())
    whole = added(costs_by(frame, table, (), (), Bound()).values())
    rows: list[Row] = []
    found = sorted(daily.items()) if by else [((), daily.get((), {}))]
    for key, days in found:
        label: dict[str, Cell] = dict(zip((by,), key, strict=False))
        totals = series(frame, days)
        rows += [
            {"day": day, **label, "cost": cost}
            for day, cost in zip(frame.period.each_day(), totals, strict=True)
        ]
    return frame.answer({"noun": "trend", "by": by}, tuple(rows), _total(frame, whole))


def _mart(frame: Frame, by: str) -> tuple[str, tuple[str, ...]]:
    if by == "customer":
        return "customer_daily", ("customer",)
    names = frame.books.settings.dimension_names
    if by and by not in names:
        raise UnknownNameError("dimension", by, names)
    return MART, (mart_column(frame, by),) if by else ()


def _total(frame: Frame, whole: Costs) -> Row:
    average: Amount = daily_average(frame, whole.cost)
    return {**whole.cells(frame), "change": change(frame, whole), "daily_average": average}
