"""Exact amounts: their scale in the books, their posting unit, their currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

MONEY_SCALE = 21
"""Decimal places a cost keeps in the books: AWS Cost and Usage Reports carry up to 21."""

MONEY_SQL = f"DECIMAL(38,{MONEY_SCALE})"
LARGEST_DIGITS = 12
"""A cost of 10^12 or more on one row is a mistake: it is read as no cost, so a bad row."""

POSTING_SCALE = 12
"""A split hands out whole units of 10^-12; what is finer stays with one leg, exactly."""

POSTING_UNIT = Decimal(1).scaleb(-POSTING_SCALE)
QUANTITY_SCALE = 6
QUANTITY_SQL = f"DECIMAL(38,{QUANTITY_SCALE})"
COST_COLUMNS = ("effective_cost", "billed_cost", "contracted_cost", "list_cost")
RATE_SCALE = 18
"""Decimal places of an exchange rate; a converted amount has that many more."""

EXACT = Context(prec=200)
"""Arithmetic that never rounds a sum or a product of amounts."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its currency; two currencies never add."""

    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        """Add exactly; adding another currency is a bug, not a conversion."""
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(total((self.amount, other.amount)), self.currency)


def total(amounts: tuple[Decimal, ...] | list[Decimal]) -> Decimal:
    """Sum without rounding, whatever the number of digits.

    >>> total([Decimal("1e-21"), Decimal("10000000000000000")])
    Decimal('10000000000000000.000000000000000000001')
    """
    with localcontext(EXACT):
        return sum(amounts, Decimal(0))


def amount(units: int, places: int) -> Decimal:
    """Give whole units of 10^-places as an amount.

    >>> amount(-12345, 2)
    Decimal('-123.45')
    """
    return EXACT.scaleb(Decimal(units), -places)


def divide(numerator: Decimal, denominator: Decimal, places: int = POSTING_SCALE) -> Decimal | None:
    """Divide once, rounded half up to `places`; None when the denominator is zero.

    >>> divide(Decimal(100), Decimal(3), 2)
    Decimal('33.33')
    """
    if denominator == 0:
        return None
    with localcontext(EXACT):
        return (numerator / denominator).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def plain(amount: Decimal, places: int = 2) -> str:
    """Write an amount as a plain decimal string: all its digits, at least `places` of them.

    >>> plain(Decimal("8000")), plain(Decimal("20.520226728990000000000"))
    ('8000.00', '20.52022672899')
    """
    text = format(amount, "f")
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0").ljust(places, "0")
    sign_free = f"{whole}.{fraction}" if fraction else whole
    return sign_free.removeprefix("-") if not sign_free.strip("-0.") else sign_free
