"""The days around an incident: what each cost, and what the days before it promised."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from costper.model.answer import Absent, Cell, Row
from costper.model.names import quoted
from costper.model.period import Period
from costper.pipeline.answer.costs import ZERO, Amount, daily_in
from costper.pipeline.answer.frame import ONE_DAY, Frame
from costper.pipeline.answer.select import Bound
from costper.pipeline.answer.watched import (
    History,
    Watch,
    excused_days,
    mart_of,
    to_the_cent,
)
from costper.watch.anomaly import Day, expectation, without
from costper.watch.drift import promised_mean, week_mean
from costper.watch.incident import Incident
from costper.watch.limits import MEMORY

BEFORE = timedelta(days=28)
AFTER = timedelta(days=14)
YOUNG = "too_few_days"


def around(frame: Frame, it: Incident, watch: Watch, history: History) -> tuple[Row, ...]:
    """Give the four weeks before an incident, its days, and up to two weeks after it, in order.

    A day is `unusual` where it is one of the incident's. `judged` is what is held against
    `expected`: the day's cost, of a drift the mean of the week it ends. Ranges are null
    (`too_few_days`) while there is too little to learn from.
    """
    first, last = it.start - BEFORE, min(it.last + AFTER, history.days[-1])
    days = [day for day in history.days if first - timedelta(days=MEMORY) <= day <= last]
    costs = _costs(frame, it, Period(days[0], days[-1] + ONE_DAY))
    said = excused_days(it.scope, watch.feedback, history).get(it.name, frozenset())
    excused = {history.days[at] for at in said}
    totals = [_total(costs, day, history) for day in days]
    known = without(totals, {at for at, day in enumerate(days) if day in excused})
    place = {day: at for at, day in enumerate(days) if day >= first}
    mine = {one.day for one in it.sightings}
    slow = it.kind == "drift"
    return tuple(
        {
            "day": day,
            "cost": _known(totals[at], "no_data"),
            "judged": _known(week_mean(known, at) if slow else totals[at], "no_data"),
            "unusual": day in mine,
            **_range(promised_mean(known, at) if slow else expectation(known, at)),
        }
        for day, at in place.items()
    )


def _known(amount: Day, reason: str) -> Cell:
    return Absent(reason) if amount is None else to_the_cent(amount)


def _range(found: tuple[Decimal, Decimal, Decimal] | None) -> Row:
    cells = [Absent(YOUNG)] * 3 if found is None else [to_the_cent(one) for one in found]
    return dict(zip(("expected", "expected_low", "expected_high"), cells, strict=True))


def _costs(frame: Frame, it: Incident, span: Period) -> dict[date, Amount]:
    table, column = mart_of(it.scope)
    bound = Bound()
    where = (f"{quoted(column)} = {bound.bind(it.name)}",)
    return dict(daily_in(frame, span, table, (column,), where, bound).get((it.name,), {}))


def _total(costs: dict[date, Amount], day: date, history: History) -> Decimal | None:
    """Give a day's total to the cent: 0 without a charge, None without data or a rate."""
    cost = costs.get(day, ZERO)
    return to_the_cent(cost) if day in history.covered and isinstance(cost, Decimal) else None
