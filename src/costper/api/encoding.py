"""Writes an answer as the bytes of a reply; long lists column by column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeGuard

import msgspec

from costper.model.answer import Answer, Scalar
from costper.model.envelope import Json, cell_json, envelope, places_of
from costper.model.sheet import Amounts, Column, Sheet

ESCAPED = re.compile(r'["\\\x00-\x1f]')
"""What JSON does not take as it is between two quotes."""


def encoded(answer: Answer, **more: Json) -> bytes:
    """Give the envelope as JSON, with some members `more` at its end."""
    if not isinstance(answer.rows, Sheet):
        return msgspec.json.encode({**envelope(answer), **more})
    written = msgspec.Raw(_rows(answer.rows).encode())
    return msgspec.json.encode({**envelope(replace(answer, rows=())), "rows": written, **more})


def _rows(sheet: Sheet) -> str:
    """Write rows as a JSON array: what stands between two cells is the same in every row."""
    known: dict[tuple[int, int], tuple[str, Sequence[str]]] = {}
    between: list[str] = []
    columns: list[Sequence[str]] = []
    end = ""
    for name, column in sheet.columns.items():
        values = column.units if isinstance(column, Amounts) else column
        key = (id(values), places_of(name))  # two costs are often one and the same column
        if key not in known:
            known[key] = _cells(name, column)
        quote, cells = known[key]
        between.append(f"{end},{_json(name)}:{quote}")
        columns.append(cells)
        end = quote
    if not len(sheet):
        return "[]"
    return _woven(between, columns, end)


def _woven(between: list[str], columns: list[Sequence[str]], end: str) -> str:
    """Put every row's cells behind what goes before them: one list, and one join of it."""
    first = f"{end}}},{{{between[0].removeprefix(',')}"
    parts: list[str] = [text for before in (first, *between[1:]) for text in (before, "")]
    step = len(parts)
    parts *= len(columns[0])
    for at, cells in enumerate(columns):
        parts[2 * at + 1 :: step] = cells
    parts[0] = first[len(end) + 2 :]
    return f"[{''.join(parts)}{end}}}]"


def _cells(name: str, column: Column) -> tuple[str, Sequence[str]]:
    """Give the quote around a column's cells, and what goes between, cell by cell."""
    places = places_of(name)
    cells = column.texts(places) if isinstance(column, Amounts) else column
    if _all_text(cells) and (isinstance(column, Amounts) or not ESCAPED.search("".join({*cells}))):
        return '"', cells
    known = {cell: _json(cell_json(cell, places)) for cell in dict.fromkeys(cells)}
    return "", [known[cell] for cell in cells]


def _all_text(cells: Sequence[Scalar]) -> TypeGuard[Sequence[str]]:
    return set(map(type, cells)) <= {str}


def _json(value: Json) -> str:
    return msgspec.json.encode(value).decode()
