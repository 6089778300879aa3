"""A file on its way to a source: there whole or not at all, and over no other unasked."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import BinaryIO, Literal

from costper.errors import BooksError, BusyError, UnknownNameError, UserError
from costper.pipeline.data_sources.content import check_content
from costper.pipeline.data_sources.files import place_of
from costper.pipeline.workdir import workdir
from costper.store.activity import told
from costper.store.audit import log
from costper.store.books import Books

PREFIX = "upload-"
Fate = Literal["created", "replaced", "unchanged"]


class TooLongError(UserError):
    """More bytes came than a file may have."""


class OtherFileError(UserError):
    """Another file lies there already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """What became of a file: where it lies, its bytes, and whether anything changed."""

    source: str
    origin: str
    size: int
    sha256: str
    fate: Fate


class Upload:
    """Bytes that come in, kept apart until `keep` puts them in their place."""

    def __init__(self, books: Books, source: str, filename: str, *, now: datetime) -> None:
        """Make room for them.

        Raises:
            UnknownNameError: nobody declared the source.
            UserError: the source would not read a file of this name.
            BusyError: a sync is running, which may be reading the folder.
            BooksError: there is no room.
        """
        self._books, self._source, self._now = books, source, now
        declared = {one.name: one for one in books.settings.declared()}
        if source not in declared:
            raise UnknownNameError("source", source, declared)
        self._place = place_of(books.settings, declared[source], filename, now)
        check_idle(books)
        with _spoken(self._place):
            work = books.settings.store_path / "work"
            work.mkdir(parents=True, exist_ok=True)
            self._folder = Path(mkdtemp(prefix=PREFIX, dir=work))
            self._file: BinaryIO = (self._folder / "file").open("xb")
        self._hash, self._size = hashlib.sha256(), 0

    def write(self, part: bytes, longest: int) -> None:
        """Take the next bytes. Raises TooLongError beyond `longest`, BooksError without room."""
        self._size += len(part)
        if self._size > longest:
            raise TooLongError(
                f"a file has at most {longest} bytes", hint="put it in the folder by hand"
            )
        self._hash.update(part)
        with _spoken(self._place):
            self._file.write(part)

    def keep(self, *, replace: bool, actor: str) -> Uploaded:
        """Put the file in its place, once it is on the disk.

        Raises:
            OtherFileError: another file is there, and `replace` does not allow to lose it.
            UserError: there was not one byte, or it is not what its name says.
            BusyError: a sync is running.
            BooksError: it could not be written.
        """
        if not self._size:
            raise UserError("the file is empty", hint="send its bytes as the body")
        with _spoken(self._place):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            check_content(self._folder / "file", self._place.name)
        with workdir(self._books), _spoken(self._place):
            fate = self._fate(replace=replace)
            if fate != "unchanged":
                self._move()
        found = Uploaded(
            source=self._source,
            origin=_origin(self._place, self._books.settings.root),
            size=self._size,
            sha256=self._hash.hexdigest(),
            fate=fate,
        )
        self._log(found, actor)
        return found

    def drop(self) -> None:
        """Forget what is not in its place."""
        self._file.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _fate(self, *, replace: bool) -> Fate:
        if self._place.is_symlink() or (self._place.exists() and not self._place.is_file()):
            raise OtherFileError(
                f"{self._place.name} is a link or a folder there",
                where=self._source,
                hint="name the file otherwise",
            )
        if not self._place.exists():
            return "created"
        with self._place.open("rb") as there:
            if hashlib.file_digest(there, "sha256").digest() == self._hash.digest():
                return "unchanged"
        if not replace:
            raise OtherFileError(
                f"another {self._place.name} lies there already",
                where=self._source,
                hint="send it with ?replace=true to replace it, or under another name",
            )
        return "replaced"

    def _move(self) -> None:
        """Make the change at one stroke, on whatever disk the folder is."""
        folder = self._place.parent
        folder.mkdir(parents=True, exist_ok=True)
        beside = folder / f".{self._place.name}.part"
        try:
            shutil.move(self._folder / "file", beside)
            beside.replace(self._place)
        finally:
            beside.unlink(missing_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _log(self, found: Uploaded, actor: str) -> None:
        if found.fate == "unchanged":
            return
        action = "file uploaded" if found.fate == "created" else "file replaced"
        subject = f"{found.source}: {found.origin}"
        detail = {"bytes": found.size, "sha256": found.sha256}
        with self._books.control.begin() as connection:
            log(connection, action, subject, now=self._now, detail=detail, actor=actor)


def check_idle(books: Books) -> None:
    """Refuse while a sync runs: it must not read half of one file and half of another."""
    work = books.activity.work
    if work is not None and work.state == "running":
        raise BusyError(f"a sync is running: {told(work)}", hint="send the file when it is done")


def forget_uploads(books: Books) -> None:
    """Remove what a crash left of files on their way."""
    for folder in (books.settings.store_path / "work").glob(f"{PREFIX}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _origin(place: Path, root: Path) -> str:
    return place.relative_to(root).as_posix() if place.is_relative_to(root) else place.name


@contextmanager
def _spoken(place: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise BooksError(
            f"{place.name} could not be written: {error.strerror}",
            hint="check the disk's free space and the folder's rights; nothing was changed",
        ) from error
