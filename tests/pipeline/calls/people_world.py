"""Books whose settings say something of people, for tests."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from costper.config.load import load_settings
from costper.events.event import Event
from costper.model.call import COUNTS
from costper.model.names import quoted
from costper.pipeline.calls.people import doorkeeper
from costper.pipeline.calls.rollup import added
from costper.store.books import Books, open_books
from costper.store.call_tables import calls
from costper.store.engine import Write

NOW = datetime(2026, 11, 21, 7, tzinfo=UTC)
PEPPER = {"COSTPER_PEPPER": "a pepper of tests that nobody knows"}


def people_books(folder: Path, llm: str, **files: str) -> Books:
    """Open books with this section `llm` of costper.yaml, beside these CSV files."""
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    path = folder / "costper.yaml"
    path.write_text(f"currency: USD\n{llm}\n", encoding="utf-8")
    settings = load_settings(path, catalogue=(), drivers=("even",), environment={})
    return open_books(settings, now=NOW)


def tell(books: Books, events: Sequence[Event], *, environment: Mapping[str, str] = PEPPER) -> None:
    """Let events in by the door of the books and put them there, at a dollar for each input token.

    What has none is unpriced. This is the road of a call without a spool and prices.
    """
    keeper = doorkeeper(books, environment=environment)
    for event in events:
        assert keeper.admit(event) == ""
    rows = pa.Table.from_pylist([_row(number, event) for number, event in enumerate(events)])
    books.marts.offer("told", rows)
    kinds = dict(calls().columns)
    chosen = ", ".join(
        f"CAST({quoted(name)} AS {kinds[name]}) AS {quoted(name)}" for name in rows.column_names
    )
    last = books.marts.query("SELECT COALESCE(MAX(seq), 0) AS seq FROM calls").to_pylist()[0]["seq"]
    select = f"SELECT {chosen}, {last + 1} AS seq FROM told"
    folded = Write(table="folded", where="TRUE", select=f"SELECT {last + 1} AS seq")
    books.marts.replace([Write(table="calls", select=select), *added(f"seq > {last}"), folded])


def _row(number: int, event: Event) -> dict[str, object]:
    assert isinstance(event.timestamp, int)
    at = datetime.fromtimestamp(event.timestamp / 1_000_000, UTC).replace(tzinfo=None)
    account, cost = event.service_account, event.input_tokens or None
    kind = "service_account" if account else "anonymous" if event.anon_id else "user"
    return {
        **dict.fromkeys(COUNTS, 0),
        "day": at.date(),
        "at": at,
        "call_key": number,
        "call_id": event.external_request_id or f"call-{number}",
        "line_no": 0,
        "provider": "openai",
        "model": "gpt-5",
        "tier": "standard",
        "user_id": account or event.user_id,
        "user_kind": kind if account or event.user_id else "unknown",
        "tenant": event.tenant_id,
        "customer": event.customer_id,
        "feature": event.endpoint_tag,
        "prompt_version": event.prompt_version,
        "team": event.team,
        "environment": event.environment or "production",
        "data_mode": event.data_mode or "real",
        "session_id": event.session_id,
        "operation_id": event.operation_id,
        "attempt": 1,
        "status": "ok",
        "outcome": "",
        "part": "",
        "input_tokens": event.input_tokens,
        "output_tokens": event.output_tokens,
        "latency_ms": 10,
        "estimated": False,
        "price_status": "priced" if cost else "unpriced",
        "price_version": "test",
        "rated_cost": cost,
        "cost": cost,
    }
