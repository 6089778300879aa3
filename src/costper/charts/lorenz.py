"""Draws how unequal shares are: the cost of the cheapest part of users, against equality."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from costper.charts import frame
from costper.charts.marks import brief
from costper.charts.scale import TENTHS, Linear, drawable
from costper.charts.svg import label, listed, polygon, polyline, tag, tenths
from costper.charts.text import shorten, width
from costper.charts.unit import Unit, tick_texts, told

LEFT, FOOT, TOP, RIGHT = 44 * TENTHS, 24 * TENTHS, 8 * TENTHS, 20 * TENTHS
QUARTERS = tuple(Decimal(it) / 4 for it in range(5))
PERCENTS = 100
MOST = 400
"""Points kept of a longer curve: more are not seen."""


@dataclass(frozen=True, slots=True)
class Note:
    """A share of those on the x axis to point out, 0 to 1, and what to say of it."""

    share: Decimal
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lorenz:
    """Points (share of those who cause cost, share of the cost), 0 to 1, cheapest first.

    (0, 0) and (1, 1) need not be given. Size in pixels. A tooltip reads "`across` 90%: 41%",
    with `upward` as the name of the second.
    """

    id: str
    title: str
    description: str
    points: tuple[tuple[Decimal, Decimal], ...]
    notes: tuple[Note, ...] = ()
    across: str = "Cheapest"
    upward: str = "Share of cost"
    width: int = 420
    height: int = 300


def draw(chart: Lorenz) -> str:
    """Draw the curve with its area, the line of equality and the notes."""
    across = Linear(Decimal(0), Decimal(1), LEFT, max(chart.width * TENTHS - RIGHT, LEFT + 400))
    upward = Linear(Decimal(0), Decimal(1), max(chart.height * TENTHS - FOOT, TOP + 400), TOP)
    curve = [(across.place(x), upward.place(y)) for x, y in _thinned(chart.points)]
    body = (
        _grid(across, upward),
        tag("path", class_="c-area c-f-accent", d=polygon([*curve, (across.end, upward.start)])),
        tag(
            "path",
            class_="c-rule c-event c-s-muted",
            d=polyline([(across.start, upward.start), (across.end, upward.end)]),
        ),
        *(_note(note, across, upward) for note in chart.notes),
        tag("path", class_="c-line c-s-accent", d=polyline(curve)),
    )
    return frame.picture(
        "".join(body),
        chart,
        size=(across.end + RIGHT, upward.start + FOOT),
        facts=_facts(chart, across, upward),
    )


def _thinned(points: tuple[tuple[Decimal, Decimal], ...]) -> list[tuple[Decimal, Decimal]]:
    kept = [it for it in points if drawable(it[0]) and drawable(it[1])]
    inside = [(x, y) for x, y in kept if 0 < x < 1]
    every = max(1, -(-len(inside) // MOST))
    limited = [(x, max(Decimal(0), min(Decimal(1), y))) for x, y in sorted(inside[::every])]
    return [(Decimal(0), Decimal(0)), *limited, (Decimal(1), Decimal(1))]


def _facts(chart: Lorenz, across: Linear, upward: Linear) -> dict[str, str]:
    """Tell a script the curve's height at every whole percent."""
    heights = [it * 100 for it in _heights(_thinned(chart.points))]
    hundred = [Decimal(it) for it in range(PERCENTS + 1)]
    return {
        "chart": "lorenz",
        "told": listed(f"{chart.across} {it}" for it in told(hundred, Unit("percent"))),
        "name": chart.upward,
        "texts": listed(told(heights, Unit("percent"))),
        "values": ",".join(brief(it) for it in heights),
        "left": tenths(across.start),
        "right": tenths(across.end),
        "top": tenths(upward.end),
        "bottom": tenths(upward.start),
    }


def _heights(points: Sequence[tuple[Decimal, Decimal]]) -> Iterator[Decimal]:
    """Read a curve from (0, 0) to (1, 1) at every whole percent, straight between its points."""
    at = 0
    for percent in range(PERCENTS + 1):
        x = Decimal(percent) / PERCENTS
        while points[at + 1][0] < x:
            at += 1
        (left, low), (right, high) = points[at], points[at + 1]
        yield low + (high - low) * (x - left) / (right - left) if right > left else high


def _grid(across: Linear, upward: Linear) -> str:
    texts = tick_texts([it * 100 for it in QUARTERS], Unit("percent"))
    wide = tenths(across.end - across.start)
    lines = "".join(f"M{tenths(LEFT)} {tenths(upward.place(it))}h{wide}" for it in QUARTERS)
    parts = [tag("path", class_="c-rule c-s-grid", d=lines)]
    for share, text in zip(QUARTERS, texts, strict=True):
        parts.append(label(text, LEFT - 80, upward.place(share) + 40, "c-f-muted", "end"))
        parts.append(label(text, across.place(share), upward.start + 160, "c-f-muted", "middle"))
    return "".join(parts)


def _note(note: Note, across: Linear, upward: Linear) -> str:
    """Write a note beside its line, on the side of the line that has more room."""
    x = across.place(max(Decimal(0), min(Decimal(1), note.share)))
    line = f"M{tenths(x)} {tenths(upward.start)}V{tenths(upward.end)}"
    drawn = tag("path", class_="c-rule c-event c-s-muted", d=line)
    room_left, room_right = x - LEFT - 60, across.end - x - 60
    if room_right > room_left or room_right > width(note.text):
        return drawn + label(shorten(note.text, room_right), x + 60, TOP + 110, "c-f-ink")
    return drawn + label(shorten(note.text, room_left), x - 60, TOP + 110, "c-f-ink", "end")
