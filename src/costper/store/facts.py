"""Land customers and rates: the whole list of a source replaces the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from itertools import groupby
from operator import attrgetter

import pyarrow as pa

from costper.model.customer import CustomerFact, Rate
from costper.store.books import Books
from costper.store.engine import Table, Write
from costper.store.tables import customers, rates

KINDS: dict[str, pa.DataType] = {"DATE": pa.date32(), "VARCHAR": pa.string()}


def land_customers(books: Books, source: str, facts: Sequence[CustomerFact]) -> bool:
    """Replace the customers of a source; say whether anything changed.

    Each fact holds until the day the customer's next one begins.
    """
    rows = [
        asdict(fact) | {"source": source, "valid_to": until}
        for _, own in groupby(sorted(facts, key=attrgetter("customer", "valid_from")), _customer)
        for fact, until in _until(tuple(own))
    ]
    return _replaced(books, customers(), rows, "source = $source", source)


def land_rates(books: Books, facts: Sequence[Rate]) -> bool:
    """Replace the rates; say whether anything changed."""
    return _replaced(books, rates(), [asdict(fact) for fact in facts], "TRUE", "")


def _customer(fact: CustomerFact) -> str:
    return fact.customer


def _until(own: Sequence[CustomerFact]) -> list[tuple[CustomerFact, date | None]]:
    """Pair each fact with the first day it no longer holds; None for the last one."""
    ends: list[date | None] = [fact.valid_from for fact in own[1:]]
    return list(zip(own, [*ends, None], strict=True))


def _replaced(
    books: Books, table: Table, rows: Sequence[Mapping[str, object]], where: str, source: str
) -> bool:
    name = f"new_{table.name}"
    columns = ", ".join(f"CAST({column} AS {kind}) AS {column}" for column, kind in table.columns)
    books.marts.offer(name, pa.Table.from_pylist([dict(row) for row in rows], _schema(table)))
    params = {"source": source}
    held = f"SELECT {', '.join(table.names)} FROM {table.name} WHERE {where}"
    come = f"SELECT {columns} FROM {name}"
    order = f"ORDER BY {', '.join(table.names)}"
    before = books.marts.query(f"{held} {order}", params)
    after = books.marts.query(f"SELECT * FROM ({come}) AS come {order}")
    if before.equals(after):
        return False
    books.marts.replace([Write(table=table.name, where=where, select=come)], params)
    return True


def _schema(table: Table) -> pa.Schema:
    kinds: dict[str, pa.DataType] = {
        column: KINDS.get(kind) or _decimal(kind) for column, kind in table.columns
    }
    return pa.schema(kinds)


def _decimal(kind: str) -> pa.DataType:
    width, scale = kind.removeprefix("DECIMAL(").removesuffix(")").split(",")
    return pa.decimal128(int(width), int(scale))
