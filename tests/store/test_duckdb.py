"""The embedded engine: one writer, many readers, all or nothing."""

import subprocess
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from costper.errors import BooksError, BusyError, SourceError, StoppedError
from costper.model.delivery import Part
from costper.store.duckdb import DuckEngine
from costper.store.engine import Ask, Table, Write
from costper.store.snapshot import Snapshots

NUMBERS = Table(name="numbers", columns=(("n", "BIGINT"), ("word", "VARCHAR")))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckEngine]:
    engine = DuckEngine(tmp_path / "books.duckdb")
    engine.define(NUMBERS)
    yield engine
    engine.close()


def numbers(engine: DuckEngine) -> list[object]:
    return [row["n"] for row in engine.query("SELECT n FROM numbers ORDER BY n").to_pylist()]


def part(path: Path, rows: pa.Table, row_column: str = "") -> Part:
    pq.write_table(rows, str(path))
    return Part(
        path=str(path), origin=path.name, sha256="", rows=rows.num_rows, row_column=row_column
    )


def test_a_replace_goes_by_column_name_and_uses_only_its_own_parameters(engine: DuckEngine) -> None:
    writes = (
        Write(table="numbers", where="n = $old", select="SELECT $word AS word, 1 AS n"),
        Write(table="numbers", select="SELECT 2 AS n"),
    )
    engine.replace(writes, {"word": "'; DROP TABLE numbers", "old": 1, "unused": 3})
    engine.replace(writes, {"word": "'; DROP TABLE numbers", "old": 1, "unused": 3})
    assert numbers(engine) == [1, 2, 2]


def test_a_failure_in_the_last_write_undoes_the_first(engine: DuckEngine) -> None:
    engine.replace([Write(table="numbers", select="SELECT 1 AS n")])
    with pytest.raises(SourceError, match="too large to add up"):
        engine.replace(
            [
                Write(table="numbers", where="TRUE", select="SELECT 7 AS n"),
                Write(table="numbers", select="SELECT CAST('x' AS BIGINT) AS n"),
            ]
        )
    assert numbers(engine) == [1]


def test_a_check_sees_the_writes_and_can_undo_them(engine: DuckEngine) -> None:
    seen: list[int] = []

    def refuse(ask: Ask) -> None:
        seen.append(ask("SELECT * FROM numbers", None).num_rows)
        raise BooksError("no")

    with pytest.raises(BooksError, match="no"):
        engine.replace([Write(table="numbers", select="SELECT 1 AS n")], check=refuse)
    assert seen == [1]
    assert numbers(engine) == []


def test_what_is_held_is_read_as_it_is_until_it_is_forgotten(engine: DuckEngine) -> None:
    words = pa.array(["a", None, "a"], type=pa.dictionary(pa.int32(), pa.string()))
    engine.hold("many", pa.table({"n": [1, 2, 3], "word": words}))
    engine.replace([Write(table="numbers", select="SELECT * FROM many")])
    assert engine.query("SELECT word FROM numbers ORDER BY n")["word"].to_pylist() == [
        "a", None, "a",
    ]  # fmt: skip
    engine.hold("many", pa.table({"n": [4]}))
    assert engine.query("SELECT n FROM many")["n"].to_pylist() == [4]
    engine.forget("many", "never_held")
    with pytest.raises(duckdb.CatalogException):
        engine.query("SELECT n FROM many")
    engine.keep("many", "SELECT 5 AS n")
    assert engine.query("SELECT n FROM many")["n"].to_pylist() == [5]


def test_what_is_offered_is_seen_by_every_thread(engine: DuckEngine) -> None:
    seen: list[list[object]] = []
    ready, offered = threading.Event(), threading.Event()

    def read() -> None:
        numbers(engine)
        ready.set()
        offered.wait(10)
        seen.append([row["n"] for row in engine.query("SELECT n FROM few").to_pylist()])

    thread = threading.Thread(target=read)
    thread.start()
    ready.wait(10)
    engine.offer("few", pa.table({"n": [1, 2]}))
    engine.offer("few", pa.table({"n": [3]}))
    offered.set()
    thread.join()
    assert seen == [[3]]


def test_readers_answer_from_the_old_rows_while_a_replace_is_under_way(engine: DuckEngine) -> None:
    engine.replace([Write(table="numbers", select="SELECT range AS n FROM range(10)")])
    done = threading.Event()
    answers: list[object] = []

    def write() -> None:
        select = "SELECT range AS n FROM range(3_000_000)"
        engine.replace([Write(table="numbers", where="TRUE", select=select)])
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    while not done.is_set():
        answers.append(engine.query("SELECT count(*) AS n FROM numbers")["n"][0].as_py())
    thread.join()
    assert set(answers) <= {10, 3_000_000}
    assert engine.query("SELECT count(*) AS n FROM numbers")["n"][0].as_py() == 3_000_000


def test_define_adds_the_columns_that_are_missing(engine: DuckEngine) -> None:
    engine.replace([Write(table="numbers", select="SELECT 1 AS n")])
    wider = Table(name="numbers", columns=(*NUMBERS.columns, ("day", "DATE")))
    engine.define(wider)
    engine.define(wider)
    assert engine.query("SELECT * FROM numbers").to_pylist() == [
        {"n": 1, "word": None, "day": None}
    ]


def test_raw_rows_know_their_file_and_their_row(engine: DuckEngine, tmp_path: Path) -> None:
    parts = (
        part(tmp_path / "a[1]*.parquet", pa.table({"x": ["a", "b"]})),
        part(tmp_path / "it's.parquet", pa.table({"x": ["c"], "line": [17]}), "line"),
        part(tmp_path / "c?.parquet", pa.table({"y": ["d"], "x": [None]})),
    )
    rows = engine.query(f"SELECT x, y, _file, _row FROM {engine.raw(parts)} ORDER BY _file, _row")
    assert [tuple(row.values()) for row in rows.to_pylist()] == [
        ("a", None, 0, 1),
        ("b", None, 0, 2),
        ("c", None, 1, 17),
        (None, "d", 2, 1),
    ]


@pytest.mark.usefixtures("engine")
def test_another_process_is_told_who_holds_the_books(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from costper.store.duckdb import DuckEngine\n"
        "from costper.errors import BusyError\n"
        "try: DuckEngine(Path(sys.argv[1]))\n"
        "except BusyError as error: print(error)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "books.duckdb")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "held by process" in said
    assert "hint: " in said


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "books.duckdb"
    path.write_bytes(b"hello " * 1000)
    with pytest.raises(BooksError, match=r"books\.duckdb") as caught:
        DuckEngine(path)
    assert not isinstance(caught.value, BusyError)


def test_instants_are_utc_in_every_thread(engine: DuckEngine) -> None:
    zones: list[object] = []

    def read() -> None:
        zones.append(engine.query("SELECT current_setting('TimeZone') AS z")["z"][0].as_py())

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert zones == ["UTC"]


LONG = "SELECT SUM(a.range * b.range) AS s FROM range(200000) a, range(200000) b WHERE a.range > 7"


@pytest.mark.parametrize("sql", [LONG, "write"])
def test_a_file_is_closed_once_what_others_run_is_cut_short(tmp_path: Path, sql: str) -> None:
    engine = DuckEngine(tmp_path / "books.duckdb")
    engine.define(NUMBERS)
    begun, told = threading.Event(), list[StoppedError]()

    def work() -> None:
        begun.set()
        try:
            if sql == "write":
                engine.replace([Write(table="numbers", select=f"SELECT s AS n FROM ({LONG})")])
            else:
                engine.query(sql)
        except StoppedError as error:
            told.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait()
    engine.close()
    thread.join()
    assert len(told) == 1
    with pytest.raises(StoppedError, match="the books are being closed"):
        engine.query("SELECT 1 AS n")
    again = DuckEngine(tmp_path / "books.duckdb")
    assert numbers(again) == []
    again.close()


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
import costper.store.duckdb
from costper.store.engine import Table, Write

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
costper.store.duckdb.CHECKPOINT = "200KB"
engine = costper.store.duckdb.DuckEngine(Path(sys.argv[1]))
engine.define(Table(name="numbers", columns=(("n", "BIGINT"), ("word", "VARCHAR"))))
some = "SELECT range AS n, md5(CAST(range AS VARCHAR)) AS word FROM range(1000)"
count = "SELECT COUNT(*) AS n FROM numbers"
most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, most))
before = engine.writes
for _ in range(20):
    engine.replace([Write(table="numbers", select=some)])
print(engine.writes - before)
engine.hold("mine", engine.query(count))
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
print(engine.query(count).to_pylist())
engine.replace([Write(table="numbers", select=some)])
print(engine.query(count).to_pylist())
engine.close()
"""


def test_books_on_a_disk_that_was_full_are_opened_anew(tmp_path: Path) -> None:
    words = [sys.executable, "-c", FULL_DISK, str(tmp_path / "books.duckdb")]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert "the autocheckpoint failed" in ran.stderr
    assert ran.stdout == "20\n[{'n': 20000}]\n[{'n': 21000}]\n"


def test_a_write_is_counted_before_anybody_can_read_it(
    engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else an answer kept from before it would still pass for one of now."""
    real, counted = Snapshots.committing, list[int]()

    @contextmanager
    def committing(self: Snapshots) -> Generator[None]:
        with real(self):
            before = engine.writes
            yield
            counted.append(engine.writes - before)

    monkeypatch.setattr(Snapshots, "committing", committing)
    engine.replace([Write(table="numbers", where="TRUE", select="SELECT 1 AS n, 'x' AS word")])
    assert counted == [1]
