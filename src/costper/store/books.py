"""The books of one organisation: the engine, the marts and the control store, opened together."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from costper.config.settings import Settings
from costper.errors import BooksError, UserError
from costper.store.activity import Activity
from costper.store.call_tables import call_marts, call_unpriced
from costper.store.control import Control, sqlite_url
from costper.store.duckdb import DuckEngine
from costper.store.engine import Engine, Table, Write
from costper.store.folded import Folded
from costper.store.leg_tables import legs_shared, legs_view, legs_wide
from costper.store.metric_tables import metric_daily, metric_facts, metric_months
from costper.store.pairing import pair
from costper.store.recover import recover
from costper.store.resource_tables import resource_daily
from costper.store.rollup import extra_attributes
from costper.store.rollup_keep import keep_rollup
from costper.store.tables import (
    bad_charges,
    books_identity,
    charge_daily,
    charges,
    control_marker,
    customer_daily,
    customers,
    dimension_daily,
    dimension_map,
    environment_hourly,
    legs,
    measurement_daily,
    measurements,
    pools,
    rates,
    restatements,
    run_summary,
    schema_version,
)

SCHEMA_VERSION = 8
"""2 added metric_daily and metric_facts, which the next sync or allocation fills.

3 made `legs` a view: its rows became legs_wide, and the next run of a month writes legs_shared.

4 added resource_daily, and legs keep unused commitments as a category of their own: every month
that is not closed has a new fingerprint, so the next allocation writes both.

5 added metric_months: a metric without its months is written whole when it next changes.

6 added the tables of LLM calls, which stand empty until the first call is told.

7 added drawn images to the counts of calls and of their roll-ups: 0 in the rows of before.

8 added call_unpriced, which the next sync fills.
"""

PRIVATE = 0o700
FILES = ("books.duckdb", "control.sqlite")


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What every stage's caller works with.

    `engine` does the heavy work, `marts` is the DuckDB that answers read; with the embedded
    engine they are one. `extra` are the attributes the daily roll-up keeps beyond the usual.
    `activity` is the sync that may be at work on them, `folded` knows the last calls in them.
    """

    settings: Settings
    engine: Engine
    marts: Engine
    control: Control
    extra: tuple[str, ...]
    activity: Activity = field(default_factory=Activity, compare=False, repr=False)
    folded: Folded = field(default_factory=Folded, compare=False, repr=False)

    def close(self) -> None:
        """Let go of every file."""
        self.engine.close()
        if self.marts is not self.engine:
            self.marts.close()
        self.control.close()


def open_books(settings: Settings, *, now: datetime) -> Books:
    """Open or create the books in their folder, and settle what a crash left pending.

    Raises BusyError when another process holds them, BooksError when they cannot be read or
    were written by a newer costper, UserError when their folder cannot be one.
    """
    folder = _folder(settings)
    engine = DuckEngine(
        folder / "books.duckdb",
        memory_limit_gib=settings.store.memory_limit_gib,
        threads=settings.store.threads,
    )
    work = folder / "work"
    shutil.rmtree(work / "spill", ignore_errors=True)  # what a crash left there
    work.mkdir(exist_ok=True)  # the engine makes no more than the last folder
    try:
        control = Control(sqlite_url(folder / "control.sqlite"))
    except BaseException:
        engine.close()
        raise
    models = settings.llm.calls.models.values()
    extra = extra_attributes(settings.dimensions, settings.allocation, models)
    books = Books(settings=settings, engine=engine, marts=engine, control=control, extra=extra)
    try:
        prepare(books, now=now)
    except BaseException:
        books.close()
        raise
    return books


def books_exist(settings: Settings) -> bool:
    """Say whether there is anything to open; UserError when there could never be."""
    there = settings.store_path.is_dir()
    folder = _folder(settings)
    if not there:
        folder.rmdir()  # only tried: looking at books must not begin them
        return False
    return any((folder / name).exists() for name in FILES)


def _folder(settings: Settings) -> Path:
    folder = settings.store_path
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
    except OSError as error:
        raise UserError(
            f"the books cannot be kept here: {error.strerror}",
            where=str(folder),
            hint="set store.path in costper.yaml to a folder this user may write in",
        ) from error
    return folder


def prepare(books: Books, *, now: datetime) -> None:
    """Bring the tables to this version's and this configuration's shape, then recover."""
    _upgrade(books.engine)
    for table in tables_of(books.settings.dimension_names, books.extra):
        if books.marts is not books.engine and not table.select:
            books.engine.define(table)
        books.marts.define(table)
    for table in call_marts():  # whatever the engine: docs/decisions/2026-11-21-calls-in-duckdb.md
        books.marts.define(table)
    pair(books.engine, books.marts, books.control, now=now)
    recover(books.engine, books.marts, books.control, now=now)
    keep_rollup(books.engine, books.control, books.extra)


def tables_of(dimensions: tuple[str, ...], extra: tuple[str, ...]) -> tuple[Table, ...]:
    """Give every table of the books for these dimensions."""
    return (
        charges(),
        bad_charges(),
        charge_daily(extra),
        charge_daily(extra, "charge_daily_superseded"),
        measurements(dimensions),
        restatements(dimensions),
        dimension_map(dimensions, extra),
        legs_wide(dimensions),
        legs_shared(),
        legs(dimensions, "moves"),
        pools(dimensions),
        legs_view(dimensions),
        customer_daily(),
        dimension_daily(dimensions),
        measurement_daily(),
        metric_daily(dimensions),
        metric_facts(),
        metric_months(),
        call_unpriced(dimensions),
        environment_hourly(),
        resource_daily(dimensions),
        run_summary(),
        customers(),
        rates(),
        control_marker(),
        books_identity(),
    )


def _upgrade(engine: Engine) -> None:
    """Take the books' own version forward; steps that change rows go here, one after another."""
    engine.define(schema_version())
    found = engine.query("SELECT MAX(version) AS version FROM schema_version").to_pylist()
    version = found[0]["version"]
    if version is not None and version > SCHEMA_VERSION:
        raise BooksError(
            f"the books have schema {version}, this costper knows {SCHEMA_VERSION}",
            hint="install the newer costper again",
        )
    if version != SCHEMA_VERSION:
        engine.offer("new_version", pa.table({"version": pa.array([SCHEMA_VERSION], pa.int64())}))
        select = "SELECT version FROM new_version"
        engine.replace([Write(table="schema_version", where="TRUE", select=select)])
