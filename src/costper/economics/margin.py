"""What a customer leaves: revenue minus cost, in money and as a share of the revenue."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

from costper.economics.trend import TENTH
from costper.model.answer import Absent
from costper.model.money import EXACT

NO_REVENUE = Absent("no_revenue")
FREE_LOSS = Absent("free_loss")
_RATIO = Context(prec=60, rounding=ROUND_HALF_UP)
_HUNDRED = Decimal(100)


class Margin(NamedTuple):
    """`amount` is R - C always; `percent` (one decimal) is null when R <= 0.

    `ratio` is the percent before rounding, for ranking; None where the percent is null.
    """

    amount: Decimal | Absent
    percent: Decimal | Absent
    ratio: Decimal | None = None


def margin(revenue: Decimal | Absent, cost: Decimal | Absent) -> Margin:
    """Subtract cost from revenue; an operand that does not exist passes its reason on.

    >>> margin(Decimal(2000), Decimal(8000)).percent
    Decimal('-300.0')
    >>> margin(Decimal(0), Decimal(5)).percent
    Absent(reason='free_loss')
    """
    if isinstance(cost, Absent):
        return Margin(cost, cost)
    if isinstance(revenue, Absent):
        return Margin(revenue, revenue)
    amount = EXACT.subtract(revenue, cost)
    if revenue <= 0:
        return Margin(amount, FREE_LOSS if cost > 0 else NO_REVENUE)
    share = _RATIO.divide(_RATIO.multiply(amount, _HUNDRED), revenue)
    return Margin(amount, _RATIO.quantize(share, TENTH), share)


def rank(found: Margin, cost: Decimal | Absent, name: str) -> tuple[int, Decimal, str]:
    """Give the sort key that puts loss makers first.

    Loss makers by margin in money, then the rest by margin in percent, then whoever has no
    percent, dearest first; ties by name.
    """
    if isinstance(found.amount, Decimal) and found.amount < 0:
        return (0, found.amount, name)
    if found.ratio is not None:
        return (1, found.ratio, name)
    return (2, EXACT.minus(cost) if isinstance(cost, Decimal) else Decimal(0), name)
