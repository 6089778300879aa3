"""Times pricing of call lines in bulk: the SQL that folds them, and the rates it looks up.

python -m bench.bench_pricing [LINES]
"""

from __future__ import annotations

import sys
from datetime import date, timedelta

import duckdb
import pyarrow as pa

from bench.measure import Figure, cpu_seconds, report
from costper.model.call import COUNTS, TIERS, Line
from costper.rating.price import price
from costper.rating.prices import bundled, rates_of
from costper.rating.sql_price import RATE_COLUMNS, RateKey, cost_sql, rate_row

LINES = 2_000_000
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


def main(lines: int = LINES) -> int:
    """Price lines and print what came out."""
    with duckdb.connect() as duck:
        offer(duck, lines)
        looked_up = cpu_seconds(rate_table)
        told = rate_table()
        columns = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in RATE_COLUMNS)
        duck.register("told", told)
        duck.execute(f"CREATE TEMP TABLE rates AS SELECT {columns} FROM told")
        join = "provider, model, tier, day"
        bulk = (
            f"SELECT SUM({cost_sql('l', 'r')}) AS cost, COUNT(*) FROM lines AS l "
            f"LEFT JOIN rates AS r USING ({join})"
        )
        duck.execute(bulk).fetchall()
        seconds = min(cpu_seconds(lambda: duck.execute(bulk).fetchall()) for _ in range(3))
        bare = (
            f"SELECT SUM(r.input_0), COUNT(*) FROM lines AS l LEFT JOIN rates AS r USING ({join})"
        )
        joined = min(cpu_seconds(lambda: duck.execute(bare).fetchall()) for _ in range(3))
    line = Line(input_tokens=20_000, output_tokens=500, cache_read_tokens=9_000)
    rates = rates_of(bundled(), "openai", "gpt-5", "standard", FIRST)
    one = cpu_seconds(lambda: [price(line, rates) for _ in range(20_000)]) / 20_000
    return report(
        Figure(
            name="lines priced in bulk, of one core",
            value=lines / seconds / 1e6,
            bound=1,
            unit="M/s",
            at_most=False,
        ),
        Figure(name="the same beside its join alone", value=seconds / joined, bound=12, unit="x"),
        Figure(
            name="rates looked up in the list",
            value=len(keys()) / looked_up / 1e3,
            bound=1,
            unit="k/s",
            at_most=False,
        ),
        Figure(name="one line priced in Python", value=one * 1e6, bound=50, unit="us"),
    )


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:])))
