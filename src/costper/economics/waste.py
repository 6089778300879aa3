"""What non-production costs while nobody works, and the schedule that would save it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal

from costper.model.money import EXACT, POSTING_UNIT
from costper.model.period import Period, month_of

HOURS_A_WEEK = 168
DAYS_A_MONTH = Decimal("30.4375")
"""The average month, 365.25 / 12 days: scales a saving over an odd window to a month."""

_POST = Context(prec=60, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class HourCost:
    """Cost of one UTC hour; not `hourly` means the day's cost was not billed by the hour."""

    environment: str
    service: str
    day: date
    hour: int
    hourly: bool
    cost: Decimal


@dataclass(slots=True, kw_only=True)
class Idle:
    """Cost in and out of working hours; `estimated` is the part of `outside` not measured."""

    cost: Decimal = Decimal(0)
    outside: Decimal = Decimal(0)
    estimated: Decimal = Decimal(0)

    def add(self, cost: Decimal, outside: Decimal, *, estimated: bool) -> None:
        """Count one more cost, `outside` of it while nobody works."""
        self.cost = EXACT.add(self.cost, cost)
        self.outside = EXACT.add(self.outside, outside)
        if estimated:
            self.estimated = EXACT.add(self.estimated, outside)


def idle_cost(
    cells: Iterable[HourCost],
    outside: Callable[[date, int], bool],
    hours_outside: int,
    key: Callable[[HourCost], tuple[str, ...]],
) -> dict[tuple[str, ...], Idle]:
    """Add up idle cost by `key`.

    `outside(day, hour)` says whether a UTC hour lies out of working hours. What is not billed
    by the hour is estimated at its share of a week, `hours_outside` / 168.
    """
    found: dict[tuple[str, ...], Idle] = {}
    for cell in cells:
        idle = found.setdefault(key(cell), Idle())
        if cell.hourly:
            part = cell.cost if outside(cell.day, cell.hour) else Decimal(0)
            idle.add(cell.cost, part, estimated=False)
        else:
            idle.add(cell.cost, _share(cell.cost, hours_outside), estimated=True)
    return found


def a_month(amount: Decimal, period: Period, days: int) -> Decimal:
    """Scale an amount of `days` days to a month.

    Whole calendar months are divided by their number; any other window is scaled by its days
    with data to the average month of 30.4375 days.

    >>> a_month(Decimal(18000), Period(date(2026, 10, 1), date(2026, 11, 1)), 31)
    Decimal('18000.000000000000')
    """
    months = list(period.months())
    if months and all(part == month_of(part.start) for part in months):
        return _divided(amount, Decimal(len(months)))
    if not days:
        return Decimal(0)
    return _divided(EXACT.multiply(amount, DAYS_A_MONTH), Decimal(days))


def _share(cost: Decimal, hours: int) -> Decimal:
    return _divided(EXACT.multiply(cost, Decimal(hours)), Decimal(HOURS_A_WEEK))


def _divided(amount: Decimal, by: Decimal) -> Decimal:
    return _POST.quantize(_POST.divide(amount, by), POSTING_UNIT)
