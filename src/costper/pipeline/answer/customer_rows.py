"""The rows of all customers, ranked, as columns: thousands of them in one answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from costper.economics.lists import (
    RATIO_PLACES,
    all_changed,
    all_divided,
    all_left,
    all_left_percent,
    all_places,
    scale_of,
)
from costper.model.answer import Absent
from costper.model.money import POSTING_SCALE, QUANTITY_SCALE
from costper.model.sheet import Amounts, Column, Sheet, Whole
from costper.pipeline.answer.cost_columns import CostColumns
from costper.pipeline.answer.frame import NO_DATA, PREVIOUS_INCOMPLETE, Frame
from costper.pipeline.answer.payers import UNKNOWN, Payers
from costper.pipeline.answer.units import NO_USAGE, whole_units_by

Used = Mapping[str, int] | Absent


@dataclass(frozen=True, slots=True)
class _Lines:
    """One place for each customer: money in units of 10^-places, use of 10^-6."""

    places: int
    names: list[str]
    cost: list[Whole]
    previous: list[Whole]
    effective: list[Whole]
    billed: list[Whole]
    revenue: list[Whole]
    used: list[Whole]
    margin: list[Whole]

    def ranked(self) -> _Lines:
        """Put loss makers first."""
        keys = all_places(self.margin, self.revenue, self.cost, self.names)
        order = sorted(range(len(keys)), key=keys.__getitem__)
        cost = [self.cost[at] for at in order]
        return _Lines(
            self.places,
            [self.names[at] for at in order],
            cost=cost,
            previous=[self.previous[at] for at in order],
            effective=_taken(self.effective, order, self.cost, cost),
            billed=_taken(self.billed, order, self.cost, cost),
            revenue=[self.revenue[at] for at in order],
            used=[self.used[at] for at in order],
            margin=[self.margin[at] for at in order],
        )


def _taken(
    column: list[Whole], order: Sequence[int], cost: list[Whole], taken: list[Whole]
) -> list[Whole]:
    """Give a column in this order; one that is the cost stays the cost, and is written once."""
    return taken if column is cost else [column[at] for at in order]


def used_by_customer(frame: Frame) -> Used:
    """Sum the requests of each customer, in units of 10^-6."""
    found = whole_units_by(frame, ("customer",))
    return found if isinstance(found, Absent) else {name: used for (name,), used in found.items()}


def ranked(frame: Frame, found: CostColumns, paying: Payers, used: Used) -> Sheet:
    """Rank customers that cost or paid, loss makers first."""
    return Sheet(_columns(frame, _lines(found, paying, used).ranked(), paying, used))


def _lines(found: CostColumns, paying: Payers, used: Used) -> _Lines:
    own = found.payers
    names = [found.names[at] for at in own]
    names += sorted({name for name, one in paying.whole.items() if one}.difference(names))
    costless: list[Whole] = [0] * (len(names) - len(own))
    cost: list[Whole] = [*(found.cost[at] for at in own), *costless]

    def taken(column: list[Whole]) -> list[Whole]:
        if column is found.cost:
            return cost
        return [*(column[at] for at in own), *costless]

    wider = 10 ** (found.places - POSTING_SCALE)
    paid = paying.whole_revenues(names)
    revenue = [one if isinstance(one, Absent) else one * wider for one in paid]
    return _Lines(
        found.places,
        names,
        cost=cost,
        previous=taken(found.previous),
        effective=taken(found.effective_cost),
        billed=taken(found.billed_cost),
        revenue=revenue,
        used=[used] * len(names)
        if isinstance(used, Absent)
        else [used.get(name, NO_USAGE) for name in names],
        margin=all_left(revenue, cost),
    )


def _columns(frame: Frame, lines: _Lines, paying: Payers, used: Used) -> dict[str, Column]:
    payers = [paying.known.get(name, UNKNOWN) for name in lines.names]
    previous: list[Whole] = (
        lines.previous if frame.previous_whole else [PREVIOUS_INCOMPLETE] * len(lines.names)
    )
    percents = all_left_percent(lines.margin, lines.revenue, lines.cost)
    return {
        "customer": lines.names,
        "name": [name for name, _, _ in payers],
        "plan": [plan for _, _, plan in payers],
        "status": [status for _, status, _ in payers],
        "cost": Amounts(lines.cost, lines.places),
        "effective_cost": Amounts(lines.effective, lines.places),
        "billed_cost": Amounts(lines.billed, lines.places),
        "previous_cost": Amounts(previous, lines.places),
        "trend_percent": Amounts(all_changed(lines.cost, previous), 1),
        "revenue": Amounts(lines.revenue, lines.places),
        "margin": Amounts(lines.margin, lines.places),
        "margin_percent": Amounts(percents, 1),
        "daily_average": Amounts(_averages(frame, lines), RATIO_PLACES),
        "requests": Amounts(lines.used, QUANTITY_SCALE),
        "cost_per_request": Amounts(_each(lines, used), RATIO_PLACES),
    }


def _averages(frame: Frame, lines: _Lines) -> list[Whole]:
    days = frame.days_with_data
    if not days:
        return [NO_DATA] * len(lines.cost)
    return all_divided(lines.cost, [days] * len(lines.cost), scale_of(lines.places, 0))


def _each(lines: _Lines, used: Used) -> list[Whole]:
    if isinstance(used, Absent):
        return lines.used
    return all_divided(lines.cost, lines.used, scale_of(lines.places, QUANTITY_SCALE))
