"""Which days, of which services, teams or customers, are not what the days before promise?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import cast

from costper.model.answer import Absent, Answer, Cell, Row
from costper.pipeline.answer.blame import contributors, part_of
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.incidents import Happened, happened
from costper.pipeline.answer.watched import Watch, asked, counted, to_the_cent
from costper.watch.incident import Sighting

Told = tuple[Sighting, Happened]
Sign = tuple[date, str, bool]


def anomalies(frame: Frame, watch: Watch | None = None, *, everything: bool = False) -> Answer:
    """List the unusual settled days of the period, worst deviation first, echoes last.

    An echo is a day of a customer or team whose top contributor is a service with an anomaly of
    its own that day, in the same direction: the culprit comes before it. A drift is listed with
    its first day. Days whose charges are still estimated are never judged, and days somebody has
    called expected are listed only with `everything`.
    """
    plan = watch or Watch()
    history, all_of_them = happened(frame, plan)
    shown = [one for one in all_of_them if everything or not one.expected]
    found = [
        (sighting, one)
        for one in shown
        for sighting in one.incident.sightings
        if frame.period.holds(sighting.day)
        and (sighting.reading.kind != "drift" or sighting.day == one.incident.start)
    ]
    found.sort(key=lambda it: (it[0].day, it[0].scope, it[0].name))
    found.sort(key=lambda it: -abs(it[0].reading.deviation))
    parts = contributors(frame, [sighting for sighting, _ in found], history)
    rows = [_row(one, incident, parts[one]) for one, incident in found]
    culprits = {_sign(one) for one, _ in found if one.scope == "service"}
    rows.sort(key=lambda row: _is_echo(row, culprits))
    levels = {level: _count(found, level) for level in ("critical", "warning")}
    return frame.answer(
        asked("anomalies", frame, plan),
        tuple(rows),
        {"anomalies": len(rows), **levels, **counted(history)},
    )


def _sign(one: Sighting) -> Sign:
    """Give what an echo of a service's unusual day has in common with it."""
    return one.day, one.name, one.reading.deviation > 0


def _is_echo(row: Row, culprits: Collection[Sign]) -> bool:
    """Say whether a service, listed itself, explains a line of a customer or team."""
    parts = cast("Sequence[Row]", row["contributors"])
    day = row["day"]
    if row["scope"] == "service" or not parts or not isinstance(day, date):
        return False
    moved = parts[0]["deviation"]
    return isinstance(moved, Decimal) and (day, str(parts[0]["service"]), moved > 0) in culprits


def _count(found: Sequence[Told], severity: str) -> int:
    return sum(one.reading.severity == severity for one, _ in found)


def _row(one: Sighting, of: Happened, parts: Sequence[Row]) -> Row:
    reading = one.reading
    return {
        "day": one.day,
        "scope": one.scope,
        "name": one.name,
        **judgement(one),
        "top_contributor": str(parts[0][part_of(one.scope)]) if parts else "",
        "contributors": tuple(parts),
        "direction": "up" if reading.deviation > 0 else "down",
        "z": number(reading.z, "never_varied"),
        "incident": of.incident.incident_id,
    }


def judgement(one: Sighting) -> Mapping[str, Cell]:
    """Write what a day was judged to be as cells; `deviation` is `judged` less `expected`."""
    reading = one.reading
    return {
        "kind": reading.kind,
        "severity": reading.severity,
        "score": number(reading.score, reading.kind),
        "cost": one.cost,
        "judged": to_the_cent(reading.value),
        "expected": to_the_cent(reading.expected),
        "expected_low": to_the_cent(reading.low),
        "expected_high": to_the_cent(reading.high),
        "deviation": to_the_cent(reading.value) - to_the_cent(reading.expected),
    }


def number(score: Decimal | None, reason: str) -> Decimal | Absent:
    """Write a score to two places; null for a reason where there is none."""
    return Absent(reason) if score is None else to_the_cent(score)
