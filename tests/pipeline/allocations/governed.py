"""A company whose rules are read from a file: shared cost, some without an owner, untagged rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from costper.allocation.drivers import DRIVERS
from costper.config.load import load_settings
from costper.pipeline.allocate import apply
from costper.pipeline.sync import sync
from costper.sources import SOURCES
from costper.store.books import Books, open_books

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST, DAYS = date(2026, 10, 30), 6
RULES = """\
allocation:
  - {rule: dedicated, match: {customer: present}, driver: direct}
  - rule: shared database
    match: {service: [shared-db, "cache-*"]}
    driver: by_quantity
    quantity: requests
  - rule: support
    match: {service: support}
    driver: by_quantity
    quantity: tickets
"""
CONFIG = """\
organisation: Acme
currency: USD
sources:
  bill: {type: focus_file, path: bill.csv}
  requests: {type: csv, path: requests.csv, date: day, value: n, dimensions: {customer: who}}
  tickets: {type: csv, path: tickets.csv, date: day, value: n, dimensions: {customer: who}}
"""
HEADER = (
    "BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart,"
    "BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,"
    "SubAccountId,ResourceId,Tags\n"
)
Charged = tuple[str, str, str, str, dict[str, str]]
ROWS: tuple[Charged, ...] = (
    ("12", "compute", "prod-1", "i-1", {"customer": "acme", "team": "core", "env": "prod"}),
    ("6", "compute", "prod-1", "i-2", {"customer": "bolt", "team": "core", "env": "prod"}),
    ("10", "shared-db", "prod-1", "db-1", {"team": "data", "env": "prod"}),
    ("4", "storage", "lab-2", "bucket-1", {}),
    ("1", "storage", "lab-2", "bucket-2", {}),
    ("3", "support", "prod-1", "", {"team": "care"}),
)


def bill(rows: tuple[Charged, ...] = ROWS) -> str:
    """Write the same rows for each of some days."""
    days = [FIRST + timedelta(days=offset) for offset in range(DAYS)]
    return HEADER + "".join(_row(day, *row) for day in days for row in rows)


def _row(
    day: date, cost: str, service: str, account: str, resource: str, tags: dict[str, str]
) -> str:
    start = day.replace(day=1)
    end = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    quoted = json.dumps(tags).replace('"', '""')
    return (
        f"{cost},{cost},USD,a,{start},{end},{day},{day + timedelta(days=1)},Usage,{service},"
        f'{account},{resource},"{quoted}"\n'
    )


def measured(**by: int) -> str:
    """Write the same measurements for each of the days."""
    days = [FIRST + timedelta(days=offset) for offset in range(DAYS)]
    return "day,n,who\n" + "".join(f"{day},{n},{who}\n" for day in days for who, n in by.items())


@dataclass
class Governed:
    """A folder with a costper.yaml, and its books."""

    root: Path
    books: Books

    @classmethod
    def at(cls, root: Path, rules: str = RULES) -> Governed:
        """Write its files, open its books, sync and allocate."""
        (root / "costper.yaml").write_text(CONFIG + rules)
        (root / "bill.csv").write_text(bill())
        (root / "requests.csv").write_text(measured(acme=3, bolt=1))
        (root / "tickets.csv").write_text("day,n,who\n")
        made = cls.opened(root)
        made.sync()
        return made

    @classmethod
    def opened(cls, root: Path) -> Governed:
        """Open the books of a company that is there already, as a server does that starts."""
        settings = load_settings(
            root / "costper.yaml", catalogue=SOURCES, drivers=tuple(DRIVERS), environment={}
        )
        return cls(root, open_books(settings, now=NOW))

    def write(self, rules: str) -> None:
        """Change the rules on the disk, and nothing else."""
        (self.root / "costper.yaml").write_text(CONFIG + rules)

    def sync(self, now: datetime = NOW) -> None:
        """Read every source, and allocate what changed."""
        sync(self.books, now=now)
        apply(self.books, now=now)
