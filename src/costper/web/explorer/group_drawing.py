"""Draws the groups of an answer: what adds up as stacked bars, what does not as lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from costper.charts.data import Chart, Mark, Pane, Series, Values
from costper.charts.legend import hidden
from costper.web.explorer.columns import Column, leading, ranking
from costper.web.explorer.drawing import LOWER, NO_TOLD, ONLY, UPPER, Timeline, timeline, tone
from costper.web.explorer.grouping import Group, group_name, group_of, most, ranked
from costper.web.explorer.state import OVERLAY, State
from costper.web.figures import REST, marked
from costper.web.told import NO_ROW, Row, Told, amount, text

Placed = Mapping[Group, Mapping[str, Row]]
"""The row of each group and bucket; a bucket by its first day, as the API writes it."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Groups with their rows, and all together; `is_all` says that there are no others.

    `buckets` are the days of `together` as the API writes them.
    """

    groups: Sequence[Group]
    rows: Placed
    together: Timeline
    is_all: bool
    buckets: Sequence[str]

    def values(self, group: Group, name: str) -> Values:
        """Give a column of one group, a value a bucket."""
        rows = self.rows.get(group, {})
        return tuple(amount(rows.get(it, NO_ROW), name) for it in self.buckets)


def grouped_chart(
    state: State,
    columns: tuple[Column, ...],
    groups: Sequence[Group],
    more: Mapping[str, Told],
    width: int,
) -> Chart:
    """Draw the column groups are ranked by, and beneath it the first formula by group."""
    parts = more["parts"]
    together = timeline(state, more.get("together", parts).rows)
    shares = Shares(
        groups,
        _placed(state, parts.rows),
        together,
        is_all="together" not in more,
        buckets=[it.isoformat() for it in together.days],
    )
    panes = tuple(_panes(state, columns, shares))
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


def _panes(state: State, columns: tuple[Column, ...], shares: Shares) -> list[Pane]:
    first, lead = ranking(columns), leading(columns)
    wanted = [it for it in dict.fromkeys((first, lead)) if it is not None]
    if state.get("draw") == OVERLAY:
        wanted = wanted[-1:]
    heights = (ONLY,) if len(wanted) == 1 else (UPPER, LOWER)
    return [_pane(one, shares, height) for one, height in zip(wanted, heights, strict=True)]


def _pane(one: Column, shares: Shares, height: int) -> Pane:
    mark: Mark = "bars" if one.adds else "line"
    series = [
        Series(
            key=group_name(group),
            name=group_name(group),
            values=shares.values(group, one.name),
            tone=tone(place),
            mark=mark,
        )
        for place, group in enumerate(shares.groups)
    ]
    if one.adds and not shares.is_all:
        series += _rest(series, shares.together.values(one.name))
    return Pane(series=tuple(series), unit=one.unit, height=height)


def _placed(state: State, rows: Sequence[Row]) -> Placed:
    found: dict[Group, dict[str, Row]] = {}
    for row in rows:
        found.setdefault(group_of(row, state.by), {})[text(row, state.grain)] = row
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
