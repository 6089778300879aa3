"""One sync at a time; each is told, and each ends when the process does."""

import threading
from pathlib import Path
from queue import SimpleQueue

import pytest
from tests.ledger import NOW

from costper.errors import BusyError, StoppedError
from costper.store.activity import Activity, WorkState
from costper.store.duckdb import DuckEngine

MANY = "range(10000000)"


def test_a_part_of_the_same_sync_is_no_second_one() -> None:
    activity = Activity()
    with activity.working(["a", "b"], actor="jane", now=NOW):
        with activity.working(["b"], actor="cli", now=NOW) as actor:
            assert actor == "jane"
            activity.at("b")
            activity.tell("b: landing 3 rows")
        work = activity.work
        assert work is not None
        assert (work.state, work.source, work.stage) == ("running", "b", "landing 3 rows")
    work = activity.work
    assert work is not None
    assert (work.state, [step.source for step in work.steps]) == ("ok", ["a", "b"])


def test_another_thread_is_told_what_runs() -> None:
    activity, found = Activity(), list[str]()

    def second() -> None:
        try:
            with activity.working(["a"], actor="cli", now=NOW):
                pass
        except BusyError as error:
            found.append(error.message)

    with activity.working(["a"], actor="cli", now=NOW):
        activity.at("a")
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert found == ["another sync is running: a (0 of 1 sources done)"]


def test_what_fails_is_over_all_the_same() -> None:
    activity = Activity()
    with pytest.raises(ZeroDivisionError), activity.working(["a"], actor="cli", now=NOW):
        raise ZeroDivisionError
    assert activity.work is not None
    assert activity.work.state == "failed"
    with activity.working(["a"], actor="cli", now=NOW):
        pass


def test_only_one_changes_charges_and_others_wait() -> None:
    activity, waits, done = Activity(), SimpleQueue[str](), list[str]()

    def work() -> None:
        with activity.alone(waits.put):
            done.append("worked")

    thread = threading.Thread(target=work)
    with activity.alone(), activity.alone():
        thread.start()
        assert waits.get(timeout=60) == "waiting: a sync or an allocation is at work"
        assert not done
    thread.join()
    assert done == ["worked"]


def test_nobody_waits_for_the_others_when_the_process_ends() -> None:
    activity, told = Activity(), list[str]()

    def work() -> None:
        try:
            with activity.alone():
                pass
        except StoppedError as error:
            told.append(error.message)

    thread = threading.Thread(target=work)
    with activity.alone():
        thread.start()
        activity.stop(lambda _: None)
        thread.join()
    assert told == ["costper is about to stop"]


def test_every_word_is_another_mark() -> None:
    activity, marks = Activity(), list[str]()
    with activity.working(["a"], actor="cli", now=NOW):
        marks.append(activity.mark)
        activity.at("a")
        marks.append(activity.mark)
        activity.tell("a: x")
    assert len({*marks, activity.mark}) == 3


def test_a_statement_that_takes_long_is_cut_short_when_the_process_ends(tmp_path: Path) -> None:
    engine, activity, begun = DuckEngine(tmp_path / "books.duckdb"), Activity(), threading.Event()
    ended: list[str] = []

    def work() -> tuple[WorkState, tuple[()]]:
        begun.set()
        try:
            engine.query(f"SELECT SUM(a.range * b.range % 7) AS n FROM {MANY} AS a, {MANY} AS b")
        except StoppedError:
            ended.append("cut short")
        with pytest.raises(StoppedError):
            activity.tell("a: next")
        return "stopped", ()

    activity.start(["a"], work, actor="cli", now=NOW)
    assert begun.wait(60)
    activity.stop(engine.interrupt)
    assert ended == ["cut short"]
    assert activity.work is not None
    assert activity.work.state == "stopped"
    with pytest.raises(StoppedError), activity.working(["a"], actor="cli", now=NOW):
        pass
    engine.close()
