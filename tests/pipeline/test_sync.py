"""A sync pulls every source, and one that fails does not stop the others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest
from tests.ledger import NOW

from costper.allocation.drivers import DRIVERS
from costper.config.load import load_settings
from costper.errors import BusyError, UnknownNameError
from costper.pipeline.sync import SourceReport, sync
from costper.sources import SOURCES
from costper.store.books import Books, open_books

CONFIG = """
organisation: Acme
currency: USD
sources:
  broken: {type: focus_file, path: missing/*.csv}
  bill: {type: focus_file, path: bills/*.csv}
  requests: {type: csv, path: usage.csv, date: day, value: n, dimensions: {customer: who}}
customers: {type: csv, path: customers.csv}
rates: {type: csv, path: rates.csv}
"""
BILL = """BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart,\
BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName
1.000000000000000000001,1,USD,a,2026-05-01,2026-06-01,2026-05-01,2026-05-02,Usage,compute
ten,1,USD,a,2026-05-01,2026-06-01,2026-05-01,2026-05-02,Usage,compute
2,1,USD,a,2026-05-01,2026-06-01,2026-05-02,2026-05-03,Usage,compute
"""


@dataclass
class Company:
    """A folder with a costper.yaml, and its books."""

    root: Path
    books: Books

    def sync(self, *names: str) -> Mapping[str, SourceReport]:
        report = sync(self.books, now=NOW, names=names)
        return {source.name: source for source in report.sources}


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    (tmp_path / "costper.yaml").write_text(CONFIG)
    (tmp_path / "bills").mkdir()
    (tmp_path / "bills" / "may.csv").write_text(BILL)
    (tmp_path / "usage.csv").write_text("day,n,who\n2026-05-01,5,acme\n2026-05-01,7,globex\n")
    (tmp_path / "customers.csv").write_text("id,mrr,currency\nacme,2000,USD\n")
    (tmp_path / "rates.csv").write_text("date,currency,rate\n2026-05-01,EUR,1.08\n")
    config = tmp_path / "costper.yaml"
    settings = load_settings(config, catalogue=SOURCES, drivers=tuple(DRIVERS), environment={})
    books = open_books(settings, now=NOW)
    yield Company(tmp_path, books)
    books.close()


def test_every_source_lands_but_the_one_that_is_broken(company: Company) -> None:
    report = company.sync()
    assert list(report) == ["broken", "bill", "requests", "customers", "rates"]
    assert [issue.code for issue in report["broken"].every_issue] == ["source_failed"]
    (bill,) = report["bill"].bills
    assert (bill.rows, bill.landed, bill.bad) == (3, 2, 1)
    assert [i.where for i in bill.issues if i.code == "bad_row"] == ["bills/may.csv:3"]
    assert str(bill.totals["USD"]["billed_cost"]) == "3.000000000000000000001"
    assert report["requests"].series[0].landed == 2
    assert (report["customers"].facts, report["rates"].facts) == (1, 1)


def test_copies_kept_for_a_source_that_is_declared_no_more_are_dropped(company: Company) -> None:
    kept = company.books.settings.store_path / "fetched"
    for name in ("bill", "gone"):
        (kept / name / "bucket").mkdir(parents=True)
    company.sync("requests")
    assert [folder.name for folder in kept.iterdir()] == ["bill"]


def test_a_second_sync_changes_nothing(company: Company) -> None:
    company.sync()
    again = company.sync()
    assert [name for name, source in again.items() if source.changed] == []
    assert again["bill"].bills[0].unchanged == 2
    assert again["bill"].bills[0].bad == 1


def test_a_truncated_file_changes_nothing(company: Company) -> None:
    company.sync("bill")
    (company.root / "bills" / "may.csv").write_bytes(b"\x1f\x8b\x08\x00 not the rest")
    report = company.sync("bill")
    assert report["bill"].bills == ()
    assert [issue.severity for issue in report["bill"].every_issue] == ["error"]
    held = company.books.engine.query("SELECT COUNT(*) AS n FROM charges").to_pylist()
    assert held == [{"n": 2}]


def test_staged_files_are_gone_afterwards_and_so_are_stale_ones(company: Company) -> None:
    work = company.root / ".costper" / "work"
    (work / "sync-of-a-crash").mkdir(parents=True)
    company.sync()
    assert list(work.glob("sync-*")) == []


def test_two_syncs_at_once_are_refused(company: Company) -> None:
    work = company.root / ".costper" / "work"
    work.mkdir(exist_ok=True)
    with (work / "sync.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        with pytest.raises(BusyError, match="another sync"):
            company.sync()


def test_a_name_nobody_declared_is_told_with_the_nearest(company: Company) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'bill'"):
        company.sync("bil")


def test_two_files_of_one_period_are_never_paid_twice(company: Company) -> None:
    (company.root / "bills" / "more.csv").write_text(BILL.replace("compute", "storage"))
    report = company.sync("bill")
    assert [issue.severity for issue in report["bill"].every_issue].count("error") >= 1
    held = company.books.engine.query("SELECT SUM(billed_cost) AS c FROM charges").to_pylist()
    assert held[0]["c"] is None or held[0]["c"] < 4
