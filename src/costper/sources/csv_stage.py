"""Stage one CSV file as Parquet: every cell its exact text, every row its number."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal, Protocol, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from costper.errors import SourceError
from costper.model.delivery import Part
from costper.model.outcome import Issue
from costper.sources.hashing import Hashed
from costper.sources.headers import Headers, RawColumn
from costper.sources.paths import Found
from costper.sources.staging import ROW, text_schema

SMALL_BLOCK = 16 << 20
LARGE_BLOCK = 1 << 30
TAIL = 1 << 16
SHOWN = 20
"""At most so many bad rows of a file are told one by one; the rest are told as one."""

TOLD_ROWS = 1_000_000
"""After so many rows of a file it is told how far it is read."""

GZIP = b"\x1f\x8b"
UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Staged:
    """A staged CSV: its part, its columns, and the rows that were left out."""

    part: Part
    columns: tuple[RawColumn, ...]
    issues: tuple[Issue, ...]


def stage_csv(
    found: Found,
    headers: Headers,
    target: Path,
    delimiter: str,
    progress: Callable[[str], object] = str.strip,
) -> Staged:
    """Write one CSV (plain or gzip) to `target` with every column as text plus `_row`.

    Rows with too many or too few cells are issues, blank rows are skipped. Raises SourceError
    when the file as a whole cannot be trusted: cut off, not UTF-8, damaged, without a header.
    """
    try:
        columns = tuple(headers.names(_header(found, delimiter)))
        if not columns:
            raise SourceError("the file is empty", where=found.origin, hint="it needs a header")
        return _staged(found, columns, target, delimiter, progress)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceError(
            f"the gzip data is cut off or damaged ({error})",
            where=found.origin,
            hint="fetch the file again",
        ) from error
    except pa.ArrowInvalid as error:
        raise SourceError(str(error), where=found.origin, hint=_hint(str(error))) from error


class Readable(Protocol):
    """Anything with bytes to read on."""

    def read(self, size: int = -1, /) -> bytes:
        """Give at most `size` bytes."""
        ...


@dataclass(slots=True)
class Watched:
    """The text of a file, watched for signs that its end is missing."""

    file: Readable
    quotes: int = 0
    tail: bytes = b""
    closed: bool = False

    def read(self, size: int = -1) -> bytes:
        """Read on, counting quotes and keeping the last bytes."""
        data = self.file.read(size)
        if data:
            self.quotes += data.count(b'"')
            self.tail = (self.tail + data)[-TAIL:] if len(data) < TAIL else data[-TAIL:]
        return data

    def close(self) -> None:
        """Do nothing: who opened the file closes it."""
        self.closed = True


@dataclass(slots=True)
class Rows:
    """What was met on the way: rows left out by number, and where the next row stands.

    `told` hears of every TOLD_ROWS that were written.
    """

    told: Callable[[int], object]
    left_out: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    bad: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    passed: int = 0
    next_row: int = 1
    written: int = 0

    def refuse(self, row: pacsv.InvalidRow) -> Literal["skip"]:
        """Remember a row with a wrong number of cells; a blank line is not even bad."""
        number = cast("int", row.number)
        self.left_out.append((number, row.actual_columns))
        if row.text.strip():
            self.bad.append((number, row.actual_columns))
        return "skip"

    def numbers(self, count: int) -> pa.Array[Any]:
        """Give the row numbers of the next `count` good rows."""
        pieces: list[pa.Array[Any]] = []
        while count:
            hole = self.left_out[self.passed][0] if self.passed < len(self.left_out) else None
            if hole == self.next_row:
                self.passed += 1
                self.next_row += 1
                continue
            stop = self.next_row + count
            stop = stop if hole is None else min(stop, hole)
            pieces.append(pa.array(range(self.next_row, stop), pa.int64()))
            count -= stop - self.next_row
            self.next_row = stop
        return pa.concat_arrays(pieces) if pieces else pa.array([], pa.int64())

    def write(self, count: int) -> None:
        """Count rows that were written."""
        before = self.written
        self.written += count
        if before // TOLD_ROWS < self.written // TOLD_ROWS:
            self.told(self.written)

    @property
    def last_is_bad(self) -> bool:
        """Say whether the very last row of the file was a bad one."""
        return bool(self.bad) and self.bad[-1][0] >= self.next_row


def _header(found: Found, delimiter: str) -> list[str]:
    with found.path.open("rb") as file:
        head = file.read(2)
        file.seek(0)
        if head in UTF16:
            raise _not_utf8(found)
        plain = cast("IO[bytes]", gzip.GzipFile(fileobj=file) if head == GZIP else file)
        text = io.TextIOWrapper(plain, "utf-8-sig", errors="replace", newline="")
        rows = csv.reader(text, delimiter=delimiter)
        none: list[str] = []
        try:
            header = next((row for row in rows if any(cell.strip() for cell in row)), none)
        except csv.Error as error:
            raise SourceError(
                f"the first line is no header of a table ({error})",
                where=f"{found.origin}:1",
                hint="save it as CSV with the names of the columns on a line of their own",
            ) from error
        text.detach()
    if any("\0" in cell for cell in header):
        raise _not_utf8(found)
    return header


def _not_utf8(found: Found) -> SourceError:
    return SourceError("the text is UTF-16", where=found.origin, hint="save it as UTF-8")


def _staged(
    found: Found,
    columns: tuple[RawColumn, ...],
    target: Path,
    delimiter: str,
    progress: Callable[[str], object],
) -> Staged:
    def told(rows: int) -> None:
        progress(f"{found.origin}: {rows:,} rows read")

    try:
        return _copied(found, columns, target, delimiter, Rows(told), SMALL_BLOCK)
    except pa.ArrowInvalid as error:
        if "straddling" not in str(error):
            raise
        return _copied(found, columns, target, delimiter, Rows(told), LARGE_BLOCK)


def _copied(
    found: Found,
    columns: tuple[RawColumn, ...],
    target: Path,
    delimiter: str,
    rows: Rows,
    block: int,
) -> Staged:
    with found.path.open("rb") as file:
        hashed = Hashed(file)
        zipped = file.read(2) == GZIP
        file.seek(0)
        opened = gzip.GzipFile(fileobj=cast("IO[bytes]", hashed)) if zipped else hashed
        watched = Watched(cast("Readable", opened))
        last = _write(_batches(watched, columns, delimiter, block, rows), columns, target, rows)
        sha256 = hashed.drain()  # what follows the gzip data belongs to the file too
    _check(found, watched, rows, last, len(columns))
    part = Part(
        path=str(target),
        origin=found.origin,
        sha256=sha256,
        rows=rows.written,
        row_column=ROW,
    )
    issues = (*_issues(found, rows.bad, len(columns)), *_unended(found, watched, rows, last))
    return Staged(part, columns, issues)


def _batches(
    watched: Watched, columns: Sequence[RawColumn], delimiter: str, block: int, rows: Rows
) -> Iterator[pa.RecordBatch]:
    names = [column.name for column in columns]
    reader = pacsv.open_csv(
        cast("IO[bytes]", watched),
        # One thread: only then does a refused row know its number.
        read_options=pacsv.ReadOptions(use_threads=False, block_size=block, column_names=names),
        parse_options=pacsv.ParseOptions(
            delimiter=delimiter,
            quote_char='"',
            double_quote=True,
            escape_char=False,
            newlines_in_values=True,
            ignore_empty_lines=len(columns) == 1,
            invalid_row_handler=rows.refuse,
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )
    at_header = True
    for batch in reader:
        numbers = rows.numbers(batch.num_rows)
        numbered = batch.append_column(ROW, numbers)
        skip = 1 if at_header and batch.num_rows else 0
        at_header = at_header and not skip
        yield numbered.slice(skip)


def _write(
    batches: Iterator[pa.RecordBatch], columns: Sequence[RawColumn], target: Path, rows: Rows
) -> str:
    """Write the batches and give the last cell of the last row."""
    schema = text_schema([column.name for column in columns])
    last = ""
    with pq.ParquetWriter(target, schema, compression="snappy") as writer:
        for batch in batches:
            if batch.num_rows:
                last = cast("str", batch.column(len(columns) - 1)[-1].as_py())
            filled = _without_blank_rows(batch, len(columns))
            if filled.num_rows:
                writer.write_batch(filled)
            rows.write(filled.num_rows)
    return last


def _without_blank_rows(batch: pa.RecordBatch, cells: int) -> pa.RecordBatch:
    blank = pa.array([True], pa.bool_()).take(pa.array([0] * batch.num_rows, pa.int64()))
    nothing = pa.scalar("")
    for position in range(cells):
        blank = pc.and_(blank, pc.equal(batch.column(position), nothing))
        if not pc.any(blank).as_py():
            return batch
    return batch.filter(pc.invert(blank))


def _check(found: Found, watched: Watched, rows: Rows, last: str, cells: int) -> None:
    ended = watched.tail.endswith((b"\n", b"\r"))
    open_quote = watched.quotes % 2 == 1
    if rows.last_is_bad and (open_quote or not ended):
        number, actual = rows.bad[-1]
        raise SourceError(
            f"the file ends in the middle of a row ({actual} of {cells} cells)",
            where=f"{found.origin}:{number}",
            hint="fetch the file again",
        )
    if open_quote and _is_open(last, watched.tail):
        raise SourceError(
            "the file ends inside a quoted cell",
            where=f"{found.origin}:{rows.next_row - 1}",
            hint="fetch the file again; a quote that opens must close",
        )
    if rows.bad and not rows.written:
        raise SourceError(
            f"the header has {cells} columns and no row has as many"
            f" (the first has {rows.bad[0][1]})",
            where=f"{found.origin}:{rows.bad[0][0]}",
            hint="a comma is missing in the header, or the file is of another kind",
        )


def _unended(found: Found, watched: Watched, rows: Rows, last: str) -> Iterator[Issue]:
    """Doubt a last cell that nothing ends: half a number is a number too."""
    if rows.written and last and not watched.tail.endswith((b"\n", b"\r", b'"')):
        yield Issue(
            code="no_line_end",
            message="the file does not end with a line end; its last row may be cut off",
            where=f"{found.origin}:{rows.next_row - 1}",
            severity="warning",
            hint="compare the last row with where the file comes from, or fetch it again",
        )


def _is_open(last: str, tail: bytes) -> bool:
    """Say whether the last cell began with a quote that never closed."""
    written = b'"' + last.replace('"', '""').encode()
    return len(written) >= TAIL or tail.endswith(written)


def _issues(found: Found, bad: Sequence[tuple[int, int]], cells: int) -> Iterator[Issue]:
    for number, actual in bad[:SHOWN]:
        yield Issue(
            code="bad_row",
            message=f"the row has {actual} cells, the header has {cells}; it was left out",
            where=f"{found.origin}:{number}",
            hint="quote cells that hold a comma or a line end",
        )
    if len(bad) > SHOWN:
        yield Issue(
            code="bad_row",
            message=f"more rows have another number of cells than the header ({cells})",
            where=f"{found.origin}:{bad[SHOWN][0]}",
            hint="quote cells that hold a comma or a line end",
            count=len(bad) - SHOWN,
        )


def _hint(message: str) -> str:
    if "UTF8" in message:
        return "save the file as UTF-8"
    return "a cell is larger than 1 GiB" if "straddling" in message else "fetch the file again"
