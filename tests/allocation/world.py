"""A small world to allocate in: charges, usage and customers, in tables or in Python."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from costper.allocation.definition import Definition, prepared
from costper.allocation.sql_stage import Record
from costper.model.allocation import Rule
from costper.model.dimension import BUILT_IN, STANDARD_ALIASES, Dimension
from costper.model.money import COST_COLUMNS, EXACT
from costper.store import tables
from costper.store.duckdb import DuckEngine
from costper.store.engine import Engine, Table, Write

DIMENSIONS = (
    Dimension(name="customer", fields=("tags.customer",), aliases={"acme-inc": "acme"}),
    Dimension(name="team", fields=("tags.team",)),
    Dimension(name="service", fields=("tags.service", "service_name")),
    Dimension(name="environment", fields=("tags.env",), aliases=STANDARD_ALIASES),
)
MONTH = date(2026, 8, 1)
Owner = TypeVar("Owner")
MONEY = pa.decimal128(38, 21)
QUANTITY = pa.decimal128(38, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One row of the daily roll-up."""

    day: date = MONTH
    source: str = "aws"
    currency: str = "USD"
    category: str = "Usage"
    service_name: str = ""
    account: str = ""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    costs: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    estimated: bool = False

    def raw(self) -> dict[str, str]:
        """Give its words by charge column."""
        return {
            **dict.fromkeys(tables.daily_attribute_columns(()), ""),
            "source": self.source,
            "service_name": self.service_name,
            "sub_account_id": self.account,
            "charge_category": self.category,
            "tags": json.dumps(dict(self.tags), sort_keys=True),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """One measurement."""

    source: str = "requests"
    day: date = MONTH
    dims: Mapping[str, str]
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One dated fact of a customer."""

    customer: str
    start: date = date(2020, 1, 1)
    end: date | None = None
    status: str = "active"
    seats: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything an allocation of one month reads."""

    charges: tuple[Charge, ...] = ()
    used: tuple[Used, ...] = ()
    people: tuple[Person, ...] = ()


def money(text: str | int | Decimal, **others: str) -> dict[str, Decimal]:
    """Give the four costs: all alike, unless another is named."""
    return {name: Decimal(others.get(name, str(text))) for name in COST_COLUMNS}


def definition(*rules: Rule, record: Record | None = None) -> Definition:
    """Give a definition over the four built-in dimensions."""
    return prepared(
        Definition(
            dimensions=DIMENSIONS,
            rules=rules,
            record=record or Record(),
            metrics={"requests": ("requests", "requests")},
        )
    )


def fill(engine: Engine, world: World) -> None:
    """Write a world into the tables an allocation reads, replacing what is there."""
    daily = tables.charge_daily(())
    _write(engine, daily, [_daily_row(charge) for charge in world.charges])
    measured = tables.measurements(BUILT_IN)
    _write(engine, measured, [_measured_row(one) for one in world.used])
    _write(engine, tables.customers(), [_person_row(one) for one in world.people])


def open_engine(folder: Path) -> DuckEngine:
    """Open an empty engine."""
    return DuckEngine(folder / "books.duckdb", memory_limit_gib=1, threads=1)


def _write(engine: Engine, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    engine.define(table)
    schema = pa.schema([pa.field(name, _arrow(kind)) for name, kind in table.columns])
    columns = {name: [row.get(name) for row in rows] for name in table.names}
    engine.offer(f"new_{table.name}", pa.table(columns, schema=schema))
    engine.replace(
        [Write(table=table.name, where="TRUE", select=f"SELECT * FROM new_{table.name}")]
    )


def _arrow(kind: str) -> pa.DataType:
    kinds: dict[str, pa.DataType] = {
        "VARCHAR": pa.string(),
        "BIGINT": pa.int64(),
        "DATE": pa.date32(),
        "BOOLEAN": pa.bool_(),
        "DECIMAL(38,21)": MONEY,
        "DECIMAL(38,6)": QUANTITY,
    }
    return kinds[kind]


def _daily_row(charge: Charge) -> dict[str, object]:
    return {
        **charge.raw(),
        **charge.costs,
        "delivery_id": 1,
        "billing_period": MONTH,
        "day": charge.day,
        "currency": charge.currency,
        "estimated": charge.estimated,
        "charges": 1,
    }


def _measured_row(one: Used) -> dict[str, object]:
    return {
        **{name: one.dims.get(name, "") for name in BUILT_IN},
        "source": one.source,
        "delivery_id": 1,
        "metric": one.source,
        "day": one.day,
        "value": one.value,
    }


def _person_row(one: Person) -> dict[str, object]:
    return {
        "source": "crm",
        "customer": one.customer,
        "status": one.status,
        "seats": one.seats,
        "valid_from": one.start,
        "valid_to": one.end,
    }


def added(
    rows: Iterable[tuple[Owner, Mapping[str, Decimal]]],
) -> dict[Owner, Mapping[str, Decimal]]:
    """Sum the four costs by owner."""
    sums: dict[Owner, dict[str, Decimal]] = defaultdict(
        lambda: dict.fromkeys(COST_COLUMNS, Decimal(0))
    )
    with localcontext(EXACT):
        for owner, costs in rows:
            for name in COST_COLUMNS:
                sums[owner][name] += costs[name]
    return dict(sums)
