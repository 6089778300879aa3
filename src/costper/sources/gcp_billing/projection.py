"""Read every canonical column of a charge from the staged columns of a Google export."""

from __future__ import annotations

from collections.abc import Sequence

from costper.model.names import literal
from costper.sources.gcp_billing.rows import COLUMNS
from costper.sources.headers import RawColumn
from costper.sources.projection import (
    constant,
    first,
    instant,
    json,
    money,
    quantity,
    text,
)


def projection(open_months: Sequence[str] = ()) -> dict[str, str]:
    """Map canonical columns to SQL over the staged columns.

    `open_months` (YYYY-MM-01) are the invoice months whose rows may still change.
    """
    listed = ", ".join(literal(month) for month in open_months)
    raw = {name: RawColumn(name, name) for name in COLUMNS}
    month = instant(raw["invoice_month"])
    cost = money(raw["amount"])
    return {
        "billed_cost": cost,
        "effective_cost": cost,
        "contracted_cost": cost,
        "list_cost": money(raw["list_amount"]),
        "billing_currency": text(raw["currency"]),
        "service_provider_name": constant("Google Cloud"),
        "invoice_issuer_name": first(text(raw["seller"]), constant("Google")),
        "billing_account_id": text(raw["billing_account_id"]),
        "sub_account_id": text(raw["project_id"]),
        "sub_account_name": text(raw["project_name"]),
        "billing_period_start": month,
        "billing_period_end": f"{month} + INTERVAL '1' MONTH",
        "charge_period_start": instant(raw["start"]),
        "charge_period_end": instant(raw["end"]),
        "charge_category": text(raw["kind"]),
        "charge_frequency": f"CASE WHEN {text(raw['kind'])} = 'Usage' THEN 'Usage-Based' END",
        "charge_description": text(raw["description"]),
        "service_name": text(raw["service"]),
        "sku_id": text(raw["sku_id"]),
        "sku_meter": text(raw["sku"]),
        "resource_id": text(raw["resource"]),
        "resource_name": text(raw["resource_name"]),
        "region_id": text(raw["region"]),
        "pricing_quantity": quantity(raw["pricing_quantity"]),
        "pricing_unit": text(raw["pricing_unit"]),
        "consumed_quantity": quantity(raw["quantity"]),
        "consumed_unit": text(raw["unit"]),
        "tags": json(raw["tags"]),
        "extras": json(raw["extras"]),
        "estimated": f"{text(raw['invoice_month'])} IN ({listed})" if listed else "FALSE",
    }
