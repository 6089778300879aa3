"""Lands bill rows by hand: raw charges, and the roll-up the store makes of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
from tests.allocation.world import MONTH

from costper.model.money import COST_COLUMNS
from costper.model.period import Period
from costper.store import tables
from costper.store.books import Books
from costper.store.calendar import offer_calendar
from costper.store.engine import Write
from costper.store.rollup import daily

KINDS: dict[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.bool_(),
    "TIMESTAMP": pa.timestamp("us"),
    "DECIMAL(38,21)": pa.decimal128(38, 21),
    "DECIMAL(38,18)": pa.decimal128(38, 18),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """One row of a bill, an hour long unless it says otherwise; `more` are other columns."""

    costs: Mapping[str, Decimal]
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    service_name: str | None = None
    category: str = "Usage"
    currency: str = "USD"
    source: str = "aws"
    start: datetime = datetime(MONTH.year, MONTH.month, 1, 3, tzinfo=UTC)
    hours: int = 1
    more: Mapping[str, object] = field(default_factory=dict[str, object])


def land(books: Books, lines: Sequence[BillLine]) -> None:
    """Replace all charges by these rows of delivery 1, numbered from 2."""
    table = tables.charges()
    schema = pa.schema([pa.field(name, KINDS[kind]) for name, kind in table.columns])
    rows = [_row(line, number) for number, line in enumerate(lines, start=2)]
    columns = {name: [row.get(name) for row in rows] for name in table.names}
    books.engine.offer("new_charges", pa.table(columns, schema=schema))
    days = Period(MONTH, MONTH + timedelta(days=60)).each_day()
    offer_calendar(books.engine, days)
    books.engine.replace(
        [
            Write(table="charges", where="TRUE", select="SELECT * FROM new_charges"),
            Write(table="charge_daily", where="TRUE", select=daily(books.extra, "TRUE")),
        ]
    )


def _instant(moment: datetime) -> datetime:
    """Give it as the books keep it: UTC without a zone."""
    return moment.replace(tzinfo=None)


def _row(line: BillLine, number: int) -> dict[str, object]:
    return {
        "source": line.source,
        "delivery_id": 1,
        "file_no": 0,
        "row_no": number,
        **{name: line.costs[name] for name in COST_COLUMNS},
        "billing_currency": line.currency,
        "billing_account_id": "1",
        "billing_period_start": _instant(datetime(MONTH.year, MONTH.month, 1, tzinfo=UTC)),
        "billing_period_end": _instant(datetime(MONTH.year, MONTH.month + 1, 1, tzinfo=UTC)),
        "charge_period_start": _instant(line.start),
        "charge_period_end": _instant(line.start + timedelta(hours=line.hours)),
        "charge_category": line.category,
        "service_name": line.service_name,
        "charge_description": f"row {number}",
        "tags": json.dumps(dict(line.tags), sort_keys=True),
        **line.more,
    }
