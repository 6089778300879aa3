"""How much was used in a period: the requests (or other units) a cost is divided by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from costper.config.settings import MetricSetting, Settings
from costper.economics.trend import ratio
from costper.model.answer import Absent, Cell
from costper.model.dimension import normal
from costper.model.money import QUANTITY_SCALE, amount
from costper.model.names import quoted
from costper.model.outcome import Issue
from costper.model.period import Period
from costper.pipeline.answer.costs import Amount, Key
from costper.pipeline.answer.frame import ONE_DAY, Frame, in_days
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.answer.whole import whole

REQUESTS = "requests"
MEASURED_BY = ("customer", "service")
"""Dimensions the measurements roll-up is kept by."""

NOT_MEASURED = Absent("not_measured")
NO_METRIC = Absent("no_metric")
NO_USAGE = Absent("no_usage")


def request_metric(settings: Settings) -> MetricSetting | None:
    """Pick the metric a cost per request divides by.

    The one named `requests`, else the first summed one whose unit is a request.
    """
    summed = [metric for metric in settings.metrics if metric.aggregation == "sum"]
    named = [metric for metric in summed if metric.name == REQUESTS]
    alike = [metric for metric in summed if normal(metric.unit) in {"request", REQUESTS}]
    return next(iter((*named, *alike)), None)


def request_gaps(frame: Frame) -> tuple[Issue, ...]:
    """Say on how many days there is cost but no request: a cost per request counts that cost.

    Settled days alone: of later ones neither is complete. Where the metric says that no row is
    zero, there is nothing to say.
    """
    metric = request_metric(frame.books.settings)
    if metric is None or metric.gaps == "zero" or frame.settled_through is None:
        return ()
    known = _measured_days(frame, metric.name)
    last = frame.settled_through
    days = [day for day in frame.data_days if frame.period.holds(day) and day <= last]
    lost = sorted(day for day in days if day not in known)
    if not known or not lost:
        return ()
    return (
        Issue(
            code="days_without_data",
            message=f"{len(lost)} of {len(days)} days with cost hold no {metric.name}, from "
            f"{lost[0]} on: cost per request is of the cost of all days",
            severity="warning",
            where=metric.name,
            hint="`costper ask` divides over the days that have both"
            + ("" if metric.gaps == "none" else f", those its gap rule {metric.gaps} fills too"),
            count=len(lost),
        ),
    )


def request_gaps_by(frame: Frame, noun: str) -> tuple[Issue, ...]:
    """Say it where requests are measured by what is asked."""
    return request_gaps(frame) if noun in MEASURED_BY else ()


def _measured_days(frame: Frame, metric: str) -> set[date]:
    """Give the days of the period that have a value; only a month with holes is read for them."""
    months = [
        month
        for month in frame.ground.measured.get(metric, ())
        if month.first < frame.period.end and month.last >= frame.period.start
    ]
    spans = [Period(month.first, month.last + ONE_DAY) for month in months]
    if months and all(span.days == month.days for span, month in zip(spans, months, strict=True)):
        return {day for span in spans for day in span.each_day() if frame.period.holds(day)}
    bound = Bound()
    select = Select(
        columns={"day": "day"},
        table="measurement_daily",
        where=(*in_days(frame.period, bound), f"metric = {bound.bind(metric)}"),
        group=("day",),
    )
    rows: list[dict[str, date]] = frame.books.marts.query(select.text(), bound.values).to_pylist()
    return {row["day"] for row in rows}


def units_by(frame: Frame, keys: Sequence[str]) -> dict[Key, Decimal] | Absent:
    """Sum the requests of the period by customer, service, both or neither."""
    found = whole_units_by(frame, keys)
    if isinstance(found, Absent):
        return found
    return {key: amount(used, QUANTITY_SCALE) for key, used in found.items()}


def whole_units_by(frame: Frame, keys: Sequence[str]) -> dict[Key, int] | Absent:
    """Sum the requests as `units_by` does, in units of 10^-6."""
    metric = request_metric(frame.books.settings)
    if metric is None:
        return NO_METRIC
    if not set(keys) <= set(MEASURED_BY):
        return NOT_MEASURED
    return whole_sums(frame, metric.name, keys, {})


def units_of(frame: Frame, key: str, value: str) -> Amount:
    """Sum the requests of one customer or service over the period."""
    metric = request_metric(frame.books.settings)
    if metric is None:
        return NO_METRIC
    if key not in MEASURED_BY:
        return NOT_MEASURED
    found = whole_sums(frame, metric.name, (), {key: value}).get(())
    return NO_USAGE if found is None else amount(found, QUANTITY_SCALE)


def metric_sums(
    frame: Frame, metric: str, keys: Sequence[str], where: dict[str, str]
) -> dict[Key, Decimal]:
    """Sum a metric of the period by customer, service, both or neither."""
    found = whole_sums(frame, metric, keys, where)
    return {key: amount(used, QUANTITY_SCALE) for key, used in found.items()}


def whole_sums(
    frame: Frame, metric: str, keys: Sequence[str], where: dict[str, str]
) -> dict[Key, int]:
    """Sum a metric as `metric_sums` does, in units of 10^-6."""
    bound = Bound()
    select = Select(
        columns={**{key: quoted(key) for key in keys}, "value": "sum(value)"},
        table="measurement_daily",
        where=(
            *in_days(frame.period, bound),
            f"metric = {bound.bind(metric)}",
            *(f"{quoted(key)} = {bound.bind(value)}" for key, value in where.items()),
        ),
        group=tuple(keys),
    )
    rows = frame.books.marts.query(select.text(), bound.values)
    values = whole(rows, "value")
    if not keys:
        return {(): values[0]} if values and values[0] is not None else {}
    labels = zip(*(rows.column(name).to_pylist() for name in keys), strict=True)
    return dict(zip(labels, values, strict=True))


def unit_cells(cost: Amount, units: dict[Key, Decimal] | Absent, key: Key) -> dict[str, Cell]:
    """Write units and cost per unit of one key: Σ cost ÷ Σ units, null with a reason."""
    if isinstance(units, Absent):
        return {"requests": units, "cost_per_request": units}
    return amount_cells(cost, units.get(key, NO_USAGE))


def amount_cells(cost: Amount, units: Amount) -> dict[str, Cell]:
    """Write units and cost per unit."""
    return {"requests": units, "cost_per_request": ratio(cost, units)}


def is_payer(customer: str) -> bool:
    """Tell a customer from the rows that stand for none: (unallocated), (untagged), (shared).

    >>> is_payer("acme"), is_payer("(unallocated)")
    (True, False)
    """
    return not customer.startswith("(")
