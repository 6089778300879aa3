"""A second engine, to prove the wall: Spark Connect on Sail, over slices of Parquet.

Every write makes new files beside the old ones; a manifest names the files of each table, and
putting a new manifest in its place is what commits.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession

from costper.model.delivery import Part
from costper.store.engine import Check, Parameters, Table, Write
from costper.store.transpile import to_spark

PLAIN: dict[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
}
Files = dict[str, tuple[str, ...]]


def arrow_type(kind: str) -> pa.DataType:
    """Give the Arrow type of a DuckDB type."""
    if kind.startswith("DECIMAL"):
        width, scale = kind.removeprefix("DECIMAL(").removesuffix(")").split(",")
        return pa.decimal128(int(width), int(scale))
    return PLAIN[kind]


def schema_of(table: Table) -> pa.Schema:
    kinds: dict[str, pa.DataType] = {name: arrow_type(kind) for name, kind in table.columns}
    return pa.schema(kinds)


def nullable(rows: pa.Table) -> pa.Table:
    """One part may have a column that says it has no NULLs where another part lacks it."""
    schema: Any = rows.schema
    return rows.cast(pa.schema([column.with_nullable(True) for column in schema]))


@contextmanager
def sail() -> Generator[SparkSession]:
    """Run a server in this process."""
    # pyspark takes a main module without a file, as in a pytest-xdist worker, for a run of its
    # own doctests and then looks for a Spark installation.
    vars(sys.modules["__main__"]).setdefault("__file__", __file__)
    server: Any = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    session: Any = SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    try:
        yield session
    finally:
        session.stop()
        server.stop()


@dataclass(slots=True)
class SailEngine:
    """Implements Engine for the contract tests; small rows only, one thread."""

    session: Any
    folder: Path
    name: str = "sail"
    tables: dict[str, Table] = field(default_factory=dict[str, Table])
    files: Files = field(default_factory=dict[str, tuple[str, ...]])
    written: int = 0
    changes: int = 0
    writes: int = 0

    def query(self, sql: str, params: Parameters | None = None) -> pa.Table:
        rows: pa.Table = self.session.sql(to_spark(sql, params)).toArrow()
        return rows

    def replace(
        self,
        writes: Sequence[Write],
        params: Parameters | None = None,
        check: Check | None = None,
        *,
        apart: bool = False,
    ) -> None:
        before = dict(self.files)
        self.writes += 1
        self.changes += not apart
        try:
            for write in writes:
                self._write(write, params)
            if check is not None:
                check(self.query)
            self._commit()
        except BaseException:
            changed = [name for name in self.files if self.files[name] != before.get(name)]
            self.files = before
            for name in changed:
                self._show(name)
            raise

    def define(self, table: Table) -> None:
        known = self.tables.get(table.name)
        more = () if known is None else tuple(c for c in known.columns if c not in table.columns)
        self.tables[table.name] = Table(name=table.name, columns=(*table.columns, *more))
        self.files.setdefault(table.name, ())
        self._show(table.name)
        self._commit()

    def offer(self, name: str, rows: pa.Table) -> None:
        self._view(name, [self._file(name, rows)])

    def keep(self, name: str, select: str, params: Parameters | None = None) -> None:
        self._view(name, [self._file(name, self.query(select, params))])

    def hold(self, name: str, rows: pa.Table) -> None:
        self.offer(name, rows)

    def forget(self, *names: str) -> None:
        for name in names:
            self.session.sql(f"DROP VIEW IF EXISTS {name}").toArrow()

    def raw(self, parts: Sequence[Part]) -> str:
        name = f"raw_{self.written}"
        tables: list[pa.Table] = []
        for place, part in enumerate(parts):
            rows = nullable(pq.read_table(part.path))
            numbers: Any = pa.array(range(1, rows.num_rows + 1), pa.int64())
            if part.row_column:
                numbers = rows[part.row_column].cast(pa.int64())
                rows = rows.drop_columns([part.row_column])
            files = pa.array([place] * rows.num_rows, pa.int64())
            tables.append(rows.append_column("_file", files).append_column("_row", numbers))
        self._view(name, [self._file(name, pa.concat_tables(tables, promote_options="default"))])
        return name

    def close(self) -> None:
        """Nothing to let go of: the session is the caller's."""

    def _write(self, write: Write, params: Parameters | None) -> None:
        table = self.tables[write.table]
        if write.where:
            kept = f"SELECT * FROM {write.table} WHERE NOT COALESCE({write.where}, FALSE)"
            rows = self._typed(table, self.query(kept, params))
            self.files[write.table] = (self._file(write.table, rows),)
            self._show(write.table)
        if write.select:
            rows = self._typed(table, self.query(write.select, params))
            self.files[write.table] += (self._file(write.table, rows),)
            self._show(write.table)

    def _typed(self, table: Table, rows: pa.Table) -> pa.Table:
        """Columns go by name; what is not given is NULL."""
        unknown = set(rows.column_names) - set(table.names)
        if unknown:
            raise KeyError(f"{table.name} has no {sorted(unknown)}")
        schema = schema_of(table)
        columns: list[Any] = [
            rows[name].cast(arrow_type(kind))
            if name in rows.column_names
            else pa.array([None] * rows.num_rows, arrow_type(kind))
            for name, kind in table.columns
        ]
        return pa.table(dict(zip(table.names, columns, strict=True)), schema=schema)

    def _file(self, name: str, rows: pa.Table) -> str:
        self.written += 1
        path = self.folder / f"{name}-{self.written:06}.parquet"
        pq.write_table(rows, str(path))
        return str(path)

    def _show(self, name: str) -> None:
        files = [path for path in self.files[name] if pq.read_metadata(path).num_rows]
        empty = schema_of(self.tables[name]).empty_table()
        self._view(name, files or [self._file(name, empty)])

    def _view(self, name: str, files: Sequence[str]) -> None:
        self.session.read.parquet(*files).createOrReplaceTempView(name)

    def _commit(self) -> None:
        manifest = self.folder / "manifest.json"
        partial = manifest.with_suffix(".partial")
        partial.write_text(json.dumps(self.files))
        partial.replace(manifest)


def fingerprint(rows: pa.Table, leave_out: Sequence[str] = ()) -> list[tuple[Any, ...]]:
    """Give rows in an order of their own, for comparing engines to the last digit."""
    names = sorted(set(rows.column_names) - set(leave_out))
    found: list[dict[str, Any]] = rows.select(names).to_pylist()
    return sorted((tuple(row[name] for name in names) for row in found), key=repr)
