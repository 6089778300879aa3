"""The price lists that were accepted, each a file of its own that is never written again."""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from costper.errors import BooksError

FOLDER = "prices"
NAME = re.compile(r"(\d{4,})\.json\.gz")
PARTIAL = ".partial"


@dataclass(frozen=True, slots=True)
class PriceList:
    """One accepted list: they are numbered from 1, and the highest is in force."""

    number: int
    path: Path


def kept_lists(store: Path) -> tuple[PriceList, ...]:
    """Give the accepted lists of the books in a folder, oldest first."""
    return tuple(sorted(_found(store / FOLDER), key=lambda one: one.number))


def read_kept(kept: PriceList) -> bytes:
    """Give a list as it was kept.

    Raises:
        BooksError: the file cannot be read.
    """
    try:
        return gzip.decompress(kept.path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise BooksError(
            f"an accepted price list cannot be read: {error}",
            where=str(kept.path),
            hint="restore it from a backup; `costper prices update --accept` takes a new one",
        ) from error


def keep_list(store: Path, body: bytes) -> PriceList:
    """Keep a list as the one in force; it is on the disk when this returns.

    Raises:
        BooksError: it cannot be written.
    """
    folder = store / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        number = max((one.number for one in _found(folder)), default=0) + 1
        path = folder / f"{number:04}.json.gz"
        partial = folder / f"{path.name}.{os.getpid()}{PARTIAL}"
        with partial.open("wb") as file:
            file.write(gzip.compress(body, mtime=0))
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, path)  # fails where somebody kept one of this number meanwhile
        partial.unlink()
    except OSError as error:
        message = f"the price list cannot be kept: {error.strerror}"
        raise BooksError(message, where=str(folder)) from error
    return PriceList(number, path)


def _found(folder: Path) -> Iterator[PriceList]:
    for path in folder.iterdir() if folder.is_dir() else ():
        name = NAME.fullmatch(path.name)
        if name:
            yield PriceList(int(name[1]), path)
