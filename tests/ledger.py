"""Books filled by hand: legs in, and the roll-ups every answer reads made from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pyarrow as pa

from costper.config.settings import MetricSetting, Settings
from costper.model.answer import Row
from costper.model.dimension import STANDARD_ALIASES, Dimension
from costper.pipeline.answer.frame import Asked, Frame, Standing, frame_of
from costper.store import call_tables, metric_tables, resource_tables, tables
from costper.store.books import Books
from costper.store.control import Control, sqlite_url
from costper.store.duckdb import DuckEngine
from costper.store.engine import Table, Write

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
AS_OF = "2026-11-20T06:00:00Z"
DIMENSIONS = ("customer", "team", "service", "environment")
KINDS: dict[str, pa.DataType] = {
    "BOOLEAN": pa.bool_(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "DATE": pa.date32(),
}

ROLL_UPS = {
    "customer_daily": """
        SELECT month, day, currency, source, dim_customer AS customer,
          sum(effective_cost) AS effective_cost, sum(billed_cost) AS billed_cost,
          sum(contracted_cost) AS contracted_cost, sum(list_cost) AS list_cost
        FROM legs GROUP BY ALL""",
    "dimension_daily": """
        SELECT month, day, currency, source, charge_category, dim_team, dim_service,
          dim_environment, reason, rule = 'estimated' AS estimated,
          sum(effective_cost) AS effective_cost, sum(billed_cost) AS billed_cost,
          sum(contracted_cost) AS contracted_cost, sum(list_cost) AS list_cost,
          sum(abs(effective_cost)) AS gross_cost
        FROM legs GROUP BY ALL""",
}


def dimensions() -> tuple[Dimension, ...]:
    """Give the four built-in dimensions, read from tags."""
    return tuple(
        Dimension(
            name=name,
            fields=(f"tags.{name}",),
            aliases=STANDARD_ALIASES if name == "environment" else {},
        )
        for name in DIMENSIONS
    )


def settings(root: Path, **changes: Any) -> Settings:  # noqa: ANN401 - any setting at all
    """Give settings with a `requests` metric and nothing else of note."""
    plain = Settings(
        path=root / "costper.yaml",
        root=root,
        organisation="Acme",
        currency="USD",
        timezone="UTC",
        cost_of_record="effective_cost",
        dimensions=dimensions(),
        metrics=(MetricSetting(name="requests", unit="request"),),
    )
    return replace(plain, **changes)


@dataclass(slots=True)
class Ledger:
    """Books under construction; every method adds rows, `keep` writes what is new."""

    settings: Settings
    marts: DuckEngine
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])

    @classmethod
    def at(cls, root: Path, **changes: Any) -> Ledger:  # noqa: ANN401 - any setting at all
        """Make empty books in a folder."""
        store = root / ".costper"
        store.mkdir(exist_ok=True)
        made = cls(settings(root, **changes), DuckEngine(store / "books.duckdb"))
        for table in _tables().values():
            made.marts.define(table)
        return made

    def leg(self, day: date, cost: str | Decimal, /, **said: object) -> Ledger:
        """Add one leg; `estimated=True` marks its day."""
        dims = {
            "dim_customer": said.get("customer", "acme"),
            "dim_team": said.get("team", "core"),
            "dim_service": said.get("service", "api"),
            "dim_environment": said.get("environment", "production"),
        }
        row = {
            "run_id": 1,
            "month": day.replace(day=1),
            "day": day,
            "currency": said.get("currency", "USD"),
            "source": said.get("source", "bill"),
            "charge_category": said.get("category", "Usage"),
            **dims,
            "stage": 1,
            "rule": "estimated" if said.get("estimated") else said.get("rule", ""),
            "method": said.get("method", "direct"),
            "reason": said.get("reason", ""),
            "pool_no": 0,
            "weight": None,
            "weight_total": None,
            **{name: Decimal(str(said.get(name, cost))) for name, _ in tables.COSTS},
        }
        return self._add("legs", row)

    def every_day(self, first: date, days: int, cost: str | Decimal, **said: object) -> Ledger:
        """Add the same leg on consecutive days."""
        for offset in range(days):
            self.leg(first + timedelta(days=offset), cost, **said)
        return self

    def payer(self, name: str, mrr: str | None, /, **said: object) -> Ledger:
        """Add one dated fact about a customer."""
        row = {
            "source": "customers",
            "customer": name,
            "name": said.get("name", name.title()),
            "status": said.get("status", "active"),
            "plan": said.get("plan", ""),
            "seats": None if said.get("seats") is None else Decimal(str(said["seats"])),
            "mrr": None if mrr is None else Decimal(mrr),
            "currency": said.get("currency", "USD"),
            "valid_from": said.get("since", date(2020, 1, 1)),
            "valid_to": said.get("until"),
        }
        return self._add("customers", row)

    def requests(self, day: date, value: int, customer: str = "acme", service: str = "") -> Ledger:
        """Add one measured value."""
        row = {
            "month": day.replace(day=1),
            "day": day,
            "metric": "requests",
            "customer": customer,
            "service": service,
            "value": Decimal(value),
        }
        return self._add("measurement_daily", row)

    def measured(self, day: date, value: int, customer: str = "acme") -> Ledger:
        """Add one measured value as it landed; metrics are made of it by a refresh."""
        row = {
            "source": "requests",
            "delivery_id": 1,
            "metric": "requests",
            "day": day,
            **dict.fromkeys(DIMENSIONS, ""),
            "customer": customer,
            "value": Decimal(value),
        }
        return self._add("measurements", row)

    def rate(self, since: date, currency: str, rate: str, target: str = "USD") -> Ledger:
        """Add one dated rate."""
        row = {"valid_from": since, "currency": currency, "target": target, "rate": Decimal(rate)}
        return self._add("rates", row)

    def hour(
        self, day: date, hour: int, cost: str, environment: str = "staging", **said: object
    ) -> Ledger:
        """Add one hour of a non-production environment."""
        row = {
            "month": day.replace(day=1),
            "day": day,
            "hour": hour,
            "hourly": said.get("hourly", True),
            "currency": said.get("currency", "USD"),
            "source": "bill",
            "environment": environment,
            "service": said.get("service", "api"),
            "effective_cost": Decimal(cost),
            "billed_cost": Decimal(cost),
        }
        return self._add("environment_hourly", row)

    def keep(self) -> Ledger:
        """Write every row added so far, and make the roll-ups anew."""
        for name, rows in self.rows.items():
            self.marts.offer(f"new_{name}", _arrow(_tables()[name], rows))
            self.marts.replace([Write(table=name, select=f"SELECT * FROM new_{name}")])
        self.rows.clear()
        for name, select in ROLL_UPS.items():
            self.marts.replace([Write(table=name, where="TRUE", select=select)])
        return self

    def frame(
        self, days: int | None = None, since: date | None = None, until: date | None = None
    ) -> Frame:
        """Ask about some days, at NOW."""
        self.keep()
        asked = Asked(days=days, since=since, until=until)
        return frame_of(self, asked, NOW, Standing(as_of=AS_OF))

    @property
    def engine(self) -> DuckEngine:
        """Where bills are."""
        return self.marts

    def books(self) -> Books:
        """Give them as books with a control store of their own."""
        url = sqlite_url(self.settings.store_path / "control.sqlite")
        return Books(
            settings=self.settings,
            engine=self.marts,
            marts=self.marts,
            control=Control(url),
            extra=(),
        )

    def close(self) -> None:
        """Let go of the file."""
        self.marts.close()

    def _add(self, table: str, row: dict[str, Any]) -> Ledger:
        self.rows.setdefault(table, []).append(row)
        return self


def _tables() -> Mapping[str, Table]:
    made = (
        tables.charge_daily(()),
        tables.dimension_map(DIMENSIONS, ()),
        tables.legs(DIMENSIONS),
        tables.legs(DIMENSIONS, "moves"),
        tables.pools(DIMENSIONS),
        tables.run_summary(),
        tables.customer_daily(),
        tables.dimension_daily(DIMENSIONS),
        tables.measurements(DIMENSIONS),
        tables.restatements(DIMENSIONS),
        tables.measurement_daily(),
        metric_tables.metric_daily(DIMENSIONS),
        metric_tables.metric_facts(),
        metric_tables.metric_months(),
        tables.environment_hourly(),
        resource_tables.resource_daily(DIMENSIONS),
        tables.customers(),
        tables.rates(),
        tables.control_marker(),
        *call_tables.call_marts(),
        call_tables.call_unpriced(DIMENSIONS),
    )
    return {table.name: table for table in made}


def _arrow(table: Table, rows: list[dict[str, Any]]) -> pa.Table:
    columns = {
        name: pa.array([row[name] for row in rows], _kind(kind)) for name, kind in table.columns
    }
    return pa.table(columns)


def _kind(sql: str) -> pa.DataType:
    if sql.startswith("DECIMAL"):
        width, scale = sql.removeprefix("DECIMAL(").removesuffix(")").split(",")
        return pa.decimal128(int(width), int(scale))
    return KINDS.get(sql, pa.string())


def amount(row: Row, column: str) -> Decimal:
    """Give a cell that must be an amount."""
    cell = row[column]
    assert isinstance(cell, Decimal), (column, cell)
    return cell


def added(rows: Iterable[Row], column: str = "cost") -> Decimal:
    """Add up a column."""
    return sum((amount(row, column) for row in rows), Decimal(0))


def inner(row: Row, column: str) -> tuple[Row, ...]:
    """Give the rows inside a cell."""
    cell = row[column]
    assert isinstance(cell, tuple)
    return cast("tuple[Row, ...]", cell)
