"""What the books hold of metrics: facts by metric and month, restatements, deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa

from costper.model.names import quoted
from costper.store.control import Control
from costper.store.engine import Engine
from costper.store.schema import measurement_deliveries as deliveries

Number = tuple[str, str]
"""A source, and what it calls the number it measures."""


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


def months_kept(marts: Engine) -> dict[str, dict[date, str]]:
    """Give the fingerprint of every month the mart holds, by metric."""
    found: dict[str, dict[date, str]] = {}
    for row in marts.query("SELECT metric, month, fingerprint FROM metric_months").to_pylist():
        found.setdefault(row["metric"], {})[row["month"]] = row["fingerprint"]
    return found


def days_measured(engine: Engine) -> dict[Number, dict[date, int]]:
    """Give the days with measurements of every (source, number), and how many rows they have."""
    by = "source, metric, day"
    rows = engine.query(
        f"SELECT {by}, COUNT(*) AS many FROM measurements GROUP BY {by}"
    ).to_pylist()
    found: dict[Number, dict[date, int]] = {}
    for row in rows:
        found.setdefault((row["source"], row["metric"]), {})[row["day"]] = row["many"]
    return found


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


@dataclass(frozen=True, slots=True)
class Landed:
    """A delivery of measurements; its days, ends included, replaced those held before."""

    number: int
    first_day: date
    last_day: date


def metric_deliveries(control: Control) -> dict[Number, tuple[Landed, ...]]:
    """Give the landed deliveries of every (source, number), oldest first."""
    columns = (deliveries.c[name] for name in ("delivery_id", "first_day", "last_day"))
    query = sa.select(deliveries.c.source, deliveries.c.metric, *columns)
    chosen = query.where(deliveries.c.status == "current").order_by(deliveries.c.delivery_id)
    found: dict[Number, list[Landed]] = {}
    with control.read() as connection:
        for row in connection.execute(chosen).mappings():
            landed = Landed(row["delivery_id"], row["first_day"], row["last_day"])
            found.setdefault((row["source"], row["metric"]), []).append(landed)
    return {number: tuple(landed) for number, landed in found.items()}
