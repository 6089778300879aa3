"""The mart of metrics: one row for each metric, day and words, replaced metric by metric."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa

from costper.model.money import QUANTITY_SQL
from costper.model.names import quoted
from costper.store.control import Control
from costper.store.engine import Ask, Engine, Write
from costper.store.schema import measurement_deliveries as deliveries

ASKED = "metric_asked"
"""Scratch: metric, source, own, combine, grain, empty_N for the Nth dimension."""

NEW = "metric_new"
FRESH = "metric_fresh"
"""Scratch: metric, fingerprint, said, restated, for every metric to be replaced or dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricFacts:
    """What the mart holds of one metric; a week or month is named by its first day."""

    metric: str
    fingerprint: str
    said: tuple[str, ...]
    first_day: date | None
    last_day: date | None
    days: int
    crowded: int
    restated: int


def metric_facts_of(marts: Engine) -> dict[str, MetricFacts]:
    """Give what the mart holds, by metric."""
    columns = "metric, fingerprint, said, first_day, last_day, days, crowded, restated"
    rows = marts.query(f"SELECT {columns} FROM metric_facts").to_pylist()
    return {
        row["metric"]: MetricFacts(
            metric=row["metric"],
            fingerprint=row["fingerprint"],
            said=tuple(name for name in str(row["said"]).split(",") if name),
            first_day=row["first_day"],
            last_day=row["last_day"],
            days=row["days"],
            crowded=row["crowded"] or 0,
            restated=row["restated"],
        )
        for row in rows
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Restated:
    """One past value that changed: raw words, None where there was or is no value."""

    day: date
    words: Mapping[str, str]
    old: Decimal | None
    new: Decimal | None
    changed_at: str


def restatements_of(
    engine: Engine, number: tuple[str, str], names: Sequence[str], most: int
) -> tuple[Restated, ...]:
    """Give the newest records of changed values of a (source, number), at most `most`."""
    columns = ", ".join(("day", *map(quoted, names), "old", "new", "changed_at"))
    rows = engine.query(
        f"SELECT {columns} FROM restatements WHERE source = $source AND metric = $own "
        f"ORDER BY changed_at DESC, day DESC, {', '.join(map(quoted, names))} LIMIT {most:d}",
        {"source": number[0], "own": number[1]},
    ).to_pylist()
    return tuple(
        Restated(
            day=row["day"],
            words={name: row[name] for name in names if row[name]},
            old=row["old"],
            new=row["new"],
            changed_at=row["changed_at"],
        )
        for row in rows
    )


def metric_deliveries(control: Control) -> dict[tuple[str, str], tuple[int, ...]]:
    """Give the landed deliveries of every (source, number), oldest first."""
    query = sa.select(deliveries.c.source, deliveries.c.metric, deliveries.c.delivery_id)
    chosen = query.where(deliveries.c.status == "current").order_by(deliveries.c.delivery_id)
    found: dict[tuple[str, str], tuple[int, ...]] = {}
    with control.read() as connection:
        for source, own, number in connection.execute(chosen):
            found[source, own] = (*found.get((source, own), ()), number)
    return found


def rolled(names: Sequence[str], spelled: Mapping[int, str]) -> str:
    """Give the SELECT of metric_daily for the metrics in the scratch table ASKED.

    `names` are the dimensions. `spelled` maps the place of one to a scratch table (raw, value)
    of the words that are spelled otherwise; an empty word becomes the metric's `empty_N`.
    """
    known = [f"m.{quoted(name)}" for name in names]
    for place in spelled:
        known[place] = f"COALESCE(r_{place}.value, {known[place]})"
    joins = "".join(
        f" LEFT JOIN {table} AS r_{place} ON r_{place}.raw = m.{quoted(names[place])}"
        for place, table in spelled.items()
    )
    day = (
        "CASE x.grain WHEN 'week' THEN CAST(date_trunc('week', m.day) AS DATE) "
        "WHEN 'month' THEN CAST(date_trunc('month', m.day) AS DATE) ELSE m.day END"
    )
    dims = [quoted(f"dim_{name}") for name in names]
    shown = "".join(
        f", CASE WHEN COALESCE(m.{quoted(name)}, '') = '' THEN x.empty_{place} "
        f"ELSE {known[place]} END AS {dims[place]}"
        for place, name in enumerate(names)
    )
    inner = (
        f"SELECT x.metric, m.source, x.combine, {day} AS day{shown}, m.value "
        f"FROM measurements AS m JOIN {ASKED} AS x ON x.source = m.source AND x.own = m.metric"
        f"{joins}"
    )
    keys = ", ".join(("metric", "source", "combine", "day", *dims))
    value = (
        "CASE combine WHEN 'max' THEN MAX(value) WHEN 'min' THEN MIN(value) "
        f"ELSE CAST(SUM(value) AS {QUANTITY_SQL}) END"
    )
    return (
        f"SELECT CAST(date_trunc('month', day) AS DATE) AS month, day, source, metric, "
        f"{', '.join(dims)}, CAST({value} AS {QUANTITY_SQL}) AS value, "
        f"CAST(COUNT(*) AS BIGINT) AS rows FROM ({inner}) AS worded GROUP BY {keys}"
    )


def replace_metrics(engine: Engine, marts: Engine, checkpoint: Callable[[str], object]) -> None:
    """Replace every metric in FRESH (scratch of the marts) by its rows in NEW (of the engine).

    All of them become visible at once, with their facts, or nothing does. `checkpoint` hears
    "written" before that.
    """
    new = NEW
    if engine is not marts:
        new = f"{NEW}_{threading.get_ident()}"
        marts.offer(new, engine.query(f"SELECT * FROM {NEW}"))
    mine = f"metric IN (SELECT metric FROM {FRESH})"
    facts = (
        "SELECT f.metric, f.fingerprint, f.said, MIN(d.day) AS first_day, MAX(d.day) AS last_day, "
        "COUNT(DISTINCT d.day) AS days, "
        "CAST(SUM(CASE WHEN d.rows > 1 THEN 1 ELSE 0 END) AS BIGINT) AS crowded, f.restated "
        f"FROM {FRESH} AS f LEFT JOIN metric_daily AS d ON d.metric = f.metric "
        "WHERE f.fingerprint <> '' GROUP BY f.metric, f.fingerprint, f.said, f.restated"
    )
    writes = (
        Write(table="metric_daily", where=mine, select=f"SELECT * FROM {new} ORDER BY metric, day"),
        Write(table="metric_facts", where=mine, select=facts),
    )

    def written(_ask: Ask) -> None:
        checkpoint("written")

    marts.replace(writes, None, written)
