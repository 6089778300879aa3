"""Hash the bytes of what is read, once, while they pass."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol


class Digest(Protocol):
    """A hash in the making."""

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""
        ...

    def hexdigest(self) -> str:
        """Give the hash so far."""
        ...


@dataclass(slots=True)
class Hashed:
    """An open file whose bytes are hashed as they are read."""

    file: IO[bytes]
    digest: Digest = field(default_factory=hashlib.sha256)

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        data = self.file.read(size)
        self.digest.update(data)
        return data

    def drain(self) -> str:
        """Read to the end and give the hash of the whole file."""
        while self.read(1 << 20):
            pass
        return self.digest.hexdigest()


def sha256_of(path: Path) -> str:
    """Hash the bytes of a file."""
    with path.open("rb") as file:
        return Hashed(file).drain()
