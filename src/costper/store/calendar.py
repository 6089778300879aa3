"""Offer the days that charges of several days are spread over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pyarrow as pa

from costper.model.period import Period
from costper.store.engine import Engine
from costper.store.spread import CALENDAR


def offer_calendar(engine: Engine, days: Iterable[date]) -> None:
    """Make these days readable to the roll-up; each charge spread must find all of its own."""
    engine.offer(CALENDAR, pa.table({"day": pa.array(sorted(set(days)), pa.date32())}))


def days_of(period: Period) -> frozenset[date]:
    """Give the days of a period."""
    return frozenset(period.each_day())
