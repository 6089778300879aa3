"""Draws the groups of an answer: what adds up as stacked bars, what does not as lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from costper.charts.data import Chart, Mark, Pane, Series, Values
from costper.charts.legend import hidden
from costper.web.explorer.columns import Column, leading, ranking
from costper.web.explorer.drawing import LOWER, NO_TOLD, ONLY, UPPER, Timeline, timeline, tone
from costper.web.explorer.grouping import Group, group_name, group_of, most, ranked
from costper.web.explorer.state import OVERLAY, State
from costper.web.figures import REST, marked
from costper.web.told import Told, amount, day

Cells = Mapping[Group, Mapping[date, Decimal]]


def grouped_chart(
    state: State,
    columns: tuple[Column, ...],
    groups: Sequence[Group],
    more: Mapping[str, Told],
    width: int,
) -> Chart:
    """Draw the column groups are ranked by, and beneath it the first formula by group."""
    parts, together = (timeline(state, more[it].rows) for it in ("parts", "together"))
    panes = tuple(_panes(state, columns, groups, parts, together))
    gone = hidden(state.get("hide"))
    shown = tuple(
        replace(it, series=tuple(replace(one, hidden=one.key in gone) for one in it.series))
        for it in panes
    )
    names = ", ".join(state.by)
    return Chart(
        id="answer",
        title=f"{', '.join(it.title for it in columns)} by {names}",
        description=f"The largest {len(groups)} by {names}",
        buckets=together.days,
        panes=shown,
        grain=together.grain,
        events=tuple(marked(more.get("annotations", NO_TOLD).rows, together.days, together.grain)),
        estimated=together.estimated,
        width=width,
    )


def _panes(
    state: State,
    columns: tuple[Column, ...],
    groups: Sequence[Group],
    parts: Timeline,
    together: Timeline,
) -> list[Pane]:
    first, lead = ranking(columns), leading(columns)
    wanted = [it for it in dict.fromkeys((first, lead)) if it is not None]
    if state.get("draw") == OVERLAY:
        wanted = wanted[-1:]
    heights = (ONLY,) if len(wanted) == 1 else (UPPER, LOWER)
    return [
        _pane(state, one, groups, parts, together, height)
        for one, height in zip(wanted, heights, strict=True)
    ]


def _pane(
    state: State,
    one: Column,
    groups: Sequence[Group],
    parts: Timeline,
    together: Timeline,
    height: int,
) -> Pane:
    cells = _cells(state, parts, one.name)
    mark: Mark = "bars" if one.adds else "line"
    series = [
        Series(
            key=group_name(group),
            name=group_name(group),
            values=tuple(cells.get(group, {}).get(it) for it in together.days),
            tone=tone(place),
            mark=mark,
        )
        for place, group in enumerate(groups)
    ]
    if one.adds:
        series += _rest(series, together.values(one.name))
    return Pane(series=tuple(series), unit=one.unit, height=height)


def _cells(state: State, parts: Timeline, name: str) -> Cells:
    found: dict[Group, dict[date, Decimal]] = {}
    for row in parts.rows:
        at, value = day(row, "day"), amount(row, name)
        if at is not None and value is not None:
            found.setdefault(group_of(row, state.by), {})[at] = value
    return found


def _rest(series: Sequence[Series], together: Values) -> list[Series]:
    """Give what is of none of the groups shown: everything, less what they have."""
    left: list[Decimal | None] = []
    for at, whole in enumerate(together):
        shown = (it.values[at] for it in series)
        known = sum((it for it in shown if it is not None), Decimal(0))
        rest = None if whole is None else whole - known
        left.append(rest or None)
    if not any(left):
        return []
    return [Series(key=REST, name="Other", values=tuple(left), tone="other", mark="bars")]


def named_chart(
    state: State, columns: tuple[Column, ...], answer: Told, width: int
) -> Chart | None:
    """Draw one bar a group, where the whole period is one bucket."""
    one = ranking(columns)
    rows = ranked(state, answer)[: most(state)]
    if one is None or not rows:
        return None
    lead = leading(columns)
    wanted = [it for it in dict.fromkeys((one, lead)) if it is not None]
    panes = tuple(
        Pane(
            series=(
                Series(
                    key=it.name,
                    name=it.title,
                    values=tuple(amount(row, it.name) for row in rows),
                    tone="accent" if it.is_formula else "1",
                    mark="bars",
                ),
            ),
            unit=it.unit,
            height=ONLY if len(wanted) == 1 else 170,
        )
        for it in wanted
    )
    return Chart(
        id="answer",
        title=f"{', '.join(it.title for it in wanted)} by {', '.join(state.by)}",
        description=f"The largest {len(rows)}",
        buckets=tuple(group_name(group_of(row, state.by)) for row in rows),
        panes=panes,
        width=width,
    )
