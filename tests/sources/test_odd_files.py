"""Odd values and odd files are told by name, and never stop the rest."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.sources.reading import charges, context_at, focus_csv, good

from costper.errors import SourceError
from costper.model.delivery import RawBill
from costper.model.outcome import Outcome
from costper.sources.focus_file import FocusSettings, read

BASE = {"BilledCost": "1.5", "ChargePeriodStart": "2026-08-03T00:00:00Z"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "bills").mkdir(parents=True)
    return folder


def reading(root: Path) -> Outcome[RawBill]:
    return read(FocusSettings(path=("bills/*",)), context_at(root))


def codes(outcome: Outcome[RawBill]) -> list[str]:
    return [issue.code for issue in outcome.issues]


@pytest.mark.parametrize(
    "odd",
    [
        {"BilledCost": "99999999999999999"},
        {"BilledCost": "1_000"},
        {"ChargePeriodStart": "9999-12-31"},
        {"ChargePeriodStart": "9999-12-31 10:00"},
        {"ChargePeriodStart": "0000-01-01"},
        {"BillingPeriodStart": "1969-12-31T00:00:00Z"},
    ],
)
def test_an_odd_value_makes_only_its_own_row_bad(root: Path, odd: dict[str, str]) -> None:
    (root / "bills" / "a.csv").write_text(focus_csv({}, odd))
    [bill] = reading(root).items
    assert [row["_row"] for row in good(charges(bill))] == [2]


def parquet(root: Path, **columns: "pa.Array[Any]") -> Path:
    path = root / "bills" / "a.parquet"
    base: dict[str, pa.Array[Any]] = {name: pa.array([value]) for name, value in BASE.items()}
    given = base | columns
    pq.write_table(pa.table(given), path)
    return path


def test_times_and_digits_as_pandas_and_big_query_write_them_are_read_exactly(root: Path) -> None:
    cost = Decimal("2.4999999999999998")
    start = datetime(2026, 8, 3, 4, tzinfo=UTC)
    parquet(
        root,
        BilledCost=pa.array([cost], pa.decimal256(50, 20)),
        ChargePeriodStart=pa.array([start], pa.timestamp("ns", "UTC")),
    )
    [row] = charges(reading(root).items[0])
    assert (row["billed_cost"], row["charge_period_start"]) == (cost, start.replace(tzinfo=None))


def test_a_time_beyond_the_calendar_in_parquet_is_no_time(root: Path) -> None:
    parquet(root, ChargePeriodStart=pa.array([300_000_000_000], pa.timestamp("s")))
    [row] = charges(reading(root).items[0])
    assert row["charge_period_start"] is None


@pytest.mark.parametrize(
    "name", ["_row", "_file", "file_row_number", "file_index", "filename", "FileName"]
)
def test_a_column_named_like_one_of_our_own_is_kept_beside_it(root: Path, name: str) -> None:
    parquet(root, **{name: pa.array(["mine"])})
    [row] = charges(reading(root).items[0])
    assert row["_row"] == 1
    assert f'"{name}":"mine"' in row["extras"]


@pytest.mark.parametrize("compression", ["snappy", "none"])
def test_parquet_damaged_in_the_middle_is_told_by_name(
    root: Path, compression: Literal["snappy", "none"]
) -> None:
    path = root / "bills" / "a.parquet"
    costs = [str(place / 7) for place in range(50_000)]
    starts = [BASE["ChargePeriodStart"]] * len(costs)
    table = pa.table({"BilledCost": costs, "ChargePeriodStart": starts})
    pq.write_table(table, path, compression=compression, use_dictionary=False)
    content = bytearray(path.read_bytes())
    middle = len(content) // 3
    content[middle : middle + 20_000] = b"\xff" * 20_000
    path.write_bytes(content)
    with pytest.raises(SourceError, match="cannot be read") as told:
        reading(root)
    assert told.value.where == "bills/a.parquet"


def test_a_last_row_without_a_line_end_may_be_cut_off(root: Path) -> None:
    lines = focus_csv({}, {"ServiceName": "Storage"}).replace('"', "").rstrip("\n")
    (root / "bills" / "a.csv").write_text(lines)
    [issue] = reading(root).issues
    assert (issue.code, issue.severity) == ("no_line_end", "warning")
    assert issue.where == "bills/a.csv:3"


def test_a_quote_that_closes_ends_the_last_row(root: Path) -> None:
    (root / "bills" / "a.csv").write_text(focus_csv({}).rstrip("\n"))
    assert codes(reading(root)) == []


def test_a_cost_told_in_two_columns_is_ambiguous(root: Path) -> None:
    text = focus_csv({}).replace("ListCost", "BilledCost", 1)
    (root / "bills" / "a.csv").write_text(text)
    outcome = reading(root)
    assert outcome.items == ()
    assert ("ambiguous_column", "bills/a.csv:1") in [(i.code, i.where) for i in outcome.issues]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_utf_16_is_told_with_or_without_its_mark(root: Path, encoding: str) -> None:
    (root / "bills" / "a.csv").write_bytes(focus_csv({}).encode(encoding))
    [issue] = reading(root).issues
    assert (issue.where, issue.message) == ("bills/a.csv", "the text is UTF-16")


@pytest.mark.parametrize("line", ["x" * 200_000, "x" * 200_000 + ",b\n1,2\n"])
def test_a_file_whose_first_line_is_no_header_is_named(root: Path, line: str) -> None:
    (root / "bills" / "z.csv").write_text(line)
    assert [(issue.where, issue.severity) for issue in reading(root).issues] == [
        ("bills/z.csv:1", "error")
    ]
