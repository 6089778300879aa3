"""One incident in depth, day by day, and what people say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from costper.errors import UnknownNameError
from costper.model.answer import Answer, Cell, Row
from costper.pipeline.answer.anomalies import judgement, number
from costper.pipeline.answer.around import around
from costper.pipeline.answer.blame import contributors, part_of
from costper.pipeline.answer.frame import ONE_DAY, Asked, Frame, frame_of
from costper.pipeline.answer.incidents import Happened, echoes_of, happened, incident_row
from costper.pipeline.answer.watched import LEAD, History, Watch
from costper.store.books import Books
from costper.store.feedback import Feedback, Remark, all_feedback, give_feedback
from costper.watch.incident import Incident, Sighting, started

NOON = time(12, tzinfo=UTC)
LONGEST = timedelta(days=2 * LEAD)


def incident(frame: Frame, incident_id: str, watch: Watch | None = None) -> Answer:
    """Show the days of one incident, its range and contributors; the total is all of it.

    The total has the days `around` it too. The days asked for do not matter: an incident's name
    says when it began.

    Raises:
        UnknownNameError: no incident of this name is in the books, as they are now.
    """
    plan = watch or Watch()
    found = _found(frame, incident_id, plan)
    days = found.one.incident.sightings
    parts = contributors(found.frame, days, found.history)
    rows = tuple(_day_row(one, parts[one]) for one in days)
    question: dict[str, Cell] = {"noun": "incident", "incident": incident_id}
    total = incident_row(found.one, parts[found.one.incident.peak], _echoes(found))
    near = around(found.frame, found.one.incident, plan, found.history)
    return found.frame.answer(question, rows, {**total, "around": near})


def judge_incident(
    books: Books, frame: Frame, incident_id: str, remark: Remark, *, now: datetime
) -> None:
    """Remember that an incident, and so each echo of it, was expected or real.

    Nothing is learnt from its days from then on.

    Raises:
        UnknownNameError: no incident of this name is in the books, as they are now.
        UserError: the note is too long.
    """
    watch = Watch(feedback=all_feedback(books.control))
    found = _found(frame, incident_id, watch)
    said = [_feedback(one.incident, remark, now) for one in _echoes(found)]
    own = replace(_feedback(found.one.incident, remark, now), incident_id=incident_id)
    give_feedback(books.control, (own, *said), now=now)


def _feedback(it: Incident, remark: Remark, now: datetime) -> Feedback:
    return Feedback(
        incident_id=it.incident_id,
        scope=it.scope,
        name=it.name,
        first_day=it.start,
        last_day=it.last,
        verdict=remark.verdict,
        note=remark.note.strip(),
        actor=remark.actor,
        at=now.isoformat(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One incident among all of its weeks."""

    frame: Frame
    history: History
    everything: Sequence[Happened]
    one: Happened


def _found(frame: Frame, incident_id: str, watch: Watch) -> _Found:
    start, settled = started(incident_id), frame.settled_through
    if start is None or settled is None or start > settled:
        raise _unknown(incident_id)
    until = min(settled + ONE_DAY, start + LONGEST)
    lag = timedelta(days=frame.books.settings.settle_days)
    own = frame_of(
        frame.books,
        Asked(since=start, until=until),
        datetime.combine(settled + lag, NOON),
        frame.standing,
    )
    history, everything = happened(own, watch)
    for one in everything:
        said = one.said.incident_id if one.said else ""
        if incident_id in {one.incident.incident_id, said}:
            return _Found(frame=own, history=history, everything=everything, one=one)
    raise _unknown(incident_id)


def _echoes(found: _Found) -> list[Happened]:
    """Give what the incident explains of teams and customers."""
    many = found.everything
    if found.one.incident.scope != "service":
        return []
    parts = contributors(found.frame, [one.incident.peak for one in many], found.history)
    return echoes_of(many, parts).get(found.one.incident.incident_id, [])


def _unknown(incident_id: str) -> UnknownNameError:
    return UnknownNameError("incident", incident_id, ())


def _day_row(one: Sighting, parts: tuple[Row, ...]) -> Row:
    moved: Decimal = one.reading.deviation
    return {
        "day": one.day,
        **judgement(one),
        "direction": "up" if moved > 0 else "down",
        "z": number(one.reading.z, "never_varied"),
        "top_contributor": str(parts[0][part_of(one.scope)]) if parts else "",
        "contributors": parts,
    }
