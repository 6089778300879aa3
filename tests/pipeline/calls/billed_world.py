"""Calls put into the roll-ups by hand, and an invoice beside them."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from tests.store.raw_bills import Row, bill_of, charge, part

from costper.config.llm import LlmSettings
from costper.config.settings import Settings
from costper.model.allocation import Rule
from costper.model.dimension import STANDARD_ALIASES, Dimension
from costper.model.money import COST_COLUMNS
from costper.pipeline.allocate import apply
from costper.pipeline.calls.charges import CallsLanded, land_calls
from costper.store.books import Books, open_books
from costper.store.call_tables import MEASURES, call_hourly, user_daily
from costper.store.engine import Table, Write
from costper.store.land import land_bill

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 3)
PLAIN = {"service_name": "OpenAI", "tags": "{}"}
NUMBERS = {name for name, _ in MEASURES}
SCHEMA: Mapping[str, pa.DataType] = {
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "UBIGINT": pa.uint64(),
    "DECIMAL(38,18)": pa.decimal128(38, 18),
}
DIMENSIONS = (
    Dimension(name="customer", fields=("tags.customer",), aliases={"acme-inc": "acme"}),
    Dimension(name="team", fields=("tags.team",)),
    Dimension(name="service", fields=("tags.service", "service_name")),
    Dimension(name="environment", fields=("tags.environment",), aliases=STANDARD_ALIASES),
    Dimension(name="feature", fields=("tags.feature",)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """Some calls alike; `cost` is by price, `unpriced` of them have none."""

    cost: str = "0"
    calls: int = 1
    day: date = DAY
    hour: int = 9
    provider: str = "openai"
    model: str = "gpt-5"
    customer: str = "acme"
    user: str = "u1"
    kind: str = "user"
    feature: str = "search"
    mode: str = "real"
    unpriced: int = 0
    more: Mapping[str, str | int] = field(default_factory=dict[str, str | int])

    def row(self) -> dict[str, Any]:
        """Give it in the columns of both roll-ups."""
        at = datetime(self.day.year, self.day.month, self.day.day, self.hour)  # noqa: DTZ001
        return {
            "day": self.day,
            "hour": at,
            "provider": self.provider,
            "model": self.model,
            "tier": "standard",
            "user_id": self.user,
            "user_key": int.from_bytes(self.user.encode()[:7].ljust(7), "big"),
            "user_kind": self.kind,
            "customer": self.customer,
            "feature": self.feature,
            "environment": "production",
            "data_mode": self.mode,
            "calls": self.calls,
            "unpriced_calls": self.unpriced,
            "input_tokens": 100 * self.calls,
            "output_tokens": 10 * self.calls,
            "call_cost": Decimal(self.cost),
            "cost": Decimal(self.cost),
            **self.more,
        }


@dataclass(slots=True)
class Desk:
    """Open books with calls in them."""

    books: Books
    folder: Path
    files: int = 0

    def fold(self, *calls: Calls) -> None:
        """Add calls to the roll-ups, as the fold does."""
        rows = [one.row() for one in calls]
        for table in (call_hourly(), user_daily()):
            self.books.marts.offer("told_calls", _arrow(table, rows))
            self.books.marts.replace([Write(table=table.name, select="SELECT * FROM told_calls")])

    def price(self, model: str, cost: str) -> None:
        """Give the calls of a model a price, as repricing does: each row costs so much."""
        for table in (call_hourly(), user_daily()):
            new = {"unpriced_calls": "0", "call_cost": cost, "cost": cost}
            columns = ", ".join(
                f"CAST({new[name]} AS {kind}) AS {name}" if name in new else name
                for name, kind in table.columns
            )
            self.books.marts.keep("repriced", f"SELECT {columns} FROM {table.name} AS t")
            where = f"model = '{model}'"
            select = f"SELECT * FROM repriced WHERE {where}"
            self.books.marts.replace([Write(table=table.name, where=where, select=select)])

    def invoice(self, *days: tuple[date, str], source: str = "openai_bill", **said: str) -> None:
        """Land an invoice of some days, in place of the one before."""
        self.bill([charge(day, cost, **{**PLAIN, **said}) for day, cost in days], source)

    def models(self, *lines: tuple[str, str], day: date = DAY) -> None:
        """Land an invoice of one day with a line for each model, '' for none."""
        tags = [json.dumps({"model": model} if model else {}) for model, _ in lines]
        rows = [
            charge(day, cost, **{**PLAIN, "tags": said})
            for said, (_, cost) in zip(tags, lines, strict=True)
        ]
        self.bill(rows, "openai_bill")

    def bill(self, rows: Sequence[Row], source: str) -> None:
        """Land rows as the whole bill of a source."""
        self.files += 1
        bill = bill_of(part(self.folder / f"invoice-{self.files}.parquet", rows))
        landing = land_bill(self.books, source, bill, now=NOW, forced=True)
        assert not landing.refused, landing.issues

    def land(self, now: datetime = NOW, *, today: bool = True) -> CallsLanded:
        """Carry the calls into the ledger."""
        return land_calls(self.books, now=now, today=today)

    def allocate(self) -> None:
        """Allocate what changed; a month that is refused is a fault."""
        assert not [done.issue for done in apply(self.books, now=NOW) if done.issue]

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Ask the marts."""
        found: list[dict[str, Any]] = self.books.marts.query(sql).to_pylist()
        return found

    def sum(self, what: str, table: str, where: str = "TRUE") -> Decimal:
        """Add a column up."""
        sql = f"SELECT COALESCE(SUM({what}), 0) AS n FROM {table} AS t WHERE {where}"
        return Decimal(self.rows(sql)[0]["n"])

    def by_customer(self) -> dict[str, Decimal]:
        """Give what each customer costs."""
        sql = (
            "SELECT dim_customer AS customer, SUM(effective_cost) AS cost FROM legs "
            "GROUP BY dim_customer HAVING SUM(effective_cost) <> 0"
        )
        return {row["customer"]: row["cost"].normalize() for row in self.rows(sql)}


def _arrow(table: Table, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    schema = pa.schema([pa.field(name, SCHEMA[kind]) for name, kind in table.columns])
    columns = {
        name: [row.get(name, 0 if name in NUMBERS else "") for row in rows]
        for name, _ in table.columns
    }
    return pa.table(columns, schema=schema)


def settings(
    root: Path,
    *rules: Rule,
    llm: Mapping[str, Any] | None = None,
    dimensions: tuple[Dimension, ...] = DIMENSIONS,
) -> Settings:
    """Give settings of books with calls."""
    return Settings(
        path=root / "costper.yaml",
        root=root,
        organisation="Acme",
        currency="USD",
        timezone="UTC",
        cost_of_record="effective_cost",
        dimensions=dimensions,
        allocation=rules,
        llm=LlmSettings.model_validate(llm or {}),
    )


BILLED: Mapping[str, Any] = {"calls": {"invoices": {"openai": "openai_bill"}}}


@contextmanager
def desk(
    root: Path,
    *rules: Rule,
    llm: Mapping[str, Any] | None = None,
    dimensions: tuple[Dimension, ...] = DIMENSIONS,
) -> Generator[Desk]:
    """Open books in a folder."""
    books = open_books(settings(root, *rules, llm=llm, dimensions=dimensions), now=NOW)
    try:
        yield Desk(books, root)
    finally:
        books.close()


def days_from(first: date, count: int) -> list[date]:
    """Give consecutive days."""
    return [first + timedelta(days=each) for each in range(count)]


__all__ = ["BILLED", "COST_COLUMNS", "DAY", "NOW", "Calls", "Desk", "days_from", "desk"]
