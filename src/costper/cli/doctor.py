"""Say what costper finds on this machine: versions, paths, permissions, space, locks.

It changes nothing. Exit 1 when something stands in the way.

Examples:
  costper doctor
  costper doctor --json
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import platform
import shutil
import socket
import sqlite3
import stat
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from costper.cli.context import Context
from costper.cli.settings import config_path, settings_or_issues
from costper.config.settings import Settings
from costper.errors import CostperError

LIBRARIES = ("costper", "duckdb", "pyarrow", "sqlglot", "sqlalchemy", "pydantic")
GIB = 1 << 30
FREE_GIB_MIN = 2
FLOCK = "hhqqi"
"""struct flock on 64-bit Linux: type, whence, start, length, process."""
OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at, what was found, and what to do where it is not as it must be."""

    subject: str
    found: str
    problem: str = ""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept --json."""
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(args: argparse.Namespace, context: Context) -> int:
    """Look at everything, and give 1 when something stands in the way."""
    found = [*_machine(), *_project(context)]
    if args.json:
        json.dump([asdict(it) for it in found], context.stdout, indent=2, ensure_ascii=False)
        context.say()
    else:
        width = max(len(it.subject) for it in found)
        for it in found:
            context.say(f"{'! ' if it.problem else '  '}{it.subject:<{width}}  {it.found}")
            if it.problem:
                context.say(f"    hint: {it.problem}")
    return int(any(it.problem for it in found))


def _machine() -> Iterator[Finding]:
    yield Finding("python", f"{platform.python_version()} on {platform.platform()}")
    for name in LIBRARIES:
        yield Finding(name, version(name))
    yield Finding("sqlite", sqlite3.sqlite_version)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // GIB
    yield Finding("machine", f"{os.cpu_count()} cores, {memory} GiB memory")


def _project(context: Context) -> Iterator[Finding]:
    try:
        path = config_path(context)
        outcome = settings_or_issues(context)
    except CostperError as error:
        yield Finding("settings", error.text().splitlines()[0], error.hint)
        return
    problem = f"costper check: {len(outcome.issues)} issues" if outcome.issues else ""
    yield Finding("settings", str(path), problem)
    for settings in outcome.items:
        yield from _store(settings)


def _store(settings: Settings) -> Iterator[Finding]:
    folder = settings.store_path
    there = _nearest(folder)
    may = os.access(there, os.W_OK | os.X_OK)
    state = "" if folder.is_dir() else " (not made yet)"
    yield Finding("store", f"{folder}{state}", "" if may else f"you may not write in {there}")
    free = shutil.disk_usage(there).free / GIB
    few = "" if free >= FREE_GIB_MIN else "make room: books and spilled work need disk"
    yield Finding("disk", f"{free:.1f} GiB free", few)
    if (folder / "books.duckdb").is_file():
        yield _books(folder / "books.duckdb")
    if (folder / "pepper").is_file():
        yield _pepper(folder / "pepper")
    if (folder / "serve.sock").exists():
        yield _server(folder / "serve.sock")


def _nearest(folder: Path) -> Path:
    """Give the folder itself, or the nearest one above that exists."""
    return next(path for path in (folder, *folder.parents) if path.is_dir())


def _books(path: Path) -> Finding:
    holder = lock_holder(path)
    state = f"held by process {holder}" if holder else "free"
    return Finding("books", f"{path.stat().st_size / GIB:.2f} GiB, {state}")


def lock_holder(path: Path) -> int:
    """Say which process holds a write lock on a file, 0 for none; takes no lock itself.

    Only another process is seen: to the kernel, a process is never in its own way.
    """
    with path.open("rb") as file:
        asked = struct.pack(FLOCK, fcntl.F_RDLCK, os.SEEK_SET, 0, 0, 0)
        kind, _, _, _, process = struct.unpack(FLOCK, fcntl.fcntl(file, fcntl.F_GETLK, asked))
    return 0 if kind == fcntl.F_UNLCK else int(process)


def _pepper(path: Path) -> Finding:
    mode = path.stat().st_mode
    problem = f"chmod 600 {path}" if mode & OPEN_TO_OTHERS else ""
    return Finding("pepper", f"mode {stat.S_IMODE(mode):04o}", problem)


def _server(path: Path) -> Finding:
    with socket.socket(socket.AF_UNIX) as one:
        try:
            one.connect(str(path))
        except OSError:
            return Finding("server", "not running; an old socket is left", f"remove {path}")
    return Finding("server", "running")
