"""Says which colour is which series."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from costper.charts.data import Chart, Mark
from costper.charts.scale import TENTHS
from costper.charts.svg import Value, label, tag, tenths
from costper.charts.text import shorten, width
from costper.charts.theme import Tone

ROW = 20 * TENTHS
SWATCH = 16 * TENTHS
GAP = 8 * TENTHS
SPACE = 18 * TENTHS
"""Between two entries."""

NAME = 200 * TENTHS
"""Most room for one name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One series of a legend; `key` is that of its marks' data-series."""

    key: str
    name: str
    tone: Tone
    mark: Mark
    dashed: bool = False


def entries(chart: Chart) -> tuple[Entry, ...]:
    """Give a chart's legend, in the order its series were given."""
    return tuple(
        Entry(it.key, it.name, it.tone, it.mark, it.before)
        for pane in chart.panes
        for it in pane.series
    )


def swatch(entry: Entry) -> str:
    """Draw the sign of one entry by itself, for a legend in HTML."""
    return tag(
        "svg",
        _sign(entry, 0, 50),
        class_="c-chart c-swatch",
        viewBox="0 0 14 10",
        width=14,
        height=10,
        aria_hidden="true",
    )


def drawn(shown: Iterable[Entry], top: int, room: int) -> tuple[str, int]:
    """Write a legend into a picture, in as many rows as it needs; gives its height too."""
    x, y, parts = 0, top, list[str]()
    for entry in shown:
        name = shorten(entry.name, NAME)
        needed = SWATCH + GAP + width(name)
        if x and x + needed > room:
            x, y = 0, y + ROW
        parts.append(_sign(entry, x, y + 60))
        parts.append(label(name, x + SWATCH + 2, y + 100, "c-f-muted"))
        x += needed + SPACE
    return "".join(parts), y + ROW - top if parts else 0


def _sign(entry: Entry, x: int, middle: int) -> str:
    if entry.mark == "bars":
        place: dict[str, Value] = {
            "x": tenths(x),
            "y": tenths(middle - 50),
            "width": 10,
            "height": 10,
        }
        return tag("rect", class_=f"c-f-{entry.tone}", rx=2, **place)
    dashed = " c-before" if entry.dashed else ""
    path = f"M{tenths(x)} {tenths(middle)}h11"
    return tag("path", class_=f"c-line c-s-{entry.tone}{dashed}", d=path)
