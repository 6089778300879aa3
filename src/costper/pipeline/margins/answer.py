"""What is left of what customers pay, by customer, by plan and as a curve; and what if."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from operator import itemgetter

from costper.economics.bands import NO_REVENUE, Bands, allowed, placed
from costper.economics.currency import sum_of
from costper.economics.margin import margin, rank
from costper.economics.serve_curve import serve_curve
from costper.economics.trend import ratio
from costper.economics.verdict import exact_decimal
from costper.economics.what_if import NO_SEATS
from costper.errors import UnknownNameError, UserError
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.money import EXACT, POSTING_UNIT
from costper.model.outcome import Issue
from costper.pipeline.answer.costs import Amount, added
from costper.pipeline.answer.customers import margin_cells, rest_of
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.payers import NO_RECORD
from costper.pipeline.answer.unpriced import known, priced
from costper.pipeline.answer.unsaid import plan_word
from costper.pipeline.margins.clients import Client, Clients, MarginQuestion, clients
from costper.pipeline.margins.per_unit import NO_UNITS, brought, months_brought
from costper.pipeline.query.answer import shown

ZERO = Decimal(0)
NO_PLAN = "(no plan)"
NOT_RECORDED = "(no record)"
PAYING = "revenue of those who pay"
DECLARED = "as given"
NO_ARPU = Absent("no_arpu")


def margins(frame: Frame, question: MarginQuestion) -> Answer:
    """Rank customers or plans, loss makers first; or add margins up, best first, as a curve.

    With changes (`what_if`) every row has its revenue, cost and margin after them beside those
    that were. What belongs to no customer is in the total's `not_customers` alone.

    Raises:
        UserError: an unknown grouping, condition, metric, plan or change.
    """
    if question.arpu is not None and not question.per:
        raise UserError("arpu says what one unit brings", where="arpu", hint="say what unit: per")
    shape = SHAPES.get(question.by)
    if shape is None:
        raise UnknownNameError("grouping", question.by, SHAPES, where="by")
    found = clients(frame, question)
    asked: dict[str, Cell] = {
        "noun": "margins",
        "by": question.by,
        "cost": question.cost or frame.books.settings.margins.cost,
        "per": question.per,
        "arpu": question.arpu,
        "what_if": question.what_if,
    }
    rows = shape(frame, question, found)
    total = _total(frame, question, found)
    return frame.answer(asked, rows, total, (*found.issues, *_issues(question, found)))


def _issues(question: MarginQuestion, found: Clients) -> tuple[Issue, ...]:
    """Say for whom there can be no margin."""
    unknown = [one.name for one in found.all if one.name not in found.paying.known]
    if not unknown or question.by == "plan":
        return ()
    first = ", ".join(unknown[:3])
    return (
        Issue(
            code="no_customer_record",
            message=f"customers with cost but no record, such as {first}: no margin for them",
            severity="warning",
            where="customers",
            hint="add them to the customers file, or an alias to the customer dimension",
            count=len(unknown),
        ),
    )


def _by_customer(frame: Frame, question: MarginQuestion, found: Clients) -> tuple[Row, ...]:
    bands = bands_of(frame)
    ranked = [
        (
            rank(one.left, one.costs.cost, one.name),
            {
                "customer": one.name,
                "name": one.payer.name,
                "plan": plan_word(frame, one.payer.plan),
                "status": one.payer.status,
                **one.costs.cells(frame),
                **margin_cells(one.revenue, one.left),
                **_band_cells(one.compared, one.revenue, bands),
                **_seat_cells(found, one.seats, one.costs.cost, one.left.amount),
                **_unit_cells(question, one.compared, one.units),
                **_after_cells([one]),
                **_effect_cells(one),
            },
        )
        for one in found.all
    ]
    ranked.sort(key=itemgetter(0))
    return tuple(row for _, row in ranked)


def _by_plan(frame: Frame, question: MarginQuestion, found: Clients) -> tuple[Row, ...]:
    """Put customers together by the plan they are on at the end."""
    groups: dict[str, list[Client]] = {}
    for one in found.all:
        plan = plan_word(frame, one.payer.plan) or NO_PLAN
        known = one.name in found.paying.known
        groups.setdefault(plan if known else NOT_RECORDED, []).append(one)
    ranked = [_plan_row(frame, question, found, plan, some) for plan, some in groups.items()]
    ranked.sort(key=itemgetter(0))
    return tuple(row for _, row in ranked)


def _plan_row(
    frame: Frame, question: MarginQuestion, found: Clients, plan: str, some: Sequence[Client]
) -> tuple[tuple[int, Decimal, str], Row]:
    lacking = sum(not known(one.costs.cost) for one in some)
    costs = priced(added(one.adding for one in some), lacking)
    revenue = sum_of(one.revenue for one in some)
    left = margin(revenue, costs.cost)
    compared = _compared(some)
    units = _known_sum((one.units for one in some if isinstance(one.units, Decimal)), NO_UNITS)
    row: dict[str, Cell] = {
        "plan": plan,
        **_counts(some),
        **costs.cells(frame),
        **margin_cells(revenue, left),
        **_average_cells(some, revenue, costs.cost),
        **_band_cells(compared, revenue, bands_of(frame)),
        **_seat_cells(found, _seats(some), costs.cost, left.amount),
        **_unit_cells(question, compared, units),
        **_after_cells(some),
        **_effect_counts(some),
    }
    return rank(left, costs.cost, plan), row


def _as_curve(_frame: Frame, _question: MarginQuestion, found: Clients) -> tuple[Row, ...]:
    """Give the cost-to-serve curve; who has no margin is not on it."""
    curve = serve_curve(_known_margins(found.all))
    return tuple(
        {
            "customers": point.customers,
            "customer": point.customer,
            "margin": point.margin,
            "cumulative_margin": point.cumulative,
            "of_total_percent": point.of_total,
        }
        for point in curve.points
    )


SHAPES: Mapping[str, Callable[[Frame, MarginQuestion, Clients], tuple[Row, ...]]] = {
    "customer": _by_customer,
    "plan": _by_plan,
    "curve": _as_curve,
}
"""What margins are asked by."""


def _known_margins(some: Sequence[Client]) -> dict[str, Decimal]:
    return {one.name: one.left.amount for one in some if isinstance(one.left.amount, Decimal)}


def _total(frame: Frame, question: MarginQuestion, found: Clients) -> Row:
    theirs = added(one.adding for one in found.all)
    everything = priced(added([theirs, *found.nobody.values()]), found.unpriced)
    theirs = priced(theirs, found.unpriced)
    revenue = found.paying.all_revenue()
    curve = serve_curve(_known_margins(found.all))
    return {
        **_counts(found.all),
        **everything.cells(frame),
        "customers_cost": frame.held(theirs.cost),
        **_nobody_cells(frame, question, found),
        **margin_cells(revenue, margin(revenue, everything.cost)),
        **_average_cells(found.all, revenue, frame.held(theirs.cost)),
        **_band_total(frame, question, found, revenue),
        **_seat_cells(found, _seats(found.all), theirs.cost, margin(revenue, theirs.cost).amount),
        "peak_margin": frame.held(curve.peak),
        "peak_customers": curve.peak_customers,
        "customers_margin": frame.held(curve.total),
        **_after_cells(found.all, added(found.nobody.values()).cost),
        **_effect_counts(found.all),
    }


def _nobody_cells(frame: Frame, question: MarginQuestion, found: Clients) -> dict[str, Cell]:
    """List what belongs to no customer, under the plans as well; a curve is of customers alone."""
    rest = rest_of(frame, dict(found.nobody), found.paying)
    if question.by == "plan":
        rest = tuple(
            {"plan": f"(no customer: {str(row['customer']).strip('()')})", **row} for row in rest
        )
    return {} if question.by == "curve" else {"not_customers": rest}


def bands_of(frame: Frame) -> Bands:
    """Give the bands of costper.yaml."""
    said = frame.books.settings.margins
    return Bands(said.watch_percent, said.problem_percent)


def _counts(some: Sequence[Client]) -> dict[str, Cell]:
    losses = sum(isinstance(one.left.amount, Decimal) and one.left.amount < 0 for one in some)
    return {
        "customers": sum(one.takes_part for one in some),
        "paying_customers": sum(one.pays for one in some),
        "loss_makers": losses,
    }


def _average_cells(some: Sequence[Client], revenue: Amount, cost: Amount) -> dict[str, Cell]:
    """Give revenue by who pays (ARPU) and cost by who cost anything."""
    costing = sum(one.adding.cost != 0 for one in some)
    return {
        "arpu": _arpu(some, revenue),
        "cost_per_customer": ratio(cost, Decimal(costing)),
    }


def _arpu(some: Sequence[Client], revenue: Amount) -> Amount:
    paying = sum(one.pays for one in some)
    return ratio(revenue, Decimal(paying)) if paying else NO_REVENUE


def _band_cells(compared: Amount, revenue: Amount, bands: Bands) -> dict[str, Cell]:
    place = placed(compared, revenue, bands)
    return {"compared_cost": compared, "cost_of_revenue_percent": place.percent, "band": place.band}


def _band_total(
    frame: Frame, question: MarginQuestion, found: Clients, revenue: Amount
) -> dict[str, Cell]:
    """Compare unit with unit where a metric is named: the cost of one with what one brings.

    Only a declared ARPU is of that unit: revenue by who pays is of a customer, and says nothing
    of a user. Nobody's cost counts as well then: it is caused by somebody.
    """
    bands = bands_of(frame)
    compared = _compared(found.all)
    if found.used is None:
        return _band_cells(compared, revenue, bands)
    unit_cost = ratio(found.compared, found.used.total)
    months = months_brought(frame, question.per)
    arpu = NO_ARPU if question.arpu is None else brought(question.arpu, months)
    place = placed(unit_cost, arpu, bands)
    return {
        "compared_cost": found.compared,
        "units": shown(found.used.total),
        "cost_per_unit": unit_cost,
        "cost_of_revenue_percent": placed(compared, revenue, bands).percent,
        "cost_of_arpu_percent": place.percent,
        "band": place.band,
        **_arpu_cells(question, found, revenue, months),
        "watch_from_cost": allowed(arpu, bands.watch),
        "problem_above_cost": allowed(arpu, bands.problem),
    }


def _arpu_cells(
    question: MarginQuestion, found: Clients, revenue: Amount, months: Fraction | None
) -> dict[str, Cell]:
    """Say what ARPU is, of how many months, and what one unit brings in all of the days."""
    if question.arpu is None:
        return {"arpu": _arpu(found.all, revenue), "arpu_is": PAYING}
    told = Absent("per_unit") if months is None else exact_decimal(months, POSTING_UNIT)
    return {
        "arpu": question.arpu,
        "arpu_is": DECLARED,
        "arpu_months": told,
        "arpu_of_days": brought(question.arpu, months),
    }


def _seats(some: Sequence[Client]) -> Amount:
    """Add up the seats that are known; null when none is."""
    return _known_sum((one.seats for one in some if isinstance(one.seats, Decimal)), NO_SEATS)


def _seat_cells(found: Clients, seats: Amount, cost: Amount, left: Amount) -> dict[str, Cell]:
    """Give cost and margin per seat, in books that know of seats at all."""
    if not any(isinstance(one.seats, Decimal) for one in found.all):
        return {}
    return {
        "seats": seats,
        "cost_per_seat": ratio(cost, seats),
        "margin_per_seat": ratio(left, seats),
    }


def _unit_cells(question: MarginQuestion, compared: Amount, units: Amount) -> dict[str, Cell]:
    if not question.per:
        return {}
    return {"units": shown(units), "cost_per_unit": ratio(compared, units)}


def _after_cells(some: Sequence[Client], besides: Amount = ZERO) -> dict[str, Cell]:
    """Give what would have been, beside what was; `besides` is cost no change touches.

    Who has no record brings no revenue to a sum, as before.
    """
    if not any(one.after for one in some):
        return {}
    recorded = [one for one in some if one.revenue != NO_RECORD]
    revenue = _known_sum((one.after[0] for one in recorded if one.after), NO_RECORD)
    cost = sum_of([besides, *(one.after[1] for one in some if one.after and known(one.after[1]))])
    before = _known_sum((one.revenue for one in recorded), NO_RECORD)
    spent = sum_of([besides, *(one.adding.cost for one in some)])
    left = margin(revenue, cost)
    return {
        "new_revenue": revenue,
        "new_cost": cost,
        "new_margin": left.amount,
        "new_margin_percent": left.percent,
        "change": minus(left.amount, margin(before, spent).amount),
    }


def _effect_cells(one: Client) -> dict[str, Cell]:
    """Say whether the margin of a customer would have been up or down."""
    if one.after is None:
        return {}
    moved = minus(one.left_after.amount, one.left.amount)
    if isinstance(moved, Absent):
        return {"effect": moved}
    return {"effect": "up" if moved > 0 else "down" if moved else "same"}


def _effect_counts(some: Sequence[Client]) -> dict[str, Cell]:
    """Count whose margin would have been up or down, and who would still have made a loss."""
    if not any(one.after for one in some):
        return {}
    moved = [minus(one.left_after.amount, one.left.amount) for one in some]
    losses = [one.left_after.amount for one in some]
    return {
        "new_loss_makers": sum(isinstance(it, Decimal) and it < 0 for it in losses),
        "margins_up": sum(isinstance(it, Decimal) and it > 0 for it in moved),
        "margins_down": sum(isinstance(it, Decimal) and it < 0 for it in moved),
    }


def _compared(some: Sequence[Client]) -> Amount:
    """Add up what the bands look at; calls nobody priced are left out, and told."""
    return sum_of(one.compared for one in some if known(one.compared))


def _known_sum(amounts: Iterable[Amount], none: Absent) -> Amount:
    """Add up; null where there is nothing to add."""
    some = list(amounts)
    return sum_of(some) if some else none


def minus(one: Amount, other: Amount) -> Amount:
    """Subtract exactly; null where an operand is."""
    if isinstance(one, Absent):
        return one
    return other if isinstance(other, Absent) else EXACT.subtract(one, other)
