"""Which days of a series may be unusual, by floating point: quick, and never one too few."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import accumulate
from math import sqrt

from costper.watch.limits import (
    BEFORE,
    DOUBT,
    DRIFT_SHARE,
    FLOOR,
    MAD,
    MINIMUM_SHARE,
    RECENT,
    RESIDUALS,
    WARNING,
    WEEK,
    WEEKS,
    WEEKS_NEEDED,
    Z_LIMITS,
)

Float = float | None
Exact = Decimal | None

SLACK = 1 - 1e-6
"""Rounding must never lose a day that decimals would report; they are asked about what is left."""


def suspects(
    totals: Sequence[Exact], taught: Sequence[Exact], first: int, minimum: Decimal
) -> list[int]:
    """Give the positions from `first` on that decimals must judge.

    `taught` is what may be learnt from: `totals`, but None where a day is explained.
    """
    rough = _rough(totals)
    known = rough if taught is totals else _rough(taught)
    values = [value for value in rough if value is not None]
    least, share = float(minimum) * SLACK, float(MINIMUM_SHARE) * SLACK
    if not values or max(values) - min(values) < least:
        return []
    centre = _weekday_medians(known)
    found: list[int] = []
    for at in range(max(first, WEEKS[1]), len(totals)):
        value = rough[at]
        if value is None:
            continue
        expected = centre(at)
        if expected is None:
            continue
        distance = abs(value - expected)
        if distance < least or distance < share * abs(expected):
            continue
        if _may_score(value, expected, known, at, centre):
            found.append(at)
    return found


def outlying(
    totals: Sequence[Exact], taught: Sequence[Exact], first: int, minimum: Decimal, window: int
) -> list[int]:
    """Give the positions from `first` on that may be far from the mean of the `window` before."""
    rough = _rough(totals)
    known = rough if taught is totals else _rough(taught)
    least, share = float(minimum) * SLACK, float(MINIMUM_SHARE) * SLACK
    warning = float(Z_LIMITS[0]) * SLACK
    found: list[int] = []
    for at in range(max(first, 2), len(totals)):
        value = rough[at]
        recent = [one for one in known[max(0, at - window) : at] if one is not None]
        if value is None or len(recent) <= 1:
            continue
        mean = sum(recent) / len(recent)
        distance = abs(value - mean)
        if distance >= least and distance >= share * abs(mean):
            spread = sum([(one - mean) ** 2 for one in recent])
            if distance**2 * (len(recent) - 1) >= warning**2 * spread:
                found.append(at)
    return found


def _weekday_medians(known: Sequence[Float]) -> Callable[[int], Float]:
    """Give the median of a day's weekday before it, each found once."""
    found: dict[int, Float] = {}

    def centre(at: int) -> Float:
        if at not in found:
            same = [one for lag in WEEKS if at >= lag and (one := known[at - lag]) is not None]
            found[at] = _median(sorted(same)) if len(same) >= WEEKS_NEEDED else None
        return found[at]

    return centre


def _may_score(
    value: float,
    expected: float,
    known: Sequence[Float],
    at: int,
    centre: Callable[[int], Float],
) -> bool:
    recent = [one for one in known[max(0, at - RECENT) : at] if one is not None]
    many = len(recent)
    if many <= 1:
        return False
    mean = sum(recent) / many
    deviation = sqrt(sum([(one - mean) ** 2 for one in recent]) / (many - 1))
    distances = sorted(
        abs(one - usual)
        for day in range(max(0, at - RESIDUALS), at)
        if (one := known[day]) is not None and (usual := centre(day)) is not None
    )
    if not distances:
        return False
    doubt = 1 + float(DOUBT) / sqrt(len(distances))
    robust = max(float(MAD) * _median(distances) * doubt, float(FLOOR) * abs(expected))
    if not deviation or not robust:
        return True
    score = ((value - expected) / robust + (value - mean) / deviation) / 2
    return abs(score) >= float(WARNING) * SLACK


def _median(ordered: Sequence[float]) -> float:
    half, odd = divmod(len(ordered), 2)
    return ordered[half] if odd else (ordered[half - 1] + ordered[half]) / 2


def drifting(taught: Sequence[Exact], first: int, minimum: Decimal) -> list[int]:
    """Give the positions from `first` on whose week may have drifted from the 28 days before."""
    known, least = _rough(taught), float(minimum) * SLACK
    share = float(DRIFT_SHARE) * SLACK
    sums = list(accumulate((value or 0.0 for value in known), initial=0.0))
    counts = list(accumulate((value is not None for value in known), initial=0))
    found: list[int] = []
    for end in range(max(first + 1, WEEK + BEFORE), len(known) + 1):
        cut = end - WEEK
        many = counts[cut] - counts[cut - BEFORE]
        if counts[end] - counts[cut] < WEEK or not many:
            continue
        usual = (sums[cut] - sums[cut - BEFORE]) / many
        change = abs((sums[end] - sums[cut]) / WEEK - usual)
        if change >= least and change >= share * abs(usual):
            found.append(end - 1)
    return found


def _rough(values: Sequence[Exact]) -> list[Float]:
    return [None if value is None else float(value) for value in values]
