"""A slow drift: a week that lies well away from the four weeks before it, day by day.

Neither view of a single day notices a cost that grows by two percent a day: each day is as the
days before it promise. A week against the four before it, all of whole weeks, does.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from statistics import median

from costper.watch.anomaly import Day, Reading, without
from costper.watch.limits import (
    BEFORE,
    DAYS_NEEDED,
    DRIFT_SHARE,
    LEARNING,
    MEMORY,
    MINIMUM,
    SAME_SIDE,
    WEEK,
    WEEKS,
    is_young,
)
from costper.watch.suspect import drifting


def drifts(
    totals: Sequence[Day],
    first: int,
    *,
    minimum: Decimal = MINIMUM,
    told: Collection[int] = (),
    excused: Collection[int] = (),
) -> list[Reading]:
    """Find the days from `first` on whose last week drifted from the four weeks before it.

    `told` are the positions of days already found unusual: a step that was told is not told again
    as a drift while the comparison still sees it. `minimum` is of the mean day.
    """
    known = without(totals, excused)
    found: list[Reading] = []
    for at in drifting(known, first, minimum):
        mean = week_mean(known, at)
        if mean is None or any(at - WEEK - BEFORE < day <= at for day in told):
            continue
        reading = _drift(known, at, mean, minimum)
        if reading is not None:
            found.append(reading)
    return found


def week_mean(known: Sequence[Day], at: int) -> Day:
    """Give the mean of the week that ends with a day; None where one of its days is missing."""
    week = [value for value in known[max(0, at - WEEK + 1) : at + 1] if value is not None]
    return sum(week, Decimal(0)) / WEEK if len(week) == WEEK else None


def promised_mean(known: Sequence[Day], at: int) -> tuple[Decimal, Decimal, Decimal] | None:
    """Say what the four weeks before a day's week promise its mean: it, and the usual range.

    None while there is too little of them.
    """
    span = slice(max(0, at - WEEK - BEFORE + 1), max(0, at - WEEK + 1))
    before = [value for value in known[span] if value is not None]
    if len(before) < DAYS_NEEDED:
        return None
    usual = sum(before, Decimal(0)) / len(before)
    edge = DRIFT_SHARE * abs(usual)
    return usual, usual - edge, usual + edge


def _drift(known: Sequence[Day], at: int, mean: Decimal, minimum: Decimal) -> Reading | None:
    promised = promised_mean(known, at)
    if promised is None:
        return None
    usual, low, high = promised
    change = mean - usual
    if abs(change) < minimum or not usual or abs(change) < DRIFT_SHARE * abs(usual):
        return None
    memory = [value for value in known[max(0, at - MEMORY) : at] if value is not None]
    if len(memory) < LEARNING or is_young(memory) or not _all_week(known, at, change):
        return None
    return Reading(
        position=at,
        kind="drift",
        severity="warning",
        score=None,
        value=mean,
        expected=usual,
        low=low,
        high=high,
    )


def _all_week(known: Sequence[Day], at: int, change: Decimal) -> bool:
    """Say whether nearly every day of the week lies on the side of the change."""
    same = 0
    for day in range(at - WEEK + 1, at + 1):
        value, usual = known[day], _weekday(known, day)
        if value is not None and usual is not None and value != usual:
            same += (value > usual) == (change > 0)
    return same >= SAME_SIDE


def _weekday(known: Sequence[Day], day: int) -> Day:
    found = [value for lag in WEEKS if day >= lag and (value := known[day - lag]) is not None]
    return median(found) if found else None
