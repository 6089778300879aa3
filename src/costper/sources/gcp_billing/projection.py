"""Read every canonical column of a charge from the staged columns of a Google export."""

from __future__ import annotations

from datetime import datetime

from costper.sources.gcp_billing.rows import COLUMNS
from costper.sources.headers import RawColumn
from costper.sources.projection import constant, first, instant, json, money, quantity, text

SETTLED_DAYS = 7
"""Google issues the invoice by the fifth working day of the next month."""


def projection(now: datetime) -> dict[str, str]:
    """Map canonical columns to SQL over the staged columns; `now` tells which are estimated."""
    raw = {name: RawColumn(name, name) for name in COLUMNS}
    month = instant(raw["invoice_month"])
    cost = money(raw["amount"])
    settled = f"{month} + INTERVAL '1' MONTH + INTERVAL '{SETTLED_DAYS}' DAY"
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
        "estimated": f"{settled} > CAST('{now:%Y-%m-%d %H:%M:%S}' AS TIMESTAMP)",
    }
