"""What the control store heard last: when the books changed, and what they had to refuse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from costper.store.control import Control
from costper.store.schema import deliveries, measurement_deliveries, runs

IN_BOOKS = ("current", "superseded")


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
    with control.begin() as connection:
        found = [connection.execute(query).scalar() for query in moments]
    return max((str(moment) for moment in found if moment), default="")


def refused_scopes(control: Control) -> tuple[Refused, ...]:
    """Give the scopes of which the books hold an older delivery than the newest that came."""
    scope = (deliveries.c.source, deliveries.c.account, deliveries.c.billing_period)
    newest = (
        sa.select(sa.func.max(deliveries.c.delivery_id))
        .where(deliveries.c.status.in_(("refused", *IN_BOOKS)))
        .group_by(*scope)
    )
    query = (
        sa.select(*scope, deliveries.c.reason)
        .where(deliveries.c.delivery_id.in_(newest), deliveries.c.status == "refused")
        .order_by(*scope)
    )
    with control.begin() as connection:
        return tuple(Refused(*row) for row in connection.execute(query))


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
    with control.begin() as connection:
        return tuple(connection.execute(query).scalars())
