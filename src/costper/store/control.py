"""The control store: SQLite beside the books, or PostgreSQL, brought to the newest schema."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, ProgrammingError
from sqlalchemy.pool import ConnectionPoolEntry

from costper.errors import BooksError
from costper.store.schema import meta

MIGRATIONS = Path(__file__).parent / "migrations"
OURS = (IntegrityError, ProgrammingError, DataError)
"""What a caller expects, or a fault of this program: never the state of the disk."""

PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 30000")


class Control:
    """A pool of connections to the control store; every change is one transaction.

    `changes` counts the transactions that may have changed something: while it stays the same,
    so does all that can be read. Only this process writes here, as it alone has the books.
    """

    def __init__(self, url: str, *, revision: str = "head") -> None:
        """Connect and migrate forward; BooksError when the store is damaged or too new."""
        self._url = url
        self._counting = threading.Lock()
        self._writing = threading.RLock()
        self.changes = 0
        self._engine = sa.create_engine(url)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _set_pragmas)
        try:
            with self._engine.begin() as connection:
                _check_pages(connection)
                command.upgrade(_alembic(connection), revision)
        except (DatabaseError, CommandError) as error:
            self.close()
            raise BooksError(
                f"the control store cannot be opened: {str(error).splitlines()[0]}",
                where=self._engine.url.render_as_string(),
                hint="check its rights, free space and that costper is not older than the books; "
                "or restore books.duckdb and control.sqlite from one backup",
            ) from error

    @contextmanager
    def begin(self) -> Generator[sa.Connection]:
        """Give a connection inside one transaction: all of it is kept, or nothing.

        One at a time: SQLite would let another write between what this one reads and what it
        then writes of it, such as the number of the next log entry.
        """
        try:
            with self._writing, self._spoken(), self._engine.begin() as connection:
                yield connection
        finally:  # counted even when it failed: it may have failed after it was kept
            with self._counting:
                self.changes += 1

    @contextmanager
    def aside(self) -> Generator[sa.Connection]:
        """Give a connection as `begin` does, for what no kept answer hangs on: not counted."""
        with self._writing, self._spoken(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Generator[sa.Connection]:
        """Give a connection to look with: nothing that is done through it is kept."""
        with self._spoken(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _spoken(self) -> Generator[None]:
        """Say in our own words what a full disk or a damaged file is."""
        try:
            yield
        except OURS:
            raise
        except DatabaseError as error:
            raise BooksError(
                f"the control store could not be read or written: {error.orig}",
                where=self._engine.url.render_as_string(),
                hint="check the disk's free space and rights; if the file is damaged, restore it "
                "and books.duckdb from one backup; this change was not made",
            ) from error

    def remembered(self, key: str) -> str | None:
        """Give a value of `meta`, None when it was never set."""
        with self.read() as connection:
            found = connection.execute(sa.select(meta.c.value).where(meta.c.key == key))
            value: str | None = found.scalar()
            return value

    def remember(self, key: str, value: str) -> None:
        """Set a value of `meta`."""
        with self.begin() as connection:
            connection.execute(meta.delete().where(meta.c.key == key))
            connection.execute(meta.insert().values(key=key, value=value))

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()


def sqlite_url(path: Path) -> str:
    """Give the URL of a SQLite file."""
    return sa.URL.create("sqlite", database=str(path)).render_as_string()


def _alembic(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _check_pages(connection: sa.Connection) -> None:
    """Find damage before anything is written on top of it."""
    if connection.dialect.name != "sqlite":
        return
    found = connection.execute(sa.text("PRAGMA quick_check(1)")).scalar()
    if found != "ok":
        raise CommandError(f"the file is damaged: {found}")


def _set_pragmas(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
