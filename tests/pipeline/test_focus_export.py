"""An export in FOCUS 1.3 adds up to the bill, charge by charge."""

import csv
import json
from collections import defaultdict
from decimal import Decimal, localcontext
from pathlib import Path

import pytest
from pyarrow import parquet
from tests.allocation.world import MONTH
from tests.pipeline.shop import shop
from tests.pipeline.test_explain import LINES, RULES, filled

from costper.errors import UserError
from costper.model.money import COST_COLUMNS, EXACT
from costper.model.period import month_of
from costper.pipeline.focus_export import export

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


def test_another_format_is_wrong_use_and_leaves_no_file(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books, pytest.raises(UserError, match=r"neither .csv"):
        export(books.books, month_of(MONTH), tmp_path / "out.xlsx")
    assert not list(tmp_path.glob("*out*"))
