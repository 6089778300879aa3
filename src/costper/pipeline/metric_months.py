"""Says which months of a metric have to be written anew: those made from something else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from costper.config.settings import MetricSetting, Settings
from costper.model.dimension import Dimension
from costper.store.metric_mart import Landed, Number
from costper.store.metric_slices import Slice

VERSION = "1"
"""Goes up when the same measurements would give other rows."""

MANY = 4_000_000
"""Rows that are put together at once: more would not fit beside each other in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What a changed metric is made from: its days with how many rows each, and its deliveries.

    `kept` are the fingerprints of the months the mart holds.
    """

    metric: MetricSetting
    said: tuple[str, ...]
    days: Mapping[date, int]
    landed: Sequence[Landed]
    kept: Mapping[date, str]


def number_of(metric: MetricSetting) -> Number:
    """Say where a metric is read: its source, and what that calls the number."""
    return metric.source or metric.name, metric.measured or metric.name


def combined(metric: MetricSetting) -> str:
    """Say how values of one day are put together: max, min, else sum.

    >>> combined(MetricSetting(name="seats", kind="balance"))
    'sum'
    """
    return metric.aggregation if metric.aggregation in {"max", "min"} else "sum"


def months_of(settings: Settings, made: Making) -> dict[date, str]:
    """Name what each month with data is made from: deliveries that touch it, words, settings.

    A month's name is its own: two months never have the same.
    """
    metric = made.metric
    words = [
        [one.name, _aliases(one) if one.name in made.said else []] for one in settings.dimensions
    ]
    fixed = [VERSION, metric.name, *number_of(metric), metric.grain, combined(metric)]
    touched = [
        (month_in(metric, one.first_day), month_in(metric, one.last_day), one.number)
        for one in made.landed
    ]
    found: dict[date, str] = {}
    for month in sorted({month_in(metric, day) for day in made.days}):
        own = [number for first, last, number in touched if first <= month <= last]
        parts = [*fixed, list(made.said), words, month.isoformat(), own]
        text = json.dumps(parts, ensure_ascii=False)
        found[month] = hashlib.sha256(text.encode()).hexdigest()[:32]
    return found


def _aliases(dimension: Dimension) -> list[tuple[str, str]]:
    return sorted((str(key), str(value)) for key, value in dimension.aliases.items())


def month_in(metric: MetricSetting, day: date) -> date:
    """Give the month a measured day is kept in: a week is kept on its Monday.

    >>> month_in(MetricSetting(name="wau", grain="week"), date(2026, 11, 1))
    datetime.date(2026, 10, 1)
    """
    start = day - timedelta(days=day.weekday()) if metric.grain == "week" else day
    return start.replace(day=1)


def slices_of(made: Making, wanted: Mapping[date, str]) -> Iterator[Slice]:
    """Cut the months that changed into slices of neighbours, not too many rows in each."""
    by_month: dict[date, list[date]] = {}
    for day in sorted(made.days):
        by_month.setdefault(month_in(made.metric, day), []).append(day)
    whole = not remaining(made, wanted)
    source, own = number_of(made.metric)
    for run in _runs(made, wanted, by_month):
        yield Slice(
            metric=made.metric.name,
            source=source,
            own=own,
            combine=combined(made.metric),
            grain=made.metric.grain,
            said=made.said,
            first_month=run[0],
            last_month=run[-1],
            first_day=by_month[run[0]][0],
            last_day=by_month[run[-1]][-1],
            whole=whole,
        )


def remaining(made: Making, wanted: Mapping[date, str]) -> tuple[date, ...]:
    """Give the months the mart holds as they are wanted."""
    return tuple(month for month, name in wanted.items() if made.kept.get(month) == name)


def _runs(
    made: Making, wanted: Mapping[date, str], by_month: Mapping[date, Sequence[date]]
) -> Iterator[Sequence[date]]:
    for changed, neighbours in groupby(
        by_month, lambda month: made.kept.get(month) != wanted[month]
    ):
        if not changed:
            continue
        run, rows = list[date](), 0
        for month in neighbours:
            more = sum(made.days[day] for day in by_month[month])
            if run and rows + more > MANY:
                yield run
                run, rows = [], 0
            run.append(month)
            rows += more
        yield run
