"""The counts a sync prints are those of the files, also where one row is two charges."""

import json
from pathlib import Path

from tests.cli.world import run
from tests.sources.cur_report import AMORTISED, PLAN, TOTAL, USED, line, report
from tests.sources.test_gcp_billing import CREDIT, USAGE, lines


def begun(root: Path, source: str) -> None:
    text = f"organisation: Acme\ncurrency: USD\nsources:\n  bill: {source}\n"
    (root / "costper.yaml").write_text(text)


def test_a_fee_with_an_unused_half_is_one_row_of_its_file(tmp_path: Path) -> None:
    begun(tmp_path, "{type: aws_cur, path: cur.csv}")
    fee = line("SavingsPlanRecurringFee", 10, **PLAN | {TOTAL: 10, USED: "7.5"})
    report(tmp_path / "cur.csv", [line("Usage", 5), fee, line("Usage", 1)], *AMORTISED)
    ran = run(tmp_path, "sync")
    assert "bill: 3 rows in 1 file (+ 1 that are two charges) = 4 landed" in ran.out
    (row,) = json.loads(run(tmp_path, "deliveries", "--json").out)["rows"]
    assert row["files"] == ["cur.csv"]
    explained = json.loads(run(tmp_path, "explain", "--charge", "bill/1/1:3", "--json").out)
    assert explained["question"]["bill_row"] == "cur.csv:3"


def test_a_credit_inside_a_cost_row_is_no_row_and_an_unreadable_row_is_one(tmp_path: Path) -> None:
    begun(tmp_path, "{type: gcp_billing, path: bill.json}")
    credited = USAGE | {"currency": "USD", "credits": [CREDIT, CREDIT]}
    rows = [USAGE | {"currency": "USD"}, credited, USAGE | {"cost_type": "odd"}]
    lines(tmp_path / "bill.json", rows)
    ran = run(tmp_path, "sync", "--no-allocate")
    assert ran.code == 1
    assert "bill: 2 rows in 1 file (+ 2 that are two charges) = 4 landed" in ran.out
    assert "bill: 1 more row that cannot be read" in ran.out
