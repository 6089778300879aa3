"""A folder of files, on disk or in a bucket, as one thing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from costper.sources.paths import Found


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A file of a tree: its name from the tree's root, and when it was last written (ISO).

    `tag` changes whenever the bytes do, "" where a tree has no such thing; `size` is in bytes.
    """

    name: str
    modified: str = ""
    tag: str = ""
    size: int = 0


class Tree(Protocol):
    """Files that can be listed, read and fetched."""

    @property
    def origin(self) -> str:
        """What people know the tree by."""
        ...

    def entries(self) -> list[Entry]:
        """List every file, by name."""
        ...

    def text(self, entry: Entry) -> str:
        """Read a small file as UTF-8."""
        ...

    def fetch(self, entry: Entry) -> Found:
        """Give the file as a local one."""
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder on disk; links to other folders are not followed."""

    path: Path
    origin: str

    def entries(self) -> list[Entry]:
        """List every file below, by name; hidden ones are left out."""
        found: list[Entry] = []
        for folder, folders, files in os.walk(self.path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in files:
                path = Path(folder, name)
                if not name.startswith(".") and path.is_file():
                    stamp = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat()
                    found.append(Entry(path.relative_to(self.path).as_posix(), stamp))
        return sorted(found)

    def text(self, entry: Entry) -> str:
        """Read a small file."""
        return (self.path / entry.name).read_text(encoding="utf-8-sig")

    def fetch(self, entry: Entry) -> Found:
        """Give the file where it lies."""
        return Found(self.path / entry.name, f"{self.origin}/{entry.name}".removeprefix("./"))
