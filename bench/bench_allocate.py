"""Allocate a year of shared cost by 36.5 million usage rows, beside bare SQL on the same rows.

    python bench/bench_allocate.py [--folder DIR] [--months 12] [--customers 5000]

The bare SQL divides one cost column in whole billionths with the residual on one customer, and
keeps (day, service, customer, weight, cost). costper divides four cost columns to the last digit
with the largest remainder, and checks every pool and day; the whole run also keeps legs with
provenance sorted by customer, pools and roll-ups, and checks them before they become visible. The
mart of metrics is rewritten when usage changes, allocated or not: it has a line of its own. All
read the same tables, in the same run, and processor time is shown because a busy machine bends the
clock.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from bench.measure import Figure, peak_gib, report
from costper.config.settings import MetricSetting, Settings, StoreSettings
from costper.model.allocation import Rule
from costper.model.dimension import Dimension
from costper.model.period import month_of
from costper.pipeline.allocate import apply
from costper.pipeline.defined import definition_of
from costper.pipeline.divide import divide
from costper.pipeline.metric_refresh import refresh_metrics
from costper.pipeline.words import Reader
from costper.store.books import Books, open_books
from costper.store.engine import Write
from costper.store.measurement_deliveries import announce_measurements, settle_measurements
from costper.store.tables import daily_attribute_columns

NOW = datetime(2026, 11, 20, tzinfo=UTC)
START = date(2025, 11, 1)
SERVICES = 20
LIMIT_RATIO = 1.5
LIMIT_GIB = 3.0
NAMES = ("customer", "team", "service", "environment")


@dataclass(frozen=True, slots=True)
class Spent:
    """Wall-clock and processor seconds of one thing."""

    wall: float
    cpu: float


def spent(work: Callable[[], object]) -> Spent:
    """Time one thing."""
    wall, cpu = time.perf_counter(), sum(os.times()[:2])
    work()
    return Spent(time.perf_counter() - wall, sum(os.times()[:2]) - cpu)


def settings(folder: Path) -> Settings:
    """Give the settings: one rule divides everything by requests."""
    fields = {"service": ("service_name",)}
    return Settings(
        path=folder / "costper.yaml",
        root=folder,
        organisation="Bench",
        currency="USD",
        timezone="UTC",
        cost_of_record="effective_cost",
        dimensions=tuple(Dimension(name=n, fields=fields.get(n, (f"tags.{n}",))) for n in NAMES),
        metrics=(MetricSetting(name="requests", source="requests", measured="requests"),),
        allocation=(Rule(name="shared", driver="by_quantity", quantity="requests"),),
        store=StoreSettings(memory_limit_gib=2, threads=2),
    )


def fill(books: Books, customers: int, months: int) -> int:
    """Make a year of usage and of shared cost; gives how many usage rows."""
    end = START
    for _ in range(months):
        end = month_of(end).end
    days = (end - START).days
    attributes = [
        name
        for name in daily_attribute_columns(())
        if name not in {"service_name", "charge_category", "tags"}
    ]
    empty = ", ".join(f"'' AS {name}" for name in attributes)
    usage = f"""
        SELECT 'requests' AS source, CAST(1 AS BIGINT) AS delivery_id, 'requests' AS metric,
          DATE '{START}' + CAST(d AS INT) AS day, 'cust' || lpad(k::VARCHAR, 5, '0') AS customer,
          '' AS team, 'svc' || s AS service, '' AS environment,
          CAST(1 + hash(d * 100000000 + s * 10000000 + k) % 100000 AS DECIMAL(38,6)) AS value
        FROM range({days}) AS a(d), range({SERVICES}) AS b(s), range({customers}) AS e(k)"""
    cost = """CAST(100 + hash(day::VARCHAR || service) % 900 AS DECIMAL(38,21))
        + CAST(hash(service || day::VARCHAR) % 1000000000000 AS DECIMAL(38,21))
        * CAST(0.000000000001 AS DECIMAL(13,12))"""
    bill = f"""
        SELECT 'aws' AS source, CAST(1 AS BIGINT) AS delivery_id,
          CAST(date_trunc('month', day) AS DATE) AS billing_period, day, 'USD' AS currency,
          FALSE AS estimated, {empty}, service AS service_name, 'Usage' AS charge_category,
          '{{}}' AS tags, cost AS effective_cost, cost AS billed_cost, cost AS contracted_cost,
          cost AS list_cost, CAST(1 AS BIGINT) AS charges
        FROM (SELECT DISTINCT day, service, {cost} AS cost FROM measurements)"""
    books.engine.replace([Write(table="measurements", where="TRUE", select=usage)])
    books.engine.replace([Write(table="charge_daily", where="TRUE", select=bill)])
    found = books.engine.query("SELECT COUNT(*) AS n FROM measurements").to_pylist()
    return int(found[0]["n"])


BARE = """CREATE OR REPLACE TABLE bare AS
WITH w AS (SELECT day, service, customer, SUM(value)::BIGINT AS w FROM books.measurements
    WHERE day >= '{start}' AND day < '{end}' GROUP BY ALL),
  t AS (SELECT day, service, SUM(w)::BIGINT AS tw, MAX(customer) AS last FROM w GROUP BY ALL),
  p AS (SELECT t.*, (SUM(d.effective_cost) * 1000000000)::BIGINT AS c FROM t
    JOIN books.charge_daily AS d ON d.day = t.day AND d.service_name = t.service GROUP BY ALL),
  l AS (SELECT w.day, w.service, w.customer, w.w,
    floor(c::DOUBLE * w::DOUBLE / tw::DOUBLE)::BIGINT AS cost FROM w JOIN p USING (day, service)),
  r AS (SELECT day, service, SUM(cost) AS given FROM l GROUP BY ALL)
SELECT * FROM l UNION ALL
SELECT p.day, p.service, p.last, 0, (p.c - r.given)::BIGINT FROM r JOIN p USING (day, service)"""


GROUPED = """CREATE OR REPLACE TABLE grouped AS
SELECT day, service, customer, SUM(value) AS value FROM books.measurements GROUP BY ALL"""


def bare(folder: Path, months: int) -> tuple[Spent, Spent]:
    """Divide with bare SQL in a file of its own, month by month as costper does; then group."""
    total = Spent(0, 0)
    connection = duckdb.connect(str(folder / "bare.duckdb"), config={"threads": "2"})
    connection.execute("SET memory_limit='2GB'; SET preserve_insertion_order=false")
    connection.execute(f"ATTACH '{folder / '.costper' / 'books.duckdb'}' AS books (READ_ONLY)")
    month = month_of(START)
    for _ in range(months):
        sql = BARE.format(start=month.start, end=month.end)
        one = spent(lambda sql=sql: connection.execute(sql))  # type: ignore[misc]
        total = Spent(total.wall + one.wall, total.cpu + one.cpu)
        month = month_of(month.end)
    grouped = spent(lambda: connection.execute(GROUPED))
    connection.close()
    return total, grouped


def land_again(books: Books) -> None:
    """Say that the last three days of usage were pulled again."""
    last = books.engine.query("SELECT MAX(day) AS day FROM measurements").to_pylist()[0]["day"]
    values = {"source": "requests", "metric": "requests", "fingerprint": "", "rows": 1}
    days = {"first_day": last - timedelta(days=2), "last_day": last}
    landed = {"bad_rows": 0, "landed_at": NOW.isoformat()}
    number = announce_measurements(books.control, {**values, **days, **landed})
    settle_measurements(books.control, number)


def only_divide(books: Books, months: int) -> Spent:
    """Divide every month exactly, in scratch tables, with the check of every pool and day."""
    definition = definition_of(books.settings)
    reader = Reader(definition)

    def work() -> None:
        month = month_of(START)
        for _ in range(months):
            divide(books.engine, definition, reader, month, "customers")
            month = month_of(month.end)

    return spent(work)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--customers", type=int, default=5000)
    args = parser.parse_args(argv)
    folder = args.folder or Path(tempfile.mkdtemp(prefix="costper-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        books = open_books(settings(folder), now=NOW)
        rows = fill(books, args.customers, args.months)
        books.close()
        base, grouped = bare(folder, args.months)
        books = open_books(settings(folder), now=NOW)
        exact = only_divide(books, args.months)
        metrics = spent(lambda: refresh_metrics(books))
        land_again(books)
        again = spent(lambda: refresh_metrics(books))
        whole = spent(lambda: apply(books, now=NOW))
        legs = books.marts.query("SELECT COUNT(*) AS n FROM legs").to_pylist()[0]["n"]
        books.close()
    finally:
        if args.folder is None:
            shutil.rmtree(folder)
    print(f"{rows:,} usage rows became {legs:,} legs")
    for name, one in (
        ("bare SQL", base),
        ("exact split, checked", exact),
        ("whole run", whole),
        ("bare GROUP BY of usage", grouped),
        ("metrics", metrics),
        ("metrics, three days", again),
    ):
        ratio = f"{one.wall / base.wall:5.2f} x clock, {one.cpu / base.cpu:5.2f} x processor"
        print(f"{name:22} {one.wall:7.1f} s {one.cpu:7.1f} cpu s   {ratio}")
    return report(
        Figure(
            name="exact split of a year beside bare SQL, processor time",
            value=exact.cpu / base.cpu,
            bound=LIMIT_RATIO,
            unit="x",
        ),
        Figure(name="peak memory", value=peak_gib(), bound=LIMIT_GIB, unit="GiB"),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
