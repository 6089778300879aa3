"""Which groups a chart tells apart, and the question about just these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from costper.web.explorer.columns import columns_of, ranking
from costper.web.explorer.lines import Line
from costper.web.explorer.state import State
from costper.web.told import Row, Told, amount, day, items, rows, text

MOST, MORE = 8, 24
"""Groups a chart shows, and those it shows when asked for more."""

ASKED_WHOLE = 2_000
"""Rows of groups and buckets up to which all groups are asked for bucket by bucket."""

DAYS_OF: Mapping[str, int] = {"week": 7, "month": 30, "quarter": 91}
LONGEST_WHERE = 1_900
NO_DIMENSION: frozenset[str] = frozenset(("customer", "plan"))
"""What revenue is broken down by."""

Group = tuple[str, ...]


def group_of(row: Row, by: Sequence[str]) -> Group:
    """Give the group a row is of."""
    return tuple(text(row, name) for name in by)


def group_name(group: Group) -> str:
    """Name a group."""
    return " · ".join(it or "—" for it in group)


def most(state: State) -> int:
    """Say how many groups the chart shows."""
    return MORE if state.get("top") == "more" else MOST


def ranked(state: State, told: Told) -> tuple[Row, ...]:
    """Order the groups of a whole period: the largest first, those without a value last."""
    column = ranking(columns_of(state, told))
    if column is None:
        return told.rows
    name = column.name

    def place(row: Row) -> tuple[bool, Decimal]:
        value = amount(row, name)
        return value is None, -abs(value or Decimal(0))

    return tuple(sorted(told.rows, key=place))


def _all_groups(state: State, told: Told) -> tuple[Group, ...]:
    return tuple(dict.fromkeys(group_of(row, state.by) for row in ranked(state, told)))


def shown_groups(state: State, told: Told) -> tuple[Group, ...]:
    """Give the groups a chart shows: as many as it may, and as a condition can name."""
    groups = _all_groups(state, told)
    if len(groups) <= MOST:
        return groups
    longest = max((len(it.where) for it in state.lines), default=0)
    chosen: list[Group] = []
    for group in groups[: most(state)]:
        if any('"' in it and "'" in it for it in group):
            continue
        condition = naming((*chosen, group), state.by)
        if len(condition) + longest > LONGEST_WHERE:
            break
        chosen.append(group)
    return tuple(chosen)


def drawn_groups(state: State, told: Told, parts: Told) -> tuple[Group, ...]:
    """Give the groups a chart draws: those with the highest days, where all their days are known.

    What made a day stand out is so never drawn as one with the others. Of what does not add up
    nothing is high but small: there the largest are drawn.
    """
    shown, column = shown_groups(state, told), ranking(columns_of(state, told))
    if column is None or not column.adds:
        return shown
    highest: dict[Group, Decimal] = {}
    for row in parts.rows:
        group, value = group_of(row, state.by), abs(amount(row, column.name) or Decimal(0))
        highest[group] = max(value, highest.get(group, value))
    if len(highest) <= len(shown):
        return shown
    groups = [it for it in _all_groups(state, told) if it in highest]
    chosen = set(sorted(groups, key=lambda it: -highest[it])[: most(state)])
    return tuple(it for it in groups if it in chosen)


def naming(groups: Sequence[Group], by: Sequence[str]) -> str:
    """Write the condition that selects groups.

    >>> naming([("a",), ("b c",)], ["team"]), naming([("a", "x")], ["team", "service"])
    ('team in ("a", "b c")', '(team = "a" and service = "x")')
    """
    if len(by) == 1:
        return f"{by[0]} in ({', '.join(_quoted(it[0]) for it in groups)})"
    each = (
        " and ".join(f"{name} = {_quoted(value)}" for name, value in zip(by, it, strict=True))
        for it in groups
    )
    return " or ".join(f"({it})" for it in each)


def _quoted(value: str) -> str:
    return f"'{value}'" if '"' in value else f'"{value}"'


def limited(state: State, groups: Sequence[Group], told: Told, metrics: Told) -> State:
    """Ask each letter only for the groups that are shown, where it knows their dimensions."""
    everything = {group_of(row, state.by) for row in told.rows}
    if everything <= set(groups):
        return state
    known = {
        text(it, "metric"): {text(one, "dimension") for one in rows(it, "dimensions")}
        for it in metrics.rows
    }
    lines = tuple(_limited(it, state.by, groups, known) for it in state.lines)
    return replace(state, lines=lines)


def _limited(
    line: Line, by: Sequence[str], groups: Sequence[Group], known: Mapping[str, set[str]]
) -> Line:
    places = [at for at, name in enumerate(by) if _knows(line, name, known)]
    if not places:
        return line
    some = tuple(dict.fromkeys(tuple(it[at] for at in places) for it in groups))
    condition = naming(some, [by[at] for at in places])
    return replace(line, where=f"({line.where}) and ({condition})" if line.where else condition)


def _knows(line: Line, name: str, known: Mapping[str, set[str]]) -> bool:
    if line.kind == "metric":
        return name in known.get(line.of, ())
    return line.kind == "cost" or name in NO_DIMENSION


def dimensions(state: State, metrics: Told) -> tuple[str, ...]:
    """Give what one may group by: what every cost has, what metrics are by, what is asked."""
    own = (text(one, "dimension") for it in metrics.rows for one in rows(it, "dimensions"))
    known = ("team", "service", "environment", "customer", "plan", "source", "charge_category")
    return tuple(dict.fromkeys((*known, *own, *state.by)))


def group_count(told: Told, by: Sequence[str]) -> int:
    """Count the groups of an answer."""
    return len({group_of(row, by) for row in told.rows}) if items(told.body, "rows") else 0


def cell_count(state: State, told: Told) -> int | None:
    """Count the rows of buckets and groups, about; None where the days are not known."""
    first, end = day(told.question, "from"), day(told.question, "to")
    if first is None or end is None:
        return None
    return group_count(told, state.by) * -(-(end - first).days // DAYS_OF.get(state.grain, 1))
