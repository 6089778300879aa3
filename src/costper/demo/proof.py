"""Adds up both sides of the books: what the bills charge, and where it came to rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from costper.model.period import Period
from costper.store.books import Books
from costper.store.engine import Engine, Parameter, Parameters

CHARGED = """
SELECT SUM(effective_cost) AS effective_cost, SUM(billed_cost) AS billed_cost
FROM charge_daily WHERE day >= $start AND day < $end
"""
RESTING = """
SELECT SUM(effective_cost) AS effective_cost, SUM(billed_cost) AS billed_cost
FROM legs WHERE day >= $start AND day < $end AND (reason = '') = $allocated
"""
COLUMNS = ("effective_cost", "billed_cost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One cost column of a period, exactly: charged on one side, resting on the other."""

    column: str
    charged: Decimal
    allocated: Decimal
    unallocated: Decimal

    @property
    def holds(self) -> bool:
        """Say whether nothing was lost and nothing made up."""
        return self.charged == self.allocated + self.unallocated


def proofs(books: Books, period: Period) -> tuple[Proof, ...]:
    """Add up each cost column over a period, from the charges and from the legs."""
    params: dict[str, Parameter] = {"start": period.start, "end": period.end}
    charged = _sums(books.engine, CHARGED, params)
    allocated = _sums(books.marts, RESTING, {**params, "allocated": True})
    unallocated = _sums(books.marts, RESTING, {**params, "allocated": False})
    sides = zip(COLUMNS, charged, allocated, unallocated, strict=True)
    return tuple(
        Proof(column=column, charged=one, allocated=two, unallocated=three)
        for column, one, two, three in sides
    )


def _sums(engine: Engine, sql: str, params: Parameters) -> Sequence[Decimal]:
    row = engine.query(sql, params).to_pylist()[0]
    return [row[column] or Decimal(0) for column in COLUMNS]
