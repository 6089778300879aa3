"""Read a source in a test and evaluate its projection, as landing will."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from costper.model.charge import CHARGE_COLUMNS
from costper.model.delivery import RawBill
from costper.model.money import total
from costper.model.names import quoted
from costper.model.outcome import Outcome
from costper.sources.base import ReadContext, Source
from costper.store.duckdb import DuckEngine

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
Row = dict[str, Any]


def context(root: Path, workdir: Path, *, now: datetime = NOW) -> ReadContext:
    """Give a context whose files lie in `root` and whose staged files go below `workdir`."""
    staged = workdir / f"staged-{len(list(workdir.iterdir()))}"
    staged.mkdir()
    return ReadContext(
        source="bill",
        where="costper.yaml:7",
        root=root,
        workdir=staged,
        now=now,
        currency="USD",
    )


def read(source: Source, settings: Mapping[str, object], at: ReadContext) -> Outcome[RawBill]:
    """Read a source with the settings costper.yaml would give it."""
    found: Outcome[RawBill] = source.read(source.settings.model_validate(settings), at)
    return found


def charges(bill: RawBill, workdir: Path) -> list[Row]:
    """Evaluate a bill's projection, with `_file` and `_row`, in that order."""
    columns = ", ".join(
        f"CAST({bill.projection[c.name]} AS {c.sql_type}) AS {quoted(c.name)}"
        for c in CHARGE_COLUMNS
        if c.name in bill.projection
    )
    engine = DuckEngine(workdir / f"books-{len(list(workdir.iterdir()))}.duckdb", threads=1)
    try:
        found = engine.query(
            f"SELECT _file, _row, {columns} FROM {engine.raw(bill.parts)}"
            f" WHERE {bill.keep} ORDER BY _file, _row"
        )
        rows: list[Row] = found.to_pylist()
        return rows
    finally:
        engine.close()


def summed(rows: Sequence[Row], column: str) -> Decimal:
    """Sum a cost column exactly."""
    return total([row[column] for row in rows])
