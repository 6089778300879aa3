"""Exact whole-number division of amounts, written as portable SQL text.

Engines agree on adding and multiplying decimals and on nothing else, so a division is an
estimate in floating point that integer arithmetic then corrects: the estimate may be wrong, the
result cannot. Holds while amount * weight stays below 10^38, for amounts up to 10^13.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WHOLE = "DECIMAL(38,0)"
WIDEST = 38


def to_units(amount: str) -> str:
    """Give an amount's whole posting units (10^-12), rounded half away from zero."""
    return f"CAST(CAST({amount} AS DECIMAL(38,12)) * 1000000000000 AS {WHOLE})"


def to_amount(units: str) -> str:
    """Give the amount that whole posting units are, as DECIMAL(38,21)."""
    small = f"CAST({units} AS DECIMAL(25,0)) * CAST(0.000000000001 AS DECIMAL(12,12))"
    return f"CAST({small} AS DECIMAL(38,21))"


@dataclass(frozen=True, slots=True)
class Size:
    """How large the numbers of one division are, which decides the types it is done in.

    Amounts below 10^18 and weights below 10^18, in types that hold `amount` and `weight` digits
    and at most 37 together, need no check for overflow, which DuckDB does ten times slower than
    the multiplication itself.
    `near` says that all amounts are below 10^15: then the estimate is at most one off.
    """

    amount: int = WIDEST
    weight: int = WIDEST
    near: bool = False

    @property
    def whole(self) -> str:
        """The type of an amount in units, of its quotient, and of a remainder."""
        return f"DECIMAL({self.amount},0)"

    @property
    def result(self) -> str:
        """The type results are given in: 64 bits where they fit."""
        return "DECIMAL(18,0)" if self.amount < WIDEST else self.whole

    @property
    def weighing(self) -> str:
        """The type of a weight in units."""
        return f"DECIMAL({self.weight},0)"


WIDE = Size()
SMALL = Size(amount=19, weight=18)


def divided(
    rows: str,
    keep: Sequence[str],
    amounts: Sequence[str],
    weight: str,
    whole: str,
    size: Size = WIDE,
) -> str:
    """Give a SELECT of `keep`, and for each amount `a` the columns `a_q` and `a_r`.

    `a_q` is floor(a * weight / whole), `a_r` the remainder a * weight - a_q * whole. `rows` is
    FROM-able SQL; every name in `keep`, `amounts`, `weight` and `whole` is one of its columns,
    quoted where need be. Amounts and weights are whole and not negative, `whole` is positive,
    and no weight is larger than it.
    """
    kept = ", ".join((*keep, weight, whole))
    first = ", ".join(
        f"CAST({a} AS {size.whole}) AS {a}_c, "
        f"CAST({_wide(a)} * {_wide(weight)} / {_wide(whole)} AS {size.whole}) AS {a}_q0"
        for a in amounts
    )
    second = ", ".join(
        f"{a}_q0, {a}_c * CAST({weight} AS {size.weighing}) "
        f"- {a}_q0 * CAST({whole} AS {size.weighing}) AS {a}_r0"
        for a in amounts
    )
    third = ", ".join(
        f"{a}_q0, {a}_r0, CAST({_wide(a + '_r0')} / {_wide(whole)} AS {size.whole}) AS {a}_d"
        for a in amounts
    )
    fourth = ", ".join(
        f"{a}_q0 + {a}_d AS {a}_q1, {a}_r0 - {a}_d * CAST({whole} AS {size.weighing}) AS {a}_r1"
        for a in amounts
    )
    nearly = ", ".join(f"{a}_q0 AS {a}_q1, {a}_r0 AS {a}_r1" for a in amounts)
    last = ", ".join(_corrected(a, whole, size) for a in amounts)
    for columns in (first, second, *((nearly,) if size.near else (third, fourth))):
        rows = f"({_select((kept, columns), rows)}) AS step"
    return _select((*keep, last), rows)


def _select(columns: Sequence[str], rows: str) -> str:
    return " ".join(("SELECT", ", ".join(columns), "FROM", rows))


def _wide(column: str) -> str:
    return f"CAST({column} AS DOUBLE)"


def _corrected(a: str, whole: str, size: Size) -> str:
    """Engines cut or round a double that becomes whole, so it may be off by one.

    There is no FLOOR: on Spark it gives a BIGINT, which larger quotients do not fit.
    """
    total = f"CAST({whole} AS {size.whole})"
    off = f"CASE WHEN {a}_r1 < 0 THEN -1 WHEN {a}_r1 >= {total} THEN 1 ELSE 0 END"
    more = f"CASE WHEN {a}_r1 < 0 THEN {total} WHEN {a}_r1 >= {total} THEN -{total} ELSE 0 END"
    return (
        f"CAST({a}_q1 + {off} AS {size.result}) AS {a}_q, "
        f"CAST({a}_r1 + {more} AS {size.result}) AS {a}_r"
    )
