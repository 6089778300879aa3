"""What customers leave together, from the best to the worst: the cost-to-serve (whale) curve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from costper.economics.verdict import percent
from costper.model.answer import Absent
from costper.model.money import EXACT

Amount = Decimal | Absent
POINTS = 100
"""A curve has at most so many steps, its top and its last customer included."""


class Point(NamedTuple):
    """The best `customers` together: their margin, and that in percent of everybody's.

    `customer` is the last of them and `margin` what it leaves by itself.
    """

    customers: int
    customer: str
    margin: Decimal
    cumulative: Decimal
    of_total: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The points, the `peak` reached after `peak_customers`, and the `total` that is left."""

    points: tuple[Point, ...]
    peak: Decimal
    peak_customers: int
    total: Decimal


def serve_curve(margins: Mapping[str, Decimal]) -> Curve:
    """Add margins up, best first, ties by name; the percent is null unless the total is a gain.

    >>> curve = serve_curve({"a": Decimal(150), "b": Decimal(0), "c": Decimal(-50)})
    >>> curve.peak, curve.peak_customers, curve.total
    (Decimal('150'), 1, Decimal('100'))
    """
    names = sorted(margins, key=lambda name: (-margins[name], name))
    sums: list[Decimal] = []
    at = Decimal(0)
    for name in names:
        at = EXACT.add(at, margins[name])
        sums.append(at)
    gains = sum(margin > 0 for margin in margins.values())
    return Curve(
        points=tuple(
            Point(
                place,
                names[place - 1],
                margins[names[place - 1]],
                sums[place - 1],
                _share(sums[place - 1], at),
            )
            for place in _places(len(names), gains)
        ),
        peak=sums[gains - 1] if gains else Decimal(0),
        peak_customers=gains,
        total=at,
    )


def _places(many: int, peak: int) -> list[int]:
    """Choose the customers that are points: all of up to 100, else one in a hundredth."""
    steps = min(many, POINTS)
    found = {-(-step * many // steps) for step in range(1, steps + 1)}
    return sorted(found | ({peak} if peak else set()))


def _share(part: Decimal, whole: Decimal) -> Amount:
    return percent(Fraction(part) / Fraction(whole)) if whole > 0 else Absent("no_margin")
