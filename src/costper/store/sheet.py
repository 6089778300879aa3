"""Reads back the rows an export wrote, and writes them again as CSV."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import duckdb

from costper.model.names import literal, quoted

DIGITS = "RTRIM(RTRIM(CAST({0} AS VARCHAR), '0'), '.')"
INSTANT = "strftime(make_timestamp(epoch_us({0})), '%Y-%m-%dT%H:%M:%SZ')"
TEXT = "NULLIF({0}, '')"
AS_TEXT = {"money": DIGITS, "quantity": DIGITS, "instant": INSTANT}
CSV = "FORMAT csv, HEADER true, NULLSTR '', QUOTE '\"', ESCAPE '\"'"
MEMORY = "1GiB"


def added_up(rows: Path, columns: Sequence[str]) -> tuple[int, dict[str, Decimal]]:
    """Give how many rows a Parquet file holds, and the exact sums of some of its columns."""
    sums = "".join(f", COALESCE(SUM({quoted(name)}), 0)" for name in columns)
    sql = f"SELECT COUNT(*){sums} FROM read_parquet({literal(str(rows))})"
    with _apart(rows) as connection:
        many, *found = connection.execute(sql).fetchall()[0]
    return int(many), {name: Decimal(one) for name, one in zip(columns, found, strict=True)}


def write_csv(rows: Path, target: Path, kinds: Mapping[str, str]) -> None:
    """Write a Parquet file's rows as CSV, in their order.

    `kinds` maps each column to what it holds: money and quantities are written with all their
    digits, instants as FOCUS has them; NULL and '' as nothing. OSError when it cannot be written.
    """
    columns = ", ".join(
        f"{AS_TEXT.get(kind, TEXT).format(quoted(name))} AS {quoted(name)}"
        for name, kind in kinds.items()
    )
    select = f"SELECT {columns} FROM read_parquet({literal(str(rows))})"
    with _apart(target) as connection:
        connection.execute(f"COPY ({select}) TO {literal(str(target))} ({CSV})")


@contextmanager
def _apart(path: Path) -> Generator[duckdb.DuckDBPyConnection]:
    """Work in an engine that has nothing to do with the books; its errors are the file's."""
    connection = duckdb.connect(config={"memory_limit": MEMORY, "threads": "2"})
    try:
        yield connection
    except duckdb.IOException as error:
        raise OSError(f"{path.name}: {str(error).splitlines()[0]}") from error
    finally:
        connection.close()
