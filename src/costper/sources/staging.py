"""Write rows made in Python, from an API or JSON, to a part.

    with RowWriter(context.workdir / "page.parquet", ("day", "amount"), "aws:2026-08") as out:
        for item in pages:
            out.add({"day": item.day, "amount": str(item.amount)})
    part, columns = out.part, out.columns

Every column is text, exactly as given; a missing name or None is NULL. `_row` counts from 1,
or is the row of the file that `add` is told (one row of a file may give several).
The part's sha256 is that of its rows, so the same answer twice is the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from costper.model.delivery import Part
from costper.sources.hashing import Digest
from costper.sources.headers import RawColumn

BATCH = 20_000
ROW = "_row"
Cells = Mapping[str, str | None]


def text_schema(names: Sequence[str]) -> pa.Schema:
    """Give the schema of every staged file: text columns, then the row's number."""
    fields: list[tuple[str, pa.DataType]] = [(name, pa.string()) for name in names]
    return pa.schema([*fields, (ROW, pa.int64())])


@dataclass(slots=True)
class RowWriter:
    """A part being written; `part` and `columns` are there once it is closed.

    A name that is not among `names` raises KeyError: it would be lost silently.
    """

    path: Path
    names: Sequence[str]
    origin: str
    rows: int = 0
    again: int = 0
    last: int | None = None
    waiting: list[Cells] = field(default_factory=list[Cells])
    numbers: list[int] = field(default_factory=list[int])
    digest: Digest = field(default_factory=hashlib.sha256)
    writer: pq.ParquetWriter | None = None

    def __enter__(self) -> Self:
        """Open the file."""
        self.writer = pq.ParquetWriter(self.path, text_schema(self.names), compression="snappy")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write what waits and close the file."""
        if kind is None:
            self._flush()
        if self.writer is not None:
            self.writer.close()

    def add(self, cells: Cells, *, row: int | None = None) -> None:
        """Add one row; `row` is where its origin stands, the next number when left out."""
        unknown = cells.keys() - set(self.names)
        if unknown:
            raise KeyError(f"not a staged column: {', '.join(sorted(unknown))}")
        self.waiting.append(cells)
        number = self.rows + len(self.waiting) if row is None else row
        self.again += number == self.last
        self.last = number
        self.numbers.append(number)
        if len(self.waiting) >= BATCH:
            self._flush()

    @property
    def part(self) -> Part:
        """The finished part."""
        return Part(
            path=str(self.path),
            origin=self.origin,
            sha256=self.digest.hexdigest(),
            rows=self.rows,
            row_column=ROW,
            again=self.again,
        )

    @property
    def columns(self) -> tuple[RawColumn, ...]:
        """Its raw columns, for costper.sources.projection."""
        return tuple(RawColumn(name, name) for name in self.names)

    def _flush(self) -> None:
        if not self.waiting or self.writer is None:
            return
        table = [[cells.get(name) for cells in self.waiting] for name in self.names]
        for column in table:
            self.digest.update(repr(column).encode())
        arrays = [pa.array(column, pa.string()) for column in table]
        schema = text_schema(self.names)
        batch = pa.record_batch([*arrays, pa.array(self.numbers, pa.int64())], schema=schema)
        self.writer.write_batch(batch)
        self.rows += len(self.waiting)
        self.waiting.clear()
        self.numbers.clear()
