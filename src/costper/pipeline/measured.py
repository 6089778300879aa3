"""Makes measurements and customers of one month ready to weigh by: same words as the charges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from costper.allocation.definition import Definition
from costper.allocation.dimension import value_of
from costper.allocation.facts import NOT_ACTIVE
from costper.allocation.scope import WEIGHT
from costper.model.dimension import UNTAGGED
from costper.model.names import quoted
from costper.model.period import Period
from costper.pipeline.words import Columns, handed_over, rows_of, text_schema
from costper.store.engine import Engine, Parameters

ACTIVE = "alloc_active"
DAYS = "alloc_days"
METRICS = "alloc_metrics"
Metric = tuple[str, str]
"""A source, and what it calls the number it measures."""

TOLD_BY = frozenset(("customer", "service"))
IN_MONTH = "m.day >= $start AND m.day < $end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurements:
    """A month's measurements, as SQL over words that are read.

    `said` are the dimensions each (source, metric) says in the month. `renamed` are the
    dimensions with a value that has another spelling; their spellings are put aside.
    """

    names: tuple[str, ...]
    said: Mapping[Metric, tuple[str, ...]] = field(default_factory=dict[Metric, tuple[str, ...]])
    renamed: tuple[str, ...] = ()

    def usage(self, metric: Metric, source: str, own: str) -> str:
        """Select the usage of a metric, which two parameters name: one row for what it says.

        The columns are day, the dimensions it says, and value.
        """
        said = [quoted(name) for name in self.said.get(metric, ())]
        columns = ", ".join((*self._words(), "m.value"))
        by = ", ".join(("day", *said))
        return (
            f"SELECT {by}, CAST(SUM(value) AS {WEIGHT}) AS value FROM (SELECT m.day, {columns} "
            f"FROM measurements AS m{self._joins()} "
            f"WHERE m.source = ${source} AND m.metric = ${own} AND {IN_MONTH}) AS u GROUP BY {by}"
        )

    def of_metric(self, metric: Metric, usage: str) -> str:
        """Give FROM-able rows of kept usage: day, every dimension, value."""
        said = self.said.get(metric, ())
        words = (quoted(name) if name in said else f"'' AS {quoted(name)}" for name in self.names)
        return f"(SELECT day, {', '.join(words)}, value FROM {usage})"

    def by_metric(self, kept: Iterable[str] = ()) -> str:
        """Give FROM-able rows of every metric: day, metric, dimensions, value.

        `kept` are parameters that name metrics to leave out.
        """
        columns = ", ".join((*self._words(), "m.value"))
        others = "".join(f" AND x.metric <> ${name}" for name in kept)
        return (
            f"(SELECT m.day, x.metric, {columns} FROM measurements AS m "
            f"JOIN {METRICS} AS x ON x.source = m.source AND x.own = m.metric{others}"
            f"{self._joins()} WHERE {IN_MONTH})"
        )

    def _words(self) -> list[str]:
        return [
            f"COALESCE(r_{place}.value, m.{quoted(name)}) AS {quoted(name)}"
            if name in self.renamed
            else f"m.{quoted(name)}"
            for place, name in enumerate(self.names)
        ]

    def _joins(self) -> str:
        return "".join(
            f" LEFT JOIN alloc_spelling_{place} AS r_{place} ON r_{place}.raw = m.{quoted(name)}"
            for place, name in enumerate(self.names)
            if name in self.renamed
        )


@dataclass(frozen=True, slots=True)
class Daily:
    """FROM-able rows of day, metric, customer, service, value: of one row for each, or `others`."""

    single: tuple[str, ...]
    others: str
    params: Mapping[str, str]


def read_measurements(engine: Engine, definition: Definition, params: Parameters) -> Measurements:
    """Read the words of a month's measurements as those of charges are read, aliases and all."""
    said: dict[Metric, list[str]] = {}
    renamed: list[str] = []
    for place, dimension in enumerate(definition.dimensions):
        column = quoted(dimension.name)
        found = engine.query(
            f"SELECT DISTINCT source, metric, {column} AS raw FROM measurements AS m "
            f"WHERE {IN_MONTH}",
            params,
        )
        rows = [row for row in rows_of(found, ("source", "metric", "raw")) if row[2]]
        for source, metric in sorted({(row[0], row[1]) for row in rows}):
            said.setdefault((source, metric), []).append(dimension.name)
        read = {raw: value_of(dimension, raw) for raw in sorted({row[2] for row in rows})}
        spelled = {raw: "" if value == UNTAGGED else value for raw, value in read.items()}
        other = {raw: value for raw, value in spelled.items() if raw != value}
        if other:
            renamed.append(dimension.name)
            columns: Columns = {"raw": list(other), "value": list(other.values())}
            handed_over(engine, f"alloc_spelling_{place}", columns, text_schema(columns))
    return Measurements(
        names=definition.names,
        said={metric: tuple(names) for metric, names in said.items()},
        renamed=tuple(renamed),
    )


def by_day(
    measured: Measurements, usages: Mapping[Metric, str], metrics: Mapping[str, Metric]
) -> Daily:
    """Give a month's measurements as the mart keeps them, from kept usage where that tells all.

    `usages` names the usage kept of some metrics, `metrics` what metrics are called here.
    """
    kept = [
        (name, metric)
        for name, metric in metrics.items()
        if metric in usages and set(measured.said.get(metric, ())) <= TOLD_BY
    ]
    params = {f"kept_{place}": name for place, (name, _) in enumerate(kept)}
    rows = [
        f"(SELECT ${param} AS metric, u.* FROM {measured.of_metric(metric, usages[metric])} AS u)"
        for param, (_, metric) in zip(params, kept, strict=True)
    ]
    more = len(kept) < len(metrics)
    return Daily(tuple(rows), measured.by_metric(params) if more else "", params)


def hand_over_metrics(engine: Engine, metrics: Mapping[str, Metric]) -> None:
    """Put aside which metric is read from which source, and what it is called there."""
    columns: Columns = {
        "metric": list(metrics),
        "source": [source for source, _ in metrics.values()],
        "own": [own for _, own in metrics.values()],
    }
    handed_over(engine, METRICS, columns, text_schema(columns))


def hand_over_active(engine: Engine, customers: str, month: Period) -> None:
    """Put aside who is an active customer on each day of a month, and their seats.

    `customers` is FROM-able with the columns of the mart.
    """
    days: list[date] = list(month.each_day())
    kind = pa.schema([pa.field("day", pa.date32())])
    handed_over(engine, DAYS, {"day": list(days)}, kind)
    gone = ", ".join(f"'{status}'" for status in NOT_ACTIVE)
    engine.keep(
        ACTIVE,
        f"SELECT d.day, c.customer, CAST(MAX(c.seats) AS {WEIGHT}) AS seats "
        f"FROM {DAYS} AS d JOIN {customers} AS c ON c.valid_from <= d.day "
        f"AND (c.valid_to IS NULL OR d.day < c.valid_to) "
        f"WHERE LOWER(TRIM(c.status)) NOT IN ({gone}) GROUP BY d.day, c.customer",
    )
