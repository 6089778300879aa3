"""What other prices and limits would have done to each customer over days that are past."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
from costper.model.money import EXACT, total
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
        for customer, uses in _uses(frame, change, metric.name, rules, terms).items():
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


def _uses(
    frame: Frame, limit: Limit, metric: str, rules: Sequence[str], terms: Accounts
) -> dict[str, list[Use]]:
    """Give what every customer used in each calendar month, and the cost that followed it.

    A limit of one plan looks at the days on that plan alone, where somebody changed plans: the
    month has as many parts as it had plans.
    """
    moved = terms.moved(frame.period.start) if limit.plan else frozenset[str]()
    used, driven = _used(frame, metric, "month"), _driven(frame, rules, "month")
    found: dict[str, list[Use]] = {}
    parts = dict(month_parts(frame.period))
    for (customer, month), amount in used.items():
        if customer not in moved:
            part = parts[month]
            plan = terms.plan_on(customer, part.end - ONE_DAY)
            cost = driven.get((customer, month), ZERO)
            share = Fraction(part.days, days_in_month(month))
            found.setdefault(customer, []).append(Use(plan, amount, cost, share))
    if moved:
        used, driven = _used(frame, metric, "day", moved), _driven(frame, rules, "day", moved)
        found.update(
            (customer, _by_plan(frame, customer, used, driven, terms)) for customer in moved
        )
    return found


def _by_plan(
    frame: Frame,
    customer: str,
    used: Mapping[Place, Decimal],
    driven: Mapping[Place, Amount],
    terms: Accounts,
) -> list[Use]:
    """Part each month of a customer by the plan of the day."""
    found: list[Use] = []
    for month, part in month_parts(frame.period):
        days: dict[str, list[date]] = {}
        for day in part.each_day():
            days.setdefault(terms.plan_on(customer, day), []).append(day)
        for plan, own in days.items():
            cost: Amount = ZERO
            for day in own:
                cost = plus(cost, driven.get((customer, day), ZERO))
            amount = total([used.get((customer, day), ZERO) for day in own])
            share = Fraction(len(own), days_in_month(month))
            found.append(Use(plan, amount, cost, share))
    return found


def _used(
    frame: Frame, metric: str, when: str, among: Collection[str] = ()
) -> dict[Place, Decimal]:
    bound = Bound()
    select = Select(
        columns={"customer": "customer", when: when, "value": "sum(value)"},
        table="measurement_daily",
        where=(
            *in_days(frame.period, bound),
            f"metric = {bound.bind(metric)}",
            "customer <> ''",
            *_among("customer", among, bound),
        ),
        group=("customer", when),
        order=("customer", when),
    )
    rows = frame.books.marts.query(select.text(), bound.values)
    customers: list[Any] = rows.column("customer").to_pylist()
    days: list[Any] = rows.column(when).to_pylist()
    places: list[Place] = list(zip(customers, days, strict=True))
    return dict(zip(places, decimals(rows, "value"), strict=True))


def _driven(
    frame: Frame, rules: Sequence[str], when: str, among: Collection[str] = ()
) -> dict[Place, Amount]:
    """Add up the legs that rules divided by use, by customer and month or day.

    On days nothing was measured a rule's fallback divides: use did not drive that cost.
    """
    if not rules:
        return {}
    bound = Bound()
    start = bound.bind(frame.period.start)
    names = ", ".join(map(bound.bind, rules))
    where = (
        f"rule IN ({names})",
        f"method = {bound.bind(DRIVER)}",
        "reason = ''",
        f"day >= {start}",
        *_among("dim_customer", among, bound),
    )
    found = costs_by(frame, "legs", ("dim_customer", when), where, bound)
    return {place: costs.cost for place, costs in cast("dict[Place, Costs]", found).items()}


def _among(column: str, names: Collection[str], bound: Bound) -> tuple[str, ...]:
    return (f"{column} IN ({', '.join(map(bound.bind, sorted(names)))})",) if names else ()
