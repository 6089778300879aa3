"""Writes an answer as the bytes of a reply; long lists column by column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeGuard

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from costper.api.amount_texts import amount_texts
from costper.model.answer import Answer, Scalar
from costper.model.envelope import Json, cell_json, envelope, places_of
from costper.model.sheet import Amounts, Column, Sheet

ESCAPE = b"\\"
"""What stands before a character that JSON does not take as it is between two quotes."""


def encoded(answer: Answer, **more: Json) -> bytes:
    """Give the envelope as JSON, with some members `more` at its end."""
    if not isinstance(answer.rows, Sheet):
        return msgspec.json.encode({**envelope(answer), **more})
    written = msgspec.Raw(_rows(answer.rows))
    return msgspec.json.encode({**envelope(replace(answer, rows=())), "rows": written, **more})


def _rows(sheet: Sheet) -> bytes:
    """Write rows as a JSON array: what stands between two cells is the same in every row."""
    if not len(sheet):
        return b"[]"
    known: dict[tuple[int, int], tuple[str, Any]] = {}
    pieces: list[Any] = []
    before = "{"
    for name, column in sheet.columns.items():
        values = column.units if isinstance(column, Amounts) else column
        key = (id(values), places_of(name))  # two costs are often one and the same column
        if key not in known:
            known[key] = _cells(name, column)
        quote, cells = known[key]
        pieces += (pa.scalar(f"{before}{_json(name)}:{quote}"), cells)
        before = f"{quote},"
    pieces.append(pa.scalar(f"{before.removesuffix(',')}}}"))
    every: Any = pc
    rows = every.binary_join_element_wise(*pieces, "")
    joined = every.binary_join(pa.ListArray.from_arrays([0, len(rows)], rows), ",")
    return b"".join((b"[", joined[0].as_buffer(), b"]"))


def _cells(name: str, column: Column) -> tuple[str, Any]:
    """Give the quote around a column's cells, and what goes between, cell by cell."""
    places = places_of(name)
    if isinstance(column, Amounts) and (written := amount_texts(column, places)) is not None:
        return '"', written
    cells = column.texts(places) if isinstance(column, Amounts) else column
    if _all_text(cells) and (isinstance(column, Amounts) or ESCAPE not in _encoded(cells)):
        return '"', pa.array(cells, pa.string())
    known = {cell: _json(cell_json(cell, places)) for cell in dict.fromkeys(cells)}
    return "", pa.array([known[cell] for cell in cells], pa.string())


def _all_text(cells: Sequence[Scalar]) -> TypeGuard[Sequence[str]]:
    return set(map(type, cells)) <= {str}


def _json(value: Json) -> str:
    return _encoded(value).decode()


_encoded = msgspec.json.encode
