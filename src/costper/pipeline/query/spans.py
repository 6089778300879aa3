"""Days said by words, as days: counted from the last day that is settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from costper.config.settings import Settings
from costper.economics.calendar import ONE_DAY, bucket_of, months_on
from costper.model.period import FIRST_DAY, Period
from costper.model.question import Question
from costper.model.span import Span
from costper.pipeline.query.resolve import Resolved

MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}


def dated(
    question: Question, letters: Sequence[Resolved], settings: Settings, now: datetime
) -> Question:
    """Give a question whose days are days; one that says no span is as it is.

    The last settled day is the last one that is settled in every letter.
    """
    if question.span is None:
        return question
    known = [one.settled for one in letters if one.settled is not None]
    last = min(known, default=now.date() - timedelta(days=settings.settle_days))
    period = days_of(question.span, last)
    return replace(question, span=None, since=period.start, until=period.end)


def days_of(span: Span, last: date) -> Period:
    """Give the days of a span whose last settled day is `last`; whole weeks, months and so on.

    >>> days_of(Span("month", 3), date(2026, 11, 18))
    Period(start=datetime.date(2026, 8, 1), end=datetime.date(2026, 11, 1))
    >>> days_of(Span("month"), date(2026, 11, 18)).days
    18
    """
    after = last + ONE_DAY
    if not span.count:
        return Period(_begin(last, span), after)
    if span.unit == "day":
        return Period(_back(after, span.count), after)
    end = _begin(after, span)
    if span.unit == "week":
        return Period(_back(end, 7 * span.count), end)
    return Period(_months_back(end, MONTHS_OF[span.unit] * span.count), end)


def _begin(day: date, span: Span) -> date:
    if span.unit == "year":
        return day.replace(month=1, day=1)
    return bucket_of(day, "" if span.unit == "day" else span.unit).start


def _back(day: date, days: int) -> date:
    return max(day - timedelta(days=days), FIRST_DAY)


def _months_back(day: date, months: int) -> date:
    return max(months_on(day, -months), FIRST_DAY)
