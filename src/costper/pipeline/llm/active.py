"""What AI costs per active user of a month, week or day, and which share of ARPU that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from costper.config.settings import MetricSetting, Settings
from costper.economics.bands import Bands, placed
from costper.economics.calendar import bucket_of, buckets, months_on
from costper.economics.calls import Amount, Used, added
from costper.economics.currency import converted, plus
from costper.economics.trend import ratio
from costper.errors import UnknownNameError
from costper.model.answer import Absent, Answer, Cell, Measure, Row
from costper.model.outcome import Issue
from costper.model.period import Period
from costper.pipeline.answer.frame import ONE_DAY, Frame, missing_rate_issue
from costper.pipeline.answer.payers import paid_in
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.llm.before import first_day
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.read import HOURLY, USER_DAILY, Calls, ask, by_columns, read_by
from costper.pipeline.llm.told import COST_NOTE, ENVELOPE, USD, Days, Said, days_of, told
from costper.pipeline.margins.per_unit import used

Grain = Literal["month", "week", "day"]
GRAINS: tuple[Grain, ...] = ("month", "week", "day")
MONTHS = 3
NAMES: Mapping[Grain, str] = {"month": "MAU", "week": "WAU", "day": "DAU"}
ACTIVE = "active_users"
NO_METRIC = Absent("no_metric")
OF_PEOPLE = "user_kind = 'user'"
PARTIAL = Absent("partial_bucket")
NOT_SETTLED = Absent("not_settled")
OPEN: Mapping[str, Cell] = {"share_of_arpu_percent": NOT_SETTLED, "band": ""}
"""What is said of a bucket whose active users are still to come: no share, and no band."""

MEASURES: Mapping[str, Measure] = {"active_users": "number"}


@dataclass(frozen=True, slots=True)
class Per:
    """What cost is divided by: a declared metric of active users, and what it is called."""

    metric: str
    name: str


def active(frame: Frame, chosen: Chosen, *, grain: Grain = "month", per: str = "") -> Answer:
    """Divide the cost of calls by active users, bucket by bucket.

    Active users are a declared metric: `per`, else the one of this grain, else an average of
    daily ones. Callers are the people whose calls these are. When nothing is said of the days,
    months are the last three whole ones and this one.

    Raises:
        UnknownNameError: no such metric or grain.
    """
    if grain not in GRAINS:
        raise UnknownNameError("grain", grain, GRAINS, where="grain")
    unit = _unit(frame.books.settings, grain, per)
    calls = Calls(frame, chosen, _period(frame, grain))
    days, callers = days_of(calls), _callers(calls, grain)
    people = replace(days, by_day=_by_people(calls))
    first, rows = first_day(frame), list[Row]()
    for span in buckets(calls.period, grain):
        row = _row(replace(calls, period=span), grain, days, unit, first)
        many = callers.get(bucket_of(span.start, grain).start, 0)
        rows.append({**row, **_per_caller(cost_in(frame, people, span)[0], many)})
    said = Said(
        notes=tuple(_notes(grain, unit)),
        measures=MEASURES,
        issues=(*_issues(rows), *_left_out(calls.period, first)),
        currency=frame.rates.home,
    )
    question = {"noun": "ai cost per active user", "grain": grain, "per": unit.name}
    return told(calls, question, tuple(rows), _total(calls, days, unit, rows, first), days, said)


def _unit(settings: Settings, grain: Grain, per: str) -> Per:
    known = {one.name: one for one in settings.metrics}
    if per:
        if per not in known:
            raise UnknownNameError("metric", per, known, where="per")
        return Per(per, per)
    of_users = [one for one in settings.metrics if one.kind == ACTIVE]
    for wanted in (grain, "day"):
        fitting: list[MetricSetting] = [one for one in of_users if one.grain == wanted]
        if fitting:
            plain = NAMES[grain] if wanted == grain else "average DAU"
            return Per(fitting[0].name, f"{plain} ({fitting[0].name})")
    return Per("", "")


def _period(frame: Frame, grain: Grain) -> Period:
    asked = frame.asked
    said = (asked.days, asked.since, asked.until, asked.months)
    if grain != "month" or any(one is not None for one in said):
        return frame.period
    first = frame.period.end.replace(day=1)
    return Period(months_on(first, -MONTHS), frame.period.end)


def _callers(calls: Calls, grain: Grain) -> dict[date, int]:
    """Count the people who called in each bucket; the same one twice is one."""
    bound = Bound()
    select = Select(
        columns={
            "bucket": f"CAST(date_trunc('{grain}', day) AS DATE)",
            "callers": "count(DISTINCT user_key)",
        },
        table=USER_DAILY,
        where=(
            *calls.where(USER_DAILY, bound),
            OF_PEOPLE,
            "calls > 0",
        ),
        group=("bucket",),
    )
    return {row["bucket"]: row["callers"] for row in ask(calls.frame, select, bound)}


def _row(calls: Calls, grain: Grain, days: Days, unit: Per, first: date | None) -> dict[str, Cell]:
    frame, span = calls.frame, calls.period
    bucket = bucket_of(span.start, grain)
    whole = bucket == span
    cost, sums = cost_in(frame, days, span)
    users = _users(calls, unit)
    unsettled = users == NOT_SETTLED
    cost = NOT_SETTLED if unsettled and not sums.calls else cost
    users = users if whole or isinstance(users, Absent) else PARTIAL
    revenue = revenue_of(calls, first)
    return {
        grain: bucket.start,
        "first_day": span.start,
        "last_day": span.end - ONE_DAY,
        "days": span.days,
        "cost": cost,
        "calls": sums.calls,
        "unpriced_calls": sums.unpriced_calls,
        ACTIVE: users,
        "cost_per_active_user": ratio(cost, users),
        "revenue": revenue,
        "arpu": ratio(revenue, users),
        **(OPEN if unsettled else arpu_cells(frame, cost, revenue)),
    }


def _users(calls: Calls, unit: Per) -> Amount:
    """Read the metric: of the one customer asked about, as far as it tells customers apart."""
    if not unit.metric:
        return NO_METRIC
    span, customer = calls.period, calls.chosen.customer
    found = used(replace(calls.frame, period=span, previous=span.previous()), unit.metric)
    return found.of(customer) if customer else found.total


def _by_people(calls: Calls) -> dict[date, Used]:
    """Read the days of the people's calls alone: programs cost what no caller is counted for."""
    found = read_by(calls, HOURLY, by_columns("day"), (OF_PEOPLE,), names=ENVELOPE)
    return {day: used for (day,), used in found.items()}


def _per_caller(cost: Amount, callers: int) -> dict[str, Cell]:
    return {
        "callers_count": callers,
        "callers_cost": cost,
        "cost_per_caller": ratio(cost, Decimal(callers)),
    }


def cost_in(frame: Frame, days: Days, span: Period) -> tuple[Amount, Used]:
    """Give the cost of some days in the home currency, each day by its own rate."""
    inside = [(day, used) for day, used in days.by_day.items() if span.holds(day)]
    total, calls = Decimal(0), added(used for _, used in inside)
    if isinstance(calls.cost_of_record, Absent):
        return calls.cost_of_record, calls
    cost: Amount = total
    for day, used_then in inside:
        cost = plus(cost, converted(used_then.cost, USD, day, frame.rates))
    return cost, calls


def revenue_of(calls: Calls, first: date | None) -> Amount:
    """Give what was paid for some days: by everybody, or by the one customer asked about.

    Days before `first`, the first any call is known of, do not count: beside no cost at all
    their revenue would look like cheap calls.
    """
    span, customer = calls.period, calls.chosen.customer
    frame = replace(calls.frame, period=span, previous=span.previous())
    paid = paid_in(frame, _counted(span, first), customer or None)
    return paid.revenue(customer) if customer else paid.all_revenue()


def _counted(span: Period, first: date | None) -> Period | None:
    if first is None or first >= span.end:
        return None
    return Period(max(span.start, first), span.end)


def arpu_cells(frame: Frame, cost: Amount, revenue: Amount) -> dict[str, Cell]:
    """Place the cost by what is paid; divided by the same users, it is the share of ARPU."""
    margins = frame.books.settings.margins
    bands = Bands(watch=margins.watch_percent, problem=margins.problem_percent)
    found = placed(cost, revenue, bands)
    return {"share_of_arpu_percent": found.percent, "band": found.band}


def _total(calls: Calls, days: Days, unit: Per, rows: Sequence[Row], first: date | None) -> Row:
    cost, sums = cost_in(calls.frame, days, calls.period)
    revenue = revenue_of(calls, first)
    return {
        "cost": cost,
        "calls": sums.calls,
        "unpriced_calls": sums.unpriced_calls,
        "revenue": revenue,
        **_whole_share(calls.frame, cost, revenue, rows),
        "metric": unit.metric,
    }


def _whole_share(
    frame: Frame, cost: Amount, revenue: Amount, rows: Sequence[Row]
) -> Mapping[str, Cell]:
    """Place the cost of the settled buckets by what was paid for these."""
    settled = [row for row in rows if row["share_of_arpu_percent"] != NOT_SETTLED]
    if len(settled) == len(rows):
        return arpu_cells(frame, cost, revenue)
    if not settled:
        return OPEN
    return arpu_cells(frame, _sum(settled, "cost"), _sum(settled, "revenue"))


def _sum(rows: Sequence[Row], name: str) -> Amount:
    found: Amount = Decimal(0)
    for row in rows:
        one = row[name]
        found = plus(found, one if isinstance(one, Decimal | Absent) else Decimal(0))
    return found


def _issues(rows: Sequence[Row]) -> Iterator[Issue]:
    costs = [row["cost"] for row in rows]
    lost = sum(isinstance(cost, Absent) and cost.reason == "missing_rate" for cost in costs)
    if lost:
        yield missing_rate_issue(USD, lost)


def _left_out(period: Period, first: date | None) -> Iterator[Issue]:
    """Say which days' revenue does not count."""
    if first is None or first <= period.start:
        return
    yield Issue(
        code="days_left_out",
        message=f"the first call known is of {first}: revenue counts from that day on",
        severity="warning",
        hint="revenue of days without calls would make each look cheap; send them to count them",
    )


def _notes(grain: Grain, unit: Per) -> Iterator[str]:
    if unit.metric:
        yield f"active_users is {unit.name}, a declared metric: a partial {grain} has none"
    else:
        yield (
            f"no metric of kind {ACTIVE} is declared for a {grain}: cost_per_active_user is "
            "unknown; cost_per_caller divides people's cost by who called"
        )
    yield f"callers_count is the people (no programs, nobody anonymous) who called in the {grain}"
    yield "cost_per_caller is callers_cost, the cost of these people's calls alone, ÷ callers_count"
    yield "arpu is revenue ÷ active users; share_of_arpu_percent is cost ÷ revenue, both per user"
    yield f"a {grain} whose active users are not settled has no share, and weighs in no total's"
    yield COST_NOTE
