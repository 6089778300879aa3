"""Writes FOCUS bills of any size as Parquet, the same bytes for the same size.

Each line is one hour of one (customer, service) pair, so the daily roll-up is a 24th of it.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from costper.model.period import Period, month_of

YEAR = Period(date(2025, 11, 1), date(2026, 11, 1))
CUSTOMERS = 5_000
SERVICES = 20
TEAMS = 12
SHARED_SERVICES = 5

LINES = """
SELECT
    CASE WHEN n % 97 = 0 THEN -0.25 ELSE 1 END * ((hash(n * 7919 + h) % 100000) + 1) / 100000.0
        AS "BilledCost",
    "BilledCost" AS "EffectiveCost", "BilledCost" AS "ContractedCost",
    "BilledCost" * 1.25 AS "ListCost",
    'USD' AS "BillingCurrency", '123456789012' AS "BillingAccountId",
    (900000000000 + n % 50)::VARCHAR AS "SubAccountId", 'account ' || n % 50 AS "SubAccountName",
    $start::TIMESTAMP AS "BillingPeriodStart", $end::TIMESTAMP AS "BillingPeriodEnd",
    $start::TIMESTAMP + to_hours(h::BIGINT) AS "ChargePeriodStart",
    $start::TIMESTAMP + to_hours(h::BIGINT + 1) AS "ChargePeriodEnd",
    CASE WHEN n % 97 = 0 THEN 'Credit' ELSE 'Usage' END AS "ChargeCategory",
    NULL::VARCHAR AS "ChargeClass", 'Usage-Based' AS "ChargeFrequency",
    'hour of service ' || s AS "ChargeDescription",
    'Compute' AS "ServiceCategory", 'Virtual Machines' AS "ServiceSubcategory",
    'Service ' || s AS "ServiceName", 'AWS' AS "ServiceProviderName",
    'Amazon Web Services, Inc.' AS "InvoiceIssuerName",
    'sku-' || s AS "SkuId", 'sku-' || s || '.1' AS "SkuPriceId", 'Hours' AS "SkuMeter",
    'i-' || lpad(n::VARCHAR, 12, '0') AS "ResourceId", 'node ' || n AS "ResourceName",
    'Instance' AS "ResourceType", 'us-east-1' AS "RegionId", 'Standard' AS "PricingCategory",
    1.0 AS "PricingQuantity", 'Hours' AS "PricingUnit",
    1.0 AS "ConsumedQuantity", 'Hours' AS "ConsumedUnit",
    'INV-' || strftime($start::DATE, '%Y%m') AS "InvoiceId",
    CASE WHEN s < $shared
        THEN '{"service": "shared-' || s || '", "team": "team-' || s % $teams
            || '", "environment": "production"}'
        ELSE '{"customer": "c' || lpad((n % $customers)::VARCHAR, 5, '0') || '", "service": "svc-'
            || s || '", "team": "team-' || s % $teams || '", "environment": "'
            || CASE WHEN n % 11 = 0 THEN 'staging' ELSE 'prod' END || '"}'
    END AS "Tags"
FROM (
    SELECT n, h, (n // $customers + n) % $services AS s
    FROM range($pairs) AS pair(n), range($hours) AS hour(h)
)
"""

USAGE = """
SELECT $start::DATE + d::INTEGER AS day, 'c' || lpad(c::VARCHAR, 5, '0') AS customer,
    'shared-' || s AS service, 1 + hash(d * 100000000 + s * 10000000 + c) % 100000 AS requests
FROM range($days) AS days(d), range($services) AS services(s), range($customers) AS customers(c)
"""


def write_bill(folder: Path, lines: int) -> tuple[Path, ...]:
    """Write about `lines` bill lines over a year, one file a month; existing files stay."""
    folder.mkdir(parents=True, exist_ok=True)
    pairs = max(1, lines // (YEAR.days * 24))
    return tuple(_write_month(folder, month, pairs) for month in YEAR.months())


def restate(path: Path, lines: int) -> None:
    """Write a month again under its name, with the lines of one resource left out."""
    month = list(YEAR.months())[-1]
    _write_lines(path, month, max(1, lines // (YEAR.days * 24)) - 1)


def _write_month(folder: Path, month: Period, pairs: int) -> Path:
    path = folder / f"focus-{month.start:%Y-%m}-{pairs}.parquet"
    if not path.exists():
        _write_lines(path, month, pairs)
    return path


def _write_lines(path: Path, month: Period, pairs: int) -> None:
    values: dict[str, str | int] = {
        "start": month.start.isoformat(),
        "end": month_of(month.start).end.isoformat(),
        "hours": month.days * 24,
        "pairs": pairs,
        "customers": CUSTOMERS,
        "services": SERVICES,
        "shared": SHARED_SERVICES,
        "teams": TEAMS,
    }
    write_parquet(LINES, values, path)


def write_usage(folder: Path, services: int = SHARED_SERVICES) -> tuple[Path, ...]:
    """Write requests by day, customer and service, one file a month."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"usage-{services}-{m.start:%Y-%m}.parquet" for m in YEAR.months()]
    for path, month in zip(paths, YEAR.months(), strict=True):
        values: dict[str, str | int] = {
            "start": month.start.isoformat(),
            "days": month.days,
            "services": services,
            "customers": CUSTOMERS,
        }
        if not path.exists():
            write_parquet(USAGE, values, path)
    return tuple(paths)


def write_customers(folder: Path) -> Path:
    """Write the customers with their monthly revenue as CSV."""
    path = folder / "customers.csv"
    rows = [
        f"c{n:05d},Customer {n},active,{50 + n % 900},USD,team,{1 + n % 40}"
        for n in range(CUSTOMERS)
    ]
    path.write_text("id,name,status,mrr,currency,plan,seats\n" + "\n".join(rows) + "\n")
    return path


def write_parquet(select: str, values: dict[str, str | int], path: Path) -> None:
    """Write through a partial file, so an interrupted bench leaves no half bill behind."""
    for name in sorted(values, key=len, reverse=True):
        value = values[name]
        select = select.replace(f"${name}", f"'{value}'" if isinstance(value, str) else str(value))
    partial = path.with_suffix(".partial")
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2; SET preserve_insertion_order = false")
        connection.execute(f"COPY ({select}) TO '{partial}' (FORMAT parquet)")
    partial.rename(path)
