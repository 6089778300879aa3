"""Says of a file that arrived whether it is what its name promises, before it replaces another."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from costper.errors import UserError

START = 16
PACKED, PARQUET = b"\x1f\x8b", b"PAR1"
OTHERS: tuple[tuple[bytes, str, str], ...] = (
    (b"%pdf", "a PDF", "download the data as CSV or Parquet; a PDF cannot be read"),
    (b"pk\x03\x04", "a zip archive or an Excel workbook", "unpack it, or save the sheet as CSV"),
    (PACKED, "packed with gzip", "name it .csv.gz"),
    (b"par1", "a Parquet file", "name it .parquet"),
    (b"<!doctype html", "a web page", "download the export itself; perhaps you must sign in there"),
    (b"<html", "a web page", "download the export itself; perhaps you must sign in there"),
)
"""How what is no text begins, in small letters, with what it is and what to do."""

AT_ONCE = 2**20
MOST_PACKED, MOST_UNPACKED = 256 * 2**20, 8 * 2**30
"""Larger ones are not unpacked for a look; the sync says what is wrong with them."""


def check_content(path: Path, name: str) -> None:
    """Refuse a file that cannot be what its name says; UserError says what it is.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(START)
    ending = name.casefold()
    if ending.endswith(".parquet"):
        _check_parquet(path, name, start)
    elif ending.endswith(".gz"):
        _check_packed(path, name, start)
    else:
        _check_text(name, start)


def _check_text(name: str, start: bytes) -> None:
    for first, what, hint in OTHERS:
        if start.lower().startswith(first):
            raise UserError(f"{name!r} is {what}", where="filename", hint=hint)


def _check_parquet(path: Path, name: str, start: bytes) -> None:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - len(PARQUET)))
        whole = start.startswith(PARQUET) and file.read() == PARQUET
    if not whole:
        hint = "fetch it again, or name it after what it is"
        raise UserError(f"{name!r} is cut off, or no Parquet file", where="filename", hint=hint)


def _check_packed(path: Path, name: str, start: bytes) -> None:
    hint = "fetch it again, or name it after what it is"
    if not start.startswith(PACKED):
        raise UserError(f"{name!r} is not packed with gzip", where="filename", hint=hint)
    if path.stat().st_size > MOST_PACKED:
        return
    seen = 0
    try:
        with gzip.open(path) as file:
            while seen <= MOST_UNPACKED and (part := file.read(AT_ONCE)):
                seen += len(part)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError(
            f"{name!r} is cut off: what it is packed in does not end",
            where="filename",
            hint="fetch it again",
        ) from error
