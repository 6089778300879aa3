"""What the control store heard last: changes, refusals, losses, and months left behind."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from costper.store.control import Control
from costper.store.pairing import LOST
from costper.store.schema import deliveries, measurement_deliveries, runs

IN_BOOKS = ("current", "superseded")
SCOPE = (deliveries.c.source, deliveries.c.account, deliveries.c.billing_period)


@dataclass(frozen=True, slots=True)
class Refused:
    """A scope whose newest delivery was refused, and why."""

    source: str
    account: str
    billing_period: date
    reason: str


def last_change(control: Control) -> str:
    """Give the instant the newest delivery, measurement or run came in; "" before the first."""
    moments = (
        sa.select(sa.func.max(table.c[column])).where(table.c.status.in_(IN_BOOKS))
        for table, column in (
            (deliveries, "landed_at"),
            (measurement_deliveries, "landed_at"),
            (runs, "created_at"),
        )
    )
    with control.read() as connection:
        found = [connection.execute(query).scalar() for query in moments]
    return max((str(moment) for moment in found if moment), default="")


def refused_scopes(control: Control) -> tuple[Refused, ...]:
    """Give the scopes of which the books hold an older delivery than the newest that came."""
    return _newest(control, deliveries.c.status == "refused", ("refused", *IN_BOOKS))


def lost_scopes(control: Control) -> tuple[Refused, ...]:
    """Give the scopes the books once held and lost, and that no sync has landed again."""
    return _newest(control, deliveries.c.reason == LOST, ("failed", *IN_BOOKS))


def _newest(
    control: Control, wanted: sa.ColumnElement[bool], statuses: Collection[str]
) -> tuple[Refused, ...]:
    """Give the scopes whose newest delivery of these statuses is one that is wanted."""
    newest = (
        sa.select(sa.func.max(deliveries.c.delivery_id))
        .where(deliveries.c.status.in_(statuses))
        .group_by(*SCOPE)
    )
    query = (
        sa.select(*SCOPE, deliveries.c.reason)
        .where(deliveries.c.delivery_id.in_(newest), wanted)
        .order_by(*SCOPE)
    )
    with control.read() as connection:
        return tuple(Refused(*row) for row in connection.execute(query))


def last_days(control: Control) -> dict[str, date]:
    """Give the last day each source covers, of those whose deliveries tell days from months.

    A delivery of charges by the month covers one day, its first: where no delivery of a source
    covers two, nothing is known of how far it reaches.
    """
    query = (
        sa.select(deliveries.c.source, sa.func.max(deliveries.c.last_day))
        .where(deliveries.c.status == "current")
        .group_by(deliveries.c.source)
        .having(sa.func.max(deliveries.c.covered_days) > 1)
    )
    with control.read() as connection:
        return {source: day for source, day in connection.execute(query) if day is not None}


def stale_months(control: Control) -> tuple[date, ...]:
    """Give the months that hold other deliveries than their current run was made of.

    Read from the control store alone: of a delivery's months it looks at the first and the last.
    """
    columns = (deliveries.c.delivery_id, deliveries.c.first_day, deliveries.c.last_day)
    held = sa.select(*columns).where(deliveries.c.status == "current")
    other = sa.select(deliveries.c.delivery_id).where(deliveries.c.status != "current")
    made = sa.select(runs.c.month, runs.c.deliveries).where(runs.c.status == "current")
    with control.read() as connection:
        current = tuple(connection.execute(held))
        gone = set(connection.execute(other).scalars())
        allocated = {month: set(numbers) for month, numbers in connection.execute(made)}
    stale = {month for month, numbers in allocated.items() if numbers & gone}
    for number, first, last in current:
        for day in (first, last):
            if day is not None and number not in allocated.get(day.replace(day=1), ()):
                stale.add(day.replace(day=1))
    return tuple(sorted(stale))


def failed_months(control: Control) -> tuple[date, ...]:
    """Give the months whose newest allocation was not kept: it did not add up, or broke off."""
    newest = (
        sa.select(sa.func.max(runs.c.run_id))
        .where(runs.c.status != "pending")
        .group_by(runs.c.month)
    )
    query = (
        sa.select(runs.c.month)
        .where(runs.c.run_id.in_(newest), runs.c.status == "failed")
        .order_by(runs.c.month)
    )
    with control.read() as connection:
        return tuple(connection.execute(query).scalars())
