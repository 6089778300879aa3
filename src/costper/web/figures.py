"""Turns answers into charts: rows by day into series, the largest few and the rest of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from costper.charts import panes, sparkline
from costper.charts.data import Chart, Event, Grain, Mark, Series
from costper.charts.legend import hidden_in, listing
from costper.charts.theme import GROUP_TONES, Tone
from costper.charts.unit import Unit
from costper.web.drawn import drawn
from costper.web.told import Row, amount, day, number, text
from costper.web.url import Url

REST = "other"
MOST = 8
"""Groups a chart tells apart by colour; the rest are drawn as one."""

Values = tuple[Decimal | None, ...]


def days_of(rows: Iterable[Row], name: str = "day") -> tuple[date, ...]:
    """Give each day rows are of, once, in order."""
    return tuple(sorted({it for it in (day(row, name) for row in rows) if it is not None}))


def estimated_days(
    days: Sequence[date], settled_through: str, rows: Iterable[Row] = ()
) -> frozenset[int]:
    """Give the places of days that may still change: after the last settled one, or marked so."""
    said = {text(row, "day")[:10] for row in rows if row.get("estimated") is True}
    return frozenset(
        at
        for at, it in enumerate(days)
        if it.isoformat() in said or (settled_through and it.isoformat() > settled_through)
    )


def column(rows: Iterable[Row], days: Sequence[date], name: str) -> Values:
    """Give one column of rows by day; a day without a row is a gap."""
    by_day = {day(row, "day"): amount(row, name) for row in rows}
    return tuple(by_day.get(it) for it in days)


def line(key: str, name: str, values: Values, tone: Tone, *, ends: bool = False) -> Series:
    """Give a line."""
    return Series(key=key, name=name, values=values, tone=tone, mark="line", ends=ends)


def groups(
    rows: Sequence[Row], days: Sequence[date], by: str, of: str = "cost", mark: Mark = "bars"
) -> tuple[Series, ...]:
    """Give a series a group, dearest first; of more than eight those with the highest days.

    The others are one: no day of any of them is higher than the highest of each that is told
    apart, so that what made a day stand out has its own colour.
    """
    cells: dict[str, dict[date, Decimal]] = {}
    for row in rows:
        at, value = day(row, "day"), amount(row, of)
        if at is not None and value is not None:
            cells.setdefault(text(row, by), {})[at] = value
    ranked = sorted(cells, key=lambda it: (-abs(sum(cells[it].values(), Decimal(0))), it))
    named = ranked if len(ranked) <= MOST else _highest(ranked, cells)
    found = [
        Series(
            key=name,
            name=name,
            values=tuple(cells[name].get(it) for it in days),
            tone=tone,
            mark=mark,
        )
        for name, tone in zip(named, GROUP_TONES, strict=False)
    ]
    rest = [cells[name] for name in ranked if name not in named]
    if rest:
        found.append(
            Series(
                key=REST,
                name=f"{len(rest)} others",
                values=_summed(rest, days),
                tone="other",
                mark=mark,
            )
        )
    return tuple(found)


def _highest(ranked: Sequence[str], cells: Mapping[str, Mapping[date, Decimal]]) -> list[str]:
    """Choose those with the highest single days, in the order they are in."""
    peak = {name: max(map(abs, cells[name].values())) for name in ranked}
    chosen = sorted(ranked, key=lambda it: -peak[it])[: MOST - 1]
    return [name for name in ranked if name in chosen]


def _summed(parts: Sequence[Mapping[date, Decimal]], days: Sequence[date]) -> Values:
    return tuple(
        sum((it[at] for it in parts if at in it), Decimal(0))
        if any(at in it for it in parts)
        else None
        for at in days
    )


def picture(chart: Chart) -> Markup:
    """Draw a chart over time."""
    return drawn(panes.draw(chart))


def keyed(chart: Chart, url: Url) -> Markup:
    """Draw a chart over time with its legend, whose entries hide series and show them again."""
    shown = hidden_in(chart, url.get("hide"))
    listed = listing(shown, lambda hide: str(url.having(hide=hide)))
    return drawn(listed + panes.draw(shown))


def spark(cells: Iterable[object], title: str = "") -> Markup:
    """Draw a small line of cells."""
    return drawn(sparkline.sparkline(tuple(number(it) for it in cells), title=title))


def bars(cells: Iterable[object]) -> Iterator[Markup]:
    """Draw each cell of a column as a bar, on one scale: green above zero, red below."""
    values = [number(it) for it in cells]
    known = [it for it in values if it is not None]
    span = (min(known, default=Decimal(0)), max(known, default=Decimal(0)))
    for value in values:
        tone: Tone = "bad" if value is not None and value < 0 else "good"
        yield drawn(sparkline.bar_cell(value, span, tone=tone))


def money(currency: str) -> Unit:
    """Give the unit of amounts."""
    return Unit("money", currency)


def marked(
    annotations: Iterable[Row], days: Sequence[date], grain: Grain = "day"
) -> Iterator[Event]:
    """Give the events that happened within the chart, each in its bucket."""
    for row in annotations:
        at = day(row, "at")
        if at is None or not days or at < days[0]:
            continue
        bucket = max(place for place, it in enumerate(days) if it <= at)
        if bucket == len(days) - 1 and grain == "day" and at > days[-1]:
            continue
        yield Event(bucket=bucket, name=text(row, "title"), kind=text(row, "category"))
