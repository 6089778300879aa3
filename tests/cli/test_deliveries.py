"""Sync and deliveries as people type them."""

import json
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from tests.ledger import NOW

from costper.cli.context import Context
from costper.cli.main import main
from costper.store.spool import Batch, Spool

CONFIG = """
organisation: Acme
currency: USD
sources:
  bill: {type: focus_file, path: bills/*.csv}
"""
HEAD = (
    "BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart,"
    "BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,SubAccountId"
)


def line(
    day: int, cost: str, service: str = "compute", *, billed: str = "", currency: str = "USD"
) -> str:
    span = f"2026-05-0{day},2026-05-0{day + 1}"
    return f"{billed or cost},{cost},{currency},a,2026-05-01,2026-06-01,{span},Usage,{service},123"


@dataclass
class Company:
    """A folder, and what a command said there."""

    root: Path
    out: str = ""
    err: str = ""

    def bill(self, *lines: str) -> None:
        (self.root / "bills" / "may.csv").write_text("\n".join((HEAD, *lines, "")))

    def run(self, *words: str) -> int:
        out, err = StringIO(), StringIO()
        context = Context(now=NOW, environment={}, stdout=out, stderr=err, cwd=self.root)
        code = main(words, context)
        self.out, self.err = out.getvalue(), err.getvalue()
        return code


@pytest.fixture
def company(tmp_path: Path) -> Company:
    (tmp_path / "bills").mkdir()
    (tmp_path / "costper.yaml").write_text(CONFIG)
    company = Company(tmp_path)
    company.bill(line(1, "1.5"), line(2, "2.000000000000000000001"))
    return company


def test_a_sync_prints_rows_and_totals_that_reconcile(company: Company) -> None:
    assert company.run("sync") == 0
    assert "bill: 2 rows in 1 file = 2 landed" in company.out
    assert "billed_cost 3.500000000000000000001" in company.out
    assert "allocated 2026-05" in company.out
    assert company.run("sync") == 0
    assert "2 rows in 1 file = 2 unchanged" in company.out
    assert "allocation: nothing changed" in company.out


def test_a_sync_says_that_events_wait_for_a_server(company: Company) -> None:
    assert company.run("sync") == 0
    spool = Spool(company.root / ".costper" / "spool.sqlite", folded=0)
    spool.write([Batch(seq=1, events=3, plain=2, body=b"{}", received_us=0)])
    spool.close()
    assert company.run("sync") == 0
    told = "info: calls: 3 events of calls are acknowledged and not in the books yet"
    assert company.err.count(told) == 1
    assert "`costper serve` takes them in" in company.err


def test_a_bad_row_makes_the_exit_code_one(company: Company) -> None:
    company.bill(line(1, "1.5"), line(2, "ten"))
    assert company.run("sync", "--no-allocate") == 1
    assert "2 rows in 1 file = 1 landed, 1 bad" in company.out
    assert "error: bills/may.csv:3: no readable BilledCost" in company.err


def test_a_diff_names_what_changed_to_the_last_digit(company: Company) -> None:
    company.run("sync", "--no-allocate")
    company.bill(line(1, "1.5"), line(2, "4"), line(2, "1", "storage"))
    company.run("sync", "--no-allocate")
    assert company.run("deliveries", "--diff", "--json") == 0
    answer = json.loads(company.out)
    moved = [
        (row["day"], row["service"], row["billed_before"], row["billed_change"])
        for row in answer["rows"]
    ]
    assert moved == [
        ("2026-05-02", "compute", "2.000000000000000000001", "1.999999999999999999999"),
        ("2026-05-02", "storage", "0.00", "1.00"),
    ]
    assert {row["sub_account"] for row in answer["rows"]} == {"123"}
    (total,) = answer["total"]["changes"]
    assert total["billed_cost"] == "2.999999999999999999999"
    assert company.run("deliveries", "--diff", "7") == 2


def test_a_diff_shows_a_change_of_the_billed_cost_alone(company: Company) -> None:
    company.run("sync", "--no-allocate")
    company.bill(line(1, "1.5", billed="11.5"), line(2, "2.000000000000000000001"))
    company.run("sync", "--no-allocate")
    assert company.run("deliveries", "--diff") == 0
    _, heads, row, _ = company.out.splitlines()
    for cost in ("billed", "effective"):
        for moment in ("before", "after", "change"):
            assert f"{cost} {moment}" in heads
    money = ["$1.50", "$11.50", "$10.00", "$1.50", "$1.50", "$0.00"]
    assert row.split() == ["2026-05-01", "compute", "123", "USD", *money]


def test_money_is_shown_in_the_currency_of_its_delivery(company: Company) -> None:
    company.bill(line(1, "30", currency="NOK"))
    company.run("sync", "--no-allocate")
    company.bill(line(1, "31", currency="NOK"))
    company.run("sync", "--no-allocate")
    for words in (("deliveries",), ("deliveries", "--diff")):
        assert company.run(*words) == 0
        assert "NOK 31.00" in company.out
        assert "$" not in company.out


def test_deliveries_are_listed_with_what_they_hold(company: Company) -> None:
    company.run("sync", "--no-allocate")
    assert company.run("deliveries") == 0
    assert "current" in company.out
    assert company.run("deliveries", "--json") == 0
    (row,) = json.loads(company.out)["rows"]
    assert (row["status"], row["rows"], row["days"]) == ("current", 2, 2)
    assert row["files"] == ["bills/may.csv"]
    assert company.run("deliveries", "--diff") == 2
    assert "no delivery has replaced another yet" in company.err


def test_a_source_nobody_knows_is_wrong_use_and_one_of_old_is_not(company: Company) -> None:
    company.run("sync", "--no-allocate")
    assert company.run("deliveries", "--source", "bil") == 2
    assert "unknown source 'bil'\n  hint: did you mean 'bill'?" in company.err
    (company.root / "costper.yaml").write_text(CONFIG.replace("  bill:", "  new:"))
    assert company.run("deliveries", "--source", "bill") == 0
    assert "current" in company.out


def test_a_closed_period_is_reopened_with_a_reason(company: Company) -> None:
    company.run("sync", "--no-allocate")
    assert company.run("deliveries", "close", "2026-05") == 0
    company.bill(line(1, "9"), line(2, "9"))
    assert company.run("sync", "--no-allocate") == 1
    assert "2 rows in 1 file = 2 refused" in company.out
    assert "error: bill a 2026-05: not landed: the billing period is closed" in company.err
    assert "costper deliveries reopen 2026-05 --reason '...'" in company.err
    assert company.run("deliveries", "reopen", "2026-05") == 2
    assert company.run("deliveries", "reopen", "2026-05", "--reason", "AWS corrected it") == 0
    assert company.run("sync", "--no-allocate") == 0
    assert "2 landed" in company.out


def test_wrong_use_says_what_to_do(company: Company) -> None:
    assert company.run("deliveries", "close") == 2
    for wrong in ("2026-13", "2026-05-02", "may"):
        assert company.run("deliveries", "close", wrong) == 2
        assert f"'{wrong}' is not a billing period; write one like 2026-08" in company.err
    assert company.run("deliveries", "close", "2026-05", "--source", "bil") == 2
    assert "did you mean 'bill'" in company.err
    for wrong in ("0001-01", "0000-01", "9999-01"):
        assert company.run("deliveries", "close", wrong) == 2
        assert "is not from 1970-01-01 to 2200-01-01" in company.err
    assert company.run("sync", "--to", "2026-05-01") == 2
    assert company.run("sync", "bil") == 2


def total(company: Company) -> str:
    company.run("cost", "--from", "2026-05", "--to", "2026-06", "--json")
    found = json.loads(company.out)["total"]["billed_cost"]
    return str(found if isinstance(found, str) else found["reason"])


def test_a_renamed_source_is_counted_once_and_can_be_withdrawn(company: Company) -> None:
    company.run("sync")
    once = total(company)
    assert company.run("deliveries", "withdraw", "--source", "bill", "--reason", "x") == 2
    assert "bill is named in costper.yaml" in company.err
    (company.root / "costper.yaml").write_text(CONFIG.replace("bill:", "aws:"))
    assert company.run("sync") == 1
    assert "the same bytes are in the books as delivery 1 of bill" in company.err
    assert total(company) == once
    company.run("check")
    assert "2 charges of bill, which is not in costper.yaml, count all the same" in company.out
    assert company.run("deliveries", "withdraw", "--source", "bill") == 2
    assert "a withdrawal says why" in company.err
    assert company.run("deliveries", "withdraw", "--source", "bill", "--reason", "renamed") == 0
    assert "bill: 2 charges of 1 delivery withdrawn" in company.out
    assert total(company) == "no_data"
    assert company.run("sync") == 0
    assert total(company) == once
    company.run("check")
    assert "not in costper.yaml" not in company.out + company.err
