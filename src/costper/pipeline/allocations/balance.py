"""Whether the books balance: what the bills charged against what every answer reads, by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from costper.model.money import COST_COLUMNS, EXACT
from costper.model.period import Period
from costper.pipeline.answer.frame import in_days
from costper.pipeline.answer.select import Bound
from costper.pipeline.defined import record_of
from costper.store.books import Books
from costper.store.engine import Engine

ZERO = Decimal(0)
Place = tuple[date, str, str]
Sides = dict[Place, dict[str, Decimal]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One day of one currency: costs of record, in that currency.

    `difference` is what the allocation holds less what was charged. `balanced` means that every
    kind of cost of every source adds up to the last digit, not only the cost of record.
    """

    day: date
    currency: str
    charged: Decimal
    allocated: Decimal
    unallocated: Decimal
    difference: Decimal
    balanced: bool


def balances(books: Books, period: Period) -> tuple[Balance, ...]:
    """Compare charges with the roll-up of legs, for every day of a period, the newest first.

    Legs themselves were compared before their run was kept, and are again by `costper check`:
    adding up twenty million of them takes a hundred times as long.
    """
    bound, held_bound = Bound(), Bound()
    charged = _sums(
        books.engine,
        f"charge_daily WHERE day >= {bound.bind(period.start)} AND day < {bound.bind(period.end)}",
        bound,
    )
    days = " AND ".join(in_days(period, held_bound))
    whole = _sums(books.marts, f"dimension_daily WHERE {days}", held_bound)
    missing = _sums(books.marts, f"dimension_daily WHERE reason <> '' AND {days}", held_bound)
    places = sorted({(day, currency) for day, currency, _ in (*charged, *whole)}, reverse=True)
    sources: dict[tuple[date, str], set[str]] = {}
    for day, currency, source in (*charged, *whole):
        sources.setdefault((day, currency), set()).add(source)
    record = record_of(books.settings)
    return tuple(
        _balance(
            day,
            currency,
            [
                (record.column(source), *_sides((charged, whole, missing), (day, currency, source)))
                for source in sorted(sources[day, currency])
            ],
        )
        for day, currency in places
    )


def _sides(sides: Sequence[Sides], place: Place) -> list[dict[str, Decimal]]:
    nothing: dict[str, Decimal] = dict.fromkeys(map(str, COST_COLUMNS), ZERO)
    return [side.get(place, nothing) for side in sides]


def _balance(day: date, currency: str, by_source: Sequence[tuple[Any, ...]]) -> Balance:
    charged = whole = missing = ZERO
    balanced = True
    for column, came, went, nobodys in by_source:
        charged = EXACT.add(charged, came[column])
        whole = EXACT.add(whole, went[column])
        missing = EXACT.add(missing, nobodys[column])
        balanced &= came == went
    return Balance(
        day=day,
        currency=currency,
        charged=charged,
        allocated=EXACT.subtract(whole, missing),
        unallocated=missing,
        difference=EXACT.subtract(whole, charged),
        balanced=balanced,
    )


def _sums(engine: Engine, of: str, bound: Bound) -> Sides:
    costs = ", ".join(f"SUM({name}) AS {name}" for name in COST_COLUMNS)
    found: list[dict[str, Any]] = engine.query(
        f"SELECT day, currency, source, {costs} FROM {of} GROUP BY day, currency, source",
        bound.values,
    ).to_pylist()
    return {
        (row["day"], row["currency"], row["source"]): {name: row[name] for name in COST_COLUMNS}
        for row in found
    }
