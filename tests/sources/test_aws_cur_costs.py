"""What a line of an AWS report costs: amortised by the formula, never counted twice."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.sources.cur_report import (
    AMORTISED,
    COVERED,
    PLAN,
    RESERVATION,
    RESERVED,
    TOTAL,
    UNUSED_FEE,
    UNUSED_UPFRONT,
    USED,
    line,
    projected,
    report,
)
from tests.sources.projected import charges, context, read, summed

from costper.sources.aws_cur import SOURCE

amounts = st.decimals(min_value=0, max_value=1000, places=9)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    hours=st.lists(
        st.tuples(amounts, st.lists(st.tuples(amounts, amounts), max_size=3)), min_size=1
    ),
    upfront=amounts,
    reserved=st.lists(amounts, max_size=4),
    unused=amounts,
)
def test_what_a_month_of_commitments_costs_is_what_was_paid_for_it(
    tmp_path: Path,
    hours: list[tuple[Decimal, list[tuple[Decimal, Decimal]]]],
    upfront: Decimal,
    reserved: list[Decimal],
    unused: Decimal,
) -> None:
    lines: list[dict[str, str]] = []
    for spare, used in hours:
        taken = sum((effective for _, effective in used), Decimal(0))
        for demand, effective in used:
            lines.append(line("SavingsPlanCoveredUsage", demand, **PLAN | {COVERED: effective}))
            lines.append(line("SavingsPlanNegation", -demand, **PLAN))
        lines.append(
            line(
                "SavingsPlanRecurringFee",
                taken + spare,
                **PLAN | {TOTAL: taken + spare, USED: taken},
            )
        )
    lines += [line("DiscountedUsage", 0, **RESERVATION | {RESERVED: each}) for each in reserved]
    fee = sum(reserved, Decimal(0)) + unused
    lines.append(line("RIFee", fee, **RESERVATION | {UNUSED_UPFRONT: 0, UNUSED_FEE: unused}))
    lines.append(line("Usage", upfront))
    report(tmp_path / "cur.csv", lines, *AMORTISED)
    found = projected(tmp_path)
    assert summed(found, "effective_cost") == summed(found, "billed_cost")
    wasted = [row for row in found if row["commitment_discount_status"] == "Unused"]
    assert summed(wasted, "effective_cost") == unused + sum((h for h, _ in hours), Decimal(0))
    assert summed(wasted, "billed_cost") == 0
    assert {row["charge_category"] for row in wasted} <= {"Usage"}


def test_a_fee_is_a_purchase_and_what_it_left_unused_stands_beside_it_with_its_row(
    tmp_path: Path,
) -> None:
    report(
        tmp_path / "cur.csv",
        [
            line("Usage", 5),
            line("SavingsPlanRecurringFee", 10, **PLAN | {TOTAL: 10, USED: "7.5"}),
            line("RIFee", 20, **RESERVATION | {UNUSED_UPFRONT: 1, UNUSED_FEE: 2}),
            line("SavingsPlanRecurringFee", 4, **PLAN | {TOTAL: 4, USED: 4}),
        ],
        *AMORTISED,
    )
    found = projected(tmp_path)
    told = [
        (
            row["_row"],
            row["charge_category"],
            row["commitment_discount_status"],
            row["commitment_discount_type"],
            row["billed_cost"],
            row["effective_cost"],
        )
        for row in found
    ]
    assert told == [
        (2, "Usage", None, None, 5, 5),
        (3, "Purchase", None, "Savings Plan", 10, 0),
        (4, "Purchase", None, "Reservation", 20, 0),
        (5, "Purchase", None, "Savings Plan", 4, 0),
        (3, "Usage", "Unused", "Savings Plan", 0, Decimal("2.5")),
        (4, "Usage", "Unused", "Reservation", 0, 3),
    ]


def test_prepaid_fees_and_refunds_of_plans_cost_nothing_by_themselves(tmp_path: Path) -> None:
    plans = {"lineItem/ProductCode": "ComputeSavingsPlans"}
    report(
        tmp_path / "cur.csv",
        [
            line("SavingsPlanUpfrontFee", 1000, **PLAN),
            line("Refund", -1000, **plans),
            line("Fee", 500, **RESERVATION),
            line("Fee", 30),
            line("Refund", -2),
        ],
        *AMORTISED,
    )
    found = projected(tmp_path)
    assert [row["effective_cost"] for row in found] == [0, 0, 0, 30, -2]
    assert [row["billed_cost"] for row in found] == [1000, -1000, 500, 30, -2]


@pytest.mark.parametrize(
    ("kind", "category"),
    [
        ("Usage", "Usage"),
        ("DiscountedUsage", "Usage"),
        ("SavingsPlanCoveredUsage", "Usage"),
        ("SavingsPlanNegation", "Usage"),
        ("Tax", "Tax"),
        ("Credit", "Credit"),
        ("Refund", "Adjustment"),
        ("EdpDiscount", "Adjustment"),
        ("BundledDiscount", "Adjustment"),
        ("PrivateRateDiscount", "Adjustment"),
        ("Fee", "Purchase"),
        ("RIFee", "Purchase"),
        ("SavingsPlanUpfrontFee", "Purchase"),
        ("SavingsPlanRecurringFee", "Purchase"),
        ("SomethingNew", "Usage"),
    ],
)
def test_every_line_item_type_has_its_category(tmp_path: Path, kind: str, category: str) -> None:
    report(tmp_path / "cur.csv", [line(kind, 1)])
    [row] = projected(tmp_path)
    assert row["charge_category"] == category
    assert row["effective_cost"] == 1


def test_without_its_columns_a_plan_stays_at_what_was_billed_and_a_warning_says_so(
    tmp_path: Path,
) -> None:
    kinds = {"SavingsPlanCoveredUsage": 9, "SavingsPlanNegation": -9, "SavingsPlanRecurringFee": 6}
    report(tmp_path / "cur.csv", [line(kind, cost) for kind, cost in kinds.items()])
    outcome = read(SOURCE, {"path": "cur.csv"}, context(tmp_path, tmp_path))
    assert [(issue.code, issue.severity) for issue in outcome.issues] == [
        ("not_amortised", "warning")
    ]
    found = charges(outcome.items[0], tmp_path)
    assert [row["effective_cost"] for row in found] == [9, -9, 6]


def test_an_amount_of_the_formula_that_cannot_be_read_is_not_quietly_replaced(
    tmp_path: Path,
) -> None:
    report(
        tmp_path / "cur.csv",
        [line("SavingsPlanCoveredUsage", 9, **PLAN | {COVERED: "1,5x"})],
        *AMORTISED,
    )
    [row] = projected(tmp_path)
    assert row["effective_cost"] is None


def test_split_allocation_rows_are_set_aside(tmp_path: Path) -> None:
    pod = {"lineItem/Operation": "EKSPod-EC2"}
    task = {"lineItem/Operation": "RunInstances", "splitLineItem/ParentResourceId": "i-1"}
    report(
        tmp_path / "cur.csv", [line("Usage", 8), line("Usage", 3, **pod), line("Usage", 5, **task)]
    )
    found = projected(tmp_path)
    assert [(row["_row"], row["billed_cost"]) for row in found] == [(2, 8)]


def test_a_report_without_the_operation_keeps_all_its_rows(tmp_path: Path) -> None:
    report(tmp_path / "cur.csv", [line("Usage", 8), line("Tax", 1)])
    assert summed(projected(tmp_path), "billed_cost") == 9


def test_net_costs_hold_the_discount_once(tmp_path: Path) -> None:
    net = "lineItem/NetUnblendedCost"
    lines = [
        line("Usage", 100, **{net: 90}),
        line("EdpDiscount", -10, **{net: ""}),
        line("Tax", 7, **{net: ""}),
    ]
    report(tmp_path / "cur.csv", lines)
    gross, less = projected(tmp_path), projected(tmp_path, costs="net")
    assert summed(gross, "billed_cost") == summed(less, "billed_cost") == 97
    assert [row["billed_cost"] for row in less] == [90, 0, 7]
    assert summed(less, "effective_cost") == 97


def test_net_costs_that_are_not_there_are_a_warning(tmp_path: Path) -> None:
    report(tmp_path / "cur.csv", [line("Usage", 1)])
    outcome = read(SOURCE, {"path": "cur.csv", "costs": "net"}, context(tmp_path, tmp_path))
    assert [issue.code for issue in outcome.issues] == ["no_net_costs"]
    assert charges(outcome.items[0], tmp_path)[0]["billed_cost"] == 1
