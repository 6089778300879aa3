"""A company that only measures: raw CSV files, a costper.yaml, and its books."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from costper.allocation.drivers import DRIVERS
from costper.config.load import load_settings
from costper.config.settings import Settings
from costper.pipeline.allocate import apply
from costper.pipeline.metric_refresh import refresh_metrics
from costper.pipeline.sync import SyncReport, sync
from costper.sources import SOURCES
from costper.store.books import Books, open_books

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CONFIG = """
organisation: Acme
currency: USD
dimensions:
  plan: {from: tags.plan, aliases: {Pro: Team}}
  region: {from: tags.region}
sources:
  users: {type: csv, path: users.csv, date: day, value: n,
          dimensions: {plan: plan, region: region}}
  peaks: {type: csv, path: peaks.csv, date: day, values: {high: hi, low: lo}}
  monthly: {type: csv, path: monthly.csv, date: day, value: n, dimensions: {plan: plan},
            timezone: Europe/Berlin}
metrics:
  daily_active_users: {source: users, unit: user, kind: active_users}
  high: {source: peaks, kind: peak}
  low: {source: peaks, kind: peak, aggregation: min}
  monthly_active_users: {source: monthly, unit: user, kind: active_users, grain: month,
                         owner: growth, description: Who opened the app, settle_days: 5}
"""
USERS = [
    "2026-11-01,10,free,eu",
    "2026-11-01,3, PRO ,eu",
    "2026-11-01,4,team,eu",
    "2026-11-02,0,free,eu",
    "2026-11-04,7,,us",
]
PEAKS = ["2026-11-01,5,1", "2026-11-01,9,2", "2026-11-02,4,4"]
MONTHLY = ["2026-09-30,100,free", "2026-10-31,120,free", "2026-10-31,20,team"]


@dataclass(frozen=True, slots=True)
class Measured:
    """Open books, and the files they are made from."""

    root: Path
    books: Books

    def write(self, name: str, lines: Sequence[str]) -> None:
        """Write the rows of one file."""
        write(self.root, name, lines)

    def sync(self) -> SyncReport:
        """Pull everything."""
        return sync(self.books, now=NOW)

    def apply(self) -> None:
        """Allocate what changed."""
        apply(self.books, now=NOW)

    def refresh(self, checkpoint: Callable[[str], object] = str.strip) -> tuple[str, ...]:
        """Bring the metrics up to date and name those written."""
        return refresh_metrics(self.books, checkpoint=checkpoint).metrics

    def rows(self, sql: str = "SELECT * FROM metric_daily ORDER BY ALL") -> list[dict[str, Any]]:
        """Ask the marts."""
        found: list[dict[str, Any]] = self.books.marts.query(sql).to_pylist()
        return found


HEADS = {"users": "day,n,plan,region", "peaks": "day,hi,lo", "monthly": "day,n,plan"}


def write(root: Path, name: str, lines: Sequence[str]) -> None:
    """Write one file with its header."""
    (root / f"{name}.csv").write_text("\n".join([HEADS[name], *lines, ""]))


def fill(root: Path, config: str = CONFIG) -> Settings:
    """Write the files that are not there yet, and read the settings."""
    root.mkdir(parents=True, exist_ok=True)
    path = root / "costper.yaml"
    path.write_text(config)
    for name, lines in {"users": USERS, "peaks": PEAKS, "monthly": MONTHLY}.items():
        if not (root / f"{name}.csv").exists():
            write(root, name, lines)
    return load_settings(path, catalogue=SOURCES, drivers=tuple(DRIVERS), environment={})


@contextmanager
def measured(root: Path, config: str = CONFIG) -> Generator[Measured]:
    """Open the company's books."""
    books = open_books(fill(root, config), now=NOW)
    try:
        yield Measured(root, books)
    finally:
        books.close()
