"""Writes allocated charges as FOCUS 1.3, adding up to their origin charges exactly."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
from pyarrow import parquet

from costper.allocation.explain import charge_id
from costper.allocation.focus import (
    Share,
    allocated_tags,
    divided,
    method_details,
    method_id,
    ratios,
)
from costper.errors import ConservationError, UserError
from costper.model.charge import CHARGE_COLUMNS, Column
from costper.model.money import COST_COLUMNS, EXACT, plain
from costper.model.period import Period, month_of
from costper.pipeline.bill_rows import ROW, daily_rows
from costper.pipeline.spread_charges import MonthShares
from costper.store.books import Books

FOCUS: tuple[Column, ...] = tuple(column for column in CHARGE_COLUMNS if column.focus)
SUMMABLE = (
    *COST_COLUMNS,
    "pricing_currency_effective_cost",
    "pricing_quantity",
    "consumed_quantity",
)
ORIGIN = "x_OriginCharge"
STARTS = "charge_period_start >= $start AND charge_period_start < $end"
HEADER = (*(column.focus for column in FOCUS), ORIGIN)
BATCH = 10_000
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """How many origin charges became how many allocated charges, and what they cost."""

    charges: int
    rows: int
    billed_cost: Decimal
    effective_cost: Decimal


class _Sheet(Protocol):
    def write(self, row: Row) -> None: ...

    def close(self) -> None: ...


def export(books: Books, period: Period, path: Path) -> Exported:
    """Write the charges that start in a period to a .csv or .parquet file, whole or not at all.

    A divided charge becomes one row for each leg, with AllocatedMethodId, -Details, -Resource*
    and -Tags; a direct one stays as it is. ConservationError when a digit would be lost.
    """
    if path.suffix not in {".csv", ".parquet"}:
        raise UserError(f"{path.name} is neither .csv nor .parquet", hint="name the file out.csv")
    part = path.with_name(f".{path.name}.part")
    sheet: _Sheet = _Csv(part) if path.suffix == ".csv" else _Parquet(part)
    try:
        done = _written(books, period, sheet)
        sheet.close()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return done


def _written(books: Books, period: Period, sheet: _Sheet) -> Exported:
    units = _units(books)
    months: dict[date, MonthShares] = {}
    charges = rows = 0
    sums: dict[str, Decimal] = dict.fromkeys(COST_COLUMNS, Decimal(0))
    with localcontext(EXACT):
        for day in period.each_day():
            for charge, days in _charges(books, Period(day, day + timedelta(days=1))):
                charges += 1
                for row in _allocated(charge, _shares(books, charge, days, months), units):
                    rows += 1
                    sheet.write(row)
                    for name in COST_COLUMNS:
                        sums[name] += row[name]
    _conserved(books, period, sums)
    return Exported(
        charges=charges,
        rows=rows,
        billed_cost=sums["billed_cost"],
        effective_cost=sums["effective_cost"],
    )


def _charges(books: Books, day: Period) -> Iterator[tuple[Row, list[Row]]]:
    """Give the charges that start on a day, each with its parts of days."""
    params = {"start": day.start, "end": day.end}
    order = ", ".join(ROW)
    texts = [column.name for column in FOCUS if column.kind in {"text", "tags", "json"}]
    daily = daily_rows(books, STARTS, params, texts)
    parts: dict[tuple[Any, ...], list[Row]] = {}
    for row in books.engine.query(f"SELECT * FROM ({daily}) AS r ORDER BY day", params).to_pylist():
        parts.setdefault(tuple(row[name] for name in ROW), []).append(row)
    found = books.engine.query(f"SELECT * FROM charges WHERE {STARTS} ORDER BY {order}", params)
    for batch in found.to_batches(max_chunksize=BATCH):
        for charge in batch.to_pylist():
            yield charge, parts[tuple(charge[name] for name in ROW)]


def _shares(
    books: Books, charge: Row, days: Sequence[Row], months: dict[date, MonthShares]
) -> list[Share]:
    """Give the shares of a whole charge: those of its days, each as large as its part."""
    found: list[Share] = []
    for day in days:
        month = month_of(day["day"]).start
        if month not in months:
            months[month] = MonthShares(books, month)
        column = months[month].shape.definition.record.column(charge["source"])
        whole = Fraction(charge[column])
        part = Fraction(day[column]) / whole if whole else Fraction(1, len(days))
        found += [
            Share(
                ratio=share.ratio * part,
                dims=share.dims,
                steps=share.steps,
                resource=share.resource,
                reason=share.reason,
            )
            for share in months[month].of(day)
        ]
    return found


def _allocated(charge: Row, shares: Sequence[Share], units: Mapping[str, str]) -> Iterator[Row]:
    """Give the allocated charges of one origin charge; one without steps stays whole."""
    origin = {**charge, ORIGIN: charge_id(charge)}
    if not any(share.steps for share in shares):
        yield origin
        return
    tags: Mapping[str, object] = json.loads(charge["tags"] or "{}")
    columns = {name: divided(charge[name], shares) for name in SUMMABLE if charge[name] is not None}
    for place, (share, ratio) in enumerate(zip(shares, ratios(shares), strict=True)):
        resource, value = share.resource
        yield {
            **origin,
            **{name: parts[place] for name, parts in columns.items()},
            "allocated_method_id": method_id(share),
            "allocated_method_details": method_details(share, ratio, units),
            "allocated_resource_id": f"{resource}/{value}" if resource else None,
            "allocated_resource_name": value or None,
            "allocated_tags": allocated_tags(share, tags),
        }


def _units(books: Books) -> dict[str, str]:
    """Say in what the usage of each rule is counted."""
    metrics = {metric.name: metric.unit or metric.name for metric in books.settings.metrics}
    return {
        rule.name: metrics.get(rule.quantity, rule.quantity)
        if rule.driver == "by_quantity"
        else books.settings.currency
        for rule in books.settings.allocation
        if rule.driver in {"by_quantity", "by_cost"}
    }


def _conserved(books: Books, period: Period, sums: Mapping[str, Decimal]) -> None:
    costs = ", ".join(f"COALESCE(SUM({name}), 0) AS {name}" for name in COST_COLUMNS)
    found = books.engine.query(
        f"SELECT {costs} FROM charges WHERE {STARTS}", {"start": period.start, "end": period.end}
    ).to_pylist()[0]
    wrong = [name for name in COST_COLUMNS if found[name] != sums[name]]
    if wrong:
        name = wrong[0]
        raise ConservationError(
            f"{name}: {plain(sums[name])} written, {plain(found[name])} charged",
            where="FOCUS export",
            hint="no file was written; this is a fault in costper, please report it",
        )


class _Csv:
    """Writes rows as CSV: decimals in full, instants as FOCUS has them, nothing for NULL."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(HEADER)

    def write(self, row: Row) -> None:
        self._writer.writerow([*(_text(row[column.name]) for column in FOCUS), row[ORIGIN]])

    def close(self) -> None:
        self._file.close()


class _Parquet:
    """Writes rows as Parquet, in batches."""

    def __init__(self, path: Path) -> None:
        kinds: dict[str, pa.DataType] = {
            "money": pa.decimal128(38, 21),
            "quantity": pa.decimal128(38, 18),
            "instant": pa.timestamp("us", tz="UTC"),
        }
        fields = [pa.field(it.focus, kinds.get(it.kind, pa.string())) for it in FOCUS]
        self._schema = pa.schema([*fields, pa.field(ORIGIN, pa.string())])
        self._writer = parquet.ParquetWriter(path, self._schema)
        self._rows: list[Row] = []

    def write(self, row: Row) -> None:
        self._rows.append({**{it.focus: row[it.name] for it in FOCUS}, ORIGIN: row[ORIGIN]})
        if len(self._rows) >= BATCH:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows = []


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value, 0)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return str(value)
