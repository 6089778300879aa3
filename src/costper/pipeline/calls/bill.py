"""Turns the calls of a month into a bill: a charge for each day and what calls were for."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from costper.model.call import CALLS
from costper.model.delivery import Part, RawBill
from costper.model.money import MONEY_SQL
from costper.model.names import literal, quoted
from costper.model.period import Period, month_of
from costper.pipeline.calls.charge_rows import (
    CATEGORY,
    COVERED,
    MORE,
    ROWS,
    SUBCATEGORY,
    SUMS,
    Shape,
    attributes_sql,
    named_sql,
)
from costper.pipeline.calls.invoices import CURRENCY, invoices
from costper.pipeline.calls.staged import staged
from costper.store.books import Books
from costper.store.engine import Parameter

PAID = "paid by the invoice of its provider"
COSTS = ("billed_cost", "effective_cost", "contracted_cost", "list_cost")
TEXTS = (
    "service_provider_name",
    "service_name",
    "service_category",
    "billing_account_id",
    "sku_id",
    "charge_category",
    "charge_description",
    "tags",
)
PROJECTION: dict[str, str] = {
    **dict.fromkeys(COSTS, f"CAST(cost AS {MONEY_SQL})"),
    **{name: name for name in TEXTS},
    "billing_currency": literal(CURRENCY),
    "invoice_issuer_name": "service_provider_name",
    "service_subcategory": literal(SUBCATEGORY),
    "billing_period_start": "CAST(month AS TIMESTAMP)",
    "billing_period_end": "CAST(month_end AS TIMESTAMP)",
    "charge_period_start": "CAST(day AS TIMESTAMP)",
    "charge_period_end": "CAST(day_end AS TIMESTAMP)",
    "charge_frequency": "'Usage-Based'",
    "consumed_quantity": "CAST(calls AS DECIMAL(38,18))",
    "consumed_unit": "'calls'",
    "estimated": "awaited",
    "extras": "extras",
}
"""How each canonical column is read. All four costs are what calls cost by price; it is an estimate
while an invoice is awaited that will say otherwise."""


def bill_of(
    books: Books, shape: Shape, month: Period, held: Collection[str], folder: Path
) -> RawBill | None:
    """Write the calls in ROWS that no invoice pays for, a part for each provider.

    A provider that `held` names had charges in this month; where it has none any more, one row of
    nothing says so, because a snapshot without rows would replace nothing. None without any part.
    """
    rows = books.marts.query(
        f"SELECT DISTINCT provider FROM {ROWS} AS r WHERE NOT covered AND cost <> 0"
    ).to_pylist()
    charged = {row["provider"] for row in rows}
    awaited = {one.provider for one in invoices(books.settings)}
    parts: list[Part] = []
    for place, provider in enumerate(sorted(charged | set(held))):
        select = _charges(shape) if provider in charged else _nothing()
        found = books.marts.query(select, _params(month, provider, awaited=provider in awaited))
        name = f"{month.start:%Y-%m}"
        path = folder / f"calls-{name}-{place}.parquet"
        parts.append(staged(found, path, f"{CALLS}:{provider}:{name}"))
    if not parts:
        return None
    return RawBill(parts=tuple(parts), projection=PROJECTION, billing_period=month.start)


def _params(month: Period, provider: str, *, awaited: bool) -> dict[str, Parameter]:
    return {
        "provider": provider,
        "start": month.start,
        "until": month.end,
        "month": month.start,
        "month_end": month_of(month.start).end,
        "awaited": awaited,
    }


DATES = (
    "CAST($month AS DATE) AS month, CAST($month_end AS DATE) AS month_end, "
    "CAST($awaited AS BOOLEAN) AS awaited"
)


def _charges(shape: Shape) -> str:
    """Select a provider's charges in a fixed order, so that the same calls are the same bytes."""
    attributes = attributes_sql(shape)
    texts = ", ".join(f"{attributes[name]} AS {name}" for name in TEXTS)
    counts = ", ".join(f"'{name}', {name}" for name in SUMS)
    words = ", ".join(quoted(name) for name in (*shape.words, *MORE))
    return (
        f"SELECT {DATES}, day, day + 1 AS day_end, {texts}, cost, calls, "
        f"CAST(json_object({counts}) AS VARCHAR) AS extras FROM {ROWS} AS r "
        f"WHERE provider = $provider AND NOT covered AND cost <> 0 ORDER BY day, {words}"
    )


def _nothing() -> str:
    """Select the one row of a provider that had charges in the month and has none any more.

    It stands on a day an invoice covers, where there is one: no other day shall seem to have data.
    """
    fixed = {
        "service_provider_name": named_sql(0),
        "service_name": named_sql(1),
        "service_category": literal(CATEGORY),
        "billing_account_id": "provider",
        "sku_id": "''",
        "charge_category": "'Usage'",
        "charge_description": literal(PAID),
        "tags": "'{}'",
    }
    texts = ", ".join(f"{fixed[name]} AS {name}" for name in TEXTS)
    return (
        f"SELECT {DATES}, day, day + 1 AS day_end, "
        f"{texts}, CAST(0 AS DECIMAL(38,18)) AS cost, CAST(0 AS BIGINT) AS calls, "
        "CAST(NULL AS VARCHAR) AS extras FROM (SELECT $provider AS provider, "
        f"COALESCE(MIN(day), CAST($month AS DATE)) AS day FROM {COVERED} AS i "
        "WHERE i.provider = $provider AND i.day >= $start AND i.day < $until) AS p"
    )
