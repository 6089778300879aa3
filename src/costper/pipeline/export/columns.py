"""An answer as an Arrow table: one typed column for each of its columns, no digit lost."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any, cast

import pyarrow as pa

from costper.model.answer import Absent, Answer, Cell, Row, Scalar
from costper.model.envelope import cell_json, envelope
from costper.model.money import MONEY_SCALE

MONEY = pa.decimal128(38, MONEY_SCALE)
"""What an amount is, as in the books; more digits than fit make the whole column wider."""

WIDE, WIDEST = 38, 76
LONGEST_INT = 2**63 - 1
ENVELOPE = b"costper"
TOTAL = b"costper.total"
ARROW_STREAM = "application/vnd.apache.arrow.stream"
Columns = dict[str, "pa.Array[Any]"]


def arrow_of(answer: Answer) -> pa.Table:
    """Give the rows as a table.

    Amounts are DECIMAL(38,21), or as wide as their digits need; days DATE; counts BIGINT; what is
    absent is null, and where an absence has a reason a column `<column>_reason` stands beside.
    Rows inside a row are lists of structs. The schema's metadata holds the answer without its
    rows as JSON (`costper`), and the total as a stream of one row in base64, for only text may
    stand there (`costper.total`).
    """
    told = json.dumps(envelope(replace(answer, rows=())), ensure_ascii=False)
    total = stream_of(_table([answer.total] if answer.total else []))
    return _table(answer.rows).replace_schema_metadata(
        {ENVELOPE: told.encode(), TOTAL: b64encode(total)}
    )


def arrow_bytes(answer: Answer) -> bytes:
    """Write the rows as an Arrow stream."""
    return stream_of(arrow_of(answer))


def stream_of(table: pa.Table) -> bytes:
    """Write a table as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def _table(rows: Sequence[Row]) -> pa.Table:
    columns = _columns(rows)
    return pa.table(list(columns.values()), names=list(columns))


def _columns(rows: Sequence[Row]) -> Columns:
    """Make a column of each name any row has, with its reasons beside where there are some."""
    names = dict.fromkeys(name for row in rows for name in row)
    found: Columns = {}
    for name in names:
        cells = [row.get(name) for row in rows]
        found[name] = _array(cells)
        reasons = [cell.reason if isinstance(cell, Absent) else None for cell in cells]
        if any(reasons):
            told = f"{name}_reason"
            while told in names:  # an answer's own column keeps its name
                told = f"{told}_"
            found[told] = pa.array(reasons, pa.string())
    return found


def _array(cells: Sequence[Cell]) -> pa.Array[Any]:
    there = [cell for cell in cells if cell is not None and not isinstance(cell, Absent)]
    if not there:
        absent = any(isinstance(cell, Absent) for cell in cells)
        return pa.nulls(len(cells), MONEY if absent else pa.string())
    if all(isinstance(cell, Sequence) and not isinstance(cell, str) for cell in there):
        return _lists(cells)
    kind = _kind(there)
    if kind is None:
        texts = [None if cell is None else _text(cell) for cell in cells]
        return pa.array(texts, pa.string())
    values = [None if isinstance(cell, Absent) else cell for cell in cells]
    if pa.types.is_decimal(kind):
        values = [Decimal(one) if isinstance(one, int) else one for one in values]
    return pa.array(values, kind)


def _kind(there: Sequence[Cell]) -> pa.DataType | None:
    """Find the type that holds every value; None where they have none in common."""
    kinds = {type(cell) for cell in there}
    if kinds == {bool}:
        return pa.bool_()
    if kinds == {str}:
        return pa.string()
    if kinds == {date}:
        return pa.date32()
    if kinds == {int} and all(abs(cast("int", cell)) <= LONGEST_INT for cell in there):
        return pa.int64()
    if kinds <= {int, Decimal}:
        return _decimal([Decimal(cast("int | Decimal", cell)) for cell in there])
    return None


def _decimal(amounts: Sequence[Decimal]) -> pa.DataType | None:
    """Take the width of the books where every amount fits, else the least that does."""
    places, whole = 0, 1
    for amount in amounts:
        exponent = cast("int", amount.as_tuple().exponent)
        places = max(places, -exponent)
        whole = max(whole, amount.adjusted() + 1)
    if places <= MONEY_SCALE and whole <= WIDE - MONEY_SCALE:
        return MONEY
    if whole + places <= WIDE:
        return pa.decimal128(WIDE, places)
    return pa.decimal256(WIDEST, places) if whole + places <= WIDEST else None


def _lists(cells: Sequence[Cell]) -> pa.Array[Any]:
    """Make a list of values, or of structs, for each row; a list that is absent is null."""
    lists = [_items(cell) for cell in cells]
    ends = list(accumulate((len(one or ()) for one in lists), initial=0))
    inner = [item for one in lists for item in one or ()]
    if inner and all(isinstance(item, Mapping) for item in inner):
        columns = _columns(cast("list[Row]", inner))
        values: pa.Array[Any] = pa.StructArray.from_arrays(list(columns.values()), list(columns))
    else:
        values = _array([cast("Scalar", item) for item in inner])
    mask = pa.array([one is None for one in lists], pa.bool_())
    offsets = pa.array(ends, pa.int32())
    return pa.ListArray.from_arrays(offsets, values, mask=mask)


def _items(cell: Cell) -> Sequence[Scalar | Row] | None:
    if isinstance(cell, Sequence) and not isinstance(cell, str):
        return cast("Sequence[Scalar | Row]", cell)
    return None


def _text(cell: Cell) -> str | None:
    if isinstance(cell, Absent):
        return None
    return cell if isinstance(cell, str) else json.dumps(cell_json(cell, 0), ensure_ascii=False)
