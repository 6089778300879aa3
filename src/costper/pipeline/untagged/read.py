"""Reads charges by what their words meant when their month was allocated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from costper.allocation.stored import read
from costper.economics.currency import converted, plus
from costper.model.answer import Absent
from costper.model.dimension import UNTAGGED
from costper.model.names import quoted
from costper.model.period import Period
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.select import Bound
from costper.pipeline.defined import record_of
from costper.pipeline.words import Reader
from costper.store.books import Books
from costper.store.runs import current_runs, definition_of
from costper.store.tables import daily_attribute_columns

ZERO = Decimal(0)
PLACES = ("source", "account", "account_name", "service", "resource")
"""What tells groups of charges apart; `resource` is "" where the roll-up does not keep it."""

COLUMNS = {
    "account": "sub_account_id",
    "account_name": "sub_account_name",
    "service": "service_name",
    "resource": "resource_id",
}
Amount = Decimal | Absent


@dataclass(slots=True)
class Group:
    """Charges of one place that lack the same words: costs of record in the home currency.

    `lacks` are the dimensions they do not name, `divided` whether a rule carries them on.
    """

    place: tuple[str, ...]
    lacks: frozenset[str]
    divided: bool
    cost: Amount
    gross: Amount
    charges: int
    first: date
    last: date


def groups(books: Books, frame: Frame, names: Sequence[str]) -> Iterator[Group]:
    """Give the charges of the frame's days, grouped; those of months never allocated are not in.

    A group comes once for each currency that is not at home and each of its days.
    """
    record = record_of(books.settings)
    for months, used in _months(books, frame.period):
        bound = Bound({**record.parameters})
        home = bound.bind(frame.rates.home)
        lacks = [
            f"CASE WHEN w.{quoted(f'dim_{name}')} = {bound.bind(UNTAGGED)} THEN 1 ELSE 0 END "
            f"AS {quoted(f'lacks_{name}')}"
            for name in names
        ]
        cost, abroad = record.sql("c."), f"CASE WHEN c.currency = {home} THEN NULL ELSE c.day END"
        keys = [
            *_places(books),
            *lacks,
            "CASE WHEN w.rule < 0 THEN 0 ELSE 1 END AS divided",
            "c.currency AS currency",
            f"{abroad} AS foreign_day",
        ]
        by = ", ".join(key.rpartition(" AS ")[0] for key in keys)
        rows = books.marts.query(
            f"SELECT {', '.join(keys)}, SUM({cost}) AS cost, SUM(ABS({cost})) AS gross, "
            "SUM(c.charges) AS charges, MIN(c.day) AS first, MAX(c.day) AS last "
            f"FROM {_joined(used, months, frame.period, bound)} GROUP BY {by}",
            bound.values,
        )
        for row in rows.to_pylist():
            yield _group(frame, row, names)


def named(books: Books, frame: Frame, name: str) -> dict[tuple[str, str], dict[str, Decimal]]:
    """Give by (source, account) how much gross cost names which value of a dimension."""
    record, found = record_of(books.settings), dict[tuple[str, str], dict[str, Decimal]]()
    for months, used in _months(books, frame.period):
        bound = Bound({**record.parameters})
        column = f"w.{quoted(f'dim_{name}')}"
        rows = books.marts.query(
            f"SELECT c.source AS source, c.sub_account_id AS account, {column} AS value, "
            f"SUM(ABS({record.sql('c.')})) AS gross "
            f"FROM {_joined(used, months, frame.period, bound)} "
            f"AND {column} <> {bound.bind(UNTAGGED)} "
            f"GROUP BY c.source, c.sub_account_id, {column}",
            bound.values,
        )
        for row in rows.to_pylist():
            values = found.setdefault((row["source"], row["account"]), {})
            values[row["value"]] = values.get(row["value"], ZERO) + row["gross"]
    return found


def _group(frame: Frame, row: dict[str, Any], names: Sequence[str]) -> Group:
    day = row["foreign_day"] or row["first"]
    return Group(
        place=tuple(row[name] for name in PLACES),
        lacks=frozenset(name for name in names if row[f"lacks_{name}"]),
        divided=row["divided"] == 1,
        cost=converted(row["cost"], row["currency"], day, frame.rates),
        gross=converted(row["gross"], row["currency"], day, frame.rates),
        charges=int(row["charges"]),
        first=row["first"],
        last=row["last"],
    )


def merged(many: Iterator[Group]) -> list[Group]:
    """Put the parts of each group together again."""
    found: dict[tuple[object, ...], Group] = {}
    for one in many:
        known = found.setdefault((one.place, one.lacks, one.divided), one)
        if known is not one:
            known.cost, known.gross = plus(known.cost, one.cost), plus(known.gross, one.gross)
            known.charges += one.charges
            known.first, known.last = min(known.first, one.first), max(known.last, one.last)
    return list(found.values())


def _months(books: Books, period: Period) -> list[tuple[tuple[date, ...], tuple[str, ...]]]:
    """Give the allocated months of a period, together where the same columns were read."""
    kept = {"source", *daily_attribute_columns(books.extra)}
    found: dict[tuple[str, ...], list[date]] = {}
    for month, run in sorted(current_runs(books.control).items()):
        if period.start.replace(day=1) <= month < period.end:
            used = _used(books, run.run_id)
            if used is not None and kept.issuperset(used):
                found.setdefault(used, []).append(month)
    return [(tuple(months), used) for used, months in found.items()]


def _used(books: Books, run_id: int) -> tuple[str, ...] | None:
    """Give the columns a run read; None where another version of costper wrote it otherwise."""
    try:
        return Reader(read(definition_of(books.control, run_id))).used
    except KeyError:
        return None


def _places(books: Books) -> list[str]:
    """Select what tells groups apart."""
    kept = daily_attribute_columns(books.extra)
    columns = {name: f"c.{column}" for name, column in COLUMNS.items() if column in kept}
    return [
        "c.source AS source",
        *(f"{columns[name]} AS {name}" for name in COLUMNS if name in columns),
        *(f"'' AS {name}" for name in COLUMNS if name not in columns),
    ]


def _joined(used: Sequence[str], months: Sequence[date], period: Period, bound: Bound) -> str:
    """Join charges of a period's days with what their words meant; ends inside its WHERE."""
    same = " AND ".join(f"w.{quoted(name)} = c.{quoted(name)}" for name in ("source", *used))
    known = ", ".join(bound.bind(month) for month in months)
    return (
        f"charge_daily AS c JOIN dimension_map AS w "
        f"ON w.month = CAST(date_trunc('month', c.day) AS DATE) AND {same} "
        f"WHERE c.day >= {bound.bind(period.start)} AND c.day < {bound.bind(period.end)} "
        f"AND w.month IN ({known})"
    )
