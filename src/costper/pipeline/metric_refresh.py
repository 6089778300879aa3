"""Keeps the mart of metrics true to what was measured, to the words of today and the settings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from costper.allocation.dimension import value_of
from costper.config.settings import MetricSetting, Settings
from costper.errors import SourceError
from costper.model.dimension import UNTAGGED
from costper.model.names import quoted
from costper.model.outcome import Issue
from costper.pipeline.words import Columns, handed_over, text_schema
from costper.store.books import Books
from costper.store.metric_mart import (
    ASKED,
    FRESH,
    NEW,
    metric_deliveries,
    metric_facts_of,
    replace_metrics,
    rolled,
)

VERSION = "1"
"""Goes up when the same measurements would give other rows."""

Number = tuple[str, str]
"""A source, and what it calls the number it measures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """Which metrics were written anew, which are gone, and what kept the others from it."""

    metrics: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()


def refresh_metrics(
    books: Books,
    *,
    progress: Callable[[str], object] = str.strip,
    checkpoint: Callable[[str], object] = str.strip,
) -> Refreshed:
    """Write the metrics whose measurements, words or settings changed; the others stay.

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
        text = json.dumps([*parts, landed.get((source, own), ())], ensure_ascii=False)
        found[metric.name] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return found


def number_of(metric: MetricSetting) -> Number:
    """Say where a metric is read: its source, and what that calls the number."""
    return metric.source or metric.name, metric.measured or metric.name


def combined(metric: MetricSetting) -> str:
    """Say how values of one day are put together: max, min, else sum.

    >>> combined(MetricSetting(name="seats", kind="balance"))
    'sum'
    """
    return metric.aggregation if metric.aggregation in {"max", "min"} else "sum"


def _written(
    books: Books,
    metrics: Sequence[MetricSetting],
    gone: Sequence[str],
    wanted: Mapping[str, str],
    checkpoint: Callable[[str], object],
) -> None:
    numbers = sorted({number_of(one) for one in metrics})
    said, spelled = _words(books, numbers)
    _hand_over_asked(books, metrics, said)
    books.engine.keep(NEW, rolled(books.settings.dimension_names, spelled))
    restated = _restated(books)
    columns: Columns = {
        "metric": [*(one.name for one in metrics), *gone],
        "fingerprint": [*(wanted[one.name] for one in metrics), *("" for _ in gone)],
        "said": [*(",".join(said[number_of(one)]) for one in metrics), *("" for _ in gone)],
        "restated": [*(restated.get(number_of(one), 0) for one in metrics), *(0 for _ in gone)],
    }
    schema = text_schema(("metric", "fingerprint", "said"), restated=pa.int64())
    handed_over(books.marts, FRESH, columns, schema)
    checkpoint("read")
    replace_metrics(books.engine, books.marts, checkpoint)
    checkpoint("kept")
    books.engine.forget(ASKED, NEW, *spelled.values())
    books.marts.forget(FRESH)


def _words(
    books: Books, numbers: Sequence[Number]
) -> tuple[Mapping[Number, tuple[str, ...]], Mapping[int, str]]:
    """Give the dimensions each number is by, and put other spellings of words aside."""
    said: dict[Number, list[str]] = {number: [] for number in numbers}
    spelled: dict[int, str] = {}
    for place, dimension in enumerate(books.settings.dimensions):
        raws = _raws(books, dimension.name, numbers)
        for number in numbers:
            if dimension.name in _declared(books.settings, number[0]) or any(raws[number]):
                said[number].append(dimension.name)
        every = sorted({raw for own in raws.values() for raw in own if raw})
        read = {raw: value_of(dimension, raw) for raw in every}
        other = {raw: value for raw, value in read.items() if raw != value}
        if other:
            spelled[place] = f"metric_spelling_{place}"
            columns: Columns = {"raw": list(other), "value": list(other.values())}
            handed_over(books.engine, spelled[place], columns, text_schema(columns))
    return {number: tuple(names) for number, names in said.items()}, spelled


def _raws(books: Books, dimension: str, numbers: Sequence[Number]) -> Mapping[Number, set[str]]:
    """Give the words that stand in the measurements of each number."""
    column = quoted(dimension)
    rows = books.engine.query(
        f"SELECT DISTINCT source, metric, {column} AS raw FROM measurements AS m"
    ).to_pylist()
    found: dict[Number, set[str]] = {number: set() for number in numbers}
    for row in rows:
        number = (row["source"], row["metric"])
        if number in found and row["raw"]:
            found[number].add(row["raw"])
    return found


def _declared(settings: Settings, source: str) -> Mapping[str, str]:
    """Give the dimensions a source's own settings say it measures by."""
    for one in settings.sources:
        if one.name == source:
            own: Mapping[str, str] = getattr(one.settings, "dimensions", {})
            return own
    return {}


def _hand_over_asked(
    books: Books, metrics: Sequence[MetricSetting], said: Mapping[Number, tuple[str, ...]]
) -> None:
    columns: Columns = {
        "metric": [one.name for one in metrics],
        "source": [number_of(one)[0] for one in metrics],
        "own": [number_of(one)[1] for one in metrics],
        "combine": [combined(one) for one in metrics],
        "grain": [one.grain for one in metrics],
    }
    for place, name in enumerate(books.settings.dimension_names):
        columns[f"empty_{place}"] = [
            UNTAGGED if name in said[number_of(one)] else "" for one in metrics
        ]
    handed_over(books.engine, ASKED, columns, text_schema(columns))


def _restated(books: Books) -> Mapping[Number, int]:
    """Count the past values that changed, of every number."""
    rows = books.engine.query(
        "SELECT source, metric, COUNT(*) AS many FROM restatements GROUP BY source, metric"
    ).to_pylist()
    return {(row["source"], row["metric"]): row["many"] for row in rows}
