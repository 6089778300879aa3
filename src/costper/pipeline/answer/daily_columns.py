"""Day totals of a period by one key, as columns of whole numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from costper.model.answer import Absent
from costper.model.money import EXACT, MONEY_SCALE, RATE_SCALE
from costper.model.names import quoted
from costper.model.sheet import Whole
from costper.pipeline.answer.costs import Amount, daily_by, series
from costper.pipeline.answer.frame import NO_DATA, Frame, in_days
from costper.pipeline.answer.select import Bound, Select, record_sql
from costper.pipeline.answer.whole import whole


@dataclass(frozen=True, slots=True)
class DailyColumns:
    """For each name its cost on every day of the period, in units of 10^-places.

    Zero where the books have the day, null where they do not.
    """

    places: int
    by_name: dict[str, list[Whole]]


def all_days(frame: Frame) -> DailyColumns:
    """Give the day totals of everything, under no name; the ground has them."""
    costs = {day: frame.ground.costs[day][0] for day in frame.charged_days}
    return _converted({"": series(frame, costs)})


def daily_columns(frame: Frame, table: str, key: str) -> DailyColumns:
    """Sum a mart's cost of record by day and one of its columns."""
    if frame.currencies <= {frame.rates.home}:
        return DailyColumns(MONEY_SCALE, _at_home(frame, table, key))
    return converted_days(frame, daily_by(frame, table, (key,), (), Bound()))


def converted_days(
    frame: Frame, daily: Mapping[tuple[str, ...], dict[date, Amount]]
) -> DailyColumns:
    """Line up the days of names that are already in the home currency."""
    return _converted({name: series(frame, days) for (name,), days in daily.items()})


def _converted(found: Mapping[str, Iterable[Amount]]) -> DailyColumns:
    scale = MONEY_SCALE + RATE_SCALE
    return DailyColumns(
        scale,
        {
            name: [
                one if isinstance(one, Absent) else int(EXACT.scaleb(one, scale)) for one in amounts
            ]
            for name, amounts in found.items()
        },
    )


def _at_home(frame: Frame, table: str, key: str) -> dict[str, list[Whole]]:
    bound = Bound()
    first = bound.bind(frame.period.start)
    select = Select(
        columns={
            "name": quoted(key),
            "at": f"day - {first}",
            "cost": f"sum({record_sql(frame.books.settings, bound)})",
        },
        table=table,
        where=(*in_days(frame.period, bound), f"currency = {bound.bind(frame.rates.home)}"),
        group=("name", "at"),
    )
    rows: pa.Table = frame.books.marts.query(select.text(), bound.values)
    names: list[Any] = rows.column("name").to_pylist()
    places: list[Any] = rows.column("at").to_pylist()
    nothing: list[Any] = [
        0 if day in frame.data_days else NO_DATA for day in frame.period.each_day()
    ]
    found: dict[str, list[Whole]] = {name: [*nothing] for name in dict.fromkeys(names)}
    for name, place, cost in zip(names, places, whole(rows, "cost"), strict=True):
        found[name][place] = cost
    return found
