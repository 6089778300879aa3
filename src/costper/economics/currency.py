"""Amounts of several currencies in one: by dated rates, exactly, or not at all."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from costper.model.answer import Absent
from costper.model.customer import Rate
from costper.model.money import EXACT, total

NOTHING = Decimal(0)
ONE = Decimal(1)
MISSING_RATE = Absent("missing_rate")
Dated = tuple[tuple[date, ...], tuple[Decimal, ...]]


@dataclass(frozen=True, slots=True)
class Rates:
    """Dated rates into one currency; `home` itself is always worth 1 of it."""

    home: str
    by_currency: dict[str, Dated] = field(default_factory=dict[str, Dated])

    def on(self, currency: str, day: date) -> Decimal | None:
        """Give what one unit of `currency` bought that day; None when no rate says so."""
        if currency == self.home:
            return ONE
        days, values = self.by_currency.get(currency, ((), ()))
        at = bisect_right(days, day)
        return values[at - 1] if at else None


def rates_into(home: str, facts: Iterable[Rate]) -> Rates:
    """Keep the rates whose target is `home`; the reverse of a rate is never implied."""
    found: dict[str, dict[date, Decimal]] = {}
    for fact in facts:
        if fact.target == home:
            found.setdefault(fact.currency, {})[fact.valid_from] = fact.rate
    ordered = {currency: sorted(by_day.items()) for currency, by_day in found.items()}
    return Rates(
        home,
        {
            currency: (tuple(day for day, _ in pairs), tuple(rate for _, rate in pairs))
            for currency, pairs in ordered.items()
        },
    )


def converted(amount: Decimal, currency: str, day: date, rates: Rates) -> Decimal | Absent:
    """Give an amount of one day in the home currency; zero needs no rate.

    >>> converted(Decimal(3), "EUR", date(2026, 1, 1), Rates("USD"))
    Absent(reason='missing_rate')
    """
    if currency == rates.home or not amount:
        return amount
    rate = rates.on(currency, day)
    return MISSING_RATE if rate is None else EXACT.multiply(amount, rate)


def plus(one: Decimal | Absent, other: Decimal | Absent) -> Decimal | Absent:
    """Add exactly; a sum with a part that does not exist does not exist, for that reason."""
    if isinstance(one, Absent):
        return one
    if isinstance(other, Absent):
        return other
    return EXACT.add(one, other)


def sum_of(amounts: Iterable[Decimal | Absent]) -> Decimal | Absent:
    """Add up exactly; a sum with a part that does not exist does not exist, for that reason.

    >>> sum_of([Decimal("0.1"), Decimal("0.2")])
    Decimal('0.3')
    """
    some = list(amounts)
    known = [amount for amount in some if isinstance(amount, Decimal)]
    if len(known) == len(some):
        return total(known)
    return next(amount for amount in some if isinstance(amount, Absent))


def size(amount: object) -> Decimal:
    """Give how large an amount is, to order by; nothing where there is none."""
    return abs(amount) if isinstance(amount, Decimal) else NOTHING
