"""Runs the SQL of an allocation and gives its legs as the oracle writes them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tests.allocation.oracle import Leg, Legs, summed
from tests.allocation.world import MONTH

from costper.allocation.definition import Definition
from costper.model.money import COST_COLUMNS
from costper.model.period import month_of
from costper.pipeline.divide import Divided, divide
from costper.pipeline.words import Reader
from costper.store.engine import Engine


def run(engine: Engine, definition: Definition) -> Divided:
    """Divide the month."""
    return divide(engine, definition, Reader(definition), month_of(MONTH), "customers")


def legs_of(engine: Engine, definition: Definition) -> Legs:
    """Divide the month and read its legs."""
    divided = run(engine, definition)
    rows = engine.query(divided.legs, divided.params).to_pylist()
    return summed([(_leg(row, definition), _costs(row)) for row in rows])


def _costs(row: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {name: row[name] for name in COST_COLUMNS}


def _leg(row: Mapping[str, object], definition: Definition) -> Leg:
    number = int(str(row["rule"]))
    return Leg(
        day=row["day"],  # type: ignore[arg-type]
        currency=str(row["currency"]),
        source=str(row["source"]),
        category=str(row["charge_category"]),
        dims=tuple((name, str(row[f"dim_{name}"])) for name in definition.names),
        stage=row["stage"],  # type: ignore[arg-type]
        rule=definition.rules[number].name if number >= 0 else "",
        method=str(row["method"]),
        reason=str(row["reason"]),
        weight=row["weight"],  # type: ignore[arg-type]
        weight_total=row["weight_total"],  # type: ignore[arg-type]
        direct=row["pool_no"] == 0,
    )
