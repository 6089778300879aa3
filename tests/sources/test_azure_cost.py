"""Azure's two exports tell the same money twice; they are never added."""

import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.sources.projected import Row, charges, context, read, summed

from costper.model.money import total
from costper.sources.azure_cost import SOURCE

MCA = {
    "billingAccountId": "acc",
    "billingPeriodStartDate": "08/01/2026",
    "billingPeriodEndDate": "08/31/2026",
    "date": "08/02/2026",
    "subscriptionId": "sub-1",
    "subscriptionName": "Shop",
    "meterCategory": "Virtual Machines",
    "quantity": "2",
    "billingCurrency": "eur",
    "chargeType": "Usage",
    "pricingModel": "OnDemand",
    "reservationId": "",
    "tags": '"team": "core","env": "prod"',
}
RESERVED = {"reservationId": "res-1", "pricingModel": "Reservation"}


def line(cost: object, **other: str) -> dict[str, str]:
    """Give one row of a camelCase export."""
    return MCA | {"costInBillingCurrency": str(cost)} | other


def export(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    """Write an export as Azure does, with a byte-order mark."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def projected(tmp_path: Path, **said: object) -> list[Row]:
    """Read exports and give their charges."""
    outcome = read(SOURCE, said, context(tmp_path, tmp_path))
    assert not outcome.failed, outcome.issues
    [bill] = outcome.items
    return charges(bill, tmp_path)


amounts = st.lists(st.decimals(-1000, 1000, places=12), min_size=1, max_size=6)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(actual=amounts, amortized=amounts)
def test_billed_is_the_actual_export_and_effective_the_amortised_one(
    tmp_path: Path, actual: list[Decimal], amortized: list[Decimal]
) -> None:
    export(tmp_path / "actual.csv", [line(f"{cost:f}", meterName="a") for cost in actual])
    export(tmp_path / "amortized.csv", [line(f"{cost:f}", meterName="b") for cost in amortized])
    found = projected(tmp_path, actual="actual.csv", amortized="amortized.csv")
    assert summed(found, "billed_cost") == total(actual)
    assert summed(found, "effective_cost") == total(amortized)
    assert [row for row in found if row["billed_cost"] and row["effective_cost"]] == []


def test_a_reservation_bought_in_one_export_is_used_and_unused_in_the_other(
    tmp_path: Path,
) -> None:
    export(
        tmp_path / "actual.csv", [line(100, chargeType="Purchase", **RESERVED), line(0, **RESERVED)]
    )
    export(
        tmp_path / "amortized.csv",
        [line(60, **RESERVED), line(40, chargeType="UnusedReservation", **RESERVED)],
    )
    found = projected(tmp_path, actual="actual.csv", amortized="amortized.csv")
    told = [
        (
            json.loads(row["extras"])["export"],
            row["charge_category"],
            row["commitment_discount_status"],
            row["billed_cost"],
            row["effective_cost"],
            row["consumed_quantity"],
        )
        for row in found
    ]
    assert told == [
        ("actual", "Purchase", None, 100, 0, None),
        ("actual", "Usage", "Used", 0, 0, None),
        ("amortized", "Usage", "Used", 0, 60, 2),
        ("amortized", "Usage", "Unused", 0, 40, 2),
    ]


def test_one_export_alone_gives_both_costs_and_a_warning(tmp_path: Path) -> None:
    export(tmp_path / "a.csv", [line("1.5")])
    for kind, repeats in (("actual", "effective_cost"), ("amortized", "billed_cost")):
        outcome = read(SOURCE, {kind: "a.csv"}, context(tmp_path, tmp_path))
        assert [(i.code, i.severity) for i in outcome.issues] == [("one_export", "warning")]
        assert repeats in outcome.issues[0].message
        [row] = charges(outcome.items[0], tmp_path)
        assert row["billed_cost"] == row["effective_cost"] == Decimal("1.5")


def test_amortised_cost_given_as_actual_is_refused(tmp_path: Path) -> None:
    export(tmp_path / "a.csv", [line(1), line(2, chargeType="UnusedSavingsPlan")])
    outcome = read(SOURCE, {"actual": "a.csv"}, context(tmp_path, tmp_path))
    assert outcome.items == ()
    [issue] = [i for i in outcome.issues if i.severity == "error"]
    assert (issue.code, issue.where) == ("wrong_export", "a.csv")
    assert "UnusedSavingsPlan" in issue.message
    assert "amortized" in issue.hint


def test_the_same_file_given_as_both_is_refused(tmp_path: Path) -> None:
    export(tmp_path / "a.csv", [line(1)])
    said = {"actual": "a.csv", "amortized": "a.csv"}
    outcome = read(SOURCE, said, context(tmp_path, tmp_path))
    assert outcome.items == ()
    assert outcome.issues[0].code == "wrong_export"


def test_a_month_told_by_one_of_two_exports_is_refused(tmp_path: Path) -> None:
    export(tmp_path / "a.csv", [line(1), line(1, date="07/31/2026")])
    export(tmp_path / "b.csv", [line(2)])
    said = {"actual": "a.csv", "amortized": "b.csv"}
    outcome = read(SOURCE, said, context(tmp_path, tmp_path))
    assert outcome.items == ()
    assert "2026-07" in outcome.issues[0].message


def test_two_files_of_one_month_need_a_word_how_they_relate(tmp_path: Path) -> None:
    export(tmp_path / "a1.csv", [line(1)])
    export(tmp_path / "a2.csv", [line(2)])
    refused = read(SOURCE, {"actual": "a*.csv"}, context(tmp_path, tmp_path))
    assert refused.items == ()
    assert [issue.code for issue in refused.issues if issue.severity == "error"] == [
        "ambiguous_files"
    ]
    assert summed(projected(tmp_path, actual="a*.csv", files="parts"), "billed_cost") == 3


def test_dates_tags_and_currency_are_read_as_azure_writes_them(tmp_path: Path) -> None:
    export(tmp_path / "a.csv", [line(1), line(1, tags='{"team":"core"}'), line(1, tags="")])
    first, second, third = projected(tmp_path, actual="a.csv")
    assert json.loads(first["tags"]) == {"team": "core", "env": "prod"}
    assert json.loads(second["tags"]) == {"team": "core"}
    assert third["tags"] is None
    assert first["billing_currency"] == "EUR"
    assert first["charge_period_start"] == datetime(2026, 8, 2)  # noqa: DTZ001
    assert first["charge_period_end"] == datetime(2026, 8, 3)  # noqa: DTZ001
    assert first["billing_period_start"] == datetime(2026, 8, 1)  # noqa: DTZ001
    assert first["billing_period_end"] == datetime(2026, 9, 1)  # noqa: DTZ001


def test_a_charge_type_nobody_knows_and_a_cost_in_words_are_left_for_landing_to_tell(
    tmp_path: Path,
) -> None:
    export(tmp_path / "a.csv", [line(1, chargeType="Surprise"), line("ten"), line(3)])
    found = projected(tmp_path, actual="a.csv")
    assert [row["charge_category"] for row in found] == [None, "Usage", "Usage"]
    assert [row["billed_cost"] for row in found] == [1, None, 3]


@pytest.mark.parametrize(
    ("kind", "category"),
    [("Usage", "Usage"), ("Purchase", "Purchase"), ("Refund", "Adjustment"), ("Tax", "Tax"),
     ("RoundingAdjustment", "Adjustment"), ("UnusedReservation", "Usage")],
)  # fmt: skip
def test_every_charge_type_has_its_category(tmp_path: Path, kind: str, category: str) -> None:
    export(tmp_path / "a.csv", [line(1, chargeType=kind)])
    assert projected(tmp_path, amortized="a.csv")[0]["charge_category"] == category


def test_a_row_with_too_few_cells_is_an_issue_and_the_rest_go_on(tmp_path: Path) -> None:
    path = export(tmp_path / "a.csv", [line(1), line(2)])
    header, *rows = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([header, rows[0], "only,three,cells", *rows, ""]), "utf-8")
    outcome = read(SOURCE, {"actual": "a.csv"}, context(tmp_path, tmp_path))
    bad = [issue for issue in outcome.issues if issue.code == "bad_row"]
    assert [issue.where for issue in bad] == ["a.csv:3"]
    assert len(charges(outcome.items[0], tmp_path)) == 3


def test_an_open_month_without_an_invoice_is_estimated(tmp_path: Path) -> None:
    export(tmp_path / "a.csv", [line(1, invoiceId=""), line(1, invoiceId="G1")])
    for day, told in ((4, [True, False]), (6, [False, False])):
        at = context(tmp_path, tmp_path, now=datetime(2026, 9, day, 1, tzinfo=UTC))
        [bill] = read(SOURCE, {"actual": "a.csv"}, at).items
        assert [row["estimated"] for row in charges(bill, tmp_path)] == told


def test_a_later_day_reads_the_same_bill_unless_a_period_has_settled(tmp_path: Path) -> None:
    export(tmp_path / "a.csv", [line(1)])

    def told(day: int) -> dict[str, str]:
        at = context(tmp_path, tmp_path, now=datetime(2026, 9, day, tzinfo=UTC))
        return read(SOURCE, {"actual": "a.csv"}, at).items[0].projection

    assert told(1) == told(5) != told(6) == told(20)


def test_a_copy_of_a_file_counts_once_and_shifts_no_other(tmp_path: Path) -> None:
    export(tmp_path / "a1.csv", [line(5)])
    export(tmp_path / "a2.csv", [line(5)])
    export(tmp_path / "b.csv", [line(7)])
    said = {"actual": "a*.csv", "amortized": "b.csv"}
    outcome = read(SOURCE, said, context(tmp_path, tmp_path))
    assert [issue.code for issue in outcome.issues] == ["same_bytes"]
    found = charges(outcome.items[0], tmp_path)
    assert summed(found, "billed_cost") == 5
    assert summed(found, "effective_cost") == 7


def test_settings_without_any_export_are_refused() -> None:
    with pytest.raises(ValidationError, match="say `actual`, `amortized` or both"):
        SOURCE.settings.model_validate({})


def test_a_file_that_is_no_export_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("BilledCost,ChargeType\n1,Usage\n", encoding="utf-8")
    outcome = read(SOURCE, {"actual": "a.csv"}, context(tmp_path, tmp_path))
    assert outcome.items == ()
    assert "cost, date, currency, account" in outcome.issues[0].message


@pytest.mark.shared("data/bills")
@pytest.mark.parametrize(
    ("name", "rows", "cost"),
    [
        ("azure__azure_camelCased.csv", 3, "0.00011016"),
        ("azure__costreport_a243c6f2-199f-4074-9a2c-40e671cf1584.csv", 3, "0.00011016"),
        ("azure__azure_version_2.csv", 5, "19.998413754"),
        ("azure__camel_azure_version_2.csv", 4, "0.0000262412"),
    ],
)
def test_public_exports_add_up_to_the_last_digit(
    shared: Path, tmp_path: Path, name: str, rows: int, cost: str
) -> None:
    at = context(shared / "data" / "bills" / "koku", tmp_path)
    outcome = read(SOURCE, {"actual": name}, at)
    assert not outcome.failed
    found = charges(outcome.items[0], tmp_path)
    assert len(found) == rows
    assert summed(found, "billed_cost") == summed(found, "effective_cost") == Decimal(cost)
    required = (
        "charge_period_start",
        "billing_period_end",
        "billing_account_id",
        "charge_category",
    )
    assert [row for row in found if any(row[name] is None for name in required)] == []
