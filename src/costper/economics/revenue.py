"""What customers paid for a period: the average of their daily MRR, month by month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from math import lcm
from typing import NamedTuple

from costper.economics.currency import MISSING_RATE, Rates
from costper.economics.lists import half_up
from costper.model.answer import Absent
from costper.model.money import EXACT, MONEY_SCALE, POSTING_SCALE, POSTING_UNIT, RATE_SCALE
from costper.model.period import Period, days_in_month
from costper.model.sheet import Whole

COUNTED = ("active", "past_due")
"""Statuses that pay; trialing, paused, churned and cancelled customers have no revenue."""

NO_MRR = Absent("no_mrr")
WHOLE = lcm(28, 29, 30, 31)
"""One month in parts that every length of month divides, so that one division is enough."""

PARTS = WHOLE * 10 ** (MONEY_SCALE + RATE_SCALE - POSTING_SCALE)
"""What units of an MRR times a weight are divided by, to be posted."""

_POST = Context(prec=60, rounding=ROUND_HALF_UP)
_PARTS = Decimal(WHOLE)
Weight = Decimal | Absent
Held = tuple[int | None, str, date, date | None]
"""An MRR in units of 10^-21, its currency, and the days it holds: from one until before another."""


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
    _whole: dict[tuple[str, date, date], Whole] = field(
        default_factory=dict[tuple[str, date, date], Whole]
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

    def posted(self, held: Iterable[Held]) -> Whole:
        """Give one customer's revenue as `by_customer` does, in units of 10^-12."""
        known, first, last = 0, self.period.start, self.period.end
        for mrr, currency, since, until in held:
            start = max(first, since)
            end = last if until is None or until >= last else until
            if start >= end or mrr == 0:
                continue
            if mrr is None:
                return NO_MRR
            weight = self._whole.get((currency, start, end))
            if weight is None:
                weight = self._whole_weight(currency, start, end)
            if isinstance(weight, Absent):
                return weight
            known += mrr * weight
        return half_up(known, PARTS)

    def _whole_weight(self, currency: str, start: date, end: date) -> Whole:
        weight = self.weight(currency, start, end)
        found = weight if isinstance(weight, Absent) else int(EXACT.scaleb(weight, RATE_SCALE))
        self._whole[currency, start, end] = found
        return found

    def _parts(self, segment: Segment) -> Decimal | Absent:
        start = max(segment.start, self.period.start)
        end = min(segment.end, self.period.end)
        if start >= end:
            return Decimal(0)
        if segment.mrr is None:
            return NO_MRR
        if not segment.mrr:
            return Decimal(0)
        weight = self.weight(segment.currency, start, end)
        return weight if isinstance(weight, Absent) else EXACT.multiply(segment.mrr, weight)

    def weight(self, currency: str, start: date, end: date) -> Weight:
        """Weigh some days of the period, as `month_parts` does, once for all who pay then."""
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
