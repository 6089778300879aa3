"""The definitions of margin, trend and ratio over whole numbers, for lists of thousands.

Each says what its namesake in `margin` or `trend` says, of amounts in units of 10^-places; the
tests hold them to it. A long list has no time for one Decimal a cell, nor, where every cell has
an amount, for one call a cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from operator import eq, sub

from costper.economics.margin import FREE_LOSS, NO_REVENUE
from costper.economics.trend import NEW, ZERO_DENOMINATOR
from costper.model.answer import Absent
from costper.model.sheet import Whole, complete

PER_MILLE = 1000
"""Percent with one decimal are whole tenths of a percent."""

RATIO_PLACES = 12
_FINE = 10**60


def half_up(numerator: int, denominator: int) -> int:
    """Divide and round half away from zero; `denominator` is positive.

    >>> half_up(5, 2), half_up(-5, 2), half_up(4, 3)
    (3, -3, 1)
    """
    if numerator >= 0:
        return (2 * numerator + denominator) // (2 * denominator)
    return -((denominator - 2 * numerator) // (2 * denominator))


def changed(current: Whole, previous: Whole) -> Whole:
    """Give the change in tenths of a percent of |previous|."""
    if isinstance(current, Absent):
        return current
    if isinstance(previous, Absent):
        return previous
    if not previous:
        return NEW
    return half_up((current - previous) * PER_MILLE, abs(previous))


def all_changed(current: Sequence[Whole], previous: Sequence[Whole]) -> list[Whole]:
    """Give the change of each."""
    if not (complete(current) and complete(previous)):
        return [*map(changed, current, previous)]
    moved = [one * PER_MILLE for one in map(sub, current, previous)]
    below = [*map(abs, previous)]
    if all(below):
        return [*halves_up(moved, below)]
    known = halves_up(moved, [one or 1 for one in below])
    return [one if base else NEW for one, base in zip(known, below, strict=True)]


def left(revenue: Whole, cost: Whole) -> Whole:
    """Give the margin."""
    if isinstance(cost, Absent):
        return cost
    return revenue if isinstance(revenue, Absent) else revenue - cost


def left_percent(margin: Whole, revenue: Whole, cost: Whole) -> Whole:
    """Give the margin in tenths of a percent of revenue."""
    if isinstance(margin, Absent) or isinstance(revenue, Absent) or isinstance(cost, Absent):
        return margin
    if revenue <= 0:
        return FREE_LOSS if cost > 0 else NO_REVENUE
    return half_up(margin * PER_MILLE, revenue)


def all_left(revenue: Sequence[Whole], cost: Sequence[Whole]) -> list[Whole]:
    """Give each margin."""
    if complete(revenue) and complete(cost):
        return [*map(sub, revenue, cost)]
    return [*map(left, revenue, cost)]


def all_left_percent(
    margin: Sequence[Whole], revenue: Sequence[Whole], cost: Sequence[Whole]
) -> list[Whole]:
    """Give each margin in tenths of a percent of revenue."""
    if not (complete(margin) and complete(revenue) and complete(cost)):
        return [*map(left_percent, margin, revenue, cost)]
    above = [one * PER_MILLE for one in margin]
    if min(revenue, default=1) > 0:
        return [*halves_up(above, revenue)]
    known = halves_up(above, [one if one > 0 else 1 for one in revenue])
    return [
        one if paid > 0 else FREE_LOSS if spent > 0 else NO_REVENUE
        for one, paid, spent in zip(known, revenue, cost, strict=True)
    ]


def place(margin: Whole, revenue: Whole, cost: Whole, name: str) -> tuple[int, int, str]:
    """Give the sort key that puts loss makers first, as `rank` does."""
    if isinstance(cost, Absent):
        return (2, 0, name)
    if isinstance(margin, Absent) or isinstance(revenue, Absent):
        return (2, -cost, name)
    if margin < 0:
        return (0, margin, name)
    if revenue > 0:
        return (1, margin * _FINE // revenue, name)
    return (2, -cost, name)


def ordered(
    margin: Sequence[Whole], revenue: Sequence[Whole], cost: Sequence[Whole], names: Sequence[str]
) -> list[int]:
    """Give the places of a list in the order of `place`.

    A quotient rounded to a float never changes sides with another; only those that round to the
    same one are looked at again.
    """
    if not (complete(margin) and complete(revenue) and complete(cost)):
        keys = [*map(place, margin, revenue, cost, names)]
        return sorted(range(len(keys)), key=keys.__getitem__)

    def exactly(at: int) -> tuple[int, int, str]:
        return place(margin[at], revenue[at], cost[at], names[at])

    losing = {at: left for at, left in enumerate(margin) if left < 0}
    kept = [at for at in range(len(margin)) if at not in losing]
    earning = {at: margin[at] / revenue[at] for at in kept if revenue[at] > 0}
    rest = {at: -cost[at] for at in kept if at not in earning}
    return [at for part in (losing, earning, rest) for at in _in_order(part, exactly)]


def _in_order(
    part: Mapping[int, float], exactly: Callable[[int], tuple[int, int, str]]
) -> list[int]:
    """Sort places by a number, and those of one number by what settles it."""
    found = sorted(part, key=part.__getitem__)
    keys = [*map(part.__getitem__, found)]
    if not any(map(eq, keys, keys[1:])):
        return found
    runs = groupby(found, part.__getitem__)
    return [at for _, run in runs for at in sorted(run, key=exactly)]


def divided(numerator: Whole, denominator: Whole, scale: tuple[int, int]) -> Whole:
    """Give numerator ÷ denominator x scale[0] ÷ scale[1], rounded half up to a whole number.

    The scale says in which units the two come, and the result goes.
    """
    if isinstance(numerator, Absent):
        return numerator
    if isinstance(denominator, Absent):
        return denominator
    if not denominator:
        return ZERO_DENOMINATOR
    below = denominator * scale[1]
    if below < 0:
        return half_up(-numerator * scale[0], -below)
    return half_up(numerator * scale[0], below)


def all_divided(
    numerator: Sequence[Whole], denominator: Sequence[Whole], scale: tuple[int, int]
) -> list[Whole]:
    """Give each ratio."""
    if not (complete(numerator) and complete(denominator)) or min(denominator, default=1) <= 0:
        return [
            divided(one, other, scale) for one, other in zip(numerator, denominator, strict=True)
        ]
    above = numerator if scale[0] == 1 else [one * scale[0] for one in numerator]
    below = denominator if scale[1] == 1 else [one * scale[1] for one in denominator]
    return [*halves_up(above, below)]


def halves_up(numerators: Sequence[int], denominators: Sequence[int]) -> list[int]:
    """Divide and round as `half_up` does, pair by pair.

    Half of the denominator, rounded down, lifts just those quotients that round up.
    """
    pairs = zip(numerators, denominators, strict=True)
    if min(numerators, default=0) >= 0:
        return [(one + (by >> 1)) // by for one, by in pairs]
    return [
        (one + (by >> 1)) // by if one >= 0 else -(((by >> 1) - one) // by) for one, by in pairs
    ]


def scale_of(numerator: int, denominator: int, result: int = RATIO_PLACES) -> tuple[int, int]:
    """Give the scale of a division from the places of its three numbers."""
    more = result + denominator - numerator
    return (10**more, 1) if more >= 0 else (1, 10**-more)
