"""Draws a table of numbers as colours: hours by weekdays, cohorts by months."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from costper.charts import frame
from costper.charts.data import Values
from costper.charts.scale import TENTHS, Steps, drawable, known
from costper.charts.svg import Value, label, listed, tag, tenths
from costper.charts.text import shorten, width
from costper.charts.theme import LEVELS, Tone
from costper.charts.unit import NUMBER, Unit, short, told

ROW = 22 * TENTHS
INSET = 6
"""Half of the space between two cells, in tenths of a pixel, and their roundness."""

NAMES = 140 * TENTHS
HEAD = 18 * TENTHS
FOOT = 26 * TENTHS
LINE = 18 * TENTHS
SAMPLE = 14 * TENTHS


@dataclass(frozen=True, slots=True)
class Outline:
    """A part of a heatmap to point out, from a row and column up to, not with, others."""

    rows: tuple[int, int]
    columns: tuple[int, int]
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heatmap:
    """Rows of values; None is a cell without a number, drawn hatched and never as zero."""

    id: str
    title: str
    description: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[Values, ...]
    unit: Unit = NUMBER
    tone: Tone = "accent"
    outlines: tuple[Outline, ...] = ()
    width: int = 640


def draw(chart: Heatmap) -> str:
    """Draw a heatmap: the cells of one colour are one path."""
    left = min(max((width(it) for it in chart.rows), default=0), NAMES) + 8 * TENTHS
    columns = Steps(len(chart.columns), left, max(chart.width * TENTHS, left + 400))
    bottom = HEAD + ROW * len(chart.rows)
    cells = "".join(_cells(chart, columns))
    body = "".join((*_names(chart, columns, left), cells, *_outlines(chart, columns)))
    return frame.picture(
        frame.hatching(chart.id) + body + _scale(chart, left, bottom),
        chart,
        size=(columns.end, bottom + FOOT + (LINE if _is_below(chart, left) else 0)),
        facts=_facts(chart, columns, bottom),
    )


def levels(values: tuple[Values, ...]) -> tuple[Decimal, Decimal]:
    """Give the least and the greatest value: zero and the greatest, where none is below zero."""
    seen = [it for row in values for it in known(row)]
    return min((Decimal(0), *seen)), max((Decimal(0), *seen))


def level(value: Decimal, low: Decimal, high: Decimal) -> int:
    """Give the step of colour of a value, from 0 to LEVELS; a larger one is never paler.

    >>> [level(Decimal(it), Decimal(0), Decimal(10)) for it in (0, 1, 5, 10)]
    [0, 1, 4, 8]
    """
    return round((value - low) / (high - low) * LEVELS) if high > low else 0


def _cells(chart: Heatmap, columns: Steps) -> Iterator[str]:
    low, high = levels(chart.values)
    paths: dict[int, list[str]] = {}
    for row, values in enumerate(chart.values[: len(chart.rows)]):
        for column, value in enumerate(values[: columns.count]):
            known_ = value is not None and drawable(value)
            step = level(value, low, high) if known_ and value is not None else -1
            paths.setdefault(step, []).append(_cell(row, column, columns))
    for step, parts in sorted(paths.items()):
        if step < 0:
            yield tag(
                "path", fill=frame.hatched(chart.id, "hole"), class_="c-hole", d="".join(parts)
            )
        else:
            yield tag("path", class_=f"c-cell c-f-{chart.tone} c-h{step}", d="".join(parts))


def _cell(row: int, column: int, columns: Steps) -> str:
    """Write a cell with small round corners."""
    x, end = columns.left(column) + INSET, columns.left(column + 1) - INSET
    y = HEAD + row * ROW + INSET
    wide, high = max(end - x, 10), ROW - 2 * INSET
    round_ = min(20, wide // 4)
    flat, tall = tenths(wide - 2 * round_), tenths(high - 2 * round_)
    r, m = tenths(round_), tenths(-round_)
    return (
        f"M{tenths(x + round_)} {tenths(y)}h{flat}q{r} 0 {r} {r}v{tall}q0 {r} {m} {r}"
        f"h-{flat}q{m} 0 {m} {m}v-{tall}q0 {m} {r} {m}z"
    )


def _names(chart: Heatmap, columns: Steps, left: int) -> Iterator[str]:
    for row, name in enumerate(chart.rows):
        y = HEAD + row * ROW + ROW // 2 + 40
        yield label(shorten(name, left - 80), left - 60, y, "c-f-muted", "end")
    widest = max((width(it) for it in chart.columns), default=0) + 100
    every = max(1, -(-widest * columns.count // (columns.end - columns.start)))
    for column in range(0, columns.count, every):
        shown = shorten(chart.columns[column], columns.end - columns.start)
        yield label(shown, columns.left(column) + INSET, HEAD - 60, "c-f-muted")


def _outlines(chart: Heatmap, columns: Steps) -> Iterator[str]:
    for it in chart.outlines:
        x, end = columns.left(it.columns[0]), columns.left(it.columns[1])
        y, foot = HEAD + it.rows[0] * ROW, HEAD + it.rows[1] * ROW
        d = f"M{tenths(x)} {tenths(y)}H{tenths(end)}V{tenths(foot)}H{tenths(x)}z"
        yield tag("path", class_="c-rule c-event c-s-ink", d=d)


def _scale(chart: Heatmap, left: int, bottom: int) -> str:
    """Write what the palest and the strongest colour mean, and what is outlined."""
    low, high = levels(chart.values)
    y = bottom + 100
    first = short(low, chart.unit)
    x = left + width(first) + 60
    parts = [label(first, left, y + 90, "c-f-muted")]
    for step in range(LEVELS + 1):
        box: dict[str, Value] = {
            "x": tenths(x + step * SAMPLE),
            "y": tenths(y),
            "width": 14,
            "height": 10,
        }
        parts.append(tag("rect", class_=f"c-f-{chart.tone} c-h{step}", **box))
    after = x + (LEVELS + 1) * SAMPLE + 60
    parts.append(label(short(high, chart.unit), after, y + 90, "c-f-muted"))
    words = _outlined(chart)
    if words and _is_below(chart, left):
        shown = shorten(words, chart.width * TENTHS - left)
        parts.append(label(shown, left, y + 90 + LINE, "c-f-muted"))
    elif words:
        parts.append(label(words, chart.width * TENTHS, y + 90, "c-f-muted", "end"))
    return "".join(parts)


def _outlined(chart: Heatmap) -> str:
    names = ", ".join(it.name for it in chart.outlines)
    return f"Outlined: {names}" if names else ""


def _is_below(chart: Heatmap, left: int) -> bool:
    """Say whether what is outlined needs a line of its own, beneath the colours."""
    ends = sum(width(short(it, chart.unit)) for it in levels(chart.values))
    room = chart.width * TENTHS - left - ends - (LEVELS + 1) * SAMPLE - 320
    words = _outlined(chart)
    return bool(words) and width(words) > room


def _filled(chart: Heatmap, row: Values) -> Values:
    """Give a row a value a column."""
    count = len(chart.columns)
    return tuple(it if drawable(it) else None for it in row[:count]) + (None,) * (count - len(row))


def _facts(chart: Heatmap, columns: Steps, bottom: int) -> dict[str, str]:
    return {
        "chart": "heatmap",
        "rows": listed(chart.rows),
        "columns": listed(chart.columns),
        "texts": listed(
            told([it for row in chart.values for it in _filled(chart, row)], chart.unit)
        ),
        "left": tenths(columns.start),
        "right": tenths(columns.end),
        "top": tenths(HEAD),
        "bottom": tenths(bottom),
    }
