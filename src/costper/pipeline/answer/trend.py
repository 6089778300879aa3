"""How did cost move, day by day, in all or by one dimension?"""

from __future__ import annotations

from collections.abc import Sequence

from costper.errors import UnknownNameError
from costper.model.answer import Answer, Row
from costper.model.sheet import Amounts, Column, Sheet
from costper.pipeline.answer.attributes import attributes, with_attributes
from costper.pipeline.answer.costs import Amount, daily_by, whole_costs
from costper.pipeline.answer.customers import daily_average
from costper.pipeline.answer.daily_columns import (
    DailyColumns,
    all_days,
    converted_days,
    daily_columns,
)
from costper.pipeline.answer.depth import change
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.select import Bound
from costper.pipeline.answer.values import MART, mart_column


def trend(frame: Frame, by: str = "") -> Answer:
    """Give day totals: 0 on a day that cost nothing, null on a day without data.

    With `by`, one row a day and value; the values of a day add up to the day.
    """
    own = attributes(frame, (by,)) if by else ()
    found = all_days(frame) if not by else _of(frame, by, own)
    names = sorted(found.by_name)
    days = [*frame.period.each_day()]
    columns: dict[str, Column] = {"day": days * len(names)}
    if by:
        columns[by] = [name for name in names for _ in days]
    columns["cost"] = Amounts([one for name in names for one in found.by_name[name]], found.places)
    return frame.answer({"noun": "trend", "by": by}, Sheet(columns), _total(frame))


def _of(frame: Frame, by: str, own: Sequence[str]) -> DailyColumns:
    """Give the days by a dimension, or by what the customer was on the day."""
    if not own:
        return daily_columns(frame, *_mart(frame, by))
    bound = Bound()
    table = with_attributes(frame, "customer_daily", own, (), None, bound)
    return converted_days(frame, daily_by(frame, table, (by,), (), bound))


def _mart(frame: Frame, by: str) -> tuple[str, str]:
    if by == "customer":
        return "customer_daily", "customer"
    names = frame.books.settings.dimension_names
    if by not in names:
        raise UnknownNameError("dimension", by, names)
    return MART, mart_column(frame, by)


def _total(frame: Frame) -> Row:
    whole = whole_costs(frame)
    average: Amount = daily_average(frame, whole)
    return {**whole.cells(frame), "change": change(frame, whole), "daily_average": average}
