"""Books of an earlier configuration or version open, and are brought to today's shape."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from tests.ledger import dimensions, settings
from tests.store.processes import said
from tests.store.raw_bills import MAY, NOW, Desk, charge, days

from costper.model.dimension import Dimension
from costper.store.books import SCHEMA_VERSION, open_books
from costper.store.call_tables import call_marts
from costper.store.duckdb import DuckEngine
from costper.store.engine import Table, Write
from costper.store.rollup import extra_attributes
from costper.store.tables import charge_daily, charges, dimension_map, legs


def test_the_folder_is_its_owners_alone(tmp_path: Path) -> None:
    desk = Desk.at(tmp_path)
    assert (tmp_path / ".costper").stat().st_mode & 0o077 == 0
    desk.books.close()


def test_a_second_process_is_told_the_books_are_busy(tmp_path: Path) -> None:
    desk = Desk.at(tmp_path)
    command = (
        "import sys; from pathlib import Path; from tests.ledger import settings\n"
        "from tests.store.raw_bills import NOW; from costper.store.books import open_books\n"
        "from costper.errors import BusyError\n"
        "try: open_books(settings(Path(sys.argv[1])), now=NOW)\n"
        "except BusyError as error: print(error)\n"
    )
    assert "held by process" in said(command, tmp_path)
    desk.books.close()
    open_books(desk.books.settings, now=NOW).close()


def test_a_dimension_that_reads_a_new_attribute_is_answered_for_old_deliveries(
    tmp_path: Path,
) -> None:
    desk = Desk.at(tmp_path)
    later = (MAY + timedelta(days=3)).isoformat()
    desk.land([*days(MAY, 3, resource_id="i-1"), charge(MAY, "10", charge_period_end=later)])
    desk.books.close()
    owner = Dimension(name="owner", fields=("resource",))
    changed = replace(desk.books.settings, dimensions=(*dimensions(), owner))
    books = open_books(changed, now=NOW)
    sums = "SELECT resource_id, SUM(billed_cost) AS c FROM charge_daily GROUP BY 1 ORDER BY 1"
    assert books.engine.query(sums).to_pylist() == [
        {"resource_id": "", "c": Decimal(10)},
        {"resource_id": "i-1", "c": Decimal(3)},
    ]
    books.close()
    again = open_books(desk.books.settings, now=NOW)
    assert again.extra == ()
    again.close()


def test_books_whose_tables_lack_columns_get_them(tmp_path: Path) -> None:
    folder = tmp_path / ".costper"
    folder.mkdir()
    engine = DuckEngine(folder / "books.duckdb")
    for table in (charges(), charge_daily([]), dimension_map([], [])):
        engine.define(Table(name=table.name, columns=table.columns[:-3]))
    rows = "SELECT 'bill' AS source, 7 AS delivery_id, 0 AS file_no, 2 AS row_no"
    engine.replace([Write(table="charges", select=rows)])
    engine.close()
    books = open_books(settings(tmp_path), now=NOW)
    wanted = set(charges().names)
    found = books.engine.query("SELECT * FROM charges")
    assert set(found.column_names) == wanted
    assert found.to_pylist()[0]["delivery_id"] == 7
    books.close()


def test_books_of_the_version_that_kept_every_leg_whole_open_with_all_their_legs(
    tmp_path: Path,
) -> None:
    folder = tmp_path / ".costper"
    folder.mkdir()
    engine = DuckEngine(folder / "books.duckdb")
    older = legs(settings(tmp_path).dimension_names)
    engine.define(Table(name="schema_version", columns=(("version", "BIGINT"),)))
    engine.define(older)
    row = (
        "SELECT 7 AS run_id, DATE '2026-05-01' AS month, 'acme' AS dim_customer, 12.5 AS list_cost"
    )
    engine.replace([Write(table="schema_version", select="SELECT 1 AS version")])
    engine.replace([Write(table="legs", select=row)])
    before = engine.query("SELECT * FROM legs").to_pylist()
    engine.close()
    for _ in range(2):
        books = open_books(settings(tmp_path), now=NOW)
        assert books.marts.query("SELECT * FROM legs").to_pylist() == before
        assert books.marts.query("SELECT * FROM legs_wide").to_pylist() == before
        version = books.marts.query("SELECT version FROM schema_version").to_pylist()
        assert version == [{"version": SCHEMA_VERSION}]
        books.close()


def test_a_new_dimension_is_told_of_legs_too(tmp_path: Path) -> None:
    open_books(settings(tmp_path), now=NOW).close()
    owner = Dimension(name="owner", fields=("resource",))
    changed = replace(settings(tmp_path), dimensions=(*dimensions(), owner))
    books = open_books(changed, now=NOW)
    assert "dim_owner" in books.marts.query("SELECT * FROM legs").column_names
    books.close()
    books = open_books(settings(tmp_path), now=NOW)
    assert "dim_owner" not in books.marts.query("SELECT * FROM legs").column_names
    books.close()


def test_extra_attributes_are_those_the_settings_read() -> None:
    assert extra_attributes(dimensions(), ()) == ()


@pytest.mark.parametrize("name", ["charge_daily", "charge_daily_superseded"])
def test_old_versions_keep_their_days(tmp_path: Path, name: str) -> None:
    desk = Desk.at(tmp_path)
    desk.land(days(MAY, 2))
    desk.land(days(MAY, 2, "2"))
    assert desk.all(f"SELECT COUNT(*) FROM {name}") == [(2,)]
    desk.books.close()


def test_books_of_before_llm_calls_open_with_empty_tables_for_them(tmp_path: Path) -> None:
    open_books(settings(tmp_path), now=NOW).close()
    engine = DuckEngine(tmp_path / ".costper" / "books.duckdb")
    engine.replace([Write(table="schema_version", where="TRUE", select="SELECT 5 AS version")])
    engine.close()
    with duckdb.connect(str(tmp_path / ".costper" / "books.duckdb")) as older:
        for table in call_marts():
            older.execute(f"DROP TABLE {table.name}")
    for _ in range(2):
        books = open_books(settings(tmp_path), now=NOW)
        for table in call_marts():
            assert books.marts.query(f"SELECT * FROM {table.name}").column_names == [*table.names]
        version = books.marts.query("SELECT version FROM schema_version").to_pylist()
        assert version == [{"version": SCHEMA_VERSION}]
        books.close()
