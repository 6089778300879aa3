"""How far a series' own past forecasts were off, at each horizon: shares, never money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from costper.watch.seasonal import RECENT, Shape, centres, shape_at

ORIGINS = 100
NEEDED = 10
"""Fewer past errors say nothing of a tenth of them."""

LOW, HIGH = 0.1, 0.9
FOUR_PLACES = Decimal("0.0001")
Share = tuple[Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class PastErrors:
    """The tenth and ninetieth percentile of past errors, as shares of what they are of.

    `days[h]` is of the day h after the last (0 is the next one), `totals[n]` of the total of the
    next n days; None where too few forecasts could be looked back on.
    """

    days: tuple[Share | None, ...]
    totals: dict[int, Share | None]


def past_errors(
    history: Sequence[Decimal | None], horizon: int, totals: Sequence[int] = ()
) -> PastErrors:
    """Forecast every past stretch as if it were not known yet, and compare.

    A multiplicative forecast's error is a share of the forecast, an additive one's of the mean
    size of the 14 days before it.
    """
    values = [None if one is None else float(one) for one in history]
    middles = centres(values)
    daily: list[list[float]] = [[] for _ in range(min(horizon, len(values)))]
    summed: dict[int, list[float]] = {many: [] for many in totals}
    for end in _origins(len(values)):
        shape = shape_at(values, middles, end)
        if shape is None:
            continue
        later = values[end : end + horizon]
        size = _size(values, end) if shape.additive else 0.0
        cycle = [shape.at(end + day) for day in range(7)]
        _compare(daily, later, cycle, size)
        for many, errors in summed.items():
            _compare_total(errors, values[end : end + many], many, shape, end, size)
    days = [_band(errors) for errors in daily]
    return PastErrors(
        days=(*days, *[None] * (horizon - len(days))),
        totals={many: _band(errors) for many, errors in summed.items()},
    )


def _origins(many: int) -> range:
    """Choose past days to forecast from: at most ORIGINS, on all weekdays alike."""
    step = max(1, many // ORIGINS)
    return range(many - 1, 0, -(step + (step % 7 == 0)))


def _size(values: Sequence[float | None], end: int) -> float:
    known = [abs(one) for one in values[max(0, end - RECENT) : end] if one is not None]
    return sum(known) / len(known)


def _compare(
    daily: Sequence[list[float]],
    later: Sequence[float | None],
    cycle: Sequence[float],
    size: float,
) -> None:
    """Add the error at each horizon; `cycle` is the forecast of the first seven days."""
    scales = [size or one for one in cycle]
    for day, value in enumerate(later):
        scale = scales[day % 7]
        if value is not None and scale:
            daily[day].append((value - cycle[day % 7]) / scale)


def _compare_total(
    errors: list[float],
    later: Sequence[float | None],
    many: int,
    shape: Shape[float],
    end: int,
    size: float,
) -> None:
    known = [one for one in later if one is not None]
    if len(known) < many:
        return
    promised = sum(shape.at(end + day) for day in range(many))
    scale = size * many or promised
    if scale:
        errors.append((sum(known) - promised) / scale)


def _band(errors: list[float]) -> Share | None:
    if len(errors) < NEEDED:
        return None
    ordered = sorted(errors)
    return _quantile(ordered, LOW), _quantile(ordered, HIGH)


def _quantile(ordered: Sequence[float], share: float) -> Decimal:
    at = share * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    found = ordered[below] + (ordered[above] - ordered[below]) * (at - below)
    return Decimal(str(found)).quantize(FOUR_PLACES)
