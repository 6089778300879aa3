"""Costs of both periods by any keys: one grouped query, currencies joined exactly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import repeat
from typing import Any, NamedTuple

import pyarrow as pa

from costper.economics.currency import Rates, converted, plus, sum_of
from costper.model.answer import Absent, Cell
from costper.model.names import quoted
from costper.model.period import Period
from costper.pipeline.answer.frame import Frame, in_days
from costper.pipeline.answer.select import Bound, Select, record_sql

ZERO = Decimal(0)
Key = tuple[str, ...]
Amount = Decimal | Absent
AMOUNTS = ("cost", "previous", "effective_cost", "billed_cost", "ahead")


class Costs(NamedTuple):
    """Costs of one key: of record in both periods, effective and billed in the current one.

    `ahead` is what of the cost is spread over days that no bill covers yet.

    A named tuple: thousands are made for one answer, and a frozen dataclass takes four times
    as long.
    """

    cost: Amount = ZERO
    previous: Amount = ZERO
    effective_cost: Amount = ZERO
    billed_cost: Amount = ZERO
    ahead: Amount = ZERO

    def plus(self, other: Costs) -> Costs:
        """Add exactly, column by column."""
        return Costs(
            plus(self.cost, other.cost),
            plus(self.previous, other.previous),
            plus(self.effective_cost, other.effective_cost),
            plus(self.billed_cost, other.billed_cost),
            plus(self.ahead, other.ahead),
        )

    def cells(self, frame: Frame) -> dict[str, Cell]:
        """Write them as cells of a row, with the trend between them."""
        return {
            "cost": frame.held(self.cost),
            "effective_cost": frame.held(self.effective_cost),
            "billed_cost": frame.held(self.billed_cost),
            "previous_cost": frame.before(self.previous),
            "trend_percent": frame.trend(frame.held(self.cost), self.previous),
        }


NOTHING = Costs()


def added(many: Iterable[Costs]) -> Costs:
    """Add up many, exactly; a column with a missing part is missing."""
    return Costs(*map(sum_of, zip(*many, strict=True)))


def costs_by(
    frame: Frame, table: str, keys: Sequence[str], where: Sequence[str], bound: Bound
) -> dict[Key, Costs]:
    """Sum a mart by some of its columns over both periods of the frame.

    `keys` are column names of `table`, `where` conditions whose values are in `bound`. Rows of
    the home currency are summed by the engine; others come back by day, for their day's rate.
    """
    found: dict[Key, Costs] = {}
    for key, costs in _read(frame, _select(frame, table, keys, where, bound), bound):
        before = found.get(key)
        found[key] = costs if before is None else before.plus(costs)
    return found


def costs_by_day(
    frame: Frame, table: str, key: str, where: Sequence[str], bound: Bound
) -> dict[tuple[str, date], Costs]:
    """Sum a mart by one of its columns and by day, over both periods of the frame."""
    found: dict[tuple[str, date], Costs] = {}
    for (name, day), costs in _read(
        frame, _select(frame, table, (key, "day"), where, bound), bound
    ):
        before = found.get((name, day))
        found[name, day] = costs if before is None else before.plus(costs)
    return found


def _read(frame: Frame, select: Select, bound: Bound) -> Iterator[tuple[tuple[Any, ...], Costs]]:
    """Give each row's keys and costs, in the home currency."""
    rows = frame.books.marts.query(select.text(), bound.values)
    keys = select.group[:-2]
    names = [name for name in AMOUNTS if name in rows.column_names]
    amounts = zip(*(decimals(rows, name) for name in names), strict=True)
    labels = zip(*(rows.column(name).to_pylist() for name in keys), strict=True)
    currencies: list[Any] = rows.column("currency").to_pylist()
    days: list[Any] = rows.column("foreign_day").to_pylist()
    home = frame.rates.home
    for key, costs, currency, day in zip(
        labels if keys else repeat(()), amounts, currencies, days, strict=bool(keys)
    ):
        plain = Costs(*costs)
        yield key, plain if currency == home else _in_home(plain, currency, day, frame.rates)


def decimals(rows: pa.Table, name: str) -> list[Any]:
    """Give a column of amounts or None; by way of text, twice as quick as to_pylist."""
    column = rows.column(name)
    texts: list[Any] = column.cast(pa.string()).to_pylist()
    if not column.null_count:
        return list(map(Decimal, texts))
    return [None if text is None else Decimal(text) for text in texts]


def _select(
    frame: Frame, table: str, keys: Sequence[str], where: Sequence[str], bound: Bound
) -> Select:
    record = record_sql(frame.books.settings, bound)
    start = bound.bind(frame.period.start)
    home = bound.bind(frame.rates.home)
    return Select(
        columns={
            **{key: quoted(key) for key in keys},
            "currency": "currency",
            "foreign_day": f"CASE WHEN currency = {home} THEN NULL ELSE day END",
            "cost": within(record, start),
            "previous": f"sum(CASE WHEN day < {start} THEN {record} ELSE 0 END)",
            "effective_cost": within("effective_cost", start),
            "billed_cost": within("billed_cost", start),
            **ahead_of(frame, record, bound),
        },
        table=table,
        where=(*in_days(frame.span, bound), *where),
        group=(*keys, "currency", "foreign_day"),
    )


def ahead_of(frame: Frame, record: str, bound: Bound) -> dict[str, str]:
    """Sum what is spread over days no bill covers yet, where anything is."""
    first = frame.ahead
    return {} if first is None else {"ahead": within(record, bound.bind(first))}


def within(cost: str, start: str) -> str:
    """Sum a cost from a day on."""
    return f"sum(CASE WHEN day >= {start} THEN {cost} ELSE 0 END)"


def _in_home(costs: Costs, currency: str, day: date, rates: Rates) -> Costs:
    return Costs(
        *(
            amount if isinstance(amount, Absent) else converted(amount, currency, day, rates)
            for amount in costs
        )
    )


def whole_costs(frame: Frame) -> Costs:
    """Give all costs of both periods: no question narrows them, so the ground has them."""
    held, first = frame.ground.costs, frame.ahead
    current = [held[day] for day in frame.charged_days if frame.period.holds(day)]
    before = [held[day] for day in frame.charged_days if frame.previous.holds(day)]
    return Costs(
        cost=sum_of([day[0] for day in current]),
        previous=sum_of([day[0] for day in before]),
        effective_cost=sum_of([day[1] for day in current]),
        billed_cost=sum_of([day[2] for day in current]),
        ahead=sum_of([held[day][0] for day in frame.charged_days if first and day >= first]),
    )


def daily_by(
    frame: Frame, table: str, keys: Sequence[str], where: Sequence[str], bound: Bound
) -> dict[Key, dict[date, Amount]]:
    """Sum a mart's cost of record by day and some of its columns, over the current period."""
    return daily_in(frame, frame.period, table, keys, where, bound)


def daily_in(
    frame: Frame,
    period: Period,
    table: str,
    keys: Sequence[str],
    where: Sequence[str],
    bound: Bound,
) -> dict[Key, dict[date, Amount]]:
    """Sum a mart's cost of record by day and some of its columns, over any period."""
    record = record_sql(frame.books.settings, bound)
    select = Select(
        columns={
            **{key: quoted(key) for key in keys},
            "day": "day",
            "currency": "currency",
            "cost": f"sum({record})",
        },
        table=table,
        where=(*in_days(period, bound), *where),
        group=(*keys, "day", "currency"),
    )
    rows = frame.books.marts.query(select.text(), bound.values)
    columns = [rows.column(name).to_pylist() for name in ("day", "currency", "cost", *keys)]
    found: dict[Key, dict[date, Amount]] = {}
    for day, currency, cost, *key in zip(*columns, strict=True):
        days = found.setdefault(tuple(key), {})
        amount = converted(cost, currency, day, frame.rates)
        days[day] = plus(days.get(day, ZERO), amount)
    return found


def series(frame: Frame, days: dict[date, Amount]) -> tuple[Amount, ...]:
    """Line up day totals: zero where the books have the day, null where they do not."""
    missing = Absent("no_data")
    return tuple(
        days.get(day, ZERO) if day in frame.data_days else days.get(day, missing)
        for day in frame.period.each_day()
    )
