"""What the rules in force took of some days, and what nobody took, in the home currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from costper.economics.currency import converted, plus
from costper.model.answer import Absent
from costper.pipeline.answer.frame import Frame, in_days
from costper.pipeline.answer.select import Bound, record_sql

TAKEN = (("pools", "TRUE"), ("legs", "pool_no = 0"), ("moves", "pool_no = 0"))
"""Where what a rule took stands: whole in its pool, or as it is where nothing was divided."""


@dataclass(slots=True)
class Sum:
    """An amount in the home currency, and the days it is of."""

    cost: Decimal | Absent
    first: date
    last: date

    def add(self, cost: Decimal | Absent, day: date) -> None:
        """Add the amount of one day."""
        self.cost = plus(self.cost, cost)
        self.first, self.last = min(self.first, day), max(self.last, day)


def taken(frame: Frame) -> Mapping[str, Sum]:
    """Give what each rule took, by its name. A cost that a chain carries on counts twice."""
    bound = Bound()
    record = record_sql(frame.books.settings, bound)
    days = " AND ".join(in_days(frame.period, bound))
    parts = " UNION ALL ".join(
        f"SELECT rule, day, currency, {record} AS cost FROM {table} "
        f"WHERE {which} AND rule <> '' AND {days}"
        for table, which in TAKEN
    )
    sql = (
        f"SELECT rule, day, currency, SUM(cost) AS cost FROM ({parts}) AS t "
        "GROUP BY rule, day, currency ORDER BY rule, day, currency"
    )
    found = _added(frame, sql, bound, ("rule",))
    return {name: one for (name,), one in found.items()}


def unallocated(frame: Frame) -> Mapping[tuple[str, ...], Sum]:
    """Give what stays without an owner by (reason, rule, service)."""
    bound = Bound()
    record = record_sql(frame.books.settings, bound)
    days = " AND ".join(in_days(frame.period, bound))
    keys = ("reason", "rule", "service")
    sql = (
        f"SELECT reason, rule, dim_service AS service, day, currency, SUM({record}) AS cost "
        f"FROM legs WHERE reason <> '' AND {days} "
        "GROUP BY reason, rule, dim_service, day, currency"
    )
    return _added(frame, sql, bound, keys)


def _added(
    frame: Frame, sql: str, bound: Bound, keys: tuple[str, ...]
) -> dict[tuple[str, ...], Sum]:
    rows: list[dict[str, Any]] = frame.books.marts.query(sql, bound.values).to_pylist()
    found: dict[tuple[str, ...], Sum] = {}
    for row in rows:
        key, day = tuple(row[name] for name in keys), row["day"]
        cost = converted(row["cost"], row["currency"], day, frame.rates)
        if key in found:
            found[key].add(cost, day)
        else:
            found[key] = Sum(cost, day, day)
    return found
