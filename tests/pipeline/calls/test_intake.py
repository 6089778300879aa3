"""What was acknowledged gets into the books once, whatever fails in between."""

import logging
import sqlite3
import threading
from collections.abc import Sequence
from concurrent.futures import wait
from pathlib import Path

import pytest
from tests.ledger import NOW, settings
from tests.pipeline.calls.fold_world import NOON_US, Road, call, pricing, road

from costper.config.llm import IngestSettings, LlmSettings
from costper.errors import BooksError, CostperError
from costper.pipeline.calls.conflicts import lost_or_doubted
from costper.pipeline.calls.fold import folded_seq
from costper.pipeline.calls.intake import FullError, open_intake
from costper.pipeline.calls.rekey import REMEMBERED, rekey
from costper.store import spool as spools
from costper.store.books import open_books
from costper.store.engine import Write
from costper.store.spool import NoRoomError, Spool


def no_room(_path: Path) -> sqlite3.Connection:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    raise error


def told(made: Road) -> tuple[int, int]:
    """Count the calls of the books, by themselves and by their roll-up."""
    return made.one("SELECT COUNT(*) FROM calls"), int(
        made.one("SELECT COALESCE(SUM(calls), 0) FROM call_hourly")
    )


def test_threads_bring_offers_into_the_books_until_it_is_closed(tmp_path: Path) -> None:
    books = open_books(settings(tmp_path), now=NOW)
    intake = open_intake(books, pricing())
    intake.start()
    offers = [intake.offer([call(n), call(n + 1000)], NOON_US) for n in range(100)]
    assert not wait(offers).not_done
    assert {offer.result() for offer in offers} == {None}
    intake.close()
    assert told(Road(books, intake)) == (200, 200)
    assert intake.standing().spooled == 0
    with pytest.raises(FullError):
        intake.offer([call(1)], NOON_US)
    books.close()


def test_what_was_durable_but_not_folded_is_folded_when_it_is_opened_again(
    tmp_path: Path,
) -> None:
    with road(tmp_path) as made:
        made.intake.offer([call(1)], NOON_US).result()
    with road(tmp_path) as made:
        assert told(made) == (0, 0)
        assert made.intake.fold_now() == 1
        assert told(made) == (1, 1)


def test_what_was_folded_but_not_forgotten_is_not_counted_again(tmp_path: Path) -> None:
    with road(tmp_path) as made:
        made.intake.offer([call(1)], NOON_US).result()
        kept = (tmp_path / ".costper" / "spool.sqlite").read_bytes()
        log = (tmp_path / ".costper" / "spool.sqlite-wal").read_bytes()
        made.intake.fold_now()
        assert folded_seq(made.books) == 1
    (tmp_path / ".costper" / "spool.sqlite").write_bytes(kept)
    (tmp_path / ".costper" / "spool.sqlite-wal").write_bytes(log)
    with road(tmp_path) as made:
        assert made.intake.fold_now() == 0
        made.send([call(2)])
        assert told(made) == (2, 2)


def test_a_commit_that_fails_after_it_was_kept_is_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with road(tmp_path) as made:
        marts = made.books.marts
        replace = type(marts).replace

        def kept_but_failed(*args: object, **named: object) -> None:
            replace(*args, **named)  # type: ignore[arg-type]
            raise BooksError("the disk went away")

        monkeypatch.setattr(type(marts), "replace", kept_but_failed)
        made.intake.offer([call(1)], NOON_US).result()
        with pytest.raises(BooksError, match="went away"):
            made.intake.fold_now()
        monkeypatch.undo()
        made.intake.fold_now()
        assert told(made) == (1, 1)


def test_more_than_may_wait_in_memory_is_refused_and_nothing_of_it_is_taken(
    tmp_path: Path,
) -> None:
    limits = IngestSettings(queue_events_max=1_000)
    books = open_books(settings(tmp_path, llm=LlmSettings(ingest=limits)), now=NOW)
    intake = open_intake(books, pricing())
    intake.offer([call(n) for n in range(1_000)], NOON_US)
    with pytest.raises(FullError) as full:
        intake.offer([call(1_000)], NOON_US)
    assert full.value.retry_after_s >= 1
    intake.start()
    intake.close()
    assert told(Road(books, intake)) == (1_000, 1_000)
    books.close()


def test_a_spool_over_its_limit_refuses_until_it_is_folded(tmp_path: Path) -> None:
    books = open_books(settings(tmp_path), now=NOW)
    intake = open_intake(books, pricing())
    intake.spool_max = 10
    intake.start_committing()
    intake.offer([call(1)], NOON_US).result()
    with pytest.raises(FullError):
        intake.offer([call(2)], NOON_US)
    intake.fold_now()
    intake.offer([call(2)], NOON_US).result()
    intake.close()
    books.close()


def test_a_batch_larger_than_the_limit_is_taken_when_nothing_else_waits(tmp_path: Path) -> None:
    limits = IngestSettings(queue_events_max=1_000)
    books = open_books(settings(tmp_path, llm=LlmSettings(ingest=limits)), now=NOW)
    intake = open_intake(books, pricing())
    intake.start()
    intake.offer([call(n) for n in range(5_000)], NOON_US).result()
    intake.close()
    assert told(Road(books, intake)) == (5_000, 5_000)
    books.close()


def test_a_bell_rings_once_for_all_offers_of_a_transaction(tmp_path: Path) -> None:
    books = open_books(settings(tmp_path), now=NOW)
    intake = open_intake(books, pricing())
    heard: list[Sequence[object]] = []
    rung = threading.Event()

    def bell(tokens: Sequence[object], failed: CostperError | None) -> None:
        assert failed is None
        heard.append(list(tokens))
        rung.set()

    for number in range(5):
        intake.pass_on([call(number)], NOON_US, bell, number)
    intake.start()
    assert rung.wait(30)
    intake.close()
    assert heard == [[0, 1, 2, 3, 4]]
    books.close()


def test_an_event_that_cannot_be_written_down_fails_alone(tmp_path: Path) -> None:
    books = open_books(settings(tmp_path), now=NOW)
    intake = open_intake(books, pricing())
    good, bad = (
        intake.offer([call(1)], NOON_US),
        intake.offer([call(2, model="\ud800")], NOON_US),
    )
    intake.start()
    good.result()
    with pytest.raises(CostperError, match="cannot be written down"):
        bad.result()
    intake.close()
    assert told(Road(books, intake)) == (1, 1)
    books.close()


def test_a_spool_that_cannot_be_written_fails_the_offer_and_not_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise BooksError("the disk is full")

    with road(tmp_path) as made:
        monkeypatch.setattr(Spool, "write", full)
        with pytest.raises(BooksError, match="disk is full"):
            made.intake.offer([call(1)], NOON_US).result()
        monkeypatch.undo()
        made.send([call(1)])
        assert told(made) == (1, 1)


def test_another_duckdbs_hashes_are_made_anew_so_that_a_repeated_call_is_known(
    tmp_path: Path,
) -> None:
    with road(tmp_path) as made:
        made.send([call(1, user_id="a" * 32), call(2)])
        before = made.sums()
        for table, column in (("calls", "call_key"), ("user_daily", "user_key")):
            made.books.marts.keep("odd", f"SELECT * REPLACE (7 AS {column}) FROM {table}")
            _replace(made, table)
        made.books.control.remember(REMEMBERED, "of another version")
    with road(tmp_path) as made:
        assert made.sums() == before
        assert not rekey(made.books)
        made.send([call(1, user_id="a" * 32)])
        assert told(made) == (2, 2)


def _replace(made: Road, table: str) -> None:
    made.books.marts.replace([Write(table=table, where="TRUE", select="SELECT * FROM odd")])


def test_on_a_full_disk_it_opens_and_takes_calls_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with road(tmp_path) as made:
        made.intake.offer([call(1)], NOON_US).result()
    books = open_books(settings(tmp_path), now=NOW)
    with monkeypatch.context() as full:
        full.setattr(spools, "_connected", no_room)
        intake = open_intake(books, pricing())
        assert "no room on the disk" in intake.standing().trouble
        intake.start_committing()
        with pytest.raises(NoRoomError):
            intake.offer([call(2)], NOON_US).result()
        with pytest.raises(NoRoomError):
            intake.fold_now()
    intake.offer([call(3)], NOON_US).result()
    assert intake.fold_now() == 2
    assert told(Road(books, intake)) == (2, 2)
    assert (intake.standing().spooled, intake.standing().spool_size) == (0, 0)
    intake.close()
    books.close()


def test_on_a_disk_that_stays_full_it_closes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = open_books(settings(tmp_path), now=NOW)
    monkeypatch.setattr(spools, "_connected", no_room)
    intake = open_intake(books, pricing())
    intake.start()
    intake.close()
    books.close()


def test_what_an_earlier_process_left_is_folded_without_waiting_for_a_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with road(tmp_path) as made:
        made.intake.offer([call(1)], NOON_US).result()
    books = open_books(settings(tmp_path), now=NOW)
    intake = open_intake(books, pricing())
    folded = threading.Event()

    def tidy(_: Spool) -> None:
        folded.set()

    monkeypatch.setattr(Spool, "tidy", tidy)
    intake.start()
    assert folded.wait(30)
    intake.close()
    books.close()


def test_a_spool_that_is_gone_is_told_at_start_and_by_check(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with road(tmp_path) as made:
        assert list(lost_or_doubted(made.books)) == []
        made.send([call(1)])
    (tmp_path / ".costper" / "spool.sqlite").unlink()
    books = open_books(settings(tmp_path), now=NOW)
    (issue,) = lost_or_doubted(books)
    assert issue.code == "spool_gone"
    with caplog.at_level(logging.WARNING):
        open_intake(books, pricing()).close()
    assert "the spool is gone" in caplog.text
    assert list(lost_or_doubted(books)) == []
    books.close()
