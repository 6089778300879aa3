"""A row of small bars, one for each day."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

BARS = "▁▂▃▄▅▆▇█"
GAP = " "


def sparkline(values: Sequence[Decimal | None]) -> str:
    """Draw one bar a value, from zero (or the lowest, when below zero) up; None is a gap.

    Where all are below zero, bars are scaled by their own range.

    >>> sparkline([Decimal(0), Decimal(5), None, Decimal(10)])
    '▁▅ █'
    >>> sparkline([Decimal(-30), Decimal(-20), Decimal(-10)])
    '▁▅█'
    """
    known = [value for value in values if value is not None]
    if not known:
        return GAP * len(values)
    low = min(Decimal(0), *known)
    highest = max(known)
    span = (highest if highest < 0 else max(Decimal(0), highest)) - low
    return "".join(GAP if value is None else _bar(value - low, span) for value in values)


def _bar(height: Decimal, span: Decimal) -> str:
    if not span:
        return BARS[0]
    return BARS[min(int(height * len(BARS) / span), len(BARS) - 1)]
