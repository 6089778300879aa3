"""Finds what a schedule would save in environments other than production.

Nothing has to run in them at night and at weekends. Where a bill is hourly, what it charges out
of working hours is measured, else it is estimated as its share of a week. What another finding
claims is left out, day by day and service by service, as much of it as is idle.

    working_hours: {days: [mon, tue, wed, thu, fri], start: 8, end: 19}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from costper.economics.savings.base import Confidence
from costper.economics.waste import Idle, idle_cost, left_of
from costper.model.money import EXACT
from costper.model.outcome import Issue
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.waste import closed_hours, hour_costs, no_week

Claimed = Mapping[tuple[str, str, date], Decimal]
"""What other findings claim, by environment, service and day."""


@dataclass(slots=True, kw_only=True)
class Night:
    """One environment: its cost in the period, and what of it a schedule would save."""

    environment: str
    saving: Decimal = Decimal(0)
    idle: Idle = field(default_factory=Idle)
    shared: bool = False
    services: dict[str, Idle] = field(default_factory=dict[str, Idle])

    @property
    def confidence(self) -> Confidence:
        """Measured where every hour was billed and nothing was left out."""
        return "estimated" if self.idle.estimated or self.shared else "measured"


def nights(frame: Frame, claimed: Claimed) -> tuple[tuple[Night, ...], tuple[Issue, ...]]:
    """Give every environment with an idle cost, and what is to be said of it."""
    cells, missing = hour_costs(frame)
    outside, closed = closed_hours(frame.books.settings)
    by_day = idle_cost(
        cells, outside, closed, lambda cell: (cell.environment, cell.service, str(cell.day))
    )
    found: dict[str, Night] = {}
    for (environment, service, day), idle in by_day.items():
        night = found.setdefault(environment, Night(environment=environment))
        taken = claimed.get((environment, service, date.fromisoformat(day)), Decimal(0))
        saved = left_of(idle.outside, idle.cost, taken)
        night.saving = EXACT.add(night.saving, saved)
        night.shared |= bool(taken)
        for one in (night.idle, night.services.setdefault(service, Idle())):
            _more(one, idle)
    worth = [night for night in found.values() if night.saving > 0]
    return tuple(worth), (*missing, *(no_week(frame) if worth else ()))


def dearest(services: Mapping[str, Idle]) -> Iterable[tuple[str, Idle]]:
    """Put services in order of what they cost while nobody works."""
    return sorted(services.items(), key=lambda item: (-item[1].outside, item[0]))


def _more(one: Idle, more: Idle) -> None:
    one.cost = EXACT.add(one.cost, more.cost)
    one.outside = EXACT.add(one.outside, more.outside)
    one.estimated = EXACT.add(one.estimated, more.estimated)
