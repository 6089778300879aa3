"""Makes the cost of calls add up to the provider's invoice, in the roll-ups answers read.

What an invoice says of a day and model is divided over that day's calls of it in proportion to what
they cost by price, as costper.allocation.split divides: whole units of 10^-12, the largest
remainders first. It is divided over what both roll-ups tell apart before it is divided over what
one of them does, so they agree on every cut they share. A correction is a row of its own with no
calls and no `call_cost`, so rows that are being folded in meanwhile are never lost; where nothing
is to be corrected nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pyarrow as pa

from costper.allocation.split import split
from costper.model.money import EXACT, POSTING_SCALE, amount, total
from costper.model.names import quoted
from costper.pipeline.calls.invoices import CURRENCY, Billed, billed_days, family
from costper.pipeline.words import handed_over, text_schema
from costper.store.books import Books
from costper.store.call_tables import CALL_MONEY, MEASURES, call_hourly, user_daily
from costper.store.engine import Table, Write

TARGETS = "call_targets"
FAMILIES = "call_families"
COUNTED = "SUM(input_tokens) + SUM(output_tokens)"
CALL_SCALE = 18
MOST_DIGITS = 37
"""A product of units and weights stays below 10^37, so that no integer overflows."""

Key = tuple[str, date]
"""A provider and a day."""

Models = Mapping[str, Decimal]
"""Amounts in dollars by family of models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TruedUp:
    """A provider's day whose calls were made to add up to `billed`; None: to their estimate."""

    provider: str
    day: date
    estimate: Decimal
    billed: Decimal | None


@dataclass(slots=True)
class _Held:
    """What a roll-up holds of a provider's day, by family: the estimate, tokens, the cost now."""

    estimates: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    tokens: dict[str, int] = field(default_factory=dict[str, int])
    costs: dict[str, Decimal] = field(default_factory=dict[str, Decimal])


def true_up(books: Books, billed: Sequence[Billed]) -> tuple[TruedUp, ...]:
    """Correct the roll-ups wherever their cost is not what it has to be, and say where.

    A model nobody has a price for is divided by its tokens: the bill knows what it cost.
    """
    wanted = targets(billed)
    done: dict[Key, TruedUp] = {}
    for table in (call_hourly(), user_daily()):
        wrong = _wrong(books, table, wanted)
        if not wrong:
            continue
        rows = [row for key, held in wrong.items() for row in _rows(key, held, wanted.get(key))]
        handed_over(books.marts, TARGETS, _columns(rows), _SCHEMA)
        _hand_over_families(books, table)
        books.marts.replace([Write(table=table.name, select=_corrections(table))])
        books.marts.forget(TARGETS, FAMILIES)
        for key, held in wrong.items():
            done[key] = TruedUp(
                provider=key[0],
                day=key[1],
                estimate=total(list(held.estimates.values())),
                billed=total(list(wanted[key].values())) if key in wanted else None,
            )
    return tuple(done[key] for key in sorted(done))


def true_up_again(books: Books) -> None:
    """Do so where invoices say what calls cost: their roll-ups were made again from the calls."""
    billed = billed_days(books)
    if billed:
        true_up(books, billed)


def overdue(books: Books, billed: Sequence[Billed]) -> tuple[Key, ...]:
    """Give the provider's days whose calls do not add up to what they have to."""
    wanted = targets(billed)
    tables = (call_hourly(), user_daily())
    return tuple(sorted({key for table in tables for key in _wrong(books, table, wanted)}))


def targets(billed: Sequence[Billed]) -> dict[Key, Models]:
    """Give what a provider's day was billed, in dollars, to 18 places.

    A day with a charge in another currency has nothing: an estimate in dollars says more than a
    sum of two currencies.
    """
    foreign = {(one.provider, one.day) for one in billed if one.currency != CURRENCY}
    found: dict[Key, dict[str, Decimal]] = {}
    for one in billed:
        key = (one.provider, one.day)
        if key not in foreign:
            models = found.setdefault(key, {})
            models[one.model] = EXACT.add(models.get(one.model, Decimal(0)), one.amount)
    place = Decimal(1).scaleb(-CALL_SCALE)
    return {
        key: {model: EXACT.quantize(amount, place) for model, amount in models.items()}
        for key, models in found.items()
    }


def shared_words() -> tuple[str, ...]:
    """Name the words both roll-ups keep of calls."""
    measures = {name for name, _ in MEASURES}
    own = set(user_daily().names) - measures
    return tuple(name for name in call_hourly().names if name in own)


def due(estimates: Models, tokens: Mapping[str, int], billed: Models | None) -> Models:
    """Give what the calls of each family have to add up to.

    What the bill names is for the calls of that family. The rest of the bill - what it names no
    model for, and models nobody called - is for the calls of families it does not name, or for
    all where it names every one, in proportion to their estimates; to their tokens where none
    has a price. Nothing is for anybody where there is neither price nor token.
    """
    if billed is None:
        return estimates
    priced = {model: int(cost.scaleb(CALL_SCALE)) for model, cost in estimates.items() if cost > 0}
    told = {model: count for model, count in tokens.items() if count > 0}
    called = {*priced, *told}
    found = {model: cost for model, cost in billed.items() if model and model in called}
    rest = total([cost for model, cost in billed.items() if model not in found])
    among = priced or told
    others = {model: weight for model, weight in among.items() if model not in found} or among
    for model, part in split(rest, others).items() if others and rest else ():
        found[model] = EXACT.add(found.get(model, Decimal(0)), part)
    return {model: found.get(model, Decimal(0)) for model in estimates}


def _wrong(books: Books, table: Table, wanted: Mapping[Key, Models]) -> dict[Key, _Held]:
    """Find the days whose cost is not what is due."""
    rows = books.marts.query(
        f"SELECT provider, day, model, CAST(SUM(call_cost) AS {CALL_MONEY}) AS estimate, "
        f"CAST(SUM(cost) AS {CALL_MONEY}) AS cost, CAST({COUNTED} AS BIGINT) AS tokens "
        f"FROM {table.name} AS r WHERE data_mode = 'real' "
        "GROUP BY provider, day, model ORDER BY provider, day, model"
    ).to_pylist()
    found: dict[Key, _Held] = {}
    for row in rows:
        held = found.setdefault((row["provider"], row["day"]), _Held())
        model = family(row["model"])
        for sums, name in ((held.estimates, "estimate"), (held.costs, "cost")):
            sums[model] = EXACT.add(sums.get(model, Decimal(0)), row[name] or Decimal(0))
        held.tokens[model] = held.tokens.get(model, 0) + (row["tokens"] or 0)
    return {
        key: held
        for key, held in found.items()
        if held.costs != due(held.estimates, held.tokens, wanted.get(key))
    }


def _rows(key: Key, held: _Held, billed: Models | None) -> list[dict[str, object]]:
    """Give a day's targets as the arithmetic needs them: whole units, and what is finer.

    `coarse` is how many of the 18 places of a weight are left out so that no product overflows.
    """
    found: list[dict[str, object]] = []
    for model, wanted in due(held.estimates, held.tokens, billed).items():
        priced = held.estimates[model] > 0
        weight = int(held.estimates[model].scaleb(CALL_SCALE)) if priced else held.tokens[model]
        units, finer = 0, Decimal(0)
        divided = billed is not None and weight > 0
        if divided:
            units = int(wanted.scaleb(POSTING_SCALE).to_integral_value("ROUND_HALF_UP"))
            finer = total([wanted, amount(-units, POSTING_SCALE)])
        coarse = max(0, len(str(abs(units))) + len(str(weight)) - MOST_DIGITS)
        found.append(
            {
                "provider": key[0],
                "family": model,
                "day": key[1],
                "billed": divided,
                "priced": priced,
                "units": Decimal(abs(units)),
                "sign": -1 if units < 0 else 1,
                "finer": finer,
                "coarse": Decimal(10**coarse),
            }
        )
    return found


def _hand_over_families(books: Books, table: Table) -> None:
    """Put aside which family each model is of."""
    rows = books.marts.query(f"SELECT DISTINCT model FROM {table.name} AS r").to_pylist()
    models: list[object] = [row["model"] for row in rows]
    families: list[object] = [family(row["model"]) for row in rows]
    columns = {"model": models, "family": families}
    handed_over(books.marts, FAMILIES, columns, text_schema(columns))


_SCHEMA = text_schema(
    ("provider", "family"),
    day=pa.date32(),
    billed=pa.bool_(),
    priced=pa.bool_(),
    units=pa.decimal128(38, 0),
    sign=pa.int32(),
    finer=pa.decimal128(38, CALL_SCALE),
    coarse=pa.decimal128(38, 0),
)


def _columns(rows: Sequence[Mapping[str, object]]) -> dict[str, list[object]]:
    return {name: [row[name] for row in rows] for name in _SCHEMA.names}


def _corrections(table: Table) -> str:
    """Select a row for each key whose cost has to change: what it lacks, and nothing else.

    What is due of a family is divided over what both roll-ups keep first, and each part over its
    own rows, so that no sum over words both have depends on which of them is asked.
    """
    measures = {name for name, _ in MEASURES}
    keys = [name for name in table.names if name not in measures]
    both = shared_words()
    by, shared = (", ".join(quoted(name) for name in names) for names in (keys, both))
    grouped = (
        f"SELECT {by}, {_scaled('SUM(call_cost)')} AS fine, SUM(call_cost) AS estimate, "
        f"CAST({COUNTED} AS HUGEINT) AS tokens, "
        f"SUM(cost) AS held FROM {table.name} AS r WHERE data_mode = 'real' GROUP BY {by}"
    )
    weighed = (
        "SELECT g.*, t.family, t.billed, CAST(t.units AS HUGEINT) AS units, t.sign, t.finer, "
        "CAST(t.coarse AS HUGEINT) AS coarse, "
        "CASE WHEN t.priced THEN g.fine ELSE g.tokens END AS weight "
        f"FROM ({grouped}) AS g "
        f"JOIN {FAMILIES} AS f ON f.model = g.model "
        f"JOIN {TARGETS} AS t ON t.provider = g.provider AND t.day = g.day "
        "AND t.family = f.family"
    )
    groups = (
        f"SELECT {shared}, family, units, finer, coarse, "
        f"CAST(SUM(weight) AS HUGEINT) AS weight FROM weighed AS w WHERE billed "
        f"GROUP BY {shared}, family, units, finer, coarse"
    )
    rows = (
        f"SELECT {', '.join(f'w.{quoted(name)}' for name in keys)}, w.estimate, w.held, w.billed, "
        "w.sign, w.coarse, w.weight, s.part AS units, s.more AS finer "
        f"FROM weighed AS w LEFT JOIN ({_divided(groups, 'provider, day, family', shared)}) AS s "
        f"ON {' AND '.join(f'w.{quoted(name)} = s.{quoted(name)}' for name in both)}"
    )
    share = (
        "CASE WHEN NOT billed THEN estimate ELSE CAST(sign * part AS DECIMAL(26,0)) "
        "* CAST(0.000000000001 AS DECIMAL(12,12)) + more END"
    )
    zeros = ", ".join(
        f"CAST(0 AS {kind}) AS {quoted(name)}" for name, kind in MEASURES if name != "cost"
    )
    lacking = (
        f"SELECT {by}, CAST({share} - held AS {CALL_MONEY}) AS lacking "
        f"FROM ({_divided(rows, shared, by)}) AS d"
    )
    return (
        f"WITH weighed AS ({weighed}) "
        f"SELECT {by}, {zeros}, lacking AS cost FROM ({lacking}) AS e WHERE lacking <> 0"
    )


def _divided(rows: str, pool: str, by: str) -> str:
    """Write each row's `part` of its pool's `units`, and the `more` that is finer than a unit.

    This is the SQL of costper.allocation.split.split, with the row's own words as its key. Where
    every weight is too small to be seen beside its pool's, the first row takes all.
    """
    over = f"PARTITION BY {pool}"
    weighed = f"SELECT *, weight // coarse AS w FROM ({rows}) AS a"
    whole = f"SELECT *, CAST(SUM(w) OVER ({over}) AS HUGEINT) AS whole FROM ({weighed}) AS b"
    floored = (
        "SELECT *, CASE WHEN whole > 0 THEN units * w // whole ELSE 0 END AS q, "
        f"CASE WHEN whole > 0 THEN units * w % whole ELSE 0 END AS rest FROM ({whole}) AS c"
    )
    placed = (
        f"SELECT *, units - CAST(SUM(q) OVER ({over}) AS HUGEINT) AS left_over, "
        f"ROW_NUMBER() OVER ({over} ORDER BY CASE WHEN w > 0 THEN 0 ELSE 1 END, rest DESC, "
        f"{by}) AS place FROM ({floored}) AS d"
    )
    return (
        "SELECT *, q + CASE WHEN whole <= 0 AND place = 1 THEN units "
        "WHEN whole > 0 AND place <= left_over THEN 1 ELSE 0 END AS part, "
        f"CASE WHEN place = 1 THEN finer ELSE 0 END AS more FROM ({placed}) AS e"
    )


def _scaled(money: str) -> str:
    """Write an amount of calls as a whole number of 10^-18: its digits without the point."""
    return f"CAST(REPLACE(CAST(CAST({money} AS {CALL_MONEY}) AS VARCHAR), '.', '') AS HUGEINT)"
