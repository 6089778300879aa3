"""Puts the rows of a FOCUS export together, column by column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from costper.model.charge import CHARGE_COLUMNS, Column
from costper.model.money import COST_COLUMNS

FOCUS: tuple[Column, ...] = tuple(column for column in CHARGE_COLUMNS if column.focus)
ORIGIN = "x_OriginCharge"
KINDS = {**{column.focus: column.kind for column in FOCUS}, ORIGIN: "text"}
"""What each column of the file holds, in order."""

SUMMABLE = (
    *COST_COLUMNS,
    "pricing_currency_effective_cost",
    "pricing_quantity",
    "consumed_quantity",
)
TOLD = (
    "allocated_method_id",
    "allocated_resource_id",
    "allocated_resource_name",
    "allocated_tags",
    "allocated_method_details",
)
SCALES = {"money": 21, "quantity": 18}
ARROW: dict[str, pa.DataType] = {
    **{kind: pa.decimal128(38, scale) for kind, scale in SCALES.items()},
    "instant": pa.timestamp("us", tz="UTC"),
}
SCHEMA = pa.schema([pa.field(name, ARROW.get(kind, pa.string())) for name, kind in KINDS.items()])
SCALE = {it.name: SCALES[it.kind] for it in FOCUS if it.name in SUMMABLE}
WIDTH = 16
"""The bytes of one decimal in Arrow."""

Values = Any
"""An Arrow array; the stubs of Arrow do not know all that is done with one here."""

Told = tuple[str | None, ...]
"""What is said of one part, as TOLD names it."""


@dataclass(slots=True)
class Lot:
    """Some rows to be written: whole charges of a table, and the parts of divided ones."""

    charges: Mapping[str, Values]
    places: list[int] = field(default_factory=list[int])
    _told: list[int | None] = field(default_factory=list[int | None])
    _texts: list[Told] = field(default_factory=list[Told])
    _known: dict[object, int] = field(default_factory=dict[object, int])
    _amounts: dict[str, list[bytes]] = field(
        default_factory=lambda: {name: [] for name in SUMMABLE}
    )
    _raw: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def __post_init__(self) -> None:
        """Look at the amounts as the bytes they are."""
        self._raw = {name: _bytes(self.charges[name]) for name in SUMMABLE}

    def amount(self, name: str, place: int) -> int | None:
        """Give a charge's amount in its smallest unit; None where it has none."""
        if not self.charges[name][place].is_valid:
            return None
        raw = self._raw[name][WIDTH * place : WIDTH * (place + 1)]
        return int.from_bytes(raw, "little", signed=True)

    def whole(self, first: int, last: int) -> None:
        """Add the charges from one place up to before another as they are."""
        self.places.extend(range(first, last))
        self._told.extend([None] * (last - first))
        for name, raw in self._raw.items():
            self._amounts[name].append(raw[WIDTH * first : WIDTH * last])

    def divided(
        self, place: int, amounts: Mapping[str, bytes], told: Sequence[Told], alike: object = None
    ) -> None:
        """Add a charge's parts; those with the same `alike` are told of in the same way."""
        many = len(told)
        start = self._known.get(alike, -1) if alike is not None else -1
        if start < 0:
            start = len(self._texts)
            self._texts.extend(told)
            self._known[alike] = start
        self.places.extend([place] * many)
        self._told.extend(range(start, start + many))
        for name in SUMMABLE:
            self._amounts[name].append(amounts.get(name) or bytes(WIDTH * many))

    def taken(self) -> pa.Table:
        """Give the rows added so far in the shape of SCHEMA, and begin anew."""
        index = pa.array(self.places, pa.int64())
        told = pa.array(self._told, pa.int64())
        columns = [self._column(column, index, told) for column in FOCUS]
        origin = _origins(self.charges).take(index)
        self._clear()
        return pa.Table.from_arrays([*columns, origin], schema=SCHEMA)

    def _clear(self) -> None:
        self.places.clear()
        self._told.clear()
        self._texts.clear()
        self._known.clear()
        for chunks in self._amounts.values():
            chunks.clear()

    def _column(self, column: Column, index: Values, told: Values) -> Values:
        kind = _kind(column)
        taken = self.charges[column.name].take(index)
        if column.name in SUMMABLE:
            data = pa.py_buffer(b"".join(self._amounts[column.name]))
            values = pa.Array.from_buffers(kind, len(index), [None, data])
            return pc.if_else(taken.is_valid(), values, pa.scalar(None, kind))
        taken = taken.cast(kind)
        if column.name in TOLD and self._texts:
            place = TOLD.index(column.name)
            texts = pa.array([text[place] for text in self._texts], pa.string())
            return pc.if_else(told.is_valid(), texts.take(told), taken)
        return taken


def _kind(column: Column) -> pa.DataType:
    return ARROW.get(column.kind, pa.string())


def columns_of(table: pa.Table) -> dict[str, Values]:
    """Give the columns of a table that has rows, each in one piece."""
    found = {name: table.column(name).combine_chunks() for name in table.column_names}
    for name, scale in SCALE.items():
        found[name] = found[name].cast(pa.decimal128(38, scale))
    return found


def groups(columns: Iterable[Values]) -> list[int]:
    """Number rows so that those with the same values, and only those, have the same number."""
    codes: Values | None = None
    for column in columns:
        encoded = column.dictionary_encode(null_encoding="encode")
        own = encoded.indices.cast(pa.int64())
        if codes is not None:
            own = pc.add(pc.multiply(codes, pa.scalar(len(encoded.dictionary))), own)
        codes = own.dictionary_encode().indices.cast(pa.int64())
    found: list[int] = [] if codes is None else codes.to_pylist()
    return found


def as_bytes(amounts: Iterable[int]) -> bytes:
    """Write whole numbers as Arrow keeps decimals."""
    return b"".join([amount.to_bytes(WIDTH, "little", signed=True) for amount in amounts])


def _bytes(column: Values) -> bytes:
    buffer = column.buffers()[1]
    start = WIDTH * column.offset
    return bytes(memoryview(buffer)[start : start + WIDTH * len(column)])


def _origins(charges: Mapping[str, Values]) -> Values:
    """Name the bill rows as charge_id does: SOURCE/DELIVERY/FILE:ROW."""
    delivery, file, row = (
        charges[name].cast(pa.string()) for name in ("delivery_id", "file_no", "row_no")
    )
    place = pc.binary_join_element_wise(file, row, ":")
    return pc.binary_join_element_wise(charges["source"].cast(pa.string()), delivery, place, "/")
