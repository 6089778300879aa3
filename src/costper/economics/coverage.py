"""Which share of the cost has found its owner."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Context, Decimal

from costper.model.money import EXACT

_DOWN = Context(prec=60, rounding=ROUND_FLOOR)
_STEP = Decimal("0.001")


def coverage(gross: Decimal, gross_missing: Decimal) -> Decimal | None:
    """Give the share (0..1) of gross cost that is not missing; None when there is no cost.

    `gross` is Σ |cost|, because a credit without an owner could make the missing cost
    negative. Rounded down to three decimals, so that 1.000 means all of it.

    >>> coverage(Decimal(1000), Decimal("0.01"))
    Decimal('0.999')
    """
    if not gross:
        return None
    share = _DOWN.divide(EXACT.subtract(gross, gross_missing), gross)
    return _DOWN.quantize(share, _STEP)
