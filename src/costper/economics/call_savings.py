"""What other ways of calling models would have cost, as a range, and what that saves a month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import reduce

from costper.economics.trend import percent_of
from costper.model.answer import Absent
from costper.model.money import EXACT

ZERO = Decimal(0)
MONTHLY_PLACES = 12
DAYS_A_YEAR, MONTHS_A_YEAR = 365, 12
NO_COST = Absent("no_cost")
_QUOTIENT = Context(prec=80, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Span:
    """An amount that is known to lie from `low` to `high`, and is `likely` one between."""

    low: Decimal = ZERO
    likely: Decimal = ZERO
    high: Decimal = ZERO

    def __add__(self, other: Span) -> Span:
        """Add two: the lowest and the highest that both may be."""
        return Span(
            EXACT.add(self.low, other.low),
            EXACT.add(self.likely, other.likely),
            EXACT.add(self.high, other.high),
        )


def just(amount: Decimal) -> Span:
    """Give an amount that is known."""
    return Span(amount, amount, amount)


def summed(parts: Iterable[Span]) -> Span:
    """Add up."""
    return reduce(Span.__add__, parts, Span())


def counted_otherwise(by_token: Decimal, others: Decimal, percent: Decimal) -> Span:
    """Give a cost whose tokens another model may count `percent` fewer or more of.

    `others` is what is not charged by the token.

    >>> counted_otherwise(Decimal(100), Decimal(1), Decimal(20))
    Span(low=Decimal('81.00'), likely=Decimal('101'), high=Decimal('121.00'))
    """
    whole = EXACT.add(by_token, others)
    if not percent:
        return just(whole)
    about = EXACT.multiply(by_token, percent.scaleb(-2))
    return Span(EXACT.subtract(whole, about), whole, EXACT.add(whole, about))


def saved(now: Decimal, would: Span) -> Span:
    """Give what is saved: least where it would have cost most."""
    return Span(
        EXACT.subtract(now, would.high),
        EXACT.subtract(now, would.likely),
        EXACT.subtract(now, would.low),
    )


def monthly(amount: Decimal, days: int) -> Decimal:
    """Give an amount of some days as one of a twelfth of 365 days.

    >>> monthly(Decimal(365), 365) * 12
    Decimal('365.000000000004')
    """
    return _QUOTIENT.quantize(
        _QUOTIENT.divide(
            EXACT.multiply(amount, Decimal(DAYS_A_YEAR)), Decimal(MONTHS_A_YEAR * days)
        ),
        Decimal(1).scaleb(-MONTHLY_PLACES),
    )


def saved_percent(now: Decimal, would: Decimal) -> Decimal | Absent:
    """Give what is saved of what it cost, in percent, to one place."""
    return percent_of(EXACT.subtract(now, would), now) if now else NO_COST
