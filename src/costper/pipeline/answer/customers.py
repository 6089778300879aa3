"""What does each customer cost, and what does each leave?"""

from __future__ import annotations

from decimal import Decimal
from operator import itemgetter

from costper.economics.margin import Margin, margin, rank
from costper.economics.trend import ratio
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.money import total as total_of
from costper.model.outcome import Issue
from costper.pipeline.answer.costs import NOTHING, ZERO, Amount, Costs, Key, added, costs_by
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.payers import NO_RECORD, Payer, Payers, payers
from costper.pipeline.answer.select import Bound
from costper.pipeline.answer.units import (
    NO_USAGE,
    amount_cells,
    is_payer,
    unit_cells,
    units_by,
)

UNKNOWN = Payer()
Place = tuple[int, Decimal, str]


def customers(frame: Frame) -> Answer:
    """Rank all customers, loss makers first: one query for cost, one for revenue, one for use.

    What belongs to no customer is not a row: it is in the total's `not_customers`, and by
    reason in the envelope, so that rows + not_customers = total. All of the total is of all
    cost, but for `customers_cost` and `cost_per_customer`.
    """
    found = costs_by(frame, "customer_daily", ("customer",), (), Bound())
    paying = payers(frame)
    units = units_by(frame, ("customer",))
    names = {name for (name,) in found if is_payer(name)} | _shown(paying)
    ranked = [_ranked(name, found.get((name,), NOTHING), paying, units, frame) for name in names]
    ranked.sort(key=itemgetter(0))
    total = _total(frame, found, [row for _, row in ranked], paying, units)
    rows = tuple(row for _, row in ranked)
    issues = (*_issues(found, paying), *_nobody(found, rows))
    return frame.answer({"noun": "customers"}, rows, total, issues)


def _nobody(found: dict[Key, Costs], rows: tuple[Row, ...]) -> tuple[Issue, ...]:
    """Say why there is no row, where there is cost."""
    if rows or not found:
        return ()
    return (
        Issue(
            code="no_customer_named",
            message="no cost of these days belongs to a customer, and no customer paid",
            severity="warning",
            where="customers",
            hint="see `costper check` for what leaves it without a customer",
        ),
    )


def _shown(paying: Payers) -> set[str]:
    """Name the customers that paid; others only show when they cost."""
    return {name for name, revenue in paying.current.items() if revenue}


def _ranked(
    name: str, costs: Costs, paying: Payers, units: dict[Key, Decimal] | Absent, frame: Frame
) -> tuple[Place, Row]:
    revenue = paying.revenue(name)
    left = margin(revenue, costs.cost)
    payer = paying.known.get(name, UNKNOWN)
    row: dict[str, Cell] = {
        "customer": name,
        "name": payer.name,
        "plan": payer.plan,
        "status": payer.status,
        **costs.cells(frame),
        **margin_cells(revenue, left),
        "daily_average": daily_average(frame, costs.cost),
        **unit_cells(costs.cost, units, (name,)),
    }
    return rank(left, costs.cost, name), row


def margin_cells(revenue: Amount, left: Margin) -> dict[str, Cell]:
    """Write revenue and margin as cells."""
    return {"revenue": revenue, "margin": left.amount, "margin_percent": left.percent}


def daily_average(frame: Frame, cost: Amount) -> Amount:
    """Divide by the days with data: the average of day totals, never of rows."""
    days = frame.days_with_data
    return ratio(cost, Decimal(days)) if days else Absent("no_data")


def _total(
    frame: Frame,
    found: dict[Key, Costs],
    rows: list[Row],
    paying: Payers,
    units: dict[Key, Decimal] | Absent,
) -> Row:
    everything = added(found.values())
    theirs = added([costs for (name,), costs in found.items() if is_payer(name)])
    rest = {name: costs for (name,), costs in found.items() if not is_payer(name)}
    revenue = paying.all_revenue()
    margins = [row["margin"] for row in rows]
    return {
        "customers": len(rows),
        "loss_makers": sum(isinstance(one, Decimal) and one < 0 for one in margins),
        **everything.cells(frame),
        "customers_cost": theirs.cost,
        "not_customers": rest_of(frame, rest, paying),
        **margin_cells(revenue, margin(revenue, everything.cost)),
        "daily_average": daily_average(frame, everything.cost),
        "cost_per_customer": ratio(theirs.cost, Decimal(_with_cost(found))),
        **amount_cells(everything.cost, _used(units)),
    }


def rest_of(frame: Frame, rest: dict[str, Costs], paying: Payers) -> tuple[Row, ...]:
    """Write what belongs to no customer, one row a name such as (unallocated).

    Its margin is its cost, lost: so that margins add up to the total's too.
    """
    nothing = ZERO if paying.known else NO_RECORD
    return tuple(
        {
            "customer": name,
            "cost": costs.cost,
            "previous_cost": frame.before(costs.previous),
            "margin": margin(nothing, costs.cost).amount,
        }
        for name, costs in sorted(rest.items())
    )


def _with_cost(found: dict[Key, Costs]) -> int:
    return sum(is_payer(name) and costs.cost != ZERO for (name,), costs in found.items())


def _used(units: dict[Key, Decimal] | Absent) -> Amount:
    if isinstance(units, Absent):
        return units
    return total_of(list(units.values())) if units else NO_USAGE


def _issues(found: dict[Key, Costs], paying: Payers) -> tuple[Issue, ...]:
    unknown = sorted(name for (name,) in found if is_payer(name) and name not in paying.known)
    if not unknown:
        return paying.issues()
    first = ", ".join(unknown[:3])
    return (
        *paying.issues(),
        Issue(
            code="no_customer_record",
            message=f"customers with cost but no record, such as {first}: no margin for them",
            severity="warning",
            where="customers",
            hint="add them to the customers file, or an alias to the customer dimension",
            count=len(unknown),
        ),
    )
