"""Every thread's own cursor of one DuckDB file, and who is at work with it.

A cursor that is closed under a statement ends the process, so whoever closes the file first cuts
short what runs, lets nobody in and waits. A database that gave itself up (DuckDB does when a
checkpoint fails, such as on a full disk) is opened anew by the next one who asks.
"""

from __future__ import annotations

import gc
import logging
import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import duckdb

from costper.errors import BooksError, BusyError, StoppedError

HELD = "Conflicting lock is held"
HOLDER = re.compile(r"\(PID (\d+)\)")
INVALIDATED = "database has been invalidated"
AGAIN_SECONDS = 0.05
"""How often what runs is cut short while the file is closed: a statement may just begin."""

PATIENCE_SECONDS = 5.0
"""How long a thread waits for the others to leave a database that gave itself up."""

PAUSE_SECONDS = 1.0
"""How long nobody tries again to open what could not be opened."""


@dataclass(slots=True)
class Session:
    """One thread's cursor, what it was offered, and the names it keeps and holds.

    `writes` says whether it is in a transaction, `opening` how often the file was opened anew.
    """

    cursor: duckdb.DuckDBPyConnection
    opening: int
    seen: dict[str, int] = field(default_factory=dict[str, int])
    held: set[str] = field(default_factory=set[str])
    kept: set[str] = field(default_factory=set[str])
    writes: bool = False


class Sessions:
    """Gives each thread its session, and waits for all of them before the file is let go."""

    def __init__(self, path: Path, config: dict[str, str]) -> None:
        """Open or create the file; BusyError when another process holds it."""
        self._path, self._config = path, config
        self._root = _connected(path, config)
        self._gate = threading.Condition()
        self._cursors: list[tuple[threading.Thread, duckdb.DuckDBPyConnection]] = []
        self._inside: dict[threading.Thread, int] = {}
        self._closing = False
        self._lost: BooksError | None = None
        self._retry_at = 0.0
        self._reopened = 0
        self._mine = threading.local()

    @property
    def reopened(self) -> int:
        """How often the file was opened anew."""
        return self._reopened

    @contextmanager
    def working(self, *, forgetting: bool = False) -> Generator[Session]:
        """Be at work during the block; it may be entered again inside.

        Who kept or held something that went with an earlier opening is told, unless `forgetting`.

        Raises:
            StoppedError: the file is being closed.
            BooksError: the database gave itself up and cannot be opened anew yet.
        """
        me = threading.current_thread()
        with self._gate:
            self._admit(me)
            session = self._session(me, forgetting=forgetting)
            self._inside[me] = self._inside.get(me, 0) + 1
        try:
            yield session
        finally:
            with self._gate:
                self._inside[me] -= 1
                if not self._inside[me]:
                    del self._inside[me]
                    self._gate.notify_all()

    def notice(self, error: duckdb.Error) -> bool:
        """Look at an error; say whether the database gave itself up with it."""
        if not isinstance(error, duckdb.FatalException) and INVALIDATED not in str(error):
            return False
        with self._gate:
            if self._lost is None:
                told = f"the books could not be read or written: {first_line(error)}"
                hint = "they are opened anew once that works: is there room on the disk?"
                self._lost = BooksError(told, where=str(self._path), hint=hint)
                logging.getLogger(__name__).warning("%s", self._lost.text())
        return True

    def interrupt(self, thread: threading.Thread) -> None:
        """Cut the statement short that a thread runs now."""
        with self._gate:
            for owner, cursor in self._cursors:
                if owner is thread:
                    cursor.interrupt()

    def close(self) -> None:
        """Cut short what others run, wait until they are out, and let go of the file."""
        me = threading.current_thread()
        with self._gate:
            self._closing = True
            self._gate.notify_all()
            while self._inside.keys() - {me}:
                for _, cursor in self._cursors:
                    cursor.interrupt()
                self._gate.wait(AGAIN_SECONDS)
            self._let_go()

    def _admit(self, me: threading.Thread) -> None:
        until = monotonic() + PATIENCE_SECONDS
        while True:
            if self._closing:
                raise StoppedError(
                    "the books are being closed", hint="ask again once costper runs again"
                )
            if self._lost is None or me in self._inside:
                return
            if not self._inside:
                self._open_anew(self._lost)
                return
            if monotonic() >= until:
                raise _again(self._lost)
            self._gate.wait(AGAIN_SECONDS)

    def _open_anew(self, lost: BooksError) -> None:
        if monotonic() < self._retry_at:
            raise _again(lost)
        self._retry_at = monotonic() + PAUSE_SECONDS
        self._let_go()
        gc.collect()  # what still points at the old database would have it given out again
        self._root = _connected(self._path, self._config)
        self._root.execute("SELECT 1 FROM duckdb_tables() LIMIT 1")
        self._reopened += 1
        self._lost = None

    def _let_go(self) -> None:
        for _, cursor in self._cursors:
            cursor.close()
        self._cursors.clear()
        self._root.close()

    def _session(self, me: threading.Thread, *, forgetting: bool) -> Session:
        session: Session | None = getattr(self._mine, "session", None)
        if session is not None and session.opening == self._reopened:
            return session
        alive = [(thread, each) for thread, each in self._cursors if thread.is_alive()]
        cursor = self._root.cursor()
        cursor.execute("SET TimeZone='UTC'")
        self._cursors = [*alive, (me, cursor)]
        new = self._mine.session = Session(cursor, self._reopened)
        if not forgetting and session is not None and (session.held or session.kept):
            raise BooksError(
                "the books were opened anew, and what was put aside is gone",
                where=str(self._path),
                hint="do it once more",
            )
        return new


def _connected(path: Path, config: dict[str, str]) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(path), config=dict(config))
    except duckdb.Error as error:
        if HELD in str(error):
            holder = HOLDER.search(str(error))
            by = f"process {holder[1]}" if holder else "another process"
            raise BusyError(
                f"the books are held by {by}", where=str(path), hint="stop it, or ask it instead"
            ) from error
        raise BooksError(
            f"the books cannot be opened: {first_line(error)}",
            where=str(path),
            hint="check its rights, or restore it and control.sqlite from one backup",
        ) from error


def _again(error: BooksError) -> BooksError:
    return BooksError(error.message, where=error.where, hint=error.hint)


def first_line(error: Exception) -> str:
    """Give the first line of what an error says."""
    return str(error).splitlines()[0]
