"""What one value of a dimension costs, in depth: its parts, its movers and its days."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from costper.economics.calls import UNPRICED
from costper.economics.currency import sum_of
from costper.economics.trend import ZERO_DENOMINATOR, share_of
from costper.model.answer import Absent, Row
from costper.model.money import EXACT
from costper.model.names import quoted
from costper.pipeline.answer.costs import (
    Amount,
    Costs,
    Key,
    added,
    costs_by,
    costs_by_day,
    series,
)
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.select import Bound
from costper.pipeline.answer.units import unit_cells

DRIVERS = 5


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of a mart a question is about: rows where `column` is `value`."""

    table: str
    column: str
    value: str

    def where(self, bound: Bound) -> tuple[str, ...]:
        """Write its condition."""
        return (f"{quoted(self.column)} = {bound.bind(self.value)}",)


def parts_of(frame: Frame, part: Slice, by: str) -> dict[Key, Costs]:
    """Break a slice down by another column of its mart."""
    bound = Bound()
    return costs_by(frame, part.table, (by,), part.where(bound), bound)


@dataclass(frozen=True, slots=True)
class Reading:
    """A slice by another column: each part's costs, all of it, and its day totals."""

    parts: dict[Key, Costs]
    whole: Costs
    days: tuple[Amount, ...]


def read(frame: Frame, part: Slice, by: str) -> Reading:
    """Read parts and days of a slice in one query."""
    bound = Bound()
    found = costs_by_day(frame, part.table, by, part.where(bound), bound)
    by_part: dict[Key, list[Costs]] = {}
    by_day: dict[date, list[Amount]] = {}
    for (name, day), costs in found.items():
        by_part.setdefault((name,), []).append(costs)
        by_day.setdefault(day, []).append(costs.cost)
    parts = {key: added(many) for key, many in by_part.items()}
    days = {day: sum_of(many) for day, many in by_day.items()}
    return Reading(parts, added(parts.values()), series(frame, days))


def breakdown(
    frame: Frame,
    noun: str,
    parts: Mapping[Key, Costs],
    whole: Costs,
    units: dict[Key, Decimal] | Absent | None = None,
) -> tuple[Row, ...]:
    """Write parts as rows, dearest first; they add up to the whole."""
    ordered = sorted(parts.items(), key=lambda item: (-size(item[1].cost), item[0]))
    return tuple(
        {
            noun: key[0],
            **costs.cells(frame),
            "share_percent": share_of(costs.cost, whole.cost, ZERO_DENOMINATOR),
            **({} if units is None else unit_cells(costs.cost, units, key)),
        }
        for key, costs in ordered
    )


def movers(frame: Frame, noun: str, parts: Mapping[Key, Costs]) -> tuple[Row, ...]:
    """Name the parts that moved most since the previous period, either way."""
    moved = [(change(frame, costs), key[0], costs) for key, costs in parts.items()]
    known = [(by, name, costs) for by, name, costs in moved if isinstance(by, Decimal) and by]
    known.sort(key=lambda item: (-abs(item[0]), item[1]))
    return tuple(
        {
            noun: name,
            "change": by,
            "cost": costs.cost,
            "previous_cost": costs.previous,
            "trend_percent": frame.trend(costs.cost, costs.previous),
        }
        for by, name, costs in known[:DRIVERS]
    )


def change(frame: Frame, costs: Costs) -> Amount:
    """Subtract the previous period from the current one."""
    before = frame.compared(costs.previous)
    if isinstance(costs.cost, Absent):
        return costs.cost
    if isinstance(before, Absent):
        return before
    return EXACT.subtract(costs.cost, before)


def day_rows(
    frame: Frame, totals: Sequence[Amount], lacking: Collection[date] = ()
) -> tuple[Row, ...]:
    """Pair day totals with their days; no cost but calls nobody priced, on `lacking`, is null."""
    return tuple(
        {"day": day, "cost": UNPRICED if day in lacking and cost == 0 else cost}
        for day, cost in zip(frame.period.each_day(), totals, strict=True)
    )


def size(cost: Amount) -> Decimal:
    """Give an amount to sort by; what does not exist sorts as zero."""
    return cost if isinstance(cost, Decimal) else Decimal(0)
