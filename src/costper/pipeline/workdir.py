"""The folder files are staged in on their way into the books, for one sync at a time."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock
from pathlib import Path
from tempfile import mkdtemp
from typing import TextIO

from costper.errors import BooksError, BusyError
from costper.store.books import Books

PREFIX = "sync-"


@contextmanager
def workdir(books: Books) -> Generator[Path]:
    """Give an empty folder for staged files; it is removed, as are those a crash left.

    Raises BusyError while somebody else has it, BooksError when files cannot be staged.
    """
    work = books.settings.store_path / "work"
    with _lock_file(work) as lock:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except BlockingIOError as error:
            raise BusyError("another sync is running", hint="wait until it is done") from error
        try:
            for stale in work.glob(f"{PREFIX}*"):
                shutil.rmtree(stale, ignore_errors=True)
            folder = Path(mkdtemp(prefix=PREFIX, dir=work))
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            flock(lock, LOCK_UN)


def _lock_file(work: Path) -> TextIO:
    try:
        work.mkdir(parents=True, exist_ok=True)
        return (work / "sync.lock").open("w")
    except OSError as error:
        raise BooksError(
            f"no files can be staged: {error.strerror}",
            where=str(error.filename),
            hint="check its rights, or delete the folder `work`: it holds nothing of the books",
        ) from error
