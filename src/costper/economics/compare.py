"""Which days a period is compared with, and by how much a number moved between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from costper.economics.calendar import back, bucket_of, months_on
from costper.economics.formula.arithmetic import TOO_LARGE
from costper.economics.trend import percent_change
from costper.errors import UserError
from costper.model.answer import Absent
from costper.model.money import EXACT
from costper.model.period import Period
from costper.model.question import Compare, Grain

WEEK = 7
MOST_APART = 40
"""Powers of ten between two numbers beyond which a percentage says nothing."""

PREVIOUS_INCOMPLETE = Absent("previous_incomplete")
NOT_SETTLED = Absent("not_settled")


@dataclass(frozen=True, slots=True)
class Image:
    """Where a period lies when it is compared: as many days, or as many months, before.

    `period` is all of it. `whole` is false where the days compared with are fewer: there is no
    30 February. A whole month longer than the one before counts as equally long.
    """

    period: Period
    days: int = 0
    months: int = 0
    whole: bool = True

    def of(self, span: Period) -> Period:
        """Give the days a span of the period is compared with."""
        if self.days:
            return back(span, self.days, "DAY") or self.period
        found = back(span, self.months, "MONTH") or self.period
        end = min(found.end, self.period.end)
        return Period(min(found.start, end), end)


def image_of(period: Period, compare: Compare, grain: Grain) -> Image | None:
    """Settle what a period is compared with; None when nothing is asked.

    `previous` is as many days just before; where whole months are asked by month or quarter, as
    many months. `weekday` goes back a whole number of weeks, so that Mondays meet Mondays.

    Raises:
        UserError: month_to_date of days that are not the beginning of one month.
    """
    match compare:
        case "":
            return None
        case "previous":
            months = _whole_months(period) if grain in {"month", "quarter"} else 0
            return _by_months(period, months) if months else _by_days(period, period.days)
        case "weekday":
            return _by_days(period, -(-period.days // WEEK) * WEEK)
        case "year":
            return _by_months(period, 12)
        case "month_to_date":
            return _month_to_date(period)


def _by_days(period: Period, days: int) -> Image:
    span = timedelta(days=days)
    return Image(Period(period.start - span, period.end - span), days=days)


def _by_months(period: Period, months: int) -> Image:
    return Image(back(period, months, "MONTH") or period, months=months)


def _month_to_date(period: Period) -> Image:
    month = bucket_of(period.start, "month")
    if period.start != month.start or period.end > month.end:
        raise UserError(
            f"month_to_date needs days from the first of one month on, not {period.start} to "
            f"before {period.end}",
            where="compare",
            hint="leave the days out for the month so far, or compare with previous",
        )
    before = Period(months_on(month.start, -1), month.start)
    if period == month and before.days < period.days:
        return Image(before, months=1)
    end = min(before.start + timedelta(days=period.days), before.end)
    return Image(
        Period(before.start, end), months=1, whole=(end - before.start).days == period.days
    )


def comparable(period: Period, compare: Compare) -> Period:
    """Give the days of a period that have as many to be compared with: none has a 30 February.

    >>> from datetime import date
    >>> comparable(Period(date(2026, 3, 1), date(2026, 4, 1)), "month_to_date").days
    28
    """
    if compare != "month_to_date":
        return period
    month = bucket_of(period.start, "month")
    if period.start != month.start or period.end > month.end:
        return period
    most = (month.start - months_on(month.start, -1)).days
    return Period(period.start, period.start + timedelta(days=min(period.days, most)))


def _whole_months(period: Period) -> int:
    if period.start.day != 1 or period.end.day != 1:
        return 0
    return (period.end.year - period.start.year) * 12 + period.end.month - period.start.month


def change(current: Decimal | Absent, before: Decimal | Absent) -> Decimal | Absent:
    """Subtract what was before; null where one of them is."""
    if isinstance(current, Absent):
        return current
    return before if isinstance(before, Absent) else EXACT.subtract(current, before)


def change_percent(current: Decimal | Absent, before: Decimal | Absent) -> Decimal | Absent:
    """Give the change in percent of |before|; "new" after zero, null where one of them is."""
    if isinstance(current, Absent):
        return current
    if isinstance(before, Absent):
        return before
    if before and current.adjusted() - before.adjusted() > MOST_APART:
        return TOO_LARGE
    return percent_change(current, before)
