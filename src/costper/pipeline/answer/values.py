"""What does each team, service, environment or other dimension's value cost?"""

from __future__ import annotations

from costper.economics.margin import margin
from costper.economics.trend import ZERO_DENOMINATOR, percent_of, share_of
from costper.errors import UnknownNameError
from costper.model.answer import Absent, Answer, Cell, Row
from costper.pipeline.answer.costs import Amount, Costs, added, costs_by, daily_by, series
from costper.pipeline.answer.customers import daily_average, margin_cells
from costper.pipeline.answer.depth import size
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.payers import Payers, payers
from costper.pipeline.answer.select import Bound
from costper.pipeline.answer.units import request_gaps_by, unit_cells, units_by
from costper.pipeline.answer.unpriced import priced, unpriced_by, unpriced_issues
from costper.pipeline.answer.unsaid import refuse_plan

MART = "dimension_daily"


def values(frame: Frame, noun: str) -> Answer:
    """Rank the values of a dimension, dearest first; (untagged) is a row like any other."""
    column = mart_column(frame, noun)
    found = costs_by(frame, MART, (column,), (), Bound())
    daily = daily_by(frame, MART, (column,), (), Bound())
    units = units_by(frame, (noun,))
    whole = added(found.values())
    ordered = sorted(found.items(), key=lambda item: (-size(item[1].cost), item[0]))
    rows = tuple(
        {
            noun: name,
            **costs.cells(frame),
            "share_percent": share_of(costs.cost, whole.cost, ZERO_DENOMINATOR),
            "daily_average": daily_average(frame, costs),
            **unit_cells(frame.held(costs.cost), units, (name,)),
            "daily": series(frame, daily.get((name,), {})),
        }
        for (name,), costs in ordered
    )
    paying = payers(frame)
    lacking = unpriced_by(frame)
    told = unpriced_issues(lacking)
    issues = (*paying.issues(), *told, *request_gaps_by(frame, noun))
    total = _total(frame, priced(whole, sum(lacking.values())), paying)
    return frame.answer({"noun": noun}, rows, total, issues)


def mart_column(frame: Frame, noun: str) -> str:
    """Name the column a dimension has in the roll-up; UnknownNameError where it has none.

    UserError: it is the plan, which only customers have.
    """
    names = [name for name in frame.books.settings.dimension_names if name != "customer"]
    if noun not in names:
        raise UnknownNameError("dimension", noun, names)
    refuse_plan(frame, (noun,))
    return f"dim_{noun}"


def cost_of_revenue(cost: Amount, revenue: Amount) -> Cell:
    """Give cost as a share of all revenue in percent; null without revenue."""
    if isinstance(cost, Absent):
        return cost
    if isinstance(revenue, Absent):
        return revenue
    return percent_of(cost, revenue) if revenue > 0 else Absent("no_revenue")


def _total(frame: Frame, whole: Costs, paying: Payers) -> Row:
    revenue = paying.all_revenue()
    return {
        **whole.cells(frame),
        **margin_cells(revenue, margin(revenue, whole.cost)),
        "daily_average": daily_average(frame, whole),
    }
