"""What a driver's SQL reads: the relations of one rule in one stage of one month."""

from __future__ import annotations

from dataclasses import dataclass

from costper.model.dimension import RESERVED
from costper.model.names import quoted

WEIGHT = "DECIMAL(38,6)"
NOBODY = ", ".join(f"'{word}'" for word in RESERVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Which dimensions a pool shares with a metric, and which of the metric's it lacks."""

    shared: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Relations, each FROM-able, that weights are selected from.

    `pools`: pool_no, day, currency, dim_*, of this rule alone. `direct`: day, currency, dim_*,
    cost (of record). `measured`: day, value and the dimensions by name, of the rule's metric
    alone; `told_by` are the dimensions that, with the day, tell its rows apart. `active`: day,
    customer, seats. `targets`: rule, target, listed (1 if in the rule's targets), share (NULL if
    not in its shares). `number` is the rule's.
    """

    number: int
    pools: str
    direct: str = ""
    measured: str = ""
    told_by: tuple[str, ...] = ()
    active: str = ""
    targets: str = ""
    shapes: tuple[Shape, ...] = ()


def dim(name: str) -> str:
    """Name the column of a dimension in pools and legs, quoted."""
    return quoted(f"dim_{name}")


def named(column: str) -> str:
    """Say in SQL that a column names somebody."""
    return f"{column} NOT IN ({NOBODY})"


def limited(scope: Scope, weights: str, *, limit: bool) -> str:
    """Keep only the rule's own targets, where it lists some."""
    if not limit:
        return weights
    return (
        f"SELECT w.pool_no, w.target, w.weight FROM ({weights}) AS w "
        f"JOIN {scope.targets} AS t ON t.rule = {scope.number} AND t.listed = 1 "
        "AND t.target = w.target"
    )
