"""Open CSV and Parquet files as parts: exact text, row numbers, one hash of the bytes.

    files = find("bills/*.csv", context, outside=False)
    opened = open_sheets(files, context.workdir)
    if len(opened.items) < len(files): ...      # a file cannot be trusted: land nothing
    columns = columns_of(opened.items)          # what costper.sources.projection builds on
    parts = tuple(sheet.part for sheet in opened.items)

A CSV becomes a staged Parquet file with every column as text plus `_row` (row 1 is the
header); a Parquet file is used where it lies. A row with the wrong number of cells is an issue
and the rest go on. A file that is cut off, not UTF-8 or not what it says is one issue with code
`unreadable_file` and gives no sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from costper.errors import SourceError, suggestion
from costper.model.delivery import Part
from costper.model.outcome import Issue, Outcome
from costper.sources.csv_stage import stage_csv
from costper.sources.hashing import sha256_of
from costper.sources.headers import Headers, RawColumn
from costper.sources.paths import Found
from costper.sources.probe import raw_types

PARQUET = b"PAR1"
DIGITS = 38
ZONED_NS = "TIMESTAMPTZ_NS"
"""How pandas writes times; DuckDB cannot cast it."""
NOT_TABLES = {b"PK\x03\x04": "a zip archive; unpack it", b"\xd0\xcf\x11\xe0": "an Excel file"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file of a table: its part and its raw columns, in the file's order."""

    part: Part
    columns: tuple[RawColumn, ...]


def open_sheets(
    files: Sequence[Found],
    workdir: Path,
    *,
    delimiter: str = "",
    progress: Callable[[str], object] = str.strip,
) -> Outcome[Sheet]:
    """Open the files of one group, in order; the same header has one name in all of them.

    `delimiter` "" means a tab for .tsv and .tsv.gz, a comma otherwise. A file that cannot be
    read gives an `unreadable_file` issue and no sheet; the caller decides what still holds.
    `progress` hears how far long files are read.
    """
    headers = Headers()
    sheets: list[Sheet] = []
    issues: list[Issue] = []
    for number, found in enumerate(files):
        target = workdir / f"{len(list(workdir.iterdir())):05}-{number:05}.parquet"
        try:
            sheet, met = _open(found, headers, target, delimiter, progress)
        except SourceError as error:
            issues.append(_unreadable(error))
        except OSError as error:
            issues.append(_unreadable(SourceError(_os_words(error), where=found.origin)))
        else:
            sheets.append(sheet)
            issues.extend(met)
    return Outcome(_agreed(tuple(sheets), workdir), tuple(issues))


def columns_of(sheets: Sequence[Sheet]) -> tuple[RawColumn, ...]:
    """Give the columns of all sheets together, each once, in order of first appearance."""
    columns: dict[str, RawColumn] = {}
    for sheet in sheets:
        for column in sheet.columns:
            columns.setdefault(column.name, column)
    return tuple(columns.values())


def ambiguous_columns(sheet: Sheet, headers: Sequence[str]) -> list[Issue]:
    """Say which of these headers a sheet has twice; nobody can tell which one is meant."""
    there = [column.header for column in sheet.columns]
    alike = [header.casefold() for header in there]
    return [
        Issue(
            code="ambiguous_column",
            message=f"there are two columns {header!r}; not landed",
            where=f"{sheet.part.origin}:1",
            hint="remove or rename the one that is not meant",
        )
        for header in headers
        if there.count(header) > 1 or (header not in there and alike.count(header.casefold()) > 1)
    ]


def missing_columns(sheet: Sheet, headers: Sequence[str]) -> list[Issue]:
    """Say which of these headers a sheet does not have; the sheet cannot be used then."""
    there = [column.header for column in sheet.columns]
    known = {header.casefold() for header in there}
    return [
        Issue(
            code="missing_column",
            message=f"there is no column {header!r}",
            where=f"{sheet.part.origin}:1",
            hint=suggestion(header, there),
        )
        for header in headers
        if header.casefold() not in known
    ]


def without_rows(sheets: Sequence[Sheet], *, together: bool = False) -> list[Issue]:
    """Say which sheets hold a header alone; of those that belong together only where all do.

    A vendor that cuts a bill into files may leave one of them empty; a bill of nothing is doubtful.
    """
    empty = [sheet for sheet in sheets if not sheet.part.rows]
    if together and len(empty) < len(sheets):
        return []
    return [
        Issue(
            code="no_rows",
            message="there is no row below the header; nothing of it is in the books",
            where=f"{sheet.part.origin}:1",
            severity="warning",
            hint="fetch the file again; if the period has no rows, nothing need be done",
        )
        for sheet in empty
    ]


def _open(
    found: Found,
    headers: Headers,
    target: Path,
    delimiter: str,
    progress: Callable[[str], object],
) -> tuple[Sheet, tuple[Issue, ...]]:
    with found.path.open("rb") as file:
        magic = file.read(4)
    for start, kind in NOT_TABLES.items():
        if magic.startswith(start):
            raise SourceError(f"this is {kind}", where=found.origin)
    if magic == PARQUET:
        return _parquet(found, headers, target), ()
    if found.path.suffix.lower() == ".parquet":
        raise SourceError(
            "this is not a Parquet file", where=found.origin, hint="fetch the file again"
        )
    tab = Path(found.origin.lower().removesuffix(".gz")).suffix == ".tsv"
    staged = stage_csv(found, headers, target, delimiter or ("\t" if tab else ","), progress)
    return Sheet(staged.part, staged.columns), staged.issues


def _parquet(found: Found, headers: Headers, target: Path) -> Sheet:
    try:
        with pq.ParquetFile(found.path) as file:
            names, kinds = file.schema_arrow.names, file.schema_arrow.types
            rows = file.metadata.num_rows
        types = raw_types(str(found.path))
    except (pa.ArrowException, duckdb.Error, OSError) as error:
        raise _damaged(found.origin, error) from error
    columns = tuple(
        replace(column, sql_type=kind)
        for column, kind in zip(headers.names(names), types, strict=True)
    )
    part = Part(path=str(found.path), origin=found.origin, sha256=sha256_of(found.path), rows=rows)
    sheet = Sheet(part, columns)
    exact = frozenset(c.name for c, kind in zip(columns, kinds, strict=True) if _is_wide(kind))
    as_it_is = not exact and all(column.sql_type != ZONED_NS for column in columns)
    if as_it_is and [column.name for column in columns] == names:
        return sheet
    return _rewritten(sheet, target, as_text=exact)


def _is_wide(kind: pa.DataType) -> bool:
    """DuckDB reads more than 38 digits as DOUBLE and loses some."""
    return pa.types.is_decimal(kind) and kind.precision > DIGITS


def _retyped(column: RawColumn, kind: pa.DataType, *, text: bool) -> tuple[RawColumn, pa.DataType]:
    """Give a column and its type as they are to be written anew."""
    if text:
        return replace(column, sql_type="VARCHAR"), pa.string()
    if column.sql_type != ZONED_NS:
        return column, kind
    return replace(column, sql_type="TIMESTAMP WITH TIME ZONE"), pa.timestamp("us", "UTC")


def _rewritten(sheet: Sheet, target: Path, as_text: frozenset[str]) -> Sheet:
    """Copy a Parquet file with the sheet's own column names, some columns cast to text."""
    try:
        with pq.ParquetFile(sheet.part.path) as file:
            retyped = [
                _retyped(column, kind, text=column.name in as_text)
                for column, kind in zip(sheet.columns, file.schema_arrow.types, strict=True)
            ]
            columns = tuple(column for column, _ in retyped)
            names = [column.name for column in columns]
            schema = pa.schema([(column.name, kind) for column, kind in retyped])
            with pq.ParquetWriter(target, schema) as writer:
                for batch in file.iter_batches():
                    table = pa.Table.from_batches([batch]).rename_columns(names)
                    writer.write_table(table.cast(schema, safe=False))
    except OSError as error:
        raise _damaged(sheet.part.origin, error) from error
    except pa.ArrowException as error:
        raise SourceError(
            f"the files of this group hold a column in types that do not fit ({error})",
            where=sheet.part.origin,
            hint="read the files as two sources",
        ) from error
    return Sheet(replace(sheet.part, path=str(target)), columns)


def _agreed(sheets: tuple[Sheet, ...], workdir: Path) -> tuple[Sheet, ...]:
    """Give sheets whose columns have one type each: where files differ, both become text.

    An engine that reads 0.1 as DOUBLE beside DECIMAL makes both DOUBLE and loses digits.
    """
    types: dict[str, set[str]] = {}
    for sheet in sheets:
        for column in sheet.columns:
            types.setdefault(column.name, set()).add(column.sql_type)
    torn = frozenset(name for name, kinds in types.items() if len(kinds) > 1)
    agreed: list[Sheet] = []
    for number, sheet in enumerate(sheets):
        odd = frozenset(c.name for c in sheet.columns if c.name in torn and c.sql_type != "VARCHAR")
        target = workdir / f"agreed-{number:05}.parquet"
        agreed.append(_rewritten(sheet, target, odd) if odd else sheet)
    return tuple(agreed)


def _damaged(origin: str, error: Exception) -> SourceError:
    said = str(error).split("\n", 1)[0]
    return SourceError(
        f"the Parquet file is cut off or damaged ({said})",
        where=origin,
        hint="fetch the file again",
    )


def _unreadable(error: SourceError) -> Issue:
    return Issue(code="unreadable_file", message=error.message, where=error.where, hint=error.hint)


def _os_words(error: OSError) -> str:
    return f"the file could not be read ({error.strerror or error})"
