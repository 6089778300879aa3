"""The embedded engine: DuckDB in one file, owned by one process."""

from __future__ import annotations

import re
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import groupby
from pathlib import Path

import duckdb
import pyarrow as pa

from costper.errors import BooksError, SourceError, StoppedError
from costper.model.delivery import Part
from costper.model.names import literal, quoted
from costper.store.engine import Check, Parameters, Table, Write
from costper.store.sessions import Session, Sessions, first_line
from costper.store.snapshot import Snapshots

UNWRITTEN = (
    duckdb.IOException,
    duckdb.FatalException,
    duckdb.TransactionException,
    duckdb.SerializationException,
    duckdb.InternalException,
)
"""What DuckDB raises when the disk is full, a commit cannot be written or the file is damaged."""

UNREAD = (duckdb.DataError, duckdb.InvalidInputException)
"""What it raises on sums beyond DECIMAL(38), casts that fail and Parquet pages that are damaged."""

KEPT = "COMMIT succeeded and is durable"
"""How DuckDB says that only working the log into the file failed, as it does on a full disk."""

COLUMNS_OF = (
    "SELECT column_name FROM duckdb_columns() "
    "WHERE table_name = $table AND NOT internal AND database_name = current_database()"
)
VIEW_OF = (
    "SELECT comment FROM duckdb_views() "
    "WHERE view_name = $view AND NOT internal AND database_name = current_database()"
)
STATEMENTS_KNOWN = 500
CHECKPOINT = "64MB"
"""So long may the log be before it is worked into the file, and readers wait: 180 ms at most where
250 writes of 20,000 rows were measured, 160 with DuckDB's 16 MB but four times as often, 570 with
256 MB."""

GLOB = re.compile(r"([*?\[])")


class DuckEngine:
    """Implements Engine over one DuckDB file.

    Every thread has its own cursor. Writes wait for each other; readers wait for a commit only,
    and see the books as of their own statement. Rows that were offered can be read from every
    thread, in statements that start after `offer` returned; an offered name hides a table of that
    name.
    """

    name = "duckdb"

    def __init__(
        self, path: Path, *, memory_limit_gib: int = 4, threads: int | None = None
    ) -> None:
        """Open or create the file; BusyError when another process holds it."""
        self._path = path
        self._sessions = Sessions(path, _config(path, memory_limit_gib, threads))
        self._snapshots = Snapshots()
        self._lock = threading.Lock()
        self._writing = threading.RLock()
        self._offers: dict[str, tuple[int, pa.Table]] = {}
        self._named: dict[str, frozenset[str]] = {}
        self._changes = self._writes = 0

    @property
    def changes(self) -> int:
        """Count the writes so far that are not apart."""
        return self._changes + self._sessions.reopened

    @property
    def writes(self) -> int:
        """Count all writes so far."""
        return self._writes + self._sessions.reopened

    def query(self, sql: str, params: Parameters | None = None) -> pa.Table:
        """Run one SELECT and give its rows."""
        with self._at_work() as session:
            wanted = self._wanted(session.cursor, sql, params)
            with self._reading(session):
                rows: pa.Table = session.cursor.sql(sql, params=wanted).to_arrow_table()
                return rows

    def replace(
        self,
        writes: Sequence[Write],
        params: Parameters | None = None,
        check: Check | None = None,
        *,
        apart: bool = False,
    ) -> None:
        """Make all writes in one transaction, in order; a failure changes nothing."""
        with self._writing, self._transaction(apart=apart) as cursor:
            for write in writes:
                for sql in _statements(write):
                    cursor.execute(sql, self._wanted(cursor, sql, params))
            if check is not None:
                check(self.query)

    def define(self, table: Table) -> None:
        """Create the table or view if it is missing, and bring it to this shape."""
        with self._writing, self._transaction() as cursor:
            (_viewed if table.select else _shaped)(cursor, table)

    def offer(self, name: str, rows: pa.Table) -> None:
        """Make small rows readable by name in later statements, from every thread."""
        quoted(name)
        with self._lock:
            self._offers[name] = (self._offers.get(name, (0, rows))[0] + 1, rows)

    def keep(self, name: str, select: str, params: Parameters | None = None) -> None:
        """Put the rows of a SELECT aside as a temporary table of this thread."""
        sql = f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {select}"
        with self._at_work() as session:
            wanted = self._wanted(session.cursor, sql, params)
            with self._reading(session, long=True):
                session.cursor.execute(sql, wanted)
            session.kept.add(name)

    def hold(self, name: str, rows: pa.Table) -> None:
        """Let this thread read rows where they are, until it forgets them."""
        quoted(name)
        with self._at_work() as session:
            session.cursor.register(name, rows)
            session.held.add(name)

    def forget(self, *names: str) -> None:
        """Drop temporary tables of this thread, and let go of rows it holds."""
        with self._at_work(forgetting=True) as session:
            for name in names:
                if name in session.held:
                    session.held.remove(name)
                    session.cursor.unregister(name)
                else:
                    session.cursor.execute(f"DROP TABLE IF EXISTS temp.{quoted(name)}")
                    session.kept.discard(name)

    def raw(self, parts: Sequence[Part]) -> str:
        """Give a FROM-able SQL fragment over the parts' columns plus `_file` and `_row`."""
        if not parts:
            raise BooksError("a bill without files cannot be read")
        numbered = list(enumerate(parts))
        groups = groupby(numbered, key=lambda item: item[1].row_column)
        selects = [_select(row_column, list(members)) for row_column, members in groups]
        return f"({' UNION ALL BY NAME '.join(selects)})"

    def interrupt(self, thread: threading.Thread) -> None:
        """Cut the statement short that a thread runs now; its transaction changes nothing."""
        self._sessions.interrupt(thread)

    def close(self) -> None:
        """Let go of the file: what other threads run is cut short, and they are waited for."""
        self._sessions.close()

    @contextmanager
    def _at_work(self, *, forgetting: bool = False) -> Generator[Session]:
        """Be at work with this thread's cursor, which knows everything offered so far."""
        with self._spoken(), self._sessions.working(forgetting=forgetting) as session:
            with self._lock:
                for name, (version, rows) in self._offers.items():
                    if session.seen.get(name) != version:
                        session.cursor.register(name, rows)
                        session.seen[name] = version
            yield session

    def _wanted(
        self, cursor: duckdb.DuckDBPyConnection, sql: str, params: Parameters | None
    ) -> dict[str, object]:
        """Keep the parameters this statement names; DuckDB refuses any other."""
        if not params:
            return {}
        named = self._named.get(sql)
        if named is None:  # to find them it is parsed, which takes as long as a small answer
            named = frozenset(cursor.extract_statements(sql)[0].named_parameters)
            if len(self._named) >= STATEMENTS_KNOWN:
                self._named.clear()
            self._named[sql] = named
        return {name: value for name, value in params.items() if name in named}

    def _reading(self, session: Session, *, long: bool = False) -> AbstractContextManager[None]:
        """Keep commits away; a transaction reads its own rows beside nobody's."""
        return nullcontext() if session.writes else self._snapshots.reading(long=long)

    @contextmanager
    def _transaction(self, *, apart: bool = False) -> Generator[duckdb.DuckDBPyConnection]:
        with self._at_work() as session:
            cursor = session.cursor
            cursor.execute("BEGIN")
            session.writes = True
            try:
                yield cursor
                with self._snapshots.committing():
                    self._commit(cursor, apart=apart)
            except BaseException:
                _rolled_back(cursor)
                raise
            finally:
                session.writes = False

    def _commit(self, cursor: duckdb.DuckDBPyConnection, *, apart: bool) -> None:
        """Keep what was written; a checkpoint that fails afterwards takes none of it back.

        It is counted before anybody can read it: who sees it asks anew for what was kept. Also
        where it failed, for it may have failed after it was kept.
        """
        try:
            cursor.execute("COMMIT")
        except duckdb.FatalException as error:
            if KEPT not in str(error):
                raise
            self._sessions.notice(error)
        finally:
            self._writes += 1
            self._changes += not apart

    @contextmanager
    def _spoken(self) -> Generator[None]:
        """Say in our own words what a full disk or too little memory is."""
        try:
            yield
        except duckdb.InterruptException as error:
            raise StoppedError(
                "costper stopped before it was done", hint="ask again once costper runs again"
            ) from error
        except duckdb.OutOfMemoryException as error:
            raise BooksError(
                f"memory ran out: {first_line(error)}",
                where=str(self._path),
                hint="raise store.memory_limit_gib in costper.yaml; the books are unchanged",
            ) from error
        except UNWRITTEN as error:
            self._sessions.notice(error)
            raise BooksError(
                f"the books could not be read or written: {first_line(error)}",
                where=str(self._path),
                hint="check the disk's free space and rights; the books are unchanged. "
                "If the file is damaged, restore it and control.sqlite from one backup",
            ) from error
        except duckdb.Error as error:
            # A damaged Parquet page is an Error of no class of its own.
            if type(error) is not duckdb.Error and not isinstance(error, UNREAD):
                raise
            raise SourceError(
                f"a value cannot be read or is too large to add up: {first_line(error)}",
                hint="look for odd values and damaged files; the books are unchanged",
            ) from error


def _config(path: Path, memory_limit_gib: int, threads: int | None) -> dict[str, str]:
    config = {
        "memory_limit": f"{memory_limit_gib}GiB",
        "temp_directory": str(path.parent / "work" / "spill"),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "preserve_insertion_order": "false",
        "checkpoint_threshold": CHECKPOINT,
    }
    return config if threads is None else {**config, "threads": str(threads)}


def _shaped(cursor: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Give a table its name and the columns it lacks."""
    name = quoted(table.name)
    columns = {column: f"{quoted(column)} {kind}" for column, kind in table.columns}
    known = _columns(cursor, table.name)
    if not known and table.formerly and _columns(cursor, table.formerly):
        cursor.execute(f"ALTER TABLE {quoted(table.formerly)} RENAME TO {name}")
        known = _columns(cursor, table.name)
    if not known:
        cursor.execute(f"CREATE TABLE {name} ({', '.join(columns.values())})")
    for column in columns.keys() - known if known else ():
        held = f" DEFAULT {table.later[column]}" if column in table.later else ""
        cursor.execute(f"ALTER TABLE {name} ADD COLUMN {columns[column]}{held}")


def _columns(cursor: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    return {str(column) for (column,) in cursor.execute(COLUMNS_OF, {"table": table}).fetchall()}


def _viewed(cursor: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Make a view, unless it is there: its own SELECT is its comment, to be told by."""
    if cursor.execute(VIEW_OF, {"view": table.name}).fetchall() == [(table.select,)]:
        return
    name = quoted(table.name)
    cursor.execute(f"CREATE OR REPLACE VIEW {name} AS {table.select}")
    cursor.execute(f"COMMENT ON VIEW {name} IS {literal(table.select)}")


def _rolled_back(cursor: duckdb.DuckDBPyConnection) -> None:
    """Undo; where the database gave the transaction up by itself there is nothing to undo."""
    try:
        cursor.execute("ROLLBACK")
    except duckdb.Error:
        return


def _statements(write: Write) -> Iterator[str]:
    name = quoted(write.table)
    if write.where:
        yield f"DELETE FROM {name} WHERE {write.where}"
    if write.select:
        yield f"INSERT INTO {name} BY NAME {write.select}"


def _select(row_column: str, members: Sequence[tuple[int, Part]]) -> str:
    """Read some parts that count their rows in the same way."""
    files = ", ".join(literal(GLOB.sub(r"[\1]", part.path)) for _, part in members)
    place = f"(file_index + {members[0][0]})::BIGINT"
    row = quoted(row_column) if row_column else "file_row_number + 1"
    others = f"* EXCLUDE ({quoted(row_column)})" if row_column else "*"
    return (
        f"SELECT {others}, {place} AS _file, ({row})::BIGINT AS _row "
        f"FROM read_parquet([{files}], union_by_name = true)"
    )
