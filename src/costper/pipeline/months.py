"""Says which months the books hold, and names what goes into the run of each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from costper.allocation.definition import Definition, fingerprint
from costper.errors import UserError
from costper.model.allocation import Run
from costper.model.delivery import Scope
from costper.store.books import Books
from costper.store.closing import closed, is_closed
from costper.store.runs import current_runs

WITH_CUSTOMERS = frozenset({"even", "by_seats"})
CUSTOMER_COLUMNS = "customer, status, seats, valid_from, valid_to"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A month, the fingerprint its run would have, and what the books hold of it.

    `state` is `new` (never allocated), `changed`, `unchanged` or `closed`: every bill of a closed
    month is closed, so a change of rules leaves it as it is.
    """

    month: date
    fingerprint: str
    deliveries: tuple[int, ...]
    state: str
    current: Run | None


def due_months(
    books: Books, definition: Definition, months: Iterable[date] | None = None
) -> tuple[Due, ...]:
    """Give the months that hold charges, usage or a run, oldest first; only `months` if given."""
    inputs, runs = _Inputs(books, definition), current_runs(books.control)
    held = {*inputs.deliveries, *inputs.measured_months, *runs}
    wanted = sorted(held) if months is None else sorted({month.replace(day=1) for month in months})
    unknown = [month for month in wanted if month not in held]
    if unknown:
        known = f"{min(held):%Y-%m} to {max(held):%Y-%m}" if held else "none yet; costper sync"
        raise UserError(
            f"the books hold nothing of {unknown[0]:%Y-%m}", hint=f"months in the books: {known}"
        )
    return tuple(_due(definition, inputs, month, runs.get(month)) for month in wanted)


class _Inputs:
    """Looks up what a month is made of."""

    def __init__(self, books: Books, definition: Definition) -> None:
        self.closed = closed(books.control)
        self.deliveries = _deliveries(books, "charge_daily")
        measured = _deliveries(books, "measurements")
        sources = {source for source, _ in definition.metrics.values()}
        sources |= {rule.quantity for rule in definition.rules}
        self.measured_months = frozenset(measured)
        self.measured = {
            month: tuple(pair for pair in pairs if pair[0] in sources)
            for month, pairs in measured.items()
        }
        used = {name for rule in definition.rules for name in (rule.driver, rule.fallback)}
        self.customers = _customers(books) if used & WITH_CUSTOMERS else ""


def _due(definition: Definition, inputs: _Inputs, month: date, current: Run | None) -> Due:
    bills = inputs.deliveries.get(month, ())
    measured = inputs.measured.get(month, ())
    name = fingerprint(definition, (month, bills, measured, inputs.customers))
    sources = {source for source, _ in bills}
    frozen = bool(sources) and all(
        is_closed(Scope(source=source, account="", billing_period=month), inputs.closed)
        for source in sources
    )
    state = "new" if current is None else "changed"
    if current is not None and current.fingerprint == name:
        state = "unchanged"
    elif current is not None and frozen:
        state = "closed"
    return Due(
        month=month,
        fingerprint=name,
        deliveries=tuple(number for _, number in bills),
        state=state,
        current=current,
    )


def _deliveries(books: Books, table: str) -> dict[date, tuple[tuple[str, int], ...]]:
    """Give the deliveries of each month; by days first, which is three times as quick."""
    rows = books.engine.query(
        "SELECT DISTINCT CAST(date_trunc('month', day) AS DATE) AS month, source, delivery_id "
        f"FROM (SELECT DISTINCT day, source, delivery_id FROM {table}) AS days"
    ).to_pylist()
    found: dict[date, list[tuple[str, int]]] = {}
    for row in rows:
        found.setdefault(row["month"], []).append((row["source"], row["delivery_id"]))
    return {month: tuple(sorted(pairs)) for month, pairs in found.items()}


def _customers(books: Books) -> str:
    rows: list[dict[str, Any]] = books.marts.query(
        f"SELECT {CUSTOMER_COLUMNS} FROM customers"
    ).to_pylist()
    lines = sorted("\x1f".join(str(value) for value in row.values()) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
