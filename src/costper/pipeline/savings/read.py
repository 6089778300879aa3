"""Reads from the mart what the rules of savings look at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from costper.economics.currency import converted
from costper.economics.savings.base import Bill, Earlier, Known, Seen
from costper.economics.savings.claims import Key
from costper.model.answer import Absent
from costper.model.money import EXACT
from costper.model.names import quoted
from costper.model.outcome import Issue
from costper.pipeline.answer.frame import Frame, in_days, missing_rate_issue
from costper.pipeline.answer.select import Bound, Select, record_sql

TABLE = "resource_daily"
OF = ("meter", "source", "resource", "tags")
TOLD = ("account", "region", "service_name", "unit")
HISTORY = ("machine", "snapshot")
"""Meters whose days before the period a rule asks for."""

Row = dict[str, Any]


def bill_of(frame: Frame) -> tuple[Bill, tuple[Issue, ...]]:
    """Read the period's resources, and when some of them were seen before it."""
    found: dict[tuple[Any, ...], Seen] = {}
    missing: dict[str, int] = {}
    for row in _rows(frame):
        cost = converted(row["cost"], row["currency"], row["first"], frame.rates)
        if isinstance(cost, Absent):
            missing[row["currency"]] = missing.get(row["currency"], 0) + 1
            continue
        one = _seen(frame, row, cost)
        key = (*(row[name] for name in OF), tuple(one.dims.values()))
        found[key] = _joined(found[key], one) if key in found else one
    bill = Bill(
        seen=tuple(found.values()),
        earlier=_earlier(frame),
        start=frame.period.start,
        days=frame.days_with_data,
    )
    return bill, tuple(missing_rate_issue(name, many) for name, many in missing.items())


def _rows(frame: Frame) -> list[Row]:
    """Ask the mart; rows of other currencies come by day, for that day's rate."""
    bound = Bound()
    record = record_sql(frame.books.settings, bound)
    home = bound.bind(frame.rates.home)
    keys = (*OF, *TOLD, *(f"dim_{name}" for name in frame.books.settings.dimension_names))
    select = Select(
        columns={
            **{name: quoted(name) for name in keys},
            "currency": "currency",
            "foreign_day": f"CASE WHEN currency = {home} THEN NULL ELSE day END",
            "description": "max(description)",
            "cost": f"sum({record})",
            "quantity": "sum(quantity)",
            "days": "count(DISTINCT day)",
            "first": "min(day)",
            "last": "max(day)",
            "charges": "sum(charges)",
            "charge": "min(charge)",
        },
        table=TABLE,
        where=in_days(frame.covered, bound),
        group=(*keys, "currency", "foreign_day"),
        order=(*keys, "currency", "foreign_day"),
    )
    rows: list[Row] = frame.books.marts.query(select.text(), bound.values).to_pylist()
    return rows


def _seen(frame: Frame, row: Row, cost: Decimal) -> Seen:
    names = frame.books.settings.dimension_names
    return Seen(
        meter=row["meter"],
        source=row["source"],
        resource=row["resource"],
        account=row["account"],
        region=row["region"],
        service=row["service_name"],
        description=row["description"],
        unit=row["unit"],
        tags=row["tags"],
        dims={name: row[f"dim_{name}"] for name in names},
        cost=cost,
        quantity=row["quantity"],
        days=row["days"],
        first=row["first"],
        last=row["last"],
        charges=int(row["charges"]),
        charge=_charge(row["source"], row["charge"]),
    )


def _joined(one: Seen, more: Seen) -> Seen:
    """Put together what was read in parts, by day or by unit."""
    apart = more.last < one.first or one.last < more.first
    return replace(
        one,
        cost=EXACT.add(one.cost, more.cost),
        quantity=one.quantity + more.quantity,
        days=one.days + more.days if apart else max(one.days, more.days),
        first=min(one.first, more.first),
        last=max(one.last, more.last),
        charges=one.charges + more.charges,
    )


def _charge(source: str, padded: str) -> str:
    """Write a bill row's id as `costper explain --charge` takes it.

    >>> _charge("aws", "000000003/000000000/000000000000000017")
    'aws/3/0:17'
    """
    delivery, file, row = (int(part) for part in padded.split("/"))
    return f"{source}/{delivery}/{file}:{row}"


def _earlier(frame: Frame) -> dict[Known, Earlier]:
    """Read when machines' tags and snapshots were seen before the period."""
    bound = Bound()
    meters = ", ".join(bound.bind(name) for name in HISTORY)
    select = Select(
        columns={**{name: quoted(name) for name in OF}, "first": "min(day)", "last": "max(day)"},
        table=TABLE,
        where=(f"day < {bound.bind(frame.period.start)}", f"meter IN ({meters})"),
        group=OF,
    )
    rows = frame.books.marts.query(select.text(), bound.values).to_pylist()
    return {
        (row["meter"], row["source"], row["resource"], row["tags"]): Earlier(
            first=row["first"], last=row["last"]
        )
        for row in rows
    }


def claimed_hours(frame: Frame, keys: Iterable[Key]) -> dict[tuple[str, str, date], Decimal]:
    """Add up what is claimed outside production, by environment, service and day."""
    wanted = frozenset(keys)
    found: dict[tuple[str, str, date], Decimal] = {}
    if not wanted:
        return found
    bound = Bound()
    record = record_sql(frame.books.settings, bound)
    meters = ", ".join(bound.bind(name) for name in sorted({key[0] for key in wanted}))
    dims = tuple(f"dim_{name}" for name in frame.books.settings.dimension_names)
    whose = ("meter", "source", "resource", *dims)
    by = (*whose, "day", "currency")
    select = Select(
        columns={**{name: quoted(name) for name in by}, "cost": f"sum({record})"},
        table=TABLE,
        where=(
            *in_days(frame.covered, bound),
            f"meter IN ({meters})",
            "dim_environment NOT LIKE '(%' AND dim_environment <> 'production'",
        ),
        group=by,
    )
    for row in frame.books.marts.query(select.text(), bound.values).to_pylist():
        cost = converted(row["cost"], row["currency"], row["day"], frame.rates)
        if tuple(row[name] for name in whose) in wanted and isinstance(cost, Decimal):
            key = (row["dim_environment"], row["dim_service"], row["day"])
            found[key] = EXACT.add(found.get(key, Decimal(0)), cost)
    return found
