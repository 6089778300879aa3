"""Draws series: bars, lines, areas and bands, each as few paths."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal

from costper.charts.axes import Axis
from costper.charts.data import Band, Series
from costper.charts.scale import Steps, drawable
from costper.charts.stack import Edges
from costper.charts.svg import dots, listed, polygon, polyline, strokes, tag, tenths
from costper.charts.unit import short, told

Point = tuple[int, int]
Points = list[Point | None]
DETAILED = Decimal(1000)
"""Below, values are told to a tooltip with two places."""

PLACES, DIGITS = 2, 3
TO = " \N{EN DASH} "
"""Between the ends of a band."""


def bars(
    series: Series, edges: Edges, axis: Axis, steps: Steps, soft: Collection[int], hatch: str
) -> str:
    """Draw one layer of bars as a path; soft ones are hatched, those of a forecast faint."""
    place = axis.scale.place
    ahead = len(edges) if series.ahead_from is None else series.ahead_from
    placed = [
        (index, steps.middle(index), place(pair[0]), place(pair[1]))
        for index, pair in enumerate(edges)
        if pair is not None
    ]
    firm = strokes(it[1:] for it in placed if it[0] < ahead)
    faint = strokes(it[1:] for it in placed if it[0] >= ahead)
    over = strokes(it[1:] for it in placed if it[0] in soft)
    return _group(
        series,
        axis,
        f"c-bars c-s-{series.tone}",
        tag("path", d=firm) if firm else "",
        tag("path", class_="c-ahead", d=faint) if faint else "",
        tag("path", class_="c-soft", stroke=hatch, d=over) if over else "",
        stroke_width=tenths(steps.bar),
    )


def line(series: Series, axis: Axis, steps: Steps, soft: Collection[int]) -> str:
    """Draw a line with its gaps; what is estimated or forecast is dashed, a lone point a dot."""
    points = _points(series.values, axis, steps)
    ahead = len(points) if series.ahead_from is None else series.ahead_from
    dashed = [index in soft or index >= ahead for index in range(len(points))]
    tone = f"c-line c-s-{series.tone}" + (" c-before" if series.before else "")
    firm = polyline(None if dashed[index] else point for index, point in enumerate(points))
    broken = polyline(_beside(points, dashed))
    alone = dots(_alone(points))
    return _group(
        series,
        axis,
        tone,
        _area(points, axis, series.tone) if series.mark == "area" else "",
        tag("path", d=firm) if firm else "",
        tag("path", class_="c-dash", d=broken) if broken else "",
        tag("path", class_="c-dots", d=alone) if alone else "",
    )


def band(drawn: Band, axis: Axis, steps: Steps) -> str:
    """Shade between two lines, run by run of known values; a lone bucket has its bar's width."""
    unit = axis.unit
    lows = _points(drawn.low, axis, steps)
    highs = _points(drawn.high, axis, steps)
    both = [
        (low, high) if low is not None and high is not None else None
        for low, high in zip(lows, highs, strict=True)
    ]
    shapes = "".join(
        _ribbon([pair for it in run if (pair := both[it]) is not None], steps)
        for run in _runs([pair is not None for pair in both])
    )
    if not shapes:
        return ""
    return tag(
        "path",
        class_=f"c-band c-f-{drawn.tone}",
        data_name=drawn.name,
        data_tone=drawn.tone,
        data_texts=listed(
            "" if low is None or high is None else short(low, unit) + TO + short(high, unit)
            for low, high in zip(drawn.low, drawn.high, strict=True)
        ),
        d=shapes,
    )


def last_point(series: Series, axis: Axis, steps: Steps) -> tuple[Point, Decimal] | None:
    """Give the last known value of a series, and where it stands."""
    for index in range(len(series.values) - 1, -1, -1):
        value = series.values[index]
        if value is not None and drawable(value):
            return (steps.middle(index), axis.scale.place(value)), value
    return None


def brief(value: Decimal | None) -> str:
    """Write a value for a script, in few digits; nothing where there is none.

    >>> [brief(Decimal(it)) for it in ("9237.41", "319.704", "0.00123456", "5")], brief(None)
    (['9237', '319.7', '0.00123', '5'], '')
    """
    if value is None or not drawable(value):
        return ""
    size = abs(value)
    places = 0 if size >= DETAILED else PLACES
    if 0 < size < 1:
        places = max(PLACES, DIGITS - 1 - size.adjusted())
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _group(series: Series, axis: Axis, class_: str, *inside: str, **more: str | None) -> str:
    """Put a series' marks together, with its values as a tooltip writes them.

    Lines tell their bare numbers too, by which a script finds their points.
    """
    line_ = series.mark != "bars"
    return tag(
        "g",
        *inside,
        class_=f"c-series {class_}" + (" c-off" if series.hidden else ""),
        data_series=series.key,
        data_name=series.name,
        data_mark=series.mark,
        data_tone=series.tone,
        data_side=series.side,
        data_ahead=None if series.ahead_from is None else series.ahead_from,
        data_texts=listed(told(series.values, axis.unit)),
        data_low=brief(axis.scale.low) if line_ else None,
        data_high=brief(axis.scale.high) if line_ else None,
        data_values=",".join(brief(value) for value in series.values) if line_ else None,
        **more,
    )


def _points(values: tuple[Decimal | None, ...], axis: Axis, steps: Steps) -> Points:
    return [
        (steps.middle(index), axis.scale.place(value))
        if value is not None and drawable(value)
        else None
        for index, value in enumerate(values)
    ]


def _beside(points: Points, dashed: list[bool]) -> Iterator[Point | None]:
    """Keep dashed points and their neighbours, so that dashes begin where the line ends."""
    last = len(points) - 1
    for index, point in enumerate(points):
        near = (
            dashed[index]
            or (index > 0 and dashed[index - 1] and points[index - 1] is not None)
            or (index < last and dashed[index + 1] and points[index + 1] is not None)
        )
        yield point if near else None


def _alone(points: Points) -> Iterator[Point]:
    around = [None, *points, None]
    for before, point, after in zip(around, points, around[2:], strict=False):
        if point is not None and before is None and after is None:
            yield point


def _runs(known: list[bool]) -> Iterator[list[int]]:
    run: list[int] = []
    for index, is_known in enumerate(known):
        if is_known:
            run.append(index)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _ribbon(pairs: list[tuple[Point, Point]], steps: Steps) -> str:
    if len(pairs) == 1:
        (x, low), (_, high) = pairs[0]
        left, right = x - steps.bar // 2, x + steps.bar // 2
        return polygon([(left, high), (right, high), (right, low), (left, low)])
    return polygon([*(high for _, high in pairs), *(low for low, _ in reversed(pairs))])


def _area(points: Points, axis: Axis, tone: str) -> str:
    foot = axis.scale.place(max(axis.scale.low, min(axis.scale.high, Decimal(0))))
    shapes = "".join(
        polygon([(found[0][0], foot), *found, (found[-1][0], foot)])
        for run in _runs([point is not None for point in points])
        if (found := [point for it in run if (point := points[it]) is not None])
    )
    return tag("path", class_=f"c-area c-f-{tone}", stroke="none", d=shapes) if shapes else ""
