"""Read every canonical column of a charge from the columns of an AWS report."""

from __future__ import annotations

from dataclasses import replace

from costper.model.names import quoted
from costper.sources.aws_cur.columns import CATEGORY_PREFIX, ReportColumns
from costper.sources.aws_cur.costs import (
    RESERVATION_ARN,
    SAVINGS_PLAN_ARN,
    Report,
    billed_cost,
    category,
    commitment_status,
    commitment_type,
    contracted_cost,
    effective_cost,
    list_cost,
)
from costper.sources.headers import RawColumn
from costper.sources.projection import (
    constant,
    extras,
    first,
    instant,
    json,
    null,
    quantity,
    tags,
    trimmed,
)

SPLIT_OPERATIONS = ("EKSPod-EC2", "ECSTask-EC2")
SPLIT_PARENT = "split_line_item_parent_resource_id"
EXTRAS = (
    "line_item_line_item_type",
    "line_item_usage_type",
    "line_item_operation",
    "line_item_product_code",
    "line_item_availability_zone",
    "line_item_tax_type",
    "line_item_iam_principal",
    "product_instance_type",
    "product_product_family",
    "bill_bill_type",
    "bill_billing_entity",
    "bill_invoicing_entity",
)
PAIR = r'"((?:[^"\\]|\\.)*)"\s*:\s*("(?:[^"\\]|\\.)*"|[^",}\s]+)'


def projection(report: Report) -> dict[str, str]:
    """Map every canonical column to SQL over the report's raw columns."""
    return {
        **_costs(report),
        **_whose(report.columns),
        **_when(report.columns),
        **_what(report.columns),
        **_kind(report),
        "tags": tag_object(report.columns),
        "extras": _extras(report.columns),
    }


def billing_period(columns: ReportColumns) -> str:
    """Read when the billing period starts; a report without it bills by calendar month."""
    told = columns.get("bill_billing_period_start_date")
    if told is not None:
        return instant(told)
    start = instant(columns.get("line_item_usage_start_date"))
    return f"CAST(date_trunc('month', {start}) AS TIMESTAMP)"


def keep(columns: ReportColumns) -> str:
    """Give the condition that leaves out split-allocation rows: they repeat their instance."""
    operation = trimmed(columns.get("line_item_operation"))
    listed = ", ".join(f"'{name}'" for name in SPLIT_OPERATIONS)
    is_split = f"coalesce({operation} IN ({listed}), FALSE)"
    parent = columns.get(SPLIT_PARENT)
    if parent is not None:
        is_split = f"{is_split} OR {trimmed(parent)} IS NOT NULL"
    return f"NOT ({is_split})"


def tag_object(columns: ReportColumns) -> str:
    """Join tag columns, the tag map and cost categories into one JSON object text."""
    named = [replace(column, header=key) for key, column in columns.tags.items()]
    objects = [extras(named)] if named else []
    resource = columns.maps.get("resourcetags") or columns.maps.get("tags")
    if resource is not None:
        objects.append(_bare_keys(tags(resource)))
    if "costcategory" in columns.maps:
        found = json(columns.maps["costcategory"])
        prefixed = rf'"{CATEGORY_PREFIX}\1":\2'
        objects.append(f"regexp_replace({found}, '{PAIR}', '{prefixed}', 'g')")
    if not objects:
        return null("tags")
    return objects[0] if len(objects) == 1 and named else _joined(objects)


def _costs(report: Report) -> dict[str, str]:
    return {
        "billed_cost": billed_cost(report),
        "effective_cost": effective_cost(report),
        "list_cost": list_cost(report),
        "contracted_cost": contracted_cost(report),
        "billing_currency": trimmed(report.columns.get("line_item_currency_code")),
    }


def _whose(columns: ReportColumns) -> dict[str, str]:
    seller = trimmed(columns.get("line_item_legal_entity"))
    issuer = trimmed(columns.get("bill_invoicing_entity"))
    return {
        "service_provider_name": constant("AWS"),
        "invoice_issuer_name": first(seller, issuer),
        "billing_account_id": trimmed(columns.get("bill_payer_account_id")),
        "sub_account_id": trimmed(columns.get("line_item_usage_account_id")),
        "sub_account_name": trimmed(columns.get("line_item_usage_account_name")),
        "invoice_id": _invoice(columns),
        "estimated": f"{_invoice(columns)} IS NULL",
    }


def _invoice(columns: ReportColumns) -> str:
    return f"nullif({trimmed(columns.get('bill_invoice_id'))}, 'Estimated')"


def _when(columns: ReportColumns) -> dict[str, str]:
    period = billing_period(columns)
    closed = columns.get("bill_billing_period_end_date")
    return {
        "charge_period_start": instant(columns.get("line_item_usage_start_date")),
        "charge_period_end": _end(columns.get("line_item_usage_end_date")),
        "billing_period_start": period,
        "billing_period_end": _end(closed) if closed else f"{period} + INTERVAL '1' MONTH",
    }


def _end(raw: RawColumn | None) -> str:
    """Read an end that the period does not hold: taxes end at 23:59:59, one second short."""
    end = instant(raw)
    if raw is None:
        return end
    short = f"CAST({quoted(raw.name)} AS VARCHAR) LIKE '%:59:59%'"
    return f"CASE WHEN {short} THEN {end} + INTERVAL '1' SECOND ELSE {end} END"


def _what(columns: ReportColumns) -> dict[str, str]:
    amount = quantity(columns.get("line_item_usage_amount"))
    unit = trimmed(columns.get("pricing_unit", "product_pricing_unit"))
    return {
        "service_name": first(
            trimmed(columns.get("product_product_name")),
            _product(columns, "product_name"),
            trimmed(columns.get("product_servicename")),
            _product(columns, "servicename"),
            trimmed(columns.get("line_item_product_code")),
        ),
        "region_id": first(
            trimmed(columns.get("product_region_code")),
            trimmed(columns.get("product_region")),
            _product(columns, "region_code"),
            _product(columns, "region"),
        ),
        "charge_description": trimmed(columns.get("line_item_line_item_description")),
        "resource_id": trimmed(columns.get("line_item_resource_id")),
        "sku_id": first(trimmed(columns.get("product_sku")), _product(columns, "sku")),
        "sku_price_id": trimmed(columns.get("pricing_rate_code", "pricing_rate_id")),
        "sku_meter": trimmed(columns.get("line_item_usage_type")),
        "pricing_quantity": amount,
        "pricing_unit": unit,
        "consumed_quantity": amount,
        "consumed_unit": unit,
    }


def _kind(report: Report) -> dict[str, str]:
    kind = report.line_type
    spot = f"{trimmed(report.columns.get('line_item_usage_type'))} LIKE '%SpotUsage%'"
    return {
        "charge_category": category(report),
        "charge_frequency": (
            f"CASE WHEN {report.is_half()} THEN 'Usage-Based'"
            f" WHEN {kind} IN ('RIFee', 'SavingsPlanRecurringFee') THEN 'Recurring'"
            f" WHEN {kind} IN ('Fee', 'SavingsPlanUpfrontFee') THEN 'One-Time'"
            f" WHEN {kind} LIKE '%Usage' THEN 'Usage-Based' END"
        ),
        "pricing_category": (
            f"CASE WHEN {kind} IN ('SavingsPlanCoveredUsage', 'DiscountedUsage')"
            f" OR {report.is_half()} THEN 'Committed'"
            f" WHEN {spot} THEN 'Dynamic' WHEN {kind} = 'Usage' THEN 'Standard' END"
        ),
        "commitment_discount_id": first(
            trimmed(report.columns.get(SAVINGS_PLAN_ARN)),
            trimmed(report.columns.get(RESERVATION_ARN)),
        ),
        "commitment_discount_status": commitment_status(report),
        "commitment_discount_type": commitment_type(report),
    }


def _extras(columns: ReportColumns) -> str:
    found = [(name, columns.get(name)) for name in EXTRAS]
    return extras([replace(column, header=name) for name, column in found if column is not None])


def _product(columns: ReportColumns, key: str) -> str:
    """Read one key of the product map of CUR 2.0."""
    column = columns.maps.get("product")
    if column is None:
        return null("text")
    name = quoted(column.name)
    if column.sql_type.startswith("MAP("):
        return f"nullif({name}['{key}'], '')"
    if column.sql_type.startswith("STRUCT("):
        return (
            f"nullif({name}.{quoted(key)}, '')" if f'"{key}"' in column.sql_type else null("text")
        )
    return f"nullif(json_extract_string({name}, '$.{key}'), '')"


def _bare_keys(found: str) -> str:
    """Take `user_` off the keys of a JSON object text and write `aws:` for `aws_`.

    A quote inside a value is escaped, so these openings only ever start a key.
    """
    for opening in ("{", ",", ", "):
        for prefix, instead in (("user_", ""), ("user:", ""), ("aws_", "aws:")):
            found = f"""replace({found}, '{opening}"{prefix}', '{opening}"{instead}')"""
    return found


def _joined(objects: list[str]) -> str:
    """Make one JSON object text of several; NULL where all are empty."""
    inner = [
        f"CASE WHEN {each} LIKE '{{%}}' THEN nullif(trim(substr(trim({each}), 2,"
        f" length(trim({each})) - 2)), '') END"
        for each in objects
    ]
    return f"nullif('{{' || concat_ws(',', {', '.join(inner)}) || '}}', '{{}}')"
