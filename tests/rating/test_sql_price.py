"""Prices in SQL and in Python are the same to the last digit, on a real DuckDB."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costper.model.call import COUNTS, Line
from costper.rating.price import parts, price
from costper.rating.prices import bundled, rates_of
from costper.rating.rates import ALL_DAY, KINDS, Band, Rates, half_hour_of
from costper.rating.sql_price import RATE_COLUMNS, cost_sql, rate_row

DAY = date(2026, 11, 20)
KEY = ("openai", "gpt-5", "standard", DAY)
MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
MOST = 10**12

counts = st.one_of(st.just(0), st.integers(0, 2000), st.integers(0, MOST))
rate = st.one_of(
    st.none(), st.decimals(0, 10, places=18), st.decimals(0, Decimal("0.001"), places=18)
)
rate_sets = st.tuples(*(rate for _ in KINDS))
lines = st.builds(
    Line,
    **dict.fromkeys(COUNTS, counts),
    context_tokens=st.one_of(st.none(), counts),
)
bands = st.builds(
    Band,
    rates=rate_sets,
    above=st.sampled_from((-1, 0, 1000, 200_000)),
    hours=st.one_of(st.just(ALL_DAY), st.integers(0, ALL_DAY)),
)
known_rates = st.builds(Rates, base=rate_sets, bands=st.lists(bands, max_size=2).map(tuple))


@pytest.fixture(scope="module")
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        columns = ", ".join(f"{name} {kind}" for name, kind in RATE_COLUMNS)
        connection.execute(f"CREATE TABLE rates ({columns})")
        counted = ", ".join(f"{name} BIGINT" for name in (*COUNTS, "context_tokens"))
        connection.execute(f'CREATE TABLE calls ("at" TIMESTAMP, {counted})')
        yield connection


def in_sql(
    duck: duckdb.DuckDBPyConnection, line: Line, rates: Rates | None, at: datetime
) -> Decimal | None:
    """Price one line in DuckDB."""
    row = rate_row(KEY, rates)
    duck.execute("DELETE FROM rates")
    duck.execute("DELETE FROM calls")
    marks = ", ".join("?" for _ in row)
    duck.execute(f"INSERT INTO rates VALUES ({marks})", [row[name] for name, _ in RATE_COLUMNS])
    values = [
        at.replace(tzinfo=None),
        *(getattr(line, name) for name in (*COUNTS, "context_tokens")),
    ]
    duck.execute(f"INSERT INTO calls VALUES ({', '.join('?' for _ in values)})", values)
    counted = [name for name in COUNTS if getattr(line, name)]
    rated = [name for name, value in row.items() if value is not None]
    whole, lean = cost_sql("l", "r"), cost_sql("l", "r", counted)
    leanest = cost_sql("l", "r", counted, rated)
    found = duck.execute(f"SELECT {whole}, {lean}, {leanest} FROM calls AS l CROSS JOIN rates AS r")
    answer: Decimal | None
    answer, again, once_more = found.fetchall()[0]
    assert again == answer, "what is not counted costs nothing"
    assert once_more == answer, "no rate has what is not rated"
    return answer


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(line=lines, rates=st.one_of(st.none(), known_rates), minute=st.integers(0, 1439))
def test_sql_and_python_price_every_line_alike(
    duck: duckdb.DuckDBPyConnection, line: Line, rates: Rates | None, minute: int
) -> None:
    at = MIDNIGHT + timedelta(minutes=minute)
    assert in_sql(duck, line, rates, at) == price(line, rates, half_hour_of(at))


@given(line=lines)
def test_the_parts_of_a_line_hold_each_token_once(line: Line) -> None:
    found = dict(zip(KINDS, parts(line), strict=True))
    assert all(count >= 0 for count in found.values())
    outputs = ("output", "reasoning", "audio_output", "image_output", "output_beside_image")
    assert sum(found[kind] for kind in outputs) == line.output_tokens
    cached = line.cache_read_tokens + line.cache_write_tokens
    inputs = ("input", "audio_input", "image_input", "cache_read", "audio_cache_read",
              "cache_write", "cache_write_1h")  # fmt: skip
    assert sum(found[kind] for kind in inputs) == max(line.input_tokens, cached)


def test_a_line_without_a_rate_is_null_in_sql_also_where_the_join_finds_nothing(
    duck: duckdb.DuckDBPyConnection,
) -> None:
    duck.execute("DELETE FROM rates")
    duck.execute("DELETE FROM calls")
    duck.execute("INSERT INTO calls (\"at\", input_tokens) VALUES (TIMESTAMP '2026-11-20', 0)")
    found = duck.sql(f"SELECT {cost_sql('l', 'r')} FROM calls AS l LEFT JOIN rates AS r ON TRUE")
    assert found.fetchall() == [(None,)]


def test_a_rate_row_fits_its_columns_as_arrow(duck: duckdb.DuckDBPyConnection) -> None:
    rates = rates_of(bundled(), *KEY)
    table = pa.Table.from_pylist([rate_row(KEY, rates)])
    assert tuple(table.column_names) == tuple(name for name, _ in RATE_COLUMNS)
    del duck
