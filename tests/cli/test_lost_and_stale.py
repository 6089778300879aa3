"""What a kill, a lost file or a refused month left behind is told by every verb that reads it."""

import json
from pathlib import Path

import pytest
from tests.cli.world import run

from costper.errors import BooksError
from costper.pipeline import allocate

CONFIG = """
organisation: Acme
currency: USD
sources:
  bill: {type: focus_file, path: bills/*.csv}
"""
HEAD = (
    "BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart,"
    "BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName\n"
)
STALE = "charges changed since the last allocation: run `costper allocate apply`"


def bill(folder: Path, month: int, cost: str) -> None:
    """Write a month's bill of two days."""
    (folder / "bills").mkdir(exist_ok=True)
    first, after = f"2026-{month:02}-01", f"2026-{month + 1:02}-01"
    rows = (
        f"{cost},{cost},USD,a,{first},{after},2026-{month:02}-{day:02},"
        f"2026-{month:02}-{day + 1:02},Usage,compute\n"
        for day in (1, 2)
    )
    (folder / "bills" / f"{month:02}.csv").write_text(HEAD + "".join(rows))


@pytest.fixture
def company(tmp_path: Path) -> Path:
    (tmp_path / "costper.yaml").write_text(CONFIG)
    bill(tmp_path, 9, "1")
    bill(tmp_path, 10, "2")
    return tmp_path


def issues(folder: Path) -> dict[str, str]:
    """Give code → severity of what an answer and `check` say."""
    asked = ("cost", "--from", "2026-09-01", "--to", "2026-11-01", "--json")
    told = json.loads(run(folder, *asked).out)["issues"]
    return {issue["code"]: issue["severity"] for issue in told}


def errors(folder: Path) -> list[str]:
    found = run(folder, "check", "--json")
    wrong = [issue["code"] for issue in json.loads(found.out) if issue["severity"] == "error"]
    assert found.code == int(bool(wrong))
    return wrong


def test_charges_newer_than_their_allocation_are_told_until_the_next_sync(company: Path) -> None:
    assert run(company, "sync").code == 0
    assert (issues(company).get("stale_allocation"), errors(company)) == (None, [])
    bill(company, 10, "3")
    assert run(company, "sync", "--no-allocate").code == 0
    assert issues(company)["stale_allocation"] == "warning"
    assert STALE in run(company, "cost", "--from", "2026-10-01", "--to", "2026-11-01").err
    assert errors(company) == ["stale_allocation"]
    again = run(company, "sync")
    assert (again.code, "allocated 2026-10\n" in again.out) == (0, True)
    assert "unchanged" in again.out
    assert "landed" not in again.out
    assert (issues(company).get("stale_allocation"), errors(company)) == (None, [])


def test_a_month_never_allocated_is_told(company: Path) -> None:
    run(company, "sync", "--no-allocate")
    assert issues(company)["stale_allocation"] == "warning"
    assert errors(company) == ["stale_allocation", "stale_allocation"]


def test_one_refused_month_does_not_block_the_others(
    company: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = allocate.divide  # type: ignore[attr-defined]

    def refusing(*given: object, **said: object) -> object:
        if "2026, 9" in repr(given):
            raise BooksError("an amount and its weights are too large", hint="larger units")
        return real(*given, **said)  # type: ignore[arg-type]

    monkeypatch.setattr(allocate, "divide", refusing)
    first = run(company, "sync")
    assert (first.code, "allocated 2026-10\n" in first.out) == (1, True)
    assert "error: allocation of 2026-09: an amount and its weights" in first.err
    applied = run(company, "allocate", "apply")
    assert (applied.code, "2026-09  refused" in applied.out) == (1, True)
    assert "too large" in applied.err
    assert "allocation_not_kept" in issues(company)
    assert set(errors(company)) == {"stale_allocation", "conservation"}
    monkeypatch.undo()
    assert run(company, "sync").code == 0
    assert errors(company) == []


def test_a_sync_lands_again_what_was_lost_with_the_books(company: Path) -> None:
    run(company, "sync")
    before = run(company, "cost", "--from", "2026-09-01", "--to", "2026-11-01", "--csv").out
    for path in (company / ".costper").glob("books.duckdb*"):
        path.unlink()
    assert "delivery_lost" in errors(company)
    assert issues(company)["delivery_lost"] == "error"
    again = run(company, "sync")
    assert (again.code, "unchanged" in again.out) == (0, False)
    assert errors(company) == []
    after = run(company, "cost", "--from", "2026-09-01", "--to", "2026-11-01", "--csv").out
    assert after == before


def test_every_verb_refuses_books_whose_control_store_is_gone(company: Path) -> None:
    run(company, "sync")
    for path in (company / ".costper").glob("control.sqlite*"):
        path.unlink()
    for words in (("check",), ("sync",), ("cost",)):
        found = run(company, *words)
        assert found.code == 1
        assert "the control store that knows them is gone" in found.err


def test_a_lock_that_is_a_folder_is_told(company: Path) -> None:
    (company / ".costper" / "work" / "sync.lock").mkdir(parents=True)
    found = run(company, "sync")
    assert found.code == 1
    assert "sync.lock" in found.err
    assert "hint" in found.err


def test_check_fails_where_no_books_can_be_kept(company: Path) -> None:
    (company / ".costper").write_text("")
    found = run(company, "check")
    assert found.code == 2
    assert "store.path" in found.err
