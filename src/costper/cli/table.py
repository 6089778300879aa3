"""Draws tables: with lines and colour on a terminal, aligned text everywhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, cast

from costper.cli.context import Context, wants_colour
from costper.cli.figures import ABSENT, MINUS, cell_text, header
from costper.model.answer import Absent, Answer, Cell, Measure, Row
from costper.model.envelope import ALL_NAMED

LEFT_OUT = ("effective_cost", "billed_cost")
"""Columns a table leaves to --json and --csv when it shows `cost`, the cost of record."""
NOT_ROWS = "not_customers"
"""The cell of a total with the lines that belong to no row."""

GAP = "  "
RICH_GAP = 3
TEXT_WIDTH = 40
COLUMNS_MIN = 2
"""However narrow the window: the name, and one number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Cells as text. `right` says which columns are numbers; `total` is the last line or ()."""

    headers: tuple[str, ...]
    right: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()
    title: str = ""


def table_of(answer: Answer, columns: Sequence[str] | None = None) -> Table:
    """Make the main table of an answer; one row alone is shown as a list of names and values."""
    names = _shown(answer.rows, columns)
    rest = _rest(answer)
    if len(answer.rows) == 1 and any(_is_rows(cell) for cell in answer.rows[0].values()):
        return _facts(answer, names)
    if not answer.rows:
        names = _shown(rest, columns)
    rows = (*answer.rows, *rest)
    return _table(rows, names, answer.currency, answer.total, measures=answer.measures)


def _rest(answer: Answer) -> tuple[Row, ...]:
    """Give what is in the total and in no row, as lines that say so: the table adds up."""
    rest = answer.total.get(NOT_ROWS)
    if rest is None or not _is_rows(rest):
        return ()
    lines = cast("Sequence[Row]", rest)
    return tuple(
        {**line, "customer": f"(no customer: {str(line['customer']).strip('()')})"}
        for line in lines
    )


def inner_tables(answer: Answer) -> Iterator[Table]:
    """Make a table of each list of rows inside the only row of an answer."""
    if len(answer.rows) != 1:
        return
    for name, cell in answer.rows[0].items():
        if _is_rows(cell) and not _is_series(cell):
            rows = cast("Sequence[Row]", cell)
            yield _table(
                rows,
                _shown(rows, None),
                answer.currency,
                {},
                header(name),
                measures=answer.measures,
            )


def footnotes(answer: Answer, columns: Sequence[str] | None = None) -> Iterator[str]:
    """Say why numbers of the shown columns are absent, one line a reason."""
    found: dict[str, dict[str, None]] = {}
    rest = _rest(answer)
    shown = _shown(answer.rows or rest, columns)
    for row in (*answer.rows, *rest, answer.total):
        for name in shown:
            cell = row.get(name)
            if isinstance(cell, Absent):
                found.setdefault(cell.reason, {})[header(name)] = None
    for reason, names in found.items():
        yield f"{ABSENT} {header(reason)}: {', '.join(names)}"


def draw(table: Table, context: Context) -> None:
    """Print a table."""
    if wants_colour(context) and context.stdout.isatty():
        _draw_rich(table, context)
    else:
        _draw_plain(table, context)


def _table(
    rows: Sequence[Row],
    names: Sequence[str],
    currency: str,
    total: Row,
    title: str = "",
    *,
    measures: Mapping[str, Measure] = ALL_NAMED,
) -> Table:
    def written(name: str, cell: Cell, own: str) -> str:
        return cell_text(name, cell, own, measures.get(name))

    last = tuple(written(name, total[name], currency) if name in total else "" for name in names)
    return Table(
        headers=tuple(header(name) for name in names),
        right=tuple(_is_number(rows, name) for name in names),
        rows=tuple(
            tuple(written(name, row.get(name), _own(row, currency)) for name in names)
            for row in rows
        ),
        total=("total", *last[1:]) if any(last[1:]) and names[0] not in total else (),
        title=title,
    )


def _facts(answer: Answer, names: Sequence[str]) -> Table:
    (row,), measures = answer.rows, answer.measures
    own = _own(row, answer.currency)
    lines = tuple(
        (header(name), cell_text(name, row[name], own, measures.get(name))) for name in names
    )
    return Table(headers=(), right=(False, False), rows=lines)


def _own(row: Row, currency: str) -> str:
    """Give the currency a row says its money is in, else that of the answer."""
    own = row.get("currency")
    return own if isinstance(own, str) and own else currency


def _shown(rows: Sequence[Row], columns: Sequence[str] | None) -> tuple[str, ...]:
    """Choose the columns: those asked for, or those with something in them."""
    names = dict.fromkeys(name for row in rows for name in row)
    if columns is not None:
        return tuple(name for name in columns if name in names)
    left_out = LEFT_OUT if "cost" in names else ()
    return tuple(
        name
        for name in names
        if name not in left_out
        and not any(_is_rows(row.get(name)) and not _is_series(row.get(name)) for row in rows)
        and any(row.get(name) not in (None, "", ()) for row in rows)
    )


def _is_rows(cell: Cell) -> bool:
    if isinstance(cell, str) or not isinstance(cell, Sequence):
        return False
    return any(isinstance(it, Mapping) for it in cell)


def _is_series(cell: Cell) -> bool:
    """A list of days is drawn as bars, not as a table."""
    return _is_rows(cell) and "day" in cast("Sequence[Row]", cell)[0]


def _is_number(rows: Sequence[Row], name: str) -> bool:
    return any(
        isinstance(row.get(name), Decimal | int | Absent) and not isinstance(row.get(name), bool)
        for row in rows
    )


def _draw_plain(table: Table, context: Context) -> None:
    lines = [line for line in (table.headers, *table.rows, table.total) if line]
    widths = [max(len(line[at]) for line in lines) for at in range(len(table.right))]
    if table.title:
        context.say(table.title)
    for line in lines:
        cells = [
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(line, widths, table.right, strict=True)
        ]
        context.say(GAP.join(cells).rstrip())


def fitting(table: Table, width: int) -> tuple[Table, tuple[str, ...]]:
    """Leave out the last columns that do not fit, and name them: a number is never cut."""
    lines = [line for line in (table.headers, *table.rows, table.total) if line]
    used = kept = 0
    for at, right in enumerate(table.right):
        natural = max(len(line[at]) for line in lines)
        used += (natural if right else min(natural, TEXT_WIDTH)) + RICH_GAP
        kept += used <= width or at < COLUMNS_MIN
    cut = Table(
        headers=table.headers[:kept],
        right=table.right[:kept],
        rows=tuple(row[:kept] for row in table.rows),
        total=table.total[:kept],
        title=table.title,
    )
    return cut, table.headers[kept:]


def _draw_rich(table: Table, context: Context) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    console = Console(file=context.stdout)
    table, left_out = fitting(table, console.width)
    drawn = RichTable(
        title=Text(table.title) if table.title else None,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_header=bool(table.headers),
        show_footer=bool(table.total),
        padding=(0, 2, 0, 0),
        pad_edge=False,
    )
    blank = ("",) * len(table.right)
    columns = zip(table.headers or blank, table.total or blank, table.right, strict=True)
    for head, foot, right in columns:
        side: Literal["left", "right"] = "right" if right else "left"
        drawn.add_column(
            Text(head), footer=Text(foot), justify=side, no_wrap=right, overflow="fold"
        )
    for row in table.rows:
        drawn.add_row(*(Text(text, style=_style(text)) for text in row))
    console.print(drawn)
    if left_out:
        context.say(f"no room for: {', '.join(left_out)} (a wider window, or --plain)")


def _style(text: str) -> str:
    if text.startswith(MINUS):
        return "red"
    return "dim" if text == ABSENT else ""
