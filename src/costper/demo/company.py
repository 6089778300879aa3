"""Lumen Desk, a 60-person company that sells help-desk software, as plain facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from costper.model.period import Period, month_of

ORGANISATION = "Lumen Desk"
SEED = 60
MONTHS: tuple[Period, ...] = tuple(month_of(date(2026, month, 1)) for month in (8, 9, 10))
LAST_MONTH = MONTHS[-1]
MONTH_FACTORS: dict[date, Decimal] = {
    MONTHS[0].start: Decimal("0.94"),
    MONTHS[1].start: Decimal("0.97"),
    MONTHS[2].start: Decimal("1.00"),
}
"""How large a month is beside October 2026, the month every fact below is stated for."""

SPEND = Decimal(120_000)
STAGING_NIGHTS = Decimal(18_000)
STAGING_WORKING_HOURS = Decimal(8_900)
DEVELOPMENT = Decimal(5_200)
INCIDENT = Decimal(4_000)
INCIDENT_DAY = date(2026, 10, 14)
INCIDENT_SERVICE = "image-resizer"
METRIC_GAP = date(2026, 10, 22)
"""The day the storage exporter was down: its cost stays unallocated and says so."""

WORST_CUSTOMER = "cobalt-freight"
WORST_COST = Decimal(8_000)


@dataclass(frozen=True, slots=True)
class Account:
    """One AWS account."""

    number: str
    name: str


PAYER = Account("100000000001", "lumen-payer")
PRODUCTION = Account("200000000002", "lumen-production")
DATA = Account("300000000003", "lumen-data")
TOOLING = Account("400000000004", "lumen-tooling")
ENGINEERING_PAYER = Account("500000000005", "lumen-engineering-payer")
STAGING = Account("600000000006", "lumen-staging")
DEVELOPMENT_ACCOUNT = Account("700000000007", "lumen-development")

WORKING_HOURS = range(8, 19)
SATURDAY = 5


def is_working_hour(day: date, hour: int) -> bool:
    """Say whether people are at work (Monday to Friday, 08:00 to 19:00 UTC)."""
    return day.weekday() < SATURDAY and hour in WORKING_HOURS


def in_month(october: Decimal, month: Period) -> Decimal:
    """Scale an amount stated for October to another month, in whole cents."""
    return (october * MONTH_FACTORS[month.start]).quantize(Decimal("0.01"))


def clock(day: date, hour: int = 0) -> str:
    """Write an instant the way AWS does; hour 24 is midnight of the next day."""
    at = day + timedelta(days=hour // 24)
    return f"{at.isoformat()}T{hour % 24:02d}:00:00Z"
