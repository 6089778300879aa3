"""What deliveries hold, measured in the books themselves and checked against their roll-up."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from costper.errors import ConservationError
from costper.model.delivery import Delivery
from costper.model.money import COST_COLUMNS
from costper.store.engine import Ask
from costper.store.survey import brief_sql

SUMS = ", ".join(f"SUM({cost}) AS {cost}" for cost in COST_COLUMNS)
Totals = Mapping[str, Mapping[str, Decimal]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One delivery in the books: its charges, its bad rows and its days."""

    rows: int = 0
    bad_rows: int = 0
    totals: Totals = field(default_factory=dict[str, Mapping[str, Decimal]])
    first_day: date | None = None
    last_day: date | None = None
    covered_days: int = 0


def measure(ask: Ask, numbers: Collection[int]) -> dict[int, Measured]:
    """Measure deliveries; ConservationError when the roll-up differs from the charges."""
    if not numbers:
        return {}
    which = chosen(numbers)
    landed = _by_currency(ask, "COUNT(*)", f"charges WHERE {which}", "billing_currency")
    rolled = _by_currency(ask, "SUM(charges)", f"charge_daily WHERE {which}", "currency")
    for number in numbers:
        if landed.get(number) != rolled.get(number):
            raise ConservationError(
                f"the daily roll-up of delivery {number} differs from its charges",
                hint="this is a fault in costper; the delivery was not kept",
            )
    days = _days(ask, which)
    bad = _counts(ask, f"SELECT delivery_id, COUNT(*) AS n FROM bad_charges WHERE {which}")
    return {
        number: Measured(
            rows=sum(each["rows"] for each in landed.get(number, {}).values()),
            bad_rows=bad.get(number, 0),
            totals={
                currency: {cost: each[cost] for cost in COST_COLUMNS}
                for currency, each in sorted(landed.get(number, {}).items())
            },
            **days.get(number, {}),
        )
        for number in numbers
    }


def as_measured(delivery: Delivery, found: Measured) -> Delivery:
    """Give a delivery with what it was measured to hold."""
    return replace(
        delivery,
        rows=found.rows,
        bad_rows=found.bad_rows,
        totals=found.totals,
        first_day=found.first_day,
        last_day=found.last_day,
        covered_days=found.covered_days,
    )


def chosen(numbers: Collection[int]) -> str:
    """Give the condition that picks deliveries by number.

    >>> chosen([3, 1])
    'delivery_id IN (1, 3)'
    """
    return f"delivery_id IN ({', '.join(str(int(number)) for number in sorted(numbers))})"


def _by_currency(
    ask: Ask, count: str, rows: str, currency: str
) -> dict[int, dict[str, dict[str, Any]]]:
    sql = (
        f"SELECT delivery_id, {currency} AS currency, {SUMS}, CAST({count} AS BIGINT) AS rows "
        f"FROM {rows} GROUP BY delivery_id, {currency}"
    )
    found: dict[int, dict[str, dict[str, Any]]] = {}
    for row in ask(sql, None).to_pylist():
        sums = {name: row[name] for name in (*COST_COLUMNS, "rows")}
        found.setdefault(row["delivery_id"], {})[row["currency"]] = sums
    return found


def _days(ask: Ask, which: str) -> dict[int, dict[str, Any]]:
    """Measure the days on which charges start: those of at most one day, where there are any."""
    start, end = (f"CAST(charge_period_{edge} AS DATE)" for edge in ("start", "end"))
    sql = (
        "SELECT delivery_id, brief, MIN(day) AS first_day, MAX(day) AS last_day, "
        f"COUNT(DISTINCT day) AS covered_days FROM (SELECT delivery_id, {start} AS day, "
        f"{brief_sql(start, end)} AS brief FROM charges WHERE {which}) AS started "
        "GROUP BY delivery_id, brief ORDER BY delivery_id, brief"
    )
    found: dict[int, dict[str, Any]] = {}
    for row in ask(sql, None).to_pylist():
        del row["brief"]  # those that are come last, and count
        found[row.pop("delivery_id")] = row
    return found


def _counts(ask: Ask, sql: str) -> dict[int, int]:
    rows = ask(f"{sql} GROUP BY delivery_id", None).to_pylist()
    return {row["delivery_id"]: row["n"] for row in rows}
