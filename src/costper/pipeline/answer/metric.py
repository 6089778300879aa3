"""One business metric in depth: its values, those that changed, holes, and unmatched labels."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from costper.economics.calendar import bucket_of
from costper.errors import UnknownNameError, UserError
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.period import Period
from costper.pipeline.answer.frame import NO_DATA, Asked, Frame, in_days
from costper.pipeline.answer.labels import labels_of
from costper.pipeline.answer.metric_info import MetricInfo, metric_info
from costper.pipeline.answer.metrics import (
    MART,
    ONE_DAY,
    days_of,
    facts_row,
    holes_in,
    metric_answer,
    metric_issues,
)
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.metric_months import number_of
from costper.store.books import Books
from costper.store.metric_mart import Restated, restatements_of

BUCKETS = {"day": 14, "week": 7 * 13, "month": 366}
"""How many days are shown of a metric when nothing is said: two weeks, a quarter, a year."""

SHOWN = 50
NOT_SETTLED = Absent("not_settled")
NOT_ADDITIVE = Absent("not_additive")


def metric(books: Books, frame: Frame, name: str) -> Answer:
    """Answer one row: what the metric is, its recent values, and what may be wrong with them.

    The days asked for are those of its values. A settled day without a row is null with
    "no_data", a later one with "not_settled"; a zero is a zero. Raises UnknownNameError.
    """
    infos = {one.name: one for one in metric_info(books, frame.now)}
    if name not in infos:
        raise UnknownNameError("metric", name, infos)
    info = infos[name]
    held = days_of(books).get(name, ())
    holes = tuple(holes_in(info, held))
    labels = [labels_of(books, name, dimension) for dimension in info.dimensions]
    period = _period(info, frame.asked, frame.now)
    row: Row = {
        **facts_row(info),
        "description": info.setting.description,
        "settle_days": info.settle_days,
        "days_with_data": info.days,
        "missing_days": len(holes),
        "restatements": info.restated,
        "recent": tuple(_recent(books, info, period)),
        "holes": tuple(_spans(info, holes)),
        "dimensions": tuple(one.counts() for one in labels),
        "unmatched": tuple(row for one in labels for row in one.unmatched()),
        "restated": tuple(
            _restated(one)
            for one in restatements_of(
                books.engine, number_of(info.setting), books.settings.dimension_names, SHOWN
            )
        ),
    }
    question: dict[str, Cell] = {
        "noun": "metric",
        "metric": name,
        "from": period.start,
        "to": period.end,
        "days": period.days,
    }
    issues = tuple(metric_issues(books, info))
    settled = info.settled_through
    return metric_answer(
        frame,
        question,
        (row,),
        issues,
        settled=settled,
        estimated=settled is None or period.end > settled + ONE_DAY,
    )


def _period(info: MetricInfo, asked: Asked, now: datetime) -> Period:
    last = info.last_day or now.date()
    days = asked.days or BUCKETS[info.setting.grain]
    end = asked.until or (last + ONE_DAY)
    usual = bucket_of(end - timedelta(days=days), info.setting.grain).start
    first = info.first_day if asked.days is None and asked.until is None else None
    start = asked.since or max(usual, first or usual)
    if asked.until is None and asked.since is not None and asked.days is not None:
        end = start + timedelta(days=days)
    if start >= end:
        raise UserError(
            f"there is nothing from {start} to before {end}",
            where="from",
            hint=f"{info.name} has data from {info.first_day} to {info.last_day}",
        )
    return Period(start, end)


def _recent(books: Books, info: MetricInfo, period: Period) -> Iterator[Row]:
    """Give the value of every bucket that begins in the period."""
    known = _values(books, info, period)
    at = bucket_of(period.start, info.setting.grain)
    at = at if at.start >= period.start else bucket_of(at.end, info.setting.grain)
    while at.start < period.end:
        settled = info.settled_through is not None and at.end <= info.settled_through + ONE_DAY
        value = known.get(at.start, NO_DATA if settled else NOT_SETTLED)
        if at.start in known:
            state = "final" if settled else "may change"
        else:
            state = "missing" if settled else "not settled"
        yield {"date": at.start, "quantity": value, "state": state}
        at = bucket_of(at.end, info.setting.grain)


def _values(books: Books, info: MetricInfo, period: Period) -> dict[date, Decimal | Absent]:
    bound = Bound()
    value = {"max": "max(value)", "min": "min(value)"}.get(info.combine, "sum(value)")
    select = Select(
        columns={"day": "day", "value": value, "many": "count(*)", "most": 'max("rows")'},
        table=MART,
        where=(f"metric = {bound.bind(info.name)}", *in_days(period, bound)),
        group=("day",),
    )
    rows = books.marts.query(select.text(), bound.values).to_pylist()
    return {
        row["day"]: row["value"]
        if info.combine or row["many"] == row["most"] == 1
        else NOT_ADDITIVE
        for row in rows
    }


def _spans(info: MetricInfo, holes: tuple[date, ...]) -> Iterator[Row]:
    """Put holes that follow each other into one line, the first SHOWN of them."""
    spans: list[tuple[date, date, int]] = []
    for hole in holes:
        last = bucket_of(hole, info.setting.grain).end - ONE_DAY
        if spans and spans[-1][1] + ONE_DAY == hole:
            spans[-1] = (spans[-1][0], last, spans[-1][2] + 1)
        else:
            spans.append((hole, last, 1))
    for first, last, many in spans[:SHOWN]:
        yield {"first_day": first, "last_day": last, f"{info.setting.grain}s_count": many}


def _restated(one: Restated) -> Row:
    return {
        "date": one.day,
        "words": ", ".join(f"{name}={word}" for name, word in one.words.items()),
        "old_quantity": NO_DATA if one.old is None else one.old,
        "new_quantity": NO_DATA if one.new is None else one.new,
        "changed_at": one.changed_at,
    }
