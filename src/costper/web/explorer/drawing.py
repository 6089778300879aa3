"""Draws a question's answer: its letters above, its formulas below, or its groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from costper.charts.data import Band, Chart, Grain, Pane, Series, Values
from costper.charts.legend import hidden
from costper.charts.theme import GROUP_TONES, Tone
from costper.web.explorer.columns import Column
from costper.web.explorer.state import OVERLAY, State
from costper.web.figures import column, days_of, marked
from costper.web.told import NO_ROW, Row, Told, amount, day, text

LINES: tuple[Tone, ...] = ("second", "3", "4", "5", "6", "7")
RESULTS: tuple[Tone, ...] = ("accent", "1", "2", "7", "8", "6")
GRAINS: dict[str, Grain] = {"day": "day", "week": "week", "month": "month", "quarter": "quarter"}
NO_TOLD = Told(404)
UPPER, LOWER, ONLY = 230, 130, 280


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Rows of one answer by bucket; `day` of each is the first day of its bucket."""

    rows: tuple[Row, ...]
    days: tuple[date, ...]
    estimated: frozenset[int]
    grain: Grain = "day"

    def values(self, name: str) -> Values:
        """Give a column, a value a bucket."""
        return column(self.rows, self.days, name)


def timeline(state: State, rows: Sequence[Row]) -> Timeline:
    """Put rows in the order of their buckets."""
    grain = GRAINS.get(state.grain, "day")
    dated = tuple({**row, "day": row.get(grain)} for row in rows)
    days = days_of(dated)
    doubtful = {day(it, "day") for it in dated if it.get("estimated") is True or it.get("partial")}
    estimated = frozenset(at for at, it in enumerate(days) if it in doubtful)
    return Timeline(rows=dated, days=days, estimated=estimated, grain=grain)


def chart(
    state: State, columns: Sequence[Column], line: Timeline, more: dict[str, Told], width: int
) -> Chart:
    """Draw letters above and formulas below, or both in one pane."""
    ahead = more.get("forecast", NO_TOLD)
    line, added = _with_days_ahead(line, ahead)
    panes = tuple(_panes(state, columns, line, added))
    gone = hidden(state.get("hide"))
    shown = tuple(
        replace(it, series=tuple(replace(one, hidden=one.key in gone) for one in it.series))
        for it in panes
    )
    return Chart(
        id="answer",
        title=", ".join(it.title for it in columns),
        description=", ".join(f"{it.title}: {it.label}" for it in columns),
        buckets=line.days,
        panes=shown,
        grain=line.grain,
        events=tuple(marked(more.get("annotations", NO_TOLD).rows, line.days, line.grain)),
        estimated=line.estimated,
        width=width,
    )


@dataclass(frozen=True, slots=True)
class Ahead:
    """The forecast of cost: where it begins, and its values by bucket."""

    begins: int | None = None
    cost: Values = ()
    low: Values = ()
    high: Values = ()


def _with_days_ahead(line: Timeline, told: Told) -> tuple[Timeline, Ahead]:
    if not told.ok or not line.days or line.grain != "day":
        return line, Ahead()
    by_day = {day(row, "day"): row for row in told.rows}
    further = [it for it in by_day if it is not None and it > line.days[-1]]
    if not further:
        return line, Ahead()
    end = max(further)
    count = (end - line.days[-1]).days
    days = (*line.days, *(line.days[-1] + timedelta(days=it + 1) for it in range(count)))
    begins = len(line.days)
    names = ("forecast", "forecast_low", "forecast_high")
    cells = [
        tuple(
            amount(by_day.get(it, NO_ROW), name) if at >= begins else None
            for at, it in enumerate(days)
        )
        for name in names
    ]
    return replace(line, days=days), Ahead(begins, *cells)


def _panes(state: State, columns: Sequence[Column], line: Timeline, ahead: Ahead) -> Iterator[Pane]:
    letters = [it for it in columns if not it.is_formula]
    formulas = [it for it in columns if it.is_formula]
    if not formulas:
        yield _letters(state, letters, line, ahead, ONLY)
    elif state.get("draw") == OVERLAY:
        money = [it for it in letters if it.is_money] or letters
        above = _letters(state, money, line, ahead, ONLY)
        below = _results(state, formulas, line, ONLY)
        right = tuple(replace(it, side="right", ends=False) for it in below.series)
        left = tuple(replace(it, side="left") for it in above.series if not it.before)
        yield replace(above, series=(*left, *right), right=formulas[0].unit)
    else:
        if letters:
            yield _letters(state, letters, line, ahead, UPPER)
        yield _results(state, formulas, line, LOWER)


def _letters(
    state: State, letters: Sequence[Column], line: Timeline, ahead: Ahead, height: int
) -> Pane:
    """Draw money as bars to the left, what is counted as lines to the right."""
    money = [it for it in letters if it.is_money]
    first = (money or list(letters))[:1]
    found: list[Series] = []
    for place, one in enumerate(letters):
        is_bars = one in first
        values = line.values(one.name)
        forecast = ahead.cost if _is_all_cost(state, one) else ()
        found.append(
            Series(
                key=one.name,
                name=one.title,
                values=_joined(values, forecast, ahead.begins),
                tone="quiet" if is_bars else LINES[place % len(LINES)],
                mark="bars" if is_bars else "line",
                side="right" if money and not one.is_money else "left",
                ahead_from=ahead.begins if forecast else None,
            )
        )
    if len(letters) == 1 and state.compare != "none":
        found.extend(_before(letters[0], line))
    bands = (
        (Band(name="Forecast", low=ahead.low, high=ahead.high, tone="4"),)
        if any(_is_all_cost(state, it) for it in letters) and ahead.begins is not None
        else ()
    )
    others = [it for it in letters if not it.is_money]
    right = others[0].unit if others else letters[0].unit
    return Pane(series=tuple(found), bands=bands, unit=first[0].unit, right=right, height=height)


def _is_all_cost(state: State, one: Column) -> bool:
    return any(it.name == one.name and it.text == "cost" for it in state.lines)


def _joined(values: Values, forecast: Values, begins: int | None) -> Values:
    if not forecast or begins is None:
        return values
    return (*values[:begins], *forecast[begins:])


def _before(one: Column, line: Timeline) -> Iterator[Series]:
    """Draw the period before as a dashed line, where any of it is known."""
    values = line.values(f"{one.name}_previous")
    if any(it is not None for it in values):
        yield Series(
            key=f"{one.name}_previous",
            name=f"{one.title}, before",
            values=values,
            tone="muted",
            before=True,
        )


def _results(state: State, formulas: Sequence[Column], line: Timeline, height: int) -> Pane:
    """Draw formulas as lines; those of another unit than the first by the axis on the right."""
    unit = formulas[0].unit
    others = [it for it in formulas if it.unit != unit]
    found = [
        Series(
            key=one.name,
            name=one.title,
            values=line.values(one.name),
            tone=RESULTS[place % len(RESULTS)],
            side="left" if one.unit == unit else "right",
            ends=not others,
        )
        for place, one in enumerate(formulas)
    ]
    if len(formulas) == 1 and state.compare != "none":
        found.extend(_before(formulas[0], line))
    return Pane(
        series=tuple(found), unit=unit, right=others[0].unit if others else unit, height=height
    )


def tone(place: int) -> Tone:
    """Give the colour of a group by its place; more groups than colours begin anew."""
    return GROUP_TONES[place % len(GROUP_TONES)]


def described(line: Timeline, name: str) -> str:
    """Give the first and last value there is of a column, for those who cannot see it."""
    values = [text(row, name) for row in line.rows if text(row, name)]
    return f"{values[0]} to {values[-1]}" if values else ""
