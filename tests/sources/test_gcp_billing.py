"""Google's export: every credit a charge of its own, the invoice's month before the usage's."""

import gzip
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.projected import Row, charges, context, read, summed

from costper.model.money import total
from costper.sources.gcp_billing import SOURCE
from costper.sources.gcp_billing.rows import charges as staged

JULY_31 = "2026-07-31 23:00:00+00:00"
USAGE: dict[str, Any] = {
    "billing_account_id": "0-A-1",
    "service": {"id": "6F81", "description": "Compute Engine"},
    "sku": {"id": "6B8F", "description": "N2 core"},
    "usage_start_time": JULY_31,
    "usage_end_time": "2026-08-01 00:00:00+00:00",
    "project": {"id": "shop", "name": "The shop", "labels": [{"key": "team", "value": "core"}]},
    "labels": [{"key": "customer", "value": 'Ac "me"'}],
    "system_labels": [{"key": "cores", "value": "4"}],
    "tags": [{"key": "env", "value": "prod", "inherited": False, "namespace": "1"}],
    "location": {"location": "us", "country": "US", "region": "us-central1", "zone": "a"},
    "resource": {"name": "vm-1", "global_name": "//compute/vm-1"},
    "export_time": "2026-08-02 01:00:00+00:00",
    "cost": 10.5,
    "currency": "EUR",
    "currency_conversion_rate": 0.9,
    "usage": {
        "amount": 3600.0,
        "unit": "seconds",
        "amount_in_pricing_units": 1.0,
        "pricing_unit": "hour",
    },
    "credits": [],
    "invoice": {"month": "202608"},
    "cost_type": "regular",
}
CREDIT = {"name": "Sustained", "amount": -3.5, "full_name": "Sustained use", "id": "s", "type": "D"}


def lines(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """Write rows as JSON lines, gzipped where the name says so."""
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path


def projected(tmp_path: Path, name: str, **said: object) -> list[Row]:
    """Read one export and give its charges."""
    outcome = read(SOURCE, {"path": name} | said, context(tmp_path, tmp_path))
    assert not outcome.failed, outcome.issues
    [bill] = outcome.items
    return charges(bill, tmp_path)


amounts = st.decimals(min_value=-1000, max_value=1000, places=9)


@given(cost=amounts, credits_=st.lists(amounts, max_size=5), how=st.sampled_from("lct"))
def test_the_net_cost_is_the_cost_and_its_credits(
    cost: Decimal, credits_: list[Decimal], how: str
) -> None:
    said: Any = [{"name": "c", "amount": str(each)} for each in credits_]
    told = {"l": said, "c": json.dumps(said), "t": repr(said)}[how]
    found = list(staged(USAGE | {"cost": str(cost), "credits": told}))
    assert [row["kind"] for row in found] == ["Usage", *["Credit"] * len(credits_)]
    assert total([Decimal(row["amount"] or "") for row in found]) == total([cost, *credits_])


@given(st.floats(min_value=-1e9, max_value=1e9))
def test_a_double_is_read_as_the_shortest_text_that_is_it(cost: float) -> None:
    [row] = staged(USAGE | {"cost": cost})
    assert float(row["amount"] or "") == cost
    assert row["amount"] == repr(cost)


def test_a_row_becomes_its_cost_and_its_credits_with_the_same_dimensions(tmp_path: Path) -> None:
    lines(tmp_path / "a.jsonl", [USAGE | {"credits": [CREDIT]}])
    cost, credit = projected(tmp_path, "a.jsonl")
    shared = [
        "service_name",
        "sub_account_id",
        "sub_account_name",
        "tags",
        "region_id",
        "resource_id",
        "sku_id",
        "billing_currency",
        "charge_period_start",
        "billing_period_start",
        "_row",
    ]
    assert {name: cost[name] for name in shared} == {name: credit[name] for name in shared}
    assert (cost["charge_category"], credit["charge_category"]) == ("Usage", "Credit")
    assert (cost["billed_cost"], credit["billed_cost"]) == (Decimal("10.5"), Decimal("-3.5"))
    assert (cost["list_cost"], credit["list_cost"]) == (Decimal("10.5"), 0)
    assert (cost["pricing_quantity"], credit["pricing_quantity"]) == (1, None)
    assert credit["charge_description"] == "Sustained use"
    assert json.loads(cost["tags"]) == {
        "customer": 'Ac "me"',
        "project/team": "core",
        "system/cores": "4",
        "tag/env": "prod",
    }


def test_the_invoice_month_is_the_billing_period_though_the_usage_lies_before(
    tmp_path: Path,
) -> None:
    lines(tmp_path / "a.jsonl", [USAGE])
    [row] = projected(tmp_path, "a.jsonl")
    assert row["charge_period_start"] == datetime(2026, 7, 31, 23)  # noqa: DTZ001
    assert row["billing_period_start"] == datetime(2026, 8, 1)  # noqa: DTZ001
    assert row["billing_period_end"] == datetime(2026, 9, 1)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("told", "category"),
    [("regular", "Usage"), ("tax", "Tax"), ("adjustment", "Adjustment"),
     ("rounding_error", "Adjustment"), ("", "Usage")],
)  # fmt: skip
def test_every_cost_type_has_its_category(tmp_path: Path, told: str, category: str) -> None:
    lines(tmp_path / "a.jsonl", [USAGE | {"cost_type": told}])
    assert projected(tmp_path, "a.jsonl")[0]["charge_category"] == category


def test_a_month_is_estimated_until_a_week_after_it_ended(tmp_path: Path) -> None:
    lines(tmp_path / "a.jsonl", [USAGE])
    told: list[bool] = []
    for day in (7, 8):
        at = context(tmp_path, tmp_path, now=datetime(2026, 9, day, tzinfo=UTC))
        [bill] = read(SOURCE, {"path": "a.jsonl"}, at).items
        told.append(charges(bill, tmp_path)[0]["estimated"])
    assert told == [True, False]


def test_a_later_day_reads_the_same_bill_unless_a_month_has_settled(tmp_path: Path) -> None:
    lines(tmp_path / "a.jsonl", [USAGE])

    def told(day: int, mode: str) -> tuple[str, dict[str, str]]:
        at = context(tmp_path, tmp_path, now=datetime(2026, 9, day, tzinfo=UTC))
        [bill] = read(SOURCE, {"path": "a.jsonl", "mode": mode}, at).items
        return bill.parts[0].sha256, bill.projection

    assert told(6, "overwrite") == told(7, "overwrite") != told(8, "overwrite")
    assert told(8, "overwrite") == told(20, "overwrite")
    assert told(6, "append") == told(8, "append")


def test_json_lines_and_parquet_give_the_same_charges(tmp_path: Path) -> None:
    rows = [USAGE | {"credits": [CREDIT, CREDIT]}, USAGE | {"cost": 0.1, "credits": [CREDIT]}]
    lines(tmp_path / "a.jsonl.gz", rows)
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    text, parquet = projected(tmp_path, "a.jsonl.gz"), projected(tmp_path, "a.parquet")
    assert summed(text, "billed_cost") == Decimal("0.1")
    assert parquet == text


def test_a_repeated_field_as_bigquery_wraps_it_in_parquet_is_read(tmp_path: Path) -> None:
    wrapped = {"list": [{"element": CREDIT}]}
    pq.write_table(pa.Table.from_pylist([USAGE | {"credits": wrapped}]), tmp_path / "a.parquet")
    assert summed(projected(tmp_path, "a.parquet"), "billed_cost") == 7


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"cost": "ten"}, "cost is not a number"),
        ({"cost": "NaN"}, "cost is not a number"),
        ({"cost": None}, "cost is not a number"),
        ({"invoice": {"month": "202613"}}, "invoice.month is not a month"),
        ({"cost_type": "surprise"}, "unknown cost_type"),
        ({"credits": "[{'amount': -1"}, "credits is neither JSON nor a list"),
        ({"credits": "7"}, "credits is not a list"),
        ({"credits": [{"amount": -1}, {"name": "no amount"}]}, "amount is not a number"),
    ],
)
def test_a_bad_row_is_an_issue_with_its_place_and_no_half_of_it_lands(
    tmp_path: Path, broken: dict[str, Any], why: str
) -> None:
    lines(tmp_path / "a.jsonl", [USAGE, USAGE | broken, USAGE | {"cost": 2}])
    outcome = read(SOURCE, {"path": "a.jsonl"}, context(tmp_path, tmp_path))
    [issue] = outcome.issues
    assert (issue.code, issue.where) == ("bad_row", "a.jsonl:2")
    assert why in issue.message
    found = charges(outcome.items[0], tmp_path)
    assert [row["billed_cost"] for row in found] == [Decimal("10.5"), 2]
    assert [row["_row"] for row in found] == [1, 3]


def test_a_line_that_is_no_json_is_an_issue_and_many_are_told_as_one(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", [USAGE])
    path.write_text(path.read_text() + "{broken\n" * 50, encoding="utf-8")
    outcome = read(SOURCE, {"path": "a.jsonl"}, context(tmp_path, tmp_path))
    assert len(outcome.issues) == 21
    assert sum(issue.count for issue in outcome.issues) == 50
    assert len(charges(outcome.items[0], tmp_path)) == 1


def test_a_cut_off_file_stops_all(tmp_path: Path) -> None:
    whole = lines(tmp_path / "a.jsonl.gz", [USAGE] * 300).read_bytes()
    (tmp_path / "b.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    outcome = read(SOURCE, {"path": "*.gz"}, context(tmp_path, tmp_path))
    assert outcome.items == ()
    assert [(i.code, i.where) for i in outcome.issues] == [("unreadable_file", "b.jsonl.gz")]


def test_a_file_of_another_kind_stops_all(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("BilledCost,BillingCurrency\n1,USD\n", encoding="utf-8")
    outcome = read(SOURCE, {"path": "a.csv"}, context(tmp_path, tmp_path))
    assert outcome.items == ()
    assert "not a Cloud Billing export" in outcome.issues[0].message


def test_two_files_of_one_invoice_month_need_a_word_how_they_relate(tmp_path: Path) -> None:
    lines(tmp_path / "a.jsonl", [USAGE])
    lines(tmp_path / "b.jsonl", [USAGE | {"cost": 1}])
    refused = read(SOURCE, {"path": "*.jsonl"}, context(tmp_path, tmp_path))
    assert [issue.code for issue in refused.issues] == ["ambiguous_files"]
    assert refused.items == ()
    assert summed(projected(tmp_path, "*.jsonl", files="parts"), "billed_cost") == Decimal("11.5")
    later = read(SOURCE, {"path": "*.jsonl", "mode": "append"}, context(tmp_path, tmp_path))
    assert [bill.mode for bill in later.items] == ["append", "append"]


@pytest.mark.shared("data/bills")
@pytest.mark.parametrize(
    ("name", "rows", "gross", "net"),
    [
        ("gcp__2022-08-01_5.csv", 9, "0.000012", "0.000012"),
        (
            "gcp__202011_30c31bca571d9b7f3b2c8459dd8bc34a_2020-11-08-2020-11-11.csv",
            33,
            "0.000032",
            "0",
        ),
    ],
)
def test_public_exports_add_up_to_the_last_digit(
    shared: Path, tmp_path: Path, name: str, rows: int, gross: str, net: str
) -> None:
    at = context(shared / "data" / "bills" / "koku", tmp_path)
    outcome = read(SOURCE, {"path": name}, at)
    assert outcome.issues == ()
    found = charges(outcome.items[0], tmp_path)
    assert len(found) == rows
    assert summed([r for r in found if r["charge_category"] == "Usage"], "billed_cost") == Decimal(
        gross
    )
    assert summed(found, "billed_cost") == summed(found, "effective_cost") == Decimal(net)
