"""AWS reports: any spelling of their columns, their tags, periods and files."""

import gzip
import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.sources.cur_report import AMORTISED, COVERED, PLAN, TOTAL, USED, line, projected, report
from tests.sources.projected import charges, context, read, summed

from costper.errors import UserError
from costper.sources.aws_cur import SOURCE


def test_tags_keep_their_keys_and_two_that_differ_by_case_are_two(tmp_path: Path) -> None:
    tags = {
        "resourceTags/user:Team": "A",
        "resourceTags/user:team": 'b "quoted" \\ and\nbroken',
        "resourceTags/aws:createdBy": "Root:1",
        "resourceTags/user:empty": "",
        "costCategory/Cost Centre": "7",
    }
    report(tmp_path / "cur.csv", [line("Usage", 1, **tags), line("Usage", 2)])
    tagged, bare = projected(tmp_path)
    assert json.loads(tagged["tags"]) == {
        "Team": "A",
        "team": 'b "quoted" \\ and\nbroken',
        "aws:createdBy": "Root:1",
        "cost_category:Cost Centre": "7",
    }
    assert bare["tags"] is None


def test_a_tax_that_ends_a_second_short_ends_where_the_month_does(tmp_path: Path) -> None:
    span = {
        "lineItem/UsageStartDate": "2026-08-01T00:00:00Z",
        "lineItem/UsageEndDate": "2026-08-31T23:59:59Z",
    }
    report(tmp_path / "cur.csv", [line("Tax", 3, **span)])
    [row] = projected(tmp_path)
    assert row["charge_period_end"] == datetime(2026, 9, 1)  # noqa: DTZ001 - UTC without a zone


def test_a_charge_is_estimated_until_its_bill_has_an_invoice(tmp_path: Path) -> None:
    invoices = ["", "Estimated", "987"]
    report(tmp_path / "cur.csv", [line("Usage", 1, **{"bill/InvoiceId": i}) for i in invoices])
    found = projected(tmp_path)
    assert [row["estimated"] for row in found] == [True, True, False]
    assert [row["invoice_id"] for row in found] == [None, None, "987"]


def test_usage_is_listed_at_the_public_price_and_a_marketplace_keeps_its_seller(
    tmp_path: Path,
) -> None:
    market = {"lineItem/LegalEntity": "Red Hat, Inc.", "bill/InvoicingEntity": "AWS, Inc."}
    public = "pricing/publicOnDemandCost"
    lines = [
        line("Usage", 2, **market | {public: 3}),
        line("DiscountedUsage", 0, **{public: 5}),
        line("Usage", 4, **{public: ""}),
    ]
    report(tmp_path / "cur.csv", lines)
    found = projected(tmp_path)
    assert [row["list_cost"] for row in found] == [3, 5, 4]
    assert [row["contracted_cost"] for row in found] == [2, 5, 4]
    assert [row["invoice_issuer_name"] for row in found] == ["Red Hat, Inc.", None, None]


CUR2: dict[str, Any] = {
    "bill_payer_account_id": "111111111111",
    "bill_invoice_id": "42",
    "bill_billing_period_start_date": datetime(2026, 8, 1),  # noqa: DTZ001
    "bill_billing_period_end_date": datetime(2026, 9, 1),  # noqa: DTZ001
    "line_item_usage_account_id": "222222222222",
    "line_item_usage_account_name": "shop",
    "line_item_currency_code": "USD",
    "line_item_usage_start_date": datetime(2026, 8, 2),  # noqa: DTZ001
    "line_item_usage_end_date": datetime(2026, 8, 2, 1),  # noqa: DTZ001
    "line_item_product_code": "AmazonEC2",
    "line_item_line_item_type": "Usage",
    "line_item_unblended_cost": 0.1,
    "savings_plan_savings_plan_effective_cost": 0.0,
    "savings_plan_total_commitment_to_date": 0.0,
    "savings_plan_used_commitment": 0.0,
}
MAPS = {
    "resource_tags": {"user_team": 'a,"user_b', "aws_created_by": "root"},
    "cost_category": {"env": ","},
    "product": {"product_name": "Amazon EC2", "region": "eu-west-1"},
    "discount": {"total_discount": "-1"},
}


def cur2(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """Write a CUR 2.0 report as Parquet, its maps as maps."""
    text_map = pa.map_(pa.string(), pa.string())
    columns = [
        pa.array([list(row[n].items()) for row in rows], text_map)
        if n in MAPS
        else pa.array([row[n] for row in rows])
        for n in rows[0]
    ]
    pq.write_table(pa.table(dict(zip(rows[0], columns, strict=True))), path)
    return path


def test_cur_2_in_parquet_reads_its_maps_and_its_doubles_as_written(tmp_path: Path) -> None:
    fee = {
        "line_item_line_item_type": "SavingsPlanRecurringFee",
        "line_item_unblended_cost": 0.7,
        "savings_plan_total_commitment_to_date": 0.7,
        "savings_plan_used_commitment": 0.6,
    }
    cur2(tmp_path / "cur.parquet", [CUR2 | MAPS, CUR2 | MAPS | fee])
    found = projected(tmp_path, "cur.parquet")
    assert [row["billed_cost"] for row in found] == [Decimal("0.1"), Decimal("0.7"), 0]
    assert [row["effective_cost"] for row in found] == [Decimal("0.1"), 0, Decimal("0.1")]
    assert [row["_row"] for row in found] == [1, 2, 2]
    for row in found:
        assert json.loads(row["tags"]) == {
            "team": 'a,"user_b',
            "aws:created_by": "root",
            "cost_category:env": ",",
        }
        assert (row["service_name"], row["region_id"]) == ("Amazon EC2", "eu-west-1")
        assert row["sub_account_name"] == "shop"


def test_cur_2_in_csv_reads_its_maps_from_json(tmp_path: Path) -> None:
    cells = {name: json.dumps(value) for name, value in MAPS.items()}
    flat = {name: str(value) for name, value in CUR2.items()}
    report(tmp_path / "cur.csv", [flat | cells])
    [row] = projected(tmp_path)
    assert json.loads(row["tags"]) == {
        "team": 'a,"user_b',
        "aws:created_by": "root",
        "cost_category:env": ",",
    }
    assert (row["service_name"], row["region_id"]) == ("Amazon EC2", "eu-west-1")
    assert row["billed_cost"] == Decimal("0.1")


def test_both_spellings_of_a_header_are_one_column(tmp_path: Path) -> None:
    lines = [line("SavingsPlanRecurringFee", 10, **PLAN | {TOTAL: 10, USED: 4})]
    report(tmp_path / "slashed.csv", lines, *AMORTISED)
    athena = {
        "bill/PayerAccountId": "bill_payer_account_id",
        "bill/InvoiceId": "bill_invoice_id",
        "bill/BillingPeriodStartDate": "bill_billing_period_start_date",
        "bill/BillingPeriodEndDate": "bill_billing_period_end_date",
        "lineItem/UsageAccountId": "line_item_usage_account_id",
        "lineItem/CurrencyCode": "line_item_currency_code",
        "lineItem/UsageStartDate": "line_item_usage_start_date",
        "lineItem/UsageEndDate": "line_item_usage_end_date",
        "lineItem/ProductCode": "line_item_product_code",
        "lineItem/LineItemType": "line_item_line_item_type",
        "lineItem/UnblendedCost": "line_item_unblended_cost",
        "savingsPlan/SavingsPlanARN": "savings_plan_savings_plan_a_r_n",
        COVERED: "savings_plan_savings_plan_effective_cost",
        TOTAL: "savings_plan_total_commitment_to_date",
        USED: "savings_plan_used_commitment",
    }
    renamed = [{athena[key]: cell for key, cell in each.items()} for each in lines]
    report(tmp_path / "athena.csv", renamed, athena[COVERED])
    assert projected(tmp_path, "slashed.csv") == projected(tmp_path, "athena.csv")


def test_a_file_that_is_no_report_changes_nothing_and_says_what_it_lacks(tmp_path: Path) -> None:
    report(tmp_path / "good.csv", [line("Usage", 1)])
    (tmp_path / "focus.csv").write_text("BilledCost,BillingCurrency\n1,USD\n", encoding="utf-8")
    outcome = read(SOURCE, {"path": "*.csv"}, context(tmp_path, tmp_path))
    assert outcome.items == ()
    [issue] = outcome.issues
    assert (issue.code, issue.where) == ("not_a_report", "focus.csv")
    assert "line_item_unblended_cost" in issue.message
    assert "focus_file" in issue.hint


def test_a_cut_off_file_changes_nothing(tmp_path: Path) -> None:
    whole = gzip.compress(
        report(tmp_path / "a.csv", [line("Usage", 1)] * 500).read_bytes(), mtime=0
    )
    (tmp_path / "b.csv.gz").write_bytes(whole[: len(whole) // 2])
    outcome = read(SOURCE, {"path": ["a.csv", "b.csv.gz"]}, context(tmp_path, tmp_path))
    assert outcome.items == ()
    assert [issue.code for issue in outcome.issues] == ["unreadable_file"]


def test_a_missing_file_is_told_with_where_it_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"costper\.yaml:7"):
        read(SOURCE, {"path": "none.csv"}, context(tmp_path, tmp_path))


def test_a_manifest_says_which_files_are_the_month(tmp_path: Path) -> None:
    month = tmp_path / "cur" / "20260801-20260901"
    for assembly, cost in (("old", 5), ("new", 7)):
        (month / assembly).mkdir(parents=True)
        report(month / assembly / "cur-1.csv", [line("Usage", cost)])
    keys = ["cur/20260801-20260901/new/cur-1.csv"]
    told = {"assemblyId": "new", "account": "111111111111", "reportKeys": keys}
    (month / "cur-Manifest.json").write_text(json.dumps(told), encoding="utf-8")
    outcome = read(SOURCE, {"path": "cur"}, context(tmp_path, tmp_path))
    [bill] = outcome.items
    assert bill.promised_files == 1
    assert f"{bill.billing_period}" == "2026-08-01"
    assert summed(charges(bill, tmp_path), "billed_cost") == 7


def test_two_files_of_one_month_need_a_word_how_they_relate(tmp_path: Path) -> None:
    report(tmp_path / "a1.csv", [line("Usage", 1)])
    report(tmp_path / "a2.csv", [line("Usage", 2)])
    refused = read(SOURCE, {"path": "a*.csv"}, context(tmp_path, tmp_path))
    assert refused.items == ()
    (issue,) = refused.issues
    assert issue.code == "ambiguous_files"
    assert issue.message.startswith("billing period 2026-08-01 is in a1.csv, a2.csv;")
    assert summed(projected(tmp_path, "a*.csv", files="parts"), "billed_cost") == 3
    said = {"path": "a*.csv", "files": "snapshots"}
    in_turn = read(SOURCE, said, context(tmp_path, tmp_path)).items
    assert [summed(charges(bill, tmp_path), "billed_cost") for bill in in_turn] == [1, 2]


@pytest.mark.shared("data/bills")
@pytest.mark.parametrize(
    ("name", "rows", "billed", "effective"),
    [
        ("nise/aws_org_cur_2026-08.csv.gz", 2232, "2232.0", "2232.0"),
        ("nise/aws_org_cur_2026-09.csv.gz", 2088, "2088.0", "2088.0"),
        (
            "nise/aws_ocp_cur_2026-08.csv.gz",
            21576,
            "2059.163546593914125456791",
            "2059.163546593914125456791",
        ),
        ("koku/aws__2023-06-01-not-final.csv", 3, "30", "0.3"),
        ("koku/aws__2023-06-01.csv", 3, "30", "0.3"),
        ("koku/aws__2022-07-01-alt-columns.csv", 2, "0", "0"),
    ],
)
def test_public_reports_add_up_to_the_last_digit(
    shared: Path, tmp_path: Path, name: str, rows: int, billed: str, effective: str
) -> None:
    outcome = read(SOURCE, {"path": name}, context(shared / "data" / "bills", tmp_path))
    assert outcome.issues == ()
    found = charges(outcome.items[0], tmp_path)
    assert len(found) == rows
    assert summed(found, "billed_cost") == Decimal(billed)
    assert summed(found, "effective_cost") == Decimal(effective)


@pytest.mark.shared("data/bills")
def test_a_bill_before_and_after_it_is_final_has_one_scope(shared: Path, tmp_path: Path) -> None:
    at = context(shared / "data" / "bills" / "koku", tmp_path)
    both = ("aws__2023-06-01-not-final.csv", "aws__2023-06-01.csv")
    open_one, final = (read(SOURCE, {"path": name}, at).items[0] for name in both)
    assert open_one.account == final.account != ""
    assert {row["estimated"] for row in charges(open_one, tmp_path)} == {True}
    assert {row["estimated"] for row in charges(final, tmp_path)} == {False}


@pytest.mark.shared("data/bills")
def test_public_tags_that_differ_by_case_only_stay_apart(shared: Path, tmp_path: Path) -> None:
    at = context(shared / "data" / "bills", tmp_path)
    [bill] = read(SOURCE, {"path": "nise/aws_ocp_cur_2026-08.csv.gz"}, at).items
    keys = {key for row in charges(bill, tmp_path) for key in json.loads(row["tags"] or "{}")}
    assert {"com_REDHAT_rhel_conversion", "com_redhat_rhel_conversion"} <= keys


@pytest.mark.shared("data/bills")
def test_a_header_with_more_columns_than_any_row_is_refused(shared: Path, tmp_path: Path) -> None:
    at = context(shared / "data" / "bills" / "koku", tmp_path)
    outcome = read(SOURCE, {"path": "test_cur.csv"}, at)
    assert outcome.items == ()
    assert "131 columns" in outcome.issues[0].message
