"""The cursors of every thread: of one opening of the file, and closed when nobody uses them."""

import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from costper.errors import BooksError, StoppedError
from costper.store import sessions
from costper.store.sessions import Sessions

GAVE_UP = duckdb.FatalException("FATAL Error: the database has been invalidated")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Sessions]:
    opened = Sessions(tmp_path / "books.duckdb", {})
    with opened.working() as session:
        session.cursor.execute("CREATE TABLE numbers AS SELECT 1 AS n")
    yield opened
    opened.close()


def rows(opened: Sessions) -> list[tuple[int]]:
    with opened.working() as session:
        return session.cursor.execute("SELECT n FROM numbers").fetchall()


def test_only_a_database_that_gave_itself_up_is_opened_anew(opened: Sessions) -> None:
    assert not opened.notice(duckdb.IOException("no space left on device"))
    assert (rows(opened), opened.reopened) == ([(1,)], 0)
    assert opened.notice(GAVE_UP)
    assert (rows(opened), opened.reopened) == ([(1,)], 1)


def test_until_it_can_be_opened_everybody_is_told(
    opened: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise duckdb.IOException("no space left on device")

    monkeypatch.setattr(sessions, "PAUSE_SECONDS", 0.0)
    opened.notice(GAVE_UP)
    with monkeypatch.context() as patched:
        patched.setattr(duckdb, "connect", full)
        for _ in range(2):
            with pytest.raises(BooksError, match="the books cannot be opened: no space"):
                rows(opened)
    assert rows(opened) == [(1,)]


def test_who_put_something_aside_is_told_that_it_is_gone(opened: Sessions) -> None:
    with opened.working() as session:
        session.kept.add("mine")
    opened.notice(GAVE_UP)
    with pytest.raises(BooksError, match="what was put aside is gone"):
        rows(opened)
    assert rows(opened) == [(1,)]


def test_nothing_is_opened_anew_under_who_is_at_work(opened: Sessions) -> None:
    found: list[list[tuple[int]]] = []
    with opened.working() as session:
        opened.notice(GAVE_UP)
        other = threading.Thread(target=lambda: found.append(rows(opened)))
        other.start()
        assert session.cursor.execute("SELECT n FROM numbers").fetchall() == [(1,)]
        assert (opened.reopened, found) == (0, [])
    other.join()
    assert (opened.reopened, found) == (1, [[(1,)]])


def test_who_comes_while_it_is_closed_is_sent_away(tmp_path: Path) -> None:
    opened = Sessions(tmp_path / "books.duckdb", {})
    opened.close()
    with pytest.raises(StoppedError, match="the books are being closed"), opened.working():
        pass
