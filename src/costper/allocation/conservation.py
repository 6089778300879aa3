"""SQL that finds where an allocation lost or made money: it must select nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from costper.allocation.sql_stage import COSTS, IN_MONTH, joined, sums
from costper.model.money import COST_COLUMNS, plain

BY_DAY = ("day", "currency", "source")


def unequal_days(charged: str, allocated: str) -> str:
    """Select days, currencies and sources whose legs do not add up to their charges.

    Both are SELECTs with day, currency, source and the costs. The columns `charged_…` and
    `allocated_…` say how much there is on each side.
    """
    return _unequal(BY_DAY, charged, allocated)


def unequal_pools(parts: str, pools: str) -> str:
    """Select pools whose parts do not add up to them."""
    return _unequal(
        ("pool_no",),
        f"SELECT pool_no, {COSTS} FROM {pools}",
        f"SELECT pool_no, {COSTS} FROM {parts}",
    )


def unequal_moves(moved: str, pools: str) -> str:
    """Select days of a later stage where what was moved is not what was divided."""
    by = joined(BY_DAY)
    return _unequal(
        BY_DAY,
        f"SELECT {by}, {COSTS} FROM ({moved}) AS m",
        f"SELECT {by}, {COSTS} FROM {pools}",
    )


def charges_of(table: str) -> str:
    """Select a month's charges as one side of the comparison."""
    return f"SELECT {joined(BY_DAY)}, {COSTS} FROM {table} WHERE {IN_MONTH}"


def _unequal(by: Sequence[str], left: str, right: str) -> str:
    key = joined(by)
    columns = [
        (f"{side}_{name}", f"CASE WHEN side = {number} THEN {name} ELSE 0 END")
        for number, side in enumerate(("charged", "allocated"))
        for name in COST_COLUMNS
    ]
    picked = joined(f"{value} AS {name}" for name, value in columns)
    differ = " OR ".join(f"charged_{name} <> allocated_{name}" for name in COST_COLUMNS)
    one = f"SELECT {key}, 0 AS side, {sums()} FROM ({left}) AS a GROUP BY {key}"
    other = f"SELECT {key}, 1 AS side, {sums()} FROM ({right}) AS b GROUP BY {key}"
    return (
        f"SELECT * FROM (SELECT {key}, {sums(columns=(name for name, _ in columns))} FROM "
        f"(SELECT {key}, {picked} FROM ({one} UNION ALL {other}) AS pair) AS sides "
        f"GROUP BY {key}) AS compared WHERE {differ} ORDER BY {key}"
    )


def told(row: Mapping[str, object], by: Sequence[str]) -> str:
    """Say in words where and by how much one found row is off."""
    place = ", ".join(f"{name} {row[name]}" for name in by)
    sides = {
        name: [_plain(row[f"{side}_{name}"]) for side in ("charged", "allocated")]
        for name in COST_COLUMNS
    }
    amounts = "; ".join(
        f"{name} {charged} charged, {allocated} allocated"
        for name, (charged, allocated) in sides.items()
        if charged != allocated
    )
    return f"{place}: {amounts}"


def _plain(value: object) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)
