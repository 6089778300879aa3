"""What happened: unusual days joined into incidents, with what people said of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from costper.model.answer import Answer, Cell, Row
from costper.pipeline.answer.blame import contributors, part_of
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.watched import (
    History,
    Watch,
    asked,
    counted,
    history_of,
    sightings,
    to_the_cent,
)
from costper.store.feedback import Feedback
from costper.watch.incident import Incident, Sighting, incidents

Parts = Mapping[Sighting, Sequence[Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """An incident, what was said of it, and the last thing said of an earlier one like it."""

    incident: Incident
    said: Feedback | None
    before: Feedback | None

    @property
    def expected(self) -> bool:
        """Say whether somebody called it expected."""
        return self.said is not None and self.said.verdict == "expected"


def happened(frame: Frame, watch: Watch) -> tuple[History, list[Happened]]:
    """Find every incident with a day in the period, and the days it was found among."""
    history = history_of(frame)
    found = incidents(sightings(frame, watch, history), history.judged)
    said: dict[tuple[str, str], list[Feedback]] = defaultdict(list)
    for one in watch.feedback:
        said[one.scope, one.name].append(one)
    inside = [it for it in found if it.last >= frame.period.start and it.start < frame.period.end]
    return history, [_happened(it, said[it.scope, it.name]) for it in inside]


def _happened(incident: Incident, said: Sequence[Feedback]) -> Happened:
    """Find what was said of an incident: by its days, for its first one may have moved since."""
    same = [
        one
        for one in said
        if one.incident_id == incident.incident_id
        or (one.first_day <= incident.last and one.last_day >= incident.start)
    ]
    before = [one for one in said if one.last_day < incident.start]
    return Happened(
        incident=incident,
        said=same[-1] if same else None,
        before=max(before, key=lambda one: one.last_day) if before else None,
    )


def incident_list(
    frame: Frame, watch: Watch | None = None, *, everything: bool = False, severity: str = ""
) -> Answer:
    """List the incidents of the period, dearest first; those called expected with `everything`.

    `severity` lists only the critical ones, or only the warnings.

    An echo, an incident of a team or customer whose dearest day a service with an incident of
    its own explains, is no line of its own but named in that service's.
    """
    plan = watch or Watch()
    history, found = happened(frame, plan)
    shown = [one for one in found if everything or not one.expected]
    parts = contributors(frame, [one.incident.peak for one in shown], history)
    echoes = echoes_of(shown, parts)
    folded = {echo.incident.incident_id for many in echoes.values() for echo in many}
    rows = [
        incident_row(one, parts[one.incident.peak], echoes.get(one.incident.incident_id, ()))
        for one in sorted(shown, key=_dearest)
        if one.incident.incident_id not in folded and severity in {"", one.incident.severity}
    ]
    total: dict[str, Cell] = {
        "incidents": len(rows),
        "open": sum(row["end"] is None for row in rows),
        "critical": sum(row["severity"] == "critical" for row in rows),
        "warning": sum(row["severity"] == "warning" for row in rows),
        "echoes": len(folded),
        "called_expected": sum(one.expected for one in found),
        **counted(history),
    }
    return frame.answer(asked("incidents", frame, plan), tuple(rows), total)


def _dearest(one: Happened) -> tuple[Decimal, date, str, str]:
    it = one.incident
    return -abs(it.impact), it.start, it.scope, it.name


def echoes_of(found: Sequence[Happened], parts: Parts) -> dict[str, list[Happened]]:
    """Fold incidents into the one of the service that explains their dearest day."""
    culprits = {
        (day.day, one.incident.name, day.reading.deviation > 0): one.incident.incident_id
        for one in found
        if one.incident.scope == "service"
        for day in one.incident.sightings
    }
    folded: dict[str, list[Happened]] = defaultdict(list)
    for one in found:
        peak, top = one.incident.peak, parts[one.incident.peak]
        if one.incident.scope == "service" or not top:
            continue
        moved = top[0]["deviation"]
        up = isinstance(moved, Decimal) and moved > 0
        culprit = culprits.get((peak.day, str(top[0]["service"]), up))
        if culprit is not None:
            folded[culprit].append(one)
    return folded


def incident_row(one: Happened, parts: Sequence[Row], echoes: Sequence[Happened] = ()) -> Row:
    """Write an incident as a row; its amounts are of all its days, its range of the dearest.

    `impact` is `judged` less `expected`; `cost` is what its days cost themselves.
    """
    it, peak = one.incident, one.incident.peak.reading
    judged = sum((to_the_cent(day.reading.value) for day in it.sightings), Decimal(0))
    expected = sum((to_the_cent(day.reading.expected) for day in it.sightings), Decimal(0))
    return {
        "incident": it.incident_id,
        "scope": it.scope,
        "name": it.name,
        "kind": it.kind,
        "severity": it.severity,
        "direction": it.direction,
        "start": it.start,
        "end": it.end,
        "days": len(it.sightings),
        "impact": judged - expected,
        "judged": judged,
        "expected": expected,
        "cost": sum((day.cost for day in it.sightings), Decimal(0)),
        "worst_day": it.peak.day,
        "expected_low": to_the_cent(peak.low),
        "expected_high": to_the_cent(peak.high),
        "top_contributor": str(parts[0][part_of(it.scope)]) if parts else "",
        "contributors": tuple(parts),
        "echoes": tuple(f"{echo.incident.scope} {echo.incident.name}" for echo in echoes),
        **_said(one),
    }


def _said(one: Happened) -> Mapping[str, Cell]:
    said, before = one.said, one.before
    return {
        "verdict": said.verdict if said else "",
        "note": said.note if said else "",
        "by": said.actor if said else "",
        "said_at": said.at if said else "",
        "said_before": f"{before.verdict}: {before.note} ({before.last_day})" if before else "",
    }
