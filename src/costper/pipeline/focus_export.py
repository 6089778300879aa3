"""Writes allocated charges as FOCUS 1.3, adding up to their origin charges exactly."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
from pyarrow import parquet

from costper.allocation.explain import charge_id
from costper.allocation.focus import (
    Cut,
    allocated_tags,
    bounds_of,
    cut,
    method_details,
    method_id,
)
from costper.errors import ConservationError, UserError
from costper.model.charge import CHARGE_COLUMNS, Column
from costper.model.money import COST_COLUMNS, EXACT, MONEY_SCALE, POSTING_SCALE, plain
from costper.model.period import Period, month_of
from costper.pipeline.bill_rows import ROW, daily_rows
from costper.pipeline.spread_charges import MonthShares
from costper.store.books import Books
from costper.store.spread import ONE_DAY

FOCUS: tuple[Column, ...] = tuple(column for column in CHARGE_COLUMNS if column.focus)
SUMMABLE = (
    *COST_COLUMNS,
    "pricing_currency_effective_cost",
    "pricing_quantity",
    "consumed_quantity",
)
ORIGIN = "x_OriginCharge"
STARTS = "charge_period_start >= $start AND charge_period_start < $end"
TOLD = (
    "allocated_method_id",
    "allocated_resource_id",
    "allocated_resource_name",
    "allocated_tags",
)
TEXTS = frozenset({"text", "tags", "json"})
WORDS = tuple(column.name for column in CHARGE_COLUMNS if column.kind in TEXTS)
POSTING = 10 ** (MONEY_SCALE - POSTING_SCALE)
KEPT = 20_000
QUOTED = re.compile(r'[",\r\n]')
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
    def write(self, charge: Row, parts: Sequence[Row]) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Export:
    """What goes with every charge, and what is said of several."""

    books: Books
    units: Mapping[str, str]
    months: dict[date, MonthShares]
    details: dict[Cut, Sequence[object]]
    texts: dict[tuple[Cut, frozenset[str]], Sequence[Sequence[object]]]


def export(
    books: Books, period: Period, path: Path, *, progress: Callable[[str], object] = str.strip
) -> Exported:
    """Write the charges that start in a period to a .csv or .parquet file, whole or not at all.

    A divided charge becomes one row for each leg, with AllocatedMethodId, -Details, -Resource*
    and -Tags; a direct one stays as it is. ConservationError when a digit would be lost.
    """
    if path.suffix not in {".csv", ".parquet"}:
        raise UserError(f"{path.name} is neither .csv nor .parquet", hint="name the file out.csv")
    part = path.with_name(f".{path.name}.part")
    sheet: _Sheet = _Csv(part) if path.suffix == ".csv" else _Parquet(part)
    try:
        done = _written(books, period, sheet, progress)
        sheet.close()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return done


def _written(
    books: Books, period: Period, sheet: _Sheet, progress: Callable[[str], object]
) -> Exported:
    export = _Export(books, _units(books), {}, {}, {})
    charges = rows = 0
    sums = dict.fromkeys(COST_COLUMNS, 0)
    for day in period.each_day():
        progress(f"writing {day}")
        for charge, days in _charges(books, Period(day, day + timedelta(days=1))):
            parts = _allocated(charge, days, export)
            sheet.write({**charge, ORIGIN: charge_id(charge)}, parts)
            charges += 1
            rows += len(parts) or 1
            for name in COST_COLUMNS:
                sums[name] += sum(part[name] for part in parts) if parts else _scaled(charge[name])
    costs = {name: EXACT.scaleb(Decimal(many), -MONEY_SCALE) for name, many in sums.items()}
    _conserved(books, period, costs)
    return Exported(
        charges=charges,
        rows=rows,
        billed_cost=costs["billed_cost"],
        effective_cost=costs["effective_cost"],
    )


def _charges(books: Books, day: Period) -> Iterator[tuple[Row, list[Row]]]:
    """Give the charges that start on a day, each with its parts of days."""
    params = {"start": day.start, "end": day.end}
    order = ", ".join(ROW)
    longer = f"{STARTS} AND NOT ({ONE_DAY})"
    daily = daily_rows(books, longer, params, WORDS)
    parts: dict[tuple[Any, ...], list[Row]] = {}
    for row in books.engine.query(f"SELECT * FROM ({daily}) AS r ORDER BY day", params).to_pylist():
        parts.setdefault(tuple(row[name] for name in ROW), []).append(row)
    found = books.engine.query(f"SELECT * FROM charges WHERE {STARTS} ORDER BY {order}", params)
    for batch in found.to_batches(max_chunksize=BATCH):
        for charge in batch.to_pylist():
            yield charge, parts.get(tuple(charge[name] for name in ROW)) or [_whole_day(charge)]


def _whole_day(charge: Row) -> Row:
    """Give a charge that lasts no longer than a day as its only part."""
    words = {name: charge[name] or "" for name in WORDS}
    start: datetime = charge["charge_period_start"]
    return {**charge, **words, "day": start.date(), "currency": charge["billing_currency"]}


def _allocated(charge: Row, days: Sequence[Row], export: _Export) -> list[Row]:
    """Give what is different in each allocated charge of an origin; none where it stays whole.

    Summable columns are whole numbers of 10^-21.
    """
    cuts = [_month(export, day).of(day) for day in days]
    shares = [share for cut in cuts for share in cut.shares]
    if not any(share.steps for share in shares):
        return []
    shape = _month(export, days[0]).shape
    record = shape.definition.record.column(charge["source"])
    over_days = bounds_of([_scaled(day[record]) for day in days])
    columns: dict[str, Sequence[object]] = {
        name: _divided(_scaled(charge[name]), over_days, cuts)
        for name in SUMMABLE
        if charge[name] is not None
    }
    columns["allocated_method_details"] = _details(cuts, over_days, export)
    tags = frozenset(json.loads(charge["tags"] or "{}"))
    texts = [text for cut in cuts for text in _texts(cut, tags, export)]
    columns |= dict(zip(TOLD, zip(*texts, strict=True), strict=True))
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _month(export: _Export, day: Row) -> MonthShares:
    month = month_of(day["day"]).start
    if month not in export.months:
        export.months[month] = MonthShares(export.books, month)
    return export.months[month]


def _divided(amount: int, over_days: Sequence[int], cuts: Sequence[Cut]) -> list[int]:
    """Divide an amount in 10^-21 over days and their shares; what is below 10^-12 to the first."""
    units, rest = divmod(amount, POSTING)
    days = cut(units, over_days)
    parts = [
        POSTING * part for day, one in zip(days, cuts, strict=True) for part in cut(day, one.bounds)
    ]
    parts[0] += rest
    return parts


def _details(cuts: Sequence[Cut], over_days: Sequence[int], export: _Export) -> Sequence[object]:
    """Give AllocatedMethodDetails; the same for every charge that is one day's and cut alike."""
    if len(cuts) == 1 and cuts[0] in export.details:
        return export.details[cuts[0]]
    shares = [share for one in cuts for share in one.shares]
    ratios = _divided(_scaled(Decimal(1)), over_days, cuts)
    found = [
        method_details(share, _amount(ratio), export.units)
        for share, ratio in zip(shares, ratios, strict=True)
    ]
    if len(cuts) == 1:
        export.details[cuts[0]] = found
    return found


def _texts(one: Cut, tags: frozenset[str], export: _Export) -> Sequence[Sequence[object]]:
    """Give what TOLD names for each share of a cut."""
    if (one, tags) not in export.texts:
        if len(export.texts) >= KEPT:
            export.texts.clear()
            export.details.clear()
        export.texts[one, tags] = [
            (
                method_id(share),
                "/".join(share.resource) if share.resource[0] else None,
                share.resource[1] or None,
                allocated_tags(share, tags),
            )
            for share in one.shares
        ]
    return export.texts[one, tags]


def _scaled(amount: Decimal) -> int:
    return int(EXACT.scaleb(amount, MONEY_SCALE))


def _amount(units: int) -> Decimal:
    return EXACT.scaleb(Decimal(units), -MONEY_SCALE)


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
        self._file.write(",".join(HEADER) + "\n")
        self._places = {column.name: place for place, column in enumerate(FOCUS)}

    def write(self, charge: Row, parts: Sequence[Row]) -> None:
        whole = [_cell(_text(charge[column.name])) for column in FOCUS]
        whole.append(_cell(charge[ORIGIN]))
        for part in parts:
            cells = whole.copy()
            for name, value in part.items():
                cells[self._places[name]] = _digits(value) if type(value) is int else _cell(value)
            self._file.write(",".join(cells) + "\n")
        if not parts:
            self._file.write(",".join(whole) + "\n")

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
        self._names = {it.name: it.focus for it in FOCUS}
        self._rows: list[Row] = []

    def write(self, charge: Row, parts: Sequence[Row]) -> None:
        whole = {it.focus: charge[it.name] for it in FOCUS} | {ORIGIN: charge[ORIGIN]}
        for part in parts:
            own = {
                self._names[name]: _amount(value) if isinstance(value, int) else value
                for name, value in part.items()
            }
            self._rows.append({**whole, **own})
        if not parts:
            self._rows.append(whole)
        if len(self._rows) >= BATCH:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows = []


@lru_cache(maxsize=100_000)
def _cell(text: str | None) -> str:
    """Quote a text where CSV asks for it; the same few come again and again."""
    if not text:
        return ""
    return '"' + text.replace('"', '""') + '"' if QUOTED.search(text) else text


def _digits(units: int) -> str:
    """Write whole numbers of 10^-21 as an amount."""
    text = str(abs(units)).rjust(MONEY_SCALE + 1, "0")
    whole, rest = text[:-MONEY_SCALE], text[-MONEY_SCALE:].rstrip("0")
    return f"{'-' if units < 0 else ''}{whole}{'.' if rest else ''}{rest}"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value, 0)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return str(value)
