"""What a file holds is guessed by its first lines, and only where they leave no doubt."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.pipeline.data_sources.guess import guess, name_of

WORDS = {"customer", "team", "service", "environment"}


@pytest.mark.parametrize(
    ("head", "type_name"),
    [
        ("BilledCost,ChargePeriodStart,ServiceName", "focus_file"),
        ('\ufeff"EffectiveCost";"ChargePeriodStart"', "focus_file"),
        ("identity/LineItemId,lineItem/UsageStartDate,lineItem/UnblendedCost", "aws_cur"),
        ("line_item_usage_start_date,line_item_unblended_cost", "aws_cur"),
        ("billing_account_id,service.id,sku.id,usage_start_time,cost", "gcp_billing"),
        ("SubscriptionGuid,UsageDateTime,MeterId,PreTaxCost", "azure_cost"),
    ],
)
def test_a_bill_is_known_by_its_columns(head: str, type_name: str) -> None:
    found = guess(head, WORDS)
    assert (found.type, found.kind, found.name) == (type_name, "bill", "bill")
    assert found.by


def test_usage_is_a_day_a_number_and_words_cost_is_asked_by() -> None:
    found = guess("Day,Customer_ID,Requests\n2026-10-01,acme,12", WORDS)
    assert (found.type, found.kind, found.name) == ("csv", "measurements", "requests")
    assert found.settings == {
        "date": "Day",
        "value": "Requests",
        "dimensions": {"customer": "Customer_ID"},
    }


def test_several_numbers_are_several_metrics() -> None:
    found = guess('when,orders,API calls\n2026-10-01T00:00:00Z,3,"1,200"', WORDS)
    assert found.settings["values"] == {"orders": "orders", "api_calls": "API calls"}
    assert found.settings["date"] == "when"


def test_customers_and_rates_are_known() -> None:
    assert guess("id,name,mrr\nacme,Acme,5", WORDS).kind == "customers"
    assert guess("date,currency,rate\n2026-10-01,EUR,1.1", WORDS).kind == "rates"


@pytest.mark.parametrize("head", ["", "a", "a,b\nx,y", "name,price\nx,2", "day\n2026-01-01"])
def test_what_leaves_doubt_is_not_guessed(head: str) -> None:
    assert guess(head, WORDS).type == ""


@pytest.mark.parametrize(
    ("head", "what"),
    [
        ("x" * 200_000 + ",y", "too long"),
        ("%PDF-1.7", "a PDF"),
        ("PK\x03\x04x", "Excel"),
        ("<!doctype html>", "web page"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(head: str, what: str) -> None:
    found = guess(head, WORDS)
    assert what in found.wrong
    assert found.hint


@given(st.text(max_size=200))
def test_any_text_is_taken_without_a_fault_and_gives_a_good_name(text: str) -> None:
    guess(text, WORDS)
    assert name_of(text)[0].isalpha()


@pytest.mark.shared("data/bills")
def test_real_bills_are_known(shared: Path) -> None:
    wanted = {"aws": "aws_cur", "gcp": "gcp_billing", "azure": "azure_cost"}
    seen = 0
    for path in sorted((shared / "data" / "bills" / "koku").glob("*__*.csv")):
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            head = file.readline() + file.readline()
        expected = wanted.get(path.name.split("__")[0])
        if expected is not None:
            assert guess(head, WORDS).type == expected, path.name
            seen += 1
    assert seen
