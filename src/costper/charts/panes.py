"""Draws series over time or over names, in panes one above the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from costper.charts import events, frame, legend
from costper.charts.axes import GAP, Axis, Stacks, axes, beside, grid, stacks_of
from costper.charts.data import Chart, Pane, Series, Side
from costper.charts.dates import end_day, labels, told
from costper.charts.marks import band, bars, last_point, line
from costper.charts.scale import TENTHS, Steps, drawable, known
from costper.charts.svg import label, listed, strokes, tag, tenths
from costper.charts.text import width
from costper.charts.unit import short
from costper.charts.unit import told as written
from costper.model.money import total

BETWEEN = 22 * TENTHS
FOOT = 22 * TENTHS
TOP = 8 * TENTHS
EDGE = 6 * TENTHS
LINE = 13 * TENTHS
"""Height of a line of text; labels at the end of series keep it between them."""

LEAST = 40 * TENTHS
"""Least width and height of a plot, however narrow the picture."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A pane with its place, its bars and its axes."""

    pane: Pane
    stacks: Stacks
    top: int
    bottom: int
    axes: dict[Side, Axis]


def draw(chart: Chart) -> str:
    """Draw a chart as one SVG element."""
    chart = _whole(chart)
    head, top = _head(chart)
    placed = list(_laid(chart, top + TOP + (events.LANE if chart.events else 0)))
    left, right = _margins(chart, placed)
    steps = Steps(len(chart.buckets), left, right)
    bottom = placed[-1].bottom if placed else top + LEAST
    body = "".join(_pane(chart, it, steps) for it in placed)
    happened = events.drawn(chart.events, steps, top + TOP, bottom)
    return frame.picture(
        frame.hatching(chart.id) + head + body + happened + _buckets(chart, steps, bottom),
        chart,
        size=(chart.width * TENTHS, bottom + FOOT),
        facts=_facts(chart, steps, placed),
        pad=frame.PAD if chart.heading else 0,
    )


def _whole(chart: Chart) -> Chart:
    """Give every series and band a value a bucket: a short one ends with gaps.

    A hidden layer of a stack is all gaps, so that the others close up.
    """
    count = len(chart.buckets)

    def filled(values: tuple[Decimal | None, ...]) -> tuple[Decimal | None, ...]:
        kept = tuple(it if drawable(it) else None for it in values[:count])
        return kept + (None,) * (count - len(kept))

    panes = tuple(
        replace(
            pane,
            series=tuple(
                replace(it, values=filled(() if it.hidden and is_stacked(it, pane) else it.values))
                for it in pane.series
            ),
            bands=tuple(replace(it, low=filled(it.low), high=filled(it.high)) for it in pane.bands),
        )
        for pane in chart.panes
    )
    return replace(chart, panes=panes)


def _head(chart: Chart) -> tuple[str, int]:
    """Write title and legend into the picture, where it wants them; gives where they end."""
    head, top = "", 0
    if chart.heading:
        head, top = (
            frame.heading(chart.title, chart.description, chart.width * TENTHS),
            frame.HEADING,
        )
    if chart.legend:
        shown, height = legend.drawn(legend.entries(chart), top, chart.width * TENTHS)
        head, top = head + shown, top + height
    return head, top


def _laid(chart: Chart, top: int) -> Iterator[Laid]:
    for pane in chart.panes:
        bottom = top + max(pane.height * TENTHS, LEAST)
        stacks = stacks_of(pane)
        yield Laid(pane, stacks, top, bottom, axes(pane, stacks, top, bottom))
        top = bottom + BETWEEN


def _margins(chart: Chart, placed: list[Laid]) -> tuple[int, int]:
    lefts = [it.axes["left"].room + GAP for it in placed if "left" in it.axes]
    rights = [_right_room(it) for it in placed]
    left = max(lefts, default=0) + EDGE
    right = chart.width * TENTHS - max(rights, default=0) - EDGE
    return left, max(right, left + LEAST)


def _right_room(laid: Laid) -> int:
    ticks = laid.axes["right"].room + GAP if "right" in laid.axes else 0
    ends = [width(text) * 11 // 10 for _, text, _ in _ends(laid, Steps(1, 0, 0))]
    return ticks + (max(ends) + GAP if ends else 0)


def _pane(chart: Chart, laid: Laid, steps: Steps) -> str:
    drawn = [grid(laid.axes, steps.start, steps.end), _holes(chart, laid, steps)]
    drawn += (band(it, laid.axes[it.side], steps) for it in laid.pane.bands)
    drawn += _bars(chart, laid, steps)
    drawn += (
        line(it, laid.axes[it.side], steps, chart.estimated)
        for it in laid.pane.series
        if it.mark != "bars"
    )
    drawn.append(_sides(laid, steps))
    return tag(
        "g",
        *drawn,
        class_="c-pane",
        data_totals=_totals(laid.pane),
        data_top=tenths(laid.top),
        data_bottom=tenths(laid.bottom),
    )


def is_stacked(series: Series, pane: Pane) -> bool:
    """Say whether a series stands on others, or others on it, so that hiding it moves them."""
    others = [it for it in pane.series if it.mark == "bars" and it.side == series.side]
    return series.mark == "bars" and len(others) > 1


def _totals(pane: Pane) -> str | None:
    """Write what each bucket's stack comes to; None where nothing is stacked."""
    layers = [it.values for it in pane.series if is_stacked(it, pane) and not it.hidden]
    if len(layers) < 2:  # noqa: PLR2004 - one layer is its own total
        return None
    sums = [
        total(seen) if (seen := known(bucket)) else None for bucket in zip(*layers, strict=True)
    ]
    return listed(written(sums, pane.unit))


def _sides(laid: Laid, steps: Steps) -> str:
    """Write ticks and last values; where nothing is known there is nothing to measure by."""
    if not any(known(it.values) for it in laid.pane.series):
        middle = (laid.top + laid.bottom) // 2
        empty = "Hidden" if any(it.hidden for it in laid.pane.series) else "No data"
        return label(empty, (steps.start + steps.end) // 2, middle, "c-f-muted", "middle")
    ticks = beside(laid.axes, _tones(laid.pane), steps.start, steps.end)
    return ticks + _end_labels(laid, steps)


def _bars(chart: Chart, laid: Laid, steps: Steps) -> Iterator[str]:
    hatch = frame.hatched(chart.id)
    for side, axis in laid.axes.items():
        layers = [it for it in laid.pane.series if it.mark == "bars" and it.side == side]
        for series, edges in zip(layers, laid.stacks[side], strict=True):
            yield bars(series, edges, axis, steps, chart.estimated, hatch)


def _holes(chart: Chart, laid: Laid, steps: Steps) -> str:
    """Hatch the buckets whose numbers are not there yet, so that they are not read as zero."""
    empty = [
        (steps.middle(index), laid.top, laid.bottom)
        for index in sorted(chart.estimated)
        if 0 <= index < steps.count and all(it.values[index] is None for it in laid.pane.series)
    ]
    if not empty:
        return ""
    hatch = frame.hatched(chart.id, "hole")
    return tag(
        "path", class_="c-hole", stroke=hatch, stroke_width=tenths(steps.bar), d=strokes(empty)
    )


def _tones(pane: Pane) -> dict[Side, str]:
    """Colour a second axis like its series, where it has one only."""
    tones = {it.tone for it in pane.series if it.side == "right"}
    return {"left": "muted", "right": tones.pop() if len(tones) == 1 else "muted"}


def _ends(laid: Laid, steps: Steps) -> list[tuple[int, str, Series]]:
    """Give height and text of what is written at the end of series, from top to bottom."""
    found: list[tuple[int, str, Series]] = []
    for series in laid.pane.series:
        axis = laid.axes[series.side]
        last = last_point(series, axis, steps) if series.ends else None
        if last is not None:
            found.append((last[0][1], short(last[1], axis.unit), series))
    return sorted(found, key=lambda it: it[0])


def _end_labels(laid: Laid, steps: Steps) -> str:
    x = steps.end + GAP + (laid.axes["right"].room + GAP if "right" in laid.axes else 0)
    ends: list[str] = []
    free = laid.top - LINE
    for y, text, series in _ends(laid, steps):
        free = max(y, free + LINE)
        tag_ = label(text, x, free + 40, f"c-strong c-f-{series.tone}")
        class_ = "c-end c-off" if series.hidden else "c-end"
        ends.append(tag("g", tag_, class_=class_, data_series=series.key))
    return "".join(ends)


def _buckets(chart: Chart, steps: Steps, bottom: int) -> str:
    """Write dates or names under the last pane."""
    y = bottom + 160
    marked: list[str] = []
    for index, text in labels(chart.buckets, chart.grain, steps.end - steps.start):
        half = width(text) // 2
        edge = chart.width * TENTHS
        x = min(max(steps.middle(index), half), max(edge - half, half))
        marked.append(label(text, x, y, "c-f-muted", "middle"))
    return "".join(marked)


def _dated(chart: Chart) -> dict[str, str]:
    """Name buckets of time in full, and say which day comes after them; names are names already."""
    days = [it for it in chart.buckets if isinstance(it, date)]
    if not days or len(days) != len(chart.buckets):
        return {}
    return {
        "told": listed(told(it, chart.grain) for it in days),
        "end": str(end_day(days[-1], chart.grain) or ""),
    }


def _facts(chart: Chart, steps: Steps, placed: list[Laid]) -> dict[str, str]:
    """Tell a script what it needs to find a bucket under the pointer, and to name it."""
    return {
        "chart": "panes",
        "grain": chart.grain,
        "buckets": listed(
            str(it) if isinstance(it, str) else it.isoformat() for it in chart.buckets
        ),
        **_dated(chart),
        "estimated": " ".join(str(it) for it in sorted(chart.estimated)),
        "left": tenths(steps.start),
        "right": tenths(steps.end),
        "top": tenths(placed[0].top if placed else 0),
        "bottom": tenths(placed[-1].bottom if placed else 0),
        **chart.facts,
    }
