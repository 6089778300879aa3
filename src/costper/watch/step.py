"""Whether and when a daily number stepped to another level, by tests that presume no shape.

Rank tests ask only which of two days is the greater, so one wild day is one wild day. A step at
an unknown day is found by two of them, each of which seldom errs: Pettitt's (1979), the surer one
in the middle of a series, and the most telling of all Mann-Whitney tests, one for each day it may
have stepped on, the surer one elsewhere. A known day, such as a deploy's, is tested exactly.
Neighbouring days that are alike make steps seem surer than they are; both exponents are shrunk by
their correlation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, pairwise
from math import erfc, exp, sqrt
from statistics import median

LEAST_DAYS = 10
"""Fewer days cannot show a step at an unknown day."""

ENOUGH_DAYS = 14
"""So many days on each side of a known one are compared, the nearest."""

LEAST_SIDE = 3
NEARLY = 0.85
Number = Decimal | int


@dataclass(frozen=True, slots=True)
class Step:
    """A step: the first value of the new level, and how likely chance alone does as much."""

    position: int
    p_value: float


def step(values: Sequence[Number], known: Collection[int] = ()) -> Step | None:
    """Find the likeliest single step in a series; None where there are too few values.

    `known` are positions of days on which something was changed, such as a deploy: one of them is
    the step's where it parts the days at NEARLY the largest z² or more.

    With U twice the ranks' sum before a day less the usual, T values and f = (1 - r) ÷ (1 + r)
    for a correlation r > 0 of neighbours within the two levels: the day is that of the largest
    z² = 3 U² ÷ (t (T - t) (T + 1)), and p the lesser of 2·exp(-6 K² f ÷ (T³ + T²)), K the
    largest |U|, and of z's two-sided chance times the days it was looked for on; at most 1.

    >>> found = step([5, 6, 5, 7, 6, 5, 6, 7, 9, 10, 9, 11, 9, 10, 9, 10])
    >>> found.position, round(found.p_value, 3)
    (8, 0.007)
    """
    many = len(values)
    if many < LEAST_DAYS:
        return None
    upto = [*accumulate(_doubled_ranks(values))]
    scores = [abs(upto[at] - (at + 1) * (many + 1)) for at in range(many - 1)]
    places = range(LEAST_SIDE, many - LEAST_SIDE + 1)
    squares = [3 * scores[at - 1] ** 2 / (at * (many - at) * (many + 1)) for at in places]
    greatest = max(squares)
    near = {at: one for at, one in zip(places, squares, strict=True) if one >= NEARLY * greatest}
    position = max(near, key=lambda at: (at in known, near[at]))
    alike = max(0.0, _correlation(values, position))
    shrunk = (1 - alike) / (1 + alike)
    pettitt = 2 * exp(-6 * max(scores) ** 2 * shrunk / (many**3 + many**2))
    highest = len(places) * erfc(sqrt(greatest * shrunk / 2))
    return Step(position, min(1.0, pettitt, highest))


def differ(before: Sequence[Number], after: Sequence[Number]) -> float | None:
    """Give the exact two-sided p-value of the Mann-Whitney test, ties counted; None for too few.

    The ENOUGH_DAYS last values before and first after are compared.

    >>> differ([1, 2, 3, 4, 5], [6, 7, 8]) == 2 / 56
    True
    """
    left, right = before[-ENOUGH_DAYS:], after[:ENOUGH_DAYS]
    if min(len(left), len(right)) < LEAST_SIDE:
        return None
    ranks = _doubled_ranks([*left, *right])
    seen, many = sum(ranks[len(left) :]), len(right)
    usual = many * (len(ranks) + 1)
    ways = _sums(ranks, many)
    far = sum(number for total, number in ways.items() if abs(total - usual) >= abs(seen - usual))
    return far / sum(ways.values())


def _doubled_ranks(values: Sequence[Number]) -> list[int]:
    """Rank values, doubled so that the middle rank of ties is whole."""
    counts = Counter(values)
    below, ranks = 0, dict[Number, int]()
    for value in sorted(counts):
        ranks[value] = 2 * below + counts[value] + 1
        below += counts[value]
    return [ranks[value] for value in values]


def _sums(ranks: Sequence[int], many: int) -> dict[int, int]:
    """Count the ways in which `many` of the ranks come to each sum."""
    ways: list[Counter[int]] = [Counter({0: 1}), *(Counter[int]() for _ in range(many))]
    for rank in ranks:
        for size in range(many, 0, -1):
            for total, number in ways[size - 1].items():
                ways[size][total + rank] += number
    return dict(ways[many])


def _correlation(values: Sequence[Number], position: int) -> float:
    """Give the correlation of neighbours, each taken from the median of its own level."""
    levels = ([*map(float, values[:position])], [*map(float, values[position:])])
    rest = [value - median(level) for level in levels for value in level]
    square = sum(one * one for one in rest)
    return sum(one * other for one, other in pairwise(rest)) / (square or 1.0)
