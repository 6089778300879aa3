"""Days whose total is far from what the days before it promise.

The score of a day is the mean of two: its plain z against the 29 days before, and its distance
from the median of the same weekday in the four weeks before, in robust standard deviations of the
last 35 such distances. A spread known from few distances is uncertain itself, so it is taken one
of its standard errors wide. Why, and what that is worth on labelled series, is told in
docs/decisions/2026-11-21-anomalies.md.

Scores are found in floating point first, to skip quickly what cannot be unusual; what is told is
judged again in decimals. A day's judgement depends on the MEMORY days before it, and on no other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Literal

from costper.watch.limits import (
    CRITICAL,
    DOUBT,
    FLOOR,
    LEARNING,
    MAD,
    MEMORY,
    MINIMUM,
    MINIMUM_SHARE,
    RECENT,
    RESIDUALS,
    RESIDUALS_NEEDED,
    WARNING,
    WEEKS,
    WEEKS_NEEDED,
    Z_LIMITS,
    is_young,
)
from costper.watch.suspect import drifting, outlying, suspects

Severity = Literal["critical", "warning"]
Kind = Literal["spike", "drop", "new_spend", "was_constant", "drift"]
Method = Literal["mean", "z"]
Day = Decimal | None

TWO = Decimal(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One unusual day. `score` is None where nothing ever varied, so nothing can be measured.

    `expected`, and `low` to `high`, are the totals that would have scored 0 and a warning. `z` is
    the plain one, whatever the method. A drift's amounts are means of a day: of the last seven in
    `value`, of the 28 before those in `expected`.
    """

    position: int
    kind: Kind
    severity: Severity
    score: Decimal | None
    value: Decimal
    expected: Decimal
    low: Decimal
    high: Decimal
    z: Decimal | None = None

    @property
    def deviation(self) -> Decimal:
        """How much more (or less, negative) than expected it was."""
        return self.value - self.expected


@dataclass(frozen=True, slots=True)
class _Norm:
    """Two views of what is normal: a centre and a spread each."""

    weekday: Decimal
    robust: Decimal
    mean: Decimal
    deviation: Decimal
    fresh: bool


def unusual(
    totals: Sequence[Day],
    first: int,
    *,
    minimum: Decimal = MINIMUM,
    method: Method = "mean",
    excused: Collection[int] = (),
) -> list[Reading]:
    """Find the unusual days of one series from position `first` on.

    `totals` are the totals of consecutive days: 0 is a day that cost nothing, None a day
    without data. Only days before a day say what is normal for it, and of those not the
    `excused`, which somebody has explained. A day differing by less than `minimum`, or by less
    than 15 %, from what was expected is not reported. Method `z` is the plain z alone: a warning
    above 2, critical above 3.
    """
    known = without(totals, excused)
    if method == "z":
        return plain_z(totals, first, minimum=minimum, history=known)
    found = (
        _reading(value, known, at, minimum)
        for at in suspects(totals, known, first, minimum)
        if (value := totals[at]) is not None
    )
    return [reading for reading in found if reading is not None]


def calm(
    totals: Sequence[Day],
    first: int,
    *,
    minimum: Decimal = MINIMUM,
    method: Method = "mean",
    excused: Collection[int] = (),
) -> bool:
    """Say, quickly, that no day from `first` on can be unusual, nor any week a drift."""
    cut = max(0, first - MEMORY)
    known = without(totals, excused)[cut:]
    judged, start = totals[cut:] if excused else known, first - cut
    if method == "z":
        some = outlying(judged, known, start, minimum, RECENT)
    else:
        some = suspects(judged, known, start, minimum)
    return not some and not drifting(known, start, minimum)


def plain_z(
    totals: Sequence[Day],
    first: int,
    *,
    minimum: Decimal = MINIMUM,
    window: int = RECENT,
    limits: tuple[Decimal, Decimal] = Z_LIMITS,
    history: Sequence[Day] | None = None,
) -> list[Reading]:
    """Find what lies more standard deviations than a warning needs from the `window` before.

    The method for hourly series too, with a window of 168 hours and `limits`, for a warning and
    for critical, of 4: there the same-hour median of a heavy-tailed series says little. `history`
    is what may be learnt from, where that is not all of `totals`.
    """
    known = totals if history is None else history
    warning, critical = limits
    found: list[Reading] = []
    for at in outlying(totals, known, first, minimum, window):
        value = totals[at]
        recent = [one for one in known[max(0, at - window) : at] if one is not None]
        if value is None or len(recent) < min(window, LEARNING):
            continue
        mean, deviation = _spread(recent)
        if value == mean or abs(value - mean) < max(minimum, MINIMUM_SHARE * abs(mean)):
            continue
        if not deviation:
            norm = _Norm(mean, deviation, mean, deviation, fresh=not any(recent))
            found.append(_after_a_constant(at, value, norm))
            continue
        z = (value - mean) / deviation
        if abs(z) > warning:
            found.append(
                Reading(
                    position=at,
                    kind="spike" if z > 0 else "drop",
                    severity="critical" if abs(z) > critical else "warning",
                    score=z,
                    value=value,
                    expected=mean,
                    low=mean - warning * deviation,
                    high=mean + warning * deviation,
                    z=z,
                )
            )
    return found


def expectation(totals: Sequence[Day], at: int) -> tuple[Decimal, Decimal, Decimal] | None:
    """Say what the days before one promise: what would score 0, and from where to where is usual.

    `totals` are those that may be learnt from. None while there is too little of them.
    """
    norm = _norm(totals, at)
    if norm is None:
        return None
    centre, spread = _measure(norm)
    return centre, centre - WARNING * spread, centre + WARNING * spread


def enough(totals: Sequence[Day], at: int) -> bool:
    """Say whether there is enough before a day to judge it by; `totals` may be learnt from."""
    memory = [value for value in totals[max(0, at - MEMORY) : at] if value is not None]
    return len(memory) >= LEARNING and not is_young(memory)


def without(totals: Sequence[Day], excused: Collection[int]) -> Sequence[Day]:
    """Give what may be learnt from: no data where a day is explained."""
    if not excused:
        return totals
    return [None if at in excused else value for at, value in enumerate(totals)]


def _same_weekday(totals: Sequence[Day], at: int) -> Day:
    found = [totals[at - days] for days in WEEKS if at >= days]
    known = [value for value in found if value is not None]
    return median(known) if len(known) >= WEEKS_NEEDED else None


def _worth_a_look(value: Decimal, expected: Decimal, minimum: Decimal) -> bool:
    distance = abs(value - expected)
    return distance >= minimum and distance >= MINIMUM_SHARE * abs(expected)


def _reading(value: Decimal, known: Sequence[Day], at: int, minimum: Decimal) -> Reading | None:
    norm = _norm(known, at)
    if norm is None or not _worth_a_look(value, norm.weekday, minimum):
        return None
    if not norm.robust and not norm.deviation:
        return _after_a_constant(at, value, norm)
    centre, spread = _measure(norm)
    if not norm.robust or not norm.deviation:
        score = (value - centre) / spread
        return _judged(at, value, centre, spread, score, minimum, None if norm.robust else score)
    z = (value - norm.mean) / norm.deviation
    score = ((value - norm.weekday) / norm.robust + z) / TWO
    return _judged(at, value, centre, spread, score, minimum, z)


def _measure(norm: _Norm) -> tuple[Decimal, Decimal]:
    """Give what scores 0, and how far off scores 1; by one view where the other never varied."""
    if not norm.deviation:
        return norm.weekday, norm.robust
    if not norm.robust:
        return norm.mean, norm.deviation
    width = 1 / norm.robust + 1 / norm.deviation
    return (norm.weekday / norm.robust + norm.mean / norm.deviation) / width, TWO / width


def _norm(known: Sequence[Day], at: int) -> _Norm | None:
    """Say what is normal for a day; None while there is too little to learn from."""
    centre = _same_weekday(known, at)
    memory = [value for value in known[max(0, at - MEMORY) : at] if value is not None]
    if centre is None or len(memory) < LEARNING or is_young(memory):
        return None
    recent = [value for value in known[max(0, at - RECENT) : at] if value is not None]
    distances = _distances(known, at)
    if len(distances) < RESIDUALS_NEEDED or len(recent) < TWO:
        return None
    mean, deviation = _spread(recent)
    doubt = 1 + DOUBT / Decimal(len(distances)).sqrt()
    robust = max(MAD * median(distances) * doubt, FLOOR * abs(centre))
    return _Norm(centre, robust, mean, deviation, fresh=not any(memory))


def _distances(known: Sequence[Day], at: int) -> list[Decimal]:
    days = range(max(0, at - RESIDUALS), at)
    pairs = ((known[day], _same_weekday(known, day)) for day in days)
    return [
        abs(value - centre) for value, centre in pairs if value is not None and centre is not None
    ]


def _spread(values: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """Give the mean and the standard deviation of a sample."""
    mean = sum(values, Decimal(0)) / len(values)
    variance = sum(((value - mean) ** 2 for value in values), Decimal(0)) / (len(values) - 1)
    return mean, variance.sqrt()


def _after_a_constant(at: int, value: Decimal, norm: _Norm) -> Reading:
    """Judge a day after days that never differed: there is no score, only a first."""
    kind: Kind = "was_constant"
    if not norm.mean:
        kind = "new_spend" if norm.fresh else "spike" if value > 0 else "drop"
    return Reading(
        position=at,
        kind=kind,
        severity="critical" if norm.mean else "warning",
        score=None,
        value=value,
        expected=norm.mean,
        low=norm.mean,
        high=norm.mean,
    )


def _judged(  # noqa: PLR0913, PLR0917 - one day's judgement, all in one place
    at: int,
    value: Decimal,
    centre: Decimal,
    spread: Decimal,
    score: Decimal,
    minimum: Decimal,
    z: Decimal | None,
) -> Reading | None:
    size = abs(score)
    if size < WARNING or abs(value - centre) < minimum:
        return None
    return Reading(
        position=at,
        kind="spike" if score > 0 else "drop",
        severity="critical" if size >= CRITICAL else "warning",
        score=score,
        value=value,
        expected=centre,
        low=centre - WARNING * spread,
        high=centre + WARNING * spread,
        z=z,
    )
