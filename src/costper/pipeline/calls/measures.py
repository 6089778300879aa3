"""Turns the calls of a month into measurements: what they cost, how many, how many tokens.

The dimensions are read from the same words as those of the charges calls become. For each
provider with an invoice there is one measurement more, which its invoice is divided by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from costper.allocation.dimension import resolver
from costper.model.call import CALLS
from costper.model.dimension import UNTAGGED
from costper.model.money import QUANTITY_SQL
from costper.model.names import literal, quoted
from costper.model.period import Period
from costper.pipeline.calls.charge_rows import ROWS, SUMS, Shape, attributes_sql
from costper.pipeline.calls.invoices import invoices
from costper.pipeline.calls.staged import staged
from costper.pipeline.words import Columns, handed_over, rows_of, text_schema
from costper.store.books import Books
from costper.store.engine import Write
from costper.store.measured import Series, SeriesLanding, land_series

WORDED = "call_worded"
MEANT = "call_meant"
COST = "ai_cost"
PRICED = "(cost > 0 OR calls > unpriced_calls)"
VALUES: Mapping[str, str] = {
    COST: "SUM(cost)",
    "ai_calls": "SUM(calls)",
    "ai_tokens": "SUM(input_tokens) + SUM(output_tokens)",
}
"""The measurements everybody can ask for, and what each adds up."""

SHARE = (
    "CASE WHEN MIN(trued_cost) OVER (PARTITION BY provider, day) < 0 "
    "OR SUM(trued_cost) OVER (PARTITION BY provider, day) <= 0 THEN cost ELSE trued_cost END"
)
"""What a provider's invoice is divided by: what users were trued up to, so that customers get what
their users add up to; by price where the invoice gives money back."""

LACKING = "CASE WHEN covered AND trued_cost <> 0 THEN 0 ELSE unpriced_calls END"
"""The calls that are in no amount: an invoice gives those it pays for a share by their tokens."""

WEIGHT = "ai_weight."
"""Before a provider's name: what its calls cost of the invoice, in millionths of a dollar."""


def weight_of(provider: str) -> str:
    """Name the measurement that a provider's invoice is divided by."""
    return f"{WEIGHT}{provider}"


def measured(
    books: Books, shape: Shape, month: Period, folder: Path, now: datetime
) -> Iterator[SeriesLanding]:
    """Land what the calls in ROWS measure on the month's days."""
    _read(books, shape)
    names = books.settings.dimension_names
    wanted = [
        _Number(name, value, names, PRICED if name == COST else "TRUE")
        for name, value in VALUES.items()
    ]
    for invoice in invoices(books.settings):
        where = f"paid_to = {literal(invoice.provider)} AND (share <> 0 OR {PRICED})"
        name = weight_of(invoice.provider)
        wanted.append(_Number(name, "SUM(share) * 1000000", ("customer",), where))
    for number in wanted:
        rows = books.marts.query(_values(number), {"start": month.start, "until": month.end})
        if not rows.num_rows:
            continue
        path = folder / f"{number.name}-{month.start:%Y-%m}.parquet"
        words = {name: quoted(name) for name in number.dimensions}
        series = Series(
            source=CALLS,
            metric=number.name,
            parts=(staged(rows, path, f"{CALLS}:{number.name}:{month.start:%Y-%m}"),),
            projection={"day": "day", "value": "value", **words},
        )
        yield land_series(books, series, now=now)
    books.marts.forget(WORDED, MEANT)


def keep_unpriced(books: Books, shape: Shape, month: Period) -> None:
    """Keep how many of the calls in ROWS no cost holds, by what a charge of them would be of."""
    rows = books.marts.query(f"SELECT 1 AS n FROM {ROWS} AS r WHERE {LACKING} > 0 LIMIT 1")
    held = "SELECT 1 AS n FROM call_unpriced WHERE day >= $start AND day < $until LIMIT 1"
    params = {"start": month.start, "until": month.end}
    if not rows.num_rows and not books.marts.query(held, params).num_rows:
        return
    _read(books, shape)
    dims = [quoted(f"dim_{name}") for name in books.settings.dimension_names]
    named = ", ".join(f"COALESCE(NULLIF({dim}, ''), {literal(UNTAGGED)}) AS {dim}" for dim in dims)
    select = (
        f"SELECT CAST($start AS DATE) AS month, day, {literal(CALLS)} AS source, "
        f"'Usage' AS charge_category, {named}, CAST(SUM(lacking) AS BIGINT) AS calls "
        f"FROM {WORDED} AS w WHERE lacking > 0 GROUP BY {', '.join(('day', *dims))}"
    )
    where = "day >= $start AND day < $until"
    books.marts.replace([Write(table="call_unpriced", where=where, select=select)], params)
    books.marts.forget(WORDED, MEANT)


@dataclass(frozen=True, slots=True)
class _Number:
    """What is measured: its name, the SQL that adds it up, by which dimensions, of which rows."""

    name: str
    value: str
    dimensions: tuple[str, ...]
    where: str


def _values(number: _Number) -> str:
    dims = [quoted(f"dim_{name}") for name in number.dimensions]
    named = ", ".join(
        f"{dim} AS {quoted(name)}" for dim, name in zip(dims, number.dimensions, strict=True)
    )
    by = ", ".join(("day", *dims))
    return (
        f"SELECT day, {named}, CAST({number.value} AS {QUANTITY_SQL}) AS value "
        f"FROM {WORDED} AS w WHERE day >= $start AND day < $until AND {number.where} "
        f"GROUP BY {by} ORDER BY {by}"
    )


def _read(books: Books, shape: Shape) -> None:
    """Put ROWS aside with the dimensions their words mean."""
    attributes = attributes_sql(shape)
    texts = ", ".join(f"COALESCE({sql}, '') AS {name}" for name, sql in attributes.items())
    words = tuple(attributes)
    sums = ", ".join(("cost", f"{SHARE} AS share", f"{LACKING} AS lacking", *SUMS))
    books.marts.keep(MEANT, f"SELECT day, provider AS paid_to, {texts}, {sums} FROM {ROWS} AS r")
    joined = ", ".join(words)
    found = rows_of(books.marts.query(f"SELECT DISTINCT {joined} FROM {MEANT} AS m"), words)
    resolve = resolver(books.settings.dimensions, ())
    meanings = [resolve(dict(zip(words, row, strict=True))).values for row in found]
    columns: Columns = {name: [row[at] for row in found] for at, name in enumerate(words)}
    names = books.settings.dimension_names
    for at, name in enumerate(names):
        columns[f"dim_{name}"] = [_said(values[at]) for values in meanings]
    handed_over(books.marts, "call_meanings", columns, text_schema(columns))
    same = " AND ".join(f"n.{name} = m.{name}" for name in words)
    dims = ", ".join(f"n.{quoted(f'dim_{name}')}" for name in names)
    own = ", ".join(f"m.{name}" for name in ("day", "paid_to", "cost", "share", "lacking", *SUMS))
    books.marts.keep(
        WORDED, f"SELECT {own}, {dims} FROM {MEANT} AS m JOIN call_meanings AS n ON {same}"
    )
    books.marts.forget("call_meanings")


def _said(value: str) -> str:
    return "" if value == UNTAGGED else value
