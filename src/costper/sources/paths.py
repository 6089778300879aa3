"""Find the local files a setting names, and never leave the project by accident."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from stat import S_ISDIR

from costper.errors import UserError
from costper.sources.base import ReadContext

ANY_DEPTH = "**"


@dataclass(frozen=True, slots=True)
class Found:
    """One file to read: where it lies, and the name people know it by."""

    path: Path
    origin: str


def find(patterns: str | Sequence[str], context: ReadContext, *, outside: bool) -> list[Found]:
    """Give the files the patterns name, each once: pattern by pattern, sorted by name.

    A pattern is relative to `context.root`; `*`, `?`, `[...]` match within a folder and `**`
    any depth. A plain name must exist, a pattern must match at least one file. Raises
    UserError for nothing found, a folder, a loop of links, a file that may not be read, or
    one outside the project unless `outside` allows it.
    """
    wanted = [patterns] if isinstance(patterns, str) else list(patterns)
    found: dict[Path, Found] = {}
    for pattern in wanted:
        for path in _matches(pattern, context):
            real = _checked(path, pattern, context, outside=outside)
            found.setdefault(real, Found(path, _origin(path, context.root)))
    return list(found.values())


def folder(name: str, context: ReadContext, *, outside: bool) -> Path | None:
    """Give the folder a setting names, None when it names something else."""
    path = context.root / Path(name).expanduser()
    if has_magic(name) or not _exists(path, context, is_dir=True):
        return None
    return inside(path, context, outside=outside)


def globbed(pattern: str, root: Path) -> list[str]:
    """Give the names a pattern matches, sorted; relative ones are of `root`.

    Links are followed below `**` too, and every folder is entered once, by the first of its names:
    links that lead round, or to one another, end where they were begun.
    """
    steps = Path(pattern).parts
    if ANY_DEPTH not in steps:
        # Path.glob refuses absolute patterns.
        return sorted(glob(pattern, root_dir=root))  # noqa: PTH207
    at = steps.index(ANY_DEPTH)
    head, tail = str(Path(*steps[:at])) if at else "", steps[at + 1 :]
    seen: set[tuple[int, int]] = set()
    found: set[str] = set()
    for start in globbed(head, root) if head else [""]:
        for name in _folders(start, root, seen):
            inner = globbed(str(Path(*tail)) if tail else "*", root / name)
            found.update(str(Path(name, one)) for one in inner)
    return sorted(found)


def _folders(start: str, root: Path, seen: set[tuple[int, int]]) -> Iterator[str]:
    """Walk the folders below one, itself included, but hidden ones; `seen` are those entered."""
    waiting = [start]
    while waiting:
        name = waiting.pop()
        try:
            stat = (root / name).stat()
            if not S_ISDIR(stat.st_mode) or (stat.st_dev, stat.st_ino) in seen:
                continue
            below = os.listdir(root / name)  # noqa: PTH208 - names are wanted
        except OSError:  # a file, a link to nowhere, or a folder that may not be read
            continue
        seen.add((stat.st_dev, stat.st_ino))
        inner = [one for one in sorted(below, reverse=True) if not one.startswith(".")]
        waiting += [str(Path(name, one)) for one in inner]
        yield name


def _matches(pattern: str, context: ReadContext) -> list[Path]:
    if "\0" in pattern or not pattern.strip():
        raise UserError("a path cannot be empty", where=context.where, hint="name a file")
    path = Path(pattern).expanduser()
    if not has_magic(pattern):
        return [context.root / path]
    files = [context.root / name for name in globbed(str(path), context.root)]
    files = [file for file in files if not file.is_dir()]
    if not files:
        raise UserError(
            f"no file matches {pattern!r}",
            where=context.where,
            hint=f"paths start at {context.root}; `**` matches folders of any depth; "
            "put the file there, or take the source out of costper.yaml if there is none",
        )
    return files


def _checked(path: Path, pattern: str, context: ReadContext, *, outside: bool) -> Path:
    real = inside(path, context, outside=outside)
    if not real.exists():
        raise UserError(
            f"file {pattern!r} is missing",
            where=context.where,
            hint=f"looked for {path}; correct the path or put the file there",
        )
    if real.is_dir():
        raise UserError(
            f"{pattern!r} is a folder", where=context.where, hint=f"say {pattern}/*.csv"
        )
    if not os.access(real, os.R_OK):
        raise UserError(
            f"{_origin(path, context.root)} may not be read",
            where=context.where,
            hint="give this user the permission to read it",
        )
    return real


def inside(path: Path, context: ReadContext, *, outside: bool) -> Path:
    """Give the real path of a file, having followed every link; raise UserError outside root."""
    try:
        real = path.resolve(strict=False)
        path.stat()
    except FileNotFoundError:
        real = path.resolve(strict=False)
    except (OSError, RuntimeError) as error:
        raise UserError(
            f"{path} cannot be followed ({_reason(error)})",
            where=context.where,
            hint="a link that points to itself, or a folder that may not be read",
        ) from error
    if not outside and not real.is_relative_to(context.root.resolve()):
        raise UserError(
            f"{path} lies outside the project",
            where=context.where,
            hint="move it below the folder of costper.yaml, or say `outside: true`",
        )
    return real


def _exists(path: Path, context: ReadContext, *, is_dir: bool) -> bool:
    try:
        return path.is_dir() if is_dir else path.exists()
    except OSError as error:
        raise UserError(
            f"{path} cannot be followed ({_reason(error)})", where=context.where
        ) from error


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _origin(path: Path, root: Path) -> str:
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return path.as_posix()
