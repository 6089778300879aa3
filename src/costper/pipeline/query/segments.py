"""Segments a metric lacks on days it has others: no row there is not known to be none."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from costper.economics.calendar import ONE_DAY, bucket_of
from costper.model.call import CALLS
from costper.model.names import quoted
from costper.model.outcome import Issue
from costper.model.period import FIRST_DAY, Period
from costper.pipeline.answer.frame import Readable, in_days
from costper.pipeline.answer.metric_info import combine_of
from costper.pipeline.answer.select import Bound, condition_sql, mart_key
from costper.pipeline.query.facts import Facts, Lacking
from costper.pipeline.query.resolve import Resolved

MEMORY = {"day": timedelta(days=28), "week": timedelta(days=56), "month": timedelta(days=93)}
"""How long before the days asked for a segment was there, where it is not new."""

KEPT = 1_000
NAMED = 3
COLUMNS = ("first", "until", "held", "name", "many")
MART = "metric_daily"
LISTED = (
    " AND {word} IN (SELECT c.customer FROM customers AS c WHERE c.valid_from <= {last} "
    "AND (c.valid_to IS NULL OR c.valid_to > {last}) "
    "AND REPLACE(REPLACE(c.status, ' ', '_'), '-', '_') IN ('active', 'past_due', 'trialing'))"
)
"""Customers come and go: one that is gone from the list lacks nothing, one that is there does."""


@dataclass(frozen=True, slots=True)
class Days:
    """The days that are asked for, and those they are compared with."""

    period: Period
    compared: Period | None


def missing_segments(
    books: Readable, days: Days, letters: Sequence[Resolved], facts: Facts
) -> tuple[Issue, ...]:
    """Say of each metric which segments have no row on days that others have one.

    A segment is a group of all that the metric is broken down by. It is there from its first day
    on, and to the last of its days or, where a value of it ends with it, of the metric's. Metrics
    that a gap rule fills lack nothing; of LLM calls no row is none.
    """
    found = [
        (one, _kept(books, days, one, period, facts), said)
        for one in letters
        if _is_asked(one)
        for period, said in ((days.period, ""), (days.compared, " compared with"))
        if period is not None
    ]
    return tuple(_issue(one, lacking, said) for one, lacking, said in found if lacking.rows)


def _is_asked(one: Resolved) -> bool:
    metric = one.metric
    if metric is None or one.fills or not one.held.said or metric.source == CALLS:
        return False
    return bool(combine_of(metric)) and metric.gaps == "none" and not one.unknown


def _kept(books: Readable, asked: Days, one: Resolved, period: Period, facts: Facts) -> Lacking:
    name = one.metric.name if one.metric else ""
    mark = (name, repr(one.condition), period, asked.compared, one.settled)
    found = facts.lacking.get(mark)
    if found is None:
        if len(facts.lacking) >= KEPT:
            facts.lacking.clear()
        found = facts.lacking[mark] = _lacking(books, asked, one, period)
    return found


def _lacking(books: Readable, asked: Days, one: Resolved, period: Period) -> Lacking:
    """Compare the rows of each segment with the days of its life that the metric has data on."""
    days = _days(one, period)
    if not days:
        return Lacking()
    sides = [period.start] + ([asked.compared.start] if asked.compared else [])
    start = max(FIRST_DAY, bucket_of(min(sides), one.grain).start - MEMORY[one.grain or "day"])
    end = max(period.end, asked.compared.end) if asked.compared else period.end
    bound = Bound()
    sql = _sql(books, one, Period(start, end), (days[0], days[-1]), bound)
    rows, segments, of, of_segments, named = 0, 0, 0, 0, list[tuple[int, str]]()
    for first, until, held, name, many in _alike(books.marts.query(sql, bound.values)):
        until_place = bisect_left(days, until.toordinal() + 1)
        life = max(0, until_place - bisect_left(days, first.toordinal()))
        lost = max(0, life - held)
        of += life * many
        of_segments += many if life else 0
        if lost:
            rows += lost * many
            segments += many
            named.append((-lost, name))
    return Lacking(
        rows=rows,
        of=of,
        segments=segments,
        of_segments=of_segments,
        named=tuple(name for _, name in sorted(named)[:NAMED]),
    )


def _alike(rows: pa.Table) -> Iterator[tuple[date, date, int, str, int]]:
    columns: list[list[Any]] = [rows.column(name).to_pylist() for name in COLUMNS]
    for first, until, held, name, many in zip(*columns, strict=True):
        yield first, until, int(held), name, many


def _days(one: Resolved, period: Period) -> Sequence[int]:
    """Give the settled days of a period the metric has data on, of any segment."""
    first = bucket_of(period.start, one.grain).start.toordinal()
    end = period.end if one.settled is None else min(period.end, one.settled + ONE_DAY)
    low = bisect_left(one.held.days, first)
    return one.held.days[low : bisect_left(one.held.days, end.toordinal())]


def _sql(books: Readable, one: Resolved, span: Period, days: tuple[int, int], bound: Bound) -> str:
    """Count segments alike: by their first day, the last they should have, and rows in `days`."""
    first, last = (bound.bind(date.fromordinal(day)) for day in days)
    named = {f"k{at}": quoted(mart_key(MART, key)) for at, key in enumerate(one.held.said)}
    tests = [*in_days(span, bound), f"metric = {bound.bind(one.metric.name if one.metric else '')}"]
    if one.condition is not None:
        tests.append(f"({condition_sql(one.condition, books.settings.dimensions, MART, bound)})")
    keys = ", ".join(named)
    said = ", ".join(
        f"CASE WHEN {column} = '' THEN '(none)' ELSE {column} END AS {key}"
        for key, column in named.items()
    )
    name = " || ' / ' || ".join(named)
    ended = " OR ".join(
        f"(MAX(last) OVER (PARTITION BY {word}) < {last}"
        f"{LISTED.format(word=word, last=last) if key == 'customer' else ''})"
        for word, key in zip(named, one.held.said, strict=True)
    )
    lives = (
        f"SELECT {keys}, MIN(day) AS first, MAX(day) AS last, "
        f"SUM(CASE WHEN day >= {first} AND day <= {last} THEN 1 ELSE 0 END) AS held "
        f"FROM (SELECT {said}, day FROM {MART} WHERE {' AND '.join(tests)}) AS x GROUP BY {keys}"
    )
    return (
        f"SELECT first, until, held, MIN(name) AS name, COUNT(*) AS many FROM ("
        f"SELECT {name} AS name, first, held, "
        f"CASE WHEN {ended} THEN {last} ELSE last END AS until FROM ({lives}) AS y) AS z "
        f"GROUP BY first, until, held"
    )


def _issue(one: Resolved, found: Lacking, said: str) -> Issue:
    grain = one.grain or "day"
    what = _number(found.segments, "segment")
    has = "has" if found.segments == 1 else "have"
    more = f" and {found.segments - len(found.named)} more" if _more(found) else ""
    return Issue(
        code="segment_missing",
        message=f"{what} of {found.of_segments} by {' / '.join(one.held.said)} {has} no row on "
        f"{_number(found.rows, grain)} of {found.of}{said}, while others have: "
        f"{', '.join(found.named)}{more}; totals hold nothing of them there",
        where=one.name,
        severity="warning",
        hint="sync what lacks; where no row means none, write `gaps: zero` under the metric",
        count=found.rows,
    )


def _more(found: Lacking) -> bool:
    return found.segments > len(found.named)


def _number(many: int, noun: str) -> str:
    return f"{many} {noun}" if many == 1 else f"{many} {noun}s"
