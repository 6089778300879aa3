"""Books that calls are folded into, with prices that are easy to reckon by hand."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from tests.ledger import NOW, settings

from costper.events.event import Event
from costper.pipeline.calls.fold import Pricing, RateKey
from costper.pipeline.calls.intake import Intake, open_intake
from costper.pipeline.calls.rollup import ROLLUPS, rebuild
from costper.store.books import Books, open_books
from costper.store.call_tables import MEASURES, call_marts
from costper.store.engine import Write

DAY = date(2026, 11, 20)
NOON_US = 1_795_176_000_000_000
"""2026-11-20 12:00 UTC."""

HOUR_US = 3_600_000_000
RATES = {"gpt-5": Decimal("0.000001"), "gpt-5-mini": Decimal("0.0000002")}
KINDS: dict[str, pa.DataType] = {
    "provider": pa.string(),
    "model": pa.string(),
    "tier": pa.string(),
    "day": pa.date32(),
    "rate": pa.decimal128(24, 18),
}


def pricing(version: str = "by hand") -> Pricing:
    """Price every token alike, by model; no other model has a price."""

    def rate(key: RateKey) -> dict[str, object]:
        return {"rate": RATES.get(key[1])}

    return Pricing(
        version=version,
        columns=pa.schema(KINDS),
        rate=rate,
        cost=lambda line, rate, _counted, _rated: (
            f"({line}.input_tokens + {line}.output_tokens) * {rate}.rate"
        ),
    )


def call(number: int, **said: Any) -> Event:  # noqa: ANN401 - any field of an event
    """Give one call as the door hands it on; numbers tell calls apart."""
    plain: dict[str, Any] = {
        "external_request_id": f"call-{number}",
        "provider": "openai",
        "model": "gpt-5",
        "service_tier": "standard",
        "environment": "production",
        "data_mode": "real",
        "status": "ok",
        "timestamp": NOON_US + number,
        "input_tokens": 10,
        "output_tokens": 5,
    }
    return Event(**{**plain, **said})


@dataclass(slots=True)
class Road:
    """Books and the road into them, without its threads' timing: `send` folds at once."""

    books: Books
    intake: Intake

    def send(self, *batches: Sequence[Event]) -> None:
        """Take batches one after the other, each in a fold of its own."""
        for batch in batches:
            self.intake.offer(batch, NOON_US).result()
            self.intake.fold_now()

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Ask the books."""
        return self.books.marts.query(sql).to_pylist()

    def one(self, sql: str) -> Any:  # noqa: ANN401 - whatever is asked for
        """Ask the books for one value."""
        (row,) = self.rows(sql)
        (value,) = row.values()
        return value

    def calls(self) -> list[dict[str, Any]]:
        """Give every line of every call, but for the number of its batch."""
        return self.rows("SELECT * EXCLUDE (seq) FROM calls ORDER BY call_id, line_no")

    def sums(self) -> dict[str, list[dict[str, Any]]]:
        """Give every roll-up with one row a key."""
        return {make().name: self.rows(_packed(make().name, make().names)) for make in ROLLUPS}

    def rebuilt(self, days: Iterable[date] = (DAY,)) -> dict[str, list[dict[str, Any]]]:
        """Give every roll-up as it is made again from the calls."""
        rebuild(self.books, days)
        return self.sums()

    def empty(self) -> None:
        """Forget every call; the spool counts on."""
        tables = [table.name for table in call_marts() if table.name != "folded"]
        self.books.marts.replace([Write(table=name, where="TRUE") for name in tables])


@contextmanager
def road(folder: Path) -> Generator[Road]:
    """Open books and the road into them; folds happen when asked for."""
    books = open_books(settings(folder), now=NOW)
    intake = open_intake(books, pricing())
    intake.start_committing()
    try:
        yield Road(books, intake)
    finally:
        intake.close()
        books.close()


def _packed(table: str, names: Sequence[str]) -> str:
    measures = [name for name, _ in MEASURES if name in names]
    keys = [name for name in names if name not in measures]
    sums = ", ".join(f"SUM({name}) AS {name}" for name in measures)
    return f"SELECT {', '.join(keys)}, {sums} FROM {table} GROUP BY ALL ORDER BY ALL"
