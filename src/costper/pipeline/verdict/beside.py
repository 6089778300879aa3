"""What to know beside a verdict that something moved: incidents in its days, uneven weekdays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from costper.model.answer import Absent
from costper.model.outcome import Issue
from costper.model.period import Period
from costper.pipeline.answer.frame import Asked as Days
from costper.pipeline.answer.frame import Readable, Standing, frame_of
from costper.pipeline.answer.incidents import happened
from costper.pipeline.answer.watched import Watch, to_the_cent
from costper.pipeline.verdict.judged import Judged
from costper.pipeline.verdict.pairs import Pairs
from costper.watch.incident import Incident

MOVED = frozenset(("drifting", "scaling_well"))
SCOPE = "service"
MOST_NAMED = 3
LEAST_PART = Decimal("0.01")
"""The least part of a period's cost that an incident must be to be named."""

SATURDAY = 5


def beside(
    books: Readable, pairs: Pairs, whole: Judged, *, now: datetime, standing: Standing
) -> tuple[Issue, ...]:
    """Name what may be all of a movement; the verdict itself stays as it is.

    Incidents are those of services, so only a cost without a condition is told of them.
    """
    if whole.verdict.name not in MOVED or pairs.asked.compared is None:
        return ()
    return (
        *_weekdays(pairs, pairs.asked.compared),
        *_incidents(books, pairs, whole, now, standing),
    )


def _weekdays(pairs: Pairs, before: Period) -> Iterator[Issue]:
    asked = pairs.asked
    by_day = all(asked.resolved(name).grain == "day" for name in asked.letters)
    now, then = weekdays(asked.period), weekdays(before)
    if by_day and now != then and asked.question.compare != "weekday":
        yield Issue(
            code="weekdays_differ",
            message=f"{now} weekdays are compared with {then}",
            severity="info",
            hint="--compare weekday evens that out",
            count=abs(now - then),
        )


def weekdays(period: Period) -> int:
    """Count the days from Monday to Friday.

    >>> weekdays(Period(date(2026, 10, 1), date(2026, 11, 1)))
    22
    """
    return sum(day.weekday() < SATURDAY for day in period.each_day())


def _incidents(
    books: Readable, pairs: Pairs, whole: Judged, now: datetime, standing: Standing
) -> Iterator[Issue]:
    asked = pairs.asked
    costs = [asked.resolved(name) for name in asked.letters]
    if any(one.condition is not None for one in costs if one.kind == "cost"):
        return
    sides = (
        ("the period", asked.period, whole.now),
        ("the days compared with", asked.compared, whole.before),
    )
    for said, period, side in sides:
        if period is None or isinstance(side.cost, Absent):
            continue
        for one in _found(books, period, now, standing)[:MOST_NAMED]:
            if abs(one.impact) < LEAST_PART * abs(side.cost):
                break
            yield Issue(
                code="incident_inside",
                message=f"an incident of {to_the_cent(one.impact):+,} {asked.currency} at "
                f"{one.name} ({_days(one.start, one.last)}) lies in {said}",
                severity="info",
                where=one.incident_id,
                hint=f"costper incidents {one.incident_id}",
            )


def _found(books: Readable, period: Period, now: datetime, standing: Standing) -> list[Incident]:
    """Give the incidents of services with a day in a period, the dearest first."""
    frame = frame_of(books, Days(since=period.start, until=period.end), now, standing)
    _, found = happened(frame, Watch(scopes=(SCOPE,)))
    incidents = [one.incident for one in found]
    return sorted(incidents, key=lambda one: (-abs(one.impact), one.incident_id))


def _days(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"
