"""Half-open spans of whole UTC days."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_DAY = date(1970, 1, 1)
LAST_DAY = date(2200, 1, 1)
"""The days anybody may ask for; the longest period from either is still within the calendar."""


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `start` up to, not including, `end` (UTC)."""

    start: date
    end: date

    def __post_init__(self) -> None:
        """Refuse a period that ends before it starts."""
        if self.end < self.start:
            raise ValueError(f"a period cannot end ({self.end}) before it starts ({self.start})")

    @property
    def days(self) -> int:
        """How many days it holds."""
        return (self.end - self.start).days

    def previous(self) -> Period:
        """Give as many days just before: a trend compares equal numbers of days."""
        return Period(self.start - timedelta(days=self.days), self.start)

    def months(self) -> Iterator[Period]:
        """Cut at month boundaries; parts add up to the whole."""
        at = self.start
        while at < self.end:
            end = min(month_of(at).end, self.end)
            yield Period(at, end)
            at = end

    def each_day(self) -> Iterator[date]:
        """Every day, in order."""
        for offset in range(self.days):
            yield self.start + timedelta(days=offset)

    def holds(self, day: date) -> bool:
        """Say whether the day lies inside."""
        return self.start <= day < self.end


def month_of(day: date) -> Period:
    """Give the calendar month of a day.

    >>> month_of(date(2026, 2, 9))
    Period(start=datetime.date(2026, 2, 1), end=datetime.date(2026, 3, 1))
    """
    start = day.replace(day=1)
    return Period(start, start + timedelta(days=days_in_month(day)))


def days_in_month(day: date) -> int:
    """Count the days of the month a day is in."""
    return monthrange(day.year, day.month)[1]
