"""How often a source brings something new, and which day it should have brought by now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from costper.config.settings import Declared, MetricGrain, Settings
from costper.economics.calendar import bucket_of
from costper.model.delivery import Delivery
from costper.pipeline.check import STALE_DAYS

INVOICE_DAYS = 2
"""A bill whose whole past months have charges on no more days comes once a month."""

ONE_DAY = timedelta(days=1)


def lag_days(settings: Settings) -> int:
    """Say how many days a source may be behind: until a day is settled, and some grace."""
    return settings.settle_days + STALE_DAYS


def cadence_of(
    settings: Settings, declared: Declared, held: Sequence[Delivery], today: date
) -> MetricGrain:
    """Say what a source brings at a time: days, weeks or months."""
    if declared.kind == "measurements":
        own = [one for one in settings.metrics if (one.source or one.name) == declared.name]
        first: MetricGrain = own[0].grain if own else "day"
        return first if all(one.grain == first for one in own) else "day"
    month = today.replace(day=1)
    past = [one.covered_days for one in held if one.scope.billing_period < month]
    return "month" if past and max(past) <= INVOICE_DAYS else "day"


def covered(day: date, cadence: MetricGrain) -> date:
    """Give the last day that data of a day speaks for: all of its week or month.

    >>> covered(date(2026, 11, 2), "month")
    datetime.date(2026, 11, 30)
    """
    return bucket_of(day, cadence).end - ONE_DAY


def expected(today: date, lag: int, cadence: MetricGrain) -> date:
    """Give the last day that data should reach by now.

    >>> expected(date(2026, 11, 20), 5, "day"), expected(date(2026, 11, 20), 5, "month")
    (datetime.date(2026, 11, 15), datetime.date(2026, 10, 31))
    """
    over = today - timedelta(days=lag)
    bucket = bucket_of(over, cadence)
    return over if bucket.end == over + ONE_DAY else bucket.start - ONE_DAY
