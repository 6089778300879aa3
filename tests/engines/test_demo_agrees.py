"""The demo company's books, landed and allocated on Sail, are those DuckDB keeps: same digits."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.engines.sail import SailEngine, fingerprint, sail

from costper.allocation.drivers import DRIVERS
from costper.config.load import load_settings
from costper.config.settings import Settings
from costper.demo.files import company_files
from costper.pipeline.allocate import apply
from costper.pipeline.sync import sync
from costper.sources import SOURCES
from costper.store.books import Books, open_books, prepare
from costper.store.control import Control
from costper.store.duckdb import DuckEngine
from costper.store.rollup import extra_attributes

pytestmark = pytest.mark.sail

NOW = datetime(2026, 11, 20, tzinfo=UTC)
HEAVY = ("charges", "charge_daily", "measurements", "dimension_map")
MARTS = (
    "legs",
    "moves",
    "pools",
    "customer_daily",
    "dimension_daily",
    "environment_hourly",
    "resource_daily",
    "measurement_daily",
    "metric_daily",
    "customers",
    "rates",
)


@pytest.fixture(scope="module")
def session() -> Iterator[object]:
    with sail() as session:
        yield session


def company(folder: Path) -> Settings:
    for name, content in company_files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return load_settings(
        folder / "costper.yaml", catalogue=SOURCES, drivers=tuple(DRIVERS), environment={}
    )


def sail_books(session: object, settings: Settings) -> Books:
    slices = settings.store_path / "slices"
    slices.mkdir(parents=True)
    books = Books(
        settings=settings,
        engine=SailEngine(session, slices),
        marts=DuckEngine(settings.store_path / "marts.duckdb"),
        control=Control("sqlite://"),
        extra=extra_attributes(settings.dimensions, settings.allocation),
    )
    prepare(books, now=NOW)
    return books


def kept(books: Books) -> Mapping[str, object]:
    report = sync(books, now=NOW)
    assert not report.failed
    assert [done.state for done in apply(books, now=NOW)] == ["new"] * 3
    assert [done.state for done in apply(books, now=NOW)] == ["unchanged"] * 3
    heavy = {name: fingerprint(books.engine.query(f"SELECT * FROM {name}")) for name in HEAVY}
    marts = {name: fingerprint(books.marts.query(f"SELECT * FROM {name}")) for name in MARTS}
    assert all((heavy | marts).values())
    return heavy | marts


def test_the_demo_books_are_the_same_on_both_engines(session: object, tmp_path: Path) -> None:
    there = sail_books(session, company(tmp_path / "sail"))
    here = open_books(company(tmp_path / "duck"), now=NOW)
    try:
        ours, theirs = kept(here), kept(there)
        assert [name for name in ours if ours[name] != theirs[name]] == []
    finally:
        there.close()
        here.close()
