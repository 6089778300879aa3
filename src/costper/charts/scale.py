"""Places values on an axis, in whole tenths of a pixel.

Integers cannot drift, are never NaN, and make the same picture on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext

from costper.model.money import EXACT

TENTHS = 10
"""Tenths of a pixel in a pixel."""

LARGEST = Decimal("1e30")
"""What is farther from zero is no number of ours; it is left out as a gap."""

STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
MORE_STEPS = tuple(Decimal(it) for it in ("1", "1.2", "1.5", "2", "2.5", "3", "4", "5", "6", "8"))
FLATTEST = Decimal("1e-9")
"""A span smaller than this share of its values is widened: its ticks would all read alike."""

NARROW, OVERLAP, WIDEST = 4 * TENTHS, 5, 48 * TENTHS
"""Widths of bars: below the first they touch, by the second they overlap, none is wider."""

FROM_ZERO = Decimal("0.5")
"""Lines whose lowest value is below this share of the highest are drawn from zero."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A linear axis: `low` stands at `start` and `high` at `end`, in tenths of a pixel."""

    low: Decimal
    high: Decimal
    start: int
    end: int

    def place(self, value: Decimal) -> int:
        """Give the place of a value; a larger one is never nearer to `start`."""
        part = (value - self.low) / (self.high - self.low)
        return self.start + round(part * (self.end - self.start))


@dataclass(frozen=True, slots=True)
class Steps:
    """An axis of `count` equal steps from `start` to `end`, in tenths of a pixel."""

    count: int
    start: int
    end: int

    def middle(self, index: int) -> int:
        """Give the middle of a step."""
        return self.start + (2 * index + 1) * (self.end - self.start) // (2 * max(self.count, 1))

    def left(self, index: int) -> int:
        """Give where a step begins; `left(count)` is the end of the last."""
        return self.start + index * (self.end - self.start) // max(self.count, 1)

    @property
    def bar(self) -> int:
        """How wide a bar is: most of a step; narrow ones touch, for stripes would flicker."""
        step = (self.end - self.start) // max(self.count, 1)
        if step < NARROW:
            return step + OVERLAP
        return min(step * 3 // 4, WIDEST)


def known(values: Iterable[Decimal | None]) -> list[Decimal]:
    """Keep what can be drawn."""
    return [value for value in values if value is not None and drawable(value)]


def drawable(value: Decimal | None) -> bool:
    """Say whether a value can be drawn: it is known, finite and not beyond all measure."""
    return value is not None and value.is_finite() and abs(value) < LARGEST


def nice_ticks(low: Decimal, high: Decimal, count: int = 5) -> tuple[Decimal, ...]:
    """Give at least two round ticks, evenly spaced, the outer ones holding both ends.

    >>> [str(tick) for tick in nice_ticks(Decimal(0), Decimal(11950))]
    ['0', '2500', '5000', '7500', '10000', '12500']
    """
    with localcontext(EXACT):
        low, high = _widened(low, high)
        step = _step((high - low) / max(count, 1), STEPS)
        return _between(low, high, step)


def matching_ticks(low: Decimal, high: Decimal, intervals: int) -> tuple[Decimal, ...]:
    """Give round ticks for a second axis that shares the grid lines of a first one.

    >>> [str(tick) for tick in matching_ticks(Decimal(0), Decimal(44800), 5)]
    ['0', '10000', '20000', '30000', '40000', '50000']
    """
    with localcontext(EXACT):
        low, high = _widened(low, high)
        if intervals < 2 and low < 0 < high:  # noqa: PLR2004 - no round step spans both sides
            step = _step(max(-low, high), MORE_STEPS)
            return _plain(-step), _plain(step)
        step = _step((high - low) / intervals, MORE_STEPS)
        while True:
            first = (low / step).to_integral_value(ROUND_FLOOR) * step
            if first + intervals * step >= high:
                return tuple(_plain(first + it * step) for it in range(intervals + 1))
            step = _step(step * Decimal("1.01"), MORE_STEPS)


def extent(values: Sequence[Decimal], *, from_zero: bool) -> tuple[Decimal, Decimal]:
    """Give the span an axis must hold; bars always stand on zero, lines may stand above it."""
    if not values:
        return Decimal(0), Decimal(1)
    low, high = min(values), max(values)
    far = low > high * FROM_ZERO if low > 0 else high < 0 and high < low * FROM_ZERO
    if from_zero or not far or low == high:
        low, high = min(low, Decimal(0)), max(high, Decimal(0))
    return low, high


def _widened(low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
    size = max(abs(low), abs(high))
    if high - low > size * FLATTEST:
        return low, high
    if not size:
        return Decimal(0), Decimal(1)
    return low - size / 10, high + size / 10


def _step(rough: Decimal, mantissas: Sequence[Decimal]) -> Decimal:
    power = rough.adjusted()
    size = rough.scaleb(-power)
    mantissa = next((it for it in mantissas if it >= size), Decimal(10))
    return mantissa.scaleb(power)


def _between(low: Decimal, high: Decimal, step: Decimal) -> tuple[Decimal, ...]:
    first = int((low / step).to_integral_value(ROUND_FLOOR))
    last = int((high / step).to_integral_value(ROUND_CEILING))
    return tuple(_plain(it * step) for it in range(first, max(last, first + 1) + 1))


def _plain(value: Decimal) -> Decimal:
    """Write 1E+4 as 10000, so that equal ticks look equal."""
    return Decimal(f"{value.normalize():f}")
