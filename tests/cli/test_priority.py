"""Bulk work stands back behind those who ask, and nothing else does."""

import gc
import os
import sys
import threading
import weakref
from pathlib import Path

import pytest

from costper.cli.priority import made_behind, spare_what_stays
from costper.pipeline.stand_back import BEHIND, stand_back
from costper.store.duckdb import DuckEngine

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="threads have no own priority")


def nice(thread: int) -> int:
    return os.getpriority(os.PRIO_PROCESS, thread)


def test_only_the_thread_that_stands_back_does() -> None:
    before, seen = nice(threading.get_native_id()), list[int]()

    def work() -> None:
        stand_back()
        seen.append(nice(threading.get_native_id()))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [BEHIND]
    assert nice(threading.get_native_id()) == before


def test_the_threads_of_an_engine_made_behind_stand_back(tmp_path: Path) -> None:
    tasks = Path("/proc/self/task")
    before = {task.name for task in tasks.iterdir()}
    engine = made_behind(lambda: DuckEngine(tmp_path / "books.duckdb", threads=3))
    try:
        helpers = {int(task.name) for task in tasks.iterdir() if task.name not in before}
        assert helpers
        assert {nice(thread) for thread in helpers} == {BEHIND}
        assert engine.query("SELECT 1 AS one").to_pylist() == [{"one": 1}]
    finally:
        engine.close()


def test_what_was_spared_before_is_collected_when_it_is_garbage_by_now() -> None:
    class Ring:
        def __init__(self) -> None:
            self.own = self

    ring, gone = Ring(), threading.Event()
    weakref.finalize(ring, gone.set)
    try:
        spare_what_stays()
        del ring
        gc.collect()
        assert gc.get_freeze_count() > 0
        assert not gone.is_set()
        spare_what_stays()
        assert gone.is_set()
    finally:
        gc.unfreeze()
