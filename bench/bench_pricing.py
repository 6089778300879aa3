"""Times pricing of call lines in bulk: the SQL that folds them, and the rates it looks up.

python -m bench.bench_pricing [LINES]
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from bench.measure import Figure, cpu_seconds, report
from costper.allocation.drivers import DRIVERS
from costper.config.load import load_settings
from costper.model.call import COUNTS, TIERS, Line
from costper.pipeline.calls.price_book import catalogue_of
from costper.pipeline.calls.reprice import apply_reprice, plan_reprice
from costper.pipeline.calls.rollup import rebuild
from costper.rating.price import price
from costper.rating.prices import bundled, rates_of
from costper.rating.sql_price import RATE_COLUMNS, RateKey, cost_sql, rate_row
from costper.store.books import open_books
from costper.store.call_tables import calls
from costper.store.engine import Write

LINES = 2_000_000
NOW = datetime(2026, 11, 21, tzinfo=UTC)
USUAL = {"VARCHAR": "''", "BIGINT": "0", "INTEGER": "0", "BOOLEAN": "FALSE"}
FIRST = date(2026, 10, 20)
DAYS = 30
MODELS = (
    ("openai", "gpt-5"),
    ("openai", "gpt-5.5"),
    ("anthropic", "claude-sonnet-5-5"),
    ("anthropic", "claude-haiku-4-5"),
    ("google", "gemini-2.5-pro"),
    ("google", "gemini-2.5-flash"),
    ("deepseek", "deepseek-v4-pro"),
    ("nobody", "unknown-1"),
)


def keys() -> list[RateKey]:
    """Give every key that lines may have."""
    days = [FIRST + timedelta(days=number) for number in range(DAYS)]
    return [(*model, tier, day) for model in MODELS for tier in TIERS for day in days]


def offer(duck: duckdb.DuckDBPyConnection, lines: int) -> None:
    """Make the lines, and the rates they need."""
    names = ", ".join(f"('{provider}', '{model}')" for provider, model in MODELS)
    counted = dict.fromkeys(COUNTS, "0") | {
        "input_tokens": "CAST(hash(i) % 20000 AS BIGINT)",
        "output_tokens": "CAST(hash(i + 1) % 1500 AS BIGINT)",
        "cache_read_tokens": "CAST(hash(i) % 20000 // 3 AS BIGINT)",
        "cache_write_tokens": "CASE WHEN i % 8 = 2 THEN CAST(hash(i) % 2000 AS BIGINT) ELSE 0 END",
        "reasoning_tokens": "CAST(hash(i + 1) % 700 AS BIGINT)",
    }
    counts = ", ".join(f"CAST({made} AS BIGINT) AS {name}" for name, made in counted.items())
    duck.execute(f"CREATE TEMP TABLE models AS SELECT row_number() OVER () - 1 AS n, * FROM "
                 f"(VALUES {names}) AS m(provider, model)")  # fmt: skip
    duck.execute(
        f"CREATE TEMP TABLE lines AS SELECT m.provider, m.model, "
        f"CASE WHEN i % 50 = 0 THEN 'batch' ELSE 'standard' END AS tier, "
        f"DATE '{FIRST}' + CAST(i % {DAYS} AS INTEGER) AS day, "
        f"TIMESTAMP '{FIRST}' + to_seconds(CAST(i % {DAYS * 86400} AS BIGINT)) AS \"at\", "
        f"{counts}, "
        f"CAST(NULL AS BIGINT) AS context_tokens "
        f"FROM range({lines}) AS r(i) JOIN models AS m ON m.n = hash(i + 2) % {len(MODELS)}"
    )


def rate_table() -> pa.Table:
    """Look up every rate, as the fold does once for each key."""
    catalogue = bundled()
    return pa.Table.from_pylist([rate_row(key, rates_of(catalogue, *key)) for key in keys()])


def priced(lines: int) -> tuple[float, float]:
    """Price lines in SQL; give the processor's seconds, and those of the join alone."""
    with duckdb.connect() as duck:
        offer(duck, lines)
        columns = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in RATE_COLUMNS)
        duck.register("told", rate_table())
        duck.execute(f"CREATE TEMP TABLE rates AS SELECT {columns} FROM told")
        join = "FROM lines AS l LEFT JOIN rates AS r USING (provider, model, tier, day)"
        sums = (f"SUM({cost_sql('l', 'r')})", "SUM(r.input_0)")
        found = [_quickest(duck, f"SELECT {one}, COUNT(*) {join}") for one in sums]
    return found[0], found[1]


def _quickest(duck: duckdb.DuckDBPyConnection, sql: str) -> float:
    return min(cpu_seconds(lambda: duck.execute(sql).fetchall()) for _ in range(3))


def repriced(lines: int) -> float:
    """Reprice calls of one month that had no price yet; give the processor's seconds."""
    made = {
        "day": f"DATE '{FIRST}' + CAST(i % {DAYS} AS INTEGER)",
        "at": f"TIMESTAMP '{FIRST}' + to_days(CAST(i % {DAYS} AS INTEGER)) + to_seconds(i % 86400)",
        "call_key": "hash('call-' || i)",
        "call_id": "'call-' || i",
        "provider": "'openai'",
        "model": "CASE i % 3 WHEN 0 THEN 'gpt-5' WHEN 1 THEN 'gpt-5-mini' ELSE 'gpt-4o' END",
        "tier": "'standard'",
        "user_id": "md5(CAST(i % 5000 AS VARCHAR))",
        "status": "'ok'",
        "input_tokens": "1000",
        "output_tokens": "100",
        "feature": "'feature-' || (i % 4)",
    }
    columns = ", ".join(
        f'CAST({made.get(name, USUAL.get(kind, "NULL"))} AS {kind}) AS "{name}"'
        for name, kind in calls().columns
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "costper.yaml"
        path.write_text("currency: USD\n", encoding="utf-8")
        found = load_settings(path, catalogue={}, drivers=DRIVERS, environment={})
        books = open_books(found, now=NOW)
        select = f"SELECT {columns} FROM range({lines}) AS r(i)"
        books.marts.replace([Write(table="calls", select=select)])
        rebuild(books, [FIRST + timedelta(days=number) for number in range(DAYS)])
        took = cpu_seconds(
            lambda: apply_reprice(
                books, plan_reprice(books, catalogue_of(books), since=FIRST), now=NOW
            )
        )
        books.close()
    return took


def main(lines: int = LINES) -> int:
    """Price lines and print what came out."""
    looked_up = cpu_seconds(rate_table)
    bulk, joined = priced(lines)
    line = Line(input_tokens=20_000, output_tokens=500, cache_read_tokens=9_000)
    rates = rates_of(bundled(), "openai", "gpt-5", "standard", FIRST)
    one = cpu_seconds(lambda: [price(line, rates) for _ in range(20_000)]) / 20_000
    again = repriced(lines)
    return report(
        _more("million lines priced in bulk, a core's second", lines / bulk / 1e6, 1, "M"),
        Figure(name="the same beside its join alone", value=bulk / joined, bound=12, unit="x"),
        _more("thousand rates looked up, a core's second", len(keys()) / looked_up / 1e3, 1, "k"),
        Figure(name="one line priced in Python", value=one * 1e6, bound=50, unit="us"),
        _more("thousand calls repriced, a core's second", lines / again / 1e3, 100, "k"),
    )


def _more(name: str, value: float, bound: float, unit: str) -> Figure:
    return Figure(name=name, value=value, bound=bound, unit=unit, at_most=False)


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:])))
