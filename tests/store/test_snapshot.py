"""Reading while something is written: all of a transaction, or nothing of it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from costper.store.duckdb import DuckEngine
from costper.store.engine import Table, Write
from costper.store.snapshot import Snapshots

NUMBERS = Table(name="numbers", columns=(("n", "BIGINT"),))
TIMES = 10
FEW, MANY = 10, 1_000_000
SUM = "SELECT SUM(n) AS found FROM numbers"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckEngine]:
    engine = DuckEngine(tmp_path / "books.duckdb")
    engine.define(NUMBERS)
    yield engine
    engine.close()


def fill(engine: DuckEngine, rows: int) -> None:
    select = f"SELECT range AS n FROM range({rows})"
    engine.replace([Write(table="numbers", where="TRUE", select=select)])


def total(rows: int) -> int:
    return rows * (rows - 1) // 2


def test_nobody_sees_half_a_transaction_however_often_they_look(engine: DuckEngine) -> None:
    """Without the gate about one of two rounds sees a sum that never was."""
    for _ in range(TIMES):
        fill(engine, FEW)
        done = threading.Event()
        seen: set[object] = set()

        def look(done: threading.Event = done, seen: set[object] = seen) -> None:
            while not done.is_set():
                seen.update(engine.query(SUM)["found"].to_pylist())

        readers = [threading.Thread(target=look) for _ in range(2)]
        for reader in readers:
            reader.start()
        fill(engine, MANY)
        done.set()
        for reader in readers:
            reader.join()
        assert seen <= {total(FEW), total(MANY)}


def test_what_is_put_aside_beside_a_commit_is_whole(engine: DuckEngine) -> None:
    for _ in range(TIMES):
        fill(engine, FEW)
        writer = threading.Thread(target=fill, args=(engine, MANY))
        writer.start()
        seen: set[object] = set()
        while writer.is_alive():
            engine.keep("aside", SUM)
            seen.update(engine.query("SELECT found FROM aside")["found"].to_pylist())
        writer.join()
        assert seen <= {total(FEW), total(MANY)}


def test_a_question_that_fails_holds_no_commit_back(engine: DuckEngine) -> None:
    fill(engine, FEW)
    for _ in range(2):
        with pytest.raises(Exception, match="nowhere"):
            engine.query("SELECT n FROM nowhere")
    fill(engine, 3)
    assert engine.query(SUM)["found"].to_pylist() == [3]


def test_a_commit_goes_before_long_readers_and_short_ones_pass_it() -> None:
    gate, inside, leave = Snapshots(), threading.Event(), threading.Event()
    seen: list[str] = []

    def read_long() -> None:
        with gate.reading(long=True):
            inside.set()
            leave.wait()
            seen.append("long")

    def commit() -> None:
        with gate.committing():
            seen.append("commit")

    def read_late() -> None:
        with gate.reading(long=True):
            seen.append("late")

    threads = [threading.Thread(target=each) for each in (read_long, commit, read_late)]
    threads[0].start()
    inside.wait()
    threads[1].start()
    while not gate.waited_for:
        pass
    threads[2].start()
    with gate.reading():
        seen.append("short")
    leave.set()
    for thread in threads:
        thread.join()
    assert seen == ["short", "long", "commit", "late"]


def test_short_readers_that_never_pause_hold_no_commit_back_for_long(engine: DuckEngine) -> None:
    done = threading.Event()
    readers = [threading.Thread(target=_ask_until, args=(engine, done)) for _ in range(4)]
    for reader in readers:
        reader.start()
    fill(engine, FEW)
    fill(engine, 3)
    done.set()
    for reader in readers:
        reader.join()
    assert engine.query(SUM)["found"].to_pylist() == [3]


def _ask_until(engine: DuckEngine, done: threading.Event) -> None:
    while not done.is_set():
        engine.query(SUM)
