"""The local files that a sync of a source would read, as they are now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from costper.config.settings import Declared, Settings
from costper.pipeline.check_sources import looking
from costper.sources.base import SourceSettings
from costper.sources.gather import present


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFile:
    """A file that a sync would read: its name for people, its bytes, when it was last written.

    `mark` is another where any of these is: a copy may keep the time of what it was copied from.
    """

    origin: str
    size: int
    modified: str
    mark: str


def local_files(settings: Settings, declared: Declared, now: datetime) -> Iterator[LocalFile]:
    """Give the local files of a source as they are now."""
    if not isinstance(declared.settings, SourceSettings):
        return
    for found in present(declared.settings, looking(settings, declared, now)):
        try:
            stat = found.path.stat()
        except OSError:  # gone since it was listed
            continue
        stamp = datetime.fromtimestamp(stat.st_mtime, UTC).isoformat()
        told = repr((found.origin, stat.st_size, stat.st_mtime_ns)).encode()
        mark = hashlib.sha256(told).hexdigest()[:16]
        yield LocalFile(origin=found.origin, size=stat.st_size, modified=stamp, mark=mark)
