"""How long calls took, from counts by class: class n holds 1.05^n up to 1.05^(n+1) milliseconds."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import accumulate

from costper.model.answer import Absent

WIDTH = 1.05
"""A class ends so many times where it begins: a quantile is told to within 2.5 %."""

NOT_TIMED = Absent("not_timed")
MEDIAN = Fraction(1, 2)
P95 = Fraction(95, 100)


def quantile(classes: Mapping[int, int], share: Fraction) -> int | Absent:
    """Give the milliseconds that `share` of the calls took at most: the middle of their class.

    The call looked at is number ⌈share x calls⌉, the quickest first.

    >>> quantile({60: 90, 100: 10}, MEDIAN), quantile({60: 90, 100: 10}, P95)
    (19, 135)
    """
    ordered = sorted((which, many) for which, many in classes.items() if many > 0)
    if not ordered:
        return NOT_TIMED
    sums = [*accumulate(many for _, many in ordered)]
    wanted = -(-share * sums[-1] // 1)
    at = next(which for (which, _), upto in zip(ordered, sums, strict=True) if upto >= wanted)
    middle: float = WIDTH ** (at + 0.5)
    return round(middle)
