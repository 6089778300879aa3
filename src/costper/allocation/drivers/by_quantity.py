"""Divide in proportion to a measured quantity: requests, tokens, gigabyte-hours.

Use it wherever consumption is measured. `quantity` names a metric. Usage counts when it is of the
same day and agrees with the cost in every dimension both of them have, besides the one that is
carried to. `on` says which dimensions must agree instead; an empty list means none.

    - rule: shared database
      match: {service: [shared-db, shared-cache]}
      driver: by_quantity
      quantity: requests
      on: []

Usage that names no customer takes part, and its share stays unallocated as `no_targets`: it is not
moved onto those who are known. No usage at all that day: `no_usage`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal, localcontext

from costper.allocation.drivers.base import Driver
from costper.allocation.facts import Facts, Measured, Portion
from costper.allocation.scope import NOBODY, WEIGHT, Scope, Shape, dim, limited
from costper.model.allocation import Rule
from costper.model.dimension import RESERVED
from costper.model.money import EXACT
from costper.model.names import quoted


def weigh(portion: Portion, rule: Rule, facts: Facts) -> Mapping[str, Decimal]:
    """Weigh each target by its usage that day; '' is usage that names nobody."""
    rows = [row for row in facts.measured if row.metric == rule.quantity]
    known = {name for row in rows for name, value in row.dims.items() if value}
    shared = _shared(rule, portion, known)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    with localcontext(EXACT):
        for row in rows:
            if row.day == portion.day and _agrees(row, portion, shared):
                sums[row.dims.get(rule.to, "")] += row.value
    return {key: total for key, total in sums.items() if not rule.targets or key in rule.targets}


def _shared(rule: Rule, portion: Portion, known: set[str]) -> set[str]:
    if rule.on is not None:
        return set(rule.on) - {rule.to}
    return {name for name in known - {rule.to} if portion.dims[name] not in RESERVED}


def _agrees(row: Measured, portion: Portion, shared: set[str]) -> bool:
    return all(row.dims.get(name, "") == portion.dims[name] for name in shared)


def shapes(rule: Rule, known: tuple[str, ...], lacking: tuple[tuple[str, ...], ...]) -> list[Shape]:
    """Say which dimensions agree, for each set of dimensions that some pools of a rule lack.

    `known` are the dimensions the metric says; with an explicit `on` all pools are alike.
    """
    if rule.on is not None:
        return [Shape(shared=tuple(name for name in rule.on if name != rule.to))]
    others = tuple(name for name in known if name != rule.to)
    found = {tuple(name for name in others if name in missing) for missing in lacking}
    return [
        Shape(shared=tuple(name for name in others if name not in missing), lacking=missing)
        for missing in sorted(found)
    ]


def sql(scope: Scope, rule: Rule) -> str:
    """Select usage by target, joined on what usage and pool share."""
    parts = [_of_shape(scope, rule, shape, tuple(_told(scope))) for shape in scope.shapes]
    weights = " UNION ALL ".join(parts) or (
        f"SELECT p.pool_no, '' AS target, CAST(0 AS {WEIGHT}) AS weight "
        f"FROM {scope.pools} AS p WHERE FALSE"
    )
    return limited(scope, weights, limit=bool(rule.targets))


def _told(scope: Scope) -> list[str]:
    """Name the dimensions that tell this rule's pools apart by shape."""
    return sorted({name for shape in scope.shapes for name in shape.lacking})


def _of_shape(scope: Scope, rule: Rule, shape: Shape, told: tuple[str, ...]) -> str:
    by = ", ".join(("day", *(quoted(name) for name in shape.shared), quoted(rule.to)))
    once = set(scope.told_by) <= {*shape.shared, rule.to}
    value, group = ("value", "") if once else ("SUM(value)", f" GROUP BY {by}")
    usage = (
        f"SELECT {by} AS target, CAST({value} AS {WEIGHT}) AS weight "
        f"FROM {scope.measured} AS m{group}"
    )
    same = "".join(f" AND u.{quoted(name)} = p.{dim(name)}" for name in shape.shared)
    only = [
        f"p.{dim(name)} {'IN' if name in shape.lacking else 'NOT IN'} ({NOBODY})" for name in told
    ]
    where = f" WHERE {' AND '.join(only)}" if only else ""
    return (
        f"SELECT p.pool_no, u.target, u.weight FROM {scope.pools} AS p "
        f"JOIN ({usage}) AS u ON u.day = p.day{same}{where}"
    )


DRIVER = Driver(name="by_quantity", missing="no_usage", weigh=weigh, sql=sql)
