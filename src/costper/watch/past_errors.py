"""How far a series' own past forecasts were off, at each horizon: shares, never money."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from costper.watch.seasonal import RECENT, USUAL_AGAIN, Shape, centres, shape_at

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
    history: Sequence[Decimal | None],
    horizon: int,
    totals: Sequence[int] = (),
    excused: Collection[int] = (),
) -> PastErrors:
    """Forecast every past stretch as if it were not known yet, and compare.

    A multiplicative forecast's error is a share of the forecast, an additive one's of the mean
    size of the 14 days before it. Positions of `excused` days count in no error, nor does what
    was forecast right after one.
    """
    values = [None if one is None else float(one) for one in history]
    middles = centres(values)
    daily: list[list[float]] = [[] for _ in range(min(horizon, len(values)))]
    summed: dict[int, list[float]] = {many: [] for many in totals}
    for end in _origins(len(values)):
        shape = shape_at(values, middles, end)
        if shape is None or any(one in excused for one in range(end - USUAL_AGAIN, end)):
            continue
        later = [None if at in excused else values[at] for at in _span(end, horizon, values)]
        size = _size(values, end) if shape.additive else 0.0
        cycle = [shape.at(end + day) for day in range(7)]
        _compare(daily, later, cycle, size)
        for many, errors in summed.items():
            stretch = _span(end, many, values)
            if len(stretch) == many and not any(values[at] is None for at in stretch):
                told = {
                    at: one
                    for at in stretch
                    if (one := values[at]) is not None and at not in excused
                }
                _compare_total(errors, told, many, shape, size)
    days = [_band(errors) for errors in daily]
    return PastErrors(
        days=(*days, *[None] * (horizon - len(days))),
        totals={many: _band(errors) for many, errors in summed.items()},
    )


def _origins(many: int) -> range:
    """Choose past days to forecast from: at most ORIGINS, on all weekdays alike."""
    step = max(1, many // ORIGINS)
    return range(many - 1, 0, -(step + (step % 7 == 0)))


def _span(end: int, many: int, values: Sequence[object]) -> range:
    return range(end, min(end + many, len(values)))


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
    told: Mapping[int, float],
    many: int,
    shape: Shape[float],
    size: float,
) -> None:
    """Add the error of a total of `many` days, by those of them that are not excused."""
    if 2 * len(told) < many:
        return
    promised = sum(shape.at(at) for at in told)
    scale = size * len(told) or promised
    if scale:
        errors.append((sum(told.values()) - promised) / scale)


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
