"""What other prices and limits would have done to each customer over days that are past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

from costper.config.settings import MetricSetting
from costper.economics.changes import Change, Limit
from costper.economics.currency import plus
from costper.economics.what_if import Effect, Use, limited
from costper.errors import UnknownNameError, UserError
from costper.model.answer import Absent
from costper.model.dimension import normal
from costper.model.money import EXACT
from costper.model.outcome import Issue
from costper.model.period import days_in_month
from costper.pipeline.answer.costs import Amount, Costs, costs_by, decimals
from costper.pipeline.answer.frame import ONE_DAY, Frame, in_days
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.margins.accounts import Accounts, month_parts

ZERO = Decimal(0)
DRIVER = "by_quantity"
Place = tuple[str, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imagined:
    """The revenue after the changes, and what limits do, by customer."""

    revenue: dict[str, Amount]
    effects: dict[str, Effect] = field(default_factory=dict[str, Effect])
    issues: tuple[Issue, ...] = ()

    def after(self, customer: str, revenue: Amount, cost: Amount) -> tuple[Amount, Amount]:
        """Give a customer's revenue and cost after the changes."""
        effect = self.effects.get(customer, Effect())
        paid = self.revenue.get(customer, ZERO) if isinstance(revenue, Decimal) else revenue
        return plus(paid, effect.overage), plus(cost, _minus(effect.saved))


def _minus(amount: Amount) -> Amount:
    return amount if isinstance(amount, Absent) else amount.copy_negate()


def imagined(frame: Frame, changes: Sequence[Change], terms: Accounts) -> Imagined:
    """Apply changes to the days of a frame; nobody is taken to behave differently.

    Raises:
        UserError: a plan or a metric nobody knows, or one that cannot be limited.
    """
    _check_plans(changes, terms)
    effects: dict[str, Effect] = {}
    issues: list[Issue] = []
    for change in changes:
        if not isinstance(change, Limit):
            continue
        metric = _metric(frame, change)
        rules = _driven_by(frame, metric)
        if change.price is None and not rules:
            issues.append(_nothing_driven(metric.name))
        for customer, uses in _uses(frame, metric.name, rules, terms).items():
            effect = limited(change, uses)
            before = effects.get(customer, Effect())
            effects[customer] = Effect(
                saved=plus(before.saved, effect.saved),
                overage=EXACT.add(before.overage, effect.overage),
            )
    return Imagined(revenue=terms.revenue(frame, changes), effects=effects, issues=tuple(issues))


def _check_plans(changes: Sequence[Change], terms: Accounts) -> None:
    known = {normal(plan): plan for plan in terms.plans()}
    for change in changes:
        if change.plan and normal(change.plan) not in known:
            raise UnknownNameError("plan", change.plan, known.values(), where="what-if")


def _metric(frame: Frame, limit: Limit) -> MetricSetting:
    """Find the metric of a limit: one whose days add up, or a month has no sum to be limited."""
    metrics = frame.books.settings.metrics
    found = [metric for metric in metrics if metric.name == limit.metric]
    if not found:
        known = [metric.name for metric in metrics]
        raise UnknownNameError("metric", limit.metric, known, where="what-if")
    if found[0].aggregation != "sum":
        raise UserError(
            f"{limit.metric} cannot be limited per month: its days do not add up",
            where="what-if",
            hint="limit a metric that counts, such as requests",
        )
    return found[0]


def _driven_by(frame: Frame, metric: MetricSetting) -> tuple[str, ...]:
    """Name the rules that divide cost by a metric, so that less use is less cost."""
    names = {metric.name, metric.source}
    rules = frame.books.settings.allocation
    return tuple(rule.name for rule in rules if rule.driver == DRIVER and rule.quantity in names)


def _nothing_driven(metric: str) -> Issue:
    return Issue(
        code="nothing_driven",
        message=f"no rule divides cost by {metric}: a limit of it saves nothing",
        severity="warning",
        where="what-if",
        hint=f"divide the cost that follows use with driver {DRIVER}, or sell more with 'at PRICE'",
    )


def _uses(frame: Frame, metric: str, rules: Sequence[str], terms: Accounts) -> dict[str, list[Use]]:
    """Give what every customer used in each calendar month, and the cost that followed it."""
    used = _used(frame, metric)
    driven = _driven(frame, rules)
    parts = {
        month: (Fraction(part.days, days_in_month(month)), part.end - ONE_DAY)
        for month, part in month_parts(frame.period)
    }
    found: dict[str, list[Use]] = {}
    for (customer, month), amount in used.items():
        part, last = parts[month]
        plan = terms.plan_on(customer, last)
        cost = driven.get((customer, month), ZERO)
        found.setdefault(customer, []).append(Use(plan, amount, cost, part))
    return found


def _used(frame: Frame, metric: str) -> dict[Place, Decimal]:
    bound = Bound()
    select = Select(
        columns={"customer": "customer", "month": "month", "value": "sum(value)"},
        table="measurement_daily",
        where=(
            *in_days(frame.period, bound),
            f"metric = {bound.bind(metric)}",
            "customer <> ''",
        ),
        group=("customer", "month"),
        order=("customer", "month"),
    )
    rows = frame.books.marts.query(select.text(), bound.values)
    customers: list[Any] = rows.column("customer").to_pylist()
    months: list[Any] = rows.column("month").to_pylist()
    places: list[Place] = list(zip(customers, months, strict=True))
    return dict(zip(places, decimals(rows, "value"), strict=True))


def _driven(frame: Frame, rules: Sequence[str]) -> dict[Place, Amount]:
    """Add up the legs that rules divided by use, by customer and month."""
    if not rules:
        return {}
    bound = Bound()
    start = bound.bind(frame.period.start)
    names = ", ".join(map(bound.bind, rules))
    where = (f"rule IN ({names})", "reason = ''", f"day >= {start}")
    found = costs_by(frame, "legs", ("dim_customer", "month"), where, bound)
    return {place: costs.cost for place, costs in cast("dict[Place, Costs]", found).items()}
