"""Prints an answer: a table for people, JSON or CSV for programs."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TextIO

from costper.cli.context import Context
from costper.cli.figures import ABSENT, header, money, percent
from costper.cli.options import Form, ToFile
from costper.cli.table import Table, draw, footnotes, inner_tables, table_of
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.envelope import PLACES, cell_json, envelope, places_of
from costper.model.money import plain
from costper.model.plural import plural

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\uff1d", "\uff0b", "\uff0d", "\uff20")
CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if code != ord("\t")}
"""Characters that move a terminal's cursor, colour its text, or end a line: none is in a name."""


def show(
    answer: Answer, form: Form, context: Context, *, columns: Sequence[str] | None = None
) -> None:
    """Print an answer. `columns` are those a table shows, in order; JSON and CSV have all."""
    if isinstance(form, ToFile):
        _write_file(answer, form, context)
    elif form == "json":
        json.dump(envelope(answer), context.stdout, indent=2, ensure_ascii=False)
        context.say()
    elif form == "csv":
        _write_csv(answer, context.stdout)
    else:
        _show_tables(answer, context, columns)
        for issue in answer.issues:
            context.tell(issue.text())


def _write_file(answer: Answer, form: ToFile, context: Context) -> None:
    from costper.pipeline.export.files import write_answer

    rows = write_answer(answer, context.cwd / form.path, form.kind)
    context.say(f"{form.path}: {plural(rows, 'row')}")
    for issue in answer.issues:
        context.tell(issue.text())


def footer(answer: Answer) -> str:
    """Say what may be believed about the numbers; "" when there is nothing to say.

    Days settle only where days are asked for. An answer about one name has the coverage of all.
    """
    parts = [f"as of {answer.as_of}"] if answer.as_of else []
    if "from" in answer.question:
        settled = answer.settled_through
        parts.append(f"settled through {settled.isoformat() if settled else 'no day yet'}")
        parts.append("estimated" if answer.estimated else "final")
    whose = " of all cost" if answer.question.get("noun") in answer.question else ""
    if answer.coverage is not None:
        parts.append(f"coverage {percent(answer.coverage.scaleb(2))}{whose}")
    if answer.unallocated:
        reasons = answer.unallocated.items()
        told = ", ".join(_unallocated(why, cost, answer.currency) for why, cost in reasons)
        parts.append(f"unallocated{whose and ' (of all cost)'} {told}")
    return " · ".join(parts)


def _unallocated(reason: str, cost: Decimal | Absent, currency: str) -> str:
    if isinstance(cost, Absent):
        return f"{ABSENT} {header(reason)} ({header(cost.reason)})"
    return f"{money(cost, currency)} {header(reason)}"


def title(question: Row) -> str:
    """Say what was asked, on one line."""
    asked = dict(question)
    start, end, days = (asked.pop(key, None) for key in ("from", "to", "days"))
    for silent in ("previous_from", "days_with_data"):
        asked.pop(silent, None)
    noun = asked.pop("noun", "")
    words = [str(noun)] if noun else []
    rows, parts = (asked.pop(key, None) for key in ("bill_rows", "parts"))
    words += [
        str(cell) if name == noun else f"{header(name)} {_word(cell)}"
        for name, cell in asked.items()
        if cell not in (None, "", ())
    ]
    if isinstance(rows, int) and isinstance(parts, int):
        words.append(f"{rows:,} bill rows in {parts:,} parts")
    if isinstance(start, date) and isinstance(end, date):
        many = f" ({days} {'day' if days == 1 else 'days'})" if days else ""
        words.append(f"{start} to {end}{many}")
    return " · ".join(words)


def _show_tables(answer: Answer, context: Context, columns: Sequence[str] | None) -> None:
    head = title(answer.question)
    if head:
        context.say(head)
    if not answer.rows:
        context.say(_nothing(answer))
    main = table_of(answer, columns)
    _draw_all([main, *inner_tables(answer)] if main.rows else [], context)
    for line in (*footnotes(answer, columns), footer(answer)):
        if line:
            context.say(line)


def _nothing(answer: Answer) -> str:
    """Say that there is no row, and why as far as the answer knows."""
    reasons = "; ".join(issue.message for issue in answer.issues)
    return f"nothing to show: {reasons}" if reasons else "nothing to show"


def _draw_all(tables: Iterable[Table], context: Context) -> None:
    for table in tables:
        if table.title:
            context.say()
        draw(table, context)


def _write_csv(answer: Answer, out: TextIO) -> None:
    rows = answer.rows
    names = list(dict.fromkeys(name for row in rows for name in row))
    places = {name: places_of(name) for name in names}
    places |= {name: PLACES[measure] for name, measure in answer.measures.items()}
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_csv_cell(row.get(name), places[name]) for name in names])


def _csv_cell(cell: Cell, places: int) -> str:
    """An absent number is an empty cell; a list stays JSON.

    A spreadsheet runs a text that starts like a formula, and tags are written by anybody.
    """
    if cell is None or isinstance(cell, Absent):
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Decimal):
        return plain(cell, places)
    if isinstance(cell, str):
        text = cell.translate(CONTROLS)
        return f"'{text}" if text.startswith(FORMULA_STARTS) else text
    if isinstance(cell, int | date):
        return str(cell)
    return json.dumps(cell_json(cell), ensure_ascii=False).translate(CONTROLS)


def _word(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return plain(cell)
    if isinstance(cell, str | int | date):
        return str(cell)
    if isinstance(cell, Sequence):
        return ", ".join(str(it) for it in cell if not isinstance(it, Mapping))
    return ""
