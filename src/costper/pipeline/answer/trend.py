"""How did cost move, day by day, in all or by one dimension?"""

from __future__ import annotations

from costper.errors import UnknownNameError
from costper.model.answer import Answer, Row
from costper.model.sheet import Amounts, Column, Sheet
from costper.pipeline.answer.costs import Amount, whole_costs
from costper.pipeline.answer.customers import daily_average
from costper.pipeline.answer.daily_columns import all_days, daily_columns
from costper.pipeline.answer.depth import change
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.values import MART, mart_column


def trend(frame: Frame, by: str = "") -> Answer:
    """Give day totals: 0 on a day that cost nothing, null on a day without data.

    With `by`, one row a day and value; the values of a day add up to the day.
    """
    table, key = _mart(frame, by)
    found = daily_columns(frame, table, key) if by else all_days(frame)
    names = sorted(found.by_name)
    days = [*frame.period.each_day()]
    columns: dict[str, Column] = {"day": days * len(names)}
    if by:
        columns[by] = [name for name in names for _ in days]
    columns["cost"] = Amounts([one for name in names for one in found.by_name[name]], found.places)
    return frame.answer({"noun": "trend", "by": by}, Sheet(columns), _total(frame))


def _mart(frame: Frame, by: str) -> tuple[str, str]:
    if by == "customer":
        return "customer_daily", "customer"
    names = frame.books.settings.dimension_names
    if by and by not in names:
        raise UnknownNameError("dimension", by, names)
    return MART, mart_column(frame, by) if by else ""


def _total(frame: Frame) -> Row:
    whole = whole_costs(frame)
    average: Amount = daily_average(frame, whole)
    return {**whole.cells(frame), "change": change(frame, whole), "daily_average": average}
