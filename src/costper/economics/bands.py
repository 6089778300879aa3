"""Whether a cost is small enough for what a customer pays: on target, to be watched, a problem."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import NamedTuple

from costper.economics.verdict import percent
from costper.model.answer import Absent
from costper.model.money import EXACT, POSTING_UNIT

Amount = Decimal | Absent
NO_REVENUE = Absent("no_revenue")
FREE_LOSS = Absent("free_loss")
ON_TARGET = "on_target"
WATCH = "watch"
PROBLEM = "problem"
_ROUND = Context(prec=80, rounding=ROUND_HALF_UP)


class Bands(NamedTuple):
    """Percent of the revenue: below `watch` is on target, above `problem` is a problem."""

    watch: Decimal = Decimal(8)
    problem: Decimal = Decimal(10)


class Placed(NamedTuple):
    """Cost ÷ revenue in percent, rounded to two decimals for reading, and its band ('' if none)."""

    percent: Amount
    band: str


def placed(cost: Amount, revenue: Amount, bands: Bands) -> Placed:
    """Place a cost by what is paid for it; the edges are watched, compared before rounding.

    >>> placed(Decimal("3.00"), Decimal(30), Bands()).band
    'watch'
    >>> placed(Decimal(15), Decimal(49), Bands())
    Placed(percent=Decimal('30.61'), band='problem')
    """
    if isinstance(cost, Absent):
        return Placed(cost, "")
    if isinstance(revenue, Absent):
        return Placed(revenue, "")
    if revenue <= 0:
        return Placed(FREE_LOSS, PROBLEM) if cost > 0 else Placed(NO_REVENUE, "")
    share = Fraction(cost) / Fraction(revenue) * 100
    if share > Fraction(bands.problem):
        return Placed(percent(share / 100), PROBLEM)
    return Placed(percent(share / 100), ON_TARGET if share < Fraction(bands.watch) else WATCH)


def allowed(revenue: Amount, share: Decimal) -> Amount:
    """Give the cost that is `share` percent of a revenue, posted to 12 places.

    >>> allowed(Decimal(49), Decimal(8))
    Decimal('3.920000000000')
    """
    if isinstance(revenue, Absent):
        return revenue
    part = EXACT.multiply(revenue, EXACT.scaleb(share, -2))
    return _ROUND.quantize(part, POSTING_UNIT)
