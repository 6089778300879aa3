"""What the days to come will cost, where the month lands, and when a budget is used up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from costper.economics.currency import plus
from costper.errors import UnknownNameError, UserError
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.names import quoted
from costper.model.outcome import Issue
from costper.model.period import Period, month_of
from costper.pipeline.answer.costs import ZERO, Amount, costs_by, daily_in
from costper.pipeline.answer.depth import size
from costper.pipeline.answer.frame import NO_DATA, ONE_DAY, Frame
from costper.pipeline.answer.select import Bound
from costper.pipeline.answer.unsaid import refuse_plan
from costper.pipeline.answer.values import MART
from costper.pipeline.answer.watched import mart_of, to_the_cent
from costper.store.feedback import Feedback
from costper.watch.forecast import MEMORY, Forecast, Promise, forecast

DAYS = 30
LONGEST = 366
SHOWN = 50
"""Values forecast one by one: those that cost most lately."""

SHORT_MEMORY = 400
LEARNING = Absent("learning")
NOT_REACHED = Absent("not_reached")
USED_ON = ("budget_used_on", "budget_earliest", "budget_latest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """Which days are forecast: `period` from the first unsettled one, `rest` of that month.

    `each` asks for the totals of all days of the rest, which tell when a budget is used up.
    """

    period: Period
    month: Period
    each: bool = False

    @property
    def rest(self) -> int:
        """How many days of the month are to come."""
        return (self.month.end - self.period.start).days


def forecasts(
    frame: Frame,
    *,
    by: str = "",
    days: int = DAYS,
    budget: Decimal | None = None,
    feedback: Sequence[Feedback] = (),
) -> Answer:
    """Forecast the cost of the `days` after the last settled one, in all or by one dimension.

    The total says where the month lands: its settled days and the forecast of the rest; and with
    a monthly `budget`, on which day it is used up, by the estimate and by its band. Days asked
    for do not matter, and days people expected widen no band.

    Raises:
        UserError: too many days. UnknownNameError: `by` is no dimension. UserError: it is the plan,
            which only customers have.
    """
    if not 1 <= days <= LONGEST:
        raise UserError(
            f"days must be 1 to {LONGEST}, not {days}",
            where="days",
            hint="nothing can be said of what lies further ahead",
        )
    known = frame.books.settings.dimension_names
    if by and by not in known:
        raise UnknownNameError("dimension", by, known, where="by")
    refuse_plan(frame, (by,))
    settled = frame.settled_through
    if settled is None:
        return _answer(frame, {"noun": "forecast"}, (), {"landing": NO_DATA})
    first = settled + ONE_DAY
    ahead = Ahead(
        period=Period(first, first + timedelta(days=days)),
        month=month_of(first),
        each=budget is not None,
    )
    expected = tuple(one for one in feedback if one.verdict == "expected")
    whole = _read(frame, ahead, MART, (), {"": expected}, MEMORY)[""]
    question: dict[str, Cell] = {
        "noun": "forecast",
        "by": by,
        "budget": budget,
        "from": ahead.period.start,
        "to": ahead.period.end,
        "days": days,
    }
    total = {**_totals(whole, ahead), **_burnt(whole, ahead, budget)}
    if not by:
        return _answer(frame, question, _day_rows(whole, ahead), total)
    rows, issues = _value_rows(frame, ahead, by, expected)
    return _answer(frame, question, rows, total, issues)


def _answer(
    frame: Frame,
    question: Mapping[str, Cell],
    rows: Sequence[Row],
    total: Row,
    issues: tuple[Issue, ...] = (),
) -> Answer:
    """Put it in its envelope: a forecast is never final, and has no share that is allocated."""
    made = frame.answer({}, tuple(rows), total, issues)
    shown = {name: cell for name, cell in question.items() if cell not in {None, ""}}
    return replace(made, question=shown, estimated=True, coverage=None, unallocated={})


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a series cost each day of the month so far, and its forecast."""

    so_far: Mapping[date, Amount]
    forecast: Forecast | None

    @property
    def month_to_date(self) -> Amount:
        """Add up the settled days of the month."""
        found: Amount = ZERO
        for cost in self.so_far.values():
            found = plus(found, cost)
        return found


def _read(
    frame: Frame,
    ahead: Ahead,
    table: str,
    columns: tuple[str, ...],
    names: Mapping[str, Sequence[Feedback]],
    memory: int,
) -> dict[str, _Seen]:
    """Read the settled days of some names, and forecast each; columns () is all cost.

    `names` says what days of each people expected.
    """
    span = Period(ahead.period.start - timedelta(days=memory), ahead.period.start)
    bound = Bound()
    where: tuple[str, ...] = ()
    if columns:
        listed = ", ".join(bound.bind(name) for name in names)
        where = (f"{quoted(columns[0])} IN ({listed})",)
    daily = daily_in(frame, span, table, columns, where, bound)
    covered = _covered(frame, span) if columns else frozenset[date]()
    return {
        name: _seen(
            daily.get((name,) if columns else (), {}),
            span,
            covered,
            ahead,
            expected,
        )
        for name, expected in names.items()
    }


def _covered(frame: Frame, span: Period) -> frozenset[date]:
    days = daily_in(frame, span, MART, (), (), Bound()).get((), {})
    return frozenset(days)


def _seen(
    days: Mapping[date, Amount],
    span: Period,
    covered: frozenset[date],
    ahead: Ahead,
    expected: Sequence[Feedback],
) -> _Seen:
    """Line up a series: a day of the books without cost is zero, before its first day nothing."""
    begun = min(days, default=span.end)
    line: list[Decimal | None] = []
    for day in Period(begun, span.end).each_day():
        cost = days.get(day, ZERO if day in covered else None)
        line.append(to_the_cent(cost) if isinstance(cost, Decimal) else None)
    so_far = {day: cost for day, cost in days.items() if ahead.month.holds(day)}
    horizon = max(ahead.period.days, ahead.rest)
    totals = {ahead.period.days, ahead.rest, *(range(1, ahead.rest) if ahead.each else ())}
    excused = _excused(expected, begun, span.end)
    return _Seen(so_far, forecast(line, horizon, tuple(totals), excused))


def _excused(expected: Sequence[Feedback], begun: date, end: date) -> Collection[int]:
    """Give the positions, from the first day of a series, of the days people expected."""
    return {
        (day - begun).days
        for one in expected
        if one.first_day < end and one.last_day >= begun
        for day in Period(max(begun, one.first_day), min(end, one.last_day + ONE_DAY)).each_day()
    }


def _totals(seen: _Seen, ahead: Ahead) -> dict[str, Cell]:
    so_far = seen.month_to_date
    made = seen.forecast
    coming = None if made is None else made.totals[ahead.period.days]
    rest = None if made is None else made.totals[ahead.rest]
    return {
        "month": ahead.month.start,
        "month_to_date": so_far,
        **_cells("landing", rest, so_far),
        **_cells("forecast", coming, ZERO),
    }


def _cells(name: str, promise: Promise | None, before: Amount) -> dict[str, Cell]:
    """Write an amount to come, on top of what is settled, with its band."""
    low, high = (None, None) if promise is None or promise.band is None else promise.band
    value = None if promise is None else promise.value
    parts = {name: value, f"{name}_low": low, f"{name}_high": high}
    return {key: _on_top(before, part) for key, part in parts.items()}


def _on_top(before: Amount, part: Decimal | None) -> Amount:
    if part is None:
        return LEARNING
    whole = plus(before, part)
    return whole if isinstance(whole, Absent) else to_the_cent(whole)


def _burnt(seen: _Seen, ahead: Ahead, budget: Decimal | None) -> dict[str, Cell]:
    """Find the day on which the month's costs reach the budget, settled days first.

    `budget_earliest` is the day the upper end of the band reaches it, `budget_latest` the lower.
    """
    if budget is None:
        return {}
    spent: Amount = ZERO
    for day in sorted(seen.so_far):
        spent = plus(spent, seen.so_far[day])
        if isinstance(spent, Decimal) and spent >= budget:
            return {"budget": budget, **dict.fromkeys(USED_ON, day)}
    if isinstance(spent, Absent) or seen.forecast is None:
        why = spent if isinstance(spent, Absent) else LEARNING
        return {"budget": budget, **dict.fromkeys(USED_ON, why)}
    left = budget - spent
    totals = [seen.forecast.totals[many] for many in range(1, ahead.rest + 1)]
    highs = [one.band[1] if one.band else None for one in totals]
    lows = [one.band[0] if one.band else None for one in totals]
    return {
        "budget": budget,
        "budget_used_on": _reached([one.value for one in totals], left, ahead),
        "budget_earliest": _reached(highs, left, ahead),
        "budget_latest": _reached(lows, left, ahead),
    }


def _reached(totals: Sequence[Decimal | None], left: Decimal, ahead: Ahead) -> Cell:
    """Name the first day by whose end the totals reach what is left of the budget."""
    for at, total in enumerate(totals):
        if total is not None and total >= left:
            return ahead.period.start + timedelta(days=at)
    return LEARNING if None in totals else NOT_REACHED


def _day_rows(seen: _Seen, ahead: Ahead) -> tuple[Row, ...]:
    made = seen.forecast
    days = ahead.period.each_day()
    if made is None:
        return tuple({"day": day, **_cells("forecast", None, ZERO)} for day in days)
    return tuple(
        {"day": day, **_cells("forecast", promise, ZERO)}
        for day, promise in zip(days, made.days, strict=False)
    )


def _value_rows(
    frame: Frame, ahead: Ahead, by: str, expected: Sequence[Feedback]
) -> tuple[tuple[Row, ...], tuple[Issue, ...]]:
    table, column = mart_of(by)
    found = costs_by(frame, table, (column,), (), Bound())
    ordered = sorted(found, key=lambda key: (-size(found[key].cost), key))
    names = {
        name: [one for one in expected if (one.scope, one.name) == (by, name)]
        for (name,) in ordered[:SHOWN]
    }
    if not names:
        return (), ()
    seen = _read(frame, ahead, table, (column,), names, SHORT_MEMORY)
    rows = tuple({by: name, **_totals(seen[name], ahead)} for name in names)
    left = len(ordered) - len(names)
    return rows, (_left_out(left),) if left else ()


def _left_out(left: int) -> Issue:
    return Issue(
        code="not_forecast",
        message=f"{left} more are not forecast one by one: only the {SHOWN} dearest are",
        severity="warning",
        hint="the total is of all cost",
    )
