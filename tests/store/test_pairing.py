"""Books and control store belong together: lost, swapped or damaged, neither is trusted blindly."""

import shutil
from pathlib import Path

import pytest
from tests.ledger import settings
from tests.store.raw_bills import JUNE, MAY, NOW, Desk, Row, days

from costper.errors import BooksError, UserError
from costper.store.audit import entries
from costper.store.books import books_exist, open_books
from costper.store.control import Control, sqlite_url
from costper.store.deliveries import current, listed
from costper.store.duckdb import DuckEngine
from costper.store.engine import Write
from costper.store.newest import lost_scopes
from costper.store.pairing import LOST


def filled(folder: Path) -> Path:
    """Land May, and give the folder of the closed books."""
    folder.mkdir(exist_ok=True)
    desk = Desk.at(folder)
    desk.land(days(MAY, 3))
    desk.books.close()
    return folder / ".costper"


def remove(store: Path, name: str) -> None:
    for path in store.glob(f"{name}*"):
        path.unlink()


def charges(store: Path) -> list[dict[str, object]]:
    engine = DuckEngine(store / "books.duckdb")
    found = engine.query("SELECT * FROM charges ORDER BY ALL").to_pylist()
    engine.close()
    return list(found)


@pytest.mark.parametrize("left", [None, b""])
def test_books_whose_control_store_is_gone_are_refused_and_not_doubled(
    tmp_path: Path, left: bytes | None
) -> None:
    store = filled(tmp_path)
    before = charges(store)
    remove(store, "control.sqlite")
    if left is not None:
        (store / "control.sqlite").write_bytes(left)
    for _ in range(2):  # the second time the control store exists again, and is as empty
        with pytest.raises(BooksError, match=r"control\.sqlite[\s\S]*delete the folder"):
            open_books(settings(tmp_path), now=NOW)
    assert charges(store) == before


def unnamed(store: Path) -> None:
    """Make them books from before they had a name."""
    engine = DuckEngine(store / "books.duckdb")
    engine.replace([Write(table="books_identity", where="TRUE")])
    engine.close()


def test_books_without_a_name_whose_deliveries_nobody_knows_are_refused(tmp_path: Path) -> None:
    store = filled(tmp_path)
    unnamed(store)
    remove(store, "control.sqlite")
    with pytest.raises(BooksError, match="which the control store does not know"):
        open_books(settings(tmp_path), now=NOW)


def test_books_without_a_name_are_paired_with_the_control_store_that_knows_them(
    tmp_path: Path,
) -> None:
    store = filled(tmp_path)
    unnamed(store)
    Desk.at(tmp_path).books.close()
    remove(store, "control.sqlite")
    with pytest.raises(BooksError, match="is gone"):
        open_books(settings(tmp_path), now=NOW)


def test_a_number_that_was_given_twice_is_refused(tmp_path: Path) -> None:
    store = filled(tmp_path)
    engine = DuckEngine(store / "books.duckdb")
    engine.replace([Write(table="landed", select="SELECT 'delivery' AS kind, 1 AS id")])
    engine.close()
    with pytest.raises(BooksError, match="hold delivery 1"):
        open_books(settings(tmp_path), now=NOW)


def test_the_control_store_of_other_books_is_refused(tmp_path: Path) -> None:
    store, other = filled(tmp_path / "one"), filled(tmp_path / "two")
    remove(store, "control.sqlite")
    shutil.copy(other / "control.sqlite", store / "control.sqlite")
    with pytest.raises(BooksError, match="not the one of these books"):
        open_books(settings(tmp_path / "one"), now=NOW)


def test_a_control_store_older_than_its_books_is_refused(tmp_path: Path) -> None:
    store = filled(tmp_path)
    shutil.copy(store / "control.sqlite", tmp_path / "old.sqlite")
    desk = Desk.at(tmp_path)
    desk.land(days(JUNE, 3))
    desk.books.close()
    remove(store, "control.sqlite")
    shutil.copy(tmp_path / "old.sqlite", store / "control.sqlite")
    with pytest.raises(BooksError, match="delivery 2, which the control store does not know"):
        open_books(settings(tmp_path), now=NOW)


def test_deliveries_whose_books_are_gone_are_told_and_land_again(tmp_path: Path) -> None:
    remove(filled(tmp_path), "books.duckdb")
    desk = Desk.at(tmp_path)
    (lost,) = listed(desk.books.control)
    assert (lost.status, lost.reason) == ("failed", LOST)
    assert [one.billing_period for one in lost_scopes(desk.books.control)] == [MAY]
    assert [entry.action for entry in entries(desk.books.control)] == ["books lost"]
    landing = desk.land(days(MAY, 3))
    assert (landing.landed, landing.unchanged) == (3, 0)
    assert desk.all("SELECT COUNT(*) FROM charges") == [(3,)]
    assert lost_scopes(desk.books.control) == ()
    again = desk.reopened()
    assert len(entries(again.books.control)) == 1
    again.books.close()


def older(tmp_path: Path, rows: list[Row]) -> None:
    """Land more, then put the books of before back."""
    store = filled(tmp_path)
    shutil.copy(store / "books.duckdb", tmp_path / "old.duckdb")
    desk = Desk.at(tmp_path)
    desk.land(rows)
    desk.books.close()
    remove(store, "books.duckdb")
    shutil.copy(tmp_path / "old.duckdb", store / "books.duckdb")


def test_older_books_lose_only_what_came_after_them(tmp_path: Path) -> None:
    older(tmp_path, days(JUNE, 3))
    desk = Desk.at(tmp_path)
    assert [each.scope.billing_period for each in current(desk.books.control)] == [MAY]
    desk.land(days(JUNE, 3))
    assert desk.all("SELECT COUNT(*) FROM charges") == [(6,)]
    desk.books.close()


def test_older_books_that_hold_what_was_replaced_are_refused(tmp_path: Path) -> None:
    older(tmp_path, days(MAY, 3, "2"))
    with pytest.raises(BooksError, match="older than the control store"):
        open_books(settings(tmp_path), now=NOW)


def damage(path: Path, start: int) -> None:
    held = bytearray(path.read_bytes())
    for place in range(start, len(held)):
        held[place] = (held[place] * 31 + place * 7 + 13) % 256
    path.write_bytes(bytes(held))


@pytest.mark.parametrize(
    ("name", "start"), [("control.sqlite", 8192), ("books.duckdb", 100), ("books.duckdb", 8192)]
)
def test_damaged_files_are_said_to_be_damaged(tmp_path: Path, name: str, start: int) -> None:
    store = filled(tmp_path)
    damage(store / name, start)
    with pytest.raises(BooksError, match="backup"):
        open_books(settings(tmp_path), now=NOW)


def test_a_full_disk_under_the_control_store_is_a_clear_error(tmp_path: Path) -> None:
    control = Control(sqlite_url(tmp_path / "control.sqlite"))
    control.remember("before", "kept")
    with control.begin() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(BooksError, match=r"full[\s\S]*free space"):
        control.remember("big", "x" * 1_000_000)  # the pool gives the same connection again
    assert control.remembered("before") == "kept"
    assert control.remembered("big") is None
    control.close()


def test_a_store_that_is_a_file_or_a_loop_is_a_wrong_setting(tmp_path: Path) -> None:
    place = tmp_path / ".costper"
    place.write_text("")
    with pytest.raises(UserError, match=r"store\.path"):
        books_exist(settings(tmp_path))
    with pytest.raises(UserError, match=r"store\.path"):
        open_books(settings(tmp_path), now=NOW)
    place.unlink()
    place.symlink_to(place)
    with pytest.raises(UserError, match=r"store\.path"):
        books_exist(settings(tmp_path))
    with pytest.raises(UserError, match=r"store\.path"):
        open_books(settings(tmp_path), now=NOW)


def test_looking_for_books_does_not_begin_them(tmp_path: Path) -> None:
    assert not books_exist(settings(tmp_path))
    assert not (tmp_path / ".costper").exists()
    filled(tmp_path)
    assert books_exist(settings(tmp_path))
