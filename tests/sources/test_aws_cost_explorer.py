"""Cost Explorer: every cent in exactly one row, whatever the ledger, the tags and the pages."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import settings as law
from hypothesis import strategies as st
from tests.sources.cost_explorer_double import CostExplorerDouble
from tests.sources.cost_explorer_reading import (
    BILLED,
    EFFECTIVE,
    PAYER,
    company,
    ledger_totals,
    ledgers,
    paid,
    sync,
    tag_choices,
    totals,
)
from tests.sources.cost_explorer_rules import Line

from costper.model.charge import CHARGE_CATEGORIES
from costper.model.money import total
from costper.model.period import Period
from costper.sources.aws_cost_explorer.answer import by_day
from costper.sources.aws_cost_explorer.axis import Axis
from costper.sources.aws_cost_explorer.client import Explorer
from costper.sources.aws_cost_explorer.cut import Bill, cut_bill
from costper.sources.aws_cost_explorer.read import axes_of
from costper.sources.aws_cost_explorer.settings import CostExplorerSettings

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)

lawful = law(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@lawful
@given(ledgers, tag_choices, st.sampled_from(["", "tier"]))
def test_rows_add_up_to_the_ledger_by_day_and_by_anything_else(
    ledger: list[Line], tags: tuple[str, ...], category: str
) -> None:
    with CostExplorerDouble(ledger=ledger) as double:
        read = sync(double, tags=tags, cost_category=category)
    assert totals(read.rows, "day") == ledger_totals(ledger, ("day", ""))
    dimensions = {"sub_account_id": "LINKED_ACCOUNT", "service_name": "SERVICE"}
    for column, key in {**dimensions, "charge_description": "RECORD_TYPE"}.items():
        assert totals(read.rows, column) == ledger_totals(ledger, ("DIMENSION", key))
    for tag in tags:
        assert totals(read.rows, f"tag:{tag}") == ledger_totals(ledger, ("TAG", tag))
    if category:
        found = totals(read.rows, "tag:cost_category:tier")
        assert found == ledger_totals(ledger, ("COST_CATEGORY", "tier"))
    assert read.issue("remainder") is None


@lawful
@given(ledgers, tag_choices)
def test_all_axes_are_crossed_at_once_not_one_projection_beside_another(
    ledger: list[Line], tags: tuple[str, ...]
) -> None:
    with CostExplorerDouble(ledger=ledger) as double:
        read = sync(double, tags=tags)
    ours = ("day", "sub_account_id", "service_name", "charge_description")
    theirs = (
        ("day", ""),
        ("DIMENSION", "LINKED_ACCOUNT"),
        ("DIMENSION", "SERVICE"),
        ("DIMENSION", "RECORD_TYPE"),
    )
    found = totals(read.rows, *ours, *(f"tag:{tag}" for tag in tags))
    assert found == ledger_totals(ledger, *theirs, *(("TAG", tag) for tag in tags))
    assert len(found) == len(read.rows), "a cell is in one row"


def bill_of(double: CostExplorerDouble, axes: Sequence[Axis]) -> Bill:
    """Cut a bill without a network between: quick enough for many examples."""

    def answer(**request: object) -> dict[str, Any]:
        return double.answer("GetCostAndUsage", request)

    explorer = Explorer(
        get_cost_and_usage=answer,
        window=Period(OCTOBER, date(2026, 11, 20)),
        metrics=(BILLED, EFFECTIVE),
        requests_max=2000,
    )
    return cut_bill(explorer.ask, axes, explorer.afford)


@law(max_examples=150, deadline=None)
@given(ledgers, tag_choices, st.sampled_from(["", "tier"]))
def test_the_pieces_of_a_bill_are_the_ledger_crossed_by_every_axis(
    ledger: list[Line], tags: tuple[str, ...], category: str
) -> None:
    axes = axes_of(CostExplorerSettings(tags=tags, cost_category=category))
    bill = bill_of(CostExplorerDouble(ledger=ledger), axes)
    found = {
        (str(piece.day), *(piece.values[axis] for axis in axes)): (
            piece.amounts.billed,
            piece.amounts.effective,
        )
        for piece in bill.pieces
    }
    keys = [(axis.kind, axis.key) for axis in axes]
    assert found == ledger_totals(ledger, ("day", ""), *keys)
    assert len(found) == len(bill.pieces)


@law(max_examples=150, deadline=None)
@given(ledgers, ledgers, tag_choices, st.integers(2, 12))
def test_a_bill_that_changes_meanwhile_adds_up_to_what_it_was_at_first(
    before: list[Line], after: list[Line], tags: tuple[str, ...], at: int
) -> None:
    double = CostExplorerDouble(ledger=before)

    def refresh(number: int) -> None:
        if number == at:
            double.ledger = after

    double.before_page = refresh
    bill = bill_of(double, axes_of(CostExplorerSettings(tags=tags)))
    found = by_day((piece.day, piece.amounts) for piece in bill.pieces)
    asked = ledger_totals(before, ("day", ""))
    for day, amounts in found.items():
        wanted = asked.get((str(day),), (0, 0))
        assert (amounts.billed, amounts.effective) == wanted


@lawful
@given(ledgers, tag_choices, st.integers(1, 7))
def test_the_size_of_a_page_changes_the_price_and_not_the_rows(
    ledger: list[Line], tags: tuple[str, ...], page_groups: int
) -> None:
    with CostExplorerDouble(ledger=ledger) as double:
        whole = sync(double, tags=tags)
    with CostExplorerDouble(ledger=ledger, page_groups=page_groups) as double:
        paged = sync(double, tags=tags)
        assert paged.issue("requests_paid") == paid(len(double.requests))
    assert paged.rows == whole.rows
    assert [bill.parts[0].sha256 for bill in paged.bills] == [
        bill.parts[0].sha256 for bill in whole.bills
    ]


@lawful
@given(ledgers)
def test_each_month_is_a_snapshot_with_its_own_control_total(ledger: list[Line]) -> None:
    with CostExplorerDouble(ledger=ledger) as double:
        read = sync(double, tags=("team",))
    for bill in read.bills:
        month = [line for line in ledger if line.day.replace(day=1) == bill.billing_period]
        assert bill.control_totals == {
            "billed_cost": total([line.amount(BILLED) for line in month]),
            "effective_cost": total([line.amount(EFFECTIVE) for line in month]),
        }
    assert {bill.billing_period for bill in read.bills} == {
        line.day.replace(day=1) for line in ledger
    }


def test_a_tag_that_vanishes_in_a_later_pull_vanishes_from_the_month() -> None:
    with CostExplorerDouble(ledger=company()) as double:
        before = sync(double, tags=("customer",))
        double.ledger = [
            Line(day=line.day, service=line.service, unblended=line.unblended) for line in company()
        ]
        after = sync(double, tags=("customer",))
    assert {row["tags"].get("customer", "") for row in before.rows} == {
        "",
        "acme",
        "globex",
        "initech",
    }
    assert {row["tags"].get("customer", "") for row in after.rows} == {""}
    assert [bill.mode for bill in after.bills] == ["overwrite", "overwrite"]
    assert [bill.billing_period for bill in after.bills] == [OCTOBER, NOVEMBER]


def test_rows_are_charges_with_category_account_and_tags() -> None:
    with CostExplorerDouble(ledger=company()) as double:
        rows = sync(double, tags=("customer", "team")).rows
    assert {row["charge_description"]: row["charge_category"] for row in rows} == {
        "Usage": "Usage",
        "Tax": "Tax",
        "Credit": "Credit",
        "Refund": "Adjustment",
        "RIFee": "Purchase",
        "Hocus": "Adjustment",
    }
    assert {row["charge_category"] for row in rows} <= set(CHARGE_CATEGORIES)
    row = next(row for row in rows if row["tags"].get("customer") == "acme")
    assert row["tags"] == {"customer": "acme", "team": "core"}
    assert row["sub_account_name"] == "account 111"
    assert row["contracted_cost"] == row["list_cost"] == row["billed_cost"]
    assert (row["service_provider_name"], row["billing_currency"]) == ("AWS", "USD")
    assert row["billing_account_id"] == PAYER
    assert row["billing_period_start"] == datetime(2026, 10, 1)  # noqa: DTZ001 - UTC
    assert row["charge_period_end"] == datetime(2026, 10, 3)  # noqa: DTZ001
    assert json.loads(row["extras"]) == {"record_type": "Usage"}


def test_days_are_marked_estimated_one_by_one() -> None:
    with CostExplorerDouble(ledger=company(), estimated_from=date(2026, 10, 9)) as double:
        rows = sync(double).rows
    found = {str(row["charge_period_start"].date()): row["estimated"] for row in rows}
    assert found == {
        "2026-10-01": False,
        "2026-10-02": False,
        "2026-10-09": True,
        "2026-11-03": True,
    }


def test_what_refreshes_during_a_sync_is_a_remainder_row_and_a_warning() -> None:
    late = Line(day=date(2026, 10, 2), record_type="Usage", unblended=Decimal(5))

    with CostExplorerDouble(ledger=company()) as double:

        def refresh(number: int) -> None:
            if number == 5:
                double.ledger = [*company(), late]

        double.before_page = refresh
        read = sync(double, tags=("customer",))
    assert totals(read.rows, "day") == ledger_totals(company(), ("day", ""))
    remainders = [row for row in read.rows if row["service_name"] == "(remainder)"]
    assert sum(row["billed_cost"] for row in remainders) == -5
    assert {row["charge_category"] for row in remainders} == {"Adjustment"}
    assert all("the cut by " in row["charge_description"] for row in remainders)
    found = read.issue("remainder")
    assert found is not None
    assert found.severity == "warning"
    assert "-5" in found.message


@lawful
@given(ledgers, st.integers(2, 10))
def test_where_the_service_rounds_rows_still_add_up_to_the_control_total(
    ledger: list[Line], places: int
) -> None:
    with CostExplorerDouble(ledger=ledger, places=places) as double:
        read = sync(double, tags=("team", "customer"))
    for bill in read.bills:
        rows = [r for r in read.rows if r["billing_period_start"].date() == bill.billing_period]
        assert bill.control_totals == {
            "billed_cost": total([row["billed_cost"] for row in rows]),
            "effective_cost": total([row["effective_cost"] for row in rows]),
        }
    if places == 10:
        assert read.issue("remainder") is None, "its own rounding is no warning"


def test_a_window_is_widened_to_whole_months_and_replaces_them() -> None:
    asked = Period(date(2026, 10, 2), date(2026, 10, 3))
    with CostExplorerDouble(ledger=company()) as double:
        read = sync(double, window=asked)
        periods = {json.dumps(request["TimePeriod"]) for request in double.requests}
    assert periods == {'{"Start": "2026-10-01", "End": "2026-11-01"}'}
    assert [bill.billing_period for bill in read.bills] == [OCTOBER]


def test_a_tag_without_any_cost_is_a_warning() -> None:
    with CostExplorerDouble(ledger=company()) as double:
        read = sync(double, tags=("team", "feature"))
    found = read.issue("tag_without_cost")
    assert found is not None
    assert "'feature'" in found.message
    assert found.severity == "warning"


def test_the_paying_account_is_that_of_the_credentials_unless_set() -> None:
    with CostExplorerDouble(ledger=company()) as double:
        read = sync(double, account="")
    assert {bill.account for bill in read.bills} == {"999999999999"}


def test_an_empty_bill_has_no_months() -> None:
    with CostExplorerDouble() as double:
        read = sync(double, tags=("team",))
    assert read.bills == ()
    assert not any(issue.severity == "error" for issue in read.issues)


def test_a_bill_is_in_its_own_currency_though_idle_days_say_dollars() -> None:
    ledger = [Line(day=date(2026, 10, 5), unblended=Decimal(1), unit="INR")]
    with CostExplorerDouble(ledger=ledger) as double:
        read = sync(double)
    assert {row["billing_currency"] for row in read.rows} == {"INR"}
