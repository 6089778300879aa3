"""The table beneath the chart: the answer's rows, newest or largest first, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from costper.charts.dates import end_day, told
from costper.web.explorer.columns import Column, leading, ranking
from costper.web.explorer.drawing import GRAINS
from costper.web.explorer.grouping import ranked
from costper.web.explorer.state import State
from costper.web.told import Row, Told, day, number, text
from costper.web.url import Url, segment

PAGE = 100
WHY_SO = {
    "partial": "days of it are cut off or lack data",
    "estimated": "it may still change",
    "forecast": "what it will be, by the days before",
}
PLACES = {
    "team": "/teams/",
    "service": "/services/",
    "environment": "/environments/",
    "customer": "/customers/",
}
STATUSES = {
    "cost_only": "no units",
    "revenue_only": "no units",
    "units_only": "no cost",
    "partly": "partly",
    "gone": "gone",
}
WHY = {
    "cost_only": "no metric has this group, so that it has no unit cost",
    "revenue_only": "no metric has this group",
    "units_only": "nothing was spent under this name",
    "partly": "some letters of one kind have this group, others do not",
    "gone": "only the days compared with have it",
}


@dataclass(frozen=True, slots=True)
class Head:
    """A heading; numbers stand to the right."""

    name: str
    is_number: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one field shows. `value` sorts, `href` leads to what is behind, `note` is a badge."""

    shown: Markup | str
    value: str = ""
    href: str = ""
    note: str = ""
    why: str = ""
    is_name: bool = False


Cells = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One page of rows, and the total under them."""

    heads: tuple[Head, ...]
    rows: tuple[Cells, ...]
    total: Cells
    names: int
    count: int
    page: int

    @property
    def pages(self) -> int:
        """Say how many pages there are."""
        return max(1, -(-self.count // PAGE))


def ahead(state: State, columns: tuple[Column, ...], answer: Told, forecast: Told) -> list[Row]:
    """Give the days to come as rows: what all cost will be, marked as a forecast."""
    if not forecast.ok or state.by or state.grain != "day" or not answer.rows:
        return []
    costs = {it.name for it in state.lines if it.text == "cost"}
    names = [it.name for it in columns if it.name in costs]
    last = max(text(it, "day") for it in answer.rows)
    return [
        {"day": text(it, "day"), **{name: it.get("forecast") for name in names}, "forecast": True}
        | {name: it.get(name) for name in ("forecast_low", "forecast_high")}
        for it in forecast.rows
        if text(it, "day") > last
    ]


def table(
    state: State, columns: tuple[Column, ...], answer: Told, further: Sequence[Row] = ()
) -> Table:
    """Write one page of the answer's rows, and of the days to come."""
    lead = leading(columns)
    has_days = bool(answer.rows) and state.grain in answer.rows[0]
    ordered = [*reversed(further), *_ordered(state, columns, answer, has_days=has_days)]
    page = _page(state, len(ordered))
    rows = ordered[(page - 1) * PAGE : page * PAGE]
    compared = lead if state.compare != "none" else None
    names = ([state.grain.capitalize()] if has_days else []) + [_said(it) for it in state.by]
    heads = (*(Head(it) for it in names), *(_head(it) for it in columns))
    if compared:
        heads = (*heads, Head("Change", is_number=True, title=f"of {compared.title}, in percent"))
    return Table(
        heads=heads,
        rows=tuple(_row(state, columns, compared, row, has_days=has_days) for row in rows),
        total=_numbers(columns, compared, answer.total),
        names=len(names),
        count=len(ordered),
        page=page,
    )


def _said(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _head(one: Column) -> Head:
    name = one.title if one.is_formula else f"{one.title} ({one.name})"
    return Head(name, is_number=True, title=one.label)


def _page(state: State, count: int) -> int:
    said = state.get("page")
    wanted = int(said) if said.isdecimal() and len(said) < 6 else 1  # noqa: PLR2004
    return min(max(wanted, 1), max(1, -(-count // PAGE)))


def _ordered(
    state: State, columns: tuple[Column, ...], answer: Told, *, has_days: bool
) -> Sequence[Row]:
    """Put the newest bucket first, and in it the largest group; or just the largest."""
    if not has_days:
        return ranked(state, answer)
    column = ranking(columns)
    rows = answer.rows
    if state.by and column is not None:
        name = column.name
        rows = tuple(sorted(rows, key=lambda it: abs(number(it.get(name)) or Decimal(0))))
    return sorted(rows, key=lambda it: text(it, state.grain), reverse=True)[:]


def _row(
    state: State,
    columns: tuple[Column, ...],
    compared: Column | None,
    row: Row,
    *,
    has_days: bool,
) -> Cells:
    names = (*((_bucket(state, row),) if has_days else ()), *_groups(state, row))
    return (*names, *_numbers(columns, compared, row))


def _numbers(columns: tuple[Column, ...], compared: Column | None, row: Row) -> Cells:
    cells = tuple(Cell(it.cell(row.get(it.name)), _value(row.get(it.name))) for it in columns)
    if compared is None:
        return cells
    change = row.get(f"{compared.name}_change_percent")
    return (*cells, Cell(compared.change(change), _value(change)))


def _value(cell: object) -> str:
    found = number(cell)
    return "" if found is None else f"{found:f}"


def _bucket(state: State, row: Row) -> Cell:
    """Name a bucket; its link asks what it is made of."""
    first = day(row, state.grain)
    if first is None:
        return Cell(text(row, state.grain))
    grain = GRAINS[state.grain]
    note = _note(row)
    why = WHY_SO.get(note, "")
    return Cell(
        told(first, grain),
        first.isoformat(),
        str(_inside(state, first)) if not state.by and note != "forecast" else "",
        note,
        why,
        is_name=True,
    )


def _note(row: Row) -> str:
    if row.get("forecast") is True:
        return "forecast"
    return "estimated" if row.get("estimated") is True else "partial" if row.get("partial") else ""


def _inside(state: State, first: date) -> Url:
    """Give the same question about one bucket, by service."""
    end = end_day(first, GRAINS[state.grain])
    until = end.isoformat() if end else ""
    return inside(replace(state, since=first.isoformat(), until=until, days="", span=""))


def inside(state: State) -> Url:
    """Give the same question by service, all days together."""
    return replace(state, grain="whole", by=("service",), shown=()).url


def _groups(state: State, row: Row) -> Cells:
    status = text(row, "status")
    cells = [_group(name, text(row, name)) for name in state.by]
    if cells and status in STATUSES:
        cells[-1] = replace(cells[-1], note=STATUSES[status], why=WHY[status])
    return tuple(cells)


def _group(name: str, value: str) -> Cell:
    place = PLACES.get(name, "")
    is_own = bool(place) and not value.startswith("(")
    return Cell(value or "—", value, f"{place}{segment(value)}" if is_own else "", is_name=True)
