"""Read every canonical column of a charge from Azure's columns, in any of their spellings.

Names differ by letter case (EA, MCA, camelCase) and by version; the first that is there counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from costper.model.money import MONEY_SQL
from costper.model.names import quoted
from costper.sources.headers import RawColumn
from costper.sources.projection import (
    Raw,
    constant,
    extras,
    first,
    instant,
    money,
    null,
    quantity,
    tags,
    text,
    trimmed,
)

ZERO = f"CAST(0 AS {MONEY_SQL})"
COST = ("CostInBillingCurrency", "Cost", "PreTaxCost")
DATE = ("Date", "UsageDateTime", "UsageDate")
CURRENCY = ("BillingCurrency", "BillingCurrencyCode", "Currency")
SUBSCRIPTION = ("SubscriptionId", "SubscriptionGuid")
ACCOUNT = ("BillingAccountId", "EnrollmentNumber", *SUBSCRIPTION)
CHARGE_TYPE = ("ChargeType",)
ESSENTIAL = {"cost": COST, "date": DATE, "currency": CURRENCY, "account": ACCOUNT}

CATEGORIES = {
    "Usage": "Usage",
    "Purchase": "Purchase",
    "Refund": "Adjustment",
    "RoundingAdjustment": "Adjustment",
    "UnusedReservation": "Usage",
    "UnusedSavingsPlan": "Usage",
    "Tax": "Tax",
    "Credit": "Credit",
    "Adjustment": "Adjustment",
}
FREQUENCIES = {"UsageBased": "Usage-Based", "Recurring": "Recurring", "OneTime": "One-Time"}
EXTRAS = (
    "ChargeType",
    "MeterCategory",
    "MeterSubCategory",
    "MeterRegion",
    "ServiceFamily",
    "ConsumedService",
    "ResourceGroup",
    "ResourceGroupName",
    "CostCenter",
    "InvoiceSectionName",
    "BillingProfileId",
    "PublisherType",
    "PublisherName",
    "PlanName",
    "PricingModel",
    "Term",
    "AdditionalInfo",
)
Exports = Literal["actual", "amortized", "both"]


@dataclass(frozen=True, slots=True)
class Export:
    """What the exports are: their columns, which of them are given, and how many files are actual.

    With both, the first `actual_files` files are the actual cost and the rest are amortised.
    `open_periods` are the starts (YYYY-MM-DD HH:MM:SS) of billing periods that may still change.
    """

    raw: Raw
    given: Exports
    actual_files: int
    open_periods: tuple[str, ...] = ()

    def column(self, names: Sequence[str]) -> RawColumn | None:
        """Give the first of these columns that is there."""
        return self.raw.find(*names)

    @property
    def is_actual(self) -> str:
        """Give a condition: the row is of the actual cost."""
        if self.given == "both":
            return f"{quoted('_file')} < {self.actual_files}"
        return "TRUE" if self.given == "actual" else "FALSE"

    @property
    def charge_type(self) -> str:
        """What kind of charge it is; exports without the column hold usage only."""
        column = self.column(CHARGE_TYPE)
        return trimmed(column) if column else constant("Usage")


def projection(export: Export) -> dict[str, str]:
    """Map every canonical column to SQL over the export's raw columns."""
    return {
        **_costs(export),
        **_whose(export),
        **_when(export),
        **_kind(export),
        **_what(export),
        "tags": _tags(export.raw.find("Tags")),
        "extras": _extras(export),
    }


def account(raw: Raw) -> str:
    """Read the billing account; exports of a subscription name only the subscription."""
    return _first_of(raw, ACCOUNT)


def billing_period(raw: Raw) -> str:
    """Read when the billing period starts: the month of the charge where nothing is said."""
    month = f"CAST(date_trunc('month', {instant(raw.find(*DATE))}) AS TIMESTAMP)"
    return first(instant(raw.find("BillingPeriodStartDate")), month)


def _costs(export: Export) -> dict[str, str]:
    cost = money(export.column(COST))
    public = money(export.raw.find("PaygCostInBillingCurrency"))
    listed = first(public, cost)
    if export.given != "both":
        amounts = {"billed_cost": cost, "effective_cost": cost, "contracted_cost": cost}
        return {**amounts, "list_cost": listed, "billing_currency": _currency(export)}
    here, there = _either(export, cost, ZERO), _either(export, ZERO, cost)
    return {
        "billed_cost": here,
        "effective_cost": there,
        "contracted_cost": there,
        "list_cost": _either(export, ZERO, listed),
        "billing_currency": _currency(export),
    }


def _either(export: Export, actual: str, amortized: str) -> str:
    return f"CASE WHEN {export.is_actual} THEN {actual} ELSE {amortized} END"


def _currency(export: Export) -> str:
    return f"upper({trimmed(export.column(CURRENCY))})"


def _whose(export: Export) -> dict[str, str]:
    raw = export.raw
    return {
        "service_provider_name": constant("Microsoft"),
        "invoice_issuer_name": first(trimmed(raw.find("ResellerName")), constant("Microsoft")),
        "billing_account_id": account(raw),
        "sub_account_id": _first_of(raw, SUBSCRIPTION),
        "sub_account_name": trimmed(raw.find("SubscriptionName")),
        "invoice_id": trimmed(raw.find("InvoiceId")),
    }


def _first_of(raw: Raw, names: Sequence[str]) -> str:
    return first(*(trimmed(raw.find(name)) for name in names))


def _when(export: Export) -> dict[str, str]:
    day = f"CAST(date_trunc('day', {instant(export.column(DATE))}) AS TIMESTAMP)"
    start = billing_period(export.raw)
    after = f"{start} + INTERVAL '1' MONTH"
    # Azure writes the last day of the period; ours is the day after it.
    told = instant(export.raw.find("BillingPeriodEndDate"))
    ended = f"CASE WHEN {told} = {after} THEN {told} ELSE {told} + INTERVAL '1' DAY END"
    end = (
        after if export.raw.find("BillingPeriodEndDate") is None else f"coalesce({ended}, {after})"
    )
    listed = ", ".join(f"CAST('{period}' AS TIMESTAMP)" for period in export.open_periods)
    late = f"{start} IN ({listed})" if listed else "FALSE"
    return {
        "charge_period_start": day,
        "charge_period_end": f"{day} + INTERVAL '1' DAY",
        "billing_period_start": start,
        "billing_period_end": end,
        "estimated": f"{trimmed(export.raw.find('InvoiceId'))} IS NULL AND {late}",
    }


def _kind(export: Export) -> dict[str, str]:
    kind = export.charge_type
    commitment = _first_of(export.raw, ("BenefitId", "ReservationId"))
    model = trimmed(export.raw.find("PricingModel"))
    return {
        "charge_category": _translated(kind, CATEGORIES),
        "charge_frequency": _translated(trimmed(export.raw.find("Frequency")), FREQUENCIES),
        "commitment_discount_id": commitment,
        "commitment_discount_status": (
            f"CASE WHEN {kind} IN ('UnusedReservation', 'UnusedSavingsPlan') THEN 'Unused'"
            f" WHEN {kind} = 'Usage' AND {commitment} IS NOT NULL THEN 'Used' END"
        ),
        "commitment_discount_type": (
            f"CASE WHEN {model} = 'SavingsPlan' OR {kind} = 'UnusedSavingsPlan'"
            " THEN 'Savings Plan'"
            f" WHEN {commitment} IS NOT NULL THEN 'Reservation' END"
        ),
        "pricing_category": (
            f"CASE WHEN {model} IN ('Reservation', 'SavingsPlan') THEN 'Committed'"
            f" WHEN {model} = 'Spot' THEN 'Dynamic'"
            f" WHEN {model} = 'OnDemand' THEN 'Standard' END"
        ),
    }


def _translated(word: str, words: dict[str, str]) -> str:
    branches = " ".join(f"WHEN '{theirs}' THEN '{ours}'" for theirs, ours in words.items())
    return f"CASE {word} {branches} END"


def _what(export: Export) -> dict[str, str]:
    raw = export.raw
    amount = quantity(raw.find("Quantity", "UsageQuantity"))
    if export.given == "both":
        amount = f"CASE WHEN NOT ({export.is_actual}) THEN {amount} END"
    unit = trimmed(raw.find("UnitOfMeasure"))
    return {
        "service_name": _first_of(raw, ("ServiceName", "MeterCategory", "ConsumedService")),
        "sku_id": trimmed(raw.find("MeterId")),
        "sku_meter": trimmed(raw.find("MeterName")),
        "charge_description": _first_of(raw, ("ProductName", "Product", "MeterName")),
        "resource_id": _first_of(raw, ("ResourceId", "InstanceId", "InstanceName")),
        "resource_name": trimmed(raw.find("ResourceName")),
        "resource_type": trimmed(raw.find("ResourceType")),
        "region_id": _first_of(raw, ("ResourceLocation", "Location", "MeterRegion")),
        "pricing_quantity": amount,
        "pricing_unit": unit,
        "consumed_quantity": amount,
        "consumed_unit": unit,
    }


def _tags(column: RawColumn | None) -> str:
    """Read tags as a JSON object; some exports leave the braces off."""
    if column is None:
        return null("tags")
    if column.sql_type != "VARCHAR":
        return tags(column)
    name = trimmed(column)
    return f"CASE WHEN {name} LIKE '\"%' THEN '{{' || {name} || '}}' ELSE {text(column)} END"


def _extras(export: Export) -> str:
    found = [replace(c, header=name) for name in EXTRAS if (c := export.raw.find(name))]
    told = extras(found)
    word = f"CASE WHEN {export.is_actual} THEN 'actual' ELSE 'amortized' END"
    return f"'{{\"export\":\"' || {word} || '\"' || coalesce(',' || substr({told}, 2), '}}')"
