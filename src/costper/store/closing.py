"""Closed billing periods: nothing changes them but a reopening that says why."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from costper.errors import UserError
from costper.model.delivery import Scope
from costper.store.audit import log
from costper.store.control import Control
from costper.store.schema import closed_periods

EVERY_SOURCE = ""


def close_period(control: Control, period: date, *, source: str, now: datetime) -> None:
    """Close a billing period of one source, or of every source when `source` is ""."""
    values = {"source": source, "billing_period": period, "closed_at": now.isoformat()}
    try:
        with control.begin() as connection:
            connection.execute(closed_periods.insert().values(**values))
            log(connection, "period closed", _spoken(period, source), now=now)
    except IntegrityError as error:
        raise UserError(f"{_spoken(period, source)} is closed already") from error


def reopen_period(
    control: Control, period: date, *, source: str, reason: str, now: datetime
) -> None:
    """Open a closed billing period again; UserError when it is not closed or no reason is given."""
    if not reason.strip():
        raise UserError("a reopening says why", hint="--reason 'the vendor corrected its bill'")
    chosen = (closed_periods.c.billing_period == period) & (closed_periods.c.source == source)
    with control.begin() as connection:
        if connection.execute(closed_periods.delete().where(chosen)).rowcount == 0:
            raise UserError(
                f"{_spoken(period, source)} is not closed", hint="costper deliveries lists them"
            )
        subject, detail = _spoken(period, source), {"reason": reason}
        log(connection, "period reopened", subject, now=now, detail=detail)


def closed(control: Control) -> frozenset[tuple[str, date]]:
    """Give every closed (source, billing period); source "" stands for all of them."""
    columns = (closed_periods.c.source, closed_periods.c.billing_period)
    with control.read() as connection:
        return frozenset(
            (source, period) for source, period in connection.execute(sa.select(*columns))
        )


def is_closed(scope: Scope, closed_ones: frozenset[tuple[str, date]]) -> bool:
    """Say whether a scope lies in a closed period."""
    period = scope.billing_period
    return (scope.source, period) in closed_ones or (EVERY_SOURCE, period) in closed_ones


def _spoken(period: date, source: str) -> str:
    return f"{source or 'all sources'} {period:%Y-%m}"
