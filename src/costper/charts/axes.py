"""Axes of a pane: which ticks they carry, the grid lines and what is written beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from costper.charts.data import Pane, Side
from costper.charts.scale import TENTHS, Linear, extent, known, matching_ticks, nice_ticks
from costper.charts.stack import Edges, stacked
from costper.charts.svg import label, tag, tenths
from costper.charts.text import width
from costper.charts.unit import Unit, tick_texts

ROW = 40 * TENTHS
"""Height a grid line's row takes at least."""

GAP = 8 * TENTHS
"""Space between a plot and what is written beside it."""

DROP = 4 * TENTHS
"""How far below a grid line its text's foot stands."""

Stacks = Mapping[Side, Sequence[Edges]]


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its scale, its ticks and how they are written."""

    scale: Linear
    ticks: tuple[Decimal, ...]
    texts: tuple[str, ...]
    unit: Unit

    @property
    def room(self) -> int:
        """How wide its texts are, in tenths of a pixel."""
        return max((width(it) for it in self.texts), default=0)


def axes(pane: Pane, stacks: Stacks, top: int, bottom: int) -> dict[Side, Axis]:
    """Give a pane's axes; the right one, if any, shares the left one's grid lines."""
    intervals = max(2, (bottom - top) // ROW)
    left = _spanned(pane, stacks, "left")
    sides = {it.side for it in pane.series} | {it.side for it in pane.bands}
    if sides == {"right"}:
        alone = nice_ticks(*_spanned(pane, stacks, "right"), intervals)
        return {"right": _axis(alone, pane.right, top, bottom)}
    ticks = nice_ticks(*left, intervals)
    found: dict[Side, Axis] = {"left": _axis(ticks, pane.unit, top, bottom)}
    if "right" in sides:
        matched = matching_ticks(*_spanned(pane, stacks, "right"), len(ticks) - 1)
        found["right"] = _axis(matched, pane.right, top, bottom)
    return found


def grid(found: dict[Side, Axis], left: int, right: int) -> str:
    """Draw the grid lines as one path, and the line of zero apart where values are below it."""
    axis = found.get("left") or found["right"]
    across = f"h{tenths(right - left)}"
    lines = "".join(
        f"M{tenths(left)} {tenths(axis.scale.place(tick))}{across}" for tick in axis.ticks
    )
    drawn = tag("path", class_="c-rule c-s-grid", d=lines)
    if axis.ticks[0] < 0 < axis.ticks[-1]:
        zero = f"M{tenths(left)} {tenths(axis.scale.place(Decimal(0)))}{across}"
        drawn += tag("path", class_="c-rule c-s-muted", d=zero)
    return drawn


def beside(found: dict[Side, Axis], tones: dict[Side, str], left: int, right: int) -> str:
    """Write the ticks of a pane's axes beside its plot."""
    written: list[str] = []
    for side, axis in found.items():
        x, anchor = (left - GAP, "end") if side == "left" else (right + GAP, None)
        written += (
            label(text, x, axis.scale.place(tick) + DROP, f"c-f-{tones[side]}", anchor)
            for tick, text in zip(axis.ticks, axis.texts, strict=True)
        )
    return "".join(written)


def stacks_of(pane: Pane) -> Stacks:
    """Give the edges of the bars stacked on each side of a pane, series by series."""
    bars = [it for it in pane.series if it.mark == "bars"]
    sides: tuple[Side, ...] = ("left", "right")
    return {side: stacked([it.values for it in bars if it.side == side]) for side in sides}


def _spanned(pane: Pane, stacks: Stacks, side: Side) -> tuple[Decimal, Decimal]:
    stood = [edge for edges in stacks[side] for pair in edges if pair for edge in pair]
    free: list[Decimal] = []
    from_zero = any(it.mark == "bars" for it in pane.series)
    for series in pane.series:
        if series.side == side and series.mark != "bars":
            free += known(series.values)
            from_zero = from_zero or series.mark == "area"
    for band in pane.bands:
        if band.side == side:
            free += known((*band.low, *band.high))
    return extent([*stood, *free], from_zero=from_zero)


def _axis(ticks: Sequence[Decimal], unit: Unit, top: int, bottom: int) -> Axis:
    scale = Linear(ticks[0], ticks[-1], bottom, top)
    return Axis(scale, tuple(ticks), tick_texts(ticks, unit), unit)
