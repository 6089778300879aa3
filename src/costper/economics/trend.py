"""How much a number moved between two periods of as many days."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

from costper.model.answer import Absent
from costper.model.money import EXACT

NEW = Absent("new")
NO_COST = Absent("no_cost")
ZERO_DENOMINATOR = Absent("zero_denominator")
TENTH = Decimal("0.1")
_RATIO = Context(prec=60, rounding=ROUND_HALF_UP)


def percent_of(part: Decimal, whole: Decimal) -> Decimal:
    """Give part ÷ whole in percent, rounded half up to one decimal; `whole` is not zero.

    >>> percent_of(Decimal(-6000), Decimal(2000))
    Decimal('-300.0')
    """
    return _RATIO.quantize(_RATIO.divide(EXACT.multiply(part, Decimal(100)), whole), TENTH)


def share_of(
    part: Decimal | Absent, whole: Decimal | Absent, lack: Absent = NO_COST
) -> Decimal | Absent:
    """Give part ÷ whole in percent where both are known; `lack` where the whole is nothing."""
    if isinstance(part, Absent):
        return part
    if isinstance(whole, Absent):
        return whole
    return percent_of(part, whole) if whole else lack


def percent_change(current: Decimal, previous: Decimal) -> Decimal | Absent:
    """Say how far `current` is from `previous`, in percent of |previous|; "new" after zero.

    >>> percent_change(Decimal(130), Decimal(100))
    Decimal('30.0')
    >>> percent_change(Decimal(5), Decimal(0))
    Absent(reason='new')
    """
    if not previous:
        return NEW
    return percent_of(EXACT.subtract(current, previous), EXACT.abs(previous))


def ratio(
    numerator: Decimal | Absent, denominator: Decimal | Absent, places: int = 12
) -> Decimal | Absent:
    """Divide two sums once, rounded half up to `places`; a null operand keeps its reason.

    >>> ratio(Decimal(100), Decimal(3), 2)
    Decimal('33.33')
    >>> ratio(Decimal(1), Decimal(0))
    Absent(reason='zero_denominator')
    """
    if isinstance(numerator, Absent):
        return numerator
    if isinstance(denominator, Absent):
        return denominator
    if not denominator:
        return ZERO_DENOMINATOR
    return _RATIO.quantize(_RATIO.divide(numerator, denominator), Decimal(1).scaleb(-places))
