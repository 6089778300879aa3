"""What the tests of sources share: a place to read in, and what a bill would land as."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from costper.model.charge import CHARGE_COLUMNS
from costper.model.delivery import Part, RawBill
from costper.model.period import Period
from costper.sources.base import ReadContext
from costper.sources.probe import ask

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
REQUIRED = tuple(column.name for column in CHARGE_COLUMNS if column.required)


def context_at(root: Path, *, currency: str = "USD", window: Period | None = None) -> ReadContext:
    """Give a context whose project is `root`, with a new working folder beside it."""
    workdir = root.parent / f"{root.name}-work-{len(list(root.parent.iterdir()))}"
    workdir.mkdir()
    return ReadContext(
        source="bill",
        where="costper.yaml:7",
        root=root,
        workdir=workdir,
        now=NOW,
        currency=currency,
        window=window,
    )


def raw_rows(parts: Sequence[Part], columns: str = "*") -> list[tuple[Any, ...]]:
    """Give the raw rows of parts, in order."""
    return ask(parts, f"SELECT {columns} FROM raw ORDER BY _file, _row")


def charges(bill: RawBill) -> list[dict[str, Any]]:
    """Give the rows a bill would land as, bad ones included, with `_file` and `_row`."""
    columns = ", ".join(
        f"CAST({bill.projection.get(c.name, 'NULL')} AS {c.sql_type}) AS {c.name}"
        for c in CHARGE_COLUMNS
    )
    select = f"SELECT _file, _row, {columns} FROM raw WHERE {bill.keep} ORDER BY _file, _row"
    names = ("_file", "_row", *(column.name for column in CHARGE_COLUMNS))
    return [dict(zip(names, row, strict=True)) for row in ask(bill.parts, select)]


def good(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Leave out the rows that lack something a charge must have."""
    return [row for row in rows if all(row[name] is not None for name in REQUIRED)]


def total(rows: Sequence[Mapping[str, Any]], cost: str = "billed_cost") -> Decimal:
    """Sum one cost exactly."""
    return sum((row[cost] for row in rows), Decimal(0))


def focus_csv(*rows: Mapping[str, str]) -> str:
    """Write a small FOCUS file; each row gets what a charge must have."""
    basis = {
        "BilledCost": "1",
        "EffectiveCost": "1",
        "ContractedCost": "1",
        "ListCost": "1",
        "BillingAccountId": "a1",
        "BillingCurrency": "USD",
        "BillingPeriodStart": "2026-08-01T00:00:00Z",
        "BillingPeriodEnd": "2026-09-01T00:00:00Z",
        "ChargePeriodStart": "2026-08-03T00:00:00Z",
        "ChargePeriodEnd": "2026-08-04T00:00:00Z",
        "ChargeCategory": "Usage",
        "ServiceName": "Compute",
    }
    names = list(dict.fromkeys([*basis, *(name for row in rows for name in row)]))
    lines = [",".join(names)]
    for row in rows:
        cells = ((basis | dict(row)).get(name, "") for name in names)
        lines.append(",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in cells))
    return "\n".join(lines) + "\n"
