"""Keeps the mart of metrics true to what was measured, to the words of today and the settings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from costper.allocation.dimension import value_of
from costper.config.settings import MetricSetting, Settings
from costper.errors import SourceError
from costper.model.dimension import UNTAGGED
from costper.model.names import quoted
from costper.model.outcome import Issue
from costper.pipeline.metric_months import (
    VERSION,
    Making,
    combined,
    months_of,
    number_of,
    remaining,
    slices_of,
)
from costper.pipeline.words import Columns, handed_over, text_schema
from costper.store.books import Books
from costper.store.metric_mart import (
    Number,
    days_measured,
    metric_deliveries,
    metric_facts_of,
    months_kept,
)
from costper.store.metric_slices import FRESH, WANTED, Change, Slice, Stale, replace_metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """Which metrics were brought up to date, which are gone, what kept the others from it."""

    metrics: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()


def refresh_metrics(
    books: Books,
    *,
    progress: Callable[[str], object] = str.strip,
    checkpoint: Callable[[str], object] = str.strip,
) -> Refreshed:
    """Write the months of metrics whose measurements, words or settings changed; others stay.

    They change in one transaction: a crash leaves the old ones or the new ones.
    """
    settings = books.settings
    wanted = metric_fingerprints(books)
    kept = {name: facts.fingerprint for name, facts in metric_facts_of(books.marts).items()}
    changed = [one for one in settings.metrics if kept.get(one.name) != wanted[one.name]]
    gone = tuple(sorted(kept.keys() - wanted.keys()))
    if not changed and not gone:
        return Refreshed()
    names = tuple(one.name for one in changed)
    progress(f"metrics: {', '.join(names or gone)}")
    try:
        _written(books, changed, gone, wanted, checkpoint)
    except SourceError as error:
        issue = Issue(
            code="metrics_not_kept", message=error.message, where="metrics", hint=error.hint
        )
        return Refreshed(issues=(issue,))
    return Refreshed(metrics=names, gone=gone)


def metric_fingerprints(books: Books) -> dict[str, str]:
    """Name what each metric's rows are made from: deliveries, words and settings."""
    landed = metric_deliveries(books.control)
    words = [
        [one.name, sorted((str(key), str(value)) for key, value in one.aliases.items())]
        for one in books.settings.dimensions
    ]
    found: dict[str, str] = {}
    for metric in books.settings.metrics:
        source, own = number_of(metric)
        said = sorted(_declared(books.settings, source))
        parts = [VERSION, source, own, metric.grain, combined(metric), words, said]
        numbers = [one.number for one in landed.get((source, own), ())]
        text = json.dumps([*parts, numbers], ensure_ascii=False)
        found[metric.name] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return found


def _written(
    books: Books,
    metrics: Sequence[MetricSetting],
    gone: Sequence[str],
    wanted: Mapping[str, str],
    checkpoint: Callable[[str], object],
) -> None:
    making = _making(books, metrics)
    months = {one.metric.name: months_of(books.settings, one) for one in making}
    slices = [part for one in making for part in slices_of(one, months[one.metric.name])]
    spelled = _spellings(books, slices)
    _hand_over(books, making, gone, wanted, months)
    stale = [
        Stale(one.metric.name, month)
        for one in making
        for month in sorted(one.kept.keys() - months[one.metric.name].keys())
    ]
    checkpoint("read")
    change = Change(slices, stale, books.settings.dimension_names, spelled)
    replace_metrics(books.engine, books.marts, change, checkpoint)
    checkpoint("kept")
    books.engine.forget(*spelled.values())
    books.marts.forget(FRESH, WANTED)


def _making(books: Books, metrics: Sequence[MetricSetting]) -> list[Making]:
    """Gather what changed metrics are made from."""
    days, landed = days_measured(books.engine), metric_deliveries(books.control)
    said = _said(books, {number_of(one) for one in metrics})
    kept = months_kept(books.marts)
    facts = metric_facts_of(books.marts)
    return [
        Making(
            metric=one,
            said=said[number_of(one)],
            days=days.get(number_of(one), {}),
            landed=landed.get(number_of(one), ()),
            kept=kept.get(one.name, {}) if one.name in facts else {},
        )
        for one in metrics
    ]


def _hand_over(
    books: Books,
    making: Sequence[Making],
    gone: Sequence[str],
    wanted: Mapping[str, str],
    months: Mapping[str, Mapping[date, str]],
) -> None:
    """Put aside, on the marts, what is to be known of the metrics and of their months."""
    restated = _restated(books)
    stays = [bool(remaining(one, months[one.metric.name])) for one in making]
    columns: Columns = {
        "metric": [*(one.metric.name for one in making), *gone],
        "fingerprint": [*(wanted[one.metric.name] for one in making), *("" for _ in gone)],
        "said": [*(",".join(one.said) for one in making), *("" for _ in gone)],
        "restated": [
            *(restated.get(number_of(one.metric), 0) for one in making),
            *(0 for _ in gone),
        ],
        "whole": [*(0 if any_stays else 1 for any_stays in stays), *(1 for _ in gone)],
    }
    text = text_schema(("metric", "fingerprint", "said"), restated=pa.int64(), whole=pa.int64())
    handed_over(books.marts, FRESH, columns, text)
    every = [(name, *month) for name, own in months.items() for month in own.items()]
    rows: Columns = {
        "metric": [name for name, _, _ in every],
        "month": [month for _, month, _ in every],
        "fingerprint": [fingerprint for _, _, fingerprint in every],
    }
    kinds = text_schema(("metric", "fingerprint"), month=pa.date32())
    handed_over(books.marts, WANTED, rows, kinds)


def _said(books: Books, numbers: Collection[Number]) -> Mapping[Number, tuple[str, ...]]:
    """Give the dimensions each number is by: declared, or with a word in its measurements."""
    said: dict[Number, list[str]] = {number: [] for number in numbers}
    for name in books.settings.dimension_names:
        declared = {one for one in numbers if name in _declared(books.settings, one[0])}
        worded: set[Number] = set()
        if declared != numbers:
            rows = books.engine.query(
                f"SELECT DISTINCT source, metric FROM measurements AS m WHERE {quoted(name)} <> ''"
            ).to_pylist()
            worded = {(row["source"], row["metric"]) for row in rows}
        for number in numbers:
            if number in declared or number in worded:
                said[number].append(name)
    return {number: tuple(names) for number, names in said.items()}


def _spellings(books: Books, slices: Sequence[Slice]) -> Mapping[str, str]:
    """Put the words aside that charges spell otherwise, by dimension: raw and value."""
    spelled: dict[str, str] = {}
    for place, dimension in enumerate(books.settings.dimensions):
        mine = [one for one in slices if dimension.name in one.said]
        read = {raw: value_of(dimension, raw) for raw in sorted(_raws(books, dimension.name, mine))}
        values = {raw: "" if value == UNTAGGED else value for raw, value in read.items()}
        other = {raw: value for raw, value in values.items() if raw != value}
        if other:
            spelled[dimension.name] = f"metric_spelling_{place}"
            columns: Columns = {"raw": list(other), "value": list(other.values())}
            handed_over(books.engine, spelled[dimension.name], columns, text_schema(columns))
    return spelled


def _raws(books: Books, dimension: str, slices: Sequence[Slice]) -> set[str]:
    """Give the words that stand in the measurements of some slices."""
    if not slices:
        return set()
    numbers = {(one.source, one.own) for one in slices}
    rows = books.engine.query(
        f"SELECT DISTINCT source, metric, {quoted(dimension)} AS raw FROM measurements AS m "
        "WHERE m.day >= $first AND m.day <= $last",
        {
            "first": min(one.first_day for one in slices),
            "last": max(one.last_day for one in slices),
        },
    ).to_pylist()
    return {row["raw"] for row in rows if row["raw"] and (row["source"], row["metric"]) in numbers}


def _declared(settings: Settings, source: str) -> Mapping[str, str]:
    """Give the dimensions a source's own settings say it measures by."""
    for one in settings.sources:
        if one.name == source:
            own: Mapping[str, str] = getattr(one.settings, "dimensions", {})
            return own
    return {}


def _restated(books: Books) -> Mapping[Number, int]:
    """Count the past values that changed, of every number."""
    rows = books.engine.query(
        "SELECT source, metric, COUNT(*) AS many FROM restatements GROUP BY source, metric"
    ).to_pylist()
    return {(row["source"], row["metric"]): row["many"] for row in rows}
