"""Allocating on Sail gives the same books as allocating on DuckDB, to the last digit."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.allocation.world import MONTH, fill
from tests.engines.sail import SailEngine, fingerprint, sail
from tests.pipeline.shop import NOW, OVERHEAD, WORLD, settings

from costper.model.allocation import Match, Rule
from costper.pipeline.allocate import apply, plan
from costper.store import tables
from costper.store.books import Books, prepare
from costper.store.control import Control
from costper.store.duckdb import DuckEngine
from costper.store.engine import Write

pytestmark = pytest.mark.sail

MARTS = (
    "legs",
    "moves",
    "pools",
    "customer_daily",
    "dimension_daily",
    "measurement_daily",
    "environment_hourly",
    "resource_daily",
)
RULES = (
    Rule(
        name="credits",
        driver="by_seats",
        match=(Match(key="charge_category", values=("credit",)),),
    ),
    Rule(
        name="shared",
        driver="by_quantity",
        quantity="requests",
        match=(Match(key="service", values=("d?",)),),
        fallback="even",
    ),
    Rule(
        name="key",
        driver="fixed",
        to="team",
        match=(Match(key="service", values=("idle",)),),
        shares={"search": Decimal("33.333333"), "growth": Decimal("66.666667")},
        fallback="by_cost",
    ),
    OVERHEAD,
)


@pytest.fixture(scope="module")
def session() -> Iterator[object]:
    with sail() as session:
        yield session


def duck_books(folder: Path) -> Books:
    folder.mkdir(parents=True)
    engine = DuckEngine(folder / "books.duckdb")
    return Books(
        settings=settings(folder, *RULES),
        engine=engine,
        marts=engine,
        control=Control("sqlite://"),
        extra=(),
    )


def sail_books(session: object, folder: Path) -> Books:
    (folder / "slices").mkdir(parents=True)
    return Books(
        settings=settings(folder, *RULES),
        engine=SailEngine(session, folder / "slices"),
        marts=DuckEngine(folder / "marts.duckdb"),
        control=Control("sqlite://"),
        extra=(),
    )


def filled(books: Books) -> Books:
    """Fill the engine's tables, and the customers where answers read them."""
    prepare(books, now=NOW)
    fill(books.engine, WORLD)
    if books.marts is not books.engine:
        rows = books.engine.query("SELECT * FROM customers")
        books.marts.offer("new_people", rows)
        write = Write(table="customers", where="TRUE", select="SELECT * FROM new_people")
        books.marts.replace([write])
    return books


def state(books: Books) -> Mapping[str, list[tuple[Any, ...]]]:
    return {name: fingerprint(books.marts.query(f"SELECT * FROM {name}")) for name in MARTS}


def test_both_engines_allocate_the_same_digits(session: object, tmp_path: Path) -> None:
    duck, other = (
        filled(duck_books(tmp_path / "duck")),
        filled(sail_books(session, tmp_path / "sail")),
    )
    planned = [plan(books).by_customer for books in (duck, other)]
    assert planned[0] == planned[1]
    done = [apply(books, now=NOW) for books in (duck, other)]
    assert done[0] == done[1]
    assert [one.month for one in done[0]] == [MONTH]
    assert state(duck) == state(other)
    words = [
        fingerprint(books.engine.query("SELECT * FROM dimension_map")) for books in (duck, other)
    ]
    assert words[0] == words[1]
    assert len(tables.legs(duck.settings.dimension_names).names) > 0
