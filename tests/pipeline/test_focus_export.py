"""An export in FOCUS 1.3 adds up to the bill, charge by charge."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, localcontext
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet
from tests.allocation.world import MONTH
from tests.pipeline.bill import land
from tests.pipeline.shop import shop
from tests.pipeline.test_explain import LINES, RULES, filled

from costper.errors import ConservationError, UserError
from costper.model.money import COST_COLUMNS, EXACT, plain
from costper.model.period import month_of
from costper.pipeline import focus_export
from costper.pipeline.focus_export import export
from costper.pipeline.focus_rows import as_bytes, groups

NAMES = {"effective_cost": "EffectiveCost", "billed_cost": "BilledCost"}


def sums(rows: list[dict[str, str]]) -> dict[str, dict[str, Decimal]]:
    found: dict[str, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(NAMES, Decimal(0)))
    with localcontext(EXACT):
        for row in rows:
            for name, focus in NAMES.items():
                found[row["x_OriginCharge"]][name] += Decimal(row[focus])
    return found


def test_allocated_charges_add_up_to_each_origin_charge(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        done = export(books.books, month_of(MONTH), tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (done.charges, done.rows) == (len(LINES), len(rows))
    by_charge = sums(rows)
    for number, line in enumerate(LINES, start=2):
        assert by_charge[f"aws/1/0:{number}"] == {name: line.costs[name] for name in NAMES}
    ratios: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["AllocatedMethodId"]:
            (element,) = json.loads(row["AllocatedMethodDetails"], parse_float=Decimal)["Elements"]
            assert ("UsageUnit" in element) == ("UsageQuantity" in element)
            ratios[row["x_OriginCharge"]] += element["AllocatedRatio"]
            tags, allocated = json.loads(row["Tags"]), json.loads(row["AllocatedTags"])
            assert not set(tags) & set(allocated)
            assert row["AllocatedResourceName"] == allocated["customer"]
    assert set(ratios.values()) == {Decimal(1)}
    assert [row["AllocatedMethodId"] for row in rows if row["x_OriginCharge"] == "aws/1/0:2"] == [
        ""
    ]


def test_what_was_written_is_told_by_currency_and_progress_by_month(tmp_path: Path) -> None:
    told: list[str] = []
    with shop(tmp_path, *RULES) as books:
        filled(books)
        dollar, euro = LINES[0], replace(LINES[1], currency="EUR")
        land(books.books, (dollar, euro))
        books.apply()
        done = export(books.books, month_of(MONTH), tmp_path / "out.csv", progress=told.append)
    assert {currency: costs["billed_cost"] for currency, costs in done.costs.items()} == {
        "EUR": euro.costs["billed_cost"],
        "USD": dollar.costs["billed_cost"],
    }
    assert told == [f"writing {MONTH:%Y-%m}"]


def test_parquet_holds_the_same_rows(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        done = export(books.books, month_of(MONTH), tmp_path / "out.parquet")
    table = parquet.read_table(tmp_path / "out.parquet")
    assert table.num_rows == done.rows
    with localcontext(EXACT):
        costs: list[Decimal] = [row["EffectiveCost"] for row in table.to_pylist()]
        assert sum(costs, Decimal(0)) == sum(
            (line.costs[COST_COLUMNS[0]] for line in LINES), Decimal(0)
        )


def test_csv_and_parquet_say_the_same_cell_by_cell(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        for name in ("out.csv", "out.parquet"):
            export(books.books, month_of(MONTH), tmp_path / name)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    table = parquet.read_table(tmp_path / "out.parquet")
    assert list(rows[0]) == table.column_names
    assert rows == [
        {name: written(value) for name, value in row.items()} for row in table.to_pylist()
    ]


def written(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value, 0)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return "" if value is None else str(value)


def undivided(*_: object) -> list[int]:
    return [1]


def one_more(amounts: Iterable[int]) -> bytes:
    first, *others = amounts
    return as_bytes([first + 1, *others])


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_a_broken_export_leaves_the_file_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    target = tmp_path / name
    target.write_bytes(b"of last month")
    monkeypatch.setattr(focus_export, "_divided", undivided)
    with shop(tmp_path, *RULES) as books:
        filled(books)
        with pytest.raises((ConservationError, ValueError)):
            export(books.books, month_of(MONTH), target)
    assert target.read_bytes() == b"of last month"
    assert [path.name for path in tmp_path.glob("*out*")] == [name]


def test_a_digit_lost_is_said_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(focus_export, "as_bytes", one_more)
    with shop(tmp_path, *RULES) as books:
        filled(books)
        with pytest.raises(ConservationError, match=r"written, .* charged"):
            export(books.books, month_of(MONTH), tmp_path / "out.csv")
    assert not list(tmp_path.glob("*out*"))


def test_a_folder_that_is_not_there_cannot_be_written_to(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        with pytest.raises(OSError, match="nowhere"):
            export(books.books, month_of(MONTH), tmp_path / "nowhere" / "out.csv")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([None, "", "x"])), min_size=1))
def test_rows_are_alike_when_all_their_words_are(rows: list[tuple[str, str | None]]) -> None:
    numbers = groups([pa.array([row[place] for row in rows], pa.string()) for place in (0, 1)])
    alike = {
        (one, other)
        for one, row in enumerate(rows)
        for other, _ in enumerate(rows)
        if row == rows[other]
    }
    assert alike == {
        (one, other)
        for one, number in enumerate(numbers)
        for other, that in enumerate(numbers)
        if number == that
    }


def test_another_format_is_wrong_use_and_leaves_no_file(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books, pytest.raises(UserError, match=r"neither .csv"):
        export(books.books, month_of(MONTH), tmp_path / "out.xlsx")
    assert not list(tmp_path.glob("*out*"))
