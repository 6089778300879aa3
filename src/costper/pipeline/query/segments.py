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
    said = ("", " compared with")
    return tuple(
        _issue(one, lacking, words)
        for one in letters
        if _is_asked(one)
        for lacking, words in zip(_kept(books, days, one, facts), said, strict=False)
        if lacking.rows
    )


def _is_asked(one: Resolved) -> bool:
    metric = one.metric
    if metric is None or one.fills or not one.held.said or metric.source == CALLS:
        return False
    return bool(combine_of(metric)) and metric.gaps == "none" and not one.unknown


def _kept(books: Readable, asked: Days, one: Resolved, facts: Facts) -> tuple[Lacking, ...]:
    name = one.metric.name if one.metric else ""
    mark = (name, repr(one.condition), asked.period, asked.compared, one.settled)
    found = facts.lacking.get(mark)
    if found is None:
        if len(facts.lacking) >= KEPT:
            facts.lacking.clear()
        found = facts.lacking[mark] = _lacking(books, asked, one)
    return found


def _lacking(books: Readable, asked: Days, one: Resolved) -> tuple[Lacking, ...]:
    """Compare the rows of each segment with the days of its life that the metric has data on.

    One statement for both periods: it reads the days of both, and those before, anyway.
    """
    periods = [asked.period] + ([asked.compared] if asked.compared else [])
    days = [_days(one, period) for period in periods]
    ends = [(own[0], own[-1]) for own in days if own]
    if not ends:
        return ()
    start = bucket_of(min(period.start for period in periods), one.grain).start
    span = Period(
        max(FIRST_DAY, start - MEMORY[one.grain or "day"]), max(period.end for period in periods)
    )
    bound = Bound()
    rows = books.marts.query(_sql(books, one, span, ends, bound), bound.values)
    places = iter(range(len(ends)))
    return tuple(_counted(own, _alike(rows, next(places))) if own else Lacking() for own in days)


def _counted(days: Sequence[int], alike: Iterator[tuple[date, date, int, str, int]]) -> Lacking:
    """Add up what segments that are alike lack of the days of their life."""
    rows, segments, of, of_segments, named = 0, 0, 0, 0, list[tuple[int, str]]()
    for first, until, held, name, many in alike:
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


def _alike(rows: pa.Table, place: int) -> Iterator[tuple[date, date, int, str, int]]:
    names = ("first", f"until_{place}", f"held_{place}", "name", "many")
    columns: list[list[Any]] = [rows.column(name).to_pylist() for name in names]
    for first, until, held, name, many in zip(*columns, strict=True):
        yield first, until, int(held), name, many


def _days(one: Resolved, period: Period) -> Sequence[int]:
    """Give the settled days of a period the metric has data on, of any segment."""
    first = bucket_of(period.start, one.grain).start.toordinal()
    end = period.end if one.settled is None else min(period.end, one.settled + ONE_DAY)
    low = bisect_left(one.held.days, first)
    return one.held.days[low : bisect_left(one.held.days, end.toordinal())]


def _sql(
    books: Readable, one: Resolved, span: Period, ends: Sequence[tuple[int, int]], bound: Bound
) -> str:
    """Count segments alike: by their first day, the last they should have, and rows held.

    The latter two stand for each of `ends`, the first and last day of a period.
    """
    named = {f"k{at}": quoted(mart_key(MART, key)) for at, key in enumerate(one.held.said)}
    tests = [*in_days(span, bound), f"metric = {bound.bind(one.metric.name if one.metric else '')}"]
    if one.condition is not None:
        tests.append(f"({condition_sql(one.condition, books.settings.dimensions, MART, bound)})")
    said = ", ".join(
        f"CASE WHEN {column} = '' THEN '(none)' ELSE {column} END AS {key}"
        for key, column in named.items()
    )
    held, until, alike = list[str](), list[str](), list[str]()
    for at, pair in enumerate(ends):
        first, last = (bound.bind(date.fromordinal(day)) for day in pair)
        within = f"day >= {first} AND day <= {last}"
        held.append(f"SUM(CASE WHEN {within} THEN 1 ELSE 0 END) AS held_{at}")
        ended = _ended(one, tuple(named), last)
        until.append(f"held_{at}, CASE WHEN {ended} THEN {last} ELSE last END AS until_{at}")
        alike.append(f"until_{at}, held_{at}")
    keys, name = ", ".join(named), " || ' / ' || ".join(named)
    lives = (
        f"SELECT {keys}, MIN(day) AS first, MAX(day) AS last, {', '.join(held)} "
        f"FROM (SELECT {said}, day FROM {MART} WHERE {' AND '.join(tests)}) AS x GROUP BY {keys}"
    )
    return (
        f"SELECT first, {', '.join(alike)}, MIN(name) AS name, COUNT(*) AS many FROM ("
        f"SELECT {name} AS name, first, {', '.join(until)} FROM ({lives}) AS y) AS z "
        f"GROUP BY first, {', '.join(alike)}"
    )


def _ended(one: Resolved, words: Sequence[str], last: str) -> str:
    """Say of a segment that a value of it ended with it: it lacks nothing after."""
    return " OR ".join(
        f"(MAX(last) OVER (PARTITION BY {word}) < {last}"
        f"{LISTED.format(word=word, last=last) if key == 'customer' else ''})"
        for word, key in zip(words, one.held.said, strict=True)
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
