"""Books of a small shop, filled with a world and allocated by rules, on real files."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.allocation.world import (
    DIMENSIONS,
    MONTH,
    Charge,
    Person,
    Used,
    World,
    fill,
    money,
)

from costper.config.settings import MetricSetting, Settings
from costper.model.allocation import Match, Rule
from costper.pipeline.allocate import MonthDone, apply
from costper.store.books import Books, open_books

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SHARED = Rule(
    name="shared database",
    match=(Match(key="service", values=("db",)),),
    driver="by_quantity",
    quantity="requests",
)
OVERHEAD = Rule(
    name="overhead", stage=2, driver="by_cost", match=(Match(key="customer", present=False),)
)
WORLD = World(
    charges=(
        Charge(tags={"customer": "acme", "env": "prod"}, service_name="api", costs=money("36")),
        Charge(tags={"customer": "bolt", "env": "prod"}, service_name="api", costs=money("18")),
        Charge(service_name="db", costs=money("100")),
        Charge(service_name="db", category="Credit", costs=money("-2.6137")),
        Charge(service_name="idle", tags={"env": "stg"}, costs=money("5.000000000000000000001")),
    ),
    used=(
        Used(dims={"customer": "acme", "service": "db"}, value=Decimal(25)),
        Used(dims={"customer": "bolt", "service": "db"}, value=Decimal(75)),
    ),
    people=(Person(customer="acme", seats=Decimal(3)), Person(customer="bolt", seats=Decimal(1))),
)


@dataclass(frozen=True, slots=True)
class Shop:
    """Open books, and how to fill and allocate them."""

    books: Books

    def fill(self, world: World = WORLD) -> None:
        """Replace all rows the shop reads."""
        fill(self.books.engine, world)

    def apply(self, months: Sequence[date] | None = None) -> tuple[MonthDone, ...]:
        """Allocate what changed."""
        return apply(self.books, now=NOW, months=months)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Ask the marts."""
        found: list[dict[str, Any]] = self.books.marts.query(sql).to_pylist()
        return found

    def by_customer(self, cost: str = "effective_cost") -> dict[str, Decimal]:
        """Give each customer's cost."""
        sql = f"SELECT customer, SUM({cost}) AS cost FROM customer_daily GROUP BY customer"
        return {row["customer"]: row["cost"] for row in self.rows(sql)}


def settings(root: Path, *rules: Rule, **changes: Any) -> Settings:  # noqa: ANN401 - any setting
    """Give settings with these rules."""
    plain: dict[str, Any] = {
        "path": root / "costper.yaml",
        "root": root,
        "organisation": "Shop",
        "currency": "USD",
        "timezone": "UTC",
        "cost_of_record": "effective_cost",
        "dimensions": DIMENSIONS,
        "metrics": (MetricSetting(name="requests", source="requests", measured="requests"),),
        "allocation": rules,
    }
    return Settings(**{**plain, **changes})


@contextmanager
def shop(root: Path, *rules: Rule, **changes: Any) -> Generator[Shop]:  # noqa: ANN401
    """Open books with these rules."""
    books = open_books(settings(root, *rules, **changes), now=NOW)
    try:
        yield Shop(books)
    finally:
        books.close()


__all__ = ["MONTH", "NOW", "OVERHEAD", "SHARED", "WORLD", "Shop", "settings", "shop"]
