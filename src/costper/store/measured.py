"""Land measurements: a re-pull replaces its days, and a changed past value leaves a record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from costper.errors import ConservationError, SourceError
from costper.model.delivery import Part
from costper.model.money import QUANTITY_SQL
from costper.model.names import quoted
from costper.model.outcome import Issue
from costper.store.books import Books
from costper.store.engine import Ask, Parameter, Write
from costper.store.measurement_deliveries import (
    announce_measurements,
    give_up_measurements,
    latest_measurements,
    settle_measurements,
)
from costper.store.unread import rounded_issues, unread_issues

VERSION = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Raw rows of one metric of one source; `projection` maps day, value and dimensions to SQL.

    `written` maps day and value to the SQL of the text that stands there.
    """

    source: str
    metric: str
    parts: tuple[Part, ...]
    projection: dict[str, str]
    written: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesLanding:
    """What came of one metric. `rows` = landed + bad, or all of them are unchanged."""

    source: str
    metric: str
    rows: int
    landed: int = 0
    bad: int = 0
    restated: int = 0
    unchanged: bool = False
    first_day: date | None = None
    last_day: date | None = None
    issues: tuple[Issue, ...] = ()


def land_series(
    books: Books, series: Series, *, now: datetime, checkpoint: Callable[[str], object] = str
) -> SeriesLanding:
    """Land one metric; its days replace those the books hold of this source and metric.

    The same bytes again change nothing. Raises SourceError when no row can be read.
    """
    mark = _fingerprint(series, books.settings.dimension_names)
    known = latest_measurements(books.control, series.source, series.metric)
    if known is not None and known["fingerprint"] == mark:
        return _unchanged(books, series, known)
    seen = _surveyed(books, series)
    if not seen["good"]:
        return _empty(books, series, seen)
    number = announce_measurements(books.control, _values(series, mark, seen, now))
    checkpoint("pending")
    try:
        restated = _written(books, series, seen, number, now)
    except BaseException:
        give_up_measurements(books.control, number)
        raise
    checkpoint("landed")
    settle_measurements(books.control, number)
    checkpoint("settled")
    return SeriesLanding(
        source=series.source,
        metric=series.metric,
        rows=seen["rows"],
        landed=seen["good"],
        bad=seen["rows"] - seen["good"],
        restated=restated,
        first_day=seen["first_day"],
        last_day=seen["last_day"],
        issues=(*_bad(books, series, seen), *_restated(series, restated)),
    )


def _fingerprint(series: Series, dimensions: Sequence[str]) -> str:
    said = {
        "version": VERSION,
        "projection": dict(sorted(series.projection.items())),
        "dimensions": list(dimensions),
        "files": sorted(part.sha256 for part in series.parts),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _rows(books: Books, series: Series) -> str:
    """Give the FROM-able SQL of the rows as they land."""
    names = books.settings.dimension_names
    unknown = series.projection.keys() - {*names, "day", "value"}
    if unknown:
        raise SourceError(
            f"measures by {', '.join(sorted(unknown))}, which is no dimension",
            where=series.source,
            hint="declare it under `dimensions` in costper.yaml",
        )
    dimensions = "".join(
        f", COALESCE(CAST({series.projection.get(name, 'NULL')} AS VARCHAR), '') AS {quoted(name)}"
        for name in names
    )
    return (
        "(SELECT _file AS file_no, _row AS row_no, "
        f"CAST({series.projection['day']} AS DATE) AS day, "
        f"CAST({series.projection['value']} AS {QUANTITY_SQL}) AS value, "
        f"{_written_as(series, 'day')}, {_written_as(series, 'value')}{dimensions} "
        f"FROM {books.engine.raw(series.parts)} AS raw) AS measured"
    )


def _written_as(series: Series, name: str) -> str:
    return f"CAST({series.written.get(name, 'NULL')} AS VARCHAR) AS written_{name}"


def _surveyed(books: Books, series: Series) -> dict[str, Any]:
    good = "day IS NOT NULL AND value IS NOT NULL"
    sql = (
        f"SELECT COUNT(*) AS rows, CAST(COALESCE(SUM(CASE WHEN {good} THEN 1 ELSE 0 END), 0) "
        f"AS BIGINT) AS good, MIN(CASE WHEN {good} THEN day END) AS first_day, "
        f"MAX(CASE WHEN {good} THEN day END) AS last_day FROM {_rows(books, series)}"
    )
    return dict(books.engine.query(sql).to_pylist()[0])


def _values(series: Series, mark: str, seen: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "source": series.source,
        "metric": series.metric,
        "fingerprint": mark,
        "rows": seen["good"],
        "bad_rows": seen["rows"] - seen["good"],
        "first_day": seen["first_day"],
        "last_day": seen["last_day"],
        "landed_at": now.isoformat(),
    }


def _written(books: Books, series: Series, seen: dict[str, Any], number: int, now: datetime) -> int:
    """Do the one transaction and give how many past values changed."""
    names = ", ".join(("day", *(quoted(name) for name in books.settings.dimension_names)))
    fixed = "$source AS source, CAST($number AS BIGINT) AS delivery_id, $metric AS metric"
    mine = "source = $source AND metric = $metric AND day >= $first AND day <= $last"
    good = "day IS NOT NULL AND value IS NOT NULL"
    rows = f"SELECT {fixed}, {names}, value FROM {_rows(books, series)} WHERE {good}"
    params: dict[str, Parameter] = {
        "source": series.source,
        "metric": series.metric,
        "number": number,
        "first": seen["first_day"],
        "last": seen["last_day"],
        "at": now.isoformat(),
    }
    held = books.engine.query(f"SELECT MAX(day) AS day FROM measurements WHERE {mine}", params)
    params["held"] = held.to_pylist()[0]["day"]
    writes = [
        Write(table="measurements", where=mine, select=rows),
        Write(
            table="landed", select="SELECT 'measurements' AS kind, CAST($number AS BIGINT) AS id"
        ),
    ]
    if params["held"] is not None:
        writes.insert(0, Write(table="restatements", select=_changes(fixed, names, mine, rows)))
    found: list[int] = []

    def check(ask: Ask) -> None:
        for table in ("measurements", "restatements"):
            mine = "source = $source AND delivery_id = $number"
            sql = f"SELECT COUNT(*) AS n FROM {table} WHERE {mine}"
            found.append(ask(sql, params).to_pylist()[0]["n"])
        if found[0] != seen["good"]:
            raise ConservationError(f"{seen['good']} rows were read, {found[0]} would be kept")

    books.engine.replace(writes, params, check)
    return found[1]


def _changes(fixed: str, names: str, mine: str, rows: str) -> str:
    """Compare what is held with what comes, up to the last day that is held."""
    old = f"SELECT {names}, value AS old, CAST(NULL AS {QUANTITY_SQL}) AS new FROM measurements"
    new = f"SELECT {names}, CAST(NULL AS {QUANTITY_SQL}) AS old, value AS new FROM ({rows}) AS come"
    both = f"{old} WHERE {mine} UNION ALL {new} WHERE day <= $held"
    sums = f"CAST(SUM(old) AS {QUANTITY_SQL}) AS old, CAST(SUM(new) AS {QUANTITY_SQL}) AS new"
    grouped = f"SELECT {names}, {sums} FROM ({both}) AS held_or_come GROUP BY {names}"
    changed = "old <> new OR old IS NULL OR new IS NULL"
    columns = f"{fixed}, {names}, old, new, $at AS changed_at"
    return f"SELECT {columns} FROM ({grouped}) AS compared WHERE {changed}"


def _unchanged(books: Books, series: Series, known: Mapping[str, Any]) -> SeriesLanding:
    seen = {"rows": known["rows"] + known["bad_rows"], "good": known["rows"]}
    return SeriesLanding(
        source=series.source,
        metric=series.metric,
        rows=seen["rows"],
        bad=known["bad_rows"],
        unchanged=True,
        first_day=known["first_day"],
        last_day=known["last_day"],
        issues=_bad(books, series, seen),
    )


def _bad(books: Books, series: Series, seen: dict[str, Any]) -> tuple[Issue, ...]:
    """Tell of rows that could not be read, and of values that were rounded."""
    said = (books.engine.query, series.metric, _rows(books, series), series.parts)
    unread = () if seen["rows"] == seen["good"] else unread_issues(*said)
    return (*unread, *(rounded_issues(*said) if "value" in series.written else ()))


def _empty(books: Books, series: Series, seen: dict[str, Any]) -> SeriesLanding:
    """Nothing to land is no reason to forget what is held."""
    return SeriesLanding(
        source=series.source,
        metric=series.metric,
        rows=seen["rows"],
        bad=seen["rows"],
        issues=_bad(books, series, seen),
    )


def _restated(series: Series, count: int) -> Iterator[Issue]:
    if count:
        yield Issue(
            code="restated",
            message=f"past values of {series.metric} changed; the old ones are kept on record",
            where=series.source,
            severity="info",
            count=count,
        )
