"""What does non-production cost at every hour of the week, where its people are?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from costper.config.settings import WEEKDAYS, Settings
from costper.economics.trend import ratio
from costper.economics.waste import HourCost
from costper.model.answer import Absent, Answer, Row
from costper.model.money import EXACT
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.waste import hour_costs, zone_name

HOURS = 24
Week = dict[tuple[int, int], Decimal]


def waste_hours(frame: Frame, environment: str) -> Answer:
    """Give 168 rows, Monday 0:00 first: the cost of an hour of the week, added up over the days.

    '' takes all environments but production's. `working` says whether people are there. Cost
    that is not billed by the hour has no hour: it is `total.not_hourly_cost`. `average_cost` is
    that of one such hour: the sum over as many of its weekdays as the days with data hold.
    """
    cells, missing = hour_costs(frame)
    own = [cell for cell in cells if environment in {"", cell.environment}]
    hourly = [cell for cell in own if cell.hourly]
    week = _week(frame.books.settings, hourly)
    rest = _sum(cell.cost for cell in own if not cell.hourly)
    total: Row = {
        "cost": EXACT.add(_sum(week.values()), rest),
        "hourly_cost": _sum(week.values()),
        "not_hourly_cost": rest,
    }
    question = {
        "noun": "waste_hours",
        "environment": environment,
        "timezone": zone_name(frame.books.settings),
    }
    return frame.answer(question, tuple(_rows(frame, week)), total, missing)


def _week(settings: Settings, cells: Iterable[HourCost]) -> Week:
    zone = ZoneInfo(zone_name(settings))
    found: Week = {}
    for cell in cells:
        start = datetime(cell.day.year, cell.day.month, cell.day.day, tzinfo=UTC)
        there = (start + timedelta(hours=cell.hour)).astimezone(zone)
        key = (there.weekday(), there.hour)
        found[key] = EXACT.add(found.get(key, Decimal(0)), cell.cost)
    return found


def _rows(frame: Frame, week: Week) -> Iterable[Row]:
    seen = Counter(day.weekday() for day in frame.data_days if frame.period.holds(day))
    hours = frame.books.settings.working_hours
    for weekday, name in enumerate(WEEKDAYS):
        for hour in range(HOURS):
            cost = week.get((weekday, hour), Decimal(0))
            yield {
                "weekday": name,
                "hour": hour,
                "cost": cost,
                "average_cost": ratio(cost, Decimal(seen[weekday]))
                if seen[weekday]
                else Absent("no_data"),
                "working": hours.holds(weekday, hour),
            }


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    whole = Decimal(0)
    for amount in amounts:
        whole = EXACT.add(whole, amount)
    return whole
