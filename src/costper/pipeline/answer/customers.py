"""What does each customer cost, and what does each leave?"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from costper.economics.compare import change
from costper.economics.margin import Margin, margin
from costper.economics.trend import ratio
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.money import QUANTITY_SCALE, amount
from costper.model.outcome import Issue
from costper.model.sheet import Sheet
from costper.pipeline.answer.beside import beside
from costper.pipeline.answer.cost_columns import CostColumns, cost_columns
from costper.pipeline.answer.costs import ZERO, Amount, Costs
from costper.pipeline.answer.customer_rows import Used, ranked, used_by_customer
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.payers import NO_RECORD, Payers, payers
from costper.pipeline.answer.units import NO_USAGE, amount_cells, is_payer, request_gaps
from costper.pipeline.answer.unpriced import priced, unpriced_by, unpriced_issues


def customers(frame: Frame) -> Answer:
    """Rank all customers, loss makers first: one query for cost, and beside it one for use.

    What belongs to no customer is not a row: it is in the total's `not_customers`, and by
    reason in the envelope, so that rows + not_customers = total. All of the total is of all
    cost, but for `customers_cost` and `cost_per_customer`. Who only cost before is a row, but not
    one of its `customers`.
    """
    with beside(used_by_customer, frame) as using:
        found = cost_columns(frame, "customer_daily", "customer")
        paying = payers(frame)
        lacking = unpriced_by(frame)
        used = using.result()
    theirs, rest = found.parted()
    rows = ranked(frame, theirs, paying, used, [name for name in lacking if is_payer(name)])
    total = _total(frame, (theirs, rest), rows, paying, (used, sum(lacking.values())))
    issues = (
        *_issues(theirs, paying),
        *_nobody(found, rows),
        *unpriced_issues(lacking),
        *request_gaps(frame),
    )
    return frame.answer({"noun": "customers"}, rows, total, issues)


def _nobody(found: CostColumns, rows: Sequence[Row]) -> tuple[Issue, ...]:
    """Say why there is no row, where there is cost."""
    if rows or not found.names:
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


def margin_cells(revenue: Amount, left: Margin) -> dict[str, Cell]:
    """Write revenue and margin as cells."""
    return {"revenue": revenue, "margin": left.amount, "margin_percent": left.percent}


def daily_average(frame: Frame, costs: Costs) -> Amount:
    """Average the day totals of the days with data; what is spread over days ahead is of none."""
    days = frame.days_with_data
    if not days:
        return Absent("no_data")
    return ratio(change(costs.cost, costs.ahead), Decimal(days))


def _total(
    frame: Frame,
    parts: tuple[CostColumns, CostColumns],
    rows: Sheet,
    paying: Payers,
    calls: tuple[Used, int],
) -> Row:
    """Add all up; `calls` are the requests, and how many calls of LLMs are in no cost."""
    (theirs, others), (used, lacking) = parts, calls
    own = theirs.added()
    everything = priced(own.plus(others.added()), lacking)
    own = priced(own, lacking)
    rest = {name: others.taken([at]).added() for at, name in enumerate(others.names)}
    with_cost = sum(map(bool, theirs.cost))
    revenue = paying.all_revenue()
    return {
        "customers": len(rows) - rows.count_zero("cost", "revenue"),
        "loss_makers": rows.count_below_zero("margin"),
        **everything.cells(frame),
        "customers_cost": frame.held(own.cost),
        "not_customers": rest_of(frame, rest, paying),
        **margin_cells(revenue, margin(revenue, everything.cost)),
        "daily_average": daily_average(frame, everything),
        "cost_per_customer": ratio(frame.held(own.cost), Decimal(with_cost)),
        **amount_cells(frame.held(everything.cost), _all_used(used)),
    }


def rest_of(frame: Frame, rest: dict[str, Costs], paying: Payers) -> tuple[Row, ...]:
    """Write what belongs to no customer, one row a name such as (unallocated).

    Its margin is its cost, lost: so that margins add up to the total's too.
    """
    nothing = ZERO if paying.known else NO_RECORD
    return tuple(
        {
            "customer": name,
            "cost": frame.held(costs.cost),
            "previous_cost": frame.before(costs.previous),
            "margin": margin(nothing, frame.held(costs.cost)).amount,
        }
        for name, costs in sorted(rest.items())
    )


def _all_used(used: Used) -> Amount:
    if isinstance(used, Absent):
        return used
    return amount(sum(used.values()), QUANTITY_SCALE) if used else NO_USAGE


def _issues(theirs: CostColumns, paying: Payers) -> tuple[Issue, ...]:
    unknown = sorted(set(theirs.names).difference(paying.known))
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
