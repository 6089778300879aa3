"""What the spool took survives anything; its numbers only grow."""

import sqlite3
from pathlib import Path

import pytest

from costper.errors import BooksError
from costper.store import spool as spools
from costper.store.spool import Batch, NoRoomError, Spool


def batch(seq: int, *, events: int = 1, body: bytes = b"body") -> Batch:
    return Batch(seq=seq, events=events, plain=len(body), body=body, received_us=seq * 10)


def no_room(_path: Path) -> sqlite3.Connection:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    raise error


def test_what_was_written_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s", folded=0)
    spool.write([batch(1, events=3), batch(2, body=b"\0" * 100_000)])
    spool.close()
    again = Spool(tmp_path / "s", folded=0)
    assert again.after(0, most_events=100) == (batch(1, events=3), batch(2, body=b"\0" * 100_000))
    waiting = again.waiting()
    assert (waiting.events, waiting.size, waiting.oldest_us) == (4, 100_004, 10)
    assert again.next == 3
    again.close()


def test_what_the_books_hold_is_forgotten_and_its_number_is_not_given_again(
    tmp_path: Path,
) -> None:
    spool = Spool(tmp_path / "s", folded=0)
    spool.write([batch(1), batch(2)])
    spool.write([batch(3)], folded=2)
    assert [each.seq for each in spool.after(0, most_events=9)] == [3]
    spool.close()
    again = Spool(tmp_path / "s", folded=3)
    assert again.after(0, most_events=9) == ()
    assert again.next == 4
    again.close()


def test_a_lost_spool_does_not_give_numbers_the_books_hold_already(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s", folded=41)
    assert spool.next == 42
    spool.close()


def test_batches_come_in_order_up_to_a_number_of_events_but_at_least_one(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s", folded=0)
    spool.write([batch(1, events=5), batch(2, events=5), batch(3, events=5)])
    assert [each.seq for each in spool.after(0, most_events=10)] == [1, 2]
    assert [each.seq for each in spool.after(0, most_events=9)] == [1]
    assert [each.seq for each in spool.after(1, most_events=1)] == [2]
    assert [each.seq for each in spool.after(0, most_events=99, most_bytes=8)] == [1, 2]
    assert [each.seq for each in spool.after(0, most_events=99, most_bytes=1)] == [1]
    spool.close()


def test_a_failing_write_leaves_nothing_and_the_next_one_works(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s", folded=0)
    spool.write([batch(1)])
    with pytest.raises(BooksError, match="the spool could not be read or written"):
        spool.write([batch(2), batch(1)])
    assert spool.next == 2
    spool.write([batch(2)])
    assert [each.seq for each in spool.after(0, most_events=9)] == [1, 2]
    spool.close()


def test_a_batch_set_aside_is_kept_but_not_given(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s", folded=0)
    spool.write([batch(1, events=7), batch(2)])
    spool.set_aside(1, "no timestamp")
    spool.write((), folded=2)
    assert spool.after(0, most_events=9) == ()
    assert spool.waiting().events == 0
    spool.close()
    again = Spool(tmp_path / "s", folded=2)
    assert again.aside() == ((1, 7, "no timestamp"),)
    assert again.next == 3
    again.close()


def test_every_write_waits_for_the_disk(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s", folded=0)
    connection: sqlite3.Connection = spool.writer
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    spool.close()


def test_the_log_of_writes_stays_short_and_the_file_shrinks(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s", folded=0)
    log = tmp_path / "s-wal"
    for seq in range(1, 11):
        spool.write([batch(seq, body=bytes(8_000_000))], folded=seq - 1)
        spool.tidy()
    spool.write((), folded=10)
    assert log.stat().st_size < 40_000_000
    grown = (tmp_path / "s").stat().st_size
    spool.shrink()
    spool.tidy()
    spool.close()
    assert (tmp_path / "s").stat().st_size <= grown


def test_a_damaged_spool_says_so(tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(BooksError, match="the spool is damaged") as damaged:
        Spool(tmp_path / "s", folded=0)
    assert "not yet in the books are lost unless it is restored" in damaged.value.hint
    assert "move s, s-wal and s-shm aside" in damaged.value.hint


def test_a_spool_whose_pages_are_damaged_says_so(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s", folded=0)
    spool.write([batch(number, body=bytes(9_000)) for number in range(1, 20)])
    spool.tidy()
    spool.close()
    kept = (tmp_path / "s").read_bytes()
    (tmp_path / "s").write_bytes(kept[:100] + b"\x7f" * (len(kept) - 100))
    with pytest.raises(BooksError, match="the spool is damaged"):
        Spool(tmp_path / "s", folded=0)


def test_on_a_full_disk_the_spool_is_opened_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Spool(tmp_path / "s", folded=0)
    before.write([batch(1), batch(2, events=3)])
    before.close()
    with monkeypatch.context() as full:
        full.setattr(spools, "_connected", no_room)
        spool = Spool(tmp_path / "s", folded=1)
        for use in (
            lambda: spool.next,
            lambda: spool.found,
            lambda: spool.write([batch(3)]),
            lambda: spool.after(1, most_events=9),
        ):
            with pytest.raises(NoRoomError, match="no room on the disk"):
                use()
    assert spool.next == 3
    assert spool.found.events == 3
    spool.write([batch(3)])
    assert [each.seq for each in spool.after(1, most_events=9)] == [2, 3]
    spool.close()


def test_a_spool_that_never_found_room_can_be_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spools, "_connected", no_room)
    Spool(tmp_path / "s", folded=1).close()
