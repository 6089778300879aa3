"""Which days of a question in letters, a formula's among them, are not what was to be expected?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Context, Decimal

from costper.model.answer import Absent, Answer, Cell, Measure, Row
from costper.model.period import Period
from costper.model.question import Question
from costper.pipeline.answer.frame import Readable, Standing
from costper.pipeline.answer.watched import Watch
from costper.pipeline.query.answer import answer_of
from costper.pipeline.query.ask import ask
from costper.pipeline.query.asked import Asked
from costper.pipeline.query.facts import Facts
from costper.pipeline.query.read import TOTAL, Key
from costper.watch.anomaly import Day, Reading, unusual
from costper.watch.drift import drifts
from costper.watch.limits import BEFORE, MEMORY, WEEK

PLAIN = Watch(minimum=Decimal(0))
SHORT = Context(prec=10)
"""Scores need no more digits, and unit costs may be of any size."""

NEVER_VARIED = Absent("never_varied")


@dataclass(frozen=True, slots=True)
class _Found:
    name: str
    key: Key
    reading: Reading


def unusual_answer(
    books: Readable,
    question: Question,
    *,
    now: datetime,
    standing: Standing | None = None,
    facts: Facts | None = None,
    watch: Watch = PLAIN,
) -> Answer:
    """Judge every settled day of a question's results: its formulas, or its letters without any.

    Grain and comparison of the question do not matter: days are judged by the days before them,
    group by group. The least deviation is in the result's own unit. A day without a value is a
    gap. Rows are ordered by score, those without one first.

    Raises:
        UserError: as `ask` does.
    """
    daily = replace(question, grain="day", compare="")
    period = ask(books, daily, now=now, standing=standing, facts=facts).period
    back = timedelta(days=MEMORY + WEEK + BEFORE)
    whole = Question(
        letters=question.letters,
        formulas=question.formulas,
        grain="day",
        by=question.by,
        since=period.start - back,
        until=period.end,
        unit=question.unit,
        scale=question.scale,
    )
    asked = ask(books, whole, now=now, standing=standing, facts=facts)
    found = [one for one in _found(asked, watch) if _inside(asked, one, period)]
    found.sort(key=lambda one: (one.reading.position, one.name, one.key))
    found.sort(key=lambda one: -_size(one.reading))
    made = answer_of(replace(asked, groups=(), period=period))
    critical = sum(one.reading.severity == "critical" for one in found)
    names = list(dict.fromkeys(one.name for one in found))
    measures: dict[str, Measure] = dict.fromkeys(_VALUES, "number")
    return replace(
        made,
        question={**made.question, "noun": "anomalies", "from": period.start, "to": period.end},
        rows=tuple(_row(asked, one) for one in found),
        total={
            "anomalies": len(found),
            "critical": critical,
            "warning": len(found) - critical,
            "of": tuple(names),
        },
        measures=measures,
    )


_VALUES = ("value", "expected", "expected_low", "expected_high", "deviation", "score", "z")


def _found(asked: Asked, watch: Watch) -> Iterator[_Found]:
    names = tuple(asked.formulas) or tuple(asked.letters)
    for name in names:
        for key in asked.groups if asked.question.by else (TOTAL,):
            for reading in _readings(_line(asked, name, key), watch):
                yield _Found(name, key, reading)


def _readings(line: Sequence[Day], watch: Watch) -> list[Reading]:
    days = unusual(line, MEMORY, minimum=watch.minimum, method=watch.method)
    told = [one.position for one in days]
    slow = drifts(line, MEMORY + WEEK + BEFORE, minimum=watch.minimum, told=told)
    begun = {one.position for one in slow}
    return [*days, *(one for one in slow if one.position - 1 not in begun)]


def _line(asked: Asked, name: str, key: Key) -> list[Day]:
    """Line up the values of settled days; a null, whatever its reason, is a day without data."""
    line: list[Day] = []
    for at in range(len(asked.buckets)):
        value = asked.value(name, key, at) if asked.settled(at) else None
        line.append(SHORT.plus(value) if isinstance(value, Decimal) else None)
    return line


def _inside(asked: Asked, one: _Found, period: Period) -> bool:
    return period.holds(asked.buckets[one.reading.position].start)


def _size(reading: Reading) -> Decimal:
    return Decimal("Infinity") if reading.score is None else abs(reading.score)


def _row(asked: Asked, one: _Found) -> Row:
    reading = one.reading
    groups: dict[str, Cell] = dict(zip(asked.question.by, one.key, strict=False))
    return {
        "day": asked.buckets[reading.position].start,
        "of": one.name,
        **groups,
        "kind": reading.kind,
        "severity": reading.severity,
        "direction": "up" if reading.deviation > 0 else "down",
        "score": Absent(reading.kind) if reading.score is None else _short(reading.score, 2),
        "value": SHORT.plus(reading.value),
        "expected": SHORT.plus(reading.expected),
        "expected_low": SHORT.plus(reading.low),
        "expected_high": SHORT.plus(reading.high),
        "deviation": SHORT.plus(reading.deviation),
        "z": NEVER_VARIED if reading.z is None else _short(reading.z, 2),
    }


def _short(score: Decimal, places: int) -> Decimal:
    return round(score, places)
