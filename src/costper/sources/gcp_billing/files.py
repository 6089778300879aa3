"""Read the rows of one file of a Google export: CSV, Parquet or JSON lines."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import IO, cast

import pyarrow.parquet as pq

from costper.errors import SourceError
from costper.model.outcome import Issue
from costper.sources.base import ReadContext
from costper.sources.paths import Found
from costper.sources.staging import ROW
from costper.sources.tabular import open_sheets, without_rows

SHOWN = 20
"""At most so many bad rows of a file are told one by one; the rest are told as one."""

ESSENTIAL = ("billing_account_id", "cost", "usage_start_time", "currency")
GZIP = b"\x1f\x8b"
Row = tuple[int, Mapping[str, object]]


@dataclass(slots=True)
class Faults:
    """The rows of a file that could not be read."""

    origin: str
    issues: list[Issue] = field(default_factory=list[Issue])
    more: int = 0

    def add(self, row: int, why: str) -> None:
        """Remember a row that is left out."""
        if len(self.issues) >= SHOWN:
            self.more += 1
            return
        self.issues.append(
            Issue(
                code="bad_row",
                message=f"{why}; the row was left out",
                where=f"{self.origin}:{row}",
                hint="correct the row, or export it again",
            )
        )

    def told(self) -> Iterator[Issue]:
        """Give the issues, the many as one."""
        yield from self.issues
        if self.more:
            yield replace(self.issues[-1], message="more rows cannot be read", count=self.more)


def rows_of(found: Found, context: ReadContext, faults: Faults, met: list[Issue]) -> Iterator[Row]:
    """Yield row number and cells of every row; SourceError when the file cannot be trusted.

    What is wrong with single rows goes to `faults` and `met`.
    """
    if _is_json(found):
        yield from _json_rows(found, faults)
        return
    opened = open_sheets([found], context.workdir, progress=context.progress)
    if not opened.items:
        fault = opened.issues[0]
        raise SourceError(fault.message, where=fault.where, hint=fault.hint)
    met.extend((*opened.issues, *without_rows(opened.items)))
    sheet = opened.items[0]
    headers = {column.name: column.header for column in sheet.columns}
    _check(found.origin, set(headers.values()))
    row_no = 1
    with pq.ParquetFile(sheet.part.path) as file:
        for batch in file.iter_batches():
            for cells in cast("list[dict[str, object]]", batch.to_pylist()):
                told = cells.pop(ROW, row_no) if sheet.part.row_column else row_no
                yield cast("int", told), {headers[name]: cells[name] for name in cells}
                row_no += 1


def _json_rows(found: Found, faults: Faults) -> Iterator[Row]:
    try:
        with _opened(found) as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                row = _json_row(line, number, faults)
                if row is not None:
                    if number == 1:
                        _check(found.origin, set(row))
                    yield number, row
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceError(
            f"the gzip data is cut off or damaged ({error})",
            where=found.origin,
            hint="fetch the file again",
        ) from error


def _json_row(line: bytes, number: int, faults: Faults) -> Mapping[str, object] | None:
    try:
        row: object = json.loads(line, parse_float=str, parse_int=str)
    except ValueError as error:
        faults.add(number, f"this is no JSON ({error})")
        return None
    if not isinstance(row, dict):
        faults.add(number, "this is not a JSON object")
        return None
    return cast("dict[str, object]", row)


def _check(origin: str, headers: set[str]) -> None:
    plain = {header.strip().replace(".", "_").casefold() for header in headers}
    missing = [name for name in ESSENTIAL if name not in plain]
    if missing:
        raise SourceError(
            f"no column {', '.join(missing)}: this is not a Cloud Billing export",
            where=origin,
            hint="for FOCUS files say `type: focus_file`; nothing was changed",
        )


def _is_json(found: Found) -> bool:
    try:
        with _opened(found) as file:
            return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return False


def _opened(found: Found) -> IO[bytes]:
    with found.path.open("rb") as file:
        zipped = file.read(2) == GZIP
    return cast("IO[bytes]", gzip.open(found.path, "rb") if zipped else found.path.open("rb"))
