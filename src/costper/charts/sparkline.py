"""Small pictures for cells of a table: a line of values, and a bar from zero."""

from __future__ import annotations

from decimal import Decimal

from costper.charts.data import Values
from costper.charts.scale import TENTHS, Linear, Steps, drawable, extent, known, nice_ticks
from costper.charts.svg import dots, listed, polyline, tag, tenths, text
from costper.charts.theme import Tone
from costper.charts.unit import Unit, short

MARGIN = 3 * TENTHS
THICK = 6 * TENTHS


def sparkline(
    values: Values,
    *,
    title: str = "",
    width: int = 90,
    height: int = 22,
    tone: Tone = "muted",
    unit: Unit | None = None,
) -> str:
    """Draw values as a thin line from zero with its gaps, and the last one as a dot.

    Without a title it is hidden from screen readers: the numbers then stand beside it. With a
    unit it tells its values to a tooltip; the names of the buckets stand once, as `data-told`
    of whatever holds the sparklines.
    """
    seen = known(values)
    texts = "" if unit is None else listed(_told(it, unit) for it in values)
    if not seen:
        return _small("", title, width, height, texts)
    low, high = extent(seen, from_zero=True)
    if low == high:
        low, high = low - 1, high + 1
    scale = Linear(low, high, height * TENTHS - MARGIN, MARGIN)
    steps = Steps(len(values), 0, width * TENTHS - MARGIN)
    points = [
        (steps.middle(index), scale.place(value)) if value is not None and drawable(value) else None
        for index, value in enumerate(values)
    ]
    line = tag("path", class_=f"c-line c-thin c-s-{tone}", d=polyline(points))
    last = next(point for point in reversed(points) if point is not None)
    dot = tag("path", class_="c-dots c-s-accent", d=dots([last]))
    return _small(line + dot, title, width, height, texts)


def bar_cell(
    value: Decimal | None,
    span: tuple[Decimal, Decimal],
    *,
    tone: Tone = "good",
    width: int = 90,
    height: int = 12,
) -> str:
    """Draw one value as a bar from zero, on a scale all cells of a column share.

    `span` is the least and the greatest value of the column; None draws nothing.
    """
    low, high = extent([it for it in span if drawable(it)], from_zero=True)
    ticks = nice_ticks(low, high, 1) if low == high else (low, high)
    scale = Linear(ticks[0], ticks[-1], 1 * TENTHS, (width - 1) * TENTHS)
    zero = scale.place(Decimal(0))
    foot = tag("path", class_="c-rule c-s-muted", d=f"M{tenths(zero)} 0v{height}")
    if value is None or not drawable(value):
        return _small("", "", width, height)
    at = scale.place(max(low, min(high, value)))
    path = f"M{tenths(zero)} {tenths(height * TENTHS // 2)}h{tenths(at - zero)}"
    bar = tag("path", class_=f"c-bars c-s-{tone}", stroke_width=tenths(THICK), d=path)
    return _small(bar + foot, "", width, height)


def _told(value: Decimal | None, unit: Unit) -> str:
    return "" if value is None or not drawable(value) else short(value, unit)


def _small(inside: str, title: str, width: int, height: int, texts: str = "") -> str:
    return tag(
        "svg",
        tag("title", text(title)) if title else "",
        inside,
        class_="c-chart c-small",
        role="img" if title else None,
        aria_hidden=None if title else "true",
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        data_chart="sparkline" if texts else None,
        data_texts=texts or None,
    )
