"""How days add up to a week, a month or a period, and how days without data are filled."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Literal, NamedTuple

from costper.economics.formula.arithmetic import CONTEXT, ZERO
from costper.model.money import EXACT

How = Literal["sum", "average", "last", "max", "min", "distinct"]
GapRule = Literal["none", "zero", "previous", "linear"]


class Piece(NamedTuple):
    """Some days rolled up: the sum, last, highest or lowest of them, and how many had data."""

    value: Decimal
    days: int


def rolled(how: How, pieces: Sequence[Piece]) -> Decimal:
    """Roll up pieces that follow one another; at least one.

    >>> rolled("average", [Piece(Decimal(300), 2), Piece(Decimal(0), 1)])
    Decimal('100')
    """
    if len(pieces) == 1 and how != "average":
        return pieces[0].value
    match how:
        case "sum":
            return added(piece.value for piece in pieces)
        case "average":
            whole = added(piece.value for piece in pieces)
            return CONTEXT.divide(whole, Decimal(sum(piece.days for piece in pieces)))
        case "max":
            return max(piece.value for piece in pieces)
        case "min":
            return min(piece.value for piece in pieces)
        case "last" | "distinct":
            return pieces[-1].value


def added(values: Iterable[Decimal]) -> Decimal:
    """Add exactly."""
    found = ZERO
    for value in values:
        found = EXACT.add(found, value)
    return found


def combined(space: How, values: Iterable[Decimal]) -> Decimal:
    """Put the groups of one day together: the highest, the lowest, else the sum."""
    if space == "max":
        return max(values)
    return min(values) if space == "min" else added(values)


def filled_days(
    days: Sequence[int], rule: GapRule, most: int, first: int, until: int
) -> frozenset[int]:
    """Say which days without data from `first` to before `until` a gap rule fills.

    `days` are those with data, in order. `previous` fills up to `most` days after one with data;
    `linear` the gaps between two that are at most so long.

    >>> sorted(filled_days((1, 4, 9), "linear", 2, 1, 12))
    [2, 3]
    """
    held = frozenset(days)
    if rule == "zero":
        return frozenset(day for day in range(first, until) if day not in held)
    if rule == "previous":
        edges = [*days, until]
        gaps = (range(a + 1, min(a + most + 1, b)) for a, b in pairwise(edges))
    elif rule == "linear":
        gaps = (range(a + 1, b) for a, b in pairwise(days) if b - a - 1 <= most)
    else:
        return frozenset()
    return frozenset(day for gap in gaps for day in gap if first <= day < until)


def filled(
    values: Mapping[int, Decimal], rule: GapRule, most: int, first: int, until: int
) -> dict[int, Decimal]:
    """Give the values a gap rule puts where one series has none; they are never stored.

    >>> filled({1: Decimal(10), 3: Decimal(30)}, "linear", 7, 1, 5)
    {2: Decimal('20')}
    """
    days = sorted(values)
    found: dict[int, Decimal] = {}
    for day in sorted(filled_days(days, rule, most, first, until)):
        if rule == "zero":
            found[day] = ZERO
            continue
        place = bisect_left(days, day)
        before = days[place - 1]
        if rule == "previous":
            found[day] = values[before]
            continue
        after = days[place]
        rise = EXACT.subtract(values[after], values[before])
        share = CONTEXT.divide(EXACT.multiply(rise, Decimal(day - before)), Decimal(after - before))
        found[day] = CONTEXT.add(values[before], share)
    return found
