"""LLM calls told to books by hand: one row of every roll-up for each, as no fold would leave it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from tests.ledger import Ledger

from costper.model.call import COUNTS
from costper.store.call_tables import (
    MEASURES,
    call_hourly,
    call_marts,
    calls,
    latency_daily,
    user_daily,
    user_hourly,
)
from costper.store.engine import Table, Write

ROLL_UPS = (call_hourly, user_daily, user_hourly, latency_daily)
KINDS: dict[str, pa.DataType] = {
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.bool_(),
    "INTEGER": pa.int32(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call with one line; `cost` None is unpriced, `record` what an invoice trues it up to."""

    at: datetime
    user_id: str = "u1"
    user_kind: str = "user"
    tenant: str = "t1"
    customer: str = "acme"
    feature: str = "search"
    prompt_version: str = "v1"
    team: str = ""
    environment: str = "production"
    data_mode: str = "real"
    provider: str = "openai"
    model: str = "gpt-5-mini"
    tier: str = "standard"
    outcome: str = ""
    status: str = "ok"
    attempt: int = 1
    operation_id: str = ""
    estimated: bool = False
    input_tokens: int = 100
    output_tokens: int = 50
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    latency_ms: int | None = 400
    cost: str | None = "0.01"
    record: str | None = None

    @property
    def day(self) -> date:
        """The UTC day."""
        return self.at.date()

    @property
    def call_cost(self) -> Decimal:
        """What it cost by price, zero where nobody priced it."""
        return Decimal(self.cost or 0)

    @property
    def cost_of_record(self) -> Decimal:
        """What it cost by the invoice."""
        return self.call_cost if self.record is None else Decimal(self.record)


def at(day: str, hour: int = 12) -> datetime:
    """Give an instant: at("2026-11-01", 3)."""
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)


def tell(ledger: Ledger, some: Iterable[Call]) -> None:
    """Put calls into every roll-up and among the lines, a row each."""
    for table in call_marts():
        ledger.marts.define(table)
    some = [*some]
    told = [_row(one) for one in some]
    lines = calls()
    ledger.marts.offer("told_calls", _arrow(lines, [_line(lines, one) for one in some]))
    ledger.marts.replace([Write(table=lines.name, select="SELECT * FROM told_calls")])
    for make in ROLL_UPS:
        table = make()
        rows = [row for row in told if table.name != "latency_daily" or row["latency_calls"]]
        ledger.marts.offer("told_calls", _arrow(table, rows))
        keyed = "user_key" in table.names
        key = "hash(user_id) AS user_key, " if keyed else ""
        ledger.marts.replace([Write(table=table.name, select=f"SELECT {key}* FROM told_calls")])


def _row(call: Call) -> dict[str, Any]:
    counts = {name: getattr(call, name, 0) for name in COUNTS}
    measures = {
        "calls": 1,
        "errors": int(call.status != "ok"),
        "retries": int(call.attempt > 1),
        "cached_calls": int(call.cache_read_tokens > 0),
        "unpriced_calls": int(call.cost is None),
        "estimated_calls": int(call.estimated),
        "latency_calls": int(call.latency_ms is not None),
        "latency_ms_sum": call.latency_ms or 0,
        "call_cost": call.call_cost,
        "cost": call.cost_of_record,
    }
    timed = max(call.latency_ms or 1, 1)
    return {
        **{name: getattr(call, name) for name in WORDS},
        **counts,
        **measures,
        "day": call.day,
        "hour": call.at.replace(minute=0, second=0, microsecond=0, tzinfo=None),
        "latency_class": math.floor(math.log(timed) / math.log(1.05)),
    }


def _line(table: Table, call: Call) -> dict[str, Any]:
    said: dict[str, Any] = {name: getattr(call, name, None) for name in table.names}
    cost = None if call.cost is None else call.call_cost
    return {**said, "at": call.at.replace(tzinfo=None), "line_no": 0, "cost": cost}


MEASURED = {name for name, _ in MEASURES}
WORDS = tuple(
    name
    for name, _ in {
        **dict(call_hourly().columns),
        **dict(user_daily().columns),
    }.items()
    if name not in MEASURED and name not in {"day", "hour", "user_key"}
)


def _arrow(table: Table, rows: list[Mapping[str, Any]] | list[dict[str, Any]]) -> pa.Table:
    return pa.table(
        {
            name: pa.array([row[name] for row in rows], _kind(kind))
            for name, kind in table.columns
            if name != "user_key"
        }
    )


def _kind(sql: str) -> pa.DataType:
    return pa.decimal128(38, 18) if sql.startswith("DECIMAL") else KINDS.get(sql, pa.string())
