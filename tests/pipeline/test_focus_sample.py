"""The official FOCUS sample, through the front door, explained by file and row."""

import csv
import shutil
from decimal import Decimal, localcontext
from pathlib import Path

import pytest
from tests.pipeline.shop import NOW

from costper.allocation.drivers import DRIVERS
from costper.config.load import load_settings
from costper.model.money import EXACT
from costper.model.period import Period
from costper.pipeline.allocate import apply
from costper.pipeline.explain import explain
from costper.pipeline.explain_charge import explain_charge
from costper.pipeline.sync import sync
from costper.sources import SOURCES
from costper.store.books import Books, open_books

CONFIG = """\
organisation: Sample
currency: USD
cost_of_record: billed_cost
dimensions:
  customer: {from: [tags.org, tags.application]}
sources:
  bill: {type: focus_file, path: focus_sample.csv}
allocation:
  - {rule: dedicated, match: {customer: present}, driver: direct}
  - {rule: the rest, match: {customer: absent}, stage: 2, driver: by_cost}
"""
WHOLE = Decimal("20.520226728990")


def sample(root: Path, shared: Path) -> Books:
    (root / "costper.yaml").write_text(CONFIG, encoding="utf-8")
    shutil.copy(shared / "data/bills/focus-sample-1.0/focus_sample.csv", root)
    loaded = load_settings(
        root / "costper.yaml", catalogue=SOURCES, drivers=tuple(DRIVERS), environment={}
    )
    books = open_books(loaded, now=NOW)
    sync(books, now=NOW, progress=str.strip)
    apply(books, now=NOW)
    return books


@pytest.mark.shared("data/bills")
def test_every_customers_number_is_explained_by_rows_of_the_file(
    tmp_path: Path, shared: Path
) -> None:
    books = sample(tmp_path, shared)
    found = books.marts.query(
        "SELECT customer, SUM(billed_cost) AS cost FROM customer_daily GROUP BY customer"
    )
    numbers: dict[str, Decimal] = {row["customer"]: row["cost"] for row in found.to_pylist()}
    days = books.marts.query("SELECT MIN(day) AS a, MAX(day) + 1 AS b FROM legs").to_pylist()[0]
    with (tmp_path / "focus_sample.csv").open(encoding="utf-8", newline="") as file:
        lines = dict(enumerate(csv.DictReader(file), start=2))
    with localcontext(EXACT):
        assert sum(numbers.values(), Decimal(0)) == WHOLE
        largest = sorted(numbers, key=lambda name: -abs(numbers[name]))[:3]
        for name in largest:
            proof = explain(books, "customer", name, Period(days["a"], days["b"]), rows=None)
            assert sum((line.cost for line in proof.lines), Decimal(0)) == numbers[name]
            for line in proof.lines:
                assert line.bill is not None
                assert line.bill.file.endswith("focus_sample.csv")
                assert Decimal(lines[line.bill.row_no]["BilledCost"]) == line.bill.cost
    ids = books.engine.query("SELECT delivery_id AS d, file_no AS f, row_no AS r FROM charges")
    first = ids.to_pylist()[0]
    bill = explain_charge(books, f"bill/{first['d']}/{first['f']}:{first['r']}")
    with localcontext(EXACT):
        assert sum((part.cost for part in bill.parts), Decimal(0)) == bill.bill.cost
    books.close()
