"""Read every canonical column from a FOCUS file of any version, or its dialects."""

from __future__ import annotations

from costper.model.charge import CHARGE_COLUMNS, Column
from costper.model.names import literal
from costper.sources.headers import RawColumn
from costper.sources.projection import (
    Raw,
    extras,
    first,
    flag,
    instant,
    json,
    money,
    quantity,
    tags,
    text,
    trimmed,
)

OLD_NAMES: dict[str, tuple[str, ...]] = {
    "EffectiveCost": ("AmortizedCost",),
    "ServiceProviderName": ("ProviderName", "Provider"),
    "InvoiceIssuerName": ("InvoiceIssuer",),
    "ChargeCategory": ("ChargeType",),
    "RegionId": ("Region",),
    "ConsumedQuantity": ("UsageQuantity",),
    "ConsumedUnit": ("UsageUnit",),
    "InvoiceId": ("x_InvoiceId",),
    "PricingCurrency": ("x_PricingCurrency",),
    "BillingCurrency": ("x_BillingCurrency",),
}
"""What a column was called before FOCUS 1.0, or is called by Azure before it was in FOCUS."""

NO_ACCOUNT = "(none)"
AWS = ("AWS", "Amazon Web Services")
TRIMMED = {
    "BillingCurrency",
    "PricingCurrency",
    "BillingAccountId",
    "SubAccountId",
    "ChargeCategory",
    "ChargeClass",
    "ServiceProviderName",
    "InvoiceId",
}
READERS = {
    "text": text,
    "money": money,
    "quantity": quantity,
    "instant": instant,
    "tags": tags,
    "json": json,
    "flag": flag,
}


def find(raw: Raw, focus: str) -> RawColumn | None:
    """Give the raw column that holds a FOCUS column, under its name or an older one."""
    return raw.find(focus, *OLD_NAMES.get(focus, ()))


def projection(raw: Raw, *, currency: str, account: str) -> dict[str, str]:
    """Give the SQL of every canonical column.

    `currency` stands in where the file names none; `account` likewise, "(none)" when it is "".
    """
    found = {c.focus: find(raw, c.focus) for c in CHARGE_COLUMNS if c.focus}
    built = {c.name: _plain(c, found[c.focus]) for c in CHARGE_COLUMNS if c.focus}
    built |= _costs(built, found)
    built |= _periods(built, found)
    built["billing_currency"] = currency_of(found["BillingCurrency"], currency)
    built["billing_account_id"] = first(built["billing_account_id"], literal(account or NO_ACCOUNT))
    if found["ChargeCategory"] is None:
        built["charge_category"] = literal("Usage")
    built["estimated"] = _estimated(built, found["InvoiceId"])
    built["extras"] = extras(raw.others(found.values()))
    return built


def currency_of(column: RawColumn | None, default: str) -> str:
    """Give the billing currency: three letters, or NULL, for only money can be billed."""
    if column is None:
        return literal(default)
    said = f"upper({trimmed(column)})"
    code = f"CASE WHEN regexp_matches({said}, '^[A-Z]{{3}}$') THEN {said} END"
    return f"CASE WHEN {trimmed(column)} IS NULL THEN {literal(default)} ELSE {code} END"


def scope(raw: Raw) -> tuple[str, str]:
    """Give the SQL of what a snapshot is of: billing account and start of billing period."""
    built = projection(raw, currency="USD", account="")
    return built["billing_account_id"], built["billing_period_start"]


def wrong_types(raw: Raw) -> list[tuple[str, str]]:
    """Name the columns whose raw type cannot hold what they should: (FOCUS name, type)."""
    wrong: list[tuple[str, str]] = []
    for column in CHARGE_COLUMNS:
        source = find(raw, column.focus) if column.required and column.focus else None
        if source is not None and READERS[column.kind](source).startswith("CAST(NULL AS "):
            wrong.append((column.focus, source.sql_type))
    return wrong


def _plain(column: Column, source: RawColumn | None) -> str:
    reader = trimmed if column.focus in TRIMMED else READERS[column.kind]
    return reader(source)


def _costs(built: dict[str, str], found: dict[str, RawColumn | None]) -> dict[str, str]:
    effective = built["effective_cost"]
    if found["EffectiveCost"] is None:
        effective = built["billed_cost"]
    return {
        "effective_cost": effective,
        "contracted_cost": _else(found["ContractedCost"], built["contracted_cost"], effective),
        "list_cost": _else(found["ListCost"], built["list_cost"], built["billed_cost"]),
    }


def _else(column: RawColumn | None, told: str, fallback: str) -> str:
    """Fall back only where nothing is said: what cannot be read must stay a bad row."""
    if column is None:
        return fallback
    if column.sql_type != "VARCHAR":
        return first(told, fallback)
    return f"CASE WHEN {trimmed(column)} IS NULL THEN {fallback} ELSE {told} END"


def _periods(built: dict[str, str], found: dict[str, RawColumn | None]) -> dict[str, str]:
    start, end = built["charge_period_start"], built["charge_period_end"]
    month = f"CAST(date_trunc('month', {start}) AS TIMESTAMP)"
    billing = _else(found["BillingPeriodStart"], built["billing_period_start"], month)
    next_day = f"CAST(date_trunc('day', {start}) AS TIMESTAMP) + INTERVAL '1' DAY"
    next_month = f"CAST(date_trunc('month', {billing}) AS TIMESTAMP) + INTERVAL '1' MONTH"
    closed = _else(found["BillingPeriodEnd"], built["billing_period_end"], next_month)
    return {
        "charge_period_end": f"CASE WHEN {end} > {start} THEN {end} ELSE {next_day} END",
        "billing_period_start": billing,
        "billing_period_end": f"CASE WHEN {closed} <= {billing} THEN {next_month} "
        f"ELSE {closed} END",
    }


def _estimated(built: dict[str, str], invoice: RawColumn | None) -> str:
    """Say whether the vendor may still change the row: AWS leaves InvoiceId blank till then."""
    if invoice is None:
        return "FALSE"
    amazon = ", ".join(literal(name) for name in AWS)
    provider = f"coalesce({built['service_provider_name']}, '')"
    return f"({trimmed(invoice)} IS NULL AND {provider} IN ({amazon}))"
