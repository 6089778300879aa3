"""A project of a test's own: a bill, customers and a metric as files, read by the ordinary sync."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from tests.demo.asked import run

SETTINGS = """\
organisation: Shop & Sons
currency: USD
sources:
  bill: {type: focus_file, path: bill.csv}
  users: {type: csv, path: users.csv, date: day, value: users}
metrics:
  daily_active_users: {source: users, unit: user, aggregation: average, kind: active_users}
customers: {type: csv, path: customers.csv}
allocation:
  - {rule: dedicated, match: {customer: present}, driver: direct}
"""
FIRST = date(2026, 11, 1)
COLUMNS = (
    "BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "BillingCurrency",
    "ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodStart", "BillingPeriodEnd",
    "ChargeCategory", "ServiceName", "ServiceCategory", "ProviderName", "PublisherName",
    "InvoiceIssuerName", "BillingAccountId", "SubAccountId", "ResourceId", "ChargeDescription",
    "ChargeClass", "ChargeFrequency", "Tags",
)  # fmt: skip


def charge(day: date, cost: str, service: str, tags: Mapping[str, str]) -> dict[str, str]:
    """Give one row of a FOCUS 1.0 bill."""
    written = ", ".join(f"{_quoted(key)}: {_quoted(value)}" for key, value in tags.items())
    return {
        **dict.fromkeys(("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"), cost),
        "BillingCurrency": "USD",
        "ChargePeriodStart": f"{day}T00:00:00Z",
        "ChargePeriodEnd": f"{day + timedelta(days=1)}T00:00:00Z",
        "BillingPeriodStart": "2026-11-01T00:00:00Z",
        "BillingPeriodEnd": "2026-12-01T00:00:00Z",
        "ChargeCategory": "Usage",
        "ServiceName": service,
        "ServiceCategory": "Compute",
        "ProviderName": "AWS",
        "PublisherName": "AWS",
        "InvoiceIssuerName": "AWS",
        "BillingAccountId": "1",
        "SubAccountId": "1",
        "ResourceId": "",
        "ChargeDescription": f"{service} by the day",
        "ChargeClass": "",
        "ChargeFrequency": "Usage-Based",
        "Tags": f"{{{written}}}",
    }


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def project(
    folder: Path,
    charges: Iterable[Mapping[str, str]],
    customers: Sequence[tuple[str, str, str]],
    users: Mapping[date, int],
) -> Path:
    """Write a project and sync it; customers are their id, name and monthly revenue."""
    (folder / "costper.yaml").write_text(SETTINGS, encoding="utf-8")
    _write(folder / "bill.csv", COLUMNS, ([row[name] for name in COLUMNS] for row in charges))
    _write(
        folder / "customers.csv",
        ("id", "name", "status", "mrr", "currency", "plan", "seats"),
        ((id_, name, "active", mrr, "USD", "pro", "1") for id_, name, mrr in customers),
    )
    _write(folder / "users.csv", ("day", "users"), ((str(day), it) for day, it in users.items()))
    code, out, err = run(folder, "sync")
    assert code == 0, out + err
    return folder


def _write(path: Path, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        written = csv.writer(file)
        written.writerow(names)
        written.writerows(rows)
