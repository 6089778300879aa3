"""What the control store remembers of landed measurements, by source and metric."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from costper.store.control import Control
from costper.store.schema import measurement_deliveries as deliveries


def announce_measurements(control: Control, values: Mapping[str, Any]) -> int:
    """Write down a landing of measurements that is about to happen, and give its number."""
    with control.begin() as connection:
        inserted = connection.execute(deliveries.insert().values(**values, status="pending"))
        (number,) = inserted.inserted_primary_key or (0,)
    return int(number)


def settle_measurements(control: Control, number: int) -> None:
    """Say that they landed. Earlier landings of the metric stay current for other days."""
    _mark(control, number, "current")


def give_up_measurements(control: Control, number: int) -> None:
    """Say that they never landed."""
    _mark(control, number, "failed")


def pending_measurements(control: Control) -> tuple[int, ...]:
    """Give the numbers of landings that did not end."""
    query = sa.select(deliveries.c.delivery_id).where(deliveries.c.status == "pending")
    with control.read() as connection:
        return tuple(connection.execute(query.order_by(deliveries.c.delivery_id)).scalars())


def latest_measurements(control: Control, source: str, metric: str) -> Mapping[str, Any] | None:
    """Give the last landing of a source's metric, None for the first."""
    mine = (deliveries.c.source == source) & (deliveries.c.metric == metric)
    query = sa.select(deliveries).where(mine & (deliveries.c.status == "current"))
    with control.read() as connection:
        newest = query.order_by(deliveries.c.delivery_id.desc()).limit(1)
        row = connection.execute(newest).mappings().first()
    return None if row is None else dict(row)


def listed_measurements(control: Control, source: str) -> tuple[Mapping[str, Any], ...]:
    """Give every landing of a source, the newest first."""
    query = sa.select(deliveries).where(deliveries.c.source == source)
    with control.read() as connection:
        rows = connection.execute(query.order_by(deliveries.c.delivery_id.desc())).mappings()
        return tuple(dict(row) for row in rows)


def measured_days(control: Control) -> dict[str, tuple[date, date]]:
    """Give the first and last day of each source's measurements.

    The last is that of the metric whose own is oldest: the others wait for it.
    """
    columns = (deliveries.c.source, deliveries.c.metric)
    ends = (sa.func.min(deliveries.c.first_day), sa.func.max(deliveries.c.last_day))
    query = sa.select(*columns, *ends).where(deliveries.c.status == "current").group_by(*columns)
    found: dict[str, tuple[date, date]] = {}
    with control.read() as connection:
        for source, _, first, last in connection.execute(query):
            before = found.get(source, (first, last))
            found[source] = (min(first, before[0]), min(last, before[1]))
    return found


def _mark(control: Control, number: int, status: str) -> None:
    chosen = deliveries.c.delivery_id == number
    with control.begin() as connection:
        connection.execute(deliveries.update().where(chosen).values(status=status))
