"""Writes allocated charges as FOCUS 1.3, adding up to their origin charges exactly."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from costper.allocation.focus import (
    Cut,
    allocated_tags,
    bounds_of,
    cut,
    method_details,
    method_id,
)
from costper.errors import ConservationError, UserError
from costper.model.charge import CHARGE_COLUMNS
from costper.model.money import COST_COLUMNS, EXACT, MONEY_SCALE, POSTING_SCALE, plain, total
from costper.model.period import Period, month_of
from costper.pipeline.bill_rows import ROW, daily_rows
from costper.pipeline.defined import definition_of
from costper.pipeline.focus_rows import (
    FOCUS,
    KINDS,
    SCALE,
    SCHEMA,
    Lot,
    Told,
    Values,
    as_bytes,
    columns_of,
    groups,
)
from costper.pipeline.spread_charges import MonthShares
from costper.store.books import Books
from costper.store.sheet import added_up, write_csv
from costper.store.spread import ONE_DAY

STARTS = "charge_period_start >= $start AND charge_period_start < $end"
TEXTS = frozenset({"text", "tags", "json"})
WORDS = tuple(column.name for column in CHARGE_COLUMNS if column.kind in TEXTS)
ALIKE = ("source", "billing_currency", "charge_category", "commitment_discount_status", "tags")
"""What charges of one day have in common, besides the words of the run, when cut alike."""

KEPT = 20_000
BATCH = 50_000
NAMES = {column.name: column.focus for column in FOCUS}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """How many origin charges became how many allocated charges; `costs` by currency, by column."""

    charges: int
    rows: int
    costs: Mapping[str, Mapping[str, Decimal]]


@dataclass(frozen=True, slots=True)
class _Export:
    """What goes with every charge, and what is said of several."""

    books: Books
    units: Mapping[str, str]
    months: dict[date, MonthShares]
    details: dict[Cut, Sequence[str | None]]
    told: dict[tuple[Cut, frozenset[str]], Sequence[Told]]
    writer: parquet.ParquetWriter


@dataclass(frozen=True, slots=True, eq=False)
class _Alike:
    """How charges of one day with the same words are cut, and what is said of their parts."""

    cut: Cut
    told: Sequence[Told]


def export(
    books: Books, period: Period, path: Path, *, progress: Callable[[str], object] = str.strip
) -> Exported:
    """Write the charges that start in a period to a .csv or .parquet file, whole or not at all.

    A divided charge becomes one row for each leg, with AllocatedMethodId, -Details, -Resource*
    and -Tags; a direct one stays as it is. ConservationError when a digit would be lost, OSError
    when the file cannot be written; either way what was there before stays.
    """
    if path.suffix not in {".csv", ".parquet"}:
        raise UserError(f"{path.name} is neither .csv nor .parquet", hint="name the file out.csv")
    rows, part = (path.with_name(f".{path.name}.{end}") for end in ("rows", "part"))
    try:
        with parquet.ParquetWriter(rows, SCHEMA) as writer:
            export_ = _Export(books, _units(books), {}, {}, {}, writer)
            charges = 0
            for month in period.months():
                progress(f"writing {month.start:%Y-%m}")
                charges += sum(_day(export_, day) for day in month.each_day())
        done = _conserved(books, period, charges, rows)
        if path.suffix == ".csv":
            write_csv(rows, part, KINDS)
        else:
            rows.replace(part)
        part.replace(path)
    finally:
        rows.unlink(missing_ok=True)
        part.unlink(missing_ok=True)
    return done


def _day(export: _Export, day: date) -> int:
    """Write the charges that start on a day; gives how many there are."""
    params = {"start": day, "end": day + timedelta(days=1)}
    found: pa.Table = export.books.engine.query(
        f"SELECT c.*, {ONE_DAY} AS one_day FROM charges AS c WHERE {STARTS} "
        f"ORDER BY {', '.join(ROW)}",
        params,
    )
    if not found.num_rows:
        return 0
    charges = columns_of(found)
    cuts = _alike(export, day, charges)
    longer = _longer(export.books, params, charges)
    lot, since = Lot(charges), 0
    for place, own in enumerate(cuts):
        if own is None and place not in longer:
            continue
        lot.whole(since, place)
        since = place + 1
        if own is None:
            _several_days(export, lot, place, longer[place])
        else:
            lot.divided(place, _parts(lot, place, (1,), (own.cut,)), own.told, own)
        if len(lot.places) >= BATCH:
            export.writer.write_table(lot.taken())
    lot.whole(since, found.num_rows)
    export.writer.write_table(lot.taken())
    return found.num_rows


def _alike(export: _Export, day: date, charges: Mapping[str, Values]) -> Sequence[_Alike | None]:
    """Say of each charge how it is cut; None where it stays whole or lasts longer than the day."""
    shares = _month(export, day)
    names = tuple(dict.fromkeys((*ALIKE, *shares.shape.used)))
    numbers = groups([*(charges[name] for name in names), charges["one_day"]])
    known: dict[int, _Alike | None] = {}
    for place, number in enumerate(numbers):
        if number in known:
            continue
        known[number] = None
        if charges["one_day"][place].as_py():
            words = {name: charges[name][place].as_py() or "" for name in names}
            one = shares.of({**words, "day": day, "currency": words["billing_currency"]})
            if any(share.steps for share in one.shares):
                known[number] = _Alike(one, _told(export, one, words["tags"]))
    return [known[number] for number in numbers]


def _longer(
    books: Books, params: Mapping[str, date], charges: Mapping[str, Values]
) -> dict[int, list[Row]]:
    """Give the parts of days of each charge that lasts longer than a day, by its place."""
    flags: list[bool] = charges["one_day"].to_pylist()
    if all(flags):
        return {}
    daily = daily_rows(books, f"{STARTS} AND NOT ({ONE_DAY})", params, WORDS)
    found = books.engine.query(f"SELECT * FROM ({daily}) AS r ORDER BY day", params)
    parts: dict[tuple[Any, ...], list[Row]] = {}
    for row in found.to_pylist():
        parts.setdefault(tuple(row[name] for name in ROW), []).append(row)
    places = [place for place, brief in enumerate(flags) if not brief]
    keys = (tuple(charges[name][place].as_py() for name in ROW) for place in places)
    return dict(zip(places, (parts[key] for key in keys), strict=True))


def _several_days(export: _Export, lot: Lot, place: int, days: Sequence[Row]) -> None:
    """Add a charge that was allocated day by day."""
    cuts = [_month(export, day["day"]).of(day) for day in days]
    if not any(share.steps for one in cuts for share in one.shares):
        lot.whole(place, place + 1)
        return
    record = _month(export, days[0]["day"]).shape.definition.record.column(days[0]["source"])
    over_days = bounds_of([int(EXACT.scaleb(day[record], MONEY_SCALE)) for day in days])
    tags = str(lot.charges["tags"][place].as_py() or "")
    told = [text for one in cuts for text in _told(export, one, tags)]
    details = _details(export, over_days, cuts)
    own = [(*text[:-1], detail) for text, detail in zip(told, details, strict=True)]
    lot.divided(place, _parts(lot, place, over_days, cuts), own)


def _parts(
    lot: Lot, place: int, over_days: Sequence[int], cuts: Sequence[Cut]
) -> Mapping[str, bytes]:
    """Divide every amount a charge has; many of them are often the same."""
    known: dict[tuple[int, int], bytes] = {}
    found: dict[str, bytes] = {}
    for name, scale in SCALE.items():
        amount = lot.amount(name, place)
        if amount is not None:
            if (amount, scale) not in known:
                parts = _divided(amount, scale, over_days, cuts)
                known[amount, scale] = as_bytes(parts)
            found[name] = known[amount, scale]
    return found


def _month(export: _Export, day: date) -> MonthShares:
    month = month_of(day).start
    if month not in export.months:
        export.months[month] = MonthShares(export.books, month)
    return export.months[month]


def _divided(amount: int, scale: int, over_days: Sequence[int], cuts: Sequence[Cut]) -> list[int]:
    """Divide an amount of `scale` digits over days and shares; below 10^-12 goes to the first."""
    posting = 10 ** (scale - POSTING_SCALE)
    units, rest = divmod(amount, posting)
    days = cut(units, over_days) if len(cuts) > 1 else [units]
    parts = [
        posting * part for day, one in zip(days, cuts, strict=True) for part in cut(day, one.bounds)
    ]
    parts[0] += rest
    return parts


def _told(export: _Export, one: Cut, tags: str) -> Sequence[Told]:
    """Give what is said of each share of a cut, beside a charge with these tags."""
    own = frozenset(json.loads(tags or "{}"))
    if (one, own) not in export.told:
        if len(export.told) >= KEPT:
            export.told.clear()
            export.details.clear()
        if one not in export.details:
            export.details[one] = _details(export, (1,), (one,))
        export.told[one, own] = [
            (
                method_id(share),
                "/".join(share.resource) if share.resource[0] else None,
                share.resource[1] or None,
                allocated_tags(share, own),
                details,
            )
            for share, details in zip(one.shares, export.details[one], strict=True)
        ]
    return export.told[one, own]


def _details(
    export: _Export, over_days: Sequence[int], cuts: Sequence[Cut]
) -> Sequence[str | None]:
    """Give AllocatedMethodDetails of each share, with its part of one."""
    ratios = _divided(10**MONEY_SCALE, MONEY_SCALE, over_days, cuts)
    shares = [share for one in cuts for share in one.shares]
    return [
        method_details(share, EXACT.scaleb(Decimal(ratio), -MONEY_SCALE), export.units)
        for share, ratio in zip(shares, ratios, strict=True)
    ]


def _units(books: Books) -> dict[str, str]:
    """Say in what the usage of each rule is counted."""
    metrics = {metric.name: metric.unit or metric.name for metric in books.settings.metrics}
    return {
        rule.name: metrics.get(rule.quantity, rule.quantity)
        if rule.driver == "by_quantity"
        else books.settings.currency
        for rule in definition_of(books.settings).rules
        if rule.driver in {"by_quantity", "by_cost"}
    }


def _conserved(books: Books, period: Period, charges: int, rows: Path) -> Exported:
    """Add the written rows up and compare them with the charges."""
    many, written = added_up(rows, tuple(NAMES[name] for name in COST_COLUMNS))
    costs = ", ".join(f"COALESCE(SUM({name}), 0) AS {name}" for name in COST_COLUMNS)
    found = books.engine.query(
        f"SELECT billing_currency AS currency, {costs} FROM charges WHERE {STARTS} "
        "GROUP BY billing_currency ORDER BY billing_currency",
        {"start": period.start, "end": period.end},
    ).to_pylist()
    for name in COST_COLUMNS:
        charged = total([row[name] for row in found])
        if charged != written[NAMES[name]]:
            raise ConservationError(
                f"{name}: {plain(written[NAMES[name]])} written, {plain(charged)} charged",
                where="FOCUS export",
                hint="no file was written; this is a fault in costper, please report it",
            )
    return Exported(
        charges=charges,
        rows=many,
        costs={row["currency"]: {name: row[name] for name in COST_COLUMNS} for row in found},
    )
