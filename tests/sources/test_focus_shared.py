"""The official FOCUS files give the totals that were computed from them by hand."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.sources.reading import charges, context_at, good, total

from costper.sources.focus_file import FocusSettings, read

pytestmark = pytest.mark.shared("data/bills")

SPEC = "focus-spec-1.2-examples"
PLUS = "focus-spec-1.4plus-examples"
FLEX = f"{SPEC}/commitment_discount_flexibility__"
DEALS = f"{SPEC}/commitment_discount_scenarios__commitment_discount_"
SAAS = f"{SPEC}/saas_examples__"
FULL = f"{FLEX}one_hundred_percent_utilization_"

TOTALS: tuple[tuple[str, int, str, str], ...] = (
    (f"{FULL}with_commitment_discount_flexibility_with_1_resource", 3, "2.75", "2.75"),
    (f"{FULL}with_commitment_discount_flexibility_with_2_resources", 3, "2", "2"),
    (f"{FULL}without_commitment_discount_flexibility", 2, "1.5", "1.5"),
    (f"{FLEX}zero_percent_utilization_without_commitment_discount_flexibility", 3, "3.5", "3.5"),
    (f"{DEALS}purchase_scenario_1", 1, "8760", "0"),
    (f"{DEALS}purchase_scenario_2", 3, "3", "0"),
    (f"{DEALS}purchase_scenario_3", 4, "4381.5", "0"),
    (f"{DEALS}usage_scenario_1", 1, "0", "1"),
    (f"{DEALS}usage_scenario_2", 1, "0", "1"),
    (f"{DEALS}usage_scenario_3", 2, "0", "1"),
    (f"{DEALS}usage_scenario_4", 2, "0.5", "1.5"),
    (f"{SAAS}simple_agreements__simple_saas_agreements_a1", 1, "10000", "10000"),
    (f"{SAAS}simple_agreements__simple_saas_agreements_a2", 1, "50000", "50000"),
    (f"{SAAS}simple_agreements__simple_saas_agreements_a3", 1, "1000", "1000"),
    (f"{SAAS}simple_agreements__simple_saas_agreements_b", 1, "50000", "50000"),
    (f"{SAAS}simple_agreements__simple_saas_agreements_c", 3, "35800", "35800"),
    (f"{SAAS}spend_agreements__saas_spend_agreements_a1", 4, "1200", "1200"),
    (f"{SAAS}spend_agreements__saas_spend_agreements_a2", 13, "1200", "1200"),
    (f"{SAAS}spend_agreements__saas_spend_agreements_b1", 5, "1200", "1200"),
    (f"{SAAS}spend_agreements__saas_spend_agreements_b2", 14, "1200", "1200"),
    (f"{SAAS}virtual_currency_pricing_model_a1", 1, "200000", "0"),
    (f"{SAAS}virtual_currency_pricing_model_a2", 3, "0", "1230"),
    (f"{SAAS}virtual_currency_pricing_model_b1", 1, "100000", "0"),
    (f"{SAAS}virtual_currency_pricing_model_b2", 3, "0", "615"),
    (f"{SAAS}virtual_currency_pricing_model_b3", 3, "0", "495"),
    (f"{SAAS}virtual_currency_pricing_model_c", 2, "53000", "0"),
    (f"{PLUS}/correction_open_s1_original", 1, "1500", "1500"),
    (f"{PLUS}/correction_open_s1_delta", 3, "0", "0"),
    (f"{PLUS}/correction_open_s1_replacement", 2, "1500", "1500"),
    (f"{PLUS}/correction_closed_s1_original", 1, "1500", "1500"),
    (f"{PLUS}/correction_closed_s1_delta", 2, "0", "0"),
    (f"{PLUS}/correction_closed_s1_ledger", 3, "0", "0"),
    (f"{PLUS}/correction_closed_s2_late_arriving_ledger", 1, "1500", "1500"),
    (f"{PLUS}/correction_closed_s3_itemized_cost_only_delta", 2, "0.002", "0.002"),
    (f"{PLUS}/ai_multi_model_usage", 4, "104.5", "104.5"),
    (f"{PLUS}/ai_cached_tokens_via_csp_marketplace", 2, "47.5", "47.5"),
    (f"{PLUS}/ai_drawdown_via_prepayment", 3, "500000", "50"),
)


def landed(path: Path, tmp_path: Path) -> list[dict[str, Any]]:
    root = tmp_path / "p"
    root.mkdir(exist_ok=True)
    outcome = read(FocusSettings(path=(str(path),), outside=True), context_at(root))
    assert not outcome.failed
    [bill] = outcome.items
    rows = charges(bill)
    assert good(rows) == rows
    return rows


def test_every_worked_example_is_in_the_table(shared: Path) -> None:
    bills = shared / "data/bills"
    found = {
        p.relative_to(bills).as_posix() for d in (SPEC, PLUS) for p in (bills / d).glob("*.csv")
    }
    assert {f"{name}.csv" for name, *_ in TOTALS} == found


@pytest.mark.parametrize(("name", "rows", "billed", "effective"), TOTALS)
def test_a_worked_example_gives_its_totals(
    shared: Path, tmp_path: Path, name: str, rows: int, billed: str, effective: str
) -> None:
    found = landed(shared / f"data/bills/{name}.csv", tmp_path)
    assert len(found) == rows
    assert total(found, "billed_cost") == Decimal(billed)
    assert total(found, "effective_cost") == Decimal(effective)


@pytest.mark.parametrize(("name", "tokens"), [("a2", 615), ("b2", 615), ("b3", 495)])
def test_tokens_stand_beside_the_money(
    shared: Path, tmp_path: Path, name: str, tokens: int
) -> None:
    path = shared / f"data/bills/{SAAS}virtual_currency_pricing_model_{name}.csv"
    found = landed(path, tmp_path)
    assert total(found, "pricing_currency_effective_cost") == tokens
    assert {row["pricing_currency"] for row in found} == {"Token"}
    assert {row["billing_currency"] for row in found} == {"USD"}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (("open_s1_original", "open_s1_delta"), ("open_s1_replacement",)),
        (("closed_s1_original", "closed_s1_delta"), ("closed_s1_original", "closed_s1_ledger")),
    ],
)
def test_original_plus_delta_is_the_replacement(
    shared: Path, tmp_path: Path, one: tuple[str, ...], two: tuple[str, ...]
) -> None:
    def by_resource(names: tuple[str, ...]) -> dict[str, Decimal]:
        sums: dict[str, Decimal] = {}
        for name in names:
            for row in landed(shared / f"data/bills/{PLUS}/correction_{name}.csv", tmp_path):
                sums[row["resource_id"]] = (
                    sums.get(row["resource_id"], Decimal(0)) + row["billed_cost"]
                )
        return sums

    assert by_resource(one) == by_resource(two) == {"R-111": 1200, "R-222": 300}


def test_a_correction_keeps_its_charge_period_in_a_later_billing_period(
    shared: Path, tmp_path: Path
) -> None:
    for row in landed(shared / f"data/bills/{PLUS}/correction_closed_s1_ledger.csv", tmp_path):
        assert (row["charge_class"], row["charge_period_start"].month) == ("Correction", 5)
        assert row["billing_period_start"].month == 6


def test_the_official_sample_reconciles_to_the_last_digit(shared: Path, tmp_path: Path) -> None:
    path = shared / "data/bills/focus-sample-1.0/focus_sample.csv"
    found = landed(path, tmp_path)
    assert len(found) == 1000
    assert total(found, "billed_cost") == Decimal("20.520226728990")
    assert total(found, "effective_cost") == Decimal("14.976514185860")
    assert total(found, "list_cost") == Decimal("20.390905751190")
    assert total(found, "contracted_cost") == Decimal("14.976260393260")
    with path.open(newline="", encoding="utf-8") as file:
        raw: list[dict[str, str]] = list(csv.DictReader(file))
    for row in found:
        line = raw[int(row["_row"]) - 2]
        assert row["billed_cost"] == Decimal(line["BilledCost"])
        assert row["resource_id"] == (
            None if line["ResourceId"] in {"NULL", ""} else line["ResourceId"]
        )
        assert row["tags"] == (None if line["Tags"] in {"NULL", ""} else line["Tags"])
    by_provider = {row["service_provider_name"]: 0 for row in found}
    for row in found:
        by_provider[row["service_provider_name"]] += 1
    assert by_provider == {"AWS": 942, "Microsoft": 51, "Oracle": 7}
