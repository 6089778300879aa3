"""Finds the bill rows behind legs and pools: the one door from the marts back to the charges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from costper.allocation.definition import Definition
from costper.allocation.dimension import columns_read
from costper.allocation.explain import BillRow, charge_id, day_share
from costper.allocation.match import NO_RULE
from costper.allocation.scope import NOBODY
from costper.model.category import kept_category_sql
from costper.model.dimension import UNALLOCATED
from costper.model.money import COST_COLUMNS
from costper.model.names import quoted
from costper.model.period import Period
from costper.pipeline.words import Columns, handed_over, text_schema
from costper.store.books import Books
from costper.store.calendar import offer_calendar
from costper.store.deliveries import files_of
from costper.store.engine import Parameter
from costper.store.spread import FIRST_DAY, LAST_DAY, ONE_DAY, spread

Key = tuple[str, ...]
"""What told a charge when it was allocated: day, currency, source, category, dims, rule."""

KEYS = "explain_keys"
FOUND = "explain_rows"
ROW = ("source", "delivery_id", "file_no", "row_no")
SPAN = ("charge_period_start", "charge_period_end")
TOLD = ("charge_description", "service_name", "resource_id")
CATEGORY = ("charge_category", "commitment_discount_status")
"""What decides the category a charge is kept under."""
FULL = tuple(f"full_{name}" for name in COST_COLUMNS)
"""What a row costs in its file, beside the costs of its part of a day."""
CROSSES = "CAST(charge_period_start AS DATE) < $first OR charge_period_end > $last"
LOOK = "charge_period_start < $end AND charge_period_end >= $start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How the charges of one month were read: by the definition of its run."""

    definition: Definition
    month: date

    @property
    def used(self) -> tuple[str, ...]:
        """The charge columns whose words counted."""
        rules = (rule for _, rule in self.definition.of_stage(1))
        read = columns_read(self.definition.dimensions, rules)
        return tuple(name for name in read if name != "source")

    @property
    def key(self) -> tuple[str, ...]:
        """The names of a key's parts."""
        dims = (f"dim_{name}" for name in self.definition.names)
        return ("day", "currency", "source", "charge_category", *dims, "rule")

    def number(self, rule: str) -> int:
        """Give the number of a rule by name; NO_RULE for ''."""
        names = [one.name for one in self.definition.rules]
        return names.index(rule) if rule in names else NO_RULE

    def key_of(self, row: Mapping[str, Any]) -> Key:
        """Give the key of the charges behind a direct leg, or a pool of the first stage."""
        parts = (str(row[name]) for name in self.key[:-1])
        return (*parts, str(self.number(row["rule"])))


class BillRows:
    """The bill rows of some keys of one month, put aside on the engine.

    One lot is there at a time: finding the next one forgets those before.
    """

    def __init__(self, books: Books, shape: Shape, keys: Iterable[Key]) -> None:
        """Find the rows of these keys."""
        self._books = books
        self._numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        self._files: dict[int, dict[int, str]] = {}
        self._find(shape)

    def of(self, key: Key) -> list[BillRow]:
        """Give a key's rows in the order of deliveries, files and rows."""
        number = self._numbers[key]
        found = self._books.engine.query(
            f"SELECT * FROM {FOUND} WHERE key_no = $number ORDER BY delivery_id, file_no, row_no",
            {"number": number},
        )
        return [self._row(row) for row in found.to_pylist()]

    def counts(self) -> dict[Key, int]:
        """Give how many rows each key has."""
        found = self._books.engine.query(
            f"SELECT key_no, COUNT(*) AS many FROM {FOUND} GROUP BY key_no"
        )
        keys = list(self._numbers)
        return {keys[row["key_no"]]: row["many"] for row in found.to_pylist()}

    def distinct(self, month: Period) -> tuple[int, set[str]]:
        """Give how many rows there are that lie in the month, and the ids of those that do not.

        The latter may be found in the months beside it again.
        """
        params = {"first": month.start, "last": month.end}
        ids = f"SELECT DISTINCT {', '.join(ROW)} FROM {FOUND} WHERE"
        inside = self._books.engine.query(
            f"SELECT COUNT(*) AS many FROM ({ids} NOT ({CROSSES})) AS r", params
        ).to_pylist()[0]["many"]
        crossing = self._books.engine.query(f"{ids} ({CROSSES})", params).to_pylist()
        return inside, {charge_id(row) for row in crossing}

    def _row(self, row: Mapping[str, Any]) -> BillRow:
        words = [str(row[name]) for name in TOLD if row[name]]
        return BillRow(
            charge=charge_id(row),
            file=self._file(row["delivery_id"], row["file_no"]),
            row_no=row["row_no"],
            description=" · ".join(dict.fromkeys(words)),
            cost=row["cost"],
            whole=row["whole"],
            share=day_share(row["charge_period_start"], row["charge_period_end"], row["day"]),
        )

    def _file(self, delivery_id: int, file_no: int) -> str:
        if delivery_id not in self._files:
            files = files_of(self._books.control, delivery_id)
            self._files[delivery_id] = {file.file_no: file.origin for file in files}
        return self._files[delivery_id].get(file_no, f"file {file_no}")

    def _find(self, shape: Shape) -> None:
        days = [date.fromisoformat(key[0]) for key in self._numbers]
        if not days:
            days = [shape.month]
        span = Period(min(days), max(days) + timedelta(days=1))
        _hand_over_keys(self._books, shape, self._numbers)
        record = shape.definition.record
        params: dict[str, Parameter] = {
            "start": span.start,
            "end": span.end,
            "month": shape.month,
            **record.parameters,
        }
        daily = daily_rows(self._books, LOOK, params, shape.used)
        same = ["m.month = $month", "m.source = r.source"]
        same += [f"m.{quoted(name)} = r.{quoted(name)}" for name in shape.used]
        keyed = [f"k.{name} = {_kept(name)}" for name in shape.key]
        columns = ", ".join(f"r.{name}" for name in (*ROW, "day", *SPAN, *TOLD))
        self._books.engine.keep(
            FOUND,
            f"SELECT k.key_no, {columns}, {record.sql('r.')} AS cost, "
            f"{record.pick('r.source', f'r.full_{record.default}', f'r.full_{record.other}')} "
            f"AS whole FROM ({daily}) AS r "
            f"JOIN dimension_map AS m ON {' AND '.join(same)} "
            f"JOIN {KEYS} AS k ON {' AND '.join(keyed)}",
            params,
        )


def _kept(name: str) -> str:
    """Give a charge's part of the key, as it was when the charge came to rest."""
    if name == "rule" or not name.startswith("dim_"):
        place = {
            "rule": "m.rule",
            "source": "m.source",
            "charge_category": kept_category_sql("r."),
        }
        return place.get(name, f"r.{name}")
    if name != "dim_customer":
        return f"m.{quoted(name)}"
    nobody = f"m.rule = {NO_RULE} AND m.dim_customer IN ({NOBODY})"
    return f"CASE WHEN {nobody} THEN '{UNALLOCATED}' ELSE m.dim_customer END"


def _hand_over_keys(books: Books, shape: Shape, numbers: Mapping[Key, int]) -> None:
    columns: Columns = {
        name: [_typed(name, key[place]) for key in numbers] for place, name in enumerate(shape.key)
    }
    columns["key_no"] = list(numbers.values())
    texts = (name for name in shape.key if name not in {"day", "rule"})
    kinds = text_schema(texts, day=pa.date32(), rule=pa.int32(), key_no=pa.int64())
    handed_over(books.engine, KEYS, {name: columns[name] for name in kinds.names}, kinds)


def _typed(name: str, text: str) -> object:
    readers: dict[str, Callable[[str], object]] = {"day": date.fromisoformat, "rule": int}
    return readers.get(name, str)(text)


def daily_rows(
    books: Books, which: str, params: Mapping[str, Parameter], used: Sequence[str]
) -> str:
    """Select charges row by row and day by day, as the daily roll-up adds them up.

    Gives the row's id, `day`, `currency`, the `used` columns and CATEGORY ('' for NULL), what
    tells people which row it is, its period, the four costs of the day, and those of the whole
    row as full_….
    """
    names = dict.fromkeys((*used, *CATEGORY, *TOLD))
    words = ", ".join(f"COALESCE({quoted(name)}, '') AS {quoted(name)}" for name in names)
    full = ", ".join(f"{name} AS full_{name}" for name in COST_COLUMNS)
    row, costs = ", ".join((*ROW, *SPAN)), f"{', '.join(COST_COLUMNS)}, {full}"
    short = (
        f"SELECT {row}, {FIRST_DAY} AS day, billing_currency AS currency, {words}, {costs} "
        f"FROM charges WHERE {which} AND {ONE_DAY}"
    )
    spans = books.engine.query(
        f"SELECT MIN({FIRST_DAY}) AS first, MAX({LAST_DAY}) AS last FROM charges "
        f"WHERE {which} AND NOT ({ONE_DAY})",
        params,
    ).to_pylist()[0]
    if spans["first"] is None:
        return short
    offer_calendar(
        books.engine, Period(spans["first"], spans["last"] + timedelta(days=1)).each_day()
    )
    keep = (*ROW, *SPAN, "currency", *names, *FULL)
    longer = (
        f"(SELECT {row}, billing_currency AS currency, {words}, {costs} "
        f"FROM charges WHERE {which} AND NOT ({ONE_DAY})) AS longer"
    )
    told = (quoted(name) for name in names)
    columns = ", ".join((*ROW, *SPAN, "day", "currency", *told, *COST_COLUMNS, *FULL))
    return (
        f"SELECT {columns} FROM ({short}) AS a "
        f"UNION ALL SELECT {columns} FROM ({spread(longer, keep)}) AS b"
    )
