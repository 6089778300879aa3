"""How fast does a FOCUS bill land, beside a bare CREATE TABLE AS of the same projection?

python -m bench.bench_land [LINES]      20 million unless told; 100 million is the memory run
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from bench.bill import write_bill, write_customers, write_usage
from bench.books import bench_settings
from bench.measure import Figure, peak_gib, report, seconds
from costper.config.settings import Settings
from costper.model.charge import CHARGE_COLUMNS
from costper.model.delivery import RawBill
from costper.pipeline.sync import sync
from costper.sources.base import ReadContext
from costper.sources.focus_file import SOURCE
from costper.store.books import Books, open_books

NOW = datetime(2026, 11, 5, tzinfo=UTC)
LINES = 20_000_000


def main(lines: int) -> int:
    """Land a bill, then project it once more the bare way."""
    folder = Path(tempfile.gettempdir()) / "costper-bench"
    bills = folder / f"bills-{lines}"
    write_bill(bills, lines)
    write_usage(folder / "usage-none", services=0)
    customers = write_customers(folder)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        settings = bench_settings(
            Path(work), bills=bills, usage=folder / "usage-none", customers=customers
        )
        books = open_books(settings, now=NOW)
        landed = seconds(lambda: sync(books, names=("bill",), now=NOW))
        peak = peak_gib()
        rows = int(books.engine.query("SELECT count(*) AS n FROM charges").column("n")[0].as_py())
        select = _select(Path(work), settings, books)
        books.close()
        bare = seconds(lambda: _bare(Path(work), select))
    print(f"{rows:,} lines: {rows / landed / 1e6:.2f} M/s landed, {rows / bare / 1e6:.2f} M/s bare")
    return report(
        Figure(name="landing / bare", value=bare / landed, bound=0.6, unit="x", at_most=False),
        Figure(name="peak memory while landing", value=peak, bound=6, unit="GiB"),
    )


def _select(work: Path, settings: Settings, books: Books) -> str:
    """Write the projection of the whole bill as one SELECT."""
    declared = settings.sources[0]
    context = ReadContext(
        source=declared.name,
        where=declared.where,
        root=settings.root,
        workdir=work,
        now=NOW,
        currency=settings.currency,
    )
    bills: tuple[RawBill, ...] = SOURCE.read(declared.settings, context).items
    parts = [part for bill in bills for part in bill.parts]
    reads = bills[0].projection
    columns = ", ".join(
        f"CAST({reads.get(column.name, 'NULL')} AS {column.sql_type}) AS {column.name}"
        for column in CHARGE_COLUMNS
    )
    return f"SELECT {columns} FROM {books.engine.raw(parts)} AS raw"


def _bare(work: Path, select: str) -> None:
    """Create a table of the projection and nothing else, with the same memory and threads."""
    with duckdb.connect(str(work / "bare.duckdb")) as connection:
        connection.execute("SET memory_limit='4GiB'; SET threads=2; SET TimeZone='UTC'")
        connection.execute("SET preserve_insertion_order=false")
        connection.execute(f"CREATE TABLE bare AS {select}")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else LINES))
