"""Exact whole-number division of amounts, written as portable SQL text.

Engines agree on adding and multiplying decimals and on nothing else, so a division is an
estimate in floating point that integer arithmetic then corrects: the estimate may be wrong, the
result cannot. Holds while amount * weight stays below 10^38, for amounts up to 10^13.
"""

from __future__ import annotations

from collections.abc import Sequence

WHOLE = "DECIMAL(38,0)"


def to_units(amount: str) -> str:
    """Give an amount's whole posting units (10^-12), rounded half away from zero."""
    return f"CAST(CAST({amount} AS DECIMAL(38,12)) * 1000000000000 AS {WHOLE})"


def to_amount(units: str) -> str:
    """Give the amount that whole posting units are, as DECIMAL(38,21)."""
    small = f"CAST({units} AS DECIMAL(25,0)) * CAST(0.000000000001 AS DECIMAL(12,12))"
    return f"CAST({small} AS DECIMAL(38,21))"


def divided(rows: str, keep: Sequence[str], amounts: Sequence[str], weight: str, whole: str) -> str:
    """Give a SELECT of `keep`, and for each amount `a` the columns `a_q` and `a_r`.

    `a_q` is floor(a * weight / whole), `a_r` the remainder a * weight - a_q * whole. `rows` is
    FROM-able SQL; every name in `keep`, `amounts`, `weight` and `whole` is one of its columns,
    quoted where need be. Amounts and weights are whole and not negative, `whole` is positive.
    """
    kept = ", ".join((*keep, weight, whole))
    first = ", ".join(
        f"CAST({a} AS {WHOLE}) AS {a}_c, "
        f"CAST({_wide(a)} * {_wide(weight)} / {_wide(whole)} AS {WHOLE}) AS {a}_q0"
        for a in amounts
    )
    second = ", ".join(
        f"{a}_q0, {a}_c * CAST({weight} AS {WHOLE}) - {a}_q0 * CAST({whole} AS {WHOLE}) AS {a}_r0"
        for a in amounts
    )
    third = ", ".join(
        f"{a}_q0, {a}_r0, CAST({_wide(a + '_r0')} / {_wide(whole)} AS {WHOLE}) AS {a}_d"
        for a in amounts
    )
    fourth = ", ".join(
        f"{a}_q0 + {a}_d AS {a}_q1, {a}_r0 - {a}_d * CAST({whole} AS {WHOLE}) AS {a}_r1"
        for a in amounts
    )
    last = ", ".join(_corrected(a, whole) for a in amounts)
    for columns in (first, second, third, fourth):
        rows = f"({_select((kept, columns), rows)}) AS step"
    return _select((*keep, last), rows)


def _select(columns: Sequence[str], rows: str) -> str:
    return " ".join(("SELECT", ", ".join(columns), "FROM", rows))


def _wide(column: str) -> str:
    return f"CAST({column} AS DOUBLE)"


def _corrected(a: str, whole: str) -> str:
    """Engines cut or round a double when it becomes whole, so it may be off by one."""
    total = f"CAST({whole} AS {WHOLE})"
    off = f"CASE WHEN {a}_r1 < 0 THEN -1 WHEN {a}_r1 >= {total} THEN 1 ELSE 0 END"
    return (
        f"CAST({a}_q1 + {off} AS {WHOLE}) AS {a}_q, "
        f"CAST({a}_r1 - ({off}) * {total} AS {WHOLE}) AS {a}_r"
    )
