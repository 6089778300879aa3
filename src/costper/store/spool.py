"""The spool: batches that were acknowledged and are not in the books yet, on SQLite.

Every batch has a number that only grows. `folded.seq` in the books says up to which number they
are there, written with the rows themselves; so a batch is either here or there, and never counted
twice.
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from costper.errors import BooksError

PAGE = 16_384
"""Bigger pages make longer chains shorter: a batch is some ten kilobytes."""

MOST_BYTES = 256 << 20
"""Unpacked bytes that are read from the spool at once."""

SHRINK_PAGES = 4_096
"""So many empty pages are given back to the disk once nothing waits any more."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS batches (
    seq INTEGER PRIMARY KEY, events INTEGER NOT NULL, plain INTEGER NOT NULL, body BLOB NOT NULL,
    received_us INTEGER NOT NULL, aside TEXT
)
"""
INSERT = "INSERT INTO batches (seq, events, plain, body, received_us) VALUES (?, ?, ?, ?, ?)"
FORGET = "DELETE FROM batches WHERE seq <= ? AND aside IS NULL"
WAITING = "FROM batches WHERE aside IS NULL"

DAMAGED = frozenset((sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT))
NO_ROOM = frozenset((sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE))
PRIMARY = 0xFF
"""The bits of SQLite's code that say what an error is; those above say where it came from."""


class NoRoomError(BooksError):
    """The disk is too full to open the spool or to write into it; later it may not be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is acknowledged together: `plain` is the length of `body` before it was compressed."""

    seq: int
    events: int
    plain: int
    body: bytes
    received_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What is not in the books yet: batches' events and compressed bytes, and since when."""

    events: int = 0
    size: int = 0
    oldest_us: int | None = None


class Spool:
    """One file; one thread writes, others may read."""

    def __init__(self, path: Path, *, folded: int) -> None:
        """Open or create the file, and forget what the books hold already.

        On a full disk the file is opened later, by whoever needs it first once there is room.
        Raises BooksError when the file cannot be read.
        """
        self._path, self._folded = path, folded
        self._opening, self._writing = threading.Lock(), threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._next = 0
        self._found = Waiting()
        with suppress(NoRoomError):
            self._opened()

    @property
    def writer(self) -> sqlite3.Connection:
        """The connection that writes; raises NoRoomError while the disk is full."""
        return self._opened()

    @property
    def next(self) -> int:
        """The number of the next batch; raises NoRoomError while the disk is full."""
        self._opened()
        return self._next

    @property
    def found(self) -> Waiting:
        """What waited when the file was opened; raises NoRoomError while the disk is full."""
        self._opened()
        return self._found

    def write(self, batches: Sequence[Batch], *, folded: int = 0) -> None:
        """Make batches durable, and forget those up to `folded`; all or nothing.

        The batches have the numbers from `next` on. Once this returns they survive a power cut.
        """
        rows = [(b.seq, b.events, b.plain, b.body, b.received_us) for b in batches]
        writer = self.writer
        with self._writing, self._spoken():
            writer.execute("BEGIN IMMEDIATE")
            try:
                if folded:
                    writer.execute(FORGET, (folded,))
                writer.executemany(INSERT, rows)
                writer.execute("COMMIT")
            except BaseException:
                _undone(writer)
                raise
        if batches:
            self._next = batches[-1].seq + 1

    def set_aside(self, seq: int, reason: str) -> None:
        """Keep a batch out of the way that the books cannot take, with the reason."""
        with self._writing, self._spoken():
            self.writer.execute("UPDATE batches SET aside = ? WHERE seq = ?", (reason, seq))

    def after(
        self, seq: int, *, most_events: int, most_bytes: int = MOST_BYTES
    ) -> tuple[Batch, ...]:
        """Give the batches above a number, oldest first, but at least one.

        So many that they hold no more than `most_events` and, unpacked, `most_bytes`.
        """
        found: list[Batch] = []
        events = plain = 0
        with closing(self._reader()) as reader, self._spoken():
            for row in reader.execute(
                f"SELECT seq, events, plain, body, received_us {WAITING} AND seq > ? ORDER BY seq",
                (seq,),
            ):
                events, plain = events + row[1], plain + row[2]
                if found and (events > most_events or plain > most_bytes):
                    break
                found.append(
                    Batch(seq=row[0], events=row[1], plain=row[2], body=row[3], received_us=row[4])
                )
        return tuple(found)

    def waiting(self) -> Waiting:
        """Say how much is not in the books yet."""
        with closing(self._reader()) as reader, self._spoken():
            return _waiting(reader)

    def aside(self) -> tuple[tuple[int, int, str], ...]:
        """Give the batches the books could not take: number, events and reason."""
        return aside_in(self._path)

    def tidy(self) -> None:
        """Move what was written to its place, so that the log of writes stays short.

        Runs beside the writer, which would otherwise stop for it while senders wait.
        """
        with closing(self._reader()) as reader, self._spoken():
            reader.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def shrink(self) -> None:
        """Give empty pages back to the disk, after much has waited."""
        with self._writing, self._spoken():
            (free,) = self.writer.execute("PRAGMA freelist_count").fetchone()
            if free > SHRINK_PAGES:
                self.writer.execute("PRAGMA incremental_vacuum").fetchall()

    def close(self) -> None:
        """Let go of the file."""
        with self._writing:
            if self._writer is not None:
                self._writer.close()

    def _opened(self) -> sqlite3.Connection:
        """Open the file, unless it is open."""
        if self._writer is not None:
            return self._writer
        with self._opening, self._spoken():
            if self._writer is None:
                writer = _connected(self._path)
                try:
                    writer.execute(SCHEMA)
                    writer.execute(FORGET, (self._folded,))
                    (last,) = writer.execute("SELECT MAX(seq) FROM batches").fetchone()
                    self._found = _waiting(writer)
                except BaseException:
                    writer.close()
                    raise
                self._next = max(self._folded, last or 0) + 1
                self._writer = writer
            return self._writer

    def _reader(self) -> sqlite3.Connection:
        with self._spoken():
            return _connected(self._path)

    def _spoken(self) -> AbstractContextManager[None]:
        return _spoken(self._path)


def waiting_in(path: Path, folded: int) -> int:
    """Count the events of the spool at a path that came after batch `folded`, no bad ones."""
    if not path.exists():
        return 0
    sql = f"SELECT COALESCE(SUM(events), 0) {WAITING} AND seq > ?"
    with _spoken(path), closing(_connected(path)) as reader:
        (events,) = reader.execute(sql, (folded,)).fetchone()
        return int(events)


def aside_in(path: Path) -> tuple[tuple[int, int, str], ...]:
    """Give what the books could not take of the spool at a path: number, events and reason."""
    if not path.exists():
        return ()
    sql = "SELECT seq, events, aside FROM batches WHERE aside IS NOT NULL ORDER BY seq"
    with _spoken(path), closing(_connected(path)) as reader:
        return tuple((row[0], row[1], row[2]) for row in reader.execute(sql))


@contextmanager
def _spoken(path: Path) -> Generator[None]:
    """Say in our own words what a full disk or a damaged file is."""
    try:
        yield
    except sqlite3.Error as error:
        raise _told(path, error) from error


def _told(path: Path, error: sqlite3.Error) -> BooksError:
    code = getattr(error, "sqlite_errorcode", 0)
    if code & PRIMARY in DAMAGED:
        return BooksError(
            f"the spool is damaged: {error}",
            where=str(path),
            hint="calls that were acknowledged but are not yet in the books are lost unless it is"
            f" restored from a backup; to start with an empty one, move {path.name},"
            f" {path.name}-wal and {path.name}-shm aside",
        )
    if code in NO_ROOM or (code & PRIMARY == sqlite3.SQLITE_CANTOPEN and _is_full(path)):
        return NoRoomError(
            f"there is no room on the disk for the spool: {error}",
            where=str(path),
            hint="make room; what was acknowledged is kept, and no call is taken until then",
        )
    return BooksError(
        f"the spool could not be read or written: {error}",
        where=str(path),
        hint="check the disk's free space and rights; what was acknowledged is kept",
    )


def _is_full(path: Path) -> bool:
    return path.parent.exists() and shutil.disk_usage(path.parent).free < PAGE


def _waiting(connection: sqlite3.Connection) -> Waiting:
    events, size, oldest = connection.execute(
        f"SELECT COALESCE(SUM(events), 0), COALESCE(SUM(LENGTH(body)), 0), "
        f"MIN(received_us) {WAITING}"
    ).fetchone()
    return Waiting(events=events, size=size, oldest_us=oldest)


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA busy_timeout = 30000")
        connection.execute(f"PRAGMA page_size = {PAGE}")
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def _undone(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")
