"""Rows an export wrote become CSV without a digit or a word changed."""

import csv
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from costper.model.money import plain
from costper.store.sheet import added_up, write_csv

KINDS = {"cost": "money", "at": "instant", "word": "text"}
KIND = pa.decimal128(38, 21)
MONEY = st.decimals(
    allow_nan=False, allow_infinity=False, places=21, min_value=-9999, max_value=9999
)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
NOW = datetime(2026, 8, 1, 13, 0, 9, tzinfo=UTC)


def rows(path: Path, found: list[tuple[Decimal | None, str | None]]) -> Path:
    table = pa.table(
        {
            "cost": pa.array([cost for cost, _ in found], KIND),
            "at": pa.array([NOW for _ in found], pa.timestamp("us", tz="UTC")),
            "word": pa.array([word for _, word in found], pa.string()),
        }
    )
    parquet.write_table(table, path / "rows")
    return path / "rows"


@given(st.lists(st.tuples(st.none() | MONEY, st.none() | WORDS), max_size=20))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, found: list[tuple[Decimal | None, str | None]]
) -> None:
    folder = tmp_path_factory.mktemp("sheet")
    write_csv(rows(folder, found), folder / "out.csv", KINDS)
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0] == list(KINDS)
    assert lines[1:] == [
        ["" if cost is None else plain(cost, 0), "2026-08-01T13:00:09Z", word or ""]
        for cost, word in found
    ]


def test_sums_are_exact_and_nothing_where_there_are_no_rows(tmp_path: Path) -> None:
    small = Decimal("0.000000000000000000001")
    path = rows(tmp_path, [(Decimal(99999999999999), "a"), (small, None), (None, None)])
    assert added_up(path, ["cost"]) == (
        3,
        {"cost": Decimal("99999999999999.000000000000000000001")},
    )
    assert added_up(rows(tmp_path, []), ["cost"]) == (0, {"cost": Decimal(0)})


def test_a_file_that_cannot_be_written_is_an_os_error(tmp_path: Path) -> None:
    path = rows(tmp_path, [(Decimal(1), "a")])
    with pytest.raises(OSError, match=r"out\.csv"):
        write_csv(path, tmp_path / "nowhere" / "out.csv", KINDS)
