"""Unusual days as incidents: consecutive days of one name are one thing that happened."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Literal

from costper.watch.anomaly import Kind, Reading, Severity
from costper.watch.limits import WEEK

Direction = Literal["up", "down"]
MARK = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One unusual day of one name, `cost` exact and the reading to the cent."""

    scope: str
    name: str
    day: date
    cost: Decimal
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Consecutive unusual days of one name. `end` is its last day, None while it goes on."""

    sightings: tuple[Sighting, ...]
    end: date | None

    @property
    def scope(self) -> str:
        """What kind of thing it happened to."""
        return self.sightings[0].scope

    @property
    def name(self) -> str:
        """Whom it happened to."""
        return self.sightings[0].name

    @property
    def start(self) -> date:
        """Its first day."""
        return self.sightings[0].day

    @property
    def last(self) -> date:
        """Its last day so far."""
        return self.sightings[-1].day

    @property
    def kind(self) -> Kind:
        """What its first day was."""
        return self.sightings[0].reading.kind

    @property
    def severity(self) -> Severity:
        """The worst of its days."""
        worst = any(one.reading.severity == "critical" for one in self.sightings)
        return "critical" if worst else "warning"

    @property
    def impact(self) -> Decimal:
        """What it cost, or saved (negative): the sum of the deviations."""
        return sum((one.reading.deviation for one in self.sightings), Decimal(0))

    @property
    def direction(self) -> Direction:
        """Whether it cost more or less than expected, in all."""
        return "up" if self.impact > 0 else "down"

    @property
    def peak(self) -> Sighting:
        """The day furthest from what was expected, the first of several."""
        return max(self.sightings, key=lambda one: abs(one.reading.deviation))

    @property
    def incident_id(self) -> str:
        """Name it for good: by whom, when it began and whether slowly."""
        return incident_id(self.scope, self.name, self.start, slow=self.kind == "drift")


def incident_id(scope: str, name: str, start: date, *, slow: bool) -> str:
    """Give an incident's name: its first day, and a mark of whose it is.

    >>> incident_id("service", "db", date(2026, 11, 10), slow=False)
    '20261110-151fd6da53'
    """
    whose = "\x00".join((scope, name, "drift" if slow else "day"))
    return f"{start:%Y%m%d}-{hashlib.sha256(whose.encode()).hexdigest()[:MARK]}"


def started(incident_id: str) -> date | None:
    """Read the first day out of an incident's name; None when it is no such name.

    >>> started("20261110-151fd6da53"), started("the one of yesterday")
    (datetime.date(2026, 11, 10), None)
    """
    day, dash, mark = incident_id.partition("-")
    if len(day) != len("20261110") or not dash or len(mark) != MARK or not day.isdecimal():
        return None
    try:
        return date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return None


def incidents(sightings: Iterable[Sighting], judged: Sequence[date]) -> list[Incident]:
    """Join consecutive sightings of one name; `judged` are all days that could be, in order.

    A day without data, or one that could not be judged, neither continues nor ends an incident.
    A drift is never joined with single days; its weeks overlap, so it may skip less than one. An
    incident that the next judged day could continue goes on.
    """
    order = {day: at for at, day in enumerate(judged)}
    found: list[Incident] = []
    for _, group in groupby(sorted(sightings, key=_place), key=lambda one: _place(one)[:-1]):
        run: list[Sighting] = []
        for one in group:
            if run and order[one.day] - order[run[-1].day] > _reach(one):
                found.append(_incident(run, ended=True))
                run = []
            run.append(one)
        found.append(_incident(run, ended=order[run[-1].day] + _reach(run[-1]) < len(judged)))
    return sorted(found, key=lambda one: (one.start, one.scope, one.name, one.kind))


def _place(one: Sighting) -> tuple[str, str, bool, date]:
    return one.scope, one.name, one.reading.kind == "drift", one.day


def _reach(one: Sighting) -> int:
    """Say how many judged days later the next day of the same incident may come."""
    return WEEK if one.reading.kind == "drift" else 1


def _incident(run: Sequence[Sighting], *, ended: bool) -> Incident:
    return Incident(sightings=tuple(run), end=run[-1].day if ended else None)
