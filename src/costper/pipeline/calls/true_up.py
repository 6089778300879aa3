"""Makes the cost of calls add up to the provider's invoice, in the roll-ups answers read.

What an invoice says of a day is divided over that day's calls of the provider in proportion to
what they cost by price, as costper.allocation.split divides: whole units of 10^-12, the largest
remainders first. A correction is a row of its own with no calls and no `call_cost`, so rows that
are being folded in meanwhile are never lost; where nothing is to be corrected nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

import pyarrow as pa

from costper.model.money import POSTING_SCALE, amount, total
from costper.model.names import quoted
from costper.pipeline.calls.invoices import CURRENCY, Billed
from costper.pipeline.words import handed_over, text_schema
from costper.store.books import Books
from costper.store.call_tables import CALL_MONEY, MEASURES, call_hourly, user_daily
from costper.store.engine import Table, Write

TARGETS = "call_targets"
CALL_SCALE = 18
MOST_DIGITS = 37
"""A product of units and weights stays below 10^37, so that no integer overflows."""

Key = tuple[str, date]
"""A provider and a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TruedUp:
    """A provider's day whose calls were made to add up to `billed`; None: to their estimate."""

    provider: str
    day: date
    estimate: Decimal
    billed: Decimal | None


def true_up(books: Books, billed: Sequence[Billed]) -> tuple[TruedUp, ...]:
    """Correct the roll-ups wherever their cost is not what it has to be, and say where.

    Calls without a price keep none; a day without any priced call stays as it is.
    """
    wanted = targets(billed)
    done: dict[Key, TruedUp] = {}
    for table in (call_hourly(), user_daily()):
        wrong = _wrong(books, table, wanted)
        if not wrong:
            continue
        rows = [_target(one, wanted) for one in wrong]
        handed_over(books.marts, TARGETS, _columns(rows), _SCHEMA)
        books.marts.replace([Write(table=table.name, select=_corrections(table))])
        books.marts.forget(TARGETS)
        for one in wrong:
            key = (one["provider"], one["day"])
            done[key] = TruedUp(
                provider=one["provider"],
                day=one["day"],
                estimate=one["estimate"],
                billed=wanted.get(key),
            )
    return tuple(done[key] for key in sorted(done))


def overdue(books: Books, billed: Sequence[Billed]) -> tuple[Key, ...]:
    """Give the provider's days whose calls do not add up to what they have to."""
    wanted = targets(billed)
    wrong = {
        (str(row["provider"]), cast("date", row["day"]))
        for table in (call_hourly(), user_daily())
        for row in _wrong(books, table, wanted)
    }
    return tuple(sorted(wrong))


def targets(billed: Sequence[Billed]) -> dict[Key, Decimal]:
    """Give what a provider's calls of a day have to add up to, in dollars, to 18 places.

    A day with a charge in another currency has none: an estimate in dollars says more than a sum
    of two currencies.
    """
    foreign = {(one.provider, one.day) for one in billed if one.currency != CURRENCY}
    found: dict[Key, list[Decimal]] = {}
    for one in billed:
        key = (one.provider, one.day)
        if key not in foreign:
            found.setdefault(key, []).append(one.amount)
    return {
        key: total(amounts).quantize(Decimal(1).scaleb(-CALL_SCALE))
        for key, amounts in found.items()
    }


def _wrong(books: Books, table: Table, wanted: Mapping[Key, Decimal]) -> list[dict[str, Any]]:
    """Find the days whose cost is not their target; without any priced call there is no way."""
    rows = books.marts.query(
        "SELECT provider, day, CAST(SUM(call_cost) AS "
        f"{CALL_MONEY}) AS estimate, CAST(SUM(cost) AS {CALL_MONEY}) AS cost "
        f"FROM {table.name} AS r WHERE data_mode = 'real' GROUP BY provider, day "
        "HAVING SUM(call_cost) > 0 OR SUM(cost) <> 0 ORDER BY provider, day"
    ).to_pylist()
    return [
        row
        for row in rows
        if row["cost"] != _due(row["estimate"], wanted.get((row["provider"], row["day"])))
    ]


def _due(estimate: Decimal, billed: Decimal | None) -> Decimal:
    return estimate if billed is None or not estimate else billed


def _target(row: Mapping[str, Any], wanted: Mapping[Key, Decimal]) -> dict[str, object]:
    """Give a day's target as the arithmetic needs it: whole units, and what is finer.

    `coarse` is how many of the 18 places of a weight are left out so that no product overflows.
    """
    estimate, billed = row["estimate"], wanted.get((row["provider"], row["day"]))
    units, finer = 0, Decimal(0)
    if billed is not None and estimate:
        units = int(billed.scaleb(POSTING_SCALE).to_integral_value("ROUND_HALF_UP"))
        finer = total((billed, amount(-units, POSTING_SCALE)))
    weight = int(estimate.scaleb(CALL_SCALE))
    coarse = max(0, len(str(abs(units))) + len(str(weight)) - MOST_DIGITS)
    return {
        "provider": row["provider"],
        "day": row["day"],
        "billed": bool(billed is not None and estimate),
        "units": Decimal(abs(units)),
        "sign": -1 if units < 0 else 1,
        "finer": finer,
        "coarse": Decimal(10**coarse),
    }


_SCHEMA = text_schema(
    ("provider",),
    day=pa.date32(),
    billed=pa.bool_(),
    units=pa.decimal128(38, 0),
    sign=pa.int32(),
    finer=pa.decimal128(38, CALL_SCALE),
    coarse=pa.decimal128(38, 0),
)


def _columns(rows: Sequence[Mapping[str, object]]) -> dict[str, list[object]]:
    return {name: [row[name] for row in rows] for name in _SCHEMA.names}


def _corrections(table: Table) -> str:
    """Select a row for each key whose cost has to change: what it lacks, and nothing else.

    This is the SQL of costper.allocation.split.split, with the row's own words as its key.
    """
    measures = {name for name, _ in MEASURES}
    keys = [name for name in table.names if name not in measures]
    by = ", ".join(quoted(name) for name in keys)
    pool = "PARTITION BY provider, day"
    grouped = (
        f"SELECT {by}, {_scaled('SUM(call_cost)')} AS fine, SUM(call_cost) AS estimate, "
        f"SUM(cost) AS held FROM {table.name} AS r WHERE data_mode = 'real' GROUP BY {by}"
    )
    weighed = (
        "SELECT g.*, t.billed, CAST(t.units AS HUGEINT) AS units, t.sign, t.finer, "
        f"g.fine // CAST(t.coarse AS HUGEINT) AS w FROM ({grouped}) AS g "
        f"JOIN {TARGETS} AS t ON t.provider = g.provider AND t.day = g.day"
    )
    whole = f"SELECT *, CAST(SUM(w) OVER ({pool}) AS HUGEINT) AS whole FROM ({weighed}) AS a"
    divided = (
        "SELECT *, CASE WHEN whole > 0 THEN units * w // whole ELSE 0 END AS q, "
        f"CASE WHEN whole > 0 THEN units * w % whole ELSE 0 END AS rest FROM ({whole}) AS b"
    )
    placed = (
        f"SELECT *, units - CAST(SUM(q) OVER ({pool}) AS HUGEINT) AS over, "
        f"ROW_NUMBER() OVER ({pool} ORDER BY CASE WHEN w > 0 THEN 0 ELSE 1 END, rest DESC, "
        f"{by}) AS place FROM ({divided}) AS c"
    )
    share = (
        "CASE WHEN NOT billed THEN estimate ELSE CAST(sign * (q + CASE WHEN place <= over "
        "THEN 1 ELSE 0 END) AS DECIMAL(26,0)) * CAST(0.000000000001 AS DECIMAL(12,12)) "
        "+ CASE WHEN place = 1 THEN finer ELSE 0 END END"
    )
    zeros = ", ".join(
        f"CAST(0 AS {kind}) AS {quoted(name)}" for name, kind in MEASURES if name != "cost"
    )
    lacking = f"SELECT {by}, CAST({share} - held AS {CALL_MONEY}) AS lacking FROM ({placed}) AS d"
    return f"SELECT {by}, {zeros}, lacking AS cost FROM ({lacking}) AS e WHERE lacking <> 0"


def _scaled(money: str) -> str:
    """Write an amount of calls as a whole number of 10^-18: its digits without the point."""
    return f"CAST(REPLACE(CAST(CAST({money} AS {CALL_MONEY}) AS VARCHAR), '.', '') AS HUGEINT)"
