"""The rows of all customers, ranked, as columns: thousands of them in one answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import repeat

from costper.economics.calls import UNPRICED
from costper.economics.lists import (
    RATIO_PLACES,
    all_changed,
    all_divided,
    all_left,
    all_left_percent,
    ordered,
    scale_of,
)
from costper.model.answer import Absent
from costper.model.money import POSTING_SCALE, QUANTITY_SCALE
from costper.model.sheet import Amounts, Column, Sheet, Whole
from costper.pipeline.answer.cost_columns import CostColumns
from costper.pipeline.answer.frame import NO_DATA, NOT_SETTLED, PREVIOUS_INCOMPLETE, Frame
from costper.pipeline.answer.payers import UNKNOWN, Payers
from costper.pipeline.answer.units import NO_USAGE, whole_units_by
from costper.pipeline.answer.unsaid import plan_words

Used = Mapping[str, int] | Absent


@dataclass(frozen=True, slots=True)
class _Lines:
    """One place for each customer: money in units of 10^-places, use of 10^-6."""

    costs: CostColumns
    revenue: list[Whole]
    used: list[Whole]
    margin: list[Whole]

    def ranked(self) -> _Lines:
        """Put loss makers first."""
        order = ordered(self.margin, self.revenue, self.costs.cost, self.costs.names)
        return _Lines(
            self.costs.taken(order),
            revenue=[*map(self.revenue.__getitem__, order)],
            used=[*map(self.used.__getitem__, order)],
            margin=[*map(self.margin.__getitem__, order)],
        )

    def without_cost(self) -> _Lines:
        """Take costs for not known: the books hold none of these days."""
        nothing: list[Whole] = [NO_DATA] * len(self.costs.names)
        costs = replace(self.costs, cost=nothing, effective_cost=nothing, billed_cost=nothing)
        return replace(self, costs=costs)


def used_by_customer(frame: Frame) -> Used:
    """Sum the requests of each customer, in units of 10^-6."""
    found = whole_units_by(frame, ("customer",))
    return found if isinstance(found, Absent) else {name: used for (name,), used in found.items()}


def ranked(
    frame: Frame,
    theirs: CostColumns,
    paying: Payers,
    used: Used,
    lacking: Collection[str] = (),
) -> Sheet:
    """Rank customers that cost or paid, loss makers first; `theirs` is what customers cost.

    `lacking` are those with calls nobody priced: no cost but theirs is not known, never zero.
    """
    lines = _lines(theirs, paying, used, lacking).ranked()
    return Sheet(_columns(frame, lines.without_cost() if frame.unheld else lines, paying, used))


def _lines(theirs: CostColumns, paying: Payers, used: Used, lacking: Collection[str]) -> _Lines:
    paid = {name for name, one in paying.whole.items() if one}.union(lacking)
    if costless := sorted(paid.difference(theirs.names)):
        theirs = theirs.taken(range(len(theirs.names)), costless)
    if lacking:
        theirs = theirs.without(lacking, UNPRICED)
    wider = 10 ** (theirs.places - POSTING_SCALE)
    revenue = paying.whole_revenues(theirs.names)
    if wider > 1:
        revenue = [one if isinstance(one, Absent) else one * wider for one in revenue]
    return _Lines(
        theirs,
        revenue=revenue,
        used=[used] * len(theirs.names)
        if isinstance(used, Absent)
        else [*map(used.get, theirs.names, repeat(NO_USAGE))],
        margin=all_left(revenue, theirs.cost),
    )


def _columns(frame: Frame, lines: _Lines, paying: Payers, used: Used) -> dict[str, Column]:
    costs = lines.costs
    payers = [*map(paying.known.get, costs.names, repeat(UNKNOWN))]
    previous: list[Whole] = (
        costs.previous if frame.previous_whole else [PREVIOUS_INCOMPLETE] * len(costs.names)
    )
    trend = costs.cost if frame.unheld else all_changed(costs.cost, _compared(frame, previous))
    percents = all_left_percent(lines.margin, lines.revenue, costs.cost)
    return {
        "customer": costs.names,
        "name": [one.name for one in payers],
        "plan": plan_words(frame, [one.plan for one in payers]),
        "status": [one.status for one in payers],
        "cost": Amounts(costs.cost, costs.places),
        "effective_cost": Amounts(costs.effective_cost, costs.places),
        "billed_cost": Amounts(costs.billed_cost, costs.places),
        "previous_cost": Amounts(previous, costs.places),
        "trend_percent": Amounts(trend, 1),
        "revenue": Amounts(lines.revenue, costs.places),
        "margin": Amounts(lines.margin, costs.places),
        "margin_percent": Amounts(percents, 1),
        "daily_average": Amounts(_averages(frame, costs), RATIO_PLACES),
        "requests": Amounts(lines.used, QUANTITY_SCALE),
        "cost_per_request": Amounts(_each(lines, used), RATIO_PLACES),
    }


def _compared(frame: Frame, previous: list[Whole]) -> list[Whole]:
    if not frame.unsettled or not frame.previous_whole:
        return previous
    return [NOT_SETTLED] * len(previous)


def _averages(frame: Frame, costs: CostColumns) -> list[Whole]:
    days = frame.days_with_data
    if not days:
        return [NO_DATA] * len(costs.cost)
    over = costs.cost if frame.ahead is None else all_left(costs.cost, costs.ahead)
    return all_divided(over, [days] * len(over), scale_of(costs.places, 0))


def _each(lines: _Lines, used: Used) -> list[Whole]:
    if isinstance(used, Absent):
        return lines.used
    return all_divided(lines.costs.cost, lines.used, scale_of(lines.costs.places, QUANTITY_SCALE))
