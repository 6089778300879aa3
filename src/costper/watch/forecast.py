"""What the days to come will cost: the level of the last two weeks by weekday, with a band.

The band is where eight of ten of the series' own past forecasts at that horizon ended, widened to
hold the forecast itself: no model of chance is believed. On nine real daily series this was nearer
than AutoETS, MSTL and Prophet.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from costper.watch.past_errors import Share, past_errors
from costper.watch.seasonal import RECENT, Shape, centres, shape_at

ZERO = Decimal(0)
CENT = Decimal("0.01")
MEMORY = 1100
"""Days of history that are read: three years, for the errors of a year's forecast."""

Band = tuple[Decimal, Decimal] | None


@dataclass(frozen=True, slots=True)
class Promise:
    """An amount to come, with a band; None where too few past forecasts tell how wide."""

    value: Decimal
    band: Band


@dataclass(frozen=True, slots=True)
class Forecast:
    """The days to come, and the totals of the first n of them that were asked for."""

    days: tuple[Promise, ...]
    totals: dict[int, Promise]


def forecast(
    history: Sequence[Decimal | None],
    days: int,
    totals: Sequence[int] = (),
    excused: Collection[int] = (),
) -> Forecast | None:
    """Forecast the `days` after a series of consecutive days; None while there is too little.

    A day without data is None. `totals` asks for totals of the first n days (n <= days), each
    with a band of its own: bands of days do not add up. Days are rounded to the cent, so that a
    total is the sum of its days as they are shown. Nothing is below zero unless the series
    has been. Positions of `excused` days, which people expected, do not widen a band.
    """
    recent = history[-MEMORY:]
    shape = shape_at(recent, centres(recent), len(recent))
    if shape is None:
        return None
    before = len(history) - len(recent)
    errors = past_errors(recent, days, totals, {at - before for at in excused})
    floor = min((one for one in recent if one is not None), default=ZERO) >= 0
    size = _size(recent)
    values = [_posted(shape.at(len(recent) + day), floor=floor) for day in range(days)]
    return Forecast(
        days=tuple(
            _promise(value, share, value if not shape.additive else size, floor=floor)
            for value, share in zip(values, errors.days, strict=True)
        ),
        totals={
            many: _total(values[:many], errors.totals[many], shape, size, floor=floor)
            for many in totals
        },
    )


def _total(
    values: Sequence[Decimal],
    share: Share | None,
    shape: Shape[Decimal],
    size: Decimal,
    *,
    floor: bool,
) -> Promise:
    value = sum(values, ZERO)
    return _promise(value, share, size * len(values) if shape.additive else value, floor=floor)


def _promise(value: Decimal, share: Share | None, scale: Decimal, *, floor: bool) -> Promise:
    if share is None:
        return Promise(value, None)
    low, high = (_kept(value + one * scale, floor=floor) for one in share)
    # Where past ones were all too low the middle of them lies above: the band reaches down to it.
    return Promise(value, (min(low, value), max(high, value)))


def _posted(value: Decimal, *, floor: bool) -> Decimal:
    return _kept(value, floor=floor).quantize(CENT, ROUND_HALF_UP)


def _kept(value: Decimal, *, floor: bool) -> Decimal:
    return max(value, ZERO) if floor else value


def _size(history: Sequence[Decimal | None]) -> Decimal:
    known = [abs(one) for one in history[-RECENT:] if one is not None]
    return sum(known, ZERO) / len(known)
