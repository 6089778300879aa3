"""The local files of a source, and where a new one of them would lie."""

from __future__ import annotations

import hashlib
from datetime import datetime
from fnmatch import fnmatchcase
from glob import has_magic
from pathlib import Path, PurePosixPath

from costper.config.settings import Declared, Settings
from costper.errors import UserError
from costper.pipeline.check_sources import looking
from costper.sources.base import SourceSettings
from costper.sources.gather import DATA, by_manifest, glimpsed
from costper.sources.object_store import SCHEME
from costper.sources.paths import inside

LONGEST_NAME = 200
"""Bytes of a file's name; file systems take 255, and a part of it is ours while it arrives."""


class RefusedError(UserError):
    """A file cannot lie among those of a source; `where` is the source."""


def files_mark(settings: Settings) -> str:
    """Name the local files of all sources as they are now: it changes when one of them does."""
    seen = [
        sorted(glimpsed(declared.settings, settings.root))
        for declared in settings.declared()
        if isinstance(declared.settings, SourceSettings)
    ]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def local_paths(declared: Declared) -> tuple[str, ...]:
    """Give the local paths of a source as declared; none where it reads from elsewhere."""
    if not isinstance(declared.settings, SourceSettings):
        return ()
    names, _ = declared.settings.names_files()
    return tuple(name for name in names if not name.startswith(SCHEME))


def place_of(settings: Settings, declared: Declared, filename: str, now: datetime) -> Path:
    """Give the path at which a source would read a file of this name.

    Raises:
        RefusedError: the source reads no local files, or none of this name.
        UserError: the name is no plain file name, or its place lies outside the project.
    """
    check_name(filename)
    paths = local_paths(declared)
    if not paths or not isinstance(declared.settings, SourceSettings):
        raise RefusedError(
            f"{declared.name} reads no local files: its type is {declared.type}",
            where=declared.name,
            hint="it is synced from where it is kept; POST /api/v1/sync reads it again",
        )
    context = looking(settings, declared, now)
    for path in paths:
        folder = _folder_for(settings.root, path, filename)
        if folder is None:
            continue
        _, outside = declared.settings.names_files()
        if by_manifest(declared.settings, context, path):
            raise RefusedError(
                f"manifests in {path} say which files are read",
                where=declared.name,
                hint="a file beside them would never be read; deliver it with its manifest",
            )
        inside(folder, context, outside=outside)
        inside(folder / filename, context, outside=outside)
        return folder / filename
    raise RefusedError(
        f"{declared.name} would not read {filename!r}",
        where=declared.name,
        hint=f"its path is {', '.join(paths)}; name the file so that it matches",
    )


def own_words(text: str, root: Path) -> str:
    """Say where the project lies as people in it do: whoever asks need not see this machine."""
    return text.replace(str(root), "the folder of costper.yaml")


def check_name(filename: str) -> None:
    """Refuse what is no plain name of a data file; UserError says why."""
    if not filename.isprintable() or filename != filename.strip() or set(filename) & set("/\\"):
        raise UserError(
            f"{filename!r} is no plain file name", where="filename", hint="say october.csv"
        )
    if not filename or filename.startswith(".") or len(filename.encode()) > LONGEST_NAME:
        raise UserError(
            "a file name has 1 to 200 bytes and does not begin with a dot",
            where="filename",
            hint="say october.csv",
        )
    if not filename.casefold().endswith(DATA):
        raise UserError(
            f"{filename!r} is no data file",
            where="filename",
            hint=f"names end in {', '.join(DATA)}",
        )


def _folder_for(root: Path, path: str, filename: str) -> Path | None:
    """Give the folder in which a file of this name is one of the path's; None for none."""
    declared = PurePosixPath(path)
    if not has_magic(path):
        whole = root / Path(path).expanduser()
        if whole.is_dir() or path.endswith("/"):
            return whole
        return whole.parent if declared.name == filename else None
    steps = declared.parts
    fixed = next(place for place, step in enumerate(steps) if has_magic(step))
    folders, last = steps[fixed:-1], steps[-1]
    if any(step != "**" for step in folders):
        return None  # which of its folders is not ours to choose
    pattern = "*" if last == "**" else last
    return root / Path(*steps[:fixed]).expanduser() if fnmatchcase(filename, pattern) else None
