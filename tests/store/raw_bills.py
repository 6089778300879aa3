"""Bills written by hand: text columns in Parquet, read by the plainest projection."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tests.ledger import settings

from costper.model.charge import CHARGE_COLUMNS
from costper.model.delivery import Part, RawBill
from costper.store.books import Books, open_books
from costper.store.land import land_bill
from costper.store.landing import Landing

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
NAMES = tuple(column.name for column in CHARGE_COLUMNS)
Row = Mapping[str, str | None]


def charge(day: date, cost: str = "1", **said: str | None) -> dict[str, str | None]:
    """Give one day's charge of account a, in the billing period of its month."""
    month = day.replace(day=1)
    after = (month + timedelta(days=32)).replace(day=1)
    costs = dict.fromkeys(("billed_cost", "effective_cost", "contracted_cost", "list_cost"), cost)
    return {
        **costs,
        "billing_currency": "USD",
        "billing_account_id": "a",
        "billing_period_start": month.isoformat(),
        "billing_period_end": after.isoformat(),
        "charge_period_start": day.isoformat(),
        "charge_period_end": (day + timedelta(days=1)).isoformat(),
        "charge_category": "Usage",
        "service_name": "compute",
        "tags": '{"customer": "acme"}',
        **said,
    }


def days(first: date, count: int, cost: str = "1", **said: str | None) -> list[Row]:
    """Give the same charge on consecutive days."""
    return [charge(first + timedelta(days=each), cost, **said) for each in range(count)]


def part(path: Path, rows: Iterable[Row]) -> Part:
    """Write one file."""
    cells = [[row.get(name) for name in NAMES] for row in rows]
    columns = [pa.array(list(column), pa.string()) for column in zip(*cells, strict=True)]
    table = pa.table(dict(zip(NAMES, columns, strict=True)))
    pq.write_table(table, str(path))
    digest = hashlib.sha256(repr(table.to_pylist()).encode()).hexdigest()
    return Part(path=str(path), origin=path.name, sha256=digest, rows=table.num_rows)


def bill_of(*parts: Part, **said: Any) -> RawBill:  # noqa: ANN401 - any field of a bill
    """Read every canonical column from the raw column of the same name."""
    projection = {
        column.name: column.name
        if column.sql_type == "VARCHAR"
        else f"TRY_CAST({column.name} AS {column.sql_type})"
        for column in CHARGE_COLUMNS
    }
    return replace(RawBill(parts=parts, projection=projection), **said)


@dataclass(slots=True)
class Desk:
    """Books in a folder, and files on their way into them."""

    folder: Path
    books: Books
    written: int = 0
    landings: list[Landing] = field(default_factory=list[Landing])

    @classmethod
    def at(cls, folder: Path) -> Desk:
        """Open new books."""
        return cls(folder, open_books(settings(folder), now=NOW))

    def file(self, rows: Sequence[Row], name: str = "") -> Part:
        """Write rows to a new file."""
        self.written += 1
        return part(self.folder / (name or f"bill-{self.written}.parquet"), rows)

    def land(self, *files: Sequence[Row] | Part, **said: Any) -> Landing:  # noqa: ANN401 - a bill's
        """Land rows as one bill of the source `bill`."""
        parts = [each if isinstance(each, Part) else self.file(each) for each in files]
        how = {name: said.pop(name) for name in ("forced", "checkpoint") if name in said}
        landing = land_bill(self.books, "bill", bill_of(*parts, **said), now=NOW, **how)
        self.landings.append(landing)
        return landing

    def all(self, sql: str) -> list[tuple[Any, ...]]:
        """Give the rows of a query."""
        return [tuple(row.values()) for row in self.books.engine.query(sql).to_pylist()]

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Give all that the books hold, whatever the numbers of its deliveries."""
        charges = ", ".join(("file_no", "row_no", *NAMES))
        daily = [n for n in _columns(self.books, "charge_daily") if n != "delivery_id"]
        return {
            "charges": self.all(f"SELECT {charges} FROM charges ORDER BY ALL"),
            "daily": self.all(f"SELECT {', '.join(daily)} FROM charge_daily ORDER BY ALL"),
        }

    def reopened(self) -> Desk:
        """Close the books and open them again, as after a restart."""
        self.books.close()
        return Desk(self.folder, open_books(self.books.settings, now=NOW), self.written)


def _columns(books: Books, table: str) -> list[str]:
    return books.engine.query(f"SELECT * FROM {table} LIMIT 0").column_names
