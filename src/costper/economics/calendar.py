"""Days in buckets: what a grain cuts a period into, and where a span lies some time before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Literal

from costper.model.period import Period, days_in_month
from costper.model.question import Grain

Unit = Literal["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"]
ONE_DAY = timedelta(days=1)
DAYS_OF: dict[Unit, int] = {"DAY": 1, "WEEK": 7}
MONTHS_OF: dict[Unit, int] = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}


def bucket_of(day: date, grain: Grain) -> Period:
    """Give the whole day, ISO week, month or quarter a day lies in.

    >>> bucket_of(date(2026, 11, 19), "quarter").start
    datetime.date(2026, 10, 1)
    """
    match grain:
        case "week":
            start = day - timedelta(days=day.weekday())
            return Period(start, start + timedelta(days=7))
        case "month":
            start = day.replace(day=1)
            return Period(start, months_on(start, 1))
        case "quarter":
            start = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
            return Period(start, months_on(start, 3))
        case _:
            return Period(day, day + ONE_DAY)


def buckets(period: Period, grain: Grain) -> tuple[Period, ...]:
    """Cut a period into the buckets of a grain; the first and last may be cut by the period.

    >>> len(buckets(Period(date(2026, 8, 20), date(2026, 10, 2)), "month"))
    3
    """
    if not grain:
        return (period,)
    found: list[Period] = []
    at = period.start
    while at < period.end:
        end = min(bucket_of(at, grain).end, period.end)
        found.append(Period(at, end))
        at = end
    return tuple(found)


def bucket_before(span: Period, grain: Grain) -> Period:
    """Give the whole bucket before the one a span lies in; without a grain as many days before."""
    if not grain:
        return span.previous()
    return bucket_of(bucket_of(span.start, grain).start - ONE_DAY, grain)


def months_on(day: date, months: int) -> date:
    """Give the same day some months on (or back); the last day of a shorter month.

    >>> months_on(date(2026, 3, 31), -1), months_on(date(2024, 2, 29), -12)
    (datetime.date(2026, 2, 28), datetime.date(2023, 2, 28))
    """
    place = day.year * 12 + day.month - 1 + months
    first = date(place // 12, place % 12 + 1, 1)
    return first.replace(day=min(day.day, days_in_month(first)))


def back(span: Period, count: int, unit: Unit, *, side_by_side: bool = False) -> Period | None:
    """Give a span as it lies `count` calendar units before; None before the calendar begins.

    Whole months stay whole: February goes back to all of January. Otherwise the first and the
    last day go back each, so 31 March goes back to the last of February. `side_by_side` is for a
    span that another one follows: the end of a month then stays one, so that no day is left between
    them (10 to 30 September goes back to 10 to 31 August).

    >>> back(Period(date(2026, 2, 1), date(2026, 3, 1)), 1, "MONTH").end
    datetime.date(2026, 2, 1)
    """
    try:
        if unit in DAYS_OF:
            return _moved(span, lambda day: day - timedelta(days=count * DAYS_OF[unit]))
        months = -count * MONTHS_OF[unit]
        if span.end.day == 1 and (span.start.day == 1 or side_by_side):
            return _moved(span, lambda day: months_on(day, months))
        last = months_on(span.end - ONE_DAY, months)
        return Period(months_on(span.start, months), last + ONE_DAY)
    except (OverflowError, ValueError):
        return None


def _moved(span: Period, move: Callable[[date], date]) -> Period:
    return Period(move(span.start), move(span.end))
