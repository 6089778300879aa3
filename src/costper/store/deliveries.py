"""What the control store remembers of deliveries: announced, then settled or given up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa

from costper.model.delivery import Delivery, Part, Scope
from costper.model.money import plain
from costper.store.audit import log
from costper.store.control import Control
from costper.store.schema import deliveries, delivery_files

AS_THEY_ARE = (
    "status",
    "mode",
    "fingerprint",
    "rows",
    "bad_rows",
    "set_aside",
    "first_day",
    "last_day",
    "covered_days",
    "landed_at",
    "reason",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of a delivery; `file_no` is what its charges carry."""

    file_no: int
    origin: str
    sha256: str
    rows: int


def announce(
    control: Control, delivery: Delivery, parts: Sequence[Part], replaces: int | None
) -> Delivery:
    """Write down a delivery that is about to land (or was refused), and give it its number."""
    values = _values(delivery) | {"replaces": replaces}
    with control.begin() as connection:
        inserted = connection.execute(deliveries.insert().values(**values))
        (number,) = inserted.inserted_primary_key or (0,)
        rows = [
            {
                "delivery_id": number,
                "file_no": place,
                "origin": part.origin,
                "sha256": part.sha256,
                "rows": part.rows,
            }
            for place, part in enumerate(parts)
        ]
        if rows:
            connection.execute(delivery_files.insert(), rows)
    return replace(delivery, delivery_id=number)


def settle(control: Control, landed: Sequence[Delivery], *, forced: bool, now: datetime) -> None:
    """Make landed deliveries the current ones of their scopes, in one transaction."""
    with control.begin() as connection:
        for delivery in landed:
            values = _values(replace(delivery, status="current"))
            row = deliveries.c.delivery_id == delivery.delivery_id
            connection.execute(deliveries.update().where(row).values(**values))
            if delivery.mode == "overwrite":
                older = _in_scope(delivery.scope) & (deliveries.c.status == "current") & ~row
                connection.execute(deliveries.update().where(older).values(status="superseded"))
            if forced:
                detail = {"delivery": delivery.delivery_id, "days": delivery.covered_days}
                log(connection, "forced", spoken(delivery.scope), now=now, detail=detail)


def refuse(control: Control, delivery: Delivery, parts: Sequence[Part]) -> None:
    """Remember a refused delivery, once for the same files."""
    refused = replace(delivery, status="refused")
    known = listed(control, source=delivery.scope.source, statuses=("refused",))
    alike = {(each.scope, each.fingerprint, each.reason) for each in known}
    if (refused.scope, refused.fingerprint, refused.reason) not in alike:
        announce(control, refused, parts, None)


def give_up(control: Control, numbers: Collection[int], *, status: str, reason: str) -> None:
    """Mark announced deliveries as `failed` or `refused`, with the reason."""
    chosen = deliveries.c.delivery_id.in_(list(numbers))
    with control.begin() as connection:
        connection.execute(deliveries.update().where(chosen).values(status=status, reason=reason))


def current(control: Control, source: str | None = None) -> tuple[Delivery, ...]:
    """Give the deliveries in the books, in order of scope and number."""
    return listed(control, source=source, statuses=("current",))


def pending(control: Control) -> tuple[Delivery, ...]:
    """Give what was announced and neither settled nor given up: a sync that did not end."""
    return listed(control, statuses=("pending",))


def superseded(control: Control, scope: Scope) -> tuple[int, ...]:
    """Give the numbers of a scope's replaced deliveries, the newest first."""
    number = deliveries.c.delivery_id
    query = sa.select(number).where(_in_scope(scope), deliveries.c.status == "superseded")
    with control.read() as connection:
        return tuple(connection.execute(query.order_by(number.desc())).scalars())


def listed(
    control: Control, *, source: str | None = None, statuses: Collection[str] = ()
) -> tuple[Delivery, ...]:
    """Give deliveries, all or of one source and some statuses, in order of scope and number."""
    scope = (deliveries.c.source, deliveries.c.account, deliveries.c.billing_period)
    query = sa.select(deliveries).order_by(*scope, deliveries.c.delivery_id)
    if source is not None:
        query = query.where(deliveries.c.source == source)
    if statuses:
        query = query.where(deliveries.c.status.in_(list(statuses)))
    with control.read() as connection:
        rows = connection.execute(query).mappings().all()
        origins = _origins(connection, {row["delivery_id"] for row in rows})
    return tuple(_delivery(row, origins.get(row["delivery_id"], ())) for row in rows)


def files_of(control: Control, delivery_id: int) -> tuple[File, ...]:
    """Give the files of a delivery, in order of their number."""
    columns = [delivery_files.c[name] for name in ("file_no", "origin", "sha256", "rows")]
    query = sa.select(*columns).where(delivery_files.c.delivery_id == delivery_id)
    with control.read() as connection:
        rows = connection.execute(query.order_by(delivery_files.c.file_no)).mappings()
        return tuple(File(**row) for row in rows)


def held_elsewhere(
    control: Control, source: str, hashes: Collection[str]
) -> dict[tuple[str, str, date], str]:
    """Name the deliveries in the books of other sources that hold files of these hashes.

    By hash, account and billing period.
    """
    columns = (delivery_files.c.sha256, deliveries.c.account, deliveries.c.billing_period)
    query = (
        sa.select(*columns, deliveries.c.source, deliveries.c.delivery_id)
        .join(deliveries, deliveries.c.delivery_id == delivery_files.c.delivery_id)
        .where(
            deliveries.c.status == "current",
            deliveries.c.source != source,
            delivery_files.c.rows > 0,
        )
    )
    wanted = frozenset(hashes)
    with control.read() as connection:
        return {
            (sha256, account, period): f"delivery {number} of {other}"
            for sha256, account, period, other, number in connection.execute(query)
            if sha256 in wanted
        }


def replaced_by(control: Control, delivery_id: int) -> int | None:
    """Give the number of the delivery this one replaced, None for the first of its scope."""
    query = sa.select(deliveries.c.replaces).where(deliveries.c.delivery_id == delivery_id)
    with control.read() as connection:
        number: int | None = connection.execute(query).scalar()
    return number


def spoken(scope: Scope) -> str:
    """Name a scope for people.

    >>> spoken(Scope(source="bill", account="1234", billing_period=date(2026, 9, 1)))
    'bill 1234 2026-09'
    """
    return f"{scope.source} {scope.account} {scope.billing_period:%Y-%m}"


def _in_scope(scope: Scope) -> sa.ColumnElement[bool]:
    return sa.and_(
        deliveries.c.source == scope.source,
        deliveries.c.account == scope.account,
        deliveries.c.billing_period == scope.billing_period,
    )


def _origins(connection: sa.Connection, wanted: Collection[int]) -> dict[int, tuple[str, ...]]:
    order = (delivery_files.c.delivery_id, delivery_files.c.file_no)
    columns = (delivery_files.c.delivery_id, delivery_files.c.origin)
    found: dict[int, list[str]] = {number: [] for number in wanted}
    query = sa.select(*columns).where(delivery_files.c.delivery_id >= min(wanted, default=0))
    for number, origin in connection.execute(query.order_by(*order)):
        if number in found:
            found[number].append(origin)
    return {number: tuple(origins) for number, origins in found.items()}


def _values(delivery: Delivery) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(delivery, name) for name in AS_THEY_ARE}
    values["source"] = delivery.scope.source
    values["account"] = delivery.scope.account
    values["billing_period"] = delivery.scope.billing_period
    values["totals"] = written(delivery.totals)
    return values


def written(totals: Mapping[str, Mapping[str, Decimal]]) -> dict[str, dict[str, str]]:
    """Write totals as JSON keeps them: decimal texts."""
    return {
        currency: {cost: plain(amount) for cost, amount in costs.items()}
        for currency, costs in totals.items()
    }


def read_totals(totals: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, Decimal]]:
    """Read totals back from their texts."""
    return {
        currency: {cost: Decimal(text) for cost, text in costs.items()}
        for currency, costs in totals.items()
    }


def _delivery(row: sa.RowMapping, origins: tuple[str, ...]) -> Delivery:
    billing_period: date = row["billing_period"]
    scope = Scope(source=row["source"], account=row["account"], billing_period=billing_period)
    own = {"source", "account", "billing_period", "replaces", "totals"}
    rest = {name: value for name, value in row.items() if name not in own}
    return Delivery(scope=scope, totals=read_totals(row["totals"]), files=origins, **rest)
