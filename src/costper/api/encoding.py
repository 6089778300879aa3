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
    members: list[str] = []
    columns: list[Sequence[str]] = []
    for name, column in sheet.columns.items():
        values = column.units if isinstance(column, Amounts) else column
        key = (id(values), places_of(name))  # two costs are often one and the same column
        if key not in known:
            known[key] = _cells(name, column)
        form, cells = known[key]
        members.append(_json(name).replace("%", "%%") + ":" + form)
        columns.append(cells)
    template = f"{{{','.join(members)}}}"
    return f"[{','.join([template % cells for cells in zip(*columns, strict=True)])}]"


def _cells(name: str, column: Column) -> tuple[str, Sequence[str]]:
    """Give the form of a column's cells, and what goes into it, cell by cell."""
    places = places_of(name)
    cells = column.texts(places) if isinstance(column, Amounts) else column
    if _all_text(cells) and not ESCAPED.search("".join(cells)):
        return '"%s"', cells
    known = {cell: _json(cell_json(cell, places)) for cell in dict.fromkeys(cells)}
    return "%s", [known[cell] for cell in cells]


def _all_text(cells: Sequence[Scalar]) -> TypeGuard[Sequence[str]]:
    return set(map(type, cells)) <= {str}


def _json(value: Json) -> str:
    return msgspec.json.encode(value).decode()
