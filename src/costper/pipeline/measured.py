"""Makes measurements and customers of one month ready to weigh by: same words as the charges."""

from __future__ import annotations

from collections.abc import Mapping
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
METRICS = "alloc_metrics"
IN_MONTH = "m.day >= $start AND m.day < $end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurements:
    """A month's measurements, as SQL over words that are read.

    `said` are the dimensions each source's measurements say in the month. `renamed` are the
    dimensions with a value that has another spelling; their spellings are put aside.
    """

    names: tuple[str, ...]
    said: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    renamed: tuple[str, ...] = ()

    def of_source(self, parameter: str) -> str:
        """Give FROM-able rows of the source that a parameter names: day, dimensions, value."""
        columns = ", ".join((*self._words(), "m.value"))
        return (
            f"(SELECT m.day, {columns} FROM measurements AS m{self._joins()} "
            f"WHERE m.source = ${parameter} AND {IN_MONTH})"
        )

    def by_metric(self) -> str:
        """Give FROM-able rows of every metric: day, metric, dimensions, value."""
        columns = ", ".join((*self._words(), "m.value"))
        return (
            f"(SELECT m.day, x.metric, {columns} FROM measurements AS m "
            f"JOIN {METRICS} AS x ON x.source = m.source{self._joins()} WHERE {IN_MONTH})"
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


def read_measurements(engine: Engine, definition: Definition, params: Parameters) -> Measurements:
    """Read the words of a month's measurements as those of charges are read, aliases and all."""
    said: dict[str, list[str]] = {}
    renamed: list[str] = []
    for place, dimension in enumerate(definition.dimensions):
        column = quoted(dimension.name)
        found = engine.query(
            f"SELECT DISTINCT source, {column} AS raw FROM measurements AS m WHERE {IN_MONTH}",
            params,
        )
        pairs = [(source, raw) for source, raw in rows_of(found, ("source", "raw")) if raw]
        for source in sorted({source for source, _ in pairs}):
            said.setdefault(source, []).append(dimension.name)
        read = {raw: value_of(dimension, raw) for raw in sorted({raw for _, raw in pairs})}
        spelled = {raw: "" if value == UNTAGGED else value for raw, value in read.items()}
        other = {raw: value for raw, value in spelled.items() if raw != value}
        if other:
            renamed.append(dimension.name)
            columns: Columns = {"raw": list(other), "value": list(other.values())}
            handed_over(engine, f"alloc_spelling_{place}", columns, text_schema(columns))
    return Measurements(
        names=definition.names,
        said={source: tuple(names) for source, names in said.items()},
        renamed=tuple(renamed),
    )


def hand_over_metrics(engine: Engine, metrics: Mapping[str, str]) -> None:
    """Put aside which metric is read from which source."""
    columns: Columns = {"metric": list(metrics), "source": list(metrics.values())}
    handed_over(engine, METRICS, columns, text_schema(columns))


def hand_over_active(engine: Engine, customers: str, month: Period) -> None:
    """Put aside who is an active customer on each day of a month, and their seats.

    `customers` is FROM-able with the columns of the mart.
    """
    days: list[date] = list(month.each_day())
    kind = pa.schema([pa.field("day", pa.date32())])
    handed_over(engine, "alloc_days", {"day": list(days)}, kind)
    gone = ", ".join(f"'{status}'" for status in NOT_ACTIVE)
    engine.keep(
        ACTIVE,
        f"SELECT d.day, c.customer, CAST(MAX(c.seats) AS {WEIGHT}) AS seats "
        f"FROM alloc_days AS d JOIN {customers} AS c ON c.valid_from <= d.day "
        f"AND (c.valid_to IS NULL OR d.day < c.valid_to) "
        f"WHERE LOWER(TRIM(c.status)) NOT IN ({gone}) GROUP BY d.day, c.customer",
    )
