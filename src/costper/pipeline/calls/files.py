"""Cuts files of calls into parts that are read one after the other, gzip or not."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from costper.errors import UserError
from costper.events.unpack import MAGIC

PART_BYTES = 4 * 2**20
"""Lines are read together up to about so much."""

LONGEST_LINE = 32 * 2**20
LONGEST_ARRAY = 512 * 2**20
"""An array, or an object over several lines, is read whole."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a file: a body, and the line each of its events stands in (from 1).

    An array has no such lines: there `lines` is empty, and events are counted.
    """

    body: bytes
    lines: Sequence[int] = ()

    def place(self, index: int) -> str:
        """Say where an event stands, to follow the file's name."""
        return f"{self.lines[index]}" if self.lines else f"event {index + 1}"


def parts_of(path: Path) -> Iterator[Part]:
    """Give the parts of a file.

    Raises:
        UserError: it cannot be read, is a damaged gzip, or has a line longer than is taken.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.peek(2)[:2] == MAGIC
            yield from _parts(cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if packed else raw)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(f"cannot be read: {reason}", where=str(path)) from error


def _parts(file: BinaryIO) -> Iterator[Part]:
    first = _first_line(file)
    if not first[1]:
        return
    if not _is_line(first[1]):
        body = first[1] + file.read(LONGEST_ARRAY)
        if len(body) > LONGEST_ARRAY:
            raise UserError("the file is too long for one array", hint="write one event a line")
        yield Part(body)
        return
    lines, numbers, size = [first[1]], [first[0]], len(first[1])
    for number, line in enumerate(_lines(file), first[0] + 1):
        if not line.strip():
            continue
        lines.append(line)
        numbers.append(number)
        size += len(line)
        if size >= PART_BYTES:
            yield Part(b"".join(lines), numbers)
            lines, numbers, size = [], [], 0
    if lines:
        yield Part(b"".join(lines), numbers)


def _first_line(file: BinaryIO) -> tuple[int, bytes]:
    """Give the first line that is not blank, with its number; an empty one at the end."""
    number = 0
    for number, line in enumerate(_lines(file), 1):
        if line.strip():
            return number, line
    return number, b""


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise UserError("a line is too long", hint="write one event a line")
        yield line if line.endswith(b"\n") else line + b"\n"


def _is_line(line: bytes) -> bool:
    """Say whether a line is an event of its own, also a bad one; no part of something longer."""
    text = line.strip()
    if text.startswith(b"["):
        return False
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return not text.startswith(b"{") or text.endswith(b"}")
    return True
