"""Chooses which buckets of a time axis are labelled, and writes their labels."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from costper.charts.data import Grain
from costper.charts.scale import TENTHS
from costper.charts.text import shorten, width

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
APART = 14 * TENTHS
"""Least space between two labels."""

NAMED = 110 * TENTHS
"""Most room for a bucket's name."""

Period = Callable[[date], Hashable]
Written = Callable[[date], str]
Labels = tuple[tuple[int, str], ...]


def labels(buckets: Sequence[date | str], grain: Grain, room: int) -> Labels:
    """Give (bucket, label) of as many buckets as a width in tenths of a pixel holds."""
    days = [it for it in buckets if isinstance(it, date)]
    if len(days) != len(buckets) or not days:
        return _names([str(it) for it in buckets], room)
    for period, written in _periods(grain):
        found = _starts(days, period, written)
        if len(found) > 1 and _fits(found, len(days), room):
            return found
    written = _written(grain)
    return _evenly([written(day) for day in days], room)


def told(bucket: date | str, grain: Grain) -> str:
    """Name a bucket in full, for a tooltip.

    >>> told(date(2026, 9, 26), "day"), told(date(2026, 9, 1), "month")
    ('Sat 26 Sep 2026', 'Sep 2026')
    """
    if isinstance(bucket, str):
        return bucket
    if grain in {"month", "quarter", "year"}:
        return (_dated_month if grain == "month" else _written(grain))(bucket)
    text = f"{WEEKDAYS[bucket.weekday()]} {_day(bucket)} {bucket.year}"
    if grain == "week":
        return f"Week of {text}"
    return f"{text}, {bucket:%H:%M}" if isinstance(bucket, datetime) else text


def end_day(bucket: date, grain: Grain) -> date | None:
    """Give the day after the last one of a bucket; None beyond the end of the calendar.

    >>> str(end_day(date(2026, 12, 1), "month")), str(end_day(date(2026, 9, 26), "week"))
    ('2027-01-01', '2026-10-03')
    """
    day = date(bucket.year, bucket.month, bucket.day)
    months = {"month": 1, "quarter": 3, "year": 12}.get(grain)
    try:
        if months is None:
            return day + timedelta(days=7 if grain == "week" else 1)
        years, month = divmod(day.month - 1 + months, 12)
        return date(day.year + years, month + 1, 1)
    except (OverflowError, ValueError):
        return None


def _periods(grain: Grain) -> tuple[tuple[Period, Written], ...]:
    """From the finest to the coarsest; a bucket is labelled where a period begins."""
    hours: tuple[tuple[Period, Written], ...] = tuple((_hours(it), _hour) for it in (1, 3, 6, 12))
    day: tuple[Period, Written] = (_hours(24), _day)
    weeks: tuple[tuple[Period, Written], ...] = ((_weeks(1), _day), (_weeks(2), _day))
    months: tuple[tuple[Period, Written], ...] = (
        (_months(1), _month),
        (_months(3), _quarter if grain == "quarter" else _month),
        (_months(12), _year),
    )
    finer = {"hour": (*hours, day, *weeks), "day": (day, *weeks), "week": weeks}
    if grain in finer:
        return (*finer[grain], *months)
    return {"month": months, "quarter": months[1:]}.get(grain, months[2:])


def _starts(days: Sequence[date], period: Period, written: Written) -> Labels:
    step = days[1] - days[0] if len(days) > 1 else timedelta(days=1)
    before = _sooner(days[0], step)
    marks = [period(day) for day in (before, *days)]
    return tuple(
        (index, written(day)) for index, day in enumerate(days) if marks[index] != marks[index + 1]
    )


def _sooner(day: date, step: timedelta) -> date:
    try:
        return day - step
    except OverflowError:
        return day


def _fits(found: Labels, count: int, room: int) -> bool:
    """Tell whether neighbours leave each other space."""
    return all(
        (right - left) * room // count >= (width(one) + width(other)) // 2 + APART
        for (left, one), (right, other) in pairwise(found)
    )


def _evenly(texts: Sequence[str], room: int) -> Labels:
    count = len(texts)
    widest = max((width(it) for it in texts), default=0) + APART
    every = max(1, -(-widest * count // max(room, 1)))
    return tuple((index, texts[index]) for index in range(0, count, every))


def _names(names: Sequence[str], room: int) -> Labels:
    """Write every name where each has room for some letters, else every so-manieth."""
    each = room // max(len(names), 1)
    most = min(max(each - APART, NAMED // 2), NAMED)
    return _evenly([shorten(name, most) for name in names], room)


def _written(grain: Grain) -> Written:
    coarse: dict[str, Written] = {"month": _month, "quarter": _quarter, "year": _year}
    return _hour if grain == "hour" else coarse.get(grain, _day)


def _hours(every: int) -> Period:
    return lambda it: (it.toordinal(), it.hour // every if isinstance(it, datetime) else 0)


def _weeks(every: int) -> Period:
    return lambda it: (it.toordinal() - 1) // (7 * every)


def _months(every: int) -> Period:
    return lambda it: (it.year * 12 + it.month - 1) // every


def _year(day: date) -> str:
    return str(day.year)


def _hour(day: date) -> str:
    return f"{day:%H:%M}" if isinstance(day, datetime) and day.hour else _day(day)


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]}"


def _month(day: date) -> str:
    return _year(day) if day.month == 1 else MONTHS[day.month - 1]


def _dated_month(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.year}"


def _quarter(day: date) -> str:
    return f"Q{(day.month + 2) // 3} {day.year}"
