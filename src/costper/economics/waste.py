"""What non-production costs while nobody works, and the schedule that would save it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal

from costper.model.money import EXACT, POSTING_UNIT
from costper.model.period import Period, month_of

HOURS_A_WEEK = 168
DAYS_A_YEAR = Decimal(365)
MONTHS_A_YEAR = 12
"""A month of an odd window is 365 / 12 days, as it is where revenue is scaled."""

HUNDREDTH = Decimal("0.01")
_POST = Context(prec=60, rounding=ROUND_HALF_UP)
_POST_DOWN = Context(prec=60, rounding=ROUND_DOWN)


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

    Whole calendar months with data on every day are divided by their number; any other window is
    scaled by its days with data to a month of 365 / 12 days. What is finer than 10^-12 is left
    off, so that the months of parts never exceed the month of the whole.

    >>> a_month(Decimal(18000), Period(date(2026, 10, 1), date(2026, 11, 1)), 31)
    Decimal('18000.000000000000')
    """
    if counts_months(period, days):
        return _cut(amount, Decimal(whole_months(period)))
    if not days:
        return Decimal(0)
    return _cut(EXACT.multiply(amount, DAYS_A_YEAR), Decimal(MONTHS_A_YEAR * days))


def counts_months(period: Period, days: int) -> bool:
    """Say whether an amount of `days` days is of whole calendar months: one that runs is none."""
    return days >= period.days and whole_months(period) > 0


def whole_months(period: Period) -> int:
    """Count the calendar months a period is made of; 0 where it is not made of whole ones."""
    months = list(period.months())
    return len(months) if all(part == month_of(part.start) for part in months) else 0


def hundredths(part: Decimal, whole: Decimal) -> Decimal:
    """Give part ÷ whole in percent, rounded half up to two decimals; `whole` is not zero.

    >>> hundredths(Decimal(23000), Decimal(120000))
    Decimal('19.17')
    """
    return _POST.quantize(_POST.divide(EXACT.multiply(part, Decimal(100)), whole), HUNDREDTH)


def left_of(idle: Decimal, cost: Decimal, claimed: Decimal) -> Decimal:
    """Give the idle part of a cost of which some is claimed whole by other findings.

    What is claimed is taken to be idle as much as the rest: idle x (cost - claimed) / cost, so
    that claimed and left together never exceed the cost.

    >>> left_of(Decimal(60), Decimal(100), Decimal(50))
    Decimal('30.000000000000')
    """
    if not claimed:
        return idle
    rest = EXACT.subtract(cost, claimed)
    if cost <= 0 or rest <= 0:
        return Decimal(0)
    return _cut(EXACT.multiply(idle, rest), cost)


def _share(cost: Decimal, hours: int) -> Decimal:
    return _divided(EXACT.multiply(cost, Decimal(hours)), Decimal(HOURS_A_WEEK))


def _cut(amount: Decimal, by: Decimal) -> Decimal:
    return _POST_DOWN.quantize(_POST_DOWN.divide(amount, by), POSTING_UNIT)


def _divided(amount: Decimal, by: Decimal) -> Decimal:
    return _POST.quantize(_POST.divide(amount, by), POSTING_UNIT)
