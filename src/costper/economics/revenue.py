"""What customers paid for a period: the average of their daily MRR, month by month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from math import lcm
from typing import NamedTuple

from costper.economics.currency import MISSING_RATE, Rates
from costper.model.answer import Absent
from costper.model.money import EXACT, POSTING_UNIT
from costper.model.period import Period, days_in_month

COUNTED = ("active", "past_due")
"""Statuses that pay; trialing, paused, churned and cancelled customers have no revenue."""

NO_MRR = Absent("no_mrr")
WHOLE = lcm(28, 29, 30, 31)
"""One month in parts that every length of month divides, so that one division is enough."""

_POST = Context(prec=60, rounding=ROUND_HALF_UP)
_PARTS = Decimal(WHOLE)
Weight = Decimal | Absent


class Segment(NamedTuple):
    """A customer's MRR (money a month, None where unknown) from `start` until before `end`."""

    customer: str
    mrr: Decimal | None
    currency: str
    start: date
    end: date


@dataclass(slots=True)
class Revenue:
    """Adds up MRR over one period, in the home currency of `rates`."""

    period: Period
    rates: Rates
    _weights: dict[tuple[str, date, date], Weight] = field(
        default_factory=dict[tuple[str, date, date], Weight]
    )

    def by_customer(self, segments: Iterable[Segment]) -> dict[str, Decimal | Absent]:
        """Give each customer's revenue: Σ over days of MRR(day) ÷ days in that month.

        Posted to 12 places, half up, with one division; null ("missing_rate", "no_mrr") where
        a day that counts has no rate or no MRR. Segments outside the period count nothing.
        """
        sums: dict[str, Decimal | Absent] = {}
        for segment in segments:
            known = sums.get(segment.customer, Decimal(0))
            if not isinstance(known, Absent):
                part = self._parts(segment)
                sums[segment.customer] = (
                    part if isinstance(part, Absent) else EXACT.add(known, part)
                )
        return {
            customer: one if isinstance(one, Absent) else _posted(one)
            for customer, one in sums.items()
        }

    def _parts(self, segment: Segment) -> Decimal | Absent:
        start = max(segment.start, self.period.start)
        end = min(segment.end, self.period.end)
        if start >= end:
            return Decimal(0)
        if segment.mrr is None:
            return NO_MRR
        if not segment.mrr:
            return Decimal(0)
        weight = self._weight(segment.currency, start, end)
        return weight if isinstance(weight, Absent) else EXACT.multiply(segment.mrr, weight)

    def _weight(self, currency: str, start: date, end: date) -> Weight:
        key = (currency, start, end)
        if key not in self._weights:
            self._weights[key] = month_parts(currency, Period(start, end), self.rates)
        return self._weights[key]


def month_parts(currency: str, period: Period, rates: Rates) -> Weight:
    """Weigh a period in parts of a month (WHOLE is one month), each day at its own rate."""
    total = Decimal(0)
    for month in period.months():
        parts = Decimal(WHOLE // days_in_month(month.start))
        if currency == rates.home:
            total = EXACT.add(total, parts * month.days)
            continue
        for day in month.each_day():
            rate = rates.on(currency, day)
            if rate is None:
                return MISSING_RATE
            total = EXACT.add(total, EXACT.multiply(parts, rate))
    return total


def _posted(parts: Decimal) -> Decimal:
    return _POST.quantize(_POST.divide(parts, _PARTS), POSTING_UNIT)
