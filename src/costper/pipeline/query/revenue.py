"""Revenue by pieces of time: each customer's MRR times its days, in whole parts of a month."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from costper.economics.revenue import COUNTED, WHOLE
from costper.model.names import literal
from costper.model.period import Period, days_in_month
from costper.pipeline.query.facts import Facts
from costper.pipeline.query.windows import Windows

STATUSES = ", ".join(literal(status) for status in COUNTED)
SPELLED = "REPLACE(REPLACE(c.status, ' ', '_'), '-', '_')"
REVENUE_FROM = (
    "(SELECT p.slot, c.customer, {plan} AS plan, CAST(CAST(c.mrr AS DECIMAL(31,18)) * CAST("
    "date_diff('day', GREATEST(c.valid_from, p.first_day), "
    "LEAST(COALESCE(c.valid_to, p.last_day), p.last_day)) * p.weight AS DECIMAL(6,0)) "
    "AS DECIMAL(38,18)) AS parts, CASE WHEN c.mrr IS NULL THEN 1 ELSE 0 END AS lost "
    "FROM customers AS c JOIN (VALUES {slots}) "
    "AS p(slot, currency, first_day, last_day, weight) "
    "ON COALESCE(NULLIF(c.currency, ''), {home}) = p.currency AND c.valid_from < p.last_day "
    "AND (c.valid_to IS NULL OR c.valid_to > p.first_day) "
    f"WHERE {SPELLED} IN ({STATUSES})) AS listed"
)
"""An MRR has at most 13 digits before the point and 18 behind it here, so that its product with
the parts of a month (at most 377,580) has the same digits on every engine."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Days in a row of one month and one rate; a day of it weighs `weight` parts of a month."""

    number: int
    piece: int
    currency: str
    days: Period
    weight: int
    rate: Decimal | None

    def sql(self) -> str:
        """Write it as a row of VALUES."""
        first, last = self.days.start.isoformat(), self.days.end.isoformat()
        return (
            f"({self.number}, {literal(self.currency)}, DATE '{first}', DATE '{last}', "
            f"{self.weight})"
        )


def revenue_rows(windows: Windows, facts: Facts, until: date) -> Iterator[Slot]:
    """Cut the pieces of time by month, and by the rates of each currency MRR is in."""
    number = 0
    for piece, span in enumerate(windows.pieces):
        if span.start >= until:
            break
        known = Period(span.start, min(span.end, until))
        for month in known.months():
            weight = WHOLE // days_in_month(month.start)
            for currency in sorted(facts.payer_currencies):
                for days in _by_rate(month, currency, facts):
                    rate = facts.rates.on(currency, days.start)
                    yield Slot(number, piece, currency, days, weight, rate)
                    number += 1


def _by_rate(span: Period, currency: str, facts: Facts) -> Iterator[Period]:
    dates, _ = facts.rates.by_currency.get(currency, ((), ()))
    at = span.start
    for change in dates[bisect_right(dates, span.start) :]:
        if change >= span.end:
            break
        yield Period(at, change)
        at = change
    yield Period(at, span.end)
