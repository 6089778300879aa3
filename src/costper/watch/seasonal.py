"""The shape of a series: how its weekdays differ, and the level it stands at.

Generic over the kind of number: decimals forecast money, floats only tell how far past forecasts
were off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Generic, TypeVar

Number = TypeVar("Number", Decimal, float)

WEEK = 7
SIDE = 3
"""A centred week has as many days on either side."""

SEASON = 42
RECENT = 14
LEARNING = 28
"""Days with data, of the last SEASON, before anything is said."""

RECENT_NEEDED = 7

OUTLYING = 44_478
"""Three robust standard deviations, in ten thousandths of a median distance."""

USUAL_AGAIN = 3
"""As many usual days end a spike."""


@dataclass(frozen=True, slots=True)
class Shape(Generic[Number]):
    """A level and what each weekday is to it: factors of it, or differences where `additive`.

    Weekdays are positions modulo 7 of the series they were learnt from.
    """

    level: Number
    weekdays: tuple[Number, ...]
    additive: bool

    def at(self, position: int) -> Number:
        """Give the value the shape promises for a position, before or after its series' end."""
        weekday = self.weekdays[position % WEEK]
        return self.level + weekday if self.additive else self.level * weekday


def centres(values: Sequence[Number | None]) -> list[Number | None]:
    """Give the median of the week around each position; None where a day of it is missing."""
    found: list[Number | None] = []
    for at in range(len(values)):
        week = [one for one in values[max(0, at - SIDE) : at + SIDE + 1] if one is not None]
        found.append(sorted(week)[SIDE] if len(week) == WEEK else None)
    return found


def shape_at(
    values: Sequence[Number | None], middles: Sequence[Number | None], end: int
) -> Shape[Number] | None:
    """Learn the shape from the days before `end`; None where there are too few.

    `middles` are `centres(values)`, of which only those are read that no later day went into.
    """
    start = max(0, end - SEASON)
    known = [one for one in values[start:end] if one is not None]
    recent = [
        (at, one) for at in range(max(start, end - RECENT), end) if (one := values[at]) is not None
    ]
    if len(known) < LEARNING or len(recent) < RECENT_NEEDED:
        return None
    additive = min(known) <= 0
    weekdays = _weekdays(values, middles, range(start, end - SIDE), additive=additive)
    if weekdays is None:
        return None
    plain = [
        one - weekdays[at % WEEK] if additive else one / weekdays[at % WEEK] for at, one in recent
    ]
    return Shape(_level(plain), weekdays, additive)


def _level(plain: Sequence[Number]) -> Number:
    """Give the mean of some days, without what stood out and is over.

    A spike that usual days have followed will not go on; one that lasts may be a new level.
    """
    middle = median(plain)
    distances = [max(one - middle, middle - one) for one in plain]
    spread = median(distances)
    usual = [10_000 * one <= OUTLYING * spread for one in distances]
    over = all(usual[-USUAL_AGAIN:])
    kept = [one for one, calm in zip(plain, usual, strict=True) if calm or not over]
    return sum(kept[1:], kept[0]) / len(kept)


def _weekdays(
    values: Sequence[Number | None],
    middles: Sequence[Number | None],
    days: range,
    *,
    additive: bool,
) -> tuple[Number, ...] | None:
    """Give each weekday's median distance from the week around it, one on average (or nought)."""
    found: list[list[Number]] = [[] for _ in range(WEEK)]
    for at in days:
        value, middle = values[at], middles[at]
        if value is not None and middle is not None:
            found[at % WEEK].append(value - middle if additive else value / middle)
    if not all(found):
        return None
    usual = [median(many) for many in found]
    mean = sum(usual[1:], usual[0]) / WEEK
    return tuple(one - mean if additive else one / mean for one in usual)
