"""Savings through the command line: a bill on disk, landed, allocated, asked and explained."""

import csv
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.cli.world import Ran, run

CONFIG = """\
organisation: Seed
currency: USD
cost_of_record: {record}
sources:
  bill: {{type: focus_file, path: {path}}}
"""
OCTOBER = date(2026, 10, 1)
COSTS = ("BilledCost", "EffectiveCost", "ContractedCost", "ListCost")
PLAIN = {
    "BillingCurrency": "USD",
    "BillingAccountId": "1",
    "BillingPeriodStart": "2026-10-01T00:00:00Z",
    "BillingPeriodEnd": "2026-11-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "ServiceName": "Compute",
    "ServiceProviderName": "Cloud",
    "Tags": "{}",
}
STAGING = json.dumps({"environment": "staging", "team": "web"})
SPARE = {"CommitmentDiscountStatus": "Unused", "CommitmentDiscountId": "plan-1"}


def charge(cost: str, start: str, end: str, **said: str) -> dict[str, str]:
    """Give a row of a bill."""
    period = {"ChargePeriodStart": f"2026-{start}:00Z", "ChargePeriodEnd": f"2026-{end}:00Z"}
    return {**PLAIN, **dict.fromkeys(COSTS, cost), **period, **said}


def october() -> Iterator[dict[str, str]]:
    """Seed 003: $120K, of it staging $18K ($11K while nobody works), and $12K never used."""
    yield charge("11000", "10-05T03:00", "10-05T04:00", Tags=STAGING)
    yield charge("7000", "10-05T12:00", "10-05T13:00", Tags=STAGING)
    yield charge("12000", "10-01T00:00", "11-01T00:00", ServiceName="Plans", **SPARE)
    for offset in range(31):
        day, after = OCTOBER + timedelta(days=offset), OCTOBER + timedelta(days=offset + 1)
        cost = "90000" if offset == 7 else "0"
        yield charge(cost, f"{day:%m-%d}T00:00", f"{after:%m-%d}T00:00")


def write(folder: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write a bill and its settings."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    with (folder / "bill.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    text = CONFIG.format(record="effective_cost", path="bill.csv")
    (folder / "costper.yaml").write_text(text, encoding="utf-8")


def asked(folder: Path, *words: str) -> dict[str, Any]:
    """Run a reading verb and read its JSON."""
    ran: Ran = run(folder, *words, "--json")
    assert ran.code == 0, ran.err
    answer: dict[str, Any] = json.loads(ran.out)
    return answer


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    write(tmp_path, list(october()))
    ran = run(tmp_path, "sync")
    assert ran.code == 0, ran.err
    return tmp_path


def test_seed_003_saves_23_of_120_thousand(seed: Path) -> None:
    answer = asked(seed, "savings", "--months", "1")
    total = answer["total"]
    assert [total[name] for name in ("monthly_cost", "monthly_saving", "left")] == [
        "120000.00",
        "23000.00",
        "97000.00",
    ]
    assert total["share_percent"] == "19.17"
    spare, nights = answer["rows"]
    assert [spare["kind"], spare["monthly_saving"], spare["resource"]] == [
        "unused_commitment",
        "12000.00",
        "plan-1",
    ]
    assert [nights["monthly_cost"], nights["monthly_saving"], nights["left"]] == [
        "18000.00",
        "11000.00",
        "7000.00",
    ]
    assert nights["saving_percent"] == "61.11"


def test_seed_003_staging_waste_is_the_same_by_itself(seed: Path) -> None:
    (row,) = asked(seed, "waste", "--from", "2026-10", "--to", "2026-11")["rows"]
    assert [row[name] for name in ("cost", "idle_cost", "idle_percent", "left")] == [
        "18000.00",
        "11000.00",
        "61.1",
        "7000.00",
    ]


def test_savings_are_told_to_people_and_as_csv(seed: Path) -> None:
    ran = run(seed, "savings", "--months", "1")
    assert ran.code == 0
    assert "commitment nobody used" in ran.out
    assert "$23,000.00 of $120,000.00 a month could be saved (19.2 %), $97,000.00 would" in ran.out
    rows = list(csv.DictReader(run(seed, "savings", "--months", "1", "--csv").out.splitlines()))
    assert [row["monthly_saving"] for row in rows] == ["12000.00", "11000.00"]


def test_unused_commitment_is_a_line_of_its_own_and_explained(seed: Path) -> None:
    days = ("--from", "2026-10", "--to", "2026-11")
    by = asked(seed, "cost", "--by", "charge_category", *days)["rows"]
    assert {row["charge_category"]: row["cost"] for row in by} == {
        "Usage": "108000.00",
        "Unused commitment": "12000.00",
    }
    where = ("--where", "charge_category = 'unused commitment'")
    (row,) = asked(seed, "cost", "--by", "service", *where, *days)["rows"]
    assert (row["service"], row["cost"]) == ("plans", "12000.00")
    found = asked(seed, "savings", "--months", "1")["rows"][0]
    (proof,) = found["evidence"]
    assert proof["explain"] == "costper explain --charge bill/1/0:4"
    explained = asked(seed, "explain", "--charge", proof["charge"])
    assert explained["total"]["cost"] == "12000.00"
    lines = asked(seed, "explain", "service", "plans", *days)
    assert lines["total"]["cost"] == "12000.00"
    assert {line["charge"] for line in lines["rows"] if line["charge"]} == {proof["charge"]}


@pytest.mark.shared("data/bills")
def test_the_focus_samples_idle_addresses_are_all_found(tmp_path: Path, shared: Path) -> None:
    path = tmp_path / "sample.csv"
    shutil.copy(shared / "data/bills/focus-sample-1.0/focus_sample.csv", path)
    text = CONFIG.format(record="billed_cost", path="sample.csv")
    (tmp_path / "costper.yaml").write_text(text, encoding="utf-8")
    assert run(tmp_path, "sync").code == 0
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    idle = [row for row in rows if "Idle public" in row["ChargeDescription"]]
    answer = asked(tmp_path, "savings", "--from", "2024-09", "--to", "2024-10")
    found = [row for row in answer["rows"] if row["rule"] == "idle_address"]
    proof = [one for row in found for one in row["evidence"]]
    assert sum(one["bill_rows"] for one in proof) == len(idle) > 0
    billed = sum((Decimal(row["BilledCost"]) for row in idle), Decimal(0))
    assert sum((Decimal(row["monthly_saving"]) for row in found), Decimal(0)) == billed
    assert {row["kind"] for row in answer["rows"]} <= {"orphan_candidate", "nights_and_weekends"}
