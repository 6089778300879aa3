"""Keeps events on disk while the server is away: each file whole, sent once and then removed."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Sequence
from pathlib import Path

from costper.track import quiet

KEPT, TAKEN, NEW = ".ndjson", ".taken", ".new"
ENOUGH_BYTES = 256 * 1024
"""A file this large is left alone; smaller ones of this process are joined."""

STALE_SECONDS = 600
"""A file taken so long ago belongs to a process that died."""


class Spool:
    """Files of events in a folder that many processes share.

    Each file is written whole and renamed into place; who sends one renames it first, so two
    processes seldom send the same. When they do, costper counts an event once. No more than
    `most_bytes` are kept.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most = most_bytes
        self._numbers = itertools.count()
        self._last: Path | None = None

    def keep(self, lines: Sequence[bytes]) -> bool:
        """Write events down; false where the disk, or the limit, does not allow it."""
        data = b"".join(line + b"\n" for line in lines)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._size() + len(data) > self._most:
                quiet.once("spool full", f"{self._folder} is full: events are dropped")
                return False
            earlier, before = self._small()
            self._last = self._write(before + data)
            if earlier is not None:
                earlier.unlink(missing_ok=True)
        except OSError as error:
            quiet.failed(f"writing to {self._folder}", error)
            return False
        return True

    def take(self) -> tuple[Path, list[bytes]] | None:
        """Take the oldest file, so that no other process does; None where there is none."""
        for path in self._waiting():
            taken = path.with_suffix(f".{os.getpid()}{TAKEN}")
            try:
                path.rename(taken)
                os.utime(taken)
                return taken, taken.read_bytes().splitlines()
            except OSError:
                continue
        return None

    def sent(self, taken: Path) -> None:
        """Remove a file whose events are delivered."""
        try:
            taken.unlink(missing_ok=True)
        except OSError as error:
            quiet.failed("removing a sent file", error)

    def put_back(self, taken: Path) -> None:
        """Leave a file for later."""
        try:
            taken.rename(taken.with_suffix("").with_suffix(KEPT))
        except OSError as error:
            quiet.failed("putting a file back", error)

    def is_empty(self) -> bool:
        """Tell whether nothing waits."""
        return not self._waiting()

    def _write(self, data: bytes) -> Path:
        name = f"{time.time_ns():020d}-{os.getpid()}-{next(self._numbers)}"
        new, kept = self._folder / f"{name}{NEW}", self._folder / f"{name}{KEPT}"
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
            new.rename(kept)
        except OSError:
            new.unlink(missing_ok=True)
            raise
        return kept

    def _small(self) -> tuple[Path | None, bytes]:
        """Take this process's last file to write it anew, where it is small and still there."""
        last, self._last = self._last, None
        try:
            if last is None or last.stat().st_size >= ENOUGH_BYTES:
                return None, b""
            taken = last.with_suffix(f".{os.getpid()}{TAKEN}")
            last.rename(taken)
            return taken, taken.read_bytes()
        except OSError:
            return None, b""

    def _size(self) -> int:
        with os.scandir(self._folder) as found:
            return sum(entry.stat().st_size for entry in found if entry.is_file())

    def _waiting(self) -> list[Path]:
        stale = time.time_ns() // 10**9 - STALE_SECONDS
        try:
            with os.scandir(self._folder) as found:
                names = [
                    entry.name
                    for entry in found
                    if entry.name.endswith(KEPT)
                    or (entry.name.endswith((TAKEN, NEW)) and entry.stat().st_mtime < stale)
                ]
        except OSError:
            return []
        return [self._folder / name for name in sorted(names)]
