"""What does non-production cost at night and at weekends, and what would a schedule save?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from costper.config.settings import WEEKDAYS, Settings, WorkingHours
from costper.economics.currency import converted
from costper.economics.trend import ZERO_DENOMINATOR, share_of
from costper.economics.waste import HOURS_A_WEEK, HourCost, Idle, a_month, idle_cost
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.money import EXACT
from costper.model.names import quoted
from costper.model.outcome import Issue
from costper.pipeline.answer.frame import NO_DATA, Frame, in_days, missing_rate_issue
from costper.pipeline.answer.select import Bound, Select, record_sql

COLUMNS = ("environment", "service", "day", "hour", "hourly")


def waste(frame: Frame) -> Answer:
    """Rank what runs while nobody works, with the schedule that would save it.

    One row an environment, its services inside; (untagged) may be production and is left out.
    `estimated_cost` is the part of `idle_cost` that was not billed by the hour and is taken as
    its share of a week. `monthly_saving` is `idle_cost` a month: by calendar months where the
    period is made of them, else by days with data x 365 / 12. `left` is what stays of a month.
    """
    cells, missing = hour_costs(frame)
    hours = frame.books.settings.working_hours
    outside, closed = closed_hours(frame.books.settings)
    by_environment = idle_cost(cells, outside, closed, lambda cell: (cell.environment,))
    by_service = idle_cost(cells, outside, closed, lambda cell: (cell.environment, cell.service))
    rows = tuple(
        {
            "environment": name,
            **_idle_cells(frame, idle),
            "schedule": schedule(hours, zone_name(frame.books.settings)),
            "services": _services(frame, name, by_service),
        }
        for (name,), idle in _dearest(by_environment)
    )
    whole = Idle()
    for idle in by_environment.values():
        whole.add(idle.cost, idle.outside, estimated=False)
        whole.estimated = EXACT.add(whole.estimated, idle.estimated)
    issues = (*missing, *no_week(frame))
    return frame.answer({"noun": "waste"}, rows, _total(frame, whole), issues)


def no_week(frame: Frame) -> tuple[Issue, ...]:
    """Say when no full week was seen: one Monday does not tell what a month costs."""
    seen = {day.weekday() for day in frame.data_days if frame.period.holds(day)}
    if len(seen) == len(WEEKDAYS) or not seen:
        return ()
    return (
        Issue(
            code="not_representative",
            message=f"the days hold no full week ({len(seen)} of 7 weekdays): "
            "monthly_saving is a guess",
            severity="warning",
            where="waste",
            hint="ask for at least 7 days with data, or for a calendar month",
        ),
    )


def schedule(hours: WorkingHours, zone: str) -> str:
    """Write when things should run.

    >>> schedule(WorkingHours(), "UTC")
    'Mon-Fri 08-19 UTC'
    """
    at = [WEEKDAYS.index(day) for day in hours.days]
    names = [WEEKDAYS[one].capitalize() for one in sorted(at)]
    unbroken = len(at) > 1 and max(at) - min(at) == len(at) - 1
    days = f"{names[0]}-{names[-1]}" if unbroken else ",".join(names)
    return f"{days} {hours.start:02d}-{hours.end:02d} {zone}"


def zone_name(settings: Settings) -> str:
    """Name the zone working hours are in."""
    return settings.working_hours.timezone or settings.timezone


def closed_hours(settings: Settings) -> tuple[Callable[[date, int], bool], int]:
    """Give a function that says of a UTC hour whether people are away, and the hours a week."""
    hours = settings.working_hours
    return _outside(settings), HOURS_A_WEEK - len(hours.days) * (hours.end - hours.start)


def _outside(settings: Settings) -> Callable[[date, int], bool]:
    """Say of a UTC hour whether people are away, where they are."""
    zone = ZoneInfo(zone_name(settings))
    known: dict[tuple[date, int], bool] = {}

    def outside(day: date, hour: int) -> bool:
        key = (day, hour)
        if key not in known:
            start = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour)
            there = start.astimezone(zone)
            known[key] = not settings.working_hours.holds(there.weekday(), there.hour)
        return known[key]

    return outside


def hour_costs(frame: Frame) -> tuple[list[HourCost], tuple[Issue, ...]]:
    """Read what runs outside production by hour, in the home currency, and what has no rate."""
    bound = Bound()
    record = record_sql(frame.books.settings, bound)
    select = Select(
        columns={
            **{name: quoted(name) for name in COLUMNS},
            "currency": "currency",
            "cost": f"sum({record})",
        },
        table="environment_hourly",
        where=(*in_days(frame.covered, bound), "environment NOT LIKE '(%'"),
        group=(*COLUMNS, "currency"),
    )
    rows = frame.books.marts.query(select.text(), bound.values)
    columns = [rows.column(name).to_pylist() for name in (*COLUMNS, "currency", "cost")]
    found: list[HourCost] = []
    missing: dict[str, int] = {}
    for environment, service, day, hour, hourly, currency, cost in zip(*columns, strict=True):
        amount = converted(cost, currency, day, frame.rates)
        if isinstance(amount, Absent):
            missing[currency] = missing.get(currency, 0) + 1
            continue
        found.append(
            HourCost(
                environment=environment,
                service=service,
                day=day,
                hour=hour,
                hourly=hourly,
                cost=amount,
            )
        )
    return found, tuple(missing_rate_issue(one, count) for one, count in missing.items())


def _dearest(idle: dict[tuple[str, ...], Idle]) -> Sequence[tuple[tuple[str, ...], Idle]]:
    return sorted(idle.items(), key=lambda item: (-item[1].outside, item[0]))


def _services(frame: Frame, environment: str, idle: dict[tuple[str, ...], Idle]) -> tuple[Row, ...]:
    own = {key: one for key, one in idle.items() if key[0] == environment}
    return tuple({"service": key[1], **_idle_cells(frame, one)} for key, one in _dearest(own))


def _idle_cells(frame: Frame, idle: Idle) -> dict[str, Cell]:
    share = share_of(idle.outside, idle.cost, ZERO_DENOMINATOR)
    return {
        "cost": idle.cost,
        "idle_cost": idle.outside,
        "idle_percent": share,
        "estimated_cost": idle.estimated,
        "monthly_saving": _monthly(frame, idle.outside),
        "left": _monthly(frame, EXACT.subtract(idle.cost, idle.outside)),
    }


def _total(frame: Frame, whole: Idle) -> Row:
    """Write all of it; null ("no_data") where the books hold none of the days."""
    cells = _idle_cells(frame, whole)
    return cells if frame.days_with_data else dict.fromkeys(cells, NO_DATA)


def _monthly(frame: Frame, amount: Decimal) -> Decimal:
    return a_month(amount, frame.period, frame.days_with_data)
