"""A small company whose sources are good, bad, late or never read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from costper.allocation.drivers import DRIVERS
from costper.config.load import load_settings
from costper.config.settings import Settings
from costper.pipeline.allocate import apply
from costper.pipeline.sync import SyncReport, sync
from costper.sources import SOURCES
from costper.store.books import Books, open_books

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 13, tzinfo=UTC)
WRITTEN = datetime(2026, 11, 20, 6, tzinfo=UTC).timestamp()
CONFIG = """
organisation: Acme
currency: USD
sources:
  bill: {type: focus_file, path: bills/*.csv}
  old: {type: focus_file, path: old.csv}
  broken: {type: focus_file, path: missing/*.csv}
  elsewhere: {type: focus_file, path: "s3://bucket/bills"}
  requests: {type: csv, path: usage.csv, date: day, value: n, dimensions: {customer: who}}
  users: {type: csv, path: users/*.csv, date: week, value: n}
customers: {type: csv, path: customers.csv}
metrics:
  users: {source: users, grain: week, unit: user}
"""
HEADER = (
    "BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart,"
    "BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName\n"
)


def charge(day: date, cost: str = "1.5", account: str = "a") -> str:
    """Write one row of a FOCUS bill."""
    start = day.replace(day=1)
    end = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    after = date.fromordinal(day.toordinal() + 1)
    return f"{cost},{cost},USD,{account},{start},{end},{day},{after},Usage,compute\n"


def bill(first: date, last: date, *more: str, account: str = "a") -> str:
    """Write a bill with a row for each day, and what else is given."""
    days = range(first.toordinal(), last.toordinal() + 1)
    rows = [charge(date.fromordinal(day), account=account) for day in days]
    return HEADER + "".join((*rows, *more))


@dataclass
class Company:
    """A folder with a costper.yaml, and its books."""

    root: Path
    books: Books

    @classmethod
    def at(cls, root: Path, config: str = CONFIG) -> Company:
        """Write its files and open its books."""
        made = {
            "costper.yaml": config,
            "bills/november.csv": bill(date(2026, 11, 1), date(2026, 11, 18)),
            "old.csv": bill(date(2026, 9, 1), date(2026, 9, 30), account="b"),
            "usage.csv": "day,n,who\n2026-11-17,5,acme\n2026-11-18,ten,acme\nsoon,7,globex\n",
            "users/2026.csv": "week,n\n2026-11-02,70\n2026-11-09,80\n",
            "customers.csv": "id,mrr,currency\nacme,2000,USD\n",
        }
        for name, text in made.items():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(text)
            os.utime(root / name, (WRITTEN, WRITTEN))
        return cls.opened(root)

    @classmethod
    def opened(cls, root: Path) -> Company:
        """Open the books of a company that is there already."""
        return cls(root, open_books(cls.settings_of(root), now=NOW))

    @staticmethod
    def settings_of(root: Path) -> Settings:
        """Read its costper.yaml."""
        return load_settings(
            root / "costper.yaml", catalogue=SOURCES, drivers=tuple(DRIVERS), environment={}
        )

    def sync(self, *names: str, now: datetime = NOW) -> SyncReport:
        """Sync and allocate."""
        report = sync(self.books, now=now, names=names)
        apply(self.books, now=now)
        return report
