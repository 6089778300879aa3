"""Calls that reach a ledger kept by Sail are those that reach one kept by DuckDB."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from tests.engines.sail import SailEngine, fingerprint, sail
from tests.pipeline.calls.billed_world import BILLED, DAY, NOW, Calls, Desk, desk, settings

from costper.store.books import Books, prepare
from costper.store.control import Control
from costper.store.duckdb import DuckEngine

pytestmark = pytest.mark.sail

ON_ENGINE = ("charges", "charge_daily", "measurements")
ON_MARTS = ("legs", "call_hourly", "user_daily")


@pytest.fixture(scope="module")
def session() -> Iterator[object]:
    with sail() as session:
        yield session


def filled(it: Desk) -> dict[str, object]:
    it.fold(
        Calls(cost="1.000000000000000003", user="a"),
        Calls(cost="2", customer="bolt", user="b"),
        Calls(cost="4", customer="", provider="anthropic", model="claude-sonnet-5"),
        Calls(cost="8", day=date(2026, 11, 9), feature="mail"),
    )
    it.land()
    it.invoice((DAY, "100"))
    it.land()
    it.allocate()
    found = {name: it.books.engine.query(f"SELECT * FROM {name}") for name in ON_ENGINE}
    found |= {name: it.books.marts.query(f"SELECT * FROM {name}") for name in ON_MARTS}
    return {name: fingerprint(rows) for name, rows in found.items()}


def test_both_ledgers_hold_the_same_calls(session: object, tmp_path: Path) -> None:
    (tmp_path / "duck").mkdir()
    with desk(tmp_path / "duck", llm=BILLED) as it:
        wanted = filled(it)
    root = tmp_path / "sail"
    said = settings(root, llm=BILLED)
    slices = said.store_path / "slices"
    slices.mkdir(parents=True)
    books = Books(
        settings=said,
        engine=SailEngine(session, slices),
        marts=DuckEngine(said.store_path / "marts.duckdb"),
        control=Control("sqlite://"),
        extra=(),
    )
    prepare(books, now=NOW)
    assert filled(Desk(books, root)) == wanted
